//! The cartridge: ROM, RAM, and the mapper that banks them (Pan Docs, "MBCs").

mod battery;
mod camera;
mod device;
mod header;
mod huc1;
mod huc3;
mod mbc1;
mod mbc2;
mod mbc3;
mod mbc5;
mod mbc7;
mod mmm01;
mod rtc;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use camera::{PICTURE_BYTES, PICTURE_HEIGHT, PICTURE_WIDTH};
pub use header::{Header, MapperKind, Support};

use camera::Camera;
use huc1::Huc1;
use huc3::Huc3;
use mbc1::Mbc1;
use mbc2::Mbc2;
use mbc3::Mbc3;
use mbc5::Mbc5;
use mbc7::Mbc7;
use mmm01::Mmm01;
use rtc::Rtc;

use crate::cheat::Cheat;

const ROM_BANK: usize = 0x4000;
const RAM_BANK: usize = 0x2000;
const SMALLEST_ROM: usize = 2 * ROM_BANK;
/// 512 banks, all that the largest mapper can address.
const LARGEST_ROM: usize = 512 * ROM_BANK;

/// Why a cartridge or its battery RAM cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There are no bytes at all.
    #[error("the ROM is empty")]
    Empty,
    /// The file ends before the ROM does.
    #[error("the ROM is truncated: {actual} bytes of {expected}")]
    Truncated {
        /// The bytes there are.
        actual: usize,
        /// The bytes that the header, or the smallest cartridge, calls for.
        expected: usize,
    },
    /// No mapper can address that much.
    #[error("{actual} bytes are no Game Boy ROM: the largest has {LARGEST_ROM}")]
    TooLarge {
        /// The bytes there are.
        actual: usize,
    },
    /// The header names hardware that is not emulated.
    #[error("cartridge type {code:#04x} ({name}) is not supported")]
    UnknownMapper {
        /// The cartridge type at 0x0147.
        code: u8,
        /// What the hardware is called, or "unknown".
        name: &'static str,
    },
    /// The cartridge keeps nothing when it is switched off.
    #[error("this cartridge has no battery, so there is nothing to load")]
    NoBattery,
    /// The battery RAM is that of another cartridge.
    #[error("the battery RAM has {actual} bytes, but this cartridge holds {expected}")]
    BatterySize {
        /// The bytes there are.
        actual: usize,
        /// The bytes of the RAM, to which those of a clock may be added.
        expected: usize,
    },
}

/// A cartridge: what [`Cartridge::from_bytes`] made of a ROM file.
///
/// Clones share the ROM.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cartridge {
    #[serde(skip)]
    rom: Arc<[u8]>,
    #[serde(skip)]
    header: Header,
    mapper: Mapper,
    ram: Vec<u8>,
    ram_generation: u64,
    /// Where the two 16 KiB windows of the address space begin in the ROM.
    #[serde(skip)]
    rom_offsets: [usize; 2],
    /// What is read: the ROM itself, or where cheats patch it as it looks in the first window, and
    /// after that as it looks in the second.
    #[serde(skip)]
    seen: Arc<[u8]>,
    #[serde(skip)]
    window: Window,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Mapper {
    None,
    Mbc1(Mbc1),
    Mbc2(Mbc2),
    Mbc3(Mbc3),
    Mbc5(Mbc5),
    Mbc7(Mbc7),
    Huc1(Huc1),
    Huc3(Box<Huc3>),
    Mmm01(Mmm01),
    Camera(Box<Camera>),
}

/// What is seen at 0xA000-0xBFFF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Window {
    #[default]
    Closed,
    /// RAM from this offset.
    Ram(usize),
    /// The 512 half-bytes of the MBC2, over and over.
    HalfBytes,
    Clock(rtc::Register),
    ReadOnlyRam(usize),
    /// What the mapper itself answers.
    Registers,
}

/// The banks that a mapper selects: of ROM at 0x0000 and 0x4000. They are masked to the ROM's
/// size by the caller.
type RomBanks = [usize; 2];

