//! What pictures are like, and whether two are alike.

use std::collections::HashMap;

use dataset::Sample;
use gameboy::PIXELS;

/// Above this share of one color a screen is plain.
const PLAIN: f32 = 0.95;
/// Below this share of visibly colored pixels a screen is colorless.
const COLORED: f32 = 0.015;
/// The difference of the largest and smallest channel (0-31) from which a pixel has a color.
const CHROMA: u16 = 4;
/// The share of pixels that must differ from each frame kept before.
const DIFFERENT: f32 = 0.06;
/// By how many levels (0-31) each channel of a filmed color may be off.
const NOISE: u16 = 3;

/// When two colors count as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// Where they are equal: frames of the console itself.
    Exact,
    /// Where no channel differs by more than three levels of 31: imported pictures, which lossy
    /// codecs may have been at.
    Filmed,
}

impl Likeness {
    /// The one that suits a sample: exact where it has its provenance.
    pub fn of(sample: &Sample) -> Self {
        if sample.planes.is_some() { Self::Exact } else { Self::Filmed }
    }

    /// Whether at most 6 % of the pixels differ.
    pub fn are_near(self, a: &[u16; PIXELS], b: &[u16; PIXELS]) -> bool {
        let bound = (DIFFERENT * PIXELS as f32) as usize;
        let mut differing = 0;
        for (a, b) in a.chunks(PIXELS / 16).zip(b.chunks(PIXELS / 16)) {
            differing += a.iter().zip(b).filter(|&(&a, &b)| !self.are_same(a, b)).count();
            if differing > bound {
                return false;
            }
        }
        true
    }

    fn are_same(self, a: u16, b: u16) -> bool {
        match self {
            Self::Exact => a == b,
            Self::Filmed => a == b || (0..3).all(|c| level(a, c).abs_diff(level(b, c)) <= NOISE),
        }
    }
}

/// Whether nearly all pixels have one color.
pub fn is_plain(colors: &[u16; PIXELS], likeness: Likeness) -> bool {
    let mut counts: HashMap<u16, usize> = HashMap::new();
    for &color in colors {
        *counts.entry(color).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|&(&color, &count)| (count, color));
    let Some((&most, _)) = most else { return true };
    let same = counts.iter().filter(|&(&color, _)| likeness.are_same(color, most));
    same.map(|(_, count)| count).sum::<usize>() as f32 > PLAIN * PIXELS as f32
}

/// Whether hardly a pixel has a color.
pub fn is_colorless(colors: &[u16; PIXELS]) -> bool {
    let colored = colors.iter().filter(|&&color| chroma(color) >= CHROMA).count();
    (colored as f32) < COLORED * PIXELS as f32
}

fn chroma(color: u16) -> u16 {
    let levels = [0, 1, 2].map(|channel| level(color, channel));
    let [red, green, blue] = levels;
    red.max(green).max(blue) - red.min(green).min(blue)
}

/// Red, green or blue, 0-31, of an RGB555 color.
pub fn level(color: u16, channel: u32) -> u16 {
    color >> (5 * channel) & 31
}
