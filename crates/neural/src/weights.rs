//! Weight files: safetensors, checked before any of them is used.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;
use std::path::Path;

use candle_core::{Device, Tensor};
use safetensors::tensor::{Metadata, TensorView};
use safetensors::{Dtype, SafeTensors};

use crate::checkpoint::Checkpoint;
use crate::network::Network;
use crate::scaling::Scaling;
use crate::{v0, v1, v2, v3};

/// All networks. The first is meant where nothing speaks for another.
const NETWORKS: [fn() -> Network; 3] = [v1::network, v0::network, v2::network];

/// Why a file does not hold a network's weights.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the weights {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are no safetensors file, or one that was cut off.
    #[error("the weights are not a complete safetensors file ({0})")]
    Format(safetensors::SafeTensorError),
    /// The file names a network that there is not.
    #[error("these are weights of {name:?}, but the networks are V0, V1 and V2")]
    Network {
        /// The name in the file.
        name: String,
    },
    /// It is not known what the output means.
    #[error("these weights have lab_version {version}, but only 1 and 2 are known")]
    LabVersion {
        /// As the file has it.
        version: String,
    },
    /// No network has any of the tensors.
    #[error("these are not the weights of V0, V1 or V2: {}", unknown(tensor.as_deref()))]
    Unknown {
        /// The first tensor, if there is any.
        tensor: Option<String>,
    },
    /// A tensor of the network is not there.
    #[error("these are not the weights of {network}: tensor {tensor} is missing")]
    Missing {
        /// The network.
        network: &'static str,
        /// The first tensor that is missing.
        tensor: String,
    },
    /// A tensor that the network does not have.
    #[error("these are not the weights of {network}: it has no tensor {tensor}")]
    Unexpected {
        /// The network.
        network: &'static str,
        /// The first tensor that is unknown.
        tensor: String,
    },
    /// A tensor of another shape.
    #[error(
        "these are not the weights of {network}: tensor {tensor} has shape {found:?}, \
         not {expected:?}"
    )]
    Shape {
        /// The network.
        network: &'static str,
        /// The first tensor that differs.
        tensor: String,
        /// The network's shape.
        expected: Vec<usize>,
        /// The file's shape.
        found: Vec<usize>,
    },
    /// A tensor of another type than `f32`.
    #[error("tensor {tensor} of the weights has type {found:?}, not F32")]
    Type {
        /// The first tensor that differs.
        tensor: String,
        /// The file's type.
        found: Dtype,
    },
    /// A tensor that should be a list of numbers.
    #[error("tensor {tensor} of the weights is not a list of U32")]
    List {
        /// The tensor.
        tensor: String,
    },
    /// A tensor with values that are not finite.
    #[error("tensor {tensor} of the weights holds a value that is NaN or infinite")]
    NotFinite {
        /// The first such tensor.
        tensor: String,
    },
    /// A checkpoint of PyTorch cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] crate::checkpoint::Error),
    /// The device could not take the weights.
    #[error("cannot set up the network: {0}")]
    Device(#[from] candle_core::Error),
}

fn unknown(tensor: Option<&str>) -> String {
    match tensor {
        Some(tensor) => format!("none of them has a tensor {tensor} of this shape"),
        None => "the file holds no tensors".to_string(),
    }
}

/// Reads a file of weights.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read { path: path.display().to_string(), source })
}

/// The bytes as they are, or what a checkpoint of PyTorch is as a safetensors file.
pub fn safetensors_of(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    if !Checkpoint::is_likely(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let checkpoint = Checkpoint::from_bytes(bytes)?;
    Ok(Cow::Owned(checkpoint.to_safetensors().map_err(Error::Format)?))
}

/// The key of the file's metadata that may name the network.
const METADATA: &str = "network";
/// The key under which the article's checkpoints tell what the output means.
const LAB_VERSION: &str = "lab_version";

/// Finds the network whose weights `bytes` hold, and checks that they hold exactly its tensors,
/// in `f32` and finite.
///
/// If the file does not name its network, that is the one with the most tensors in common.
///
/// # Errors
/// What is wrong with the bytes, naming the first tensor that does not fit.
pub fn identify(bytes: &[u8]) -> Result<Network, Error> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(Error::Format)?;
    let file = SafeTensors::deserialize(bytes).map_err(Error::Format)?;
    let named = header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA));
    let network = match named {
        Some(name) => {
            let known = NETWORKS.into_iter().map(|network| network());
            let found = known.into_iter().find(|network| network.name() == name);
            found.ok_or_else(|| Error::Network { name: name.clone() })?
        }
        None => nearest(&file)?,
    };
    check(&file, network.name(), network.tensors(), &[])?;
    scaling_of(&header)?;
    Ok(network)
}

/// What the output of the weights in a safetensors file stands for. Where it does not say,
/// that is [`Scaling::Signed`].
///
/// # Errors
/// If the bytes are no such file, or the scaling is unknown.
pub fn scaling(bytes: &[u8]) -> Result<Scaling, Error> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(Error::Format)?;
    scaling_of(&header)
}

fn scaling_of(header: &Metadata) -> Result<Scaling, Error> {
    match header.metadata().as_ref().and_then(|metadata| metadata.get(LAB_VERSION)) {
        Some(version) => Scaling::from_version(version)
            .ok_or_else(|| Error::LabVersion { version: version.clone() }),
        None => Ok(Scaling::Signed),
    }
}

