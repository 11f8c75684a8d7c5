//! Weight files: safetensors, checked before any of them is used.

use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::layer::Layer;

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
    /// A tensor of the network is not there.
    #[error("these are not the weights of {network}: tensor {tensor} is missing")]
    Missing {
        /// The network asked for.
        network: &'static str,
        /// The first tensor that is missing.
        tensor: String,
    },
    /// A tensor that the network does not have.
    #[error("these are not the weights of {network}: it has no tensor {tensor}")]
    Unexpected {
        /// The network asked for.
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
        /// The network asked for.
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
    /// A tensor with values that are not finite.
    #[error("tensor {tensor} of the weights holds a value that is NaN or infinite")]
    NotFinite {
        /// The first such tensor.
        tensor: String,
    },
    /// The device could not take the weights.
    #[error("cannot set up the network: {0}")]
    Device(#[from] candle_core::Error),
}

/// Reads a file of weights.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::Read { path: path.display().to_string(), source })
}

/// Checks that `bytes` hold exactly the tensors of `layers`, in `f32` and finite.
pub fn check(bytes: &[u8], network: &'static str, layers: &[Layer]) -> Result<(), Error> {
    let file = SafeTensors::deserialize(bytes).map_err(Error::Format)?;
    for layer in layers {
        check_tensor(&file, network, format!("{}.weight", layer.name), &layer.weight_shape())?;
        check_tensor(&file, network, format!("{}.bias", layer.name), &[layer.outputs])?;
    }
    let known = |name: &str| match name.rsplit_once('.') {
        Some((layer, "weight" | "bias")) => layers.iter().any(|known| known.name == layer),
        _ => false,
    };
    let mut unknown: Vec<_> = file.names().into_iter().filter(|name| !known(name)).collect();
    unknown.sort_unstable();
    match unknown.first() {
        Some(tensor) => Err(Error::Unexpected { network, tensor: (*tensor).to_string() }),
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
