//! `chromaboy [play] [ROM]`: a game in a window.

use std::convert::Infallible;
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use colorizer::{Palette, ScreenColors};
use gameboy::{GameBoy, MapperKind, Model, Support};

use super::record;
use crate::app::{
    self, Appearance, FilmPainterOf, Game, Opener, Painters, Pictures, Played, Title,
};
use crate::cartridge_file::{self, CartridgeFile};
use crate::cli::{ColorArgs, ColorizerChoice, ModelChoice, PlayArgs, StyleChoice, Weights};
use crate::color::{self, FilmPainter, Painter};
use crate::config::{self, Config, ConfigFile, Style};
use crate::display;
use crate::emulation::Setup;
use crate::figures::shares;
use crate::game_colors::{self, Choices, GameColors};
use crate::picture::{self, Picture};
use crate::remembered;
use crate::rewind::Rewind;
use crate::saves::Saves;
use crate::states::States;

/// Plays until the window is closed.
///
/// # Errors
/// In one line, what is wrong with the game, the settings, the weights or the display.
pub fn run(args: PlayArgs) -> Result<()> {
    let (file, config) = ConfigFile::open(args.config.config.as_deref())?;
    let args = Arc::new(args);
    let game = open(&args, args.rom.as_deref(), &config)?;
    let reference = args.color.like.as_deref().map(reference).transpose()?;
    display::check()?;
    let appearance = Appearance {
        renderer: args.renderer.unwrap_or(game.config.picture.renderer),
        reference,
        welcomes: args.frames.is_none(),
        is_sized: args.scale.is_some(),
    };
    let prints_stats = args.stats;
    // Colors were set for the game that was played, all else for all games.
    let color = config.color;
    let opener: Opener = Box::new(move |path, config| {
        open(&args, path, &Config { color: color.clone(), ..config.clone() })
    });
    let played = app::play(game, opener, file, appearance)?;
    if prints_stats {
        print_stats(&played);
    }
    Ok(())
}

/// Makes a game ready to be played: by the settings, what was kept of them for the game, and what
/// the command line says.
fn open(args: &Arc<PlayArgs>, path: Option<&Path>, config: &Config) -> Result<Game> {
    let file = match path {
        Some(path) => CartridgeFile::open(path)?,
        None => CartridgeFile::demo()?,
    };
    let model = model(args, &file);
    let name = game_colors::name_of(&file.cartridge);
    let config = kept_settings(config, &name);
    let kept_color = config.color.clone();
    let config = settings(args, config.with(&args.config.assignments)?);
    let has_own_colors = model == Model::Cgb;
    let painters = painters(args, &config, &name, has_own_colors);
    let (painter, painter_name) = painters(&config.color).unwrap_or_else(|err| {
        let palette = config.color.palette.as_str();
        log::warn!("no network, the game goes on in palette {palette}: {err:#}");
        (Painter::palette(palette_of(&config)), format!("palette {palette}: no network"))
    });
    let shown = game_name(&file);
    let choices = choices(&file);
    let film_painters = film_painters(args, &config, &name, has_own_colors);
    let feels_tilt = file.cartridge.header().mapper() == MapperKind::Mbc7;
    let mut gb = GameBoy::new(file.cartridge, model);
    // Palettes color objects by it.
    gb.record_provenance();
    let playback = args.movie_play.as_deref().map(record::read_movie).transpose()?;
    if let Some(movie) = &playback {
        let (title, shown) = (&movie.header().title, &file.origin.name);
        ensure!(
            movie.is_of(gb.cartridge()),
            "the movie is of another game: of {title:?}, not of {shown}"
        );
        ensure!(movie.model() == model, "the movie was played on another console: see --model");
    }
    // What a movie does is not the player's doing.
    let saves =
        if playback.is_some() { Saves::none(&gb) } else { Saves::load(&file.origin, &mut gb) };
    let play = &config.play;
    let rewind_frames = play.rewind_seconds * 60;
    let setup = Setup {
        saves,
        gb,
        painter,
        choices,
        palette: palette_of(&config),
        // Other games are other files.
        states: States::of(&format!("{name}-{}", if has_own_colors { "cgb" } else { "dmg" }))
            .filter(|_| playback.is_none()),
        resumes: args.resume || play.resume,
        rewind: Rewind::new(rewind_frames, (play.rewind_memory as usize) << 20),
        run_ahead: play.run_ahead,
        correction: config.color.correction,
        volume: if config.sound.mute { 0 } else { config.sound.volume },
        fast_sound: config.sound.fast_forward,
        frames: args.frames.map(NonZeroU64::get),
        file: file.origin.path.clone(),
        film: match &args.record {
            Some(path) => Some(app::shoot(path, &config.record, &config.color, &film_painters)?),
            None => None,
        },
        movie: args.movie_record.clone(),
        playback,
        clip_frames: (config.record.clip_seconds as f64 * gameboy::FRAMES_PER_SECOND) as u32,
    };
    Ok(Game {
        setup,
        title: Title::new(shown.clone(), painter_name.clone()),
        name,
        shown,
        path: file.origin.path,
        config,
        kept_color,
        has_own_colors,
        feels_tilt,
        painters,
        film_painters,
        painter: painter_name,
    })
}

