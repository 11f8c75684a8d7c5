//! A PNG for each frame.

use std::fs;
use std::path::{Path, PathBuf};

use crate::film::{Film, FilmError, FilmSettings, Summary, beside, check, enlarged, put};
use crate::mp4::write_png;

/// Pictures whose names have the number of their frame, from 0, in the place of `%d` or `%06d`.
pub struct Stills {
    /// What comes before and after the number, and how many digits it has at least.
    before: String,
    after: String,
    digits: usize,
    settings: FilmSettings,
    frames: u64,
    bytes: u64,
}

impl Stills {
    pub fn create(path: &Path, settings: &FilmSettings) -> Result<Self, FilmError> {
        let name = path.to_string_lossy().into_owned();
        let unknown = || FilmError::Format(crate::UnknownFormat::new(path));
        let (before, rest) = name.split_once('%').ok_or_else(unknown)?;
        let (digits, after) = rest.split_once('d').ok_or_else(unknown)?;
        let digits = if digits.is_empty() { 1 } else { digits.parse().map_err(|_| unknown())? };
        let stills = Self {
            before: before.to_owned(),
            after: after.to_owned(),
            digits: usize::min(digits, 20),
            settings: *settings,
            frames: 0,
            bytes: 0,
        };
        let first = stills.path();
        if !settings.replaces && first.exists() {
            return Err(FilmError::Exists(first));
        }
        Ok(stills)
    }

    fn path(&self) -> PathBuf {
        let Self { before, after, digits, frames, .. } = self;
        PathBuf::from(format!("{before}{frames:0digits$}{after}"))
    }
}

impl Film for Stills {
    fn frame(&mut self, picture: &[[u8; 4]], _: &[[f32; 2]]) -> Result<(), FilmError> {
        check(picture, &self.settings)?;
        let size = [self.settings.width, self.settings.height]
            .map(|side| side as u16 * self.settings.scale as u16);
        let mut data = Vec::new();
        write_png(&enlarged(picture, &self.settings), size, &mut data)?;
        let path = self.path();
        let part = beside(&path);
        fs::write(&part, &data).map_err(|error| {
            let _ = fs::remove_file(&part);
            FilmError::File { path: path.clone(), error, frames: self.frames }
        })?;
        put(&part, &path)?;
        self.frames += 1;
        self.bytes += data.len() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Summary, FilmError> {
        if self.frames == 0 {
            return Err(FilmError::Empty);
        }
        Ok(Summary { frames: self.frames, bytes: self.bytes })
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
