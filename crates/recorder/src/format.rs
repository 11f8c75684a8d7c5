//! Which kind of file a film becomes.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// H.264 and AAC, which plays everywhere.
    Mp4,
    /// Every pixel and sample as it was: PNG and PCM in `QuickTime`'s container.
    Mov,
    /// A clip without sound of up to 256 colors a frame.
    Gif,
    /// A lossless clip without sound.
    Apng,
    /// A lossless clip without sound, smaller.
    WebP,
    /// A PNG for each frame.
    Stills,
}

/// A file name that tells of no known format.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{}: unknown kind of film; known are .mp4 (plays everywhere), .mov (lossless), .gif, .apng and \
     .webp (clips without sound), and name-%06d.png (a picture for each frame)",
    .0.display()
)]
pub struct UnknownFormat(PathBuf);

impl UnknownFormat {
    /// Of this name.
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }
}

impl Format {
    /// The format of a file of this name. `%d` or the like in the name of a PNG stands for the number
    /// of the frame; without it a PNG is animated.
    ///
    /// # Errors
    /// If the name does not tell.
    pub fn of(path: &Path) -> Result<Self, UnknownFormat> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "mp4" | "m4v" => Ok(Self::Mp4),
            "mov" => Ok(Self::Mov),
            "gif" => Ok(Self::Gif),
            "png" if path.to_string_lossy().contains('%') => Ok(Self::Stills),
            "apng" | "png" => Ok(Self::Apng),
            "webp" => Ok(Self::WebP),
            _ => Err(UnknownFormat(path.to_path_buf())),
        }
    }

    /// Film pixels of a console pixel, unless another number is asked for: films that lose something
    /// are enlarged, so that they do not lose it at edges.
    pub fn usual_scale(self) -> u32 {
        match self {
            Self::Mp4 => 4,
            Self::Gif | Self::Apng | Self::WebP => 2,
            Self::Mov | Self::Stills => 1,
        }
    }
}
