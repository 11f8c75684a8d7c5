//! DIV, TIMA, TMA and TAC (Pan Docs, "Timer and Divider Registers" and "Timer Obscure
//! Behaviour").
//!
//! Time here is counted in M-cycles of the CPU, which double speed makes shorter.

use serde::{Deserialize, Serialize};

use crate::interrupts::{Interrupt, Interrupts};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Overflow {
    None,
    /// TIMA wrapped to 0 in the M-cycle that just ended; it is reloaded in the next one.
    Pending,
    /// TIMA was reloaded from TMA in the M-cycle that just ended.
    Reloaded,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Timer {
    /// The divider, of which DIV is the high byte; it counts T-cycles.
    counter: u16,
    tima: u8,
    tma: u8,
    tac: u8,
    overflow: Overflow,
}

impl Timer {
    pub fn new(counter: u16) -> Self {
        Self { counter, tima: 0, tma: 0, tac: 0, overflow: Overflow::None }
    }

    pub fn counter(&self) -> u16 {
        self.counter
    }

    /// Advances by whole M-cycles.
    pub fn advance(&mut self, mut m_cycles: u64, interrupts: &mut Interrupts) {
        while m_cycles > 0 {
            if self.overflow != Overflow::None {
                self.tick_m_cycle(interrupts);
                m_cycles -= 1;
                continue;
            }
            let quiet = m_cycles.min(self.m_cycles_to_overflow().saturating_sub(1));
            if quiet > 0 {
                self.skip(quiet);
                m_cycles -= quiet;
            } else {
                self.tick_m_cycle(interrupts);
                m_cycles -= 1;
            }
        }
    }

    /// How many M-cycles from now the interrupt is requested, if nothing is written.
    pub fn m_cycles_to_interrupt(&self) -> u64 {
        match self.overflow {
            Overflow::Pending => 1,
            _ => self.m_cycles_to_overflow().saturating_add(1),
        }
    }

    pub fn tick_m_cycle(&mut self, interrupts: &mut Interrupts) {
        self.overflow = match self.overflow {
            Overflow::Pending => {
                self.tima = self.tma;
                interrupts.request(Interrupt::Timer);
                Overflow::Reloaded
            }
            _ => Overflow::None,
        };
        self.set_counter(self.counter.wrapping_add(4));
    }

    pub fn read_div(&self) -> u8 {
        (self.counter >> 8) as u8
    }

    pub fn write_div(&mut self) {
        self.set_counter(0);
    }

    pub fn read_tima(&self) -> u8 {
        self.tima
    }

    /// A write in the M-cycle after the overflow cancels the reload; one in the M-cycle of the
    /// reload itself is lost.
    pub fn write_tima(&mut self, value: u8) {
        if self.overflow != Overflow::Reloaded {
            self.tima = value;
            self.overflow = Overflow::None;
        }
    }

    pub fn read_tma(&self) -> u8 {
        self.tma
    }

    pub fn write_tma(&mut self, value: u8) {
        self.tma = value;
        if self.overflow == Overflow::Reloaded {
            self.tima = value;
        }
    }

    pub fn read_tac(&self) -> u8 {
        0xF8 | self.tac
    }

    pub fn write_tac(&mut self, value: u8) {
        let before = self.signal();
        self.tac = value & 7;
        if before && !self.signal() {
            self.increment();
        }
    }

    /// T-cycles per increment, as a power of two: TIMA counts the falling edges of one bit of the
    /// counter.
    fn period_bits(&self) -> u32 {
        match self.tac & 3 {
            0 => 10,
            1 => 4,
            2 => 6,
            _ => 8,
        }
    }

    fn is_enabled(&self) -> bool {
        self.tac & 4 != 0
    }

    fn signal(&self) -> bool {
        self.is_enabled() && self.counter >> (self.period_bits() - 1) & 1 != 0
    }

    fn set_counter(&mut self, value: u16) {
        let before = self.signal();
        self.counter = value;
        if before && !self.signal() {
            self.increment();
        }
    }

    fn increment(&mut self) {
        self.tima = self.tima.wrapping_add(1);
        if self.tima == 0 {
            self.overflow = Overflow::Pending;
        }
    }

    fn m_cycles_to_overflow(&self) -> u64 {
        if !self.is_enabled() {
            return u64::MAX;
        }
        let bits = self.period_bits();
        let since_last = self.counter as u32 & ((1 << bits) - 1);
        let increments = 0x100 - self.tima as u32;
        (((increments << bits) - since_last) / 4) as u64
    }

    /// Advances over M-cycles in which TIMA does not overflow.
    fn skip(&mut self, m_cycles: u64) {
        let t_cycles = 4 * m_cycles;
        if self.is_enabled() {
            let bits = self.period_bits();
            let since_last = self.counter as u64 & ((1 << bits) - 1);
            let increments = (since_last + t_cycles) >> bits;
            self.tima = self.tima.wrapping_add(increments as u8);
        }
        self.counter = self.counter.wrapping_add(t_cycles as u16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jumping over quiet M-cycles is the same as ticking through them.
    #[test]
    fn advance_equals_ticking() {
        for tac in 0..8 {
            for tima in [0x00, 0x7F, 0xFE, 0xFF] {
                let mut jumped = Timer::new(0xABCC);
                (jumped.tac, jumped.tima, jumped.tma) = (tac, tima, 0xF0);
                let mut ticked = jumped.clone();
                let mut jumped_interrupts = Interrupts::default();
                let mut ticked_interrupts = Interrupts::default();
                for step in [1, 3, 70, 2, 1000, 5, 40000, 1] {
                    jumped.advance(step, &mut jumped_interrupts);
                    for _ in 0..step {
                        ticked.tick_m_cycle(&mut ticked_interrupts);
                    }
                    assert_eq!(jumped.counter, ticked.counter);
                    assert_eq!(jumped.tima, ticked.tima, "tac {tac} tima {tima:#x}");
                    assert_eq!(jumped_interrupts.read_if(), ticked_interrupts.read_if());
                }
            }
        }
    }

    #[test]
    fn the_interrupt_comes_when_foretold() {
        let mut timer = Timer::new(8);
        (timer.tac, timer.tima) = (5, 0xFD);
        let m_cycles = timer.m_cycles_to_interrupt();
        let mut interrupts = Interrupts::default();
        timer.advance(m_cycles - 1, &mut interrupts);
        assert_eq!(interrupts.read_if(), 0xE0);
        timer.advance(1, &mut interrupts);
        assert_eq!(interrupts.read_if(), 0xE4);
    }

    #[test]
    fn resetting_div_is_a_falling_edge() {
        let mut timer = Timer::new(8);
        timer.tac = 5;
        timer.write_div();
        assert_eq!(timer.tima, 1);
    }
}
