//! A memory as bytes.

use serde::{Deserialize, Serialize};

use super::memory::Colors;
use super::style::Impression;

/// What the bytes begin with, and then the version.
const MAGIC: [u8; 7] = *b"CBCELLS";
const VERSION: u8 = b'4';

/// Why bytes are no memory that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// They are something else, or were cut off or changed.
    #[error("the memory of the game's colors is damaged")]
    Damaged,
    /// They are of other weights, another style or other hints, or of another version.
    #[error("the memory is of colors by other means")]
    Other,
}

/// What is kept of a memory.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// What the colors came from; see [`super::CellPainter::save`].
    pub key: [u8; 32],
    /// Tiles that were seen.
    pub kinds: Vec<SavedKind>,
    /// What the source made of the game as a whole.
    pub game: Impression,
}

/// A tile that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedKind {
    /// 0 is the background, 1 the window, 2 an object.
    pub layer: u8,
    /// Of objects.
    pub palette: u8,
    /// Two bits for each pixel.
    pub tile: u128,
    /// What it is shown in.
    pub colors: Colors,
}

impl Saved {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Only a writer that fails could make this fail.
        let body = postcard::to_allocvec(self).unwrap_or_default();
        let check = crc32fast::hash(&body).to_le_bytes();
        [&MAGIC[..], &[VERSION], &check, &body].concat()
    }

    /// From bytes.
    ///
    /// # Errors
    /// If they are damaged, or have not this key.
    pub fn from_bytes(bytes: &[u8], key: [u8; 32]) -> Result<Self, MemoryError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(MemoryError::Damaged)?;
        let (&version, rest) = rest.split_first().ok_or(MemoryError::Damaged)?;
        if version != VERSION {
            return Err(MemoryError::Other);
        }
        let (check, body) = rest.split_first_chunk::<4>().ok_or(MemoryError::Damaged)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*check) {
            return Err(MemoryError::Damaged);
        }
        let saved: Self = postcard::from_bytes(body).map_err(|_| MemoryError::Damaged)?;
        if saved.key == key { Ok(saved) } else { Err(MemoryError::Other) }
    }
}
