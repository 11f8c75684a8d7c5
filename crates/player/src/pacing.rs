//! Running at the console's own speed.

use std::thread;
use std::time::{Duration, Instant};

/// Emulation that fell this far behind (the machine slept) goes on from here; it does not race.
const LARGEST_DELAY: Duration = Duration::from_millis(150);

/// Keeps emulated time level with the clock.
///
/// Emulated time is counted in samples of sound, [`gameboy::SAMPLE_RATE`] a second: that is exact
/// whatever the length of a frame. Deadlines are absolute, so that no error adds up.
#[derive(Debug)]
pub struct Pacer {
    origin: Instant,
    samples: u64,
}

impl Pacer {
    /// Starts now.
    pub fn new(now: Instant) -> Self {
        Self { origin: now, samples: 0 }
    }

    /// Starts anew, after a pause or at another speed.
    pub fn restart(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// Sleeps until the clock has come to where the emulation is after `samples` more samples.
    pub fn wait(&mut self, samples: usize) {
        thread::sleep(self.advance(samples, Instant::now()));
    }

    /// How long to sleep from `now` on.
    fn advance(&mut self, samples: usize, now: Instant) -> Duration {
        self.samples += samples as u64;
        let deadline = self.origin + duration(self.samples);
        if now > deadline + LARGEST_DELAY {
            self.restart(now);
        }
        deadline.saturating_duration_since(now)
    }
}

fn duration(samples: u64) -> Duration {
    let rate = gameboy::SAMPLE_RATE as u64;
    let nanos = (samples % rate) * 1_000_000_000 / rate;
    Duration::new(samples / rate, nanos as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_do_not_drift() {
        let start = Instant::now();
        let mut pacer = Pacer::new(start);
        for _ in 0..999 {
            pacer.advance(801, start);
        }
        // 801,000 samples are 16.6875 s, however the steps would have been rounded.
        assert_eq!(pacer.advance(801, start), Duration::from_micros(16_687_500));
    }

    #[test]
    fn a_small_delay_is_caught_up_and_a_large_one_forgotten() {
        let start = Instant::now();
        let mut pacer = Pacer::new(start);
        assert_eq!(pacer.advance(480, start + Duration::from_millis(50)), Duration::ZERO);
        assert_eq!(
            pacer.advance(4800, start + Duration::from_millis(50)),
            Duration::from_millis(60)
        );
        let late = start + Duration::from_secs(5);
        assert_eq!(pacer.advance(480, late), Duration::ZERO);
        assert_eq!(pacer.advance(480, late), Duration::from_millis(10));
    }
}
