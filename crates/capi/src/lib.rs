//! The colourizer as a C library, for other emulators.
//!
//! An emulator gives the shades of a frame, 160x144 of them, and takes RGBA. The functions are
//! those of `include/chromaboy_colorizer.h`, which is made from the documentation here; `README.md`
//! says how to build and link. Rust programs need none of this: [`neural::FrameColorizer`] is what
//! is wrapped here.

#[cfg(panic = "abort")]
compile_error!("a panic must not end somebody else's emulator: build with panic = \"unwind\"");

mod built_in;
mod colorizer;
mod ffi;

pub use colorizer::Colorizer;
pub use ffi::*;
