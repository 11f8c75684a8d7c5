//! Channel 3, and wave RAM.

use serde::{Deserialize, Serialize};

use super::length::Length;
use super::mixer::{self, Level};
use crate::model::Model;

const FREQUENCY: u16 = 0x7FF;
/// Steps of this many dots or fewer make a tone of 32 kHz or more; only its mean is put out.
const ULTRASONIC: u32 = 4;
/// Dots by which the first step after a trigger is late.
const TRIGGER_DELAY: u32 = 6;
/// What is often found in the DMG's wave RAM at power-on; it is not the same on any two.
const DMG_NOISE: [u8; 16] = [
    0x84, 0x40, 0x43, 0xAA, 0x2D, 0x78, 0x92, 0x3C, 0x60, 0x59, 0x59, 0xB0, 0x34, 0xB8, 0x2E, 0xDA,
];
/// The CGB's boot ROM leaves this.
const CGB_PATTERN: [u8; 16] = [0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wave {
    model: Model,
    ram: [u8; 16],
    length: Length,
    dac_is_on: bool,
    /// Bits 5-6 of NR32.
    volume: u8,
    frequency: u16,
    /// The sample that plays: 0-31.
    position: u8,
    /// The byte last read from wave RAM.
    byte: u8,
    /// Dots to the next step, while active.
    timer: u32,
    /// Whether wave RAM was read at this very moment.
    is_reading: bool,
    is_active: bool,
}

impl Wave {
    pub fn new(model: Model) -> Self {
        let ram = if model.is_cgb() { CGB_PATTERN } else { DMG_NOISE };
        Self {
            model,
            ram,
            length: Length::new(256),
            dac_is_on: false,
            volume: 0,
            frequency: 0,
            position: 0,
            byte: 0,
            timer: 0,
            is_reading: false,
            is_active: false,
        }
    }

    pub fn is_active(&self) -> bool {
        self.is_active
    }

    pub fn digital(&self) -> u8 {
        if self.is_active { self.sample() } else { 0 }
    }

    pub fn level(&self) -> Level {
        if self.is_active && self.period() <= ULTRASONIC {
            return mixer::mean_level(self.dac_is_on, self.sum(), 32);
        }
        mixer::level(self.dac_is_on, self.digital())
    }

    /// `changed` is told the dots from now, and the level from then on.
    pub fn advance(&mut self, dots: u32, mut changed: impl FnMut(u32, Level)) {
        if !self.is_active || dots == 0 {
            return;
        }
        if self.timer > dots {
            self.timer -= dots;
            self.is_reading = false;
            return;
        }
        let period = self.period();
        if period <= ULTRASONIC {
            self.skip(dots, period);
            return;
        }
        let mut at = self.timer.max(1);
        let mut sample = self.sample();
        while at <= dots {
            self.advance_steps(1);
            if self.sample() != sample {
                sample = self.sample();
                changed(at, self.level());
            }
            at += period;
        }
        self.timer = at - dots;
        self.is_reading = self.timer == period;
    }

    pub fn write_nr30(&mut self, value: u8) {
        self.dac_is_on = value & 0x80 != 0;
        if !self.dac_is_on {
            self.is_active = false;
        }
    }

    pub fn write_nr31(&mut self, value: u8) {
        self.length.load(value);
    }

    pub fn write_nr32(&mut self, value: u8) {
        self.volume = value >> 5 & 3;
    }

    pub fn write_nr33(&mut self, value: u8) {
        self.frequency = self.frequency & 0x700 | value as u16;
    }

    pub fn write_nr34(&mut self, value: u8, clocks_length_next: bool) {
        self.frequency = (value as u16 & 7) << 8 | self.frequency & 0xFF;
        let is_over = self.length.set_enabled(value, clocks_length_next);
        if value & 0x80 != 0 {
            self.trigger(clocks_length_next);
        } else if is_over {
            self.is_active = false;
        }
    }

    /// While the channel plays, the CPU sees the byte that it plays; on the DMG only at the
    /// moment at which it is read.
    pub fn read_ram(&self, index: u16) -> u8 {
        self.accessed(index).map_or(0xFF, |index| self.ram[index])
    }

    pub fn write_ram(&mut self, index: u16, value: u8) {
        if let Some(index) = self.accessed(index) {
            self.ram[index] = value;
        }
    }

    pub fn clock_length(&mut self) {
        if self.length.clock() {
            self.is_active = false;
        }
    }

    /// The sound is switched off; wave RAM stays.
    pub fn clear(&mut self, keeps_length: bool) {
        let mut length = self.length.clone();
        length.enabled = false;
        if !keeps_length {
            length.clear();
        }
        *self = Self { length, ram: self.ram, ..Self::new(self.model) };
    }

    fn trigger(&mut self, clocks_length_next: bool) {
        if self.is_active && self.timer == 2 && !self.model.is_cgb() {
            self.corrupt_ram();
        }
        self.length.trigger(clocks_length_next);
        self.timer = self.period() + TRIGGER_DELAY;
        // The byte is not read again: what played last is heard once more.
        self.position = 0;
        self.is_reading = false;
        self.is_active = self.dac_is_on;
    }

    /// On the DMG a trigger just before a byte is read copies it, or the four bytes it belongs
    /// to, to the start.
    fn corrupt_ram(&mut self) {
        let index = ((self.position as usize + 1) >> 1) & 0x0F;
        match index {
            0..4 => self.ram[0] = self.ram[index],
            _ => self.ram.copy_within(index & 0x0C..(index & 0x0C) + 4, 0),
        }
    }

    fn accessed(&self, index: u16) -> Option<usize> {
        match (self.is_active, self.model.is_cgb() || self.is_reading) {
            (false, _) => Some(index as usize & 0x0F),
            (true, true) => Some((self.position as usize >> 1) & 0x0F),
            (true, false) => None,
        }
    }

    fn sample(&self) -> u8 {
        self.amplified(if self.position & 1 == 0 { self.byte >> 4 } else { self.byte & 0x0F })
    }

    /// The sum of all 32 samples.
    fn sum(&self) -> u32 {
        let samples = self.ram.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
        samples.map(|sample| self.amplified(sample) as u32).sum()
    }

    fn amplified(&self, sample: u8) -> u8 {
        match self.volume & 3 {
            0 => 0,
            volume => sample >> (volume - 1),
        }
    }

    fn period(&self) -> u32 {
        2 * (0x800 - (self.frequency & FREQUENCY) as u32)
    }

    /// Advances over steps that are not heard one by one.
    fn skip(&mut self, dots: u32, period: u32) {
        let late = dots - self.timer;
        self.advance_steps(1 + late / period);
        self.timer = period - late % period;
        self.is_reading = self.timer == period;
    }

    fn advance_steps(&mut self, steps: u32) {
        self.position = (self.position as u32 + steps) as u8 & 0x1F;
        self.byte = self.ram[self.position as usize / 2];
    }
}
