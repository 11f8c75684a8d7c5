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
    /// The sources that the PPU requested last, and the dot at which it did.
    late: u8,
    late_clock: u64,
}

/// The CPU looks at the interrupts earlier in its M-cycle than it reads a register: what is
/// requested in the last dots before an instruction begins waits for the next one.
const DISPATCH_LEAD_DOTS: u64 = 2;

impl Interrupts {
    pub fn request(&mut self, interrupt: Interrupt) {
        self.requested |= interrupt as u8;
    }

    /// Requests an interrupt at a dot that need not be the end of an M-cycle.
    pub fn request_at(&mut self, interrupt: Interrupt, clock: u64) {
        let bit = interrupt as u8;
        if self.requested & bit != 0 {
            return;
        }
        self.requested |= bit;
        self.late = if self.late_clock == clock { self.late | bit } else { bit };
        self.late_clock = clock;
    }

    /// The requested sources that the CPU takes notice of at the dot `now`.
    pub fn noticed(&self, now: u64) -> u8 {
        if now >= self.late_clock + DISPATCH_LEAD_DOTS {
            self.requested
        } else {
            self.requested & !self.late
        }
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
