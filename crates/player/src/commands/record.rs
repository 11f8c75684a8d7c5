//! `chromaboy record` and `chromaboy render`: films without a window.

use std::fs;
use std::num::NonZeroU64;
use std::path::Path;

use anyhow::{Context, Result, bail};
use gameboy::{Cartridge, GameBoy, Model, Support};
use recorder::movie::{Movie, Replay};
use recorder::{Format, Source};
use trainer::script::ButtonScript;

use crate::cartridge_file::{self, CartridgeFile};
use crate::cli::{ColorArgs, ColorizerChoice, FilmArgs, ModelChoice, RecordArgs, RenderArgs};
use crate::color::{self, FilmPainter};
use crate::commands::shooting::Shooting;
use crate::game_colors::{self, GameColors};
use crate::remembered::Remembered;

/// Records a game from power-on, or an input movie.
///
/// # Errors
/// In one line, what is wrong with the game, the buttons, the movie, the weights or the film.
pub fn run(args: &RecordArgs) -> Result<()> {
    let game = match &args.rom {
        Some(path) => CartridgeFile::open(path)?,
        None => CartridgeFile::demo()?,
    };
    let frames = args.frames.map(NonZeroU64::get);
    if let Some(path) = &args.movie {
        return shoot_movie(read_movie(path)?, &game, frames, &args.film, &args.color);
    }
    let script = script(args.buttons.as_deref())?;
    let model = model(args.model, game.cartridge.header().support());
    let frames = frames.unwrap_or_default();
    let mut shooting = begin(&game.cartridge, model, &args.film, &args.color, frames)?;
    let mut gb = GameBoy::new(game.cartridge, model);
    // Palettes color objects by it, V3 all cells.
    gb.record_provenance();
    for number in 0..frames {
        gb.set_buttons(script.held(number));
        gb.run_frame();
        if !shooting.frame(gb.frame(), gb.samples())? {
            break;
        }
    }
    shooting.finish()
}

/// Makes a film of an input movie.
///
/// # Errors
/// In one line, what is wrong with the movie, the game, the weights or the film.
pub fn render(args: &RenderArgs) -> Result<()> {
    let movie = read_movie(&args.movie)?;
    let game = match &args.rom {
        Some(path) => CartridgeFile::open(path)?,
        None => find_game(&movie, &args.movie)?,
    };
    shoot_movie(movie, &game, None, &args.film, &args.color)
}

fn shoot_movie(
    movie: Movie,
    game: &CartridgeFile,
    most: Option<u64>,
    film: &FilmArgs,
    color: &ColorArgs,
) -> Result<()> {
    if !movie.is_whole() {
        log::warn!("the movie was cut off; it has {} frames", movie.frames());
    }
    let frames = most.unwrap_or(u64::MAX).min(movie.frames());
    let model = movie.model();
    let cartridge = game.cartridge.clone();
    let mut replay = Replay::new(movie, cartridge)?;
    let mut shooting = begin(&game.cartridge, model, film, color, frames)?;
    while replay.frames() < frames && replay.run_frame()? {
        let console = replay.console();
        if !shooting.frame(console.frame(), console.samples())? {
            break;
        }
    }
    // The end tells whether all went as it did.
    let ended = if most.is_none() { replay.run_frame().map(drop) } else { Ok(()) };
    shooting.finish()?;
    Ok(ended?)
}

fn begin(
    cartridge: &Cartridge,
    model: Model,
    film: &FilmArgs,
    color: &ColorArgs,
    frames: u64,
) -> Result<Shooting> {
    // A name that says nothing is told before anything is loaded.
    let format = Format::of(&film.output)?;
    let source = Source::from(film.source);
    let settings = source.settings(film.scale.unwrap_or(format.usual_scale()), film.replace);
    let painter = painter(cartridge, model, color)?;
    Shooting::begin(&film.output, source, &settings, color.palette(), painter, frames)
}

fn painter(cartridge: &Cartridge, model: Model, color: &ColorArgs) -> Result<FilmPainter> {
    if model == Model::Cgb || color.colorizer == ColorizerChoice::Palette {
        return Ok(FilmPainter::Palette(color.palette()));
    }
    let pins = GameColors::load(cartridge)?.pins();
    let network = color::load_game_network(color, &game_colors::name_of(cartridge))?;
    Ok(FilmPainter::Network(Box::new(network.inline(color, pins)?)))
}

fn script(path: Option<&Path>) -> Result<ButtonScript> {
    let Some(path) = path else { return Ok(ButtonScript::default()) };
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    ButtonScript::parse(&text).with_context(|| shown.to_string())
}

/// A colorizer is of use on the original Game Boy alone.
fn model(choice: ModelChoice, support: Support) -> Model {
    match (choice, support) {
        (ModelChoice::Dmg, _) | (ModelChoice::Auto, Support::DmgOnly | Support::Both) => Model::Dmg,
        (ModelChoice::Cgb, _) | (ModelChoice::Auto, Support::CgbOnly) => Model::Cgb,
    }
}

/// Reads an input movie.
///
/// # Errors
/// In one line, what is wrong with it.
pub fn read_movie(path: &Path) -> Result<Movie> {
    let bytes = cartridge_file::read(path)?;
    Movie::from_bytes(&bytes).with_context(|| path.display().to_string())
}

/// The game of a movie: where it was, beside the movie, among the latest, or the demo.
fn find_game(movie: &Movie, path: &Path) -> Result<CartridgeFile> {
    let file = Path::new(&movie.header().file);
    let beside = file.file_name().map(|name| path.with_file_name(name));
    let recent = Remembered::load().recent;
    let likely = [Some(file.to_path_buf()), beside].into_iter().flatten().chain(recent);
    let opened = likely.filter(|path| path.is_file()).map(|path| CartridgeFile::open(&path));
    let mut games = opened.chain([CartridgeFile::demo()]).filter_map(Result::ok);
    match games.find(|game| movie.is_of(&game.cartridge)) {
        Some(game) => Ok(game),
        None => bail!(
            "the game of this movie, {:?}, is not found: name it by --rom",
            movie.header().title
        ),
    }
}
