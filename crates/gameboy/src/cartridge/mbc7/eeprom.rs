//! The 93LC56 with 128 words of 16 bits. In the battery file the high byte of a word is first.

use serde::{Deserialize, Serialize};

const DATA_OUT: u8 = 0x01;
const DATA_IN: u8 = 0x02;
const CLOCK: u8 = 0x40;
const CHIP_SELECT: u8 = 0x80;

/// A start bit, two of the operation and eight of the address.
const START: u32 = 0x400;
/// The data sheet's longest times of one word and of the whole chip: 6 and 15 ms.
const WORD_DOTS: u64 = 25_166;
const CHIP_DOTS: u64 = 62_915;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eeprom {
    pins: u8,
    data_out: bool,
    /// The bits that came in since the start bit, which is the highest.
    shifted: u32,
    state: State,
    is_write_enabled: bool,
    now: u64,
    /// The dot at which programming ends.
    busy_until: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Command,
    /// A word is shifted out, `left` bits of it to go; then the next one follows.
    Read {
        address: u8,
        left: u8,
    },
    /// A word is shifted in, for one address or for all.
    Write {
        address: Option<u8>,
    },
    /// The command is done; the chip waits to be deselected.
    Done,
}

impl Eeprom {
    pub fn new() -> Self {
        Self {
            pins: 0,
            data_out: true,
            shifted: 0,
            state: State::Command,
            is_write_enabled: false,
            now: 0,
            busy_until: 0,
        }
    }

    pub fn catch_up(&mut self, dots: u64) {
        self.now = dots;
    }

    /// While no word is read, the output tells whether the chip is ready.
    pub fn read_pins(&self) -> u8 {
        let is_high = match self.state {
            State::Read { .. } => self.data_out,
            _ => self.now >= self.busy_until,
        };
        self.pins | if is_high { DATA_OUT } else { 0 }
    }

    /// Returns whether `memory` may have changed.
    pub fn write_pins(&mut self, value: u8, memory: &mut [u8]) -> bool {
        let rises = value & !self.pins & CLOCK != 0;
        self.pins = value & (DATA_IN | CLOCK | CHIP_SELECT);
        if value & CHIP_SELECT == 0 {
            (self.state, self.shifted) = (State::Command, 0);
            return false;
        }
        rises && self.now >= self.busy_until && self.clock(value & DATA_IN != 0, memory)
    }

    fn clock(&mut self, data_in: bool, memory: &mut [u8]) -> bool {
        match self.state {
            // What comes before the start bit is ignored.
            State::Command => {
                self.shifted = self.shifted << 1 | data_in as u32;
                self.shifted & START != 0 && self.execute(memory)
            }
            State::Read { address, left } => {
                self.shift_out(address, left, memory);
                false
            }
            State::Write { address } => {
                self.shifted = self.shifted << 1 | data_in as u32;
                self.shifted >> 16 != 0 && self.write(address, self.shifted as u16, memory)
            }
            State::Done => false,
        }
    }

    fn execute(&mut self, memory: &mut [u8]) -> bool {
        let address = self.shifted as u8 & 0x7F;
        let command = self.shifted >> 6 & 0xF;
        // The start bit of the data, so that its end is seen.
        self.shifted = 1;
        self.state = State::Done;
        match command {
            0b0000 => self.is_write_enabled = false,
            0b0011 => self.is_write_enabled = true,
            0b0001 => self.state = State::Write { address: None },
            0b0010 => return self.write(None, 0xFFFF, memory),
            0b0100..=0b0111 => self.state = State::Write { address: Some(address) },
            0b1100..=0b1111 => return self.write(Some(address), 0xFFFF, memory),
            _ => {
                // A zero precedes the word.
                self.state = State::Read { address, left: 16 };
                self.data_out = false;
            }
        }
        false
    }

    fn shift_out(&mut self, address: u8, left: u8, memory: &[u8]) {
        let (address, left) =
            if left == 0 { (address.wrapping_add(1) & 0x7F, 15) } else { (address, left - 1) };
        let byte = 2 * address as usize + (left < 8) as usize;
        self.data_out = memory.get(byte).is_none_or(|byte| byte >> (left & 7) & 1 != 0);
        self.state = State::Read { address, left };
    }

