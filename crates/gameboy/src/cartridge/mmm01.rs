//! MMM01: several games and a menu, which is in the last 32 KiB (Pan Docs, "MMM01"). To the game
//! that the menu has mapped it is an MBC1.

use serde::{Deserialize, Serialize};

use super::{RAM_BANK, RomBanks, Window};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mmm01 {
    is_mapped: bool,
    ram_enabled: bool,
    /// The bits of `ram_low` and `rom_low` that are locked.
    ram_mask: u8,
    rom_mask: u8,
    rom_low: u8,
    rom_mid: u8,
    rom_high: u8,
    ram_low: u8,
    ram_high: u8,
    mode: u8,
    mode_locked: bool,
    is_multiplexed: bool,
}

impl Mmm01 {
    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            0x0000..=0x1FFF => self.write_enable(value),
            0x2000..=0x3FFF => self.write_rom_bank(value),
            0x4000..=0x5FFF => self.write_ram_bank(value),
            _ => self.write_mode(value),
        }
    }

    fn write_enable(&mut self, value: u8) {
        self.ram_enabled = value & 0x0F == 0x0A;
        if !self.is_mapped {
            self.ram_mask = value >> 4 & 3;
            self.is_mapped = value & 0x40 != 0;
        }
    }

    fn write_rom_bank(&mut self, value: u8) {
        self.rom_low = self.rom_low & self.rom_mask | value & 0x1F & !self.rom_mask;
        if !self.is_mapped {
            self.rom_mid = value >> 5 & 3;
        }
    }

    fn write_ram_bank(&mut self, value: u8) {
        self.ram_low = self.ram_low & self.ram_mask | value & 3 & !self.ram_mask;
        if !self.is_mapped {
            self.ram_high = value >> 2 & 3;
            self.rom_high = value >> 4 & 3;
            self.mode_locked = value & 0x40 != 0;
        }
    }

    fn write_mode(&mut self, value: u8) {
        if !self.mode_locked {
            self.mode = value & 1;
        }
        if !self.is_mapped {
            // The lowest bit of a bank is never locked.
            self.rom_mask = value >> 1 & 0x1E;
            self.is_multiplexed = value & 0x40 != 0;
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        if !self.is_mapped {
            return [510, 511];
        }
        let (below, above) = if self.is_multiplexed {
            (self.banked_ram_low(), self.ram_low)
        } else {
            (self.rom_mid, self.rom_mid)
        };
        // Only the bits that the game may write are compared with 0.
        let is_first = self.rom_low & !self.rom_mask == 0;
        [
            self.bank(below, self.rom_low & self.rom_mask),
            self.bank(above, self.rom_low | is_first as u8),
        ]
    }

    pub fn window(&self) -> Window {
        if !self.ram_enabled {
            return Window::Closed;
        }
        let low = if self.is_multiplexed { self.rom_mid } else { self.banked_ram_low() };
        Window::Ram((self.ram_high as usize * 4 + low as usize) * RAM_BANK)
    }

    /// In mode 0 the game sees its first bank.
    fn banked_ram_low(&self) -> u8 {
        if self.mode == 0 { self.ram_low & self.ram_mask } else { self.ram_low }
    }

    fn bank(&self, mid: u8, low: u8) -> usize {
        (self.rom_high as usize) << 7 | (mid as usize) << 5 | low as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(writes: &[(u16, u8)]) -> Mmm01 {
        let mut mbc = Mmm01::default();
        for (addr, value) in writes {
            mbc.write(*addr, *value);
        }
        mbc
    }

    #[test]
    fn it_starts_in_the_last_banks() {
        assert_eq!(written(&[]).rom_banks(), [510, 511]);
        assert_eq!(written(&[(0x2000, 0x05)]).rom_banks(), [510, 511]);
    }

    #[test]
    fn a_small_game_is_mapped() {
        // 128 KiB from bank 0x10: the mask leaves three bits.
        let mut mbc = written(&[(0x2000, 0x10), (0x6000, 0x18 << 1), (0x4000, 0x40), (0, 0x40)]);
        assert_eq!(mbc.rom_banks(), [0x10, 0x11]);
        mbc.write(0x2000, 0xFF);
        assert_eq!(mbc.rom_banks(), [0x10, 0x17]);
        // The mode is locked, and the mask cannot be changed any more.
        mbc.write(0x6000, 0x01);
        assert_eq!((mbc.mode, mbc.rom_mask), (0, 0x18));
    }

    #[test]
    fn upper_bits_choose_the_game_before_it_is_mapped_only() {
        let mut mbc = written(&[(0x2000, 0x40), (0x4000, 0x34), (0x0000, 0x4A)]);
        assert_eq!(mbc.rom_banks(), [0x1C0, 0x1C1]);
        assert_eq!(mbc.window(), Window::Ram(4 * RAM_BANK));
        mbc.write(0x2000, 0x62);
        mbc.write(0x4000, 0x03);
        assert_eq!(mbc.rom_banks(), [0x1C0, 0x1C2]);
        assert_eq!(mbc.window(), Window::Ram(4 * RAM_BANK));
        mbc.write(0x6000, 0x01);
        assert_eq!(mbc.window(), Window::Ram(7 * RAM_BANK));
    }

    #[test]
    fn multiplexing_gives_the_game_upper_rom_banks() {
        let mut mbc = written(&[(0x2000, 0x20), (0x6000, 0x40), (0x0000, 0x4A)]);
        assert_eq!(mbc.rom_banks(), [0, 1]);
        mbc.write(0x4000, 0x02);
        assert_eq!(mbc.rom_banks(), [0, 0x41]);
        mbc.write(0x6000, 0x01);
        assert_eq!(mbc.rom_banks(), [0x40, 0x41]);
        assert_eq!(mbc.window(), Window::Ram(RAM_BANK));
    }
}
