//! `chromaboy [play] [ROM]`: a game in a window.

use std::num::NonZeroU64;

use anyhow::Result;
use colorizer::Background;
use gameboy::{GameBoy, Model, Support};

use crate::app::{self, Appearance, Played, Title};
use crate::cartridge_file::CartridgeFile;
use crate::cli::{ColorizerChoice, ModelChoice, PlayArgs};
use crate::color::{self, Painter};
use crate::display;
use crate::emulation::{Setup, Volume};
use crate::saves::Saves;

/// Plays until the window is closed.
///
/// # Errors
/// In one line, what is wrong with the game, the weights or the display.
pub fn run(args: &PlayArgs) -> Result<()> {
    let game = match &args.rom {
        Some(path) => CartridgeFile::open(path)?,
        None => CartridgeFile::demo()?,
    };
    let model = model(args, &game);
    let (painter, painter_name) = painter(args, model)?;
    display::check()?;

    let name = game_name(&game);
    let mut gb = GameBoy::new(game.cartridge, model);
    // Palettes color objects by it.
    gb.record_provenance();
    let saves = Saves::load(&game.origin, &mut gb);
    let setup = Setup {
        saves,
        gb,
        painter,
        palette: args.color.palette,
        volume: if args.mute { Volume::Muted } else { Volume::Full },
        frames: args.frames.map(NonZeroU64::get),
    };
    let appearance = Appearance { scale: args.scale, renderer: args.renderer };
    let played = app::play(setup, Title::new(name, painter_name), appearance)?;
    if args.stats {
        print_stats(&played);
    }
    Ok(())
}

/// The demo shows what the network does, though it has colors of its own.
fn model(args: &PlayArgs, game: &CartridgeFile) -> Model {
    match (args.model, game.cartridge.header().support()) {
        (ModelChoice::Auto, Support::Both) if game.origin.path.is_none() => Model::Dmg,
        (ModelChoice::Dmg, _) | (ModelChoice::Auto, Support::DmgOnly) => Model::Dmg,
        (ModelChoice::Cgb, _) | (ModelChoice::Auto, Support::Both | Support::CgbOnly) => Model::Cgb,
    }
}

fn painter(args: &PlayArgs, model: Model) -> Result<(Painter, String)> {
    let palette = args.color.palette;
    match (args.color.colorizer, model) {
        (_, Model::Cgb) => Ok((Painter::Palette(palette), "the game's own colors".to_owned())),
        (ColorizerChoice::Palette, Model::Dmg) => {
            Ok((Painter::Palette(palette), format!("palette {}", palette.name())))
        }
        (ColorizerChoice::Neural, Model::Dmg) => {
            let network = color::load_network(&args.color)?;
            let name = network.description();
            Ok((Painter::Network(Box::new(Background::new(network))), name))
        }
    }
}

fn game_name(game: &CartridgeFile) -> String {
    let title = game.cartridge.header().title();
    if title.is_empty() { game.origin.name.clone() } else { title }
}

fn print_stats(played: &Played) {
    let progress = &played.progress;
    let seconds = progress.running.as_secs_f64();
    let rate = progress.frames as f64 / seconds.max(1e-3);
    println!("emulated: {} frames in {seconds:.2} s, {rate:.2} fps", progress.frames);
    println!("drawn: {} pictures by {}", played.drawn, played.presenter);
    if let Some(stats) = &progress.coloring {
        println!(
            "colored: {} frames by the network, {} equal to the one before, {} skipped; \
             {:.1} ms for the last",
            stats.colored,
            stats.reused,
            stats.late,
            stats.last_chroma.as_secs_f64() * 1e3
        );
    }
    match progress.sound_gaps {
        Some(gaps) => println!("sound: {gaps} gaps"),
        None => println!("sound: none"),
    }
}