/// The network and the tensors of a safetensors file, or of a checkpoint of `PyTorch`, made
/// [signed](Scaling::make_signed) where they are not.
///
/// # Errors
/// Whatever is wrong with the bytes, naming the first tensor that does not fit.
pub fn load(bytes: &[u8], device: &Device) -> Result<(Network, HashMap<String, Tensor>), Error> {
    let bytes = &*safetensors_of(bytes)?;
    let network = identify(bytes)?;
    let mut tensors = candle_core::safetensors::load_buffer(bytes, device)?;
    scaling(bytes)?.make_signed(&network, &mut tensors)?;
    Ok((network, tensors))
}

/// A safetensors file of a network's weights, which says what it holds.
///
/// # Errors
/// If a tensor cannot be read from its device.
pub fn save<S: BuildHasher>(
    network: &Network,
    scaling: Scaling,
    tensors: &HashMap<String, Tensor, S>,
) -> Result<Vec<u8>, Error> {
    let mut metadata = named(network.name());
    // Left out where it is the usual one: a single entry has no order that could vary, so that the
    // same weights are the same bytes.
    if scaling != Scaling::Signed {
        metadata.insert(LAB_VERSION.to_string(), scaling.version().to_string());
    }
    serialize(tensors, metadata)
}

fn named(network: &str) -> HashMap<String, String> {
    HashMap::from([(METADATA.to_string(), network.to_string())])
}

fn serialize<S: BuildHasher>(
    tensors: &HashMap<String, Tensor, S>,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, Error> {
    let tensors: BTreeMap<_, _> = tensors.iter().collect();
    safetensors::serialize(tensors, Some(metadata)).map_err(Error::Format)
}

/// A safetensors file of tensors, of V3's weights or of a checkpoint, that names V3.
///
/// # Errors
/// If a tensor cannot be read from its device.
pub fn save_v3<S: BuildHasher>(tensors: &HashMap<String, Tensor, S>) -> Result<Vec<u8>, Error> {
    serialize(tensors, named(v3::NAME))
}

/// Whether a file of weights says that they are V3's.
pub fn is_v3(bytes: &[u8]) -> bool {
    let header = SafeTensors::read_metadata(bytes);
    let metadata = header.ok().and_then(|(_, header)| header.metadata().clone());
    metadata.is_some_and(|metadata| metadata.get(METADATA).is_some_and(|name| name == v3::NAME))
}

/// The tensors of a file of V3's weights.
///
/// # Errors
/// Whatever is wrong with the bytes, naming the first tensor that does not fit.
pub fn load_v3(bytes: &[u8], device: &Device) -> Result<HashMap<String, Tensor>, Error> {
    let file = SafeTensors::deserialize(bytes).map_err(Error::Format)?;
    let palette = (v3::PALETTE.to_string(), vec![v3::COLORS, 3]);
    check(&file, v3::NAME, v3::tensors().chain([palette]), &[v3::TILES])?;
    if let Ok(view) = file.tensor(v3::TILES)
        && (view.shape().len() != 1 || view.dtype() != Dtype::U32)
    {
        return Err(Error::List { tensor: v3::TILES.to_string() });
    }
    Ok(candle_core::safetensors::load_buffer(bytes, device)?)
}

/// What a file of weights says of itself, by name.
///
/// # Errors
/// If the bytes are no safetensors file.
pub fn metadata(bytes: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(Error::Format)?;
    let mut metadata: Vec<_> = header.metadata().clone().into_iter().flatten().collect();
    metadata.sort();
    Ok(metadata)
}

fn nearest(file: &SafeTensors<'_>) -> Result<Network, Error> {
    let mut nearest = None;
    for network in NETWORKS.map(|network| network()) {
        let known = |(name, shape): &(String, Vec<usize>)| {
            file.tensor(name).is_ok_and(|view| view.shape() == shape)
        };
        let common = network.tensors().filter(known).count();
        if nearest.as_ref().is_none_or(|(most, _)| common > *most) {
            nearest = Some((common, network));
        }
    }
    match nearest {
        Some((common, network)) if common > 0 => Ok(network),
        _ => Err(Error::Unknown { tensor: file.names().into_iter().min().map(str::to_string) }),
    }
}

fn check(
    file: &SafeTensors<'_>,
    network: &'static str,
    tensors: impl Iterator<Item = (String, Vec<usize>)>,
    others: &[&str],
) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    // In the network's order, so that the first one that is wrong is named.
    for (tensor, shape) in tensors {
        names.insert(tensor.clone());
        check_tensor(file, network, tensor, &shape)?;
    }
    // PyTorch counts the batches that a normalization has seen; nothing depends on it.
    let known = |name: &str| {
        names.contains(name) || name.ends_with(".num_batches_tracked") || others.contains(&name)
    };
    match file.names().into_iter().filter(|name| !known(name)).min() {
        Some(tensor) => Err(Error::Unexpected { network, tensor: tensor.to_string() }),
        None => Ok(()),
    }
}

fn check_tensor(
    file: &SafeTensors<'_>,
    network: &'static str,
    tensor: String,
    shape: &[usize],
) -> Result<(), Error> {
    let Ok(view) = file.tensor(&tensor) else {
        return Err(Error::Missing { network, tensor });
    };
    if view.shape() != shape {
        let (expected, found) = (shape.to_vec(), view.shape().to_vec());
        return Err(Error::Shape { network, tensor, expected, found });
    }
    if view.dtype() != Dtype::F32 {
        return Err(Error::Type { tensor, found: view.dtype() });
    }
    if is_finite(&view) { Ok(()) } else { Err(Error::NotFinite { tensor }) }
}

fn is_finite(view: &TensorView<'_>) -> bool {
    let (values, _) = view.data().as_chunks::<4>();
    values.iter().all(|bytes| f32::from_le_bytes(*bytes).is_finite())
}
