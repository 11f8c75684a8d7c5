//! Checkpoints of PyTorch, in the format of `torch.save` and in the one that it had up to
//! version 1.5 (a stream of pickles, then the storages), as the article's weights have it.
//!
//! Nothing that a checkpoint asks for is executed: it may only describe tensors, numbers, texts,
//! lists and dictionaries.

mod pickle;
mod storage;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError};

use pickle::{Heap, Id, Object, View};
use storage::{Storages, storage_of};

/// Why a checkpoint cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no checkpoint.
    #[error("this is no checkpoint of PyTorch")]
    Format,
    /// The file was cut off.
    #[error("the checkpoint is not complete")]
    Truncated,
    /// The checkpoint is an archive with something wrong with it.
    #[error("the checkpoint's archive is damaged ({0})")]
    Archive(#[from] zip::result::ZipError),
    /// The archive cannot be unpacked.
    #[error("the checkpoint's archive is damaged ({0})")]
    Unpack(#[from] std::io::Error),
    /// An instruction that checkpoints of tensors do not have.
    #[error("the checkpoint's pickle has an unknown instruction, {0:#04x}")]
    Opcode(u8),
    /// A class or function that is not PyTorch's way to write tensors.
    #[error("the checkpoint asks to call {module}.{name}, which is not done")]
    Foreign {
        /// The Python module.
        module: String,
        /// The class or function.
        name: String,
    },
    /// The instructions make no sense.
    #[error("the checkpoint's pickle is malformed: {0}")]
    Malformed(&'static str),
    /// The numbers have a type that no weights have.
    #[error("tensor {tensor} of the checkpoint has type {found}")]
    Type {
        /// The tensor.
        tensor: String,
        /// PyTorch's name of the type.
        found: String,
    },
    /// A tensor reaches beyond its numbers.
    #[error("tensor {tensor} of the checkpoint lies outside of its storage")]
    Range {
        /// The tensor.
        tensor: String,
    },
    /// There are no tensors.
    #[error("the checkpoint holds no dictionary of tensors")]
    NoTensors,
    /// The bytes were written by a machine with the other order of bytes.
    #[error("the checkpoint was written on a big-endian machine")]
    BigEndian,
}

/// A tensor of a checkpoint, as `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// The values, the last axis running fastest.
    pub values: Vec<f32>,
}

/// What else a checkpoint tells, such as the epoch.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A whole number.
    Int(i128),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// A number for each epoch or step.
    Floats(Vec<f64>),
}

/// A checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    tensors: BTreeMap<String, Tensor>,
    facts: Vec<(String, Fact)>,
}

/// How the article's checkpoints, and others, name the dictionary of tensors.
const STATE_DICTS: [&str; 3] = ["state_dict", "model_state_dict", "model"];
/// What `torch.nn.DataParallel` puts before each name.
const PARALLEL_PREFIX: &str = "module.";

impl Checkpoint {
    /// Whether the bytes begin as checkpoints do. Other files may, too.
    pub fn is_likely(bytes: &[u8]) -> bool {
        storage::is_legacy(bytes) || storage::is_archive(bytes)
    }

    /// Reads a checkpoint in either format.
    ///
    /// The tensors are those of its `state_dict`, or of the checkpoint itself if it has none. Of
    /// several names for the same numbers, the first counts. Tensors of integers are left out:
    /// they count batches.
    ///
    /// # Errors
    /// Whatever is wrong with it, in one line.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut storages = Storages::open(bytes)?;
        let (heap, root) = storages.pickle()?;
        let dict = STATE_DICTS
            .iter()
            .find_map(|name| heap.entry(root, name))
            .filter(|&id| matches!(heap.get(id), Object::Dict(_)))
            .unwrap_or(root);
        let tensors = tensors(&heap, dict, &mut storages)?;
        Ok(Self { tensors, facts: facts(&heap, root) })
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
    }

    /// What else the checkpoint tells, in its order.
    pub fn facts(&self) -> &[(String, Fact)] {
        &self.facts
    }

    /// The fact of this name.
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.iter().find(|(known, _)| known == name).map(|(_, fact)| fact)
    }

    /// The tensors as a safetensors file, with the single facts as its metadata.
    ///
    /// # Errors
    /// If a name is too long for the format.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, SafeTensorError> {
        let bytes: Vec<Vec<u8>> = self.tensors.values().map(Tensor::to_bytes).collect();
        let views = self
            .tensors
            .iter()
            .zip(&bytes)
            .map(|((name, tensor), bytes)| {
                Ok((name, TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?))
            })
            .collect::<Result<Vec<_>, SafeTensorError>>()?;
        let single = |(name, fact): &(String, Fact)| Some((name.clone(), fact.to_text()?));
        let metadata: HashMap<String, String> = self.facts.iter().filter_map(single).collect();
        safetensors::serialize(views, Some(metadata))
    }
}

