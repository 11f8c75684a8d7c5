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

/// Left and right.
type Pair = [f32; 2];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Synthesis {
    charge: f32,
    /// 32,768ths of a sample from the block's first sample to its first dot.
    fraction: u64,
    /// Dots since the block's start.
    dots: u64,
    /// The steps of this block, as impulses.
    impulses: Vec<Pair>,
    sum: Pair,
    capacitor: Pair,
    #[serde(skip)]
    samples: Vec<Pair>,
}

impl Synthesis {
    pub fn new(model: Model) -> Self {
        Self {
            charge: if model.is_cgb() { CGB_CHARGE } else { DMG_CHARGE },
            fraction: 0,
            dots: 0,
            impulses: vec![[0.0; 2]; CAPACITY],
            sum: [0.0; 2],
            capacitor: [0.0; 2],
            samples: Vec::with_capacity(CAPACITY),
        }
    }

    /// Adds steps, in the mixer's units, `at` dots from now.
    #[inline]
    pub fn add(&mut self, at: u32, steps: [i32; 2]) {
        let position = (self.dots + at as u64) * SAMPLES + self.fraction;
        let start = (position / PER_DOTS) as usize;
        let row = &KERNEL[(position % PER_DOTS / PER_PHASE) as usize];
        self.make_room(start);
        let steps = steps.map(|step| step as f32);
        if let Some(impulses) = self.impulses[start..].first_chunk_mut::<TAPS>() {
            // By way of a copy, since the compiler then sees that it can take four at a time.
            let mut sums = *impulses;
            for (sum, tap) in sums.iter_mut().zip(row) {
                sum[0] += steps[0] * tap[0];
                sum[1] += steps[1] * tap[1];
            }
            *impulses = sums;
        }
    }

    /// The levels sum up to this, and did so for a long time.
    pub fn settle(&mut self, sums: [i32; 2]) {
        self.impulses.fill([0.0; 2]);
        self.sum = sums.map(|sum| (sum * UNIT) as f32);
        self.capacitor = self.sum.map(|sum| sum * SCALE);
    }

    pub fn advance(&mut self, dots: u32) {
        self.dots += dots as u64;
    }

    pub fn block_dots(&self) -> u64 {
        self.dots
    }

    pub fn samples(&self) -> &[Pair] {
        &self.samples
    }

    pub fn end_block(&mut self) {
        let position = self.dots * SAMPLES + self.fraction;
        let count = (position / PER_DOTS) as usize;
        self.fraction = position % PER_DOTS;
        self.dots = 0;
        self.make_room(count);
        self.integrate(count);
        // The tails of the last impulses belong to the next block.
        self.impulses.copy_within(count..count + TAPS, 0);
        self.impulses[TAPS..count + TAPS].fill([0.0; 2]);
    }

    /// Makes a deserialized state safe.
    pub fn repair(&mut self) {
        let finite = |value: f32, limit: f32| if value.abs() <= limit { value } else { 0.0 };
        self.fraction %= PER_DOTS;
        self.dots = self.dots.min(super::LONGEST_BLOCK);
        self.charge = if self.charge > 0.95 { DMG_CHARGE } else { CGB_CHARGE };
        self.impulses.truncate(1 << 16);
        for pair in &mut self.impulses {
            *pair = pair.map(|impulse| finite(impulse, 1e9));
        }
        self.sum = self.sum.map(|sum| finite(sum, 1e9));
        self.capacitor = self.capacitor.map(|charge| finite(charge, 4.0));
    }

    #[inline]
    fn make_room(&mut self, start: usize) {
        if self.impulses.len() < start + TAPS {
            self.impulses.resize((start + TAPS).next_power_of_two(), [0.0; 2]);
        }
    }

    fn integrate(&mut self, count: usize) {
        let (mut sum, mut capacitor) = (self.sum, self.capacitor);
        let kept = self.charge;
        let taken = 1.0 - kept;
        self.samples.clear();
        self.samples.extend(self.impulses[..count].iter().map(|impulse| {
            std::array::from_fn(|side| {
                sum[side] += impulse[side];
                let input = sum[side] * SCALE;
                let output = input - capacitor[side];
                capacitor[side] = capacitor[side] * kept + input * taken;
                output.clamp(-1.0, 1.0)
            })
        }));
        self.sum = sum;
        // In silence it would end among the subnormal numbers, which are slow.
        self.capacitor = capacitor.map(|charge| if charge.abs() < 1e-12 { 0.0 } else { charge });
    }
}