impl Cartridge {
    /// Reads a ROM file and its header.
    ///
    /// A wrong header checksum is accepted (see [`Header::checksum_is_valid`]), and so is a ROM
    /// that is longer than its header says, or has the power-of-two size of another cartridge.
    ///
    /// # Errors
    ///
    /// Returns an error if the ROM is empty, truncated or too large, or if it needs a mapper
    /// that is not emulated.
    pub fn from_bytes(rom: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let mut rom = rom.into();
        check_size(&rom)?;
        header::restore_order(&mut rom);
        let header = Header::new(&rom)?;
        let expected = header.rom_size().unwrap_or(SMALLEST_ROM);
        if rom.len() < expected && !rom.len().is_power_of_two() {
            return Err(Error::Truncated { actual: rom.len(), expected });
        }
        rom.resize(rom.len().next_power_of_two(), 0xFF);
        let mapper = Mapper::new(&header, &rom);
        let rom: Arc<[u8]> = rom.into();
        let mut cartridge = Self {
            mapper,
            ram: vec![0xFF; header.ram_size()],
            ram_generation: 0,
            seen: Arc::clone(&rom),
            rom,
            header,
            rom_offsets: [0; 2],
            window: Window::Closed,
        };
        cartridge.map_banks();
        Ok(cartridge)
    }

    /// What the ROM says about itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// All bytes of the ROM, padded with 0xFF to a power of two.
    pub fn rom(&self) -> &[u8] {
        &self.rom
    }

    /// Takes over the ROM of a cartridge that this one, which comes from a save state, belongs
    /// to. Returns whether it fits; if it does not, this cartridge must not be used.
    #[must_use]
    pub(crate) fn adopt_rom(&mut self, of: &Self) -> bool {
        let is_same_mapper =
            std::mem::discriminant(&self.mapper) == std::mem::discriminant(&of.mapper);
        if !is_same_mapper || self.ram.len() != of.ram.len() {
            return false;
        }
        self.rom = Arc::clone(&of.rom);
        self.seen = Arc::clone(&of.seen);
        self.header = of.header.clone();
        self.mapper.adopt_wiring(&of.mapper);
        self.map_banks();
        true
    }

    /// Switched off and on again: the mapper starts over, RAM and clock go on, and the dots
    /// that [`Self::catch_up`] is told begin at 0.
    pub(crate) fn reset(&mut self) {
        let old = std::mem::replace(&mut self.mapper, Mapper::new(&self.header, &self.rom));
        self.mapper.keep_running(old);
        self.map_banks();
    }

    /// Reads 0x0000-0x7FFF.
    #[inline]
    pub(crate) fn read_rom(&self, addr: u16) -> u8 {
        let offset = self.rom_offsets[(addr >> 14 & 1) as usize];
        self.seen.get(offset + (addr & 0x3FFF) as usize).copied().unwrap_or(0xFF)
    }

    /// Reads the ROM by these patches, and by no earlier ones.
    pub(crate) fn patch_rom(&mut self, cheats: &[Cheat]) {
        let mut patched: Option<Vec<u8>> = None;
        for cheat in cheats {
            let Cheat::Patch { addr, value, original } = *cheat else { continue };
            let patched = patched.get_or_insert_with(|| self.rom.repeat(2));
            let (window, at) = (addr as usize / ROM_BANK, addr as usize % ROM_BANK);
            let half = self.rom.len() * (window & 1);
            for place in (at..self.rom.len()).step_by(ROM_BANK) {
                if original.is_none_or(|original| self.rom[place] == original) {
                    patched[half + place] = value;
                }
            }
        }
        self.seen = patched.map_or_else(|| Arc::clone(&self.rom), Arc::from);
        self.map_banks();
    }

    /// Writes to this bank of the RAM, if there is such a one.
    pub(crate) fn write_ram_bank(&mut self, bank: u8, addr: u16, value: u8) {
        let at = bank as usize * RAM_BANK + (addr as usize & (RAM_BANK - 1));
        if let Some(byte) = self.ram_mut().get_mut(at) {
            *byte = value;
        }
    }