    fn write(&mut self, address: Option<u8>, word: u16, memory: &mut [u8]) -> bool {
        self.state = State::Done;
        if !self.is_write_enabled {
            return false;
        }
        for (at, bytes) in memory.chunks_exact_mut(2).enumerate() {
            if address.is_none_or(|address| address as usize == at) {
                bytes.copy_from_slice(&word.to_be_bytes());
            }
        }
        let dots = if address.is_some() { WORD_DOTS } else { CHIP_DOTS };
        self.busy_until = self.now.saturating_add(dots);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Chip {
        eeprom: Eeprom,
        memory: [u8; 256],
    }

    impl Chip {
        fn new() -> Self {
            Self { eeprom: Eeprom::new(), memory: [0; 256] }
        }

        /// Selects the chip and clocks in the lowest `count` bits, the highest first.
        fn send(&mut self, count: u32, bits: u32) {
            self.eeprom.write_pins(0, &mut self.memory);
            self.eeprom.write_pins(CHIP_SELECT, &mut self.memory);
            self.eeprom.write_pins(CHIP_SELECT | CLOCK, &mut self.memory);
            self.clock_in(count, bits);
        }

        fn clock_in(&mut self, count: u32, bits: u32) {
            for at in (0..count).rev() {
                let pins = CHIP_SELECT | if bits >> at & 1 != 0 { DATA_IN } else { 0 };
                self.eeprom.write_pins(pins, &mut self.memory);
                self.eeprom.write_pins(pins | CLOCK, &mut self.memory);
            }
        }

        fn receive(&mut self) -> u16 {
            (0..16).fold(0, |word, _| {
                self.clock_in(1, 0);
                word << 1 | u16::from(self.eeprom.read_pins() & DATA_OUT)
            })
        }

        fn wait(&mut self) {
            self.eeprom.catch_up(self.eeprom.busy_until);
        }
    }

    const ENABLE: u32 = 0b100_1100_0000;

    #[test]
    fn a_word_is_written_and_read() {
        let mut chip = Chip::new();
        chip.send(11, ENABLE);
        chip.send(11, 0b101_0000_0000 | 0x15);
        chip.clock_in(16, 0xBEEF);
        assert_eq!(chip.memory[0x2A..0x2C], [0xBE, 0xEF]);
        assert_eq!(chip.eeprom.read_pins() & DATA_OUT, 0);
        chip.wait();
        assert_eq!(chip.eeprom.read_pins() & DATA_OUT, 1);
        chip.send(11, 0b110_0000_0000 | 0x14);
        assert_eq!(chip.eeprom.read_pins() & DATA_OUT, 0);
        assert_eq!([chip.receive(), chip.receive(), chip.receive()], [0, 0xBEEF, 0]);
    }

    #[test]
    fn nothing_is_written_unless_enabled() {
        let mut chip = Chip::new();
        chip.send(11, 0b111_0000_0000);
        chip.send(11, 0b100_1000_0000);
        assert_eq!(chip.memory, [0; 256]);
        chip.send(11, ENABLE);
        chip.send(11, 0b100_0000_0000);
        chip.send(11, 0b111_0000_0000);
        assert_eq!(chip.memory, [0; 256]);
    }

    #[test]
    fn words_and_the_chip_are_erased_and_filled() {
        let mut chip = Chip::new();
        chip.send(11, ENABLE);
        chip.send(11, 0b111_0000_0000 | 3);
        assert_eq!(chip.memory[5..9], [0, 0xFF, 0xFF, 0]);
        chip.wait();
        chip.send(11, 0b100_0100_0000);
        chip.clock_in(16, 0x1234);
        assert_eq!(chip.memory[254..], [0x12, 0x34]);
        chip.wait();
        chip.send(11, 0b100_1000_0000);
        assert_eq!(chip.memory, [0xFF; 256]);
    }

    #[test]
    fn a_busy_chip_takes_no_command() {
        let mut chip = Chip::new();
        chip.send(11, ENABLE);
        chip.send(11, 0b111_0000_0000);
        chip.send(11, 0b111_0000_0000 | 1);
        assert_eq!(chip.memory[2..4], [0, 0]);
    }
}
