//! Colour for Game Boy frames: the trait, CIELAB, palettes and the background worker.
//!
//! The console hands out a [`gameboy::Frame`] of shades; a [`Colorizer`] turns it into an
//! [`RgbaFrame`]. [`Palette`] is the simplest one. A network is a [`ChromaSource`]: it predicts
//! [`Chroma`], the a* and b* of CIELAB, and [`recombine()`] joins them with the [`Luma`] of the
//! frame. [`Background`] runs a source in a thread and always paints the newest luma with the
//! latest chroma; [`Inline`] waits for the source, for pictures and films.
//!
//! ```
//! use colorizer::{Colorizer, Palette, RgbaFrame};
//! use gameboy::{Frame, PIXELS};
//!
//! let mut shades = [0; PIXELS];
//! shades[1] = 3;
//! let mut picture = RgbaFrame::new();
//! Palette::GREEN_LCD.colorize(&Frame::from_shades(&shades), &mut picture);
//! assert_eq!(picture.pixel(0, 0), [0x9B, 0xBC, 0x0F]);
//! assert_eq!(picture.pixel(1, 0), [0x0F, 0x38, 0x0F]);
//! ```

mod background;
mod cache;
pub mod cell_color;
pub mod cells;
mod chroma;
mod guard;
mod inline;
pub mod lab;
mod luma;
mod mailbox;
mod oklab;
mod palette;
mod recombine;
mod rgba;
mod screen_colors;
mod source;
mod tile_set;
mod window;

pub use background::{Background, Stats};
pub use chroma::{Chroma, Error as ChromaError};
pub use inline::Inline;
pub use luma::{GREY_LEVELS, Luma};
pub use oklab::Oklab;
pub use palette::{Palette, UnknownPalette};
pub use recombine::{recombine, recombine_pixels, recombine_shades};
pub use rgba::{RgbaFrame, rgb555_to_srgb, weaken};
pub use screen_colors::ScreenColors;
pub use source::{ChromaSource, SourceError};
pub use tile_set::TileSet;
pub use window::{SlidingWindow, Spread};

use gameboy::Frame;

/// Turns frames of the console into pictures.
pub trait Colorizer: Send {
    /// Paints all of `out` with the picture of `frame`.
    ///
    /// Frames of the Game Boy Color are shown as they are.
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame);

    /// Forgets earlier frames. Call it after a reset, a loaded state or a rewind.
    fn reset(&mut self) {}
}
