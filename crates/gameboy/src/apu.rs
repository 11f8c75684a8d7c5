//! The sound hardware (Pan Docs, "Audio").
//!
//! Time passes only in [`Apu::catch_up`]. Between two clocks of the sequencer a channel runs
//! on its own, from one step of its generator to the next, and hands each change of its level
//! to the mixer.

mod envelope;
mod kernel;
mod length;
mod mixer;
mod noise;
mod pulse;
mod registers;
mod sequencer;
mod sweep;
mod synthesis;
mod wave;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use mixer::Mixer;
use noise::Noise;
use pulse::Pulse;
use registers::Written;
use sequencer::Sequencer;
use sweep::Sweep;
use wave::Wave;

/// Samples per second and channel.
pub const SAMPLE_RATE: u32 = 48_000;

/// A block that nobody ends is thrown away after this many dots, a quarter of a second.
const LONGEST_BLOCK: u64 = 1 << 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Apu {
    model: Model,
    now: u64,
    is_on: bool,
    written: Written,
    sequencer: Sequencer,
    sweep: Sweep,
    pulse1: Pulse,
    pulse2: Pulse,
    wave: Wave,
    noise: Noise,
    mixer: Mixer,
}

impl Apu {
    /// As the boot ROM leaves it: the second note of its chime has died away on channel 1,
    /// which is still on.
    pub fn new(model: Model) -> Self {
        let mut apu = Self::power_on(model);
        apu.write(registers::NR52, 0x80);
        for (addr, value) in registers::AFTER_BOOT {
            apu.write(addr, value);
        }
        apu.pulse1.die_away();
        apu.sequencer.set_step(sequencer::STEP_AFTER_BOOT);
        apu.mixer.settle([
            apu.pulse1.level(),
            apu.pulse2.level(),
            apu.wave.level(),
            apu.noise.level(),
        ]);
        apu
    }

    /// As it is when the console is switched on, before the boot ROM: off.
    pub fn power_on(model: Model) -> Self {
        Self {
            model,
            now: 0,
            is_on: false,
            written: Written::default(),
            sequencer: Sequencer::new(),
            sweep: Sweep::default(),
            pulse1: Pulse::default(),
            pulse2: Pulse::default(),
            wave: Wave::new(model),
            noise: Noise::default(),
            mixer: Mixer::new(model),
        }
    }

    /// The divider that clocks the sequencer stands at `phase`, of which 13 bits count.
    pub fn set_div_phase(&mut self, phase: u16) {
        self.sequencer.set_phase(phase);
    }

    /// Advances to a moment counted in dots since power-on.
    #[inline]
    pub fn catch_up(&mut self, dots: u64) {
        if dots > self.now {
            self.advance(dots - self.now);
        }
    }

    /// DIV was written, or the speed switched: the divider starts again at 0.
    pub fn div_written(&mut self) {
        if self.sequencer.reset_phase() {
            self.clock_sequencer();
        }
    }

    /// Ends the block of samples, which [`Self::samples`] then returns.
    pub fn end_frame(&mut self) {
        self.mixer.end_block();
    }

    /// Left and right, of the block that ended last; within -1..=1.
    pub fn samples(&self) -> &[[f32; 2]] {
        self.mixer.samples()
    }

    /// Makes a deserialized state safe to run from the moment `dots` on, whatever it holds.
    pub fn adopt_clock(&mut self, dots: u64) {
        self.now = dots;
        self.mixer.repair();
    }

    fn advance(&mut self, dots: u64) {
        let mut left = dots;
        while left > 0 {
            let segment = left.min(self.sequencer.dots_to_clock() as u64);
            self.run_channels(segment as u32);
            self.now += segment;
            left -= segment;
            if self.sequencer.advance(segment as u32) {
                self.clock_sequencer();
            }
            if self.mixer.block_dots() > LONGEST_BLOCK {
                self.mixer.end_block();
            }
        }
    }

    /// Runs the generators over a stretch without a clock of the sequencer.
    fn run_channels(&mut self, dots: u32) {
        let mixer = &mut self.mixer;
        self.pulse1.advance(dots, |at, level| mixer.set_level(0, at, level));
        self.pulse2.advance(dots, |at, level| mixer.set_level(1, at, level));
        self.wave.advance(dots, |at, level| mixer.set_level(2, at, level));
        self.noise.advance(dots, |at, level| mixer.set_level(3, at, level));
        mixer.advance(dots);
    }

    /// Tells the mixer of levels that changed otherwise than by a step of a generator.
    fn update_levels(&mut self) {
        self.mixer.set_level(0, 0, self.pulse1.level());
        self.mixer.set_level(1, 0, self.pulse2.level());
        self.mixer.set_level(2, 0, self.wave.level());
        self.mixer.set_level(3, 0, self.noise.level());
    }

    /// One of the 512 clocks per second, if the sound is on.
    fn clock_sequencer(&mut self) {
        if !self.is_on {
            return;
        }
        let clocks = self.sequencer.clock();
        if clocks.length {
            self.pulse1.clock_length();
            self.pulse2.clock_length();
            self.wave.clock_length();
            self.noise.clock_length();
        }
        if clocks.sweep {
            self.sweep.clock(&mut self.pulse1);
        }
        if clocks.envelope {
            self.pulse1.clock_envelope();
            self.pulse2.clock_envelope();
            self.noise.clock_envelope();
        }
        self.update_levels();
    }
}

#[cfg(test)]
mod tests;
