//! KEY1, the CGB's double-speed mode (Pan Docs, "CGB Registers").

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Speed {
    is_double: bool,
    is_armed: bool,
}

impl Speed {
    pub fn is_armed(&self) -> bool {
        self.is_armed
    }

    /// The length of an M-cycle: 4 dots, or 2 at double speed.
    pub fn dots_per_m_cycle(&self) -> u64 {
        4 >> self.is_double as u32
    }

    /// How many M-cycles end within `dots`.
    pub fn whole_m_cycles(&self, dots: u64) -> u64 {
        dots >> (2 - self.is_double as u32)
    }

    pub fn switch(&mut self) {
        self.is_double = !self.is_double;
        self.is_armed = false;
    }

    pub fn read_key1(&self) -> u8 {
        0x7E | (self.is_double as u8) << 7 | self.is_armed as u8
    }

    pub fn write_key1(&mut self, value: u8) {
        self.is_armed = value & 1 != 0;
    }
}
