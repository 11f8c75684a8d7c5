//! Sound that stays with its pictures.

use crate::{FRAME_TICKS, TICKS_PER_SECOND};

/// From so many samples on, sound is bent: shorter differences are those of whole samples to a frame.
const SLACK: f64 = 64.0;
/// By so much at most.
const MOST: f64 = 0.02;
/// A difference is made up over about so many samples.
const HORIZON: f64 = 12_000.0;

/// Sound as long as the pictures that it belongs to.
///
/// A frame lasts 4389/262144 s, and sound comes with it in that measure; but where a game switches the
/// screen off or on, a frame is shorter or longer. In a film each frame lasts the same, so there the sound
/// is played a little faster or slower (cubic interpolation) until it is with the pictures again. Where no
/// such thing happens it passes unchanged.
#[derive(Clone, Debug, Default)]
pub struct Soundtrack {
    frames: u64,
    taken: u64,
    given: u64,
    /// The last four pairs taken, oldest first.
    history: [[f32; 2]; 4],
    /// Where the next pair to give lies, in pairs after `history[1]`.
    position: f64,
}

impl Soundtrack {
    /// No sound yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The sound for a frame in the film, of that which the console made in it: both 48,000 pairs a
    /// second.
    pub fn frame(&mut self, sound: &[[f32; 2]]) -> Vec<[f32; 2]> {
        self.frames += 1;
        let ticks = (self.frames * FRAME_TICKS as u64) as f64;
        let due = ticks * gameboy::SAMPLE_RATE as f64 / TICKS_PER_SECOND as f64;
        let ahead = self.given as f64 + sound.len() as f64 - due;
        let bend = if ahead.abs() <= SLACK { 0.0 } else { (ahead / HORIZON).clamp(-MOST, MOST) };
        let mut out = Vec::with_capacity(sound.len() + 16);
        for &pair in sound {
            self.history.rotate_left(1);
            self.history[3] = pair;
            self.taken += 1;
            // The two pairs after it must be known.
            if self.taken <= 2 {
                continue;
            }
            while self.position < 1.0 {
                out.push(self.interpolate());
                self.position += 1.0 + bend;
            }
            self.position -= 1.0;
        }
        self.given += out.len() as u64;
        out
    }

    /// What of the last frame is still to come.
    pub fn finish(&mut self) -> Vec<[f32; 2]> {
        let rest: Vec<_> = self.history[2..].to_vec();
        let rest = if self.taken >= 2 { rest } else { Vec::new() };
        self.given += rest.len() as u64;
        rest
    }

    /// Catmull and Rom, 1974.
    fn interpolate(&self) -> [f32; 2] {
        let t = self.position as f32;
        std::array::from_fn(|side| {
            let [p0, p1, p2, p3] = self.history.map(|pair| pair[side]);
            let square = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
            let cube = 3.0 * (p1 - p2) + p3 - p0;
            p1 + 0.5 * t * (p2 - p0 + t * (square + t * cube))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(from: usize, count: usize) -> Vec<[f32; 2]> {
        (from..from + count).map(|i| [i as f32 / 1e6, -(i as f32) / 1e6]).collect()
    }

    #[test]
    fn regular_sound_passes_unchanged() {
        let mut soundtrack = Soundtrack::new();
        let (mut given, mut taken) = (Vec::new(), 0);
        for frame in 1..=1000usize {
            let due = frame * 48_000 * 4389 / 262_144;
            given.extend(soundtrack.frame(&ramp(taken, due - taken)));
            taken = due;
        }
        given.extend(soundtrack.finish());
        assert_eq!(given, ramp(0, taken));
    }

    #[test]
    fn longer_and_shorter_frames_do_not_drift() {
        for usual in [0.7, 1.3] {
            let mut soundtrack = Soundtrack::new();
            let (mut given, mut worst) = (0usize, 0.0f64);
            for frame in 1..=6000usize {
                // A screen switched off and on every second.
                let factor = if frame % 60 == 0 { usual } else { 1.0 };
                given += soundtrack.frame(&ramp(0, (803.6 * factor) as usize)).len();
                let due = frame as f64 * 48_000.0 * 4389.0 / 262_144.0;
                worst = worst.max((given as f64 - due).abs());
            }
            assert!(worst < 803.0, "{worst} samples of difference");
        }
    }
}
