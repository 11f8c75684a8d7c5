//! Sound: from the console's samples to whatever this system plays them with.

#[cfg(any(target_os = "macos", windows))]
#[path = "sound/cpal.rs"]
mod device;
#[cfg(target_os = "linux")]
#[path = "sound/pulse.rs"]
mod device;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
#[path = "sound/silent.rs"]
mod device;
mod feed;
mod resampler;

use anyhow::Result;
use rtrb::{Producer, RingBuffer};

use feed::{Feed, Gaps};
use resampler::Resampler;

/// Pairs in the ring just before a frame's 804 arrive, when all is well: about 10 ms, for the
/// jitter of two threads.
const TARGET: usize = 480;
/// Pairs of one frame.
const FRAME: usize = 804;
/// Room for 85 ms, more than ever waits there on purpose.
const CAPACITY: usize = 4096;
/// A device that took nothing for so many frames, two seconds, plays no more.
const MOST_STUCK: u32 = 120;
/// How far the rate may be bent to keep the ring level. Nobody hears half a percent.
const LARGEST_BEND: f64 = 0.005;
/// How much a new reading counts against the mean of those before, as the readings jitter.
const WEIGHT: f64 = 1.0 / 32.0;

/// An open sound device.
pub struct Sound {
    ring: Producer<[f32; 2]>,
    resampler: Resampler,
    mean_fill: f64,
    /// Frames in a row that found the ring full.
    stuck: u32,
    /// Pairs in the ring after the last frame's came, until the device takes the first: servers
    /// may need half a second to begin.
    unplayed: Option<usize>,
    gaps: Gaps,
    /// Plays for as long as it lives.
    _device: device::Device,
}

/// What the emulation is to do for the sound's sake, beyond keeping time by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: the clocks of sound and machine agree well enough.
    Steady,
    /// Emulate the next frame at once: there is almost nothing left to play.
    Hurry,
    /// Wait a little: the device plays more slowly than any bending can follow.
    Wait,
}

impl Sound {
    /// Opens the system's sound output.
    ///
    /// # Errors
    /// Where there is none; then the game is silent.
    pub fn open() -> Result<Self> {
        let (ring, consumer) = RingBuffer::new(CAPACITY);
        let gaps = Gaps::default();
        let device = device::Device::open(Feed::new(consumer, TARGET, gaps.clone()))?;
        Ok(Self {
            ring,
            resampler: Resampler::new(gameboy::SAMPLE_RATE, device.rate()),
            mean_fill: TARGET as f64,
            stuck: 0,
            unplayed: Some(0),
            gaps,
            _device: device,
        })
    }

    /// Plays pairs of samples of [`gameboy::SAMPLE_RATE`].
    pub fn play(&mut self, samples: &[[f32; 2]]) {
        if self.waits_for_device() {
            return;
        }
        self.mean_fill += (self.fill() as f64 - self.mean_fill) * WEIGHT;
        self.resampler.bend(bend(self.mean_fill));
        self.stuck = if self.ring.is_full() { self.stuck + 1 } else { 0 };
        let ring = &mut self.ring;
        self.resampler.resample(samples, |pair| {
            // The device stands still when it is full; what does not fit is lost.
            let _ = ring.push(pair);
        });
        self.unplayed = self.unplayed.map(|_| self.fill());
    }

    /// Whether enough lies ready for a device that has not begun to play: what comes until then
    /// is lost, instead of holding the game up.
    fn waits_for_device(&mut self) -> bool {
        let Some(unplayed) = self.unplayed else { return false };
        if self.fill() < unplayed {
            self.unplayed = None;
            return false;
        }
        self.stuck += 1;
        unplayed >= FRAME + TARGET
    }

    /// By how much faster than it comes sound must be played that has no pace of its own, so that what
    /// waits stays as it is when all is well.
    pub fn haste(&self) -> f64 {
        haste(self.fill())
    }

    /// What to do between a frame's samples and the next frame.
    pub fn demand(&self) -> Demand {
        if self.unplayed.is_some() { Demand::Steady } else { demand(self.fill()) }
    }

    /// Whether the device is still there and plays.
    pub fn is_alive(&self) -> bool {
        !self.ring.is_abandoned() && self.stuck < MOST_STUCK
    }

    /// How often the device found nothing to play.
    pub fn gaps(&self) -> u64 {
        self.gaps.count()
    }

    fn fill(&self) -> usize {
        CAPACITY - self.ring.slots()
    }
}

/// The rate at which the ring's mean fill returns to [`TARGET`]: above 1 where it is too full.
fn bend(mean_fill: f64) -> f64 {
    let deviation = (mean_fill - TARGET as f64) / TARGET as f64;
    1.0 + LARGEST_BEND * deviation.clamp(-1.0, 1.0)
}

/// By the ring's fill: 1 with half a frame above [`TARGET`].
fn haste(fill: usize) -> f64 {
    let usual = (TARGET + FRAME / 2) as f64;
    (fill as f64 / usual).clamp(0.5, 2.0)
}

/// By the ring's fill with a frame's samples in it: these are gone before the next come.
fn demand(fill: usize) -> Demand {
    match fill {
        fill if fill < FRAME + TARGET / 4 => Demand::Hurry,
        fill if fill > FRAME + 3 * TARGET => Demand::Wait,
        _ => Demand::Steady,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_without_a_pace_of_its_own_keeps_the_ring_as_it_is() {
        // A device that takes 134 pairs while a frame at six times the speed brings 134.
        let mut fill = CAPACITY as f64;
        for _ in 0..2000 {
            fill = (fill + 134.0 / haste(fill as usize) - 134.0).clamp(0.0, CAPACITY as f64);
        }
        assert!((fill - (TARGET + FRAME / 2) as f64).abs() < 10.0, "{fill}");
    }

    #[test]
    fn only_an_extreme_fill_overrules_the_clock() {
        assert_eq!(demand(FRAME), Demand::Hurry);
        assert_eq!(demand(FRAME + TARGET), Demand::Steady);
        assert_eq!(demand(CAPACITY), Demand::Wait);
    }

    #[test]
    fn the_rate_bends_towards_the_target_by_half_a_percent_at_most() {
        for (fill, expected) in
            [(0, 0.995), (TARGET, 1.0), (TARGET * 6 / 5, 1.001), (CAPACITY, 1.005)]
        {
            assert!((bend(fill as f64) - expected).abs() < 1e-9, "at a fill of {fill}");
        }
    }
}
