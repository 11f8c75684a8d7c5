//! The Pocket Camera: its mapper, MAC-GBD, with the registers of the sensor (Pan Docs, "Game Boy
//! Camera").

mod sensor;

use serde::{Deserialize, Serialize};

use super::{RAM_BANK, RomBanks};
use crate::memory::Ram;
pub use sensor::{PICTURE_BYTES, PICTURE_HEIGHT, PICTURE_WIDTH};

/// Register 0xA000, five of the sensor, and 4 by 4 times three thresholds.
pub const REGISTERS: usize = 0x36;
/// The registers are selected by this bit of the RAM bank, and repeat every 0x80 bytes.
const SELECTS_REGISTERS: u8 = 0x10;
const CAPTURES: u8 = 0x01;
/// Where the captured picture lies in the RAM, and how long it is: 14 by 16 tiles.
const PHOTO: usize = 0x100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Camera {
    ram_enabled: bool,
    rom_bank: u8,
    /// Five bits.
    ram_bank: u8,
    registers: Ram<REGISTERS>,
    /// The registers as they were when the capture began.
    captured_with: Ram<REGISTERS>,
    /// Dots until the capture at hand is done; 0 where there is none. It may stand still.
    left: u64,
    now: u64,
    picture: Ram<PICTURE_BYTES>,
}

impl Camera {
    pub fn new() -> Self {
        Self {
            ram_enabled: false,
            rom_bank: 1,
            ram_bank: 0,
            registers: Ram::zeroed(),
            captured_with: Ram::zeroed(),
            left: 0,
            now: 0,
            picture: Ram::zeroed(),
        }
    }

    pub fn set_picture(&mut self, picture: &[u8; PICTURE_BYTES]) {
        self.picture.copy_from_slice(picture);
    }

    pub fn adopt_host(&mut self, of: &Self) {
        self.picture.clone_from(&of.picture);
    }

    /// Returns whether a capture ended, which writes the picture into `ram`.
    pub fn catch_up(&mut self, dots: u64, ram: &mut [u8]) -> bool {
        let passed = dots.saturating_sub(self.now);
        self.now = dots;
        if !self.is_capturing() {
            return false;
        }
        self.left = self.left.saturating_sub(passed);
        if self.left > 0 {
            return false;
        }
        self.registers[0] &= !CAPTURES;
        if let Some(photo) = ram.get_mut(PHOTO..PHOTO + sensor::PHOTO_BYTES) {
            sensor::develop(&self.picture, &self.captured_with, photo);
        }
        true
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            0x0000..=0x1FFF => self.ram_enabled = value & 0x0F == 0x0A,
            0x2000..=0x3FFF => self.rom_bank = value & 0x3F,
            0x4000..=0x5FFF => self.ram_bank = value & 0x1F,
            _ => {}
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        [0, self.rom_bank as usize]
    }

    /// Reading is always enabled; the RAM reads as 0 while a picture is captured.
    pub fn read(&self, addr: u16, ram: &[u8]) -> u8 {
        if self.ram_bank & SELECTS_REGISTERS != 0 {
            return if addr.is_multiple_of(0x80) { self.registers[0] } else { 0 };
        }
        if self.is_capturing() { 0 } else { ram.get(self.ram_at(addr)).copied().unwrap_or(0xFF) }
    }

    /// Returns whether the RAM changed.
    pub fn write_memory(&mut self, addr: u16, value: u8, ram: &mut [u8]) -> bool {
        if self.ram_bank & SELECTS_REGISTERS != 0 {
            self.write_register(addr as usize & 0x7F, value);
            return false;
        }
        let at = self.ram_at(addr);
        match ram.get_mut(at) {
            Some(byte) if self.ram_enabled && !self.is_capturing() => *byte = value,
            _ => return false,
        }
        true
    }

    fn write_register(&mut self, number: usize, value: u8) {
        match number {
            0 => self.write_trigger(value & 7),
            1..REGISTERS => self.registers[number] = value,
            _ => {}
        }
    }

    /// A capture that was stopped goes on as it began.
    fn write_trigger(&mut self, value: u8) {
        let starts = value & CAPTURES != 0 && !self.is_capturing();
        self.registers[0] = value;
        if starts && self.left == 0 {
            self.captured_with.clone_from(&self.registers);
            self.left = 4 * sensor::capture_m_cycles(&self.registers);
        }
    }

    fn is_capturing(&self) -> bool {
        self.registers[0] & CAPTURES != 0
    }

    fn ram_at(&self, addr: u16) -> usize {
        (self.ram_bank & 0x0F) as usize * RAM_BANK + (addr as usize & (RAM_BANK - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capturing(ram: &mut [u8]) -> Camera {
        let mut camera = Camera::new();
        camera.write(0x4000, 0x10);
        for (addr, value) in [(0xA001, 0x80), (0xA003, 0x10), (0xA000, 0x03)] {
            camera.write_memory(addr, value, ram);
        }
        camera
    }

    const M_CYCLES: u64 = 32446 + 16 * 0x10;

    #[test]
    fn a_capture_takes_its_time() {
        let mut ram = [0x55; 0x2000];
        let mut camera = capturing(&mut ram);
        assert_eq!(camera.read(0xA080, &ram), 0x03);
        assert!(!camera.catch_up(4 * M_CYCLES - 1, &mut ram));
        assert_eq!(ram[PHOTO], 0x55);
        camera.write(0x4000, 0);
        assert_eq!(camera.read(0xA000, &ram), 0);
        assert!(camera.catch_up(4 * M_CYCLES, &mut ram));
        assert_eq!(camera.read(0xA000, &ram), 0x55);
        camera.write(0x4000, 0x10);
        assert_eq!(camera.read(0xA000, &ram), 0x02);
        assert_ne!(ram[PHOTO], 0x55);
        assert_eq!((ram[PHOTO - 1], ram[PHOTO + 0xE00]), (0x55, 0x55));
    }

    #[test]
    fn a_stopped_capture_goes_on() {
        let mut ram = [0x55; 0x2000];
        let mut camera = capturing(&mut ram);
        camera.catch_up(1000, &mut ram);
        camera.write_memory(0xA000, 0x00, &mut ram);
        camera.catch_up(1 << 30, &mut ram);
        camera.write_memory(0xA001, 0x00, &mut ram);
        camera.write_memory(0xA000, 0x01, &mut ram);
        assert_eq!(camera.left, 4 * M_CYCLES - 1000);
    }

    #[test]
    fn registers_are_write_only_and_ram_needs_its_key() {
        let mut ram = [0; 0x4000];
        let mut camera = Camera::new();
        camera.write(0x4000, 0x10);
        camera.write_memory(0xA004, 0xFF, &mut ram);
        assert_eq!(camera.read(0xA004, &ram), 0);
        camera.write(0x4000, 0x01);
        assert!(!camera.write_memory(0xA001, 7, &mut ram));
        camera.write(0x0000, 0x0A);
        assert!(camera.write_memory(0xA001, 7, &mut ram));
        camera.write(0x0000, 0x00);
        assert_eq!((camera.read(0xA001, &ram), ram[0x2001]), (7, 7));
    }
}
