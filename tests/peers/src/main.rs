//! `peers`: how fast the console is beside other emulators, all in one interleaved run.
//!
//! For each pair of game and model, each round starts every emulator afresh, lets it warm up, and
//! then takes the time of the same frames: no input, sound on, every frame drawn. The result is
//! a table in Markdown.
//!
//! The binary links `SameBoy` through `safeboy`, whose licence is GPL-3.0: it is not to be
//! distributed, and nothing else of Chromaboy depends on it.

mod emulator;
mod table;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::{Parser, ValueEnum};
use rustix::time::{ClockId, clock_gettime};

use emulator::{Emulator, Kind};
use table::Row;

const FOLDER: &str = "CHROMABOY_HOMEBREW";

/// Prints frames per second of Chromaboy and its peers, as a table in Markdown.
#[derive(Debug, Parser)]
struct Args {
    /// Games of the folder that `CHROMABOY_HOMEBREW` names, as `FILE:dmg` or `FILE:cgb`
    #[arg(required = true, value_name = "FILE:MODEL")]
    pairs: Vec<Pair>,

    /// Frames of which the time is taken in each round
    #[arg(long, value_name = "N", default_value = "1500")]
    frames: u32,

    /// Frames before that
    #[arg(long, value_name = "N", default_value = "300")]
    warm_up: u32,

    /// Rounds, in each of which every emulator has its turn
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Which time to take
    #[arg(long, value_enum, default_value_t)]
    clock: Clock,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Clock {
    /// What passes outside: right on a quiet machine
    #[default]
    Wall,
    /// What the thread got of the processor, where others want it too
    Cpu,
}

/// A game on a model.
#[derive(Clone, Debug)]
pub struct Pair {
    file: String,
    model: gameboy::Model,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let folder = std::env::var_os(FOLDER)
        .map(PathBuf::from)
        .ok_or_else(|| anyhow!("{FOLDER} does not name the folder of the games"))?;
    let mut lines = Vec::from(table::head(&Kind::ALL));
    for pair in &args.pairs {
        let rom = folder.join(&pair.file);
        let mut rows: Vec<Row> = Kind::ALL.map(Row::new).into();
        for _ in 0..args.rounds {
            for row in &mut rows {
                let mut emulator = row.kind.start(&rom, pair.model).with_context(|| {
                    format!("{} does not take {}", row.kind.name(), rom.display())
                })?;
                row.rates.push(measure(emulator.as_mut(), &args));
            }
        }
        lines.push(table::line(&pair.to_string(), &mut rows));
    }
    // At the end, since mizu-core prints as well.
    println!("\n{}", lines.join("\n"));
    Ok(())
}

/// Frames per second after the warm-up.
fn measure(emulator: &mut dyn Emulator, args: &Args) -> f64 {
    for _ in 0..args.warm_up {
        emulator.run_frame();
    }
    let start = args.clock.now();
    for _ in 0..args.frames {
        emulator.run_frame();
    }
    f64::from(args.frames) / args.clock.now().saturating_sub(start).as_secs_f64()
}

impl Clock {
    /// The time since some moment in the past.
    fn now(self) -> Duration {
        let id = match self {
            Self::Wall => ClockId::Monotonic,
            Self::Cpu => ClockId::ThreadCPUTime,
        };
        let time = clock_gettime(id);
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
    }
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (file, model) = text.rsplit_once(':').ok_or("expected FILE:dmg or FILE:cgb")?;
        let model = match model {
            "dmg" => gameboy::Model::Dmg,
            "cgb" => gameboy::Model::Cgb,
            other => return Err(format!("{other:?} is neither dmg nor cgb")),
        };
        Ok(Self { file: file.to_owned(), model })
    }
}

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stem = self.file.rsplit_once('.').map_or(self.file.as_str(), |(stem, _)| stem);
        write!(f, "{stem} {}", if self.model.is_cgb() { "CGB" } else { "DMG" })
    }
}
