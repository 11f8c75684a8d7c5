//! Films, clips and input movies of Game Boy play.
//!
//! A [`Film`] takes the pictures and the sound of one frame after the other and makes a file of them;
//! [`create`] chooses which by the file's [`Format`]. A [`Movie`] is what was pressed, frame by frame, and
//! where that began: it replays exactly, and a [`Projector`] turns it into a film, with any colors, as
//! often as is wanted.
//!
//! ```
//! use recorder::Format;
//! use std::path::Path;
//!
//! assert_eq!(Format::of(Path::new("play.mp4")), Ok(Format::Mp4));
//! assert!(Format::of(Path::new("play.avi")).unwrap_err().to_string().contains(".mp4"));
//! ```

mod clips;
mod film;
mod format;
pub mod movie;
mod mp4;
mod projector;
mod reel;
mod soundtrack;

pub use film::{Film, FilmError, FilmSettings, Summary, create};
pub use format::{Format, UnknownFormat};
pub use movie::{Event, Movie, MovieError};
pub use projector::{Projector, Source};
pub use reel::Reel;
pub use soundtrack::Soundtrack;

/// Ticks in a second by which frames are counted in films: one lasts [`FRAME_TICKS`].
pub const TICKS_PER_SECOND: u32 = 262_144;
/// Ticks that a frame of the console lasts: 70,224 dots of 4,194,304 a second (Pan Docs,
/// "Rendering").
pub const FRAME_TICKS: u32 = 4389;