    /// All RAM.
    pub(crate) fn ram(&self) -> &[u8] {
        &self.ram
    }

    /// All RAM, to be written.
    pub(crate) fn ram_mut(&mut self) -> &mut [u8] {
        self.ram_generation = self.ram_generation.wrapping_add(1);
        &mut self.ram
    }

    /// Writes to the mapper's registers at 0x0000-0x7FFF. The clock must have caught up.
    pub(crate) fn write_rom(&mut self, addr: u16, value: u8) {
        match &mut self.mapper {
            Mapper::None => return,
            Mapper::Mbc1(mbc) => mbc.write(addr, value),
            Mapper::Mbc2(mbc) => mbc.write(addr, value),
            Mapper::Mbc3(mbc) => mbc.write(addr, value),
            Mapper::Mbc5(mbc) => mbc.write(addr, value),
            Mapper::Mbc7(mbc) => mbc.write(addr, value),
            Mapper::Huc1(mbc) => mbc.write(addr, value),
            Mapper::Huc3(mbc) => mbc.write(addr, value),
            Mapper::Mmm01(mbc) => mbc.write(addr, value),
            Mapper::Camera(mbc) => mbc.write(addr, value),
        }
        self.map_banks();
    }

    /// Reads 0xA000-0xBFFF. The clock must have caught up.
    #[inline]
    pub(crate) fn read_ram(&self, addr: u16) -> u8 {
        match self.window {
            Window::Closed => 0xFF,
            Window::Ram(offset) | Window::ReadOnlyRam(offset) => {
                self.ram_byte(offset + (addr & 0x1FFF) as usize)
            }
            Window::HalfBytes => 0xF0 | self.ram_byte((addr & 0x1FF) as usize),
            Window::Clock(register) => self.clock().map_or(0xFF, |rtc| rtc.read(register)),
            Window::Registers => self.read_device(addr),
        }
    }

    /// Writes 0xA000-0xBFFF. The clock must have caught up.
    pub(crate) fn write_ram(&mut self, addr: u16, value: u8) {
        let (index, value) = match self.window {
            Window::Closed | Window::ReadOnlyRam(_) => return,
            Window::Ram(offset) => (offset + (addr & 0x1FFF) as usize, value),
            Window::HalfBytes => ((addr & 0x1FF) as usize, value & 0x0F),
            Window::Clock(register) => {
                if let Some(rtc) = self.mapper.clock_mut() {
                    rtc.write(register, value);
                }
                self.ram_generation = self.ram_generation.wrapping_add(1);
                return;
            }
            Window::Registers => return self.write_device(addr, value),
        };
        let mask = self.ram.len().wrapping_sub(1);
        if let Some(byte) = self.ram.get_mut(index & mask) {
            *byte = value;
            self.ram_generation = self.ram_generation.wrapping_add(1);
        }
    }

    /// Advances what the cartridge does by itself to a moment counted in dots since power-on.
    #[inline]
    pub(crate) fn catch_up(&mut self, dots: u64) {
        match &mut self.mapper {
            Mapper::Mbc3(mbc) => mbc.catch_up(dots),
            Mapper::Mbc7(_) | Mapper::Huc3(_) | Mapper::Camera(_) => self.catch_up_device(dots),
            _ => {}
        }
    }

    /// Whether the game has opened its RAM, or the registers that lie in its place, for reading and
    /// writing (Pan Docs, "RAM Enable"). Games close it when they are done.
    pub fn is_ram_open(&self) -> bool {
        !matches!(self.window, Window::Closed)
    }

    /// Counts the writes to RAM and clock, so that a change since the last save can be seen.
    pub fn ram_generation(&self) -> u64 {
        self.ram_generation
    }

    #[inline]
    fn ram_byte(&self, index: usize) -> u8 {
        let mask = self.ram.len().wrapping_sub(1);
        self.ram.get(index & mask).copied().unwrap_or(0xFF)
    }

    fn clock(&self) -> Option<&Rtc> {
        match &self.mapper {
            Mapper::Mbc3(mbc) => mbc.clock.as_ref(),
            _ => None,
        }
    }

