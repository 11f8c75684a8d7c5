//! MBC2 (Pan Docs, "MBC2").

use serde::{Deserialize, Serialize};

use super::{RomBanks, Window};

/// Address line 8 tells the two registers apart.
const SELECTS_ROM: u16 = 0x0100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mbc2 {
    ram_enabled: bool,
    /// Four bits; 0 reads as 1.
    rom_bank: u8,
}

impl Mbc2 {
    pub fn new() -> Self {
        Self { ram_enabled: false, rom_bank: 1 }
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        if addr >= 0x4000 {
            return;
        }
        if addr & SELECTS_ROM != 0 {
            self.rom_bank = (value & 0x0F).max(1);
        } else {
            self.ram_enabled = value & 0x0F == 0x0A;
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        [0, self.rom_bank as usize]
    }

    pub fn window(&self) -> Window {
        if self.ram_enabled { Window::HalfBytes } else { Window::Closed }
    }
}