/// The settings, with what was kept of them for a game.
fn kept_settings(config: &Config, game: &str) -> Config {
    let mut config = config.clone();
    if let Some(color) = remembered::load_color(game) {
        config.color = color;
    }
    // What was kept may name a palette that is no longer there.
    if config.palette(&config.color.palette).is_err() {
        Palette::GREY.name().clone_into(&mut config.color.palette);
    }
    config
}

/// The settings, with what the command line says for this time.
fn settings(args: &PlayArgs, mut config: Config) -> Config {
    if let Some(palette) = args.color.palette {
        palette.name().clone_into(&mut config.color.palette);
    }
    match &args.color.weights {
        Some(Weights::BuiltIn(built_in)) => built_in.name().clone_into(&mut config.color.weights),
        Some(Weights::File(path)) => config.color.weights = path.display().to_string(),
        None => {}
    }
    match args.color.style {
        Some(StyleChoice::Safe) => config.color.style = Style::Safe,
        Some(StyleChoice::Vivid) => config.color.style = Style::Vivid,
        None => {}
    }
    if let Some(scale) = args.scale {
        config.picture.scale = scale;
    }
    if let Some(source) = args.record_source {
        config.record.source = source;
    }
    config.picture.fullscreen |= args.fullscreen;
    config.sound.mute |= args.mute;
    config
}

fn palette_of(config: &Config) -> Palette {
    config.palette(&config.color.palette).unwrap_or(Palette::GREY)
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

/// What loads what paints a game, and names it, by settings of its colors.
fn painters(args: &Arc<PlayArgs>, config: &Config, game: &str, has_own_colors: bool) -> Painters {
    let (args, game, palette) = (Arc::clone(args), game.to_owned(), palette_of(config));
    Arc::new(move |color: &config::Color| {
        let is_palette = args.color.colorizer == ColorizerChoice::Palette;
        if has_own_colors {
            return Ok((Painter::palette(palette), "the game's own colors".to_owned()));
        }
        if is_palette {
            return Ok((Painter::palette(palette), format!("palette {}", palette.name())));
        }
        let args = color_args(&args.color, color, palette);
        let network = color::load_game_network(&args, &game)?;
        let name = network.description();
        Ok((network.in_background(&args, &game)?, name))
    })
}

/// What loads what paints films of a game, by settings of its colors.
fn film_painters(
    args: &Arc<PlayArgs>,
    config: &Config,
    game: &str,
    has_own_colors: bool,
) -> FilmPainterOf {
    let (args, game, palette) = (Arc::clone(args), game.to_owned(), palette_of(config));
    Arc::new(move |color: &config::Color| {
        if has_own_colors && color.correction {
            return Ok(FilmPainter::Screen(ScreenColors::new()));
        }
        if has_own_colors || args.color.colorizer == ColorizerChoice::Palette {
            return Ok(FilmPainter::Palette(palette));
        }
        let args = color_args(&args.color, color, palette);
        let network = color::load_game_network(&args, &game)?;
        Ok(FilmPainter::Network(Box::new(network.inline(&args, Vec::new())?)))
    })
}

/// The arguments of color, with what the settings say.
fn color_args(args: &ColorArgs, color: &config::Color, palette: Palette) -> ColorArgs {
    let weights = match color.weights.as_str() {
        "auto" => None,
        named => Some(named.parse().unwrap_or_else(|never: Infallible| match never {})),
    };
    let style = color.style.choice();
    ColorArgs { palette: Some(palette), weights, style, ..args.clone() }
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
    let Pictures { drawn, even, uneven, .. } = played.figures.pictures;
    println!("drawn: {drawn} pictures by {}", played.presenter);
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
    println!("uneven: {uneven} of {} pictures, by more than 4 ms", even + uneven);
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

    fn painter_of(args: &[&str], model: Model) -> Result<(Painter, String)> {
        let cli = Cli::parse_from([&["chromaboy"], args].concat());
        let args = Arc::new(cli.play);
        let config = settings(&args, Config::default());
        painters(&args, &config, "no game", model == Model::Cgb)(&config.color)
    }

    #[test]
    fn a_network_that_cannot_be_loaded_leaves_the_palette() {
        let cli = Cli::parse_from([
            "chromaboy",
            "--weights",
            "no/such.safetensors",
            "--palette",
            "green-lcd",
        ]);
        let game = open(&Arc::new(cli.play), None, &Config::default()).expect("the demo");
        assert!(game.setup.painter.stats().is_none());
        assert_eq!(game.painter, "palette green-lcd: no network");
    }

    #[test]
    fn threads_can_be_chosen() {
        let (painter, name) =
            painter_of(&["--device", "cpu", "--threads", "3"], Model::Dmg).expect("a network");
        assert!(painter.stats().is_some());
        assert_eq!(name, "V3 on CPU, 3 threads, f32");
    }

    #[test]
    fn games_with_colors_need_no_network() {
        let (painter, name) =
            painter_of(&["--weights", "no/such.safetensors"], Model::Cgb).expect("none needed");
        assert!(painter.stats().is_none());
        assert_eq!(name, "the game's own colors");
    }
}