impl Tensor {
    fn to_bytes(&self) -> Vec<u8> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }
}

impl Fact {
    /// What is not a list.
    fn to_text(&self) -> Option<String> {
        match self {
            Fact::Int(value) => Some(value.to_string()),
            Fact::Float(value) => Some(value.to_string()),
            Fact::Text(text) => Some(text.clone()),
            Fact::Floats(_) => None,
        }
    }
}

fn tensors(
    heap: &Heap,
    dict: Id,
    storages: &mut Storages<'_>,
) -> Result<BTreeMap<String, Tensor>, Error> {
    let Object::Dict(entries) = heap.get(dict) else { return Err(Error::NoTensors) };
    let mut tensors = BTreeMap::new();
    let mut known: Vec<(String, &View)> = Vec::new();
    for &(name, value) in entries {
        let (Some(name), Object::Tensor(view)) = (heap.text(name), heap.get(value)) else {
            continue;
        };
        let storage = storage_of(heap, view.storage)?;
        let is_alias = |(key, other): &(String, &View)| *key == storage.key && view.is_same(other);
        if storage.is_integer() || known.iter().any(is_alias) {
            continue;
        }
        let name = name.strip_prefix(PARALLEL_PREFIX).unwrap_or(name);
        let values = storages.values(&storage, name)?;
        let values = view.gather(&values).ok_or(Error::Range { tensor: name.to_owned() })?;
        known.push((storage.key, view));
        tensors.insert(name.to_owned(), Tensor { shape: view.shape.clone(), values });
    }
    if tensors.is_empty() { Err(Error::NoTensors) } else { Ok(tensors) }
}

impl View {
    fn is_same(&self, other: &Self) -> bool {
        (self.offset, &self.shape, &self.strides) == (other.offset, &other.shape, &other.strides)
    }

    /// The values of the view, the last axis running fastest; `None` where one lies outside.
    fn gather(&self, storage: &[f32]) -> Option<Vec<f32>> {
        let count = self.shape.iter().try_fold(1usize, |count, &len| count.checked_mul(len))?;
        // A view may show a number many times, but no weights do.
        if count > storage.len() {
            return None;
        }
        let mut index = vec![0; self.shape.len()];
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            let at =
                index.iter().zip(&self.strides).try_fold(self.offset, |at, (&i, &stride)| {
                    at.checked_add(usize::checked_mul(i, stride)?)
                })?;
            values.push(*storage.get(at)?);
            for (i, &len) in index.iter_mut().zip(&self.shape).rev() {
                *i += 1;
                if *i < len {
                    break;
                }
                *i = 0;
            }
        }
        Some(values)
    }
}

/// Numbers, texts and lists of numbers at the top of the checkpoint.
fn facts(heap: &Heap, root: Id) -> Vec<(String, Fact)> {
    let Object::Dict(entries) = heap.get(root) else { return Vec::new() };
    let fact = |&(name, value): &(Id, Id)| Some((heap.text(name)?.to_owned(), fact(heap, value)?));
    entries.iter().filter_map(fact).collect()
}

fn fact(heap: &Heap, id: Id) -> Option<Fact> {
    let number = |id: Id| match heap.get(id) {
        Object::Float(value) => Some(*value),
        Object::Int(value) => Some(*value as f64),
        _ => None,
    };
    match heap.get(id) {
        Object::Int(value) => Some(Fact::Int(*value)),
        Object::Float(value) => Some(Fact::Float(*value)),
        Object::Text(text) => Some(Fact::Text(text.clone())),
        Object::List(items) if !items.is_empty() => {
            items.iter().map(|&item| number(item)).collect::<Option<_>>().map(Fact::Floats)
        }
        _ => None,
    }
}
