//! The palettes that the Game Boy Color offers for games made before it.

use std::collections::HashMap;

use colorizer::Palette;
use colorizer::lab::{ciede2000, srgb_to_lab};
use gameboy::{Layer, PIXELS};

use super::games::Game;
use super::method::{LAB, shade};

/// Which set of four, and which of it.
type Place = (usize, u8);

/// The one of the start-up palettes, each with four colors for the background and for either
/// object palette, that comes nearest to the game's true colors by mean CIEDE2000.
pub fn best(game: &Game) -> Palette {
    let pixels = count(game);
    let palettes = Palette::ALL.into_iter().filter(is_of_console);
    let errors = palettes.map(|palette| (error(&palette, &pixels), palette));
    let best = errors.min_by(|(x, _), (y, _)| x.total_cmp(y));
    best.map_or(Palette::DARK_GREEN, |(_, palette)| palette)
}

fn is_of_console(palette: &Palette) -> bool {
    ![Palette::GREY, Palette::GREEN_LCD].contains(palette)
}

/// How many pixels of each place and true color there are.
fn count(game: &Game) -> HashMap<(Place, u16), u32> {
    let mut pixels = HashMap::new();
    for sample in game.frames.iter().map(|frame| &frame.sample) {
        for i in 0..PIXELS {
            let set =
                match &sample.planes {
                    Some(planes) if planes.layers[i] == Layer::Object => {
                        if planes.palettes[i] == 0 { 1 } else { 2 }
                    }
                    _ => 0,
                };
            *pixels.entry(((set, shade(sample, i)), sample.colors[i])).or_default() += 1;
        }
    }
    pixels
}

fn error(palette: &Palette, pixels: &HashMap<(Place, u16), u32>) -> f64 {
    let sets = [palette.background(), palette.object(0), palette.object(1)];
    let labs = sets.map(|set| set.map(srgb_to_lab));
    // Sorted: the sum shall not depend on the map's order.
    let mut errors: Vec<f64> = pixels
        .iter()
        .map(|(&((set, shade), color), &count)| {
            let truth = LAB[(color & 0x7FFF) as usize];
            ciede2000(labs[set][shade as usize & 3], truth) as f64 * count as f64
        })
        .collect();
    errors.sort_by(f64::total_cmp);
    errors.iter().sum()
}
