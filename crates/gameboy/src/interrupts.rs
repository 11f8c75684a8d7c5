//! IF and IE (Pan Docs, "Interrupts").

use serde::{Deserialize, Serialize};

/// The five sources, in order of priority; the discriminant is the bit of IF and IE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    VBlank = 0x01,
    Stat = 0x02,
    Timer = 0x04,
    Serial = 0x08,
    Joypad = 0x10,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Interrupts {
    requested: u8,
    enabled: u8,
}

impl Interrupts {
    pub fn request(&mut self, interrupt: Interrupt) {
        self.requested |= interrupt as u8;
    }

    /// The bits of IF that exist.
    pub fn requested(&self) -> u8 {
        self.requested
    }

    pub fn acknowledge(&mut self, bit: u8) {
        self.requested &= !bit;
    }

    pub fn read_if(&self) -> u8 {
        0xE0 | self.requested
    }

    pub fn write_if(&mut self, value: u8) {
        self.requested = value & 0x1F;
    }

    pub fn read_ie(&self) -> u8 {
        self.enabled
    }

    pub fn write_ie(&mut self, value: u8) {
        self.enabled = value;
    }
}
