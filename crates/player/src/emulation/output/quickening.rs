//! Sound that goes as fast as a game that is fast-forwarded.

use std::time::Instant;

/// What is taken for the speed at first.
const FIRST: f64 = 4.0;
/// How much the newest frame counts in the mean of its speed.
const WEIGHT: f64 = 0.05;
/// No faster than that: beyond it nothing is left of the sound.
const FASTEST: f64 = 64.0;

/// As a tape that runs quickly: higher, by as much as the game is faster.
#[derive(Debug)]
pub struct Quickening {
    /// Seconds that frames of so many seconds took: means.
    taken: f64,
    lasted: f64,
    last: Option<Instant>,
    /// What is not yet a sample: their sum, how many, and of how many it is to be.
    sum: [f32; 2],
    count: u32,
    phase: f64,
}

impl Quickening {
    /// Of a game that has just become fast.
    pub fn new() -> Self {
        let lasted = 1.0 / gameboy::FRAMES_PER_SECOND;
        Self { taken: lasted / FIRST, lasted, last: None, sum: [0.0; 2], count: 0, phase: 0.0 }
    }

    /// How many times as fast the game is as the console, with the frame of so many samples that is
    /// there now.
    pub fn factor(&mut self, samples: usize, now: Instant) -> f64 {
        if let Some(last) = self.last.replace(now) {
            let lasted = samples as f64 / gameboy::SAMPLE_RATE as f64;
            self.taken += WEIGHT * ((now - last).as_secs_f64() - self.taken);
            self.lasted += WEIGHT * (lasted - self.lasted);
        }
        (self.lasted / self.taken.max(1e-6)).clamp(1.0, FASTEST)
    }

    /// One sample of each so many: their mean, so that what is too high to be heard is not.
    pub fn squeezed(
        &mut self,
        samples: impl Iterator<Item = [f32; 2]>,
        factor: f64,
    ) -> Vec<[f32; 2]> {
        let mut squeezed = Vec::new();
        for sample in samples {
            self.sum = [0, 1].map(|side| self.sum[side] + sample[side]);
            self.count += 1;
            self.phase += 1.0;
            while self.phase >= factor.max(0.1) {
                self.phase -= factor.max(0.1);
                squeezed.push(self.sum.map(|sum| sum / self.count as f32));
                if self.phase < factor.max(0.1) {
                    (self.sum, self.count) = ([0.0; 2], 0);
                }
            }
        }
        squeezed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn there_is_as_much_less_of_it_and_no_jump_from_frame_to_frame() {
        for factor in [1.0, 1.7, 4.0, 10.0] {
            let mut quickening = Quickening::new();
            let ramp = |frame: usize| (0..800).map(move |i| [(frame * 800 + i) as f32; 2]);
            let mut all = Vec::new();
            for frame in 0..10 {
                all.extend(quickening.squeezed(ramp(frame), factor));
            }
            let expected = 8000.0 / factor;
            assert!((all.len() as f64 - expected).abs() <= 1.0, "{factor}: {}", all.len());
            for pair in all.windows(2) {
                let step = (pair[1][0] - pair[0][0]) as f64;
                assert!((step - factor).abs() <= 1.0, "{factor}: a step of {step}");
            }
        }
    }

    #[test]
    fn the_speed_is_measured() {
        let (mut quickening, mut now) = (Quickening::new(), Instant::now());
        let mut factor = quickening.factor(804, now);
        assert!((factor - FIRST).abs() < 0.1);
        for _ in 0..200 {
            now += Duration::from_millis(2);
            factor = quickening.factor(804, now);
        }
        assert!((factor - 8.375).abs() < 0.05, "{factor}");
    }
}