    fn map_banks(&mut self) {
        let mask = self.rom.len() / ROM_BANK - 1;
        self.rom_offsets = self.mapper.rom_banks().map(|bank| (bank & mask) * ROM_BANK);
        if self.seen.len() > self.rom.len() {
            self.rom_offsets[1] += self.rom.len();
        }
        self.window = match self.mapper.window() {
            Window::Ram(_) | Window::ReadOnlyRam(_) | Window::HalfBytes if self.ram.is_empty() => {
                Window::Closed
            }
            window => window,
        };
    }
}

impl Mapper {
    fn new(header: &Header, rom: &[u8]) -> Self {
        match header.mapper() {
            MapperKind::None => Self::None,
            MapperKind::Mbc1 | MapperKind::Mbc1M => Self::Mbc1(Mbc1::new(header.mapper())),
            MapperKind::Mbc2 => Self::Mbc2(Mbc2::new()),
            MapperKind::Mbc3 | MapperKind::Mbc30 => Self::Mbc3(Mbc3::new(header, rom.len())),
            MapperKind::Mbc5 => Self::Mbc5(Mbc5::new(header.has_rumble())),
            MapperKind::Mbc7 => Self::Mbc7(Mbc7::new()),
            MapperKind::Huc1 => Self::Huc1(Huc1::new()),
            MapperKind::Huc3 => Self::Huc3(Box::new(Huc3::new())),
            MapperKind::Mmm01 => Self::Mmm01(Mmm01::default()),
            MapperKind::Camera => Self::Camera(Box::new(Camera::new())),
        }
    }

    /// What is soldered, and not state, is taken from the cartridge in place.
    fn adopt_wiring(&mut self, of: &Self) {
        match (self, of) {
            (Self::Mbc1(mbc), Self::Mbc1(of)) => mbc.adopt_wiring(of),
            (Self::Mbc3(mbc), Self::Mbc3(of)) => mbc.adopt_wiring(of),
            (Self::Mbc5(mbc), Self::Mbc5(of)) => mbc.adopt_wiring(of),
            _ => {}
        }
    }

    fn rom_banks(&self) -> RomBanks {
        match self {
            Self::None => [0, 1],
            Self::Mbc1(mbc) => mbc.rom_banks(),
            Self::Mbc2(mbc) => mbc.rom_banks(),
            Self::Mbc3(mbc) => mbc.rom_banks(),
            Self::Mbc5(mbc) => mbc.rom_banks(),
            Self::Mbc7(mbc) => mbc.rom_banks(),
            Self::Huc1(mbc) => mbc.rom_banks(),
            Self::Huc3(mbc) => mbc.rom_banks(),
            Self::Mmm01(mbc) => mbc.rom_banks(),
            Self::Camera(mbc) => mbc.rom_banks(),
        }
    }

    fn window(&self) -> Window {
        match self {
            Self::None => Window::Ram(0),
            Self::Mbc1(mbc) => mbc.window(),
            Self::Mbc2(mbc) => mbc.window(),
            Self::Mbc3(mbc) => mbc.window(),
            Self::Mbc5(mbc) => mbc.window(),
            Self::Mbc7(_) | Self::Camera(_) => Window::Registers,
            Self::Huc1(mbc) => mbc.window(),
            Self::Huc3(mbc) => mbc.window(),
            Self::Mmm01(mbc) => mbc.window(),
        }
    }

    fn clock_mut(&mut self) -> Option<&mut Rtc> {
        match self {
            Self::Mbc3(mbc) => mbc.clock.as_mut(),
            _ => None,
        }
    }
}

fn check_size(rom: &[u8]) -> Result<(), Error> {
    match rom.len() {
        0 => Err(Error::Empty),
        actual if actual < SMALLEST_ROM => {
            let expected = Header::declared_rom_size(rom).unwrap_or(SMALLEST_ROM);
            Err(Error::Truncated { actual, expected })
        }
        actual if actual > LARGEST_ROM => Err(Error::TooLarge { actual }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
