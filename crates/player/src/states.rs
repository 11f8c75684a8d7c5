//! Saved states of a game: pictures in PNG that carry the console's state.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result};
use colorizer::RgbaFrame;
use dataset::{read_state, write_state};
use gameboy::{HEIGHT, WIDTH};

use crate::files;
use crate::picture::Picture;

/// Slots that are filled by the player.
pub const SLOTS: u8 = 10;

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
        let file = write_state(state, picture.as_bytes()).with_context(failed)?;
        files::replace(&path, &file).with_context(failed)
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
        match read_state(&bytes) {
            Ok(state) => Ok(Some(state.into_owned())),
            Err(err) => {
                let err = anyhow::Error::from(err);
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
        let path = folder.path().join("1.state.png");
        for length in [40, 60] {
            states.write(Slot::Number(0), &[7; 5000], &RgbaFrame::new()).expect("written");
            let whole = fs::read(&path).expect("a PNG");
            fs::write(&path, &whole[..length]).expect("written");
            assert!(states.read(Slot::Number(0)).is_err());
            assert!(!path.exists());
        }
        let aside = fs::read_dir(folder.path()).expect("the folder").count();
        assert_eq!(aside, 2, "each has a name of its own");
    }
}
