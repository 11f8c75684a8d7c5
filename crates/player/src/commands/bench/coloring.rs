//! The network, the way from its chroma to a picture, and all of it together.

use std::fmt;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use colorizer::cell_color::{CellSource, Hints};
use colorizer::cells::Cells;
use colorizer::{Chroma, ChromaSource, Colorizer, RgbaFrame, recombine_shades};
use gameboy::{Frame, Model, Pixels};
use neural::{Options, Precision, threads};
use serde_json::{Value, json};

use super::sample::{Sample, rate, time};
use super::{Game, Measurement, times_real};
use crate::cartridge_file::CartridgeFile;
use crate::cli::{BenchArgs, ColorArgs};
use crate::color::{self, Network};

/// Milliseconds of each run of something.
pub struct Latency {
    stage: &'static str,
    /// What ran, and where.
    description: String,
    /// Threads of the network, where it runs on the CPU.
    threads: Option<NonZeroUsize>,
    millis: Sample,
}

/// How fast a game ran with its colors.
pub struct ColoredPace {
    game: String,
    network: String,
    fps: Sample,
    /// The share of frames that the network had seen before, in percent.
    reused: f64,
}

/// The network for each number of threads and each precision, who take turns.
///
/// # Errors
/// If it cannot be loaded, or fails.
pub fn networks(
    args: &BenchArgs,
    print: &mut dyn FnMut(&dyn Measurement) -> std::io::Result<()>,
) -> Result<()> {
    let frames = demo_frames(args)?;
    let mut networks = load_networks(&args.color)?;
    let mut millis = vec![Vec::new(); networks.len()];
    let mut answer = Answer::default();
    for (_, network) in &mut networks {
        // The first frame sets buffers up.
        color(network, &frames[0], &mut answer)?;
    }
    for _ in 0..args.rounds.get() {
        for ((_, network), millis) in networks.iter_mut().zip(&mut millis) {
            for frame in &frames {
                millis.push(in_millis(color(network, frame, &mut answer)?));
            }
        }
    }
    for ((threads, network), millis) in networks.into_iter().zip(millis) {
        let description = network.description();
        print(&Latency { stage: "network", description, threads, millis: Sample::new(millis) })?;
    }
    Ok(())
}

/// From the network's chroma to RGBA, on one core.
///
/// # Errors
/// Where the demo gives no frames of four shades, which is a bug.
pub fn recombination(args: &BenchArgs) -> Result<Latency> {
    let frames = demo_frames(args)?;
    let chroma = test_chroma()?;
    let mut out = RgbaFrame::new();
    let mut millis = Vec::new();
    for _ in 0..args.rounds.get() {
        for frame in &frames {
            let Pixels::Shades(shades) = frame.pixels() else { continue };
            let ((), took) = time(|| recombine_shades(shades, &chroma, black_box(&mut out)));
            millis.push(in_millis(took));
        }
    }
    let description = "luma and chroma to RGBA".to_owned();
    let millis = Sample::new(millis);
    Ok(Latency { stage: "recombination", description, threads: None, millis })
}

/// A game in color, one thing after the other: emulate, ask the network, recombine.
///
/// # Errors
/// If the network cannot be loaded, or fails.
pub fn pipeline(game: &Game, args: &BenchArgs) -> Result<ColoredPace> {
    let network = color::load_network(&args.color)?;
    let description = network.description();
    let is_v3 = matches!(network, Network::Cells(..));
    let mut inline = network.inline(&args.color, Vec::new())?;
    let frames = args.colored.get();
    let mut out = RgbaFrame::new();
    let mut rates = Vec::new();
    for _ in 0..args.rounds.get() {
        let mut gb = game.gb.clone();
        if is_v3 {
            gb.record_provenance();
        }
        // What the round before left would make this one's frames free.
        inline.reset();
        let ((), took) = time(|| {
            for _ in 0..frames {
                gb.run_frame();
                inline.colorize(gb.frame(), &mut out);
            }
        });
        rates.push(rate(frames, took));
    }
    inline.check()?;
    let all = f64::from(frames) * f64::from(args.rounds.get());
    Ok(ColoredPace {
        game: game.name.clone(),
        network: description,
        fps: Sample::new(rates),
        reused: inline.reused() as f64 * 100.0 / all,
    })
}

