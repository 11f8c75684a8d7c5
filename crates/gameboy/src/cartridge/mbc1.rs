//! MBC1 and MBC1M (Pan Docs, "MBC1").

use serde::{Deserialize, Serialize};

use super::{MapperKind, RAM_BANK, RomBanks, Window};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mbc1 {
    ram_enabled: bool,
    /// Five bits; 0 reads as 1.
    bank1: u8,
    /// Two bits: the upper ROM bank, or the RAM bank.
    bank2: u8,
    /// Whether `bank2` also applies to 0x0000-0x3FFF and to RAM.
    mode: u8,
    /// Address lines that `bank1` drives: 5, or 4 on the MBC1M.
    bank1_lines: u8,
}

impl Mbc1 {
    pub fn new(kind: MapperKind) -> Self {
        let bank1_lines = if kind == MapperKind::Mbc1M { 4 } else { 5 };
        Self { ram_enabled: false, bank1: 1, bank2: 0, mode: 0, bank1_lines }
    }

    pub fn adopt_wiring(&mut self, of: &Self) {
        self.bank1_lines = of.bank1_lines;
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            0x0000..=0x1FFF => self.ram_enabled = value & 0x0F == 0x0A,
            // All five bits are compared with 0, even where only four are wired.
            0x2000..=0x3FFF => self.bank1 = (value & 0x1F).max(1),
            0x4000..=0x5FFF => self.bank2 = value & 3,
            _ => self.mode = value & 1,
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        let upper = (self.bank2 as usize) << self.bank1_lines;
        let lower = self.bank1 as usize & ((1 << self.bank1_lines) - 1);
        [if self.mode == 0 { 0 } else { upper }, upper | lower]
    }

    pub fn window(&self) -> Window {
        match (self.ram_enabled, self.mode) {
            (false, _) => Window::Closed,
            (true, 0) => Window::Ram(0),
            (true, _) => Window::Ram(self.bank2 as usize * RAM_BANK),
        }
    }
}
