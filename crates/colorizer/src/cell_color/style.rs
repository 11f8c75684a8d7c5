//! From likelihoods to colors.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::cells::{CellLayer, Cells, Tile};
use crate::{Oklab, TileSet, rgb555_to_srgb};

use super::Hints;
use super::calm::Calm;
use super::memory::{Colors, INDICES};

/// By how much another color must be ahead to take the place of an object's, in nats.
const CHANGED_BY: f32 = 1.0;
/// A color that is behind the likeliest by no more, in nats, may be the right one, where there is
/// another reason for it.
const NO_WONDER: f32 = 4.0;
/// How far two colors are from each other, in `OKLab`, that are much alike.
const ALIKE: f32 = 0.06;
/// Safe colors are softer than the network has them by this factor of its logits: it is too sure of
/// games that it never saw.
const TEMPERATURE: f32 = 2.0;
/// The likelihood of a color, with those like it, above which it is taken as it is, and below which
/// it is not taken at all.
const TRUSTED: f32 = 0.85;
const DISTRUSTED: f32 = 0.15;
/// How far a source is trusted on the average in a game that it does not know, and in one that it
/// knows: there it is trusted wherever it says something, so that cells go together. Of games that
/// it never saw 5 networks of a cross-validation came to 0.044 at most.
const STRANGE: f32 = 0.06;
const FAMILIAR: f32 = 0.18;
/// But what it is trusted with less than that by itself is a guess in any game, such as a title that
/// it never saw.
const GUESSED: f32 = 0.2;
/// The weight of the newest frame in that average of a scene, and cells and indices that it must
/// have.
const NEWEST: f32 = 0.2;
const LEAST_NOTED: u32 = 40;
/// The share of a frame's tiles that are of games that a source knows, up to which that says
/// nothing of the game, and from which on it is one of those; and how many tiles there must be.
const FEW_KNOWN: f32 = 0.3;
const MOST_KNOWN: f32 = 0.6;
const LEAST_TILES: usize = 8;
/// Colors less likely than that are not looked at one by one.
const UNLIKELY: f32 = 0.01;
/// How far another safe color must be to take the place of an object's, in `OKLab`.
const SAFE_CHANGED_BY: f32 = 0.04;

/// How far a source is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// As far as it is sure. Elsewhere colors lean to a calm palette that the whole game shares.
    #[default]
    Safe,
    /// Always.
    Vivid,
}

/// Chooses the colors of cells by the likelihoods of each.
#[derive(Clone, Debug)]
pub struct Chooser {
    style: Style,
    colors: Vec<Oklab>,
    rgb555: Vec<u16>,
    /// For each pair of colors how much they are alike, 0-1.
    alike: Vec<f32>,
    calm: Calm,
    /// Tiles of the games that the source knows.
    tiles: TileSet,
    /// Whether the source was told the colors of cells: then it can know a game that it never saw.
    is_told: bool,
    game: Impression,
    /// Whether nothing was said yet of what is seen now.
    is_new_scene: bool,
}

/// What a source makes of a game as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Impression {
    /// How far it was trusted in the latest frames that it was asked about, 0-1.
    familiarity: f32,
    /// The share of the tiles of those frames that are of games that it learned from, 0-1.
    known: f32,
    /// Pixels of each color index in the first frames of its scenes.
    usage: [f32; INDICES],
}

impl Chooser {
    /// For likelihoods of these colors, sRGB.
    pub fn new(palette: &[[u8; 3]], style: Style) -> Self {
        let colors: Vec<Oklab> = palette.iter().map(|&color| Oklab::from_srgb(color)).collect();
        let likeness = |(x, y): (&Oklab, &Oklab)| {
            let distance = x.squared_distance(*y) / (ALIKE * ALIKE);
            (-distance).exp()
        };
        let pairs = colors.iter().flat_map(|x| colors.iter().map(move |y| (x, y)));
        Self {
            style,
            alike: pairs.map(likeness).collect(),
            rgb555: palette.iter().map(|&color| nearest_rgb555(color)).collect(),
            colors,
            calm: Calm::default(),
            tiles: TileSet::default(),
            is_told: false,
            game: Impression::default(),
            is_new_scene: true,
        }
    }

    /// Of a source that knows the games of these tiles.
    pub fn knowing(self, tiles: TileSet) -> Self {
        Self { tiles, ..self }
    }

    /// What is known of the game from now on.
    pub fn set_hints(&mut self, hints: &Hints) {
        self.calm = Calm::of(hints);
        self.is_told = !hints.pins.is_empty();
    }

