//! `HuC3`: banks, an infrared port, and a clock that a small computer of its own keeps (Pan Docs,
//! "HuC-3"). Its buzzer, which is not wired to the console's sound, is not heard.

mod clock;

use serde::{Deserialize, Serialize};

use super::{RAM_BANK, RomBanks, Window};
pub use clock::Clock;

/// The data line 7 is not connected.
const OPEN: u8 = 0x80;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Huc3 {
    pub clock: Clock,
    /// What is seen at 0xA000: four bits.
    selected: u8,
    rom_bank: u8,
    ram_bank: u8,
    /// The command in bits 4-6 and its argument, as written last.
    command: u8,
    response: u8,
    pub led: bool,
    pub light: bool,
}

impl Huc3 {
    pub fn new() -> Self {
        Self {
            clock: Clock::new(),
            selected: 0,
            rom_bank: 1,
            ram_bank: 0,
            command: 0,
            response: 0,
            led: false,
            light: false,
        }
    }

    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            0x0000..=0x1FFF => self.selected = value & 0x0F,
            0x2000..=0x3FFF => self.rom_bank = value & 0x7F,
            0x4000..=0x5FFF => self.ram_bank = value & 3,
            _ => {}
        }
    }

    pub fn rom_banks(&self) -> RomBanks {
        [0, self.rom_bank as usize]
    }

    pub fn window(&self) -> Window {
        let ram = self.ram_bank as usize * RAM_BANK;
        match self.selected {
            0x0 => Window::ReadOnlyRam(ram),
            0xA => Window::Ram(ram),
            0xB..=0xE => Window::Registers,
            _ => Window::Closed,
        }
    }

    pub fn read_register(&self) -> u8 {
        match self.selected {
            0xC => OPEN | self.command & 0x70 | self.response,
            // The clock's computer is always ready.
            0xD => OPEN | 0x01,
            0xE => OPEN | self.light as u8,
            _ => 0xFF,
        }
    }

    /// Returns whether what the battery keeps may have changed.
    pub fn write_register(&mut self, value: u8) -> bool {
        match self.selected {
            0xB => self.command = value & 0x7F,
            0xD if value & 1 == 0 => return self.execute(),
            0xE => self.led = value & 1 != 0,
            _ => {}
        }
        false
    }

    fn execute(&mut self) -> bool {
        let argument = self.command & 0x0F;
        match self.command >> 4 {
            0x1 => self.response = self.clock.read(),
            0x3 => self.clock.write(argument),
            0x4 => self.clock.set_address(argument, 0x0F),
            0x5 => self.clock.set_address(argument << 4, 0xF0),
            0x6 => match argument {
                0x0 => self.clock.show_time(),
                0x1 => self.clock.take_time(),
                // The games start only if the status is 1.
                0x2 => self.response = 1,
                _ => {}
            },
            _ => {}
        }
        matches!(self.command, 0x30..=0x3F | 0x61)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60 * 4_194_304;

    fn execute(mbc: &mut Huc3, command: u8) -> u8 {
        for (selected, value) in [(0x0B, command), (0x0D, 0xFE)] {
            mbc.write(0x0000, selected);
            mbc.write_register(value);
        }
        assert_eq!(mbc.read_register(), 0x81);
        mbc.write(0x0000, 0x0C);
        mbc.read_register()
    }

    #[test]
    fn commands_write_and_read_nibbles() {
        let mut mbc = Huc3::new();
        for command in [0x42, 0x52, 0x37, 0x39, 0x42] {
            execute(&mut mbc, command);
        }
        assert_eq!([execute(&mut mbc, 0x10), execute(&mut mbc, 0x10)], [0x97, 0x99]);
        assert_eq!(execute(&mut mbc, 0x62), 0xE1);
    }

    #[test]
    fn the_time_is_set_and_read_in_minutes_and_days() {
        let mut mbc = Huc3::new();
        // Minute 1439 of day 0x321, least nibble first.
        for command in [0x40, 0x50, 0x3F, 0x39, 0x35, 0x31, 0x32, 0x33, 0x61] {
            execute(&mut mbc, command);
        }
        mbc.clock.catch_up(MINUTE - 1);
        execute(&mut mbc, 0x60);
        execute(&mut mbc, 0x40);
        assert_eq!(execute(&mut mbc, 0x10), 0x9F);
        mbc.clock.catch_up(MINUTE);
        for command in [0x60, 0x40] {
            execute(&mut mbc, command);
        }
        let nibbles: [u8; 6] = std::array::from_fn(|_| execute(&mut mbc, 0x10) & 0x0F);
        assert_eq!(nibbles, [0, 0, 0, 2, 2, 3]);
    }

    #[test]
    fn the_selection_decides_what_is_seen() {
        let mut mbc = Huc3::new();
        mbc.write(0x4000, 1);
        assert_eq!(mbc.window(), Window::ReadOnlyRam(RAM_BANK));
        mbc.write(0x0000, 0x0A);
        assert_eq!(mbc.window(), Window::Ram(RAM_BANK));
        mbc.write(0x0000, 0x05);
        assert_eq!(mbc.window(), Window::Closed);
        mbc.write(0x0000, 0x0E);
        mbc.write_register(0x01);
        mbc.light = true;
        assert_eq!((mbc.led, mbc.read_register()), (true, 0x81));
    }
}
