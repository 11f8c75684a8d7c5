//! The two formats, and the numbers in them.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use half::{bf16, f16};
use zip::ZipArchive;

use super::Error;
use super::pickle::{self, Heap, Id, Object};

/// The pickled integer 0x1950A86A20F9469CFC6C, which the old format begins with.
const LEGACY_MAGIC: [u8; 15] =
    [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, b'.'];
/// How zip archives begin.
const ARCHIVE_MAGIC: &[u8] = b"PK\x03\x04";
/// Bytes of the largest storage that is read: far more than any network here has.
const LARGEST: usize = 1 << 30;

pub fn is_legacy(bytes: &[u8]) -> bool {
    bytes.starts_with(&LEGACY_MAGIC)
}

pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(ARCHIVE_MAGIC)
}

/// A storage as a pickle describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Its name in the file.
    pub key: String,
    /// PyTorch's class, such as `FloatStorage`.
    pub class: String,
    /// How many numbers it has.
    pub len: usize,
}

impl Storage {
    pub fn is_integer(&self) -> bool {
        matches!(
            self.class.as_str(),
            "LongStorage"
                | "IntStorage"
                | "ShortStorage"
                | "CharStorage"
                | "ByteStorage"
                | "BoolStorage"
        )
    }

    /// Bytes of a number.
    fn width(&self) -> Option<usize> {
        match self.class.as_str() {
            "DoubleStorage" | "LongStorage" => Some(8),
            "FloatStorage" | "IntStorage" => Some(4),
            "HalfStorage" | "BFloat16Storage" | "ShortStorage" => Some(2),
            "CharStorage" | "ByteStorage" | "BoolStorage" => Some(1),
            _ => None,
        }
    }

    fn byte_len(&self) -> Result<usize, Error> {
        let width = self.width().ok_or_else(|| self.unknown_type(&self.key))?;
        let bytes = self.len.checked_mul(width).filter(|&bytes| bytes <= LARGEST);
        bytes.ok_or(Error::Malformed("a storage is too large"))
    }

    fn unknown_type(&self, tensor: &str) -> Error {
        Error::Type { tensor: tensor.to_owned(), found: self.class.clone() }
    }

    fn decode(&self, bytes: &[u8], tensor: &str) -> Result<Vec<f32>, Error> {
        let values = match self.class.as_str() {
            "FloatStorage" => map(bytes, f32::from_le_bytes),
            "DoubleStorage" => map(bytes, |value| f64::from_le_bytes(value) as f32),
            "HalfStorage" => map(bytes, |value| f16::from_le_bytes(value).to_f32()),
            "BFloat16Storage" => map(bytes, |value| bf16::from_le_bytes(value).to_f32()),
            _ => return Err(self.unknown_type(tensor)),
        };
        Ok(values)
    }
}

fn map<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&bytes| value(bytes)).collect()
}

/// The storage that a [`Object::Persistent`] stands for: the tuple of the word "storage", a
/// class, a key, a device and a length.
pub fn storage_of(heap: &Heap, id: Id) -> Result<Storage, Error> {
    let describe = || {
        let Object::Persistent(tuple) = heap.get(id) else { return None };
        let [word, class, key, _, len, ..] = *heap.tuple(*tuple)? else { return None };
        let Object::Global(_, class) = heap.get(class) else { return None };
        (heap.text(word)? == "storage").then_some(())?;
        Some(Storage {
            key: heap.text(key)?.to_owned(),
            class: class.clone(),
            len: heap.size(len)?,
        })
    };
    describe().ok_or(Error::Malformed("a storage is described wrongly"))
}

/// A checkpoint's storages.
pub enum Storages<'a> {
    /// After the pickles, the storages one after the other.
    Legacy { bytes: &'a [u8], storages: HashMap<String, &'a [u8]> },
    /// A file of the archive for each.
    Archive { archive: ZipArchive<Cursor<&'a [u8]>>, folder: String },
}

impl<'a> Storages<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        if is_legacy(bytes) {
            return Ok(Self::Legacy { bytes, storages: HashMap::new() });
        }
        if !is_archive(bytes) {
            return Err(Error::Format);
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        let folder = archive
            .file_names()
            .find_map(|name| Some(name.ok()?.strip_suffix("data.pkl")?.to_owned()))
            .ok_or(Error::Format)?;
        let mut byte_order = String::new();
        if let Ok(file) = archive.by_name(&format!("{folder}byteorder")) {
            file.take(16).read_to_string(&mut byte_order)?;
        }
        if byte_order == "big" {
            Err(Error::BigEndian)
        } else {
            Ok(Self::Archive { archive, folder })
        }
    }

    /// The pickle with the checkpoint's content.
    pub fn pickle(&mut self) -> Result<(Heap, Id), Error> {
        match self {
            Self::Legacy { bytes, storages } => {
                let mut rest = *bytes;
                // The magic number, the version, and the sizes of C's types.
                for _ in 0..3 {
                    pickle::read(&mut rest)?;
                }
                let (heap, root) = pickle::read(&mut rest)?;
                *storages = split_storages(&heap, rest)?;
                Ok((heap, root))
            }
            Self::Archive { archive, folder } => {
                let mut bytes = Vec::new();
                let file = archive.by_name(&format!("{folder}data.pkl"))?;
                file.take(LARGEST as u64).read_to_end(&mut bytes)?;
                pickle::read(&mut bytes.as_slice())
            }
        }
    }

    /// The numbers of a storage of floating-point numbers; `tensor` is for messages.
    pub fn values(&mut self, storage: &Storage, tensor: &str) -> Result<Vec<f32>, Error> {
        match self {
            Self::Legacy { storages, .. } => {
                let bytes = storages.get(&storage.key).copied().ok_or(Error::Truncated)?;
                storage.decode(bytes, tensor)
            }
            Self::Archive { archive, folder } => {
                let len = storage.byte_len()?;
                let mut bytes = Vec::new();
                let file = archive.by_name(&format!("{folder}data/{}", storage.key))?;
                file.take(len as u64).read_to_end(&mut bytes)?;
                if bytes.len() < len {
                    return Err(Error::Truncated);
                }
                storage.decode(&bytes, tensor)
            }
        }
    }
}

/// The storages of the old format: their keys in a pickle, then for each its length and numbers.
fn split_storages<'a>(
    heap: &Heap,
    mut bytes: &'a [u8],
) -> Result<HashMap<String, &'a [u8]>, Error> {
    let described: HashMap<String, Storage> = heap
        .persistent()
        .map(|id| storage_of(heap, id).map(|storage| (storage.key.clone(), storage)))
        .collect::<Result<_, _>>()?;
    let (keys, root) = pickle::read(&mut bytes)?;
    let Object::List(items) = keys.get(root) else {
        return Err(Error::Malformed("its list of storages is missing"));
    };
    let mut storages = HashMap::new();
    for &item in items {
        let storage = keys.text(item).and_then(|key| described.get(key));
        let storage = storage.ok_or(Error::Malformed("a storage is not described"))?;
        let (len, rest) = bytes.split_first_chunk().ok_or(Error::Truncated)?;
        if u64::from_le_bytes(*len) != storage.len as u64 {
            return Err(Error::Malformed("a storage has another length than it should"));
        }
        let (numbers, rest) = rest.split_at_checked(storage.byte_len()?).ok_or(Error::Truncated)?;
        storages.insert(storage.key.clone(), numbers);
        bytes = rest;
    }
    Ok(storages)
}