    /// Another scene begins. How well a source knows it is told by what it says of its first frame:
    /// the cells painted by that stay as they are.
    pub fn begin_scene(&mut self) {
        self.is_new_scene = true;
    }

    /// Colors that there are likelihoods of.
    pub fn classes(&self) -> usize {
        self.colors.len()
    }

    /// Looks at what was said of a frame's cells.
    pub fn observe(&mut self, cells: &Cells, likelihoods: &[Option<Vec<f32>>]) {
        if self.style == Style::Safe {
            if self.is_new_scene {
                self.calm.begin_scene(cells);
                self.note_usage(cells);
            }
            self.note_known(cells);
            self.note_familiarity(cells, likelihoods);
        }
    }

    /// Counts the pixels of each index, and fits the calm palette to what was counted in all scenes.
    fn note_usage(&mut self, cells: &Cells) {
        let count = cells.grid().len() + cells.objects().len();
        for tile in (0..count).filter_map(|cell| cells.tile(cell)) {
            for &index in tile {
                self.game.usage[index as usize & 3] += 1.0;
            }
        }
        self.calm.fit(self.game.usage);
    }

    /// Counts which of a frame's tiles are of games that the source knows.
    fn note_known(&mut self, cells: &Cells) {
        let count = cells.grid().len() + cells.objects().len();
        let tiles: FxHashSet<&Tile> = (0..count).filter_map(|cell| cells.tile(cell)).collect();
        let known: Vec<bool> =
            tiles.into_iter().filter_map(|tile| self.tiles.contains(tile)).collect();
        if known.len() >= LEAST_TILES {
            let share = known.iter().filter(|known| **known).count() as f32 / known.len() as f32;
            let weight = if self.is_new_scene { 1.0 } else { NEWEST };
            self.game.known += weight * (share - self.game.known);
        }
    }

    /// Takes the mean trust in the cells of a frame for how well the source knows the game.
    fn note_familiarity(&mut self, cells: &Cells, likelihoods: &[Option<Vec<f32>>]) {
        let (mut sum, mut count) = (0.0, 0);
        for (cell, likelihoods) in likelihoods.iter().enumerate() {
            let (Some(tile), Some(likelihoods)) = (cells.tile(cell), likelihoods) else { continue };
            let first = (cells.layer(cell) == CellLayer::Object) as usize;
            let of_index = likelihoods.chunks_exact(self.colors.len()).enumerate();
            for (_, logs) in of_index.filter(|(i, _)| *i >= first && tile.contains(&(*i as u8))) {
                sum += self.trust(&softened(logs, TEMPERATURE)).1;
                count += 1;
            }
        }
        if count >= LEAST_NOTED {
            let mean = sum / count as f32;
            let is_first = std::mem::take(&mut self.is_new_scene);
            let weight = if is_first { 1.0 } else { NEWEST };
            self.game.familiarity += weight * (mean - self.game.familiarity);
        }
    }

    /// The likeliest color, those like it counted too, and how far it is to be trusted, 0-1.
    fn trust(&self, shares: &[f32]) -> (usize, f32) {
        let count = self.colors.len();
        let likely: Vec<usize> = (0..count).filter(|&class| shares[class] > UNLIKELY).collect();
        let support = |class: usize| -> f32 {
            let alike = &self.alike[class * count..][..count];
            likely.iter().map(|&other| shares[other] * alike[other]).sum()
        };
        let supported = likely.iter().map(|&class| (class, support(class)));
        let most = supported.max_by(|(_, x), (_, y)| x.total_cmp(y));
        let (best, support) = most.unwrap_or((0, 0.0));
        (best, ((support - DISTRUSTED) / (TRUSTED - DISTRUSTED)).clamp(0.0, 1.0))
    }

    /// The colors by these logarithms of likelihoods, index after index.
    pub fn colors(&self, layer: CellLayer, likelihoods: &[f32]) -> Colors {
        let classes = self.colors.len();
        std::array::from_fn(|index| {
            self.color(layer, index, &likelihoods[index * classes..][..classes])
        })
    }

    /// The colors as of now, given those shown before, from which they differ only where that is
    /// much better.
    pub fn better(&self, layer: CellLayer, likelihoods: &[f32], shown: Colors) -> Colors {
        let classes = self.colors.len();
        std::array::from_fn(|index| {
            let likelihoods = &likelihoods[index * classes..][..classes];
            let (new, old) = (self.color(layer, index, likelihoods), shown[index]);
            if self.is_better(likelihoods, new, old) { new } else { old }
        })
    }

