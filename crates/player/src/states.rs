//! Saved states of a game: pictures in PNG that carry the console's state.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use colorizer::RgbaFrame;
use gameboy::{HEIGHT, WIDTH};
use lz4_flex::{compress_prepend_size, decompress_size_prepended};
use png::chunk::ChunkType;

use crate::files;
use crate::picture::Picture;

/// Slots that are filled by the player.
pub const SLOTS: u8 = 10;
/// The chunk of the PNG that holds the state, compressed by LZ4: private and ancillary (*PNG
/// Specification, Third Edition*, section 5.4).
const CHUNK: ChunkType = ChunkType(*b"cbSt");
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// A console has less than this.
const LARGEST: u32 = 16 << 20;

/// Which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// One of [`SLOTS`], from 0.
    Number(u8),
    /// That of the end of the last session.
    Auto,
}

/// The folder of a game's states.
#[derive(Clone, Debug)]
pub struct States {
    folder: PathBuf,
}

/// A state, as a list shows it.
#[derive(Clone, Debug)]
pub struct Saved {
    pub time: SystemTime,
    pub thumbnail: Picture,
}

impl Slot {
    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Self::Number(number) => format!("slot {}", number + 1),
            Self::Auto => "last session".to_owned(),
        }
    }

    fn file(self) -> String {
        match self {
            Self::Number(number) => format!("{}.state.png", number + 1),
            Self::Auto => "auto.state.png".to_owned(),
        }
    }
}

impl States {
    /// Those of the game of this name, where the system has a place for them.
    pub fn of(game: &str) -> Option<Self> {
        Some(Self { folder: files::data_folder("states")?.join(game) })
    }

    /// Writes a state with a picture of it. A state that was there before stays until then.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, slot: Slot, state: &[u8], picture: &RgbaFrame) -> Result<()> {
        let path = self.folder.join(slot.file());
        let failed = || format!("cannot write {}", path.display());
        files::replace(&path, &encoded(state, picture).with_context(failed)?).with_context(failed)
    }

    /// The state of a slot; `None` where it is empty. A damaged file is kept aside.
    ///
    /// # Errors
    /// If the file is damaged, or cannot be read.
    pub fn read(&self, slot: Slot) -> Result<Option<Vec<u8>>> {
        let path = self.folder.join(slot.file());
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(err).with_context(|| format!("cannot read {}", path.display())),
        };
        match state_of(&bytes) {
            Ok(state) => Ok(Some(state)),
            Err(err) => {
                files::set_aside(&path, &err);
                Err(err.context(slot.name()))
            }
        }
    }

    /// A state's file is of no use to the console.
    pub fn set_aside(&self, slot: Slot, reason: &anyhow::Error) {
        files::set_aside(&self.folder.join(slot.file()), reason);
    }

    /// What a list shows of a slot; `None` where it is empty or damaged.
    pub fn saved(&self, slot: Slot) -> Option<Saved> {
        let path = self.folder.join(slot.file());
        let time = fs::metadata(&path).ok()?.modified().ok()?;
        let thumbnail = Picture::fitted(&fs::read(&path).ok()?, WIDTH, HEIGHT).ok()?;
        Some(Saved { time, thumbnail })
    }
}

fn encoded(state: &[u8], picture: &RgbaFrame) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header()?;
    writer.write_chunk(CHUNK, &compress_prepend_size(state))?;
    writer.write_image_data(picture.as_bytes())?;
    writer.finish()?;
    Ok(bytes)
}

/// The state that a PNG carries. Readers of pictures pass over chunks that they do not know.
fn state_of(png: &[u8]) -> Result<Vec<u8>> {
    let mut rest = png.strip_prefix(&SIGNATURE).context("this is no PNG")?;
    loop {
        let Some((head, after)) = rest.split_first_chunk::<8>() else {
            bail!("the picture carries no state");
        };
        let [a, b, c, d, kind @ ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some((data, after)) = after.split_at_checked(length) else {
            bail!("the file is cut off");
        };
        let Some((checksum, after)) = after.split_first_chunk() else {
            bail!("the file is cut off");
        };
        if kind == CHUNK.0 {
            return decompressed(&kind, data, u32::from_be_bytes(*checksum));
        }
        rest = after;
    }
}

fn decompressed(kind: &[u8], data: &[u8], checksum: u32) -> Result<Vec<u8>> {
    let size = data.first_chunk().map_or(u32::MAX, |size| u32::from_le_bytes(*size));
    if checksum != crc(kind, data) || size > LARGEST {
        bail!("the file is damaged");
    }
    decompress_size_prepended(data).context("the file is damaged")
}

fn crc(kind: &[u8], data: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(kind);
    hasher.update(data);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn states(folder: &Path) -> States {
        States { folder: folder.to_owned() }
    }

    #[test]
    fn a_state_comes_back_with_its_picture() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let states = states(folder.path());
        let state: Vec<u8> = (0..100_000_u32).map(|byte| (byte / 7) as u8).collect();
        let mut picture = RgbaFrame::new();
        picture.as_bytes_mut().fill(0xFF);
        picture.pixels_mut()[5] = [1, 2, 3, 0xFF];
        let slot = Slot::Number(3);
        assert!(states.read(slot).expect("nothing").is_none() && states.saved(slot).is_none());
        states.write(slot, &state, &picture).expect("written");
        assert_eq!(states.read(slot).expect("readable"), Some(state));
        assert_eq!(states.saved(slot).expect("a picture").thumbnail, Picture::from_frame(&picture));
        assert!(folder.path().join("4.state.png").exists());
    }

    #[test]
    fn damaged_states_are_kept_aside() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let states = states(folder.path());
        let whole = encoded(&[7; 5000], &RgbaFrame::new()).expect("a PNG");
        let position = whole.windows(4).position(|bytes| bytes == CHUNK.0).expect("the chunk");
        let mut flipped = whole.clone();
        flipped[position + 9] ^= 1;
        for damaged in [&whole[..position + 10], &whole[..60], b"PNG".as_slice(), &flipped] {
            let path = folder.path().join("1.state.png");
            fs::write(&path, damaged).expect("written");
            assert!(states.read(Slot::Number(0)).is_err());
            assert!(!path.exists());
        }
        let aside = fs::read_dir(folder.path()).expect("the folder").count();
        assert_eq!(aside, 4, "each has a name of its own");
    }
}
