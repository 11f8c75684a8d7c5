//! MBC3 and MBC30 (Pan Docs, "MBC3").

use serde::{Deserialize, Serialize};

use super::rtc::{Register, Rtc};
use super::{Header, MapperKind, RAM_BANK, ROM_BANK, RomBanks, Window};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mbc3 {
    pub clock: Option<Rtc>,
    enabled: bool,
    /// 0 reads as 1.
    rom_bank: u8,
    /// A RAM bank, or from 8 a register of the clock.
    selected: u8,
    latch: u8,
    rom_bank_mask: u8,
    ram_bank_mask: u8,
}

impl Mbc3 {
    pub fn new(header: &Header, rom_size: usize) -> Self {
        let is_mbc30 = header.mapper() == MapperKind::Mbc30 || rom_size > 128 * ROM_BANK;
        Self {
            clock: header.has_clock().then(Rtc::new),
            enabled: false,
            rom_bank: 1,
            selected: 0,
            latch: 0xFF,
            rom_bank_mask: if is_mbc30 { 0xFF } else { 0x7F },
            ram_bank_mask: if is_mbc30 { 7 } else { 3 },
        }
    }

    pub fn adopt_wiring(&mut self, of: &Self) {
        self.rom_bank_mask = of.rom_bank_mask;
        self.ram_bank_mask = of.ram_bank_mask;
        if self.clock.is_some() != of.clock.is_some() {
            self.clock.clone_from(&of.clock);
        }
    }

    #[inline]
    pub fn catch_up(&mut self, dots: u64) {
        if let Some(clock) = &mut self.clock {
            clock.catch_up(dots);
        }
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            0x0000..=0x1FFF => self.enabled = value & 0x0F == 0x0A,
            0x2000..=0x3FFF => self.rom_bank = (value & self.rom_bank_mask).max(1),
            0x4000..=0x5FFF => self.selected = value & 0x0F,
            _ => self.write_latch(value),
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        [0, self.rom_bank as usize]
    }

    pub fn window(&self) -> Window {
        match self.selected {
            _ if !self.enabled => Window::Closed,
            bank @ 0..=7 => Window::Ram((bank & self.ram_bank_mask) as usize * RAM_BANK),
            number if self.clock.is_some() => {
                Register::from_number(number).map_or(Window::Closed, Window::Clock)
            }
            _ => Window::Closed,
        }
    }

    fn write_latch(&mut self, value: u8) {
        if self.latch == 0
            && value == 1
            && let Some(clock) = &mut self.clock
        {
            clock.latch();
        }
        self.latch = value;
    }
}
