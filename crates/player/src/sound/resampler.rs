//! From the console's rate to the device's.

/// Cubic (Catmull-Rom) interpolation of stereo samples, at a ratio that may be bent at any time.
#[derive(Debug)]
pub struct Resampler {
    /// Input samples per output sample, unbent.
    ratio: f64,
    step: f64,
    /// The last four input pairs, oldest first.
    history: [[f32; 2]; 4],
    /// Where the next output lies, in input samples after `history[1]`.
    position: f64,
}

impl Resampler {
    /// From `input` samples a second to `output`.
    pub fn new(input: u32, output: u32) -> Self {
        let ratio = input as f64 / output as f64;
        Self { ratio, step: ratio, history: [[0.0; 2]; 4], position: 0.0 }
    }

    /// From now on takes `factor` times as many input samples per output sample.
    pub fn bend(&mut self, factor: f64) {
        self.step = self.ratio * factor;
    }

    /// Hands the output for `samples` to `write`, pair by pair.
    pub fn resample(&mut self, samples: &[[f32; 2]], mut write: impl FnMut([f32; 2])) {
        for &pair in samples {
            self.history.rotate_left(1);
            self.history[3] = pair;
            while self.position < 1.0 {
                write(self.interpolate());
                self.position += self.step;
            }
            self.position -= 1.0;
        }
    }

    fn interpolate(&self) -> [f32; 2] {
        let t = self.position as f32;
        std::array::from_fn(|side| {
            let [p0, p1, p2, p3] = self.history.map(|pair| pair[side]);
            let slope = p2 - p0;
            let square = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
            let cube = 3.0 * (p1 - p2) + p3 - p0;
            p1 + 0.5 * t * (slope + t * (square + t * cube))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(resampler: &mut Resampler, samples: &[[f32; 2]]) -> Vec<[f32; 2]> {
        let mut output = Vec::new();
        resampler.resample(samples, |pair| output.push(pair));
        output
    }

    #[test]
    fn equal_rates_only_delay() {
        let input: Vec<_> = (1..=100).map(|n| [n as f32, -(n as f32)]).collect();
        let output = run(&mut Resampler::new(48_000, 48_000), &input);
        assert_eq!(output[2..], input[..98]);
    }

    #[test]
    fn the_number_of_samples_follows_the_rates() {
        let input = vec![[0.0; 2]; 48_000];
        let output = run(&mut Resampler::new(48_000, 44_100), &input);
        assert!(output.len().abs_diff(44_100) <= 1, "{} samples", output.len());

        let mut bent = Resampler::new(48_000, 48_000);
        bent.bend(1.005);
        assert!(run(&mut bent, &input).len().abs_diff(47_761) <= 1);
    }

    #[test]
    fn a_sine_stays_a_sine() {
        let sine = |rate: f64, n: usize| (n as f64 * 440.0 * std::f64::consts::TAU / rate).sin();
        let input: Vec<_> = (0..4800).map(|n| [sine(48_000.0, n) as f32; 2]).collect();
        let output = run(&mut Resampler::new(48_000, 44_100), &input);
        for (n, pair) in output.iter().enumerate().skip(10) {
            // Two input samples of delay are 1.8375 output samples.
            let expected = ((n as f64 - 1.8375) * 440.0 * std::f64::consts::TAU / 44_100.0).sin();
            assert!((pair[0] as f64 - expected).abs() < 1e-3, "sample {n}: {}", pair[0]);
        }
    }
}
