//! MBC5 (Pan Docs, "MBC5").

use serde::{Deserialize, Serialize};

use super::{RAM_BANK, RomBanks, Window};

/// Where there is a motor, it takes the place of this bit of the RAM bank.
const MOTOR: u8 = 0x08;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mbc5 {
    ram_enabled: bool,
    /// Nine bits; 0 is bank 0.
    rom_bank: u16,
    ram_bank: u8,
    has_motor: bool,
}

impl Mbc5 {
    pub fn new(has_motor: bool) -> Self {
        Self { ram_enabled: false, rom_bank: 1, ram_bank: 0, has_motor }
    }

    pub fn adopt_wiring(&mut self, of: &Self) {
        self.has_motor = of.has_motor;
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            // All eight bits count here, unlike with the other mappers (Gekkio's reference).
            0x0000..=0x1FFF => self.ram_enabled = value == 0x0A,
            0x2000..=0x2FFF => self.rom_bank = self.rom_bank & 0x100 | value as u16,
            0x3000..=0x3FFF => self.rom_bank = (value as u16 & 1) << 8 | self.rom_bank & 0xFF,
            0x4000..=0x5FFF => self.ram_bank = value & 0x0F,
            _ => {}
        }
    }

    pub fn is_rumbling(&self) -> bool {
        self.has_motor && self.ram_bank & MOTOR != 0
    }

    pub fn rom_banks(&self) -> RomBanks {
        [0, self.rom_bank as usize]
    }

    pub fn window(&self) -> Window {
        let mask = if self.has_motor { !MOTOR } else { 0xFF };
        if self.ram_enabled {
            Window::Ram((self.ram_bank & mask) as usize * RAM_BANK)
        } else {
            Window::Closed
        }
    }
}
