//! Chromaboy as a libretro core: games of the original Game Boy in color, in `RetroArch` and other
//! frontends.
//!
//! The ABI ([`abi`]) is written here after the facts of the libretro API
//! (<https://docs.libretro.com/development/cores/developing-cores/>). `exports` has the 25 functions
//! that a frontend calls, each of which catches panics; `frontend` is what a frontend offers. These
//! three alone hold `unsafe` code. The core itself is [`core`](mod@core), and knows none of it.
//!
//! Nothing is read from disk but weights that the player put into the frontend's system folder.

// A panic that ends the process would take the frontend along.
#[cfg(panic = "abort")]
compile_error!(
    "the core catches panics, so that the frontend stays alive: build it with panic = \"unwind\""
);

pub mod abi;
pub mod core;
mod exports;
mod frontend;
mod memories;
mod options;
mod painter;

pub use frontend::Frontend;
pub use options::Settings;
