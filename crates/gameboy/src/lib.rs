//! The console: a Game Boy and Game Boy Color, bytes and buttons in, frames and samples out.
//!
//! The crate knows no files, threads or host clock, and holds no `unsafe` code. Names are those
//! of [Pan Docs](https://gbdev.io/pandocs/), which every register below refers to.
//!
//! ```
//! use gameboy::{Buttons, Cartridge, GameBoy, Model};
//!
//! // The smallest cartridge that runs: 32 KiB without a mapper, `jr @` at the entry point.
//! let mut rom = vec![0; 0x8000];
//! rom[0x100..0x102].copy_from_slice(&[0x18, 0xFE]);
//!
//! let mut gb = GameBoy::new(Cartridge::from_bytes(rom)?, Model::Dmg);
//! gb.set_buttons(Buttons::A | Buttons::START);
//! gb.run_frame();
//! assert_eq!(gb.frame().shades().map(<[u8]>::len), Some(160 * 144));
//! assert!(!gb.samples().is_empty());
//! # Ok::<(), gameboy::CartridgeError>(())
//! ```

mod apu;
mod boot;
mod bus;
mod cartridge;
mod cheat;
mod cpu;
mod dma;
mod frame;
mod game_boy;
mod interrupts;
mod joypad;
mod link;
mod memory;
mod model;
mod ppu;
mod serial;
mod speed;
mod state;
mod timer;

pub use apu::SAMPLE_RATE;
pub use boot::CompatibilityPalette;
pub use cartridge::{
    Cartridge, Error as CartridgeError, Header, MapperKind, PICTURE_HEIGHT as CAMERA_HEIGHT,
    PICTURE_WIDTH as CAMERA_WIDTH, Support,
};
pub use cheat::{Cheat, CheatBank, CheatError};
pub use cpu::Registers;
pub use frame::{
    Frame, HEIGHT, Layer, ObjectPosition, PIXELS, Pixels, Provenance, ProvenanceMap, Scroll,
    VideoMemory, WIDTH, WindowLine,
};
pub use game_boy::{BootRomError, DOTS_PER_FRAME, FRAMES_PER_SECOND, GameBoy};
pub use joypad::Buttons;
pub use link::Link;
pub use model::Model;
pub use state::Error as StateError;
