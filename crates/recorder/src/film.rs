//! What takes pictures and sound.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::clips::{Apng, Gif, Stills, WebP};
use crate::format::{Format, UnknownFormat};
use crate::mp4::Mp4;

/// How a film is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilmSettings {
    /// Pixels of the pictures, before they are enlarged: 160, or 320 where two are side by side.
    pub width: usize,
    /// Pixels of the pictures, before they are enlarged: 144.
    pub height: usize,
    /// Film pixels of a picture's pixel, in both directions: 1 to 16.
    pub scale: u32,
    /// Whether a file of the same name may be replaced.
    pub replaces: bool,
}

/// A file that grows by a frame at a time.
///
/// What was written stays playable up to its last second if the program ends before
/// [`finish`](Self::finish).
pub trait Film {
    /// Adds a frame: its picture, RGBA, row by row, and the sound while it is shown, 48,000 pairs a
    /// second, each from -1 to 1.
    ///
    /// # Errors
    /// If it cannot be written. What was written before stays.
    fn frame(&mut self, picture: &[[u8; 4]], sound: &[[f32; 2]]) -> Result<(), FilmError>;

    /// Completes the file.
    ///
    /// # Errors
    /// If that cannot be written. What was written before stays.
    fn finish(self: Box<Self>) -> Result<Summary, FilmError>;

    /// Bytes that were written so far.
    fn bytes(&self) -> u64;
}

/// What a film has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its frames.
    pub frames: u64,
    /// Its size.
    pub bytes: u64,
}

/// Why a film cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FilmError {
    /// The name tells of no format.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    /// There is a file of that name.
    #[error("{}: there is such a file already", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{}: {error}{}", path.display(), what_stays(*frames))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says, which the text of this error holds.
        error: io::Error,
        /// Frames that are in it.
        frames: u64,
    },
    /// An encoder refuses.
    #[error("cannot encode the film: {0}")]
    Encoder(String),
    /// A picture is not of the film's size.
    #[error("a picture has {given} pixels where {wanted} are wanted")]
    Size {
        /// Its pixels.
        given: usize,
        /// Those of the film's pictures.
        wanted: usize,
    },
    /// The settings are out of range.
    #[error("a film must be of 16 pixels or more, and enlarged 1 to 16 times to 4096 at most")]
    Settings,
    /// There was no frame.
    #[error("there is nothing to make a film of")]
    Empty,
}

fn what_stays(frames: u64) -> String {
    if frames == 0 { String::new() } else { format!("; its first {frames} frames are kept") }
}

/// Begins a film.
///
/// # Errors
/// If the name tells of no format, the file is there already, or cannot be written.
pub fn create(path: &Path, settings: &FilmSettings) -> Result<Box<dyn Film>, FilmError> {
    let format = Format::of(path)?;
    let [width, height] = [settings.width, settings.height];
    let larger = width.max(height) * settings.scale as usize;
    if !(1..=16).contains(&settings.scale) || width.min(height) < 16 || larger > 4096 {
        return Err(FilmError::Settings);
    }
    if format != Format::Stills && !settings.replaces && path.exists() {
        return Err(FilmError::Exists(path.to_path_buf()));
    }
    Ok(match format {
        Format::Mp4 => Box::new(Mp4::lossy(path, settings)?),
        Format::Mov => Box::new(Mp4::lossless(path, settings)?),
        Format::Gif => Box::new(Gif::create(path, settings)?),
        Format::Apng => Box::new(Apng::create(path, settings)?),
        Format::WebP => Box::new(WebP::create(path, settings)?),
        Format::Stills => Box::new(Stills::create(path, settings)?),
    })
}

/// A file to write, and what it is called in errors.
#[derive(Debug)]
pub struct Output {
    /// Where it is.
    pub path: PathBuf,
    /// The file.
    pub file: File,
}

impl Output {
    /// Makes a file, empty.
    pub fn create(path: &Path) -> Result<Self, FilmError> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path);
        let file = file.map_err(|source| at(path, source))?;
        Ok(Self { path: path.to_path_buf(), file })
    }

    /// An error of this file.
    pub fn error(&self, error: io::Error, frames: u64) -> FilmError {
        FilmError::File { path: self.path.clone(), error, frames }
    }
}

/// An error of a file of which nothing is known.
pub fn at(path: &Path, error: io::Error) -> FilmError {
    FilmError::File { path: path.to_path_buf(), error, frames: 0 }
}

/// A name beside a file, for what takes its place when it is whole.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    path.with_file_name(name)
}

/// Puts a whole file in its place.
pub fn put(part: &Path, path: &Path) -> Result<(), FilmError> {
    fs::rename(part, path).map_err(|source| at(path, source))
}

/// Checks a picture's size.
pub fn check(picture: &[[u8; 4]], settings: &FilmSettings) -> Result<(), FilmError> {
    let (given, wanted) = (picture.len(), settings.width * settings.height);
    if given == wanted { Ok(()) } else { Err(FilmError::Size { given, wanted }) }
}

/// A picture enlarged, RGBA, each pixel a square.
pub fn enlarged(picture: &[[u8; 4]], settings: &FilmSettings) -> Vec<[u8; 4]> {
    let scale = settings.scale as usize;
    if scale == 1 {
        return picture.to_vec();
    }
    let mut out = Vec::with_capacity(picture.len() * scale * scale);
    for line in picture.chunks_exact(settings.width) {
        let start = out.len();
        for &pixel in line {
            out.resize(out.len() + scale, pixel);
        }
        for _ in 1..scale {
            out.extend_from_within(start..start + line.len() * scale);
        }
    }
    out
}
