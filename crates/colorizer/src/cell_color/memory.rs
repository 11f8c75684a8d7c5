//! What is known of cells that were seen before.

use std::collections::HashMap;
use std::hash::Hash;

use crate::cells::{Cells, ObjectCell, Tile};

/// Color indices of a cell.
const INDICES: usize = 4;
/// Tiles that are remembered, and places; when there are more, those that were not seen for longest
/// go. Together they take some ten megabytes with a palette of a hundred colors.
const MOST_KINDS: usize = 4096;
const MOST_PLACES: usize = 16_384;
/// Answers about a tile after which its color is known well enough not to ask again.
const SURE_AFTER: u32 = 4;
/// By how much the best color must be ahead then, in nats.
const SURE_BY: f32 = 2.0;
/// By how much another color must be ahead to take the place of an object's.
const CHANGED_BY: f32 = 1.0;
/// Later answers count like the last of so many.
const MOST_ANSWERS: u32 = 64;

/// The color of each index: numbers of a palette.
pub type Colors = [u8; INDICES];

/// Which tile it is, and on which layer; objects also differ by palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kind {
    layer: u8,
    tile: u128,
}

/// A tile where it lies in its map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    kind: Kind,
    at: [u8; 2],
}

/// What was answered about a tile, wherever it was.
#[derive(Clone, Debug)]
struct Answers {
    /// Mean logarithms of the likelihoods of each color, index after index.
    mean: Box<[f32]>,
    count: u32,
    /// What is shown.
    colors: Colors,
}

/// What a game's cells look like, from what a network said of them.
///
/// A cell of the grid has the colors that it got first for as long as its tile is remembered at its
/// place in the tile map: what stands still or scrolls never changes. A tile about which the
/// network was sure wherever it saw it has its colors everywhere, unasked.
#[derive(Clone, Debug)]
pub struct Memory {
    kinds: Bounded<Kind, Answers>,
    places: Bounded<Place, Colors>,
}

/// What is known of the cells of a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The colors of each cell, first of the grid and then of the objects, as far as known.
    pub colors: Vec<Option<Colors>>,
    /// Cells whose colors may still change.
    pub open: usize,
    /// Those of them whose colors are not known at all.
    pub unknown: usize,
}

