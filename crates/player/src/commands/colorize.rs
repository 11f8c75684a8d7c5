//! `chromaboy colorize INPUT -o OUT`: one picture, or a film, without a window.

mod film;

use std::ffi::OsStr;
use std::fs;
use std::num::NonZeroU32;

use anyhow::{Context, Result, bail};
use colorizer::cell_color::Pin;
use colorizer::{Colorizer, RgbaFrame};
use gameboy::{Cartridge, Frame, GameBoy, Model, Support};
use recorder::Format;
use trainer::script::ButtonScript;

use crate::cartridge_file::{self, CartridgeFile};
use crate::cli::{ColorizeArgs, ColorizerChoice, ModelChoice};
use crate::color::{self, InlinePainter};
use crate::game_colors::{self, GameColors};
use crate::picture::{self, Lightness, Picture};

/// The two pictures that can be written.
struct Pair {
    raw: Picture,
    color: Picture,
}

/// Colors the input and writes the PNG or the film.
///
/// # Errors
/// In one line, what is wrong with the input, the weights, the buttons or the output.
pub fn run(args: &ColorizeArgs) -> Result<()> {
    if makes_film(args)? {
        return film::run(args);
    }
    let bytes = cartridge_file::read(&args.input)?;
    let pair = if picture::is_picture(&bytes) {
        let shown = || args.input.display().to_string();
        color_picture(args, &Lightness::from_bytes(&bytes).with_context(shown)?)?
    } else {
        color_game(args, CartridgeFile::from_bytes(&args.input, bytes)?)?
    };
    let result = if args.side_by_side { pair.raw.beside(&pair.color) } else { pair.color };
    result.enlarged(args.scale.map_or(1, NonZeroU32::get) as usize).write_png(&args.output)
}

/// Whether a film is to be made: its name says so, and that there is no game to play for it.
fn makes_film(args: &ColorizeArgs) -> Result<bool> {
    let makes_film = Format::of(&args.output)
        .is_ok_and(|format| !matches!(format, Format::Apng | Format::Stills));
    let is_game =
        |end: &OsStr| ["gb", "gbc", "zip"].iter().any(|game| end.eq_ignore_ascii_case(game));
    if makes_film && args.input.extension().is_some_and(is_game) {
        bail!("`chromaboy record` makes films of games; this colors a frame of one, as PNG");
    }
    Ok(makes_film)
}

fn color_game(args: &ColorizeArgs, game: CartridgeFile) -> Result<Pair> {
    let script = script(args)?;
    let model = model(args.model, game.cartridge.header().support());
    let pins = GameColors::load(&game.cartridge)?.pins();
    let mut network = network(args, &game.cartridge, model, pins)?;
    let mut gb = GameBoy::new(game.cartridge, model);
    // Palettes color objects by it, V3 all cells.
    gb.record_provenance();
    for frame in 0..args.frames.get() {
        gb.set_buttons(script.held(frame));
        gb.run_frame();
        if let Some(network) = &mut network {
            network.watch(gb.frame());
        }
    }
    let raw = paint(&mut args.color.palette(), gb.frame());
    let color = match &mut network {
        Some(network) => {
            let picture = paint(network, gb.frame());
            network.check()?;
            picture
        }
        None => raw.clone(),
    };
    Ok(Pair { raw, color })
}

fn paint(colorizer: &mut impl Colorizer, frame: &Frame) -> Picture {
    let mut painted = RgbaFrame::new();
    colorizer.colorize(frame, &mut painted);
    Picture::from_frame(&painted)
}

fn script(args: &ColorizeArgs) -> Result<ButtonScript> {
    let Some(path) = &args.buttons else { return Ok(ButtonScript::default()) };
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

/// The network, where the frame is to be colored by one.
fn network(
    args: &ColorizeArgs,
    cartridge: &Cartridge,
    model: Model,
    pins: Vec<Pin>,
) -> Result<Option<InlinePainter>> {
    match (model, args.color.colorizer) {
        (Model::Cgb, _) => {
            eprintln!(
                "chromaboy: on the Game Boy Color games have their own colors; these are kept"
            );
            Ok(None)
        }
        (Model::Dmg, ColorizerChoice::Palette) => Ok(None),
        (Model::Dmg, ColorizerChoice::Neural) => {
            color::load_game_network(&args.color, &game_colors::name_of(cartridge))?
                .inline(&args.color, pins)
                .map(Some)
        }
    }
}

/// Where a palette is asked for, each pixel takes the color of the shade next to it.
fn color_picture(args: &ColorizeArgs, lightness: &Lightness) -> Result<Pair> {
    let raw = lightness.to_picture();
    let color = match args.color.colorizer {
        ColorizerChoice::Neural => color::color_picture(&args.color, lightness)?,
        ColorizerChoice::Palette => lightness.to_palette(&args.color.palette()),
    };
    Ok(Pair { raw, color })
}
