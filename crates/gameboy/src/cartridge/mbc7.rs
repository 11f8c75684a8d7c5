//! MBC7: an accelerometer and a serial EEPROM behind registers (Pan Docs, "MBC7").

mod eeprom;

use serde::{Deserialize, Serialize};

use super::RomBanks;
use eeprom::Eeprom;

/// What a level cartridge measures, and what 1 g adds.
const LEVEL: f32 = 0x81D0 as f32;
const GRAVITY: f32 = 0x70 as f32;
/// The range of the ADXL202 in g, either way.
const RANGE: f32 = 2.0;
/// What the registers hold before the first latch, and after it is erased.
const ERASED: u16 = 0x8000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mbc7 {
    /// Both must hold their keys for the registers to answer.
    keys: [u8; 2],
    rom_bank: u8,
    /// What the accelerometer measures now, x and y.
    measured: [u16; 2],
    latched: [u16; 2],
    is_erased: bool,
    eeprom: Eeprom,
}

impl Mbc7 {
    pub fn new() -> Self {
        Self {
            keys: [0; 2],
            rom_bank: 1,
            measured: [LEVEL as u16; 2],
            latched: [ERASED; 2],
            is_erased: true,
            eeprom: Eeprom::new(),
        }
    }

    /// Right and bottom are where the measured values are lower. Not-a-number counts as level.
    pub fn set_tilt(&mut self, tilt: [f32; 2]) {
        self.measured = tilt.map(|g| {
            let g = if g.is_nan() { 0.0 } else { g.clamp(-RANGE, RANGE) };
            (LEVEL - GRAVITY * g).round() as u16
        });
    }

    pub fn adopt_host(&mut self, of: &Self) {
        self.measured = of.measured;
    }

    pub fn catch_up(&mut self, dots: u64) {
        self.eeprom.catch_up(dots);
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            0x0000..=0x1FFF => self.keys[0] = value,
            0x2000..=0x3FFF => self.rom_bank = value & 0x7F,
            0x4000..=0x5FFF => self.keys[1] = value,
            _ => {}
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        [0, self.rom_bank as usize]
    }

    pub fn read_register(&self, addr: u16) -> u8 {
        if !self.is_open(addr) {
            return 0xFF;
        }
        let [x, y] = self.latched;
        match addr >> 4 & 0xF {
            0x2 => x as u8,
            0x3 => (x >> 8) as u8,
            0x4 => y as u8,
            0x5 => (y >> 8) as u8,
            0x6 => 0x00,
            0x8 => self.eeprom.read_pins(),
            _ => 0xFF,
        }
    }

    /// Returns whether the EEPROM's contents, which are in `memory`, may have changed.
    pub fn write_register(&mut self, addr: u16, value: u8, memory: &mut [u8]) -> bool {
        if !self.is_open(addr) {
            return false;
        }
        match (addr >> 4 & 0xF, value) {
            (0x0, 0x55) => (self.latched, self.is_erased) = ([ERASED; 2], true),
            (0x1, 0xAA) if self.is_erased => {
                (self.latched, self.is_erased) = (self.measured, false);
            }
            (0x8, pins) => return self.eeprom.write_pins(pins, memory),
            _ => {}
        }
        false
    }

    fn is_open(&self, addr: u16) -> bool {
        addr < 0xB000 && self.keys[0] & 0x0F == 0x0A && self.keys[1] == 0x40
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Mbc7 {
        let mut mbc = Mbc7::new();
        mbc.write(0x0000, 0x0A);
        mbc.write(0x4000, 0x40);
        mbc
    }

    fn x(mbc: &Mbc7) -> u16 {
        u16::from_le_bytes([mbc.read_register(0xA020), mbc.read_register(0xA03F)])
    }

    #[test]
    fn both_keys_open_the_registers() {
        let mut mbc = Mbc7::new();
        assert_eq!(mbc.read_register(0xA060), 0xFF);
        mbc.write(0x0000, 0x0A);
        assert_eq!(mbc.read_register(0xA060), 0xFF);
        mbc.write(0x4000, 0x40);
        assert_eq!([0xA060, 0xA070, 0xB060].map(|addr| mbc.read_register(addr)), [0, 0xFF, 0xFF]);
    }

    #[test]
    fn a_latch_must_be_erased_first() {
        let mut mbc = open();
        assert_eq!(x(&mbc), 0x8000);
        mbc.write_register(0xA010, 0xAA, &mut []);
        assert_eq!(x(&mbc), 0x81D0);
        mbc.set_tilt([1.0, -0.5]);
        mbc.write_register(0xA010, 0xAA, &mut []);
        assert_eq!(x(&mbc), 0x81D0);
        mbc.write_register(0xA000, 0x55, &mut []);
        assert_eq!(x(&mbc), 0x8000);
        mbc.write_register(0xA010, 0xAA, &mut []);
        assert_eq!(x(&mbc), 0x81D0 - 0x70);
        assert_eq!(mbc.read_register(0xA040), 0x08);
        assert_eq!(mbc.read_register(0xA050), 0x82);
    }

    #[test]
    fn the_sensor_ends_at_2_g() {
        let mut mbc = open();
        mbc.set_tilt([f32::INFINITY, f32::NAN]);
        assert_eq!(mbc.measured, [0x81D0 - 0xE0, 0x81D0]);
    }
}
