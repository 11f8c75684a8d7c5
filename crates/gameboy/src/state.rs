//! Save states: a header that says what they belong to, then the console by postcard.

use serde::{Deserialize, Serialize};

use crate::bus::Bus;
use crate::cpu::Cpu;
use crate::game_boy::GameBoy;

const MAGIC: [u8; 4] = *b"CHRS";
/// Raised whenever a field of the console changes.
const VERSION: u16 = 3;
const HEADER_BYTES: usize = 14;

/// Why a save state was not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes do not begin as a save state does.
    #[error("this is not a save state of Chromaboy")]
    Magic,
    /// The state is of a version that this program does not know.
    #[error("the save state has version {found}, but this program reads version {VERSION}")]
    Version {
        /// The state's version.
        found: u16,
    },
    /// The state belongs to another ROM.
    #[error(
        "the save state is of another game: its ROM has CRC-32 {found:08x}, not {expected:08x}"
    )]
    Rom {
        /// CRC-32 of the ROM that the state was made with.
        found: u32,
        /// CRC-32 of the ROM that is running.
        expected: u32,
    },
    /// The checksum or the contents are wrong, or the state is of the other model.
    #[error("the save state is damaged, or of another model of the console")]
    Damaged,
}

#[derive(Serialize)]
struct SavedRef<'a> {
    cpu: &'a Cpu,
    bus: &'a Bus,
    frame_start: u64,
}

#[derive(Deserialize)]
struct Saved {
    cpu: Cpu,
    bus: Bus,
    frame_start: u64,
}

pub fn save(console: &GameBoy) -> Vec<u8> {
    let saved = SavedRef { cpu: &console.cpu, bus: &console.bus, frame_start: console.frame_start };
    // Serialization fails only on maps and sequences of unknown length; there are none.
    let body = postcard::to_stdvec(&saved).unwrap_or_default();
    let mut state = Vec::with_capacity(HEADER_BYTES + body.len());
    state.extend(MAGIC);
    state.extend(VERSION.to_le_bytes());
    state.extend(rom_checksum(console).to_le_bytes());
    state.extend(crc32fast::hash(&body).to_le_bytes());
    state.extend(body);
    state
}

pub fn load(console: &mut GameBoy, state: &[u8]) -> Result<(), Error> {
    let Some((header, body)) = state.split_first_chunk::<HEADER_BYTES>() else {
        return Err(Error::Magic);
    };
    if header[..4] != MAGIC {
        return Err(Error::Magic);
    }
    let version = u16::from_le_bytes([header[4], header[5]]);
    if version != VERSION {
        return Err(Error::Version { found: version });
    }
    let found = u32::from_le_bytes([header[6], header[7], header[8], header[9]]);
    let expected = rom_checksum(console);
    if found != expected {
        return Err(Error::Rom { found, expected });
    }
    let checksum = u32::from_le_bytes([header[10], header[11], header[12], header[13]]);
    if checksum != crc32fast::hash(body) {
        return Err(Error::Damaged);
    }
    let mut saved: Saved = postcard::from_bytes(body).map_err(|_| Error::Damaged)?;
    let is_sound = saved.bus.is_sound(&console.bus)
        && saved.frame_start <= saved.bus.dispatch_dot()
        && saved.bus.cartridge.adopt_rom(&console.bus.cartridge);
    if !is_sound {
        return Err(Error::Damaged);
    }
    saved.bus.ppu.adopt_frames(&mut console.bus.ppu);
    saved.bus.apu.adopt_clock(saved.bus.dots);
    saved.bus.catch_up();
    console.cpu = saved.cpu;
    console.bus = saved.bus;
    console.frame_start = saved.frame_start;
    Ok(())
}

fn rom_checksum(console: &GameBoy) -> u32 {
    crc32fast::hash(console.bus.cartridge.rom())
}
