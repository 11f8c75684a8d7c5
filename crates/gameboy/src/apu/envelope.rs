//! The volume of a pulse or noise channel over time (`NRx2`).

use serde::{Deserialize, Serialize};

const INCREASES: u8 = 0x08;
const PERIOD: u8 = 0x07;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Envelope {
    nrx2: u8,
    volume: u8,
    timer: u8,
    /// The volume reached its end, and stays there until a trigger.
    is_over: bool,
}

impl Envelope {
    pub fn volume(&self) -> u8 {
        self.volume & 0x0F
    }

    /// Whether the converter behind the channel is on.
    pub fn dac_is_on(&self) -> bool {
        self.nrx2 & 0xF8 != 0
    }

    pub fn trigger(&mut self, clocks_envelope_next: bool) {
        self.volume = self.nrx2 >> 4;
        self.timer = self.period() + clocks_envelope_next as u8;
        self.is_over = false;
    }

    pub fn clock(&mut self) {
        self.timer = self.timer.saturating_sub(1);
        if self.timer > 0 {
            return;
        }
        self.timer = self.period();
        if self.nrx2 & PERIOD != 0 && !self.is_over {
            self.step();
        }
    }

    pub fn write(&mut self, value: u8) {
        self.nrx2 = value;
    }

    /// A write while the channel runs changes the volume in its own way ("zombie mode").
    pub fn write_while_active(&mut self, value: u8) {
        let old = std::mem::replace(&mut self.nrx2, value);
        let inverts = (old ^ value) & INCREASES != 0;
        let was_still = old & PERIOD == 0 && !self.is_over;
        let ticks = was_still && (value & PERIOD != 0 || old & value & 0x0F == INCREASES);
        if inverts {
            self.invert(value, was_still);
        }
        if ticks && !(inverts && value & INCREASES != 0) {
            let step = if value & INCREASES != 0 { 1 } else { 0xFF };
            self.volume = self.volume.wrapping_add(step) & 0x0F;
        }
    }

    /// The envelope as a whole past: silent, and over.
    pub fn die_away(&mut self) {
        self.volume = 0;
        self.is_over = true;
    }

    fn invert(&mut self, value: u8, was_still: bool) {
        let from: u8 = match (value & INCREASES != 0, was_still) {
            (true, true) => 0x0F,
            (true, false) => 0x0E,
            (false, _) => 0x10,
        };
        self.volume = from.wrapping_sub(self.volume) & 0x0F;
    }

    fn step(&mut self) {
        match (self.nrx2 & INCREASES != 0, self.volume) {
            (true, 0x0F..) | (false, 0) => self.is_over = true,
            (true, _) => self.volume += 1,
            (false, _) => self.volume -= 1,
        }
    }

    /// 0 counts as 8.
    fn period(&self) -> u8 {
        match self.nrx2 & PERIOD {
            0 => 8,
            period => period,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triggered(nrx2: u8) -> Envelope {
        let mut envelope = Envelope::default();
        envelope.write(nrx2);
        envelope.trigger(false);
        envelope
    }

    fn volumes(envelope: &mut Envelope, clocks: usize) -> Vec<u8> {
        (0..clocks)
            .map(|_| {
                envelope.clock();
                envelope.volume()
            })
            .collect()
    }

    #[test]
    fn the_volume_falls_to_silence() {
        assert_eq!(volumes(&mut triggered(0x32), 9), [3, 2, 2, 1, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn the_volume_rises_to_the_top() {
        assert_eq!(volumes(&mut triggered(0xD9), 4), [14, 15, 15, 15]);
    }

    #[test]
    fn period_0_keeps_the_volume() {
        assert_eq!(volumes(&mut triggered(0x58), 20), [5; 20]);
    }

    #[test]
    fn writing_8_again_counts_up() {
        let mut envelope = triggered(0xE8);
        envelope.write_while_active(0x08);
        assert_eq!(envelope.volume(), 0x0F);
        envelope.write_while_active(0x08);
        assert_eq!(envelope.volume(), 0);
    }
}
