//! `chromaboy [play] [ROM]`: a game in a window.

use std::num::NonZeroU64;
use std::path::Path;

use anyhow::{Context, Result};
use gameboy::{Cartridge, GameBoy, Model, Support};

use crate::app::{self, Appearance, Played, Title};
use crate::cartridge_file::{self, CartridgeFile};
use crate::cli::{ColorArgs, ColorizerChoice, ModelChoice, PlayArgs};
use crate::color::{self, Painter};
use crate::display;
use crate::emulation::{Setup, Volume};
use crate::figures::shares;
use crate::game_colors::{self, Choices, GameColors};
use crate::picture::{self, Picture};
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
    let reference = args.color.like.as_deref().map(reference).transpose()?;
    display::check()?;
    let (painter, painter_name) = painter(&args.color, &game.cartridge, model);

    let name = game_name(&game);
    let choices = choices(&game);
    let mut gb = GameBoy::new(game.cartridge, model);
    // Palettes color objects by it.
    gb.record_provenance();
    let saves = Saves::load(&game.origin, &mut gb);
    let setup = Setup {
        saves,
        gb,
        painter,
        choices,
        palette: args.color.palette,
        volume: if args.mute { Volume::Muted } else { Volume::Full },
        frames: args.frames.map(NonZeroU64::get),
    };
    let appearance = Appearance {
        scale: args.scale,
        renderer: args.renderer,
        reference,
        has_own_colors: model == Model::Cgb,
    };
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

/// The picture that the game is to look like, to take colors from.
fn reference(path: &Path) -> Result<Picture> {
    let (bytes, shown) = (cartridge_file::read(path)?, || path.display().to_string());
    picture::shares_of_colors(&bytes).with_context(shown)?;
    app::reference(&bytes).with_context(shown)
}

/// The colors chosen for the game. Those that cannot be read are left as they are.
fn choices(game: &CartridgeFile) -> Choices {
    match GameColors::load(&game.cartridge) {
        Ok(colors) => Choices::new(colors),
        Err(err) => {
            log::warn!("the colors chosen for this game are not used, and none are kept: {err:#}");
            Choices::without_file(GameColors::of(&game.cartridge))
        }
    }
}

/// What paints, and its name. A network that cannot be loaded costs the colors, not the game.
fn painter(args: &ColorArgs, cartridge: &Cartridge, model: Model) -> (Painter, String) {
    let palette = args.palette;
    let name = match (args.colorizer, model) {
        (_, Model::Cgb) => "the game's own colors".to_owned(),
        (ColorizerChoice::Palette, Model::Dmg) => format!("palette {}", palette.name()),
        (ColorizerChoice::Neural, Model::Dmg) => match network(args, cartridge) {
            Ok(painted) => return painted,
            Err(err) => {
                log::warn!("no network, the game goes on in palette {}: {err:#}", palette.name());
                format!("palette {}: no network", palette.name())
            }
        },
    };
    (Painter::palette(palette), name)
}

fn network(args: &ColorArgs, cartridge: &Cartridge) -> Result<(Painter, String)> {
    let network = color::load_game_network(args, cartridge)?;
    let name = network.description();
    Ok((network.in_background(args, &game_colors::name_of(cartridge))?, name))
}

fn game_name(game: &CartridgeFile) -> String {
    let title = game.cartridge.header().title();
    if title.is_empty() { game.origin.name.clone() } else { title }
}

fn print_stats(played: &Played) {
    let progress = &played.figures.progress;
    let seconds = progress.running.as_secs_f64();
    let rate = progress.frames as f64 / seconds.max(1e-3);
    println!("emulated: {} frames in {seconds:.2} s, {rate:.2} fps", progress.frames);
    println!("drawn: {} pictures by {}", played.drawn, played.presenter);
    if let Some(stats) = &progress.coloring {
        let shares = shares(stats).map(|(what, share)| format!("{share:.2} % {what}"));
        println!(
            "colored: {} of {} frames; {} by the network, which skipped {}",
            shares.join(", "),
            stats.frames,
            stats.colored,
            stats.skipped
        );
    }
    println!("ms, the latest frames: {}", played.figures.summary());
    match progress.sound_gaps {
        Some(gaps) => println!("sound: {gaps} gaps"),
        None => println!("sound: none"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn painter_of(args: &[&str], model: Model) -> (Painter, String) {
        let cli = Cli::parse_from([&["chromaboy"], args].concat());
        let demo = CartridgeFile::demo().expect("the demo");
        painter(&cli.play.color, &demo.cartridge, model)
    }

    #[test]
    fn a_network_that_cannot_be_loaded_leaves_the_palette() {
        let args = ["--weights", "no/such.safetensors", "--palette", "green-lcd"];
        let (painter, name) = painter_of(&args, Model::Dmg);
        assert!(painter.stats().is_none());
        assert_eq!(name, "palette green-lcd: no network");
    }

    #[test]
    fn threads_can_be_chosen() {
        let (painter, name) = painter_of(&["--device", "cpu", "--threads", "3"], Model::Dmg);
        assert!(painter.stats().is_some());
        assert_eq!(name, "V3 on CPU, 3 threads, f32");
    }

    #[test]
    fn games_with_colors_need_no_network() {
        let (painter, name) = painter_of(&["--weights", "no/such.safetensors"], Model::Cgb);
        assert!(painter.stats().is_none());
        assert_eq!(name, "the game's own colors");
    }
}
