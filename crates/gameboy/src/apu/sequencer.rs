//! The DIV-APU: 512 clocks per second from the divider's falling edges (Pan Docs, "Audio
//! Details").

use serde::{Deserialize, Serialize};

/// One falling edge of DIV's bit 4 at single speed.
const PERIOD: u16 = 0x2000;
/// The bit that falls.
const SIGNAL: u16 = 0x1000;

/// From the boot ROM's write to NR52, 56 half periods after power-on, to its end.
pub const STEP_AFTER_BOOT: u8 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sequencer {
    phase: u16,
    /// The step that the next clock performs.
    step: u8,
    skips_clock: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    pub length: bool,
    pub sweep: bool,
    pub envelope: bool,
}

impl Sequencer {
    pub fn new() -> Self {
        Self { phase: 0, step: 0, skips_clock: false }
    }

    pub fn set_phase(&mut self, phase: u16) {
        self.phase = phase % PERIOD;
    }

    pub fn set_step(&mut self, step: u8) {
        self.step = step;
        self.skips_clock = false;
    }

    /// The sound is switched on. While the signal is high its next falling edge does not count
    /// (`SameSuite`, `div_write_trigger_10`).
    pub fn restart(&mut self) {
        self.step = 0;
        self.skips_clock = self.phase & SIGNAL != 0;
    }

    pub fn dots_to_clock(&self) -> u16 {
        PERIOD - self.phase % PERIOD
    }

    /// Advances up to the next clock at most. Returns whether that was reached.
    pub fn advance(&mut self, dots: u32) -> bool {
        let reached = dots >= self.dots_to_clock() as u32;
        self.phase = (self.phase as u32 + dots) as u16 % PERIOD;
        reached
    }

    /// Returns whether that was a falling edge.
    pub fn reset_phase(&mut self) -> bool {
        let was_high = self.phase & SIGNAL != 0;
        self.phase = 0;
        was_high
    }

    pub fn clock(&mut self) -> Clocks {
        if std::mem::take(&mut self.skips_clock) {
            return Clocks { length: false, sweep: false, envelope: false };
        }
        let step = self.step & 7;
        self.step = (step + 1) & 7;
        Clocks { length: step & 1 == 0, sweep: step & 3 == 2, envelope: step == 7 }
    }

    /// Whether the next clock is one of the lengths'.
    pub fn clocks_length_next(&self) -> bool {
        self.step & 1 == 0
    }

    /// Whether the next clock is one of the envelopes'.
    pub fn clocks_envelope_next(&self) -> bool {
        self.step & 7 == 7
    }
}
