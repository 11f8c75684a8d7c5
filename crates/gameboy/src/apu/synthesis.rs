//! From steps at moments in dots to samples: each step is laid into a buffer as a band-limited
//! impulse, and the buffer summed up when the block ends.

use serde::{Deserialize, Serialize};

use super::SAMPLE_RATE;
use super::kernel::{KERNEL, PHASES, TAPS, UNIT};
use super::mixer::LARGEST_SUM;
use crate::model::Model;

/// `SAMPLE_RATE` / 4,194,304 in lowest terms: samples per dot.
const SAMPLES: u64 = 375;
const PER_DOTS: u64 = 1 << 15;
const _: () = assert!(SAMPLES << 22 == SAMPLE_RATE as u64 * PER_DOTS);

const PER_PHASE: u64 = PER_DOTS / PHASES as u64;

/// All channels at their largest are somewhat below half of the scale: a step from end to end,
/// which the high-pass lets through and the impulse overshoots by a tenth, is still within it.
const SCALE: f32 = 0.45 / (LARGEST_SUM * UNIT) as f32;

/// What the capacitor keeps from one sample to the next: 0.999958 and 0.998943 to the power of
/// 4,194,304 / 48,000 (Pan Docs, "Audio Details").
const DMG_CHARGE: f32 = 0.996_336_6;
const CGB_CHARGE: f32 = 0.911_730;

/// Samples for which there is room from the beginning, somewhat more than one frame has.
const CAPACITY: usize = 1024;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Synthesis {
    charge: f32,
    /// Dots from the block's first sample, in 32,768ths of a sample, to the block's first dot.
    fraction: u64,
    /// Dots since the block's start.
    dots: u64,
    sides: [Side; 2],
    #[serde(skip)]
    samples: Vec<[f32; 2]>,
}

/// Left or right.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Side {
    /// The steps of this block, as impulses.
    impulses: Vec<f32>,
    sum: f32,
    capacitor: f32,
}

impl Synthesis {
    pub fn new(model: Model) -> Self {
        let side = Side { impulses: vec![0.0; CAPACITY], sum: 0.0, capacitor: 0.0 };
        Self {
            charge: if model.is_cgb() { CGB_CHARGE } else { DMG_CHARGE },
            fraction: 0,
            dots: 0,
            sides: [side.clone(), side],
            samples: Vec::with_capacity(CAPACITY),
        }
    }

    /// Adds steps, in the mixer's units, `at` dots from now.
    #[inline]
    pub fn add(&mut self, at: u32, steps: [i32; 2]) {
        let position = (self.dots + at as u64) * SAMPLES + self.fraction;
        let start = (position / PER_DOTS) as usize;
        let row = &KERNEL[(position % PER_DOTS / PER_PHASE) as usize];
        for (side, step) in self.sides.iter_mut().zip(steps) {
            if step != 0 {
                side.add(start, step as f32, row);
            }
        }
    }

    /// The levels sum up to this, and did so for a long time.
    pub fn settle(&mut self, sums: [i32; 2]) {
        for (side, sum) in self.sides.iter_mut().zip(sums) {
            side.impulses.fill(0.0);
            side.sum = (sum * UNIT) as f32;
            side.capacitor = side.sum * SCALE;
        }
    }

    pub fn advance(&mut self, dots: u32) {
        self.dots += dots as u64;
    }

    pub fn block_dots(&self) -> u64 {
        self.dots
    }

    pub fn samples(&self) -> &[[f32; 2]] {
        &self.samples
    }

    pub fn end_block(&mut self) {
        let position = self.dots * SAMPLES + self.fraction;
        let count = (position / PER_DOTS) as usize;
        self.fraction = position % PER_DOTS;
        self.dots = 0;
        self.samples.clear();
        self.samples.resize(count, [0.0; 2]);
        for (index, side) in self.sides.iter_mut().enumerate() {
            side.integrate(index, self.charge, &mut self.samples);
        }
    }

    /// Makes a deserialized state safe.
    pub fn repair(&mut self) {
        self.fraction %= PER_DOTS;
        self.dots = self.dots.min(super::LONGEST_BLOCK);
        self.charge = if self.charge > 0.95 { DMG_CHARGE } else { CGB_CHARGE };
        self.sides.iter_mut().for_each(Side::repair);
    }
}

impl Side {
    #[inline]
    fn add(&mut self, start: usize, step: f32, row: &[f32; TAPS]) {
        if self.impulses.len() < start + TAPS {
            self.impulses.resize((start + TAPS).next_power_of_two(), 0.0);
        }
        for (impulse, tap) in self.impulses[start..start + TAPS].iter_mut().zip(row) {
            *impulse += step * tap;
        }
    }

    fn integrate(&mut self, index: usize, charge: f32, samples: &mut [[f32; 2]]) {
        let count = samples.len();
        if self.impulses.len() < count + TAPS {
            self.impulses.resize(count + TAPS, 0.0);
        }
        let (mut sum, mut capacitor) = (self.sum, self.capacitor);
        for (sample, impulse) in samples.iter_mut().zip(&self.impulses) {
            sum += impulse;
            let input = sum * SCALE;
            let output = input - capacitor;
            capacitor = input - output * charge;
            sample[index] = output.clamp(-1.0, 1.0);
        }
        (self.sum, self.capacitor) = (sum, capacitor);
        // The tails of the last impulses belong to the next block.
        self.impulses.copy_within(count..count + TAPS, 0);
        let used = self.impulses.len().min(count + TAPS);
        self.impulses[TAPS..used].fill(0.0);
    }

    fn repair(&mut self) {
        self.impulses.truncate(1 << 16);
        let repaired = |value: f32, limit: f32| if value.abs() <= limit { value } else { 0.0 };
        self.impulses.iter_mut().for_each(|impulse| *impulse = repaired(*impulse, 1e9));
        self.sum = repaired(self.sum, 1e9);
        self.capacitor = repaired(self.capacitor, 4.0);
    }
}
