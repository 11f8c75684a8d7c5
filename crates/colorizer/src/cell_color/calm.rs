//! What cells look like of which nobody knows the color.

use rustc_hash::FxHashSet;

use super::Hints;
use super::memory::INDICES;
use crate::cells::{CellLayer, Cells, Tile};
use crate::{Oklab, rgb555_to_srgb};

/// Of the background and the window: near the greys of the shades, but softer, as color games are.
///
/// Over 37 color games this and [`OBJECTS`] are nearer to the true colors, by CIEDE2000, than the greys
/// are, and yet have a third of their colorfulness; any other hue of the background costs more
/// than it gives.
const GRID: [[u8; 3]; INDICES] = [[224, 224, 212], [166, 172, 160], [98, 106, 114], [0, 2, 8]];
/// Of objects: warm, so that what moves stands out. Index 0 is not seen.
const OBJECTS: [[u8; 3]; INDICES] = [[255, 255, 255], [255, 104, 36], [252, 80, 24], [8, 4, 24]];
/// The share of a scene's cells that are pinned from which on pins tell of all the others; below
/// it they tell less. Of a title that has nothing of the level, none of its colors is right there.
const TELLING: f32 = 0.2;

/// A palette for a whole game: a color for each index of the grid's cells and of objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Calm {
    colors: [[Oklab; INDICES]; 2],
    /// The colors of a picture that the game should look like, from light to dark, and their shares.
    like: Vec<(Oklab, f32)>,
    pinned: [[Option<Oklab>; INDICES]; 2],
    /// The cells that were pinned, and how far they tell of the scene, 0-1.
    pinned_tiles: FxHashSet<(CellLayer, Tile)>,
    telling: f32,
}

impl Default for Calm {
    fn default() -> Self {
        let colors = [GRID, OBJECTS].map(|colors| colors.map(Oklab::from_srgb));
        Self {
            colors,
            like: Vec::new(),
            pinned: Default::default(),
            pinned_tiles: FxHashSet::default(),
            telling: 1.0,
        }
    }
}

impl Calm {
    /// By what a player has told: a picture that the game should look like, and colors that were
    /// pinned, of which an index has the mean.
    pub fn of(hints: &Hints) -> Self {
        let like = hints.like.iter().map(|&(color, share)| (Oklab::from_srgb(color), share));
        let mut calm = Self { like: like.collect(), ..Self::default() };
        calm.pinned_tiles = hints.pins.iter().map(|pin| (pin.layer, pin.tile)).collect();
        calm.like.sort_by(|(x, _), (y, _)| y.l.total_cmp(&x.l));
        calm.pinned = std::array::from_fn(|layer| {
            std::array::from_fn(|index| {
                let pins = hints.pins.iter();
                let pins =
                    pins.filter(|pin| (of(pin.layer), pin.index as usize & 3) == (layer, index));
                mean(pins.map(|pin| Oklab::from_srgb(rgb555_to_srgb(pin.color))))
            })
        });
        calm
    }

    /// Fits the colors of the picture, where there is one, to a game in which this share of the pixels
    /// has each index: as much of the picture as has index 0, from its lightest color on, tells of index
    /// 0, and so on. Its most frequent color is taken.
    ///
    /// That is the matching of histograms (Gonzalez and Woods, Digital Image Processing, 3.3.2) with
    /// color. Over 37 games it comes to a CIEDE2000 of 12; the best four colors have 8 there, and grey
    /// has 26.
    pub fn fit(&mut self, usage: [f32; INDICES]) {
        let (total, used) =
            (self.like.iter().map(|(_, share)| share).sum::<f32>(), usage.iter().sum::<f32>());
        if total <= 0.0 || used <= 0.0 {
            return;
        }
        let mut ends = [0.0; INDICES];
        let mut sum = 0.0;
        for (end, share) in ends.iter_mut().zip(usage) {
            sum += share / used;
            *end = sum;
        }
        let mut best: [Option<(Oklab, f32)>; INDICES] = [None; INDICES];
        let mut passed = 0.0;
        for &(color, share) in &self.like {
            let middle = (passed + share / 2.0) / total;
            passed += share;
            let index = ends.iter().position(|&end| middle < end).unwrap_or(INDICES - 1);
            if best[index].is_none_or(|(_, most)| share > most) {
                best[index] = Some((color, share));
            }
        }
        let known = best.map(|best| best.map(|(color, _)| color));
        self.colors =
            [std::array::from_fn(|at| known[at].unwrap_or_else(|| between(&known, at))); 2];
    }

    /// Looks how many of a scene's cells are pinned.
    pub fn begin_scene(&mut self, cells: &Cells) {
        let count = cells.grid().len() + cells.objects().len();
        let seen = (0..count).filter_map(|cell| Some((cells.layer(cell), *cells.tile(cell)?)));
        let (mut pinned, mut all) = (0, 0);
        for cell in seen {
            pinned += self.pinned_tiles.contains(&cell) as u32;
            all += 1;
        }
        self.telling = (pinned as f32 / all.max(1) as f32 / TELLING).min(1.0);
    }

