//! `chromaboy bench [ROM...]`: how fast each part is here.

mod coloring;
mod emulation;
mod sample;

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Result;
use gameboy::{FRAMES_PER_SECOND, GameBoy, Model, Support};
use serde_json::Value;

use crate::cartridge_file::CartridgeFile;
use crate::cli::{BenchArgs, ColorizerChoice, ModelChoice, Stage};

/// Frames before the first round, in which games set themselves up.
const WARM_UP: u32 = 300;

/// What was measured: a line for people, or for programs.
trait Measurement: Display {
    fn to_json(&self) -> Value;
}

/// Measures and prints a line for each figure, as soon as it is known.
///
/// # Errors
/// In one line, what is wrong with a game, the network, or the output.
pub fn run(args: &BenchArgs) -> Result<()> {
    let mut games =
        args.roms.iter().map(|rom| CartridgeFile::open(rom)).collect::<Result<Vec<_>>>()?;
    if games.is_empty() {
        games.push(CartridgeFile::demo()?);
    }
    let games: Vec<Game> = games.into_iter().map(|game| start(game, args)).collect();

    let mut print = |measurement: &dyn Measurement| -> io::Result<()> {
        let mut output = io::stdout().lock();
        if args.json {
            writeln!(output, "{}", measurement.to_json())
        } else {
            writeln!(output, "{measurement}")
        }
    };
    if wants(args, Stage::Emulation) {
        for game in &games {
            print(&emulation::measure(game, args))?;
        }
    }
    if wants(args, Stage::Recombination) {
        print(&coloring::recombination(args)?)?;
    }
    if wants(args, Stage::Network) {
        coloring::networks(args, &mut print)?;
    }
    if wants(args, Stage::Pipeline) {
        for game in games.iter().filter(|game| !game.model().is_cgb()) {
            print(&coloring::pipeline(game, args)?)?;
        }
    }
    Ok(())
}

fn wants(args: &BenchArgs, stage: Stage) -> bool {
    let needs_network = matches!(stage, Stage::Network | Stage::Pipeline);
    if needs_network && args.color.colorizer == ColorizerChoice::Palette {
        return false;
    }
    args.only.is_empty() || args.only.contains(&stage)
}

/// A game that has set itself up. Every round plays the same frames of it, without buttons.
struct Game {
    name: String,
    gb: GameBoy,
}

fn start(game: CartridgeFile, args: &BenchArgs) -> Game {
    let is_demo = game.origin.path.is_none();
    let model = model(args.model, game.cartridge.header().support(), is_demo);
    let mut game = Game::start(game, model);
    if args.provenance {
        game.gb.record_provenance();
    }
    game
}

impl Game {
    fn start(game: CartridgeFile, model: Model) -> Self {
        let mut gb = GameBoy::new(game.cartridge, model);
        for _ in 0..WARM_UP {
            gb.run_frame();
        }
        Self { name: game.origin.name, gb }
    }

    fn model(&self) -> Model {
        self.gb.model()
    }

    /// The console in a word.
    fn model_name(&self) -> &'static str {
        if self.model().is_cgb() { "cgb" } else { "dmg" }
    }
}

/// As for playing: colors where the game has them, but for the demo, which the network colors.
fn model(choice: ModelChoice, support: Support, is_demo: bool) -> Model {
    match (choice, support) {
        (ModelChoice::Auto, Support::Both) if is_demo => Model::Dmg,
        (ModelChoice::Dmg, _) | (ModelChoice::Auto, Support::DmgOnly) => Model::Dmg,
        (ModelChoice::Cgb, _) | (ModelChoice::Auto, Support::Both | Support::CgbOnly) => Model::Cgb,
    }
}

fn times_real(fps: f64) -> f64 {
    fps / FRAMES_PER_SECOND
}
