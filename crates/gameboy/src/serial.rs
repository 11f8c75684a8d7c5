//! SB and SC (Pan Docs, "Serial Data Transfer"). With nothing plugged into the port the bits that
//! come in are ones.

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
    /// Bits of a byte that came in on the partner's clock.
    received: u8,
    /// What the partner will put on the cable, the next bit first.
    #[serde(skip, default = "unplugged")]
    partner_bits: u8,
    /// The bits sent on the own clock since they were last taken, the latest lowest, after a one.
    #[serde(skip, default = "nothing_sent")]
    sent: u16,
}

fn unplugged() -> u8 {
    0xFF
}

fn nothing_sent() -> u16 {
    1
}

impl Serial {
    pub fn new() -> Self {
        Self {
            sb: 0,
            sc: 0,
            bits_left: 0,
            to_next_bit: 0,
            received: 0,
            partner_bits: unplugged(),
            sent: nothing_sent(),
        }
    }

    /// Whether a transfer runs on the own clock.
    pub fn is_running(&self) -> bool {
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
        self.sent = self.sent << 1 | u16::from(self.sb >> 7);
        self.sb = self.sb << 1 | self.partner_bits >> 7;
        self.partner_bits = self.partner_bits << 1 | 1;
        self.bits_left -= 1;
        if self.bits_left == 0 {
            self.finish(interrupts);
        }
    }

    fn finish(&mut self, interrupts: &mut Interrupts) {
        self.sc &= !SC_TRANSFER;
        interrupts.request(Interrupt::Serial);
    }

    /// The bits that go out on the partner's clock, the next one first: ones unless a transfer
    /// waits for it.
    pub fn offered_bits(&self) -> u8 {
        if self.waits_for_clock() { self.sb } else { 0xFF }
    }

    pub fn set_partner_bits(&mut self, bits: u8) {
        self.partner_bits = bits;
    }

    /// The bits sent on the own clock since the last call, the first one first. They are at most
    /// those of one byte if it is called after each instruction.
    pub fn take_sent(&mut self) -> impl Iterator<Item = u8> + use<> {
        let sent = std::mem::replace(&mut self.sent, nothing_sent());
        (0..sent.max(1).ilog2()).rev().map(move |at| (sent >> at & 1) as u8)
    }

    /// The partner's clock shifts a bit in.
    pub fn clock(&mut self, bit: u8, interrupts: &mut Interrupts) {
        if !self.waits_for_clock() {
            return;
        }
        self.sb = self.sb << 1 | bit;
        self.received = self.received.wrapping_add(1);
        if self.received >= 8 {
            self.received = 0;
            self.finish(interrupts);
        }
    }

    fn waits_for_clock(&self) -> bool {
        self.sc & (SC_TRANSFER | SC_INTERNAL_CLOCK) == SC_TRANSFER
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
        self.received = 0;
        self.bits_left = if self.sc & starts == starts { 8 } else { 0 };
        let period = self.period();
        self.to_next_bit = period - counter as u32 % period;
    }

    /// DIV was reset: the clock begins a new period.
    pub fn restart_clock(&mut self) {
        self.to_next_bit = self.period();
    }
}