/// A network for each number of threads up to that of cores, and each precision, or for those that
/// were asked for.
fn load_networks(args: &ColorArgs) -> Result<Vec<(Option<NonZeroUsize>, Network)>> {
    let network = color::load_network(args)?;
    let is_v3 = matches!(network, Network::Cells(..));
    if !args.device.open()?.is_cpu() {
        return Ok(vec![(None, network)]);
    }
    let counts = match args.threads {
        Some(threads) => threads.get()..=threads.get(),
        None => 1..=threads::available().get(),
    };
    let precisions: &[Precision] = match args.precision {
        // V3 computes in f32 alone.
        Precision::Auto if is_v3 => &[Precision::F32],
        Precision::Auto => &Precision::NAMED,
        _ => &[args.precision],
    };
    let load = |threads, &precision: &Precision| {
        let options = Options { threads, precision, ..color::options(args) };
        Ok((Some(threads), color::load_network_with(args, options)?))
    };
    counts
        .filter_map(NonZeroUsize::new)
        .flat_map(|threads| precisions.iter().map(move |precision| load(threads, precision)))
        .collect()
}

/// What networks write to.
#[derive(Default)]
struct Answer {
    chroma: Chroma,
    logits: Vec<f32>,
}

fn color(network: &mut Network, frame: &Frame, answer: &mut Answer) -> Result<Duration> {
    let (result, took) = match network {
        Network::Chroma(network) => time(|| network.chroma(frame, &mut answer.chroma)),
        Network::Cells(network, _) => {
            let cells = Cells::of(frame).context("a frame without provenance")?;
            time(|| network.logits(&cells, &Hints::default(), &mut answer.logits))
        }
    };
    result.map_err(|err| anyhow!("the network failed: {err}"))?;
    Ok(took)
}

/// What the network is to color in a round: frames of the demo.
fn demo_frames(args: &BenchArgs) -> Result<Vec<Frame>> {
    let mut game = Game::start(CartridgeFile::demo()?, Model::Dmg);
    game.gb.record_provenance();
    let next = || {
        game.gb.run_frame();
        game.gb.frame().clone()
    };
    Ok(std::iter::repeat_with(next).take(args.colored.get() as usize).collect())
}

/// Chroma of all hues, of which the most colorful are beyond sRGB, at half the screen's resolution.
fn test_chroma() -> Result<Chroma> {
    let (width, height) = (gameboy::WIDTH / 2, gameboy::HEIGHT / 2);
    let mut chroma = Chroma::with_size(width, height)?;
    let (a, b) = chroma.planes_mut();
    for (i, (a, b)) in a.iter_mut().zip(b).enumerate() {
        *a = 100.0 * ((i % width) as f32 / width as f32 - 0.5);
        *b = 100.0 * ((i / width) as f32 / height as f32 - 0.5);
    }
    Ok(chroma)
}

fn in_millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

impl Measurement for Latency {
    fn to_json(&self) -> Value {
        json!({
            "stage": self.stage,
            "description": self.description,
            "threads": self.threads,
            "ms": self.millis.to_json(),
        })
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, description, millis, .. } = self;
        let (median, min, max) = (millis.median(), millis.min(), millis.max());
        write!(f, "{stage}, {description}: {median:.3} ms ({min:.3}-{max:.3})")
    }
}

impl Measurement for ColoredPace {
    fn to_json(&self) -> Value {
        json!({
            "stage": "pipeline",
            "game": self.game,
            "description": self.network,
            "fps": self.fps.to_json(),
            "times_real": times_real(self.fps.median()),
            "reused_percent": self.reused,
        })
    }
}

impl fmt::Display for ColoredPace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { game, network, fps, reused } = self;
        let (slowest, median, fastest) = (fps.min(), fps.median(), fps.max());
        let times = times_real(median);
        write!(f, "pipeline of {game}, {network}: {median:.1} fps ({slowest:.1}-{fastest:.1}), ")?;
        write!(f, "{times:.1} times real time, {reused:.0} % of the frames seen before")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_have_a_median_and_a_range() {
        let latency = Latency {
            stage: "network",
            description: "V1 on CPU, 2 threads".to_owned(),
            threads: NonZeroUsize::new(2),
            millis: Sample::new(vec![8.0, 7.5, 31.25]),
        };
        let expected = "network, V1 on CPU, 2 threads: 8.000 ms (7.500-31.250)";
        assert_eq!(latency.to_string(), expected);
        assert_eq!(
            (&latency.to_json()["threads"], &latency.to_json()["ms"]["max"]),
            (&json!(2), &json!(31.25))
        );
    }

    #[test]
    fn a_colored_game_tells_what_it_reused() {
        let pace = ColoredPace {
            game: "game".to_owned(),
            network: "V1".to_owned(),
            fps: Sample::new(vec![119.4551]),
            reused: 33.3,
        };
        let expected = "pipeline of game, V1: 119.5 fps (119.5-119.5), 2.0 times real time, \
                        33 % of the frames seen before";
        assert_eq!(pace.to_string(), expected);
    }
}