    /// The color of an index, which goes from light to dark.
    pub fn color(&self, layer: CellLayer, index: usize) -> Oklab {
        let (layer, index) = (of(layer), index & 3);
        let color = self.colors[layer][index];
        self.pinned[layer][index].map_or(color, |pinned| color.blend(pinned, self.telling))
    }
}

/// Which of the two a layer is.
fn of(layer: CellLayer) -> usize {
    (layer == CellLayer::Object) as usize
}

/// The color of an index of which there is none: between those beside it.
fn between(colors: &[Option<Oklab>; INDICES], at: usize) -> Oklab {
    let before = (0..at).rev().find_map(|i| Some((i, colors[i]?)));
    let after = (at..INDICES).find_map(|i| Some((i, colors[i]?)));
    match (before, after) {
        (Some((i, x)), Some((j, y))) => x.blend(y, (at - i) as f32 / (j - i) as f32),
        (Some((_, color)), None) | (None, Some((_, color))) => color,
        (None, None) => Oklab::default(),
    }
}

fn mean(colors: impl Iterator<Item = Oklab>) -> Option<Oklab> {
    let add = |(sum, count): (Oklab, f32), color: Oklab| {
        let sum = Oklab { l: sum.l + color.l, a: sum.a + color.a, b: sum.b + color.b };
        (sum, count + 1.0)
    };
    let (sum, count) = colors.fold((Oklab::default(), 0.0), add);
    (count > 0.0).then(|| Oklab { l: sum.l / count, a: sum.a / count, b: sum.b / count })
}

#[cfg(test)]
mod tests {
    use super::super::Pin;
    use super::*;

    fn srgb(calm: &Calm, layer: CellLayer) -> [[u8; 3]; INDICES] {
        std::array::from_fn(|index| calm.color(layer, index).to_srgb())
    }

    #[test]
    fn a_picture_is_matched_by_how_much_is_light_and_dark() {
        let like = vec![
            ([200, 220, 255], 0.5),
            ([80, 160, 60], 0.3),
            ([84, 160, 60], 0.05),
            ([90, 40, 20], 0.1),
            ([0, 0, 0], 0.05),
        ];
        let mut calm = Calm::of(&Hints { like: like.clone(), ..Hints::default() });
        assert_eq!(calm.colors, Calm::default().colors, "nothing is known of the game yet");
        calm.fit([50.0, 35.0, 10.0, 5.0]);
        let expected = [[200, 220, 255], [80, 160, 60], [90, 40, 20], [0, 0, 0]];
        assert_eq!(srgb(&calm, CellLayer::Background), expected);
        // A game that is nearly all dark is so in the picture's darker colors; the rest is between.
        calm.fit([0.0, 2.0, 0.0, 98.0]);
        assert_eq!(srgb(&calm, CellLayer::Window)[3], [200, 220, 255]);
        calm.fit([0.0; INDICES]);
        let grey = Calm::of(&Hints { like: vec![([90; 3], 1.0)], ..Hints::default() });
        assert_eq!(srgb(&grey, CellLayer::Object), srgb(&Calm::default(), CellLayer::Object));
    }

    #[test]
    fn pins_tell_of_their_index() {
        let pin = |index, color| Pin { layer: CellLayer::Object, tile: [index; 64], index, color };
        let pins = vec![pin(1, 0x001F), pin(3, 0x7C00)];
        let calm = Calm::of(&Hints { pins, ..Hints::default() });
        let [usual, colors] = [&Calm::default(), &calm].map(|calm| srgb(calm, CellLayer::Object));
        assert_eq!(colors, [usual[0], [255, 0, 0], usual[2], [0, 0, 255]]);
        assert_eq!(calm.color(CellLayer::Window, 1), Calm::default().color(CellLayer::Window, 1));
    }

    #[test]
    fn pins_tell_less_of_scenes_that_have_little_of_them() {
        let scene = |columns: usize| {
            let is_pinned = |pixel: usize| pixel % gameboy::WIDTH / 8 < columns;
            Cells::of_shades(&std::array::from_fn(|pixel| if is_pinned(pixel) { 1 } else { 3 }))
        };
        let pin = Pin { layer: CellLayer::Background, tile: [1; 64], index: 1, color: 0x1F };
        let pins = vec![pin];
        let mut calm = Calm::of(&Hints { pins, ..Hints::default() });
        let of = |calm: &Calm| srgb(calm, CellLayer::Background)[1];
        let distances = [10, 2, 0].map(|columns| {
            calm.begin_scene(&scene(columns));
            let [color, red] = [of(&calm), [255, 0, 0]].map(Oklab::from_srgb);
            color.squared_distance(red)
        });
        assert!(distances[0] < 1e-4 && distances.is_sorted(), "{distances:?}");
        assert_eq!(of(&calm), of(&Calm::default()));
    }
}
