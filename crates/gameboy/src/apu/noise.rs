//! Channel 4.

use serde::{Deserialize, Serialize};

use super::envelope::Envelope;
use super::length::Length;
use super::mixer::{self, Level};

/// With these shifts the generator stands still.
const STILL: u8 = 14;
const NARROW: u8 = 0x08;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Noise {
    length: Length,
    envelope: Envelope,
    nr43: u8,
    /// The shift register: 15 bits, all 0 after a trigger.
    lfsr: u16,
    /// Dots to the next step, while active.
    timer: u32,
    is_active: bool,
}

impl Default for Noise {
    fn default() -> Self {
        Self {
            length: Length::new(64),
            envelope: Envelope::default(),
            nr43: 0,
            lfsr: 0,
            timer: 0,
            is_active: false,
        }
    }
}

impl Noise {
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    pub fn digital(&self) -> u8 {
        if self.is_active { (self.lfsr & 1) as u8 * self.envelope.volume() } else { 0 }
    }

    pub fn level(&self) -> Level {
        mixer::level(self.envelope.dac_is_on(), self.digital())
    }

    /// `changed` is told the dots from now, and the level from then on.
    pub fn advance(&mut self, dots: u32, mut changed: impl FnMut(u32, Level)) {
        if !self.is_active || self.nr43 >> 4 >= STILL {
            return;
        }
        if self.timer > dots {
            self.timer -= dots;
            return;
        }
        let period = self.period();
        if self.envelope.volume() == 0 {
            self.skip(dots, period);
            return;
        }
        let mut at = self.timer.max(1);
        while at <= dots {
            let before = self.lfsr & 1;
            self.shift();
            if self.lfsr & 1 != before {
                changed(at, self.level());
            }
            at += period;
        }
        self.timer = at - dots;
    }

    pub fn write_nr41(&mut self, value: u8) {
        self.length.load(value);
    }

    pub fn write_nr42(&mut self, value: u8) {
        if self.is_active {
            self.envelope.write_while_active(value);
        } else {
            self.envelope.write(value);
        }
        if !self.envelope.dac_is_on() {
            self.is_active = false;
        }
    }

    pub fn write_nr43(&mut self, value: u8) {
        self.nr43 = value;
    }

    pub fn write_nr44(&mut self, value: u8, clocks_length_next: bool, clocks_envelope_next: bool) {
        let is_over = self.length.set_enabled(value, clocks_length_next);
        if value & 0x80 != 0 {
            self.length.trigger(clocks_length_next);
            self.envelope.trigger(clocks_envelope_next);
            self.lfsr = 0;
            self.timer = self.period() + 4;
            self.is_active = self.envelope.dac_is_on();
        } else if is_over {
            self.is_active = false;
        }
    }

    pub fn clock_length(&mut self) {
        if self.length.clock() {
            self.is_active = false;
        }
    }

    pub fn clock_envelope(&mut self) {
        self.envelope.clock();
    }

    /// The sound is switched off.
    pub fn clear(&mut self, keeps_length: bool) {
        let mut length = self.length.clone();
        length.enabled = false;
        if !keeps_length {
            length.clear();
        }
        *self = Self { length, ..Self::default() };
    }

    /// Advances over steps that nobody hears.
    fn skip(&mut self, dots: u32, period: u32) {
        let late = dots - self.timer.max(1);
        let steps = 1 + late / period;
        self.timer = period - late % period;
        for _ in 0..steps / 8 {
            self.shift_by_8();
        }
        for _ in 0..steps % 8 {
            self.shift();
        }
    }

    fn period(&self) -> u32 {
        let divisor = match self.nr43 & 7 {
            0 => 8,
            divisor => 16 * divisor as u32,
        };
        divisor << (self.nr43 >> 4)
    }

    /// Feeds back whether the two lowest bits are equal. Narrowed while its low bits are all 1,
    /// the register stays so until a trigger, as it does on hardware.
    fn shift(&mut self) {
        let fed_back = !(self.lfsr ^ self.lfsr >> 1) & 1;
        self.lfsr = self.lfsr >> 1 & !0x4000 | fed_back << 14;
        if self.nr43 & NARROW != 0 {
            self.lfsr = self.lfsr & !0x40 | fed_back << 6;
        }
    }

    /// What [`Self::shift`] does eight times: the wide register feeds back none of the bits that
    /// it makes meanwhile.
    fn shift_by_8(&mut self) {
        if self.nr43 & NARROW != 0 {
            (0..8).for_each(|_| self.shift());
            return;
        }
        let fed_back = !(self.lfsr ^ self.lfsr >> 1) & 0xFF;
        self.lfsr = self.lfsr >> 8 & 0x7F | fed_back << 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle(nr43: u8) -> usize {
        let mut noise = Noise { nr43, ..Noise::default() };
        // Out of the start, which need not be part of the cycle.
        (0..16).for_each(|_| noise.shift());
        let start = noise.lfsr;
        1 + std::iter::repeat_with(|| {
            noise.shift();
            noise.lfsr
        })
        .take_while(|lfsr| *lfsr != start)
        .count()
    }

    #[test]
    fn the_wide_register_repeats_after_32767_steps_and_the_narrow_after_127() {
        assert_eq!(cycle(0x00), 0x7FFF);
        assert_eq!(cycle(NARROW), 0x7F);
    }

    #[test]
    fn eight_steps_at_once_are_eight_steps() {
        for nr43 in [0, NARROW] {
            for lfsr in 0..0x8000 {
                let mut at_once = Noise { nr43, lfsr, ..Noise::default() };
                let mut one_by_one = at_once.clone();
                at_once.shift_by_8();
                (0..8).for_each(|_| one_by_one.shift());
                assert_eq!(at_once.lfsr, one_by_one.lfsr, "from {lfsr:#06x}");
            }
        }
    }

    #[test]
    fn the_period_follows_nr43() {
        let period = |nr43| Noise { nr43, ..Noise::default() }.period();
        assert_eq!([period(0x00), period(0x01), period(0x17), period(0x50)], [8, 16, 224, 256]);
    }
}
