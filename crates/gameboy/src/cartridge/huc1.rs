//! `HuC1`: banks and an infrared port (Pan Docs, "`HuC1`").

use serde::{Deserialize, Serialize};

use super::{RAM_BANK, RomBanks, Window};

const SELECTS_INFRARED: u8 = 0x0E;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Huc1 {
    shows_infrared: bool,
    rom_bank: u8,
    ram_bank: u8,
    pub led: bool,
    pub light: bool,
}

impl Huc1 {
    pub fn new() -> Self {
        Self { shows_infrared: false, rom_bank: 1, ram_bank: 0, led: false, light: false }
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            0x0000..=0x1FFF => self.shows_infrared = value & 0x0F == SELECTS_INFRARED,
            0x2000..=0x3FFF => self.rom_bank = value & 0x3F,
            0x4000..=0x5FFF => self.ram_bank = value & 3,
            _ => {}
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        [0, self.rom_bank as usize]
    }

    /// The RAM cannot be closed.
    pub fn window(&self) -> Window {
        if self.shows_infrared {
            Window::Registers
        } else {
            Window::Ram(self.ram_bank as usize * RAM_BANK)
        }
    }

    pub fn read_register(&self) -> u8 {
        0xC0 | self.light as u8
    }

    pub fn write_register(&mut self, value: u8) {
        self.led = value & 1 != 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infrared_takes_the_place_of_ram() {
        let mut mbc = Huc1::new();
        mbc.write(0x4000, 0x06);
        assert_eq!(mbc.window(), Window::Ram(2 * RAM_BANK));
        mbc.write(0x0000, 0x0E);
        assert_eq!(mbc.window(), Window::Registers);
        assert_eq!(mbc.read_register(), 0xC0);
        mbc.light = true;
        assert_eq!(mbc.read_register(), 0xC1);
        mbc.write_register(0x01);
        assert!(mbc.led);
        mbc.write(0x0000, 0x00);
        assert_eq!(mbc.window(), Window::Ram(2 * RAM_BANK));
    }

    #[test]
    fn rom_banks_have_six_bits() {
        let mut mbc = Huc1::new();
        assert_eq!(mbc.rom_banks(), [0, 1]);
        mbc.write(0x2000, 0xFF);
        assert_eq!(mbc.rom_banks(), [0, 0x3F]);
    }
}