    /// Whether it would be no wonder if this color, RGB555, were the right one.
    pub fn may_be(&self, likelihoods: &[f32], color: u16) -> bool {
        let color = Oklab::from_srgb(rgb555_to_srgb(color));
        let distances = self.colors.iter().map(|other| other.squared_distance(color));
        let nearest = distances.enumerate().min_by(|(_, x), (_, y)| x.total_cmp(y));
        let most = likelihoods[best(likelihoods)];
        nearest.is_some_and(|(class, _)| most < likelihoods[class] + NO_WONDER)
    }

    fn is_better(&self, likelihoods: &[f32], new: u16, old: u16) -> bool {
        match self.style {
            Style::Vivid => {
                let class = |color| self.rgb555.iter().position(|&other| other == color);
                let likelihood =
                    |color| class(color).map_or(f32::NEG_INFINITY, |class| likelihoods[class]);
                likelihood(new) > likelihood(old) + CHANGED_BY
            }
            Style::Safe => {
                let [new, old] = [new, old].map(|color| Oklab::from_srgb(rgb555_to_srgb(color)));
                new.squared_distance(old) > SAFE_CHANGED_BY * SAFE_CHANGED_BY
            }
        }
    }

    fn color(&self, layer: CellLayer, index: usize, likelihoods: &[f32]) -> u16 {
        match self.style {
            Style::Vivid => self.rgb555[best(likelihoods)],
            Style::Safe => self.safe(layer, index, likelihoods),
        }
    }

    fn safe(&self, layer: CellLayer, index: usize, likelihoods: &[f32]) -> u16 {
        let shares = softened(likelihoods, self.temperature());
        let (best, own) = self.trust(&shares);
        let whole = self.familiarity();
        let known = whole * (own / GUESSED).min(1.0);
        // What it is sure of in a game that it does not know is wrong more often than not.
        let trust = if self.is_told { own.max(known) } else { own.min(whole).max(known) };
        if trust >= 1.0 {
            return self.rgb555[best];
        }
        let (calm, mean) = (self.calm.color(layer, index), self.mean(&shares));
        nearest_rgb555(calm.blend(mean, trust).to_srgb())
    }

    /// How well the source knows the game, 0-1: by how sure it is, or since it learned from it.
    fn familiarity(&self) -> f32 {
        let sure = (self.game.familiarity - STRANGE) / (FAMILIAR - STRANGE);
        sure.clamp(0.0, 1.0).max(self.known())
    }

    /// How far it learned from the game, 0-1.
    fn known(&self) -> f32 {
        ((self.game.known - FEW_KNOWN) / (MOST_KNOWN - FEW_KNOWN)).clamp(0.0, 1.0)
    }

    /// In what it learned from the source is as sure as it may be.
    fn temperature(&self) -> f32 {
        TEMPERATURE + self.known() * (1.0 - TEMPERATURE)
    }

    fn mean(&self, shares: &[f32]) -> Oklab {
        let add = |sum: Oklab, (share, color): (&f32, &Oklab)| Oklab {
            l: sum.l + share * color.l,
            a: sum.a + share * color.a,
            b: sum.b + share * color.b,
        };
        shares.iter().zip(&self.colors).fold(Oklab::default(), add)
    }

    /// What the source makes of the game so far.
    pub fn impression(&self) -> Impression {
        self.game
    }

    /// Goes on with an impression of before.
    pub fn set_impression(&mut self, game: Impression) {
        self.game = game;
        self.calm.fit(game.usage);
    }

    /// Forgets the game.
    pub fn forget(&mut self) {
        self.game = Impression::default();
        self.is_new_scene = true;
    }
}

/// Likelihoods that add up to one, of their logarithms divided by the temperature.
fn softened(likelihoods: &[f32], temperature: f32) -> Vec<f32> {
    let most = likelihoods.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shares: Vec<f32> =
        likelihoods.iter().map(|value| ((value - most) / temperature).exp()).collect();
    let sum: f32 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum;
    }
    shares
}

/// The RGB555 color nearest to an sRGB one, channel by channel.
pub fn nearest_rgb555(rgb: [u8; 3]) -> u16 {
    let [r, g, b] = rgb.map(|channel| (channel as u16 * 31 + 127) / 255);
    b << 10 | g << 5 | r
}

/// The place of the greatest value.
pub fn best(values: &[f32]) -> usize {
    let better = |best: usize, i: usize| if values[i] > values[best] { i } else { best };
    (0..values.len()).fold(0, better)
}
