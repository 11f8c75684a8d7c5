//! Which frames are worth keeping.

use std::collections::HashMap;

use dataset::Sample;
use gameboy::PIXELS;

use super::fade::ColorTable;

/// Above this share of one color a screen is plain.
const PLAIN: f32 = 0.95;
/// Below this share of visibly colored pixels a screen is colorless.
const COLORED: f32 = 0.015;
/// The difference of the largest and smallest channel (0-31) from which a pixel has a color.
const CHROMA: u16 = 4;
/// The share of pixels that must differ from each frame kept before.
pub const DIFFERENT: f32 = 0.06;
/// The share of pixels with equal color index from which two pictures are of the same scene.
const SAME_SCENE: f32 = 0.8;

/// Why a frame was kept or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Kept,
    Plain,
    Colorless,
    Fade,
    Duplicate,
}

/// The frames of one game that were kept so far.
#[derive(Debug, Default)]
pub struct Selection {
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    colors: Box<[u16; PIXELS]>,
    indices: Box<[u8; PIXELS]>,
    table: ColorTable,
}

impl Selection {
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Judges a frame and remembers it where it is kept.
    pub fn judge(&mut self, sample: &Sample) -> Verdict {
        if is_plain(&sample.colors) {
            return Verdict::Plain;
        }
        if is_colorless(&sample.colors) {
            return Verdict::Colorless;
        }
        // The newest is the likeliest to be alike.
        if self.kept.iter().rev().any(|kept| are_near(&kept.colors, &sample.colors)) {
            return Verdict::Duplicate;
        }
        let table = ColorTable::of_sample(sample);
        if self.kept.iter().any(|kept| is_faded(sample, &table, kept)) {
            return Verdict::Fade;
        }
        self.push(sample, table);
        Verdict::Kept
    }

    /// Remembers a frame that was kept earlier.
    pub fn remember(&mut self, sample: &Sample) {
        self.push(sample, ColorTable::of_sample(sample));
    }

    fn push(&mut self, sample: &Sample, table: ColorTable) {
        let (colors, indices) = (sample.colors.clone(), sample.indices.clone());
        self.kept.push(Kept { colors, indices, table });
    }
}

/// Whether at most 6 % of the pixels differ.
pub fn are_near(a: &[u16; PIXELS], b: &[u16; PIXELS]) -> bool {
    let bound = (DIFFERENT * PIXELS as f32) as usize;
    let mut differing = 0;
    for (a, b) in a.chunks(PIXELS / 16).zip(b.chunks(PIXELS / 16)) {
        differing += a.iter().zip(b).filter(|(a, b)| a != b).count();
        if differing > bound {
            return false;
        }
    }
    true
}

fn is_plain(colors: &[u16; PIXELS]) -> bool {
    let mut counts: HashMap<u16, usize> = HashMap::new();
    for &color in colors {
        *counts.entry(color).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or(0);
    most as f32 > PLAIN * PIXELS as f32
}

fn is_colorless(colors: &[u16; PIXELS]) -> bool {
    let colored = colors.iter().filter(|&&color| chroma(color) >= CHROMA).count();
    (colored as f32) < COLORED * PIXELS as f32
}

fn chroma(color: u16) -> u16 {
    let [red, green, blue] = [color & 31, color >> 5 & 31, color >> 10 & 31];
    red.max(green).max(blue) - red.min(green).min(blue)
}

fn is_faded(sample: &Sample, table: &ColorTable, kept: &Kept) -> bool {
    let same = sample.indices.iter().zip(kept.indices.iter()).filter(|(a, b)| a == b).count();
    same as f32 > SAME_SCENE * PIXELS as f32 && table.is_faded_from(&kept.table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gameboy::{HEIGHT, Layer, Scroll};

    /// Squares of 8x8 in `colors`, shifted by `shift` squares.
    fn squares(colors: [u16; 4], shift: usize) -> Sample {
        let index = |i: usize| (i % 160 / 8 + i / 1280 * 3 + shift) % 4;
        Sample {
            frame: 0,
            colors: Box::new(std::array::from_fn(|i| colors[index(i)])),
            indices: Box::new(std::array::from_fn(|i| index(i) as u8)),
            layers: Box::new([Layer::Background; PIXELS]),
            palettes: Box::new([0; PIXELS]),
            tiles: Box::new([0; PIXELS]),
            scroll: Box::new([Scroll::default(); HEIGHT]),
            shades: None,
        }
    }

    const SCENE: [u16; 4] = [0x7F94, 0x0340, 0x01B0, 0x2402];

    #[test]
    fn a_scene_is_kept_once() {
        let mut selection = Selection::default();
        assert_eq!(selection.judge(&squares(SCENE, 0)), Verdict::Kept);
        assert_eq!(selection.judge(&squares(SCENE, 0)), Verdict::Duplicate);
        assert_eq!(selection.judge(&squares(SCENE, 1)), Verdict::Kept);
        assert_eq!(selection.len(), 2);
    }

    #[test]
    fn six_percent_of_the_pixels_decide() {
        let mut selection = Selection::default();
        selection.judge(&squares(SCENE, 0));
        let mut near = squares(SCENE, 0);
        near.colors[..1382].fill(0x001F);
        let mut apart = near.clone();
        apart.colors[..1900].fill(0x001F);
        assert_eq!(selection.judge(&near), Verdict::Duplicate);
        assert_eq!(selection.judge(&apart), Verdict::Kept);
    }

    #[test]
    fn grey_and_plain_screens_are_dropped() {
        let mut selection = Selection::default();
        let grey = squares([0, 0x294A, 0x56B5, 0x7FFF], 0);
        assert_eq!(selection.judge(&grey), Verdict::Colorless);
        let mut plain = squares([0x7C00; 4], 0);
        plain.colors[..1000].fill(0x001F);
        assert_eq!(selection.judge(&plain), Verdict::Plain);
        assert_eq!(selection.len(), 0);
    }

    #[test]
    fn a_dimmed_scene_is_a_fade() {
        let mut selection = Selection::default();
        selection.judge(&squares(SCENE, 0));
        let dim = squares(SCENE.map(|color| color >> 1 & 0x3DEF), 0);
        assert_eq!(selection.judge(&dim), Verdict::Fade);
    }
}
