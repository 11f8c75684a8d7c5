//! `chromaboy bench [ROM...]`: how fast the console is here.

use std::fmt;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use anyhow::Result;
use gameboy::{FRAMES_PER_SECOND, GameBoy, Model, Support};
use serde_json::{Value, json};

use crate::cartridge_file::CartridgeFile;
use crate::cli::{BenchArgs, ModelChoice};

/// Frames before the first round, in which games set themselves up.
const WARM_UP: u32 = 300;

/// Runs every game and prints a line for each, as soon as it is known.
///
/// # Errors
/// In one line, what is wrong with a game, or with the output.
pub fn run(args: &BenchArgs) -> Result<()> {
    let mut games =
        args.roms.iter().map(|rom| CartridgeFile::open(rom)).collect::<Result<Vec<_>>>()?;
    if games.is_empty() {
        games.push(CartridgeFile::demo()?);
    }
    let mut output = io::stdout().lock();
    for game in games {
        let pace = measure(game, args);
        if args.json {
            writeln!(output, "{}", pace.to_json())?;
        } else {
            writeln!(output, "{pace}")?;
        }
    }
    Ok(())
}

/// How fast one game ran.
struct Pace {
    name: String,
    model: Model,
    frames: u32,
    /// Frames per second of each round, the slowest first; never empty.
    rates: Vec<f64>,
}

/// Every round plays the same frames: without buttons, with sound, all of them drawn.
fn measure(game: CartridgeFile, args: &BenchArgs) -> Pace {
    let model = model(args.model, game.cartridge.header().support());
    let mut gb = GameBoy::new(game.cartridge, model);
    if args.provenance {
        gb.record_provenance();
    }
    for _ in 0..WARM_UP {
        gb.run_frame();
    }
    let frames = args.frames.get();
    let mut rates: Vec<f64> = (0..args.rounds.get()).map(|_| round(gb.clone(), frames)).collect();
    rates.sort_by(f64::total_cmp);
    Pace { name: game.origin.name, model, frames, rates }
}

fn round(mut gb: GameBoy, frames: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..frames {
        gb.run_frame();
        black_box((gb.frame(), gb.samples()));
    }
    f64::from(frames) / start.elapsed().as_secs_f64().max(1e-9)
}

/// As for playing: colors where the game has them.
fn model(choice: ModelChoice, support: Support) -> Model {
    match (choice, support) {
        (ModelChoice::Dmg, _) | (ModelChoice::Auto, Support::DmgOnly) => Model::Dmg,
        (ModelChoice::Cgb, _) | (ModelChoice::Auto, Support::Both | Support::CgbOnly) => Model::Cgb,
    }
}

impl Pace {
    fn slowest(&self) -> f64 {
        self.rates[0]
    }

    fn fastest(&self) -> f64 {
        self.rates[self.rates.len() - 1]
    }

    fn median(&self) -> f64 {
        self.rates[self.rates.len() / 2]
    }

    fn times_real(&self) -> f64 {
        self.median() / FRAMES_PER_SECOND
    }

    fn model(&self) -> &'static str {
        if self.model.is_cgb() { "cgb" } else { "dmg" }
    }

    fn to_json(&self) -> Value {
        json!({
            "game": self.name,
            "model": self.model(),
            "frames": self.frames,
            "rounds": self.rates.len(),
            "fps": { "median": self.median(), "min": self.slowest(), "max": self.fastest() },
            "times_real": self.times_real(),
        })
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, model) = (&self.name, self.model());
        let (slowest, median, fastest) = (self.slowest(), self.median(), self.fastest());
        let times = self.times_real();
        write!(f, "{name} on {model}: {median:.0} fps ({slowest:.0}-{fastest:.0}), ")?;
        write!(f, "{times:.1} times real time")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_before_the_range() {
        let name = "game".to_owned();
        let rates = vec![597.0, 1194.55, 6000.0];
        let pace = Pace { name, model: Model::Dmg, frames: 60, rates };
        assert_eq!(pace.to_string(), "game on dmg: 1195 fps (597-6000), 20.0 times real time");
        assert_eq!(pace.to_json()["fps"]["min"], 597.0);
    }
}
