//! Chromaboy as a video filter of `RetroArch`: whichever core draws a Game Boy's picture, in color.
//!
//! `RetroArch` hands a filter each picture of the core that runs. Where it is one of an original Game
//! Boy, 160x144 pixels in at most four colors, [`filter`] takes it for shades and paints it by V3;
//! all others pass as they are. Nothing is known of tiles and scroll, so that a core of our own
//! (`libretro`) colors better.
//!
//! The ABI ([`abi`]) is written here after the facts of `RetroArch`'s interface of software filters,
//! version 2. `exports` has what is called from there, and alone holds `unsafe` code.

// A panic that ends the process would take the frontend along.
#[cfg(panic = "abort")]
compile_error!(
    "the filter catches panics, so that the frontend stays alive: build it with panic = \"unwind\""
);

pub mod abi;
mod exports;
pub mod filter;
mod shade_reader;

pub use exports::softfilter_get_implementation;
