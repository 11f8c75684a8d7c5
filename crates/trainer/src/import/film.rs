//! Frames of films.

use std::path::{Path, PathBuf};

use super::shrink::shrink;
use super::{Error, Picture};
use crate::footage::{self, Footage, Take};

/// Every n-th frame of a film.
#[derive(Debug)]
pub struct Film {
    path: PathBuf,
    every: u64,
    taken: u64,
    footage: Footage,
}

impl Film {
    /// Starts ffmpeg.
    pub fn open(path: &Path, every: u32) -> Result<Self, Error> {
        let footage = Footage::open(path, Take::Every(every));
        let footage = footage.map_err(|source| Error::Film { path: path.to_path_buf(), source })?;
        Ok(Self { path: path.to_path_buf(), every: every as u64, taken: 0, footage })
    }

    fn shrink(&mut self, picture: &footage::Picture) -> Result<Picture, Error> {
        let number = self.taken * self.every;
        self.taken += 1;
        let colors = shrink(&picture.rgb, picture.width, picture.height);
        let colors = colors.map_err(|source| {
            let name = format!("{}, frame {number}", self.path.display());
            Error::Size { name, source }
        })?;
        Ok(Picture { number, colors })
    }
}

impl Iterator for Film {
    type Item = Result<Picture, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.footage.next()? {
            Ok(picture) => self.shrink(&picture),
            Err(source) => Err(Error::Film { path: self.path.clone(), source }),
        })
    }
}
