//! The console alone.

use std::fmt;
use std::hint::black_box;

use gameboy::GameBoy;
use serde_json::{Value, json};

use super::sample::{Sample, rate, time};
use super::{Game, Measurement, times_real};
use crate::cli::BenchArgs;

/// How fast one game ran.
pub struct Pace {
    name: String,
    model: &'static str,
    frames: u32,
    rounds: u32,
    /// Frames per second of each round.
    fps: Sample,
}

/// With sound, all frames drawn.
pub fn measure(game: &Game, args: &BenchArgs) -> Pace {
    let (frames, rounds) = (args.frames.get(), args.rounds.get());
    let rates = (0..rounds).map(|_| round(game.gb.clone(), frames)).collect();
    Pace {
        name: game.name.clone(),
        model: game.model_name(),
        frames,
        rounds,
        fps: Sample::new(rates),
    }
}

fn round(mut gb: GameBoy, frames: u32) -> f64 {
    let ((), took) = time(|| {
        for _ in 0..frames {
            gb.run_frame();
            black_box((gb.frame(), gb.samples()));
        }
    });
    rate(frames, took)
}

impl Measurement for Pace {
    fn to_json(&self) -> Value {
        json!({
            "stage": "emulation",
            "game": self.name,
            "model": self.model,
            "frames": self.frames,
            "rounds": self.rounds,
            "fps": self.fps.to_json(),
            "times_real": times_real(self.fps.median()),
        })
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, model, fps, .. } = self;
        let (slowest, median, fastest) = (fps.min(), fps.median(), fps.max());
        let times = times_real(median);
        write!(f, "emulation of {name} on {model}: {median:.0} fps ({slowest:.0}-{fastest:.0}), ")?;
        write!(f, "{times:.1} times real time")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_before_the_range() {
        let (name, fps) = ("game".to_owned(), Sample::new(vec![597.0, 6000.0, 1194.55]));
        let pace = Pace { name, model: "dmg", frames: 60, rounds: 3, fps };
        let expected = "emulation of game on dmg: 1195 fps (597-6000), 20.0 times real time";
        assert_eq!(pace.to_string(), expected);
        assert_eq!(pace.to_json()["fps"]["min"], 597.0);
    }
}
