//! Frames from pictures and films that somebody else recorded.
//!
//! Each is brought down to 160x144 RGB555 and judged as captured frames are; of the console's
//! provenance nothing is known.

mod film;
mod folder;
mod shrink;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dataset::{EXTENSION, Sample, Session};
use gameboy::PIXELS;
use sha2::{Digest, Sha256};

use crate::capture::{self, Selection, SessionFile, Verdict};
use crate::footage::FilmError;
use film::Film;
use folder::Folder;
pub use shrink::SizeError;

/// What to take and what to keep.
#[derive(Clone, Debug)]
pub struct Options {
    /// Look at every n-th frame; where it is not given, at all pictures of a folder, and at every
    /// 58th frame of a film, as the article did.
    pub every: Option<u32>,
    /// Frames to keep at most.
    pub max: usize,
    /// The game's name; where it is not given, the source's.
    pub game: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { every: None, max: 2000, game: None }
    }
}

/// What became of the frames that were looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The game's name.
    pub game: String,
    /// Frames looked at, damaged ones not among them.
    pub looked: u64,
    /// Frames kept.
    pub kept: usize,
    /// Dropped: one color nearly everywhere.
    pub plain: usize,
    /// Dropped: hardly any color.
    pub colorless: usize,
    /// Dropped: the same scene was kept brighter or darker.
    pub fades: usize,
    /// Dropped: nearly the same as a frame kept before.
    pub duplicates: usize,
    /// Pictures that cannot be read.
    pub damaged: usize,
    /// The session file, where a frame was kept.
    pub file: Option<PathBuf>,
}

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read, or the output not be made.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A picture has neither the screen's size nor that enlarged.
    #[error("{name}: {source}")]
    Size {
        /// The picture, or which frame of which film.
        name: String,
        /// Its size.
        source: SizeError,
    },
    /// A directory has no PNG or JPEG in it.
    #[error("{}: no PNG or JPEG in this folder", .0.display())]
    NoPicture(PathBuf),
    /// No picture of a folder can be read.
    #[error("{}: none of the {count} pictures can be read; the first: {first}", path.display())]
    AllDamaged {
        /// The folder.
        path: PathBuf,
        /// Its pictures.
        count: usize,
        /// What is wrong with the first of them.
        first: String,
    },
    /// A film could not be read.
    #[error("{}: {source}", path.display())]
    Film {
        /// The film.
        path: PathBuf,
        /// What is wrong.
        source: FilmError,
    },
    /// The name of a game is part of a file name.
    #[error("the game cannot be called {0:?}: its name becomes part of a file name")]
    Name(String),
    /// The session file could not be written.
    #[error(transparent)]
    Write(#[from] capture::Error),
}

/// A frame of the source.
#[derive(Debug)]
pub struct Picture {
    /// Its number in the source, from 0.
    number: u64,
    /// RGB555.
    colors: Box<[u16; PIXELS]>,
}

/// Imports the pictures of a folder, a single picture, or a film, and writes them into
/// `directory` as one session: `<source>.cbds`, or `<game>-<source>.cbds` where the game's name is
/// another.
///
/// Films are read through the program `ffmpeg`. No file is written where no frame is worth
/// keeping.
///
/// # Errors
/// Where the source cannot be read, a frame has a size that cannot be brought down, or the
/// session cannot be written.
pub fn import(source: &Path, directory: &Path, options: &Options) -> Result<Summary, Error> {
    let metadata = source.metadata().map_err(|error| at(source, error))?;
    let stem = if metadata.is_dir() { source.canonicalize().ok() } else { None };
    let stem = stem.as_deref().unwrap_or(source).file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy().into_owned();
    let game = options.game.clone().unwrap_or_else(|| stem.clone());
    if game.is_empty() || game.contains(['/', '\\']) {
        return Err(Error::Name(game));
    }
    fs::create_dir_all(directory).map_err(|error| at(directory, error))?;
    let name = if game == stem { game.clone() } else { format!("{game}-{stem}") };
    let path = directory.join(format!("{name}.{EXTENSION}"));
    let mut import = Import::new(game, options.max);
    let description = if metadata.is_dir() || folder::is_picture(source) {
        let every = options.every.unwrap_or(1).max(1);
        let mut folder = Folder::open(source, every as usize)?;
        import.take(&mut folder)?;
        import.summary.damaged = folder.damaged();
        format!("every {every} of the pictures of {stem}")
    } else {
        let every = options.every.unwrap_or(58).max(1);
        import.take(Film::open(source, every)?)?;
        format!("every {every} frames of the film {stem}")
    };
    import.write(path, &description)
}

struct Import {
    summary: Summary,
    selection: Selection,
    kept: Vec<Sample>,
    hash: Sha256,
    max: usize,
}

impl Import {
    fn new(game: String, max: usize) -> Self {
        Self {
            summary: Summary { game, ..Summary::default() },
            selection: Selection::default(),
            kept: Vec::new(),
            hash: Sha256::new(),
            max,
        }
    }

    fn take(&mut self, frames: impl Iterator<Item = Result<Picture, Error>>) -> Result<(), Error> {
        for picture in frames {
            if self.kept.len() >= self.max {
                break;
            }
            self.judge(picture?);
        }
        Ok(())
    }

    fn judge(&mut self, picture: Picture) {
        self.summary.looked += 1;
        picture.colors.iter().for_each(|color| self.hash.update(color.to_le_bytes()));
        let sample = Sample::from_colors(picture.number, picture.colors);
        match self.selection.judge(&sample) {
            Verdict::Kept => self.kept.push(sample),
            Verdict::Plain => self.summary.plain += 1,
            Verdict::Colorless => self.summary.colorless += 1,
            Verdict::Fade => self.summary.fades += 1,
            Verdict::Duplicate => self.summary.duplicates += 1,
        }
    }

    /// The header names the hash of all frames, so the file is written at the end.
    fn write(mut self, path: PathBuf, description: &str) -> Result<Summary, Error> {
        let session = Session {
            game: self.summary.game.clone(),
            sha256: self.hash.finalize().into(),
            source: format!("chromaboy {}: {description}", env!("CARGO_PKG_VERSION")),
            ..Session::default()
        };
        let mut file = SessionFile::new(path, session);
        for sample in &self.kept {
            file.write(sample)?;
        }
        self.summary.kept = self.kept.len();
        self.summary.file = file.finish()?;
        Ok(self.summary)
    }
}

fn at(path: &Path, source: io::Error) -> Error {
    Error::File { path: path.to_path_buf(), source }
}
