//! SB and SC (Pan Docs, "Serial Data Transfer"), with nothing plugged into the port: the bits
//! that come in are ones.

use serde::{Deserialize, Serialize};

use crate::interrupts::{Interrupt, Interrupts};

const SC_TRANSFER: u8 = 0x80;
const SC_FAST: u8 = 0x02;
const SC_INTERNAL_CLOCK: u8 = 0x01;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Serial {
    sb: u8,
    sc: u8,
    bits_left: u8,
    /// T-cycles until the next bit is shifted, while a transfer runs on the internal clock.
    to_next_bit: u32,
}

impl Serial {
    pub fn new() -> Self {
        Self { sb: 0, sc: 0, bits_left: 0, to_next_bit: 0 }
    }

    fn is_running(&self) -> bool {
        self.bits_left > 0
    }

    /// T-cycles per bit: 8,192 Hz, or 262,144 Hz in the CGB's fast mode.
    fn period(&self) -> u32 {
        if self.sc & SC_FAST != 0 { 16 } else { 512 }
    }

    pub fn advance(&mut self, m_cycles: u64, interrupts: &mut Interrupts) {
        let mut t_cycles = 4 * m_cycles;
        while self.is_running() {
            if t_cycles < self.to_next_bit as u64 {
                self.to_next_bit -= t_cycles as u32;
                return;
            }
            t_cycles -= self.to_next_bit as u64;
            self.to_next_bit = self.period();
            self.shift(interrupts);
        }
    }

    pub fn m_cycles_to_interrupt(&self) -> u64 {
        if !self.is_running() {
            return u64::MAX;
        }
        let t_cycles = self.to_next_bit + (self.bits_left as u32 - 1) * self.period();
        t_cycles.div_ceil(4) as u64
    }

    fn shift(&mut self, interrupts: &mut Interrupts) {
        self.sb = self.sb << 1 | 1;
        self.bits_left -= 1;
        if self.bits_left == 0 {
            self.sc &= !SC_TRANSFER;
            interrupts.request(Interrupt::Serial);
        }
    }

    pub fn read_sb(&self) -> u8 {
        self.sb
    }

    pub fn write_sb(&mut self, value: u8) {
        self.sb = value;
    }

    /// Bit 1 exists in CGB mode only.
    pub fn read_sc(&self, cgb_mode: bool) -> u8 {
        self.sc | if cgb_mode { 0x7C } else { 0x7E }
    }

    /// The bits are shifted on the falling edges of a clock that the divider drives, so that
    /// the first one comes after a part of a period (mooneye `boot_sclk_align`).
    pub fn write_sc(&mut self, value: u8, cgb_mode: bool, counter: u16) {
        self.sc = value & if cgb_mode { 0x83 } else { 0x81 };
        let starts = SC_TRANSFER | SC_INTERNAL_CLOCK;
        self.bits_left = if self.sc & starts == starts { 8 } else { 0 };
        let period = self.period();
        self.to_next_bit = period - counter as u32 % period;
    }

    /// DIV was reset: the clock begins a new period.
    pub fn restart_clock(&mut self) {
        self.to_next_bit = self.period();
    }
}
