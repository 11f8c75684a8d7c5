//! Saved states as pictures.
//!
//! A PNG of what the console shows, which any program opens, with the console's state in a chunk of
//! its own: private and ancillary (*PNG Specification, Third Edition*, section 5.4), compressed by
//! LZ4 behind its length.

use std::borrow::Cow;

use gameboy::{HEIGHT, WIDTH};
use lz4_flex::{compress_prepend_size, decompress_size_prepended};
use png::chunk::ChunkType;
use thiserror::Error;

const CHUNK: ChunkType = ChunkType(*b"cbSt");
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// A console has less than this.
const LARGEST: u32 = 16 << 20;

/// Why a picture gives no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatePictureError {
    /// It is another program's picture.
    #[error("the picture carries no state")]
    NoState,
    /// The file ends too early.
    #[error("the file is cut off")]
    CutOff,
    /// The checksum or the contents are wrong.
    #[error("the file is damaged")]
    Damaged,
}

/// A PNG of `picture`, 160x144 pixels of RGBA, that carries `state`.
///
/// # Errors
/// If the picture has another size.
pub fn write_state(state: &[u8], picture: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header()?;
    writer.write_chunk(CHUNK, &compress_prepend_size(state))?;
    writer.write_image_data(picture)?;
    writer.finish()?;
    Ok(bytes)
}

/// The state in the bytes of a file: what [`write_state`] put into a picture, and all of any file
/// that is no PNG.
///
/// # Errors
/// If a picture carries no state, or is damaged. Whether the state is one turns out later.
pub fn read_state(file: &[u8]) -> Result<Cow<'_, [u8]>, StatePictureError> {
    let Some(mut rest) = file.strip_prefix(&SIGNATURE) else { return Ok(file.into()) };
    // Readers of pictures pass over chunks that they do not know; so does this.
    loop {
        let head = rest.split_first_chunk::<8>().ok_or(StatePictureError::NoState)?;
        let (&[a, b, c, d, ref kind @ ..], after) = head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (data, after) = after.split_at_checked(length).ok_or(StatePictureError::CutOff)?;
        let (checksum, after) = after.split_first_chunk().ok_or(StatePictureError::CutOff)?;
        if *kind == CHUNK.0 {
            return decompressed(kind, data, u32::from_be_bytes(*checksum)).map(Cow::Owned);
        }
        rest = after;
    }
}

fn decompressed(kind: &[u8], data: &[u8], checksum: u32) -> Result<Vec<u8>, StatePictureError> {
    let size = data.first_chunk().map_or(u32::MAX, |size| u32::from_le_bytes(*size));
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(kind);
    hasher.update(data);
    if checksum != hasher.finalize() || size > LARGEST {
        return Err(StatePictureError::Damaged);
    }
    decompress_size_prepended(data).map_err(|_| StatePictureError::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> (Vec<u8>, Vec<u8>) {
        let state: Vec<u8> = (0..100_000_u32).map(|byte| (byte / 7) as u8).collect();
        let file = write_state(&state, &[7; 4 * WIDTH * HEIGHT]).expect("a PNG");
        (state, file)
    }

    #[test]
    fn a_state_comes_back_and_other_files_are_taken_as_they_are() {
        let (state, file) = whole();
        assert_eq!(read_state(&file).as_deref(), Ok(&state[..]));
        assert_eq!(read_state(&state).as_deref(), Ok(&state[..]));
        assert!(file.len() < state.len() / 4, "{} bytes", file.len());
    }

    #[test]
    fn damage_is_told() {
        let (_, file) = whole();
        let chunk = file.windows(4).position(|bytes| bytes == CHUNK.0).expect("the chunk");
        let mut flipped = file.clone();
        flipped[chunk + 9] ^= 1;
        assert_eq!(read_state(&flipped), Err(StatePictureError::Damaged));
        assert_eq!(read_state(&file[..chunk + 10]), Err(StatePictureError::CutOff));
        assert_eq!(read_state(&file[..chunk - 4]), Err(StatePictureError::NoState));
        assert!(write_state(&[], &[0; 3]).is_err());
    }
}
