//! NR50 and NR51: the channels' levels, panned, amplified and added up.

use serde::{Deserialize, Serialize};

use super::synthesis::Synthesis;
use crate::model::Model;

/// What a converter puts out, in quarters: -60..=60 for the digital values 15..=0, and 0 when it
/// is off.
pub type Level = i8;

const LARGEST_LEVEL: Level = 60;
/// Four channels at their largest level, times the largest volume.
pub const LARGEST_SUM: i32 = 4 * LARGEST_LEVEL as i32 * 8;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mixer {
    nr50: u8,
    nr51: u8,
    levels: [Level; 4],
    /// For each channel on the left and on the right: 0-8.
    gains: [[i32; 2]; 4],
    synthesis: Synthesis,
}

/// The level for a digital value of 0-15.
pub fn level(dac_is_on: bool, digital: u8) -> Level {
    mean_level(dac_is_on, digital as u32, 1)
}

/// The mean level of `count` digital values that add up to `sum`, for what changes too fast to
/// be heard. The converter's slope is negative.
pub fn mean_level(dac_is_on: bool, sum: u32, count: u32) -> Level {
    let fall = 8 * sum.min(15 * count) / count;
    if dac_is_on { LARGEST_LEVEL - fall as Level } else { 0 }
}

impl Mixer {
    pub fn new(model: Model) -> Self {
        Self {
            nr50: 0,
            nr51: 0,
            levels: [0; 4],
            gains: [[0; 2]; 4],
            synthesis: Synthesis::new(model),
        }
    }

    /// Sets a channel's level `at` dots from now.
    #[inline]
    pub fn set_level(&mut self, channel: usize, at: u32, level: Level) {
        let change = level as i32 - self.levels[channel] as i32;
        if change != 0 {
            self.levels[channel] = level;
            let [left, right] = self.gains[channel];
            self.synthesis.add(at, [change * left, change * right]);
        }
    }

    pub fn write_nr50(&mut self, value: u8) {
        self.nr50 = value;
        self.update_gains();
    }

    pub fn write_nr51(&mut self, value: u8) {
        self.nr51 = value;
        self.update_gains();
    }

    /// Takes over the levels as those of a long time ago, without a step.
    pub fn settle(&mut self, levels: [Level; 4]) {
        self.levels = levels;
        self.synthesis.settle(self.sum());
    }

    pub fn advance(&mut self, dots: u32) {
        self.synthesis.advance(dots);
    }

    pub fn block_dots(&self) -> u64 {
        self.synthesis.block_dots()
    }

    pub fn end_block(&mut self) {
        self.synthesis.end_block();
    }

    pub fn samples(&self) -> &[[f32; 2]] {
        self.synthesis.samples()
    }

    /// Makes a deserialized state safe.
    pub fn repair(&mut self) {
        self.levels = self.levels.map(|level| level.clamp(-LARGEST_LEVEL, LARGEST_LEVEL));
        self.gains = self.gains_now();
        self.synthesis.repair();
    }

    fn update_gains(&mut self) {
        let before = self.sum();
        self.gains = self.gains_now();
        let after = self.sum();
        let change = [after[0] - before[0], after[1] - before[1]];
        if change != [0, 0] {
            self.synthesis.add(0, change);
        }
    }

    fn gains_now(&self) -> [[i32; 2]; 4] {
        let right_volume = (self.nr50 & 7) as i32 + 1;
        let left_volume = (self.nr50 >> 4 & 7) as i32 + 1;
        std::array::from_fn(|channel| {
            let panned = |bit: usize| (self.nr51 >> bit & 1) as i32;
            [left_volume * panned(channel + 4), right_volume * panned(channel)]
        })
    }

    fn sum(&self) -> [i32; 2] {
        let channels = self.levels.iter().zip(&self.gains);
        channels.fold([0; 2], |[left, right], (level, gains)| {
            [left + *level as i32 * gains[0], right + *level as i32 * gains[1]]
        })
    }
}
