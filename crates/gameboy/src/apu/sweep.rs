//! The frequency sweep of channel 1 (NR10).

use serde::{Deserialize, Serialize};

use super::pulse::Pulse;

const DECREASES: u8 = 0x08;
const SHIFT: u8 = 0x07;
const LARGEST: u16 = 0x7FF;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sweep {
    nr10: u8,
    shadow: u16,
    timer: u8,
    enabled: bool,
    /// Whether a frequency was calculated by subtraction since the trigger.
    has_decreased: bool,
}

impl Sweep {
    /// Turning the direction back after a subtraction switches the channel off.
    pub fn write(&mut self, value: u8, pulse: &mut Pulse) {
        self.nr10 = value;
        if self.has_decreased && value & DECREASES == 0 {
            pulse.stop();
        }
    }

    pub fn trigger(&mut self, pulse: &mut Pulse) {
        self.shadow = pulse.frequency();
        self.timer = self.reload();
        self.enabled = self.period() != 0 || self.shift() != 0;
        self.has_decreased = false;
        if self.shift() != 0 {
            self.calculate(pulse);
        }
    }

    /// 128 times per second.
    pub fn clock(&mut self, pulse: &mut Pulse) {
        self.timer = self.timer.saturating_sub(1);
        if self.timer > 0 {
            return;
        }
        self.timer = self.reload();
        if !self.enabled || self.period() == 0 {
            return;
        }
        let frequency = self.calculate(pulse);
        if frequency <= LARGEST && self.shift() != 0 {
            self.shadow = frequency;
            pulse.set_frequency(frequency);
            // Only to see whether the next one would be too large.
            self.calculate(pulse);
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The next frequency; one that is too large switches the channel off.
    fn calculate(&mut self, pulse: &mut Pulse) -> u16 {
        let change = self.shadow >> self.shift();
        let frequency = if self.nr10 & DECREASES != 0 {
            self.has_decreased = true;
            self.shadow.wrapping_sub(change)
        } else {
            self.shadow.wrapping_add(change)
        };
        if frequency > LARGEST {
            pulse.stop();
        }
        frequency
    }

    fn period(&self) -> u8 {
        self.nr10 >> 4 & 7
    }

    fn shift(&self) -> u8 {
        self.nr10 & SHIFT
    }

    /// 0 counts as 8.
    fn reload(&self) -> u8 {
        match self.period() {
            0 => 8,
            period => period,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triggered(nr10: u8, frequency: u16) -> (Sweep, Pulse) {
        let (mut sweep, mut pulse) = (Sweep::default(), Pulse::default());
        pulse.write_nrx2(0xF0);
        pulse.set_frequency(frequency);
        pulse.write_nrx4(0x80 | (frequency >> 8) as u8, true, false);
        sweep.write(nr10, &mut pulse);
        sweep.trigger(&mut pulse);
        (sweep, pulse)
    }

    #[test]
    fn the_frequency_rises_until_it_is_too_large() {
        let (mut sweep, mut pulse) = triggered(0x11, 0x300);
        sweep.clock(&mut pulse);
        assert_eq!((pulse.frequency(), pulse.is_active()), (0x480, true));
        sweep.clock(&mut pulse);
        assert_eq!((pulse.frequency(), pulse.is_active()), (0x6C0, false));
    }

    #[test]
    fn turning_back_after_a_subtraction_stops() {
        let (mut sweep, mut pulse) = triggered(0x19, 0x300);
        assert!(pulse.is_active());
        sweep.write(0x11, &mut pulse);
        assert!(!pulse.is_active());
    }

    #[test]
    fn an_overflow_on_trigger_stops() {
        assert!(!triggered(0x01, 0x600).1.is_active());
        assert!(triggered(0x10, 0x600).1.is_active());
    }
}