impl Memory {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self { kinds: Bounded::new(MOST_KINDS), places: Bounded::new(MOST_PLACES) }
    }

    /// What is known of these cells.
    pub fn recall(&mut self, cells: &Cells) -> Known {
        let mut known = Known::default();
        for (cell, tile) in cells.grid().iter().enumerate() {
            let colors = tile.as_ref().and_then(|tile| {
                let place = place(cells, cell, tile);
                if let Some(colors) = self.places.get(&place) {
                    return Some(*colors);
                }
                let Some(answers) = self.kinds.get(&place.kind) else {
                    known.open += 1;
                    known.unknown += 1;
                    return None;
                };
                let colors = answers.colors;
                if answers.is_sure() {
                    self.places.insert(place, colors);
                } else {
                    known.open += 1;
                }
                Some(colors)
            });
            known.colors.push(colors);
        }
        for object in cells.objects() {
            let answers = self.kinds.get(&kind_of(object));
            known.open += answers.as_ref().is_none_or(|answers| !answers.is_sure()) as usize;
            known.unknown += answers.is_none() as usize;
            known.colors.push(answers.map(|answers| answers.colors));
        }
        known
    }

    /// Learns what a network says of these cells: for each, index after index, the logits of
    /// `classes` colors.
    ///
    /// # Panics
    /// If there are fewer logits than that.
    pub fn learn(&mut self, cells: &Cells, logits: &[f32], classes: usize) {
        let of_cell = |cell: usize| &logits[cell * INDICES * classes..][..INDICES * classes];
        for (cell, tile) in cells.grid().iter().enumerate() {
            let Some(tile) = tile else { continue };
            let place = place(cells, cell, tile);
            let likelihoods = log_likelihoods(of_cell(cell), classes);
            let answers = self.add(place.kind, &likelihoods, classes);
            if self.places.get(&place).is_none() {
                // What is seen here counts as much as all that was seen elsewhere.
                let both: Vec<f32> =
                    answers.iter().zip(&likelihoods).map(|(mean, here)| mean + here).collect();
                self.places.insert(place, best(&both, classes));
            }
        }
        for (number, object) in cells.objects().iter().enumerate() {
            let likelihoods = log_likelihoods(of_cell(cells.grid().len() + number), classes);
            self.add(kind_of(object), &likelihoods, classes);
        }
    }

    /// Adds an answer about a tile, and gives the mean of all.
    fn add(&mut self, kind: Kind, likelihoods: &[f32], classes: usize) -> Box<[f32]> {
        let Some(answers) = self.kinds.get(&kind) else {
            let colors = best(likelihoods, classes);
            self.kinds.insert(kind, Answers { mean: likelihoods.into(), count: 1, colors });
            return likelihoods.into();
        };
        answers.count = (answers.count + 1).min(MOST_ANSWERS);
        let share = 1.0 / answers.count as f32;
        for (mean, new) in answers.mean.iter_mut().zip(likelihoods) {
            *mean += share * (new - *mean);
        }
        let better = best(&answers.mean, classes);
        for (index, (color, better)) in answers.colors.iter_mut().zip(better).enumerate() {
            let mean = &answers.mean[index * classes..][..classes];
            if mean[better as usize] > mean[*color as usize] + CHANGED_BY {
                *color = better;
            }
        }
        answers.mean.clone()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.kinds.clear();
        self.places.clear();
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Answers {
    /// Whether a cell of this tile need not be asked about.
    fn is_sure(&self) -> bool {
        let classes = self.mean.len() / INDICES;
        let is_ahead = |(index, &color): (usize, &u8)| {
            let mean = &self.mean[index * classes..][..classes];
            let others = mean.iter().enumerate().filter(|(class, _)| *class != color as usize);
            let next = others.map(|(_, &value)| value).fold(f32::NEG_INFINITY, f32::max);
            mean[color as usize] > next + SURE_BY
        };
        self.count >= SURE_AFTER && self.colors.iter().enumerate().all(is_ahead)
    }
}

fn place(cells: &Cells, cell: usize, tile: &Tile) -> Place {
    let layer = (cell >= cells.window_row() * crate::cells::COLUMNS) as u8;
    Place { kind: Kind { layer, tile: packed(tile) }, at: cells.map_place(cell) }
}

fn kind_of(object: &ObjectCell) -> Kind {
    Kind { layer: 2 + object.palette, tile: packed(&object.tile) }
}

/// Two bits for each pixel.
fn packed(tile: &Tile) -> u128 {
    tile.iter().fold(0, |packed, &index| packed << 2 | (index & 3) as u128)
}

/// Logarithms of the likelihoods of each color, index after index.
fn log_likelihoods(logits: &[f32], classes: usize) -> Vec<f32> {
    let of_index = |logits: &[f32]| {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
        let norm = most + sum.ln();
        logits.iter().map(move |logit| logit - norm).collect::<Vec<_>>()
    };
    logits.chunks_exact(classes).flat_map(of_index).collect()
}

fn best(values: &[f32], classes: usize) -> Colors {
    std::array::from_fn(|index| {
        let values = &values[index * classes..][..classes];
        let better = |best: usize, i: usize| if values[i] > values[best] { i } else { best };
        (0..classes).fold(0, better) as u8
    })
}

/// A map that forgets what was not looked up for longest.
#[derive(Clone, Debug)]
struct Bounded<K, V> {
    entries: HashMap<K, (V, u64)>,
    most: usize,
    /// Counts lookups.
    now: u64,
}

impl<K: Eq + Hash + Copy, V> Bounded<K, V> {
    fn new(most: usize) -> Self {
        Self { entries: HashMap::new(), most, now: 0 }
    }

    fn get(&mut self, key: &K) -> Option<&mut V> {
        self.now += 1;
        let now = self.now;
        self.entries.get_mut(key).map(|(value, used)| {
            *used = now;
            value
        })
    }

    fn insert(&mut self, key: K, value: V) {
        self.now += 1;
        if self.entries.len() >= self.most {
            // Half at once, so that it happens seldom.
            let mut used: Vec<u64> = self.entries.values().map(|(_, used)| *used).collect();
            let middle = used.len() / 2;
            let (_, &mut oldest_kept, _) = used.select_nth_unstable(middle);
            self.entries.retain(|_, (_, used)| *used >= oldest_kept);
        }
        self.entries.insert(key, (value, self.now));
    }

    fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_is_forgotten() {
        let mut map = Bounded::new(4);
        for key in 0..4 {
            map.insert(key, key);
        }
        map.get(&0);
        map.insert(4, 4);
        let mut left: Vec<i32> = map.entries.keys().copied().collect();
        left.sort_unstable();
        assert_eq!(left, [0, 3, 4]);
    }

    #[test]
    fn likelihoods_add_up_to_one() {
        let likelihoods = log_likelihoods(&[1.0, 2.0, 300.0, -300.0, 0.0, 0.0], 3);
        for index in likelihoods.chunks(3) {
            let sum: f32 = index.iter().map(|value| value.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{likelihoods:?}");
        }
    }
}
