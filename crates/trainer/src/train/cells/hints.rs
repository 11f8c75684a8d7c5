//! What the network is told of a game while it learns.

use std::collections::HashMap;
use std::f32::consts::TAU;

use colorizer::{Oklab, rgb555_to_srgb};
use neural::v3::{COLORS, Hints, Pin};

use super::super::labels::{Label, Labels};
use super::super::palette::Palette;
use super::IndexMaps;
use crate::random::Random;

/// Of 20 frames so many come with no hints, with pins alone, and with a picture to look like alone;
/// the others with both.
const OF: u32 = 20;
const WITHOUT: u32 = 8;
const PINS: u32 = 6;
const LIKE: u32 = 4;
/// Pins at most.
const MOST_PINS: u32 = 12;
/// Of 10 frames with hints so many are in colors that the game never had. The network knows the
/// games that it learns from; where their colors are others, it has nothing but the hints.
const RECOLORED: u32 = 7;
/// How much more or less colorful those may be.
const CHROMA: [f32; 2] = [0.6, 1.3];

/// The colors of a frame as they are, or others instead.
#[derive(Clone, Copy, Debug)]
pub struct Recoloring {
    /// The turn of all hues: its sine and cosine, by the factor of the chroma.
    turn: [f32; 2],
}

impl Recoloring {
    /// As they are.
    pub const NONE: Self = Self { turn: [0.0, 1.0] };

    fn draw(random: &mut Random) -> Self {
        let (sin, cos) = (random.unit() * TAU).sin_cos();
        let chroma = CHROMA[0] + random.unit() * (CHROMA[1] - CHROMA[0]);
        Self { turn: [sin * chroma, cos * chroma] }
    }

    /// The class of an RGB555 color.
    pub fn class(self, palette: &Palette, color: u16) -> usize {
        let Oklab { l, a, b } = Oklab::from_srgb(rgb555_to_srgb(color));
        let [sin, cos] = self.turn;
        palette.class_of(Oklab { l, a: a * cos - b * sin, b: a * sin + b * cos })
    }
}

/// Draws hints for a frame with these labels, of a game with these other frames, and the colors
/// that it is to have.
pub fn draw(
    random: &mut Random,
    palette: &Palette,
    own: &Labels,
    others: &[&Labels],
    maps: IndexMaps,
) -> (Hints, Recoloring) {
    let kind = random.below(OF);
    if kind < WITHOUT {
        return (Hints::default(), Recoloring::NONE);
    }
    let is_recolored = random.below(10) < RECOLORED;
    let recoloring = if is_recolored { Recoloring::draw(random) } else { Recoloring::NONE };
    let other = |random: &mut Random| match others {
        [] => own,
        _ => others[random.below(others.len() as u32) as usize],
    };
    let mut hints = Hints::default();
    if !(WITHOUT + PINS..WITHOUT + PINS + LIKE).contains(&kind) {
        let elsewhere = other(random);
        for _ in 0..=random.below(MOST_PINS) {
            let labels = if random.one_in(2) { own } else { elsewhere };
            hints.pins.extend(pin(random, palette, labels, maps, recoloring));
        }
    }
    if kind >= WITHOUT + PINS {
        hints.like = Some(shares(palette, other(random), recoloring));
    }
    (hints, recoloring)
}

/// The color of some cell, the sooner the more is seen of it.
fn pin(
    random: &mut Random,
    palette: &Palette,
    labels: &Labels,
    maps: IndexMaps,
    recoloring: Recoloring,
) -> Option<Pin> {
    let root = |label: &Label| (label.pixels as f32).sqrt();
    let total: f32 = labels.colors.iter().map(root).sum();
    let mut left = random.unit() * total;
    let label = labels.colors.iter().find(|label| {
        left -= root(label);
        left <= 0.0
    })?;
    let cell = label.cell as usize;
    let map = maps.of(labels.cells.layer(cell));
    Some(Pin {
        layer: labels.cells.layer(cell),
        tile: labels.cells.tile(cell)?.map(|index| map[index as usize & 3]),
        index: map[label.index as usize & 3],
        color: recoloring.class(palette, label.color) as u8,
    })
}

/// The share of each color in a frame.
fn shares(palette: &Palette, labels: &Labels, recoloring: Recoloring) -> Box<[f32; COLORS]> {
    let mut shares = Box::new([0.0; COLORS]);
    let mut classes = HashMap::new();
    let mut total = 0.0;
    for label in &labels.colors {
        let class =
            *classes.entry(label.color).or_insert_with(|| recoloring.class(palette, label.color));
        shares[class] += label.pixels as f32;
        total += label.pixels as f32;
    }
    shares.iter_mut().for_each(|share| *share /= f32::max(total, 1.0));
    shares
}
