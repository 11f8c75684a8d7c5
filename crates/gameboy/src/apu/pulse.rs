//! Channels 1 and 2.

use serde::{Deserialize, Serialize};

use super::envelope::Envelope;
use super::length::Length;
use super::mixer::{self, Level};

/// Steps of the four duties, the first in bit 7.
const DUTIES: [u8; 4] = [0b0000_0001, 0b1000_0001, 0b1000_0111, 0b0111_1110];
const FREQUENCY: u16 = 0x7FF;
/// Steps of this many dots or fewer make a tone of 32 kHz or more; only its mean is put out.
const ULTRASONIC: u32 = 16;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pulse {
    length: Length,
    envelope: Envelope,
    frequency: u16,
    duty: u8,
    step: u8,
    /// What the generator puts out, 0 or 1.
    bit: u8,
    /// Dots to the next step, while active.
    timer: u32,
    is_active: bool,
}

impl Default for Pulse {
    fn default() -> Self {
        Self {
            length: Length::new(64),
            envelope: Envelope::default(),
            frequency: 0,
            duty: 0,
            step: 0,
            bit: 0,
            timer: 0,
            is_active: false,
        }
    }
}

impl Pulse {
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    pub fn stop(&mut self) {
        self.is_active = false;
    }

    pub fn frequency(&self) -> u16 {
        self.frequency
    }

    pub fn set_frequency(&mut self, frequency: u16) {
        self.frequency = frequency & FREQUENCY;
    }

    pub fn digital(&self) -> u8 {
        if self.is_active { (self.bit & 1) * self.envelope.volume() } else { 0 }
    }

    pub fn level(&self) -> Level {
        let dac_is_on = self.envelope.dac_is_on();
        if self.is_active && self.period() <= ULTRASONIC {
            let sum = DUTIES[self.duty as usize & 3].count_ones() * self.envelope.volume() as u32;
            return mixer::mean_level(dac_is_on, sum, 8);
        }
        mixer::level(dac_is_on, self.digital())
    }

    /// `changed` is told the dots from now, and the level from then on.
    pub fn advance(&mut self, dots: u32, mut changed: impl FnMut(u32, Level)) {
        if !self.is_active {
            return;
        }
        if self.timer > dots {
            self.timer -= dots;
            return;
        }
        let period = self.period();
        if self.envelope.volume() == 0 || period <= ULTRASONIC {
            self.skip(dots, period);
            return;
        }
        let mut at = self.timer.max(1);
        while at <= dots {
            let before = self.bit;
            self.advance_steps(1);
            if self.bit != before {
                changed(at, self.level());
            }
            at += period;
        }
        self.timer = at - dots;
    }

    pub fn write_nrx1(&mut self, value: u8) {
        self.duty = value >> 6;
        self.length.load(value);
    }

    /// The DMG's lengths can be written while the sound is off.
    pub fn write_length(&mut self, value: u8) {
        self.length.load(value);
    }

    pub fn write_nrx2(&mut self, value: u8) {
        if self.is_active {
            self.envelope.write_while_active(value);
        } else {
            self.envelope.write(value);
        }
        if !self.envelope.dac_is_on() {
            self.is_active = false;
        }
    }

    pub fn write_nrx3(&mut self, value: u8) {
        self.frequency = self.frequency & 0x700 | value as u16;
    }

    /// Returns whether that was a trigger.
    pub fn write_nrx4(
        &mut self,
        value: u8,
        clocks_length_next: bool,
        clocks_envelope_next: bool,
    ) -> bool {
        self.frequency = (value as u16 & 7) << 8 | self.frequency & 0xFF;
        let is_over = self.length.set_enabled(value, clocks_length_next);
        let triggers = value & 0x80 != 0;
        if triggers {
            self.trigger(clocks_length_next, clocks_envelope_next);
        } else if is_over {
            self.is_active = false;
        }
        triggers
    }

    pub fn clock_length(&mut self) {
        if self.length.clock() {
            self.is_active = false;
        }
    }

    pub fn clock_envelope(&mut self) {
        self.envelope.clock();
    }

    pub fn die_away(&mut self) {
        self.envelope.die_away();
    }

    /// The sound is switched off; what `lengths` says decides about the length counter.
    pub fn clear(&mut self, keeps_length: bool) {
        let mut length = self.length.clone();
        length.enabled = false;
        if !keeps_length {
            length.clear();
        }
        *self = Self { length, ..Self::default() };
    }

    /// The step goes on where it was; the first one comes late (gambatte's hardware tests).
    fn trigger(&mut self, clocks_length_next: bool, clocks_envelope_next: bool) {
        let delay = if self.is_active { 4 } else { 8 };
        self.timer = self.period() + delay;
        if !self.is_active {
            self.bit = 0;
        }
        self.length.trigger(clocks_length_next);
        self.envelope.trigger(clocks_envelope_next);
        self.is_active = self.envelope.dac_is_on();
    }

    fn period(&self) -> u32 {
        4 * (0x800 - (self.frequency & FREQUENCY) as u32)
    }

    /// Advances over steps that nobody hears.
    fn skip(&mut self, dots: u32, period: u32) {
        let late = dots - self.timer;
        self.advance_steps(1 + late / period);
        self.timer = period - late % period;
    }

    fn advance_steps(&mut self, steps: u32) {
        self.step = (self.step as u32 + steps) as u8 & 7;
        self.bit = DUTIES[self.duty as usize & 3] >> (7 - self.step) & 1;
    }
}
