//! What is known of cells that were seen before.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use super::regions;
use super::saved::{MemoryError, Saved, SavedKind};
use super::style::{Chooser, Style};
use super::{CellSource, Hints};
use crate::cells::{CellLayer, Cells, ObjectCell, Tile};

/// Color indices of a cell.
pub const INDICES: usize = 4;
/// Tiles that are remembered, and places; when there are more, those that were not seen for longest
/// go. Together they take some ten megabytes with a palette of a hundred colors.
const MOST_KINDS: usize = 4096;
const MOST_PLACES: usize = 16_384;
/// Answers about a tile after which its color is known well enough not to ask again.
const SURE_AFTER: u32 = 4;
/// By how much the best color must be ahead then, in nats.
const SURE_BY: f32 = 2.0;
/// After so many answers about an object more would hardly change it, sure or not. Where it stands does
/// not matter, so that the mean of them is as good as any one.
const SETTLED_AFTER: u32 = 16;
/// Later answers count like the last of so many.
const MOST_ANSWERS: u32 = 64;

/// A frame tells of scenes if it has so many cells that are not plain.
const LEAST_SEEN: usize = 12;
/// It is another scene where less than a part in so many of them was seen in the same place before.
const SHARED_OF: usize = 5;

/// The scene of what was learned before the first.
const NO_SCENE: u32 = u32::MAX;

/// The color of each index, RGB555.
pub type Colors = [u16; INDICES];

/// Which tile it is, and on which layer; objects also differ by palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kind {
    layer: CellLayer,
    palette: u8,
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
    /// Mean logarithms of the likelihoods of each color, index after index; empty of a tile that is
    /// remembered from another time.
    mean: Box<[f32]>,
    /// How many, since hints were given last.
    count: u32,
    /// What is shown.
    colors: Colors,
    /// In which scene it was asked about last.
    scene: u32,
    /// Colors of the [regions](super::regions) that it is part of there.
    joined: [Option<u16>; INDICES],
}

/// What a tile at its place is shown in.
#[derive(Clone, Copy, Debug)]
struct Painted {
    colors: Colors,
    /// Which hints that was by.
    edition: u32,
}

/// What a game's cells look like, from what a network said of them.
///
/// A cell of the grid has the colors that it got first for as long as its tile is remembered at its
/// place in the tile map: what stands still or scrolls never changes. A tile about which the
/// network was sure wherever it saw it in a scene has its colors everywhere there, unasked. Only other
/// [hints](Self::set_hints) change what is shown, as soon as the network has answered to them, and
/// another [scene](Self::notice_cut) begins with what is known of tiles alone.
#[derive(Clone, Debug)]
pub struct Memory {
    kinds: Bounded<Kind, Answers>,
    places: Bounded<Place, Painted>,
    /// Colors that are not the network's to choose.
    pins: FxHashMap<(CellLayer, u128), [Option<u16>; INDICES]>,
    /// Counts the hints.
    edition: u32,
    /// What was seen last, but for plain tiles, and which scene that was.
    seen: FxHashSet<Place>,
    scene: u32,
    chooser: Chooser,
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
    /// Of nothing yet. Logits will be of these colors, sRGB.
    pub fn new(palette: &[[u8; 3]], style: Style) -> Self {
        Self::with(Chooser::new(palette, style))
    }

    /// Of nothing yet. Logits will be this source's.
    pub fn of(source: &impl CellSource, style: Style) -> Self {
        Self::with(Chooser::new(source.palette(), style).knowing(source.tiles()))
    }

    fn with(chooser: Chooser) -> Self {
        Self {
            kinds: Bounded::new(MOST_KINDS),
            places: Bounded::new(MOST_PLACES),
            pins: FxHashMap::default(),
            edition: 0,
            seen: FxHashSet::default(),
            scene: 0,
            chooser,
        }
    }

    /// Looks whether a frame with these cells is another scene than the one before, whose places
    /// then say nothing any more: the same part of a tile map, and even the same tile, is now of
    /// something else.
    pub fn notice_cut(&mut self, cells: &Cells) {
        let tiles = cells.grid().iter().enumerate();
        let places = tiles.filter_map(|(cell, tile)| Some(place(cells, cell, tile.as_ref()?)));
        let seen: FxHashSet<Place> = places.filter(|place| !is_plain(place.kind.tile)).collect();
        if seen.len() < LEAST_SEEN {
            return;
        }
        let shared = seen.intersection(&self.seen).count();
        if shared * SHARED_OF < seen.len() {
            self.scene += 1;
            self.places.clear();
            self.chooser.begin_scene();
        }
        self.seen = seen;
    }

    /// Counts the scenes.
    pub fn scene(&self) -> u32 {
        self.scene
    }

    /// What is known of these cells.
    pub fn recall(&mut self, cells: &Cells) -> Known {
        let mut known = Known::default();
        for (cell, tile) in cells.grid().iter().enumerate() {
            let colors = tile.as_ref().and_then(|tile| {
                let place = place(cells, cell, tile);
                let colors = self.recall_place(&place, &mut known);
                colors.map(|colors| self.pinned(&place.kind, colors))
            });
            known.colors.push(colors);
        }
        for object in cells.objects() {
            let kind = kind_of(object);
            let answers = self.kinds.get(&kind);
            let is_settled = |answers: &&mut Answers| answers.is_settled(&kind, self.scene);
            known.open += !answers.as_ref().is_some_and(is_settled) as usize;
            known.unknown += answers.is_none() as usize;
            let colors = answers.map(|answers| answers.colors);
            known.colors.push(colors.map(|colors| self.pinned(&kind, colors)));
        }
        known
    }

    fn recall_place(&mut self, place: &Place, known: &mut Known) -> Option<Colors> {
        let painted = self.places.get(place).copied();
        if let Some(painted) = painted.filter(|painted| painted.edition == self.edition) {
            return Some(painted.colors);
        }
        known.open += 1;
        let Some(answers) = self.kinds.get(&place.kind) else {
            known.unknown += painted.is_none() as usize;
            return painted.map(|painted| painted.colors);
        };
        if answers.is_sure(place.kind.tile, self.scene) {
            known.open -= 1;
            let colors = answers.colors;
            self.places.insert(*place, Painted { colors, edition: self.edition });
            return Some(colors);
        }
        Some(painted.map_or(answers.colors, |painted| painted.colors))
    }

    /// Whether any color is pinned.
    pub fn has_pins(&self) -> bool {
        !self.pins.is_empty()
    }

    /// The colors that are pinned of a cell.
    pub fn pins(&self, layer: CellLayer, tile: &Tile) -> Option<&[Option<u16>; INDICES]> {
        self.pins.get(&(layer, packed(tile)))
    }

    fn pinned(&self, kind: &Kind, colors: Colors) -> Colors {
        let pins = self.pins.get(&(kind.layer, kind.tile));
        pins.map_or(colors, |pins| {
            std::array::from_fn(|index| pins[index].unwrap_or(colors[index]))
        })
    }

    /// Learns what a network says of these cells: for each, index after index, the logits of the
    /// palette's colors.
    ///
    /// # Panics
    /// If there are fewer logits than that.
    pub fn learn(&mut self, cells: &Cells, logits: &[f32]) {
        let classes = self.chooser.classes();
        let of_cell = |cell: usize| &logits[cell * INDICES * classes..][..INDICES * classes];
        let likelihoods: Vec<_> = (0..cells.grid().len() + cells.objects().len())
            .map(|cell| self.is_open(cells, cell).then(|| log_likelihoods(of_cell(cell), classes)))
            .collect();
        self.chooser.observe(cells, &likelihoods);
        // All that is said of a tile comes before what it looks like somewhere.
        for (cell, likelihoods) in likelihoods.iter().enumerate() {
            let (Some(tile), Some(likelihoods)) = (cells.tile(cell), likelihoods) else { continue };
            let kind = match cell.checked_sub(cells.grid().len()) {
                Some(object) => kind_of(&cells.objects()[object]),
                None => place(cells, cell, tile).kind,
            };
            self.add(kind, likelihoods);
        }
        let is_new: Vec<bool> = (0..cells.grid().len())
            .map(|cell| {
                cells
                    .tile(cell)
                    .is_some_and(|tile| self.painted(&place(cells, cell, tile)).is_none())
            })
            .collect();
        for patch in patches(cells) {
            self.learn_patch(&patch, &likelihoods);
        }
        self.join_regions(cells, &is_new);
    }

    /// Gives cells that were painted just now the colors of the regions that they are part of.
    fn join_regions(&mut self, cells: &Cells, is_new: &[bool]) {
        let places: Vec<Option<Place>> = (cells.grid().iter().enumerate())
            .map(|(cell, tile)| Some(place(cells, cell, tile.as_ref()?)))
            .collect();
        let painted: Vec<Option<Colors>> =
            places.iter().map(|place| self.painted(place.as_ref()?)).collect();
        // What is pinned draws what is like it along.
        let pinned = places.iter().zip(&painted);
        let mut joined: Vec<Option<Colors>> = pinned
            .map(|(place, colors)| Some(self.pinned(&place.as_ref()?.kind, (*colors)?)))
            .collect();
        regions::join(cells, &mut joined, is_new);
        for ((place, painted), joined) in places.iter().zip(painted).zip(joined) {
            let (Some(place), Some(painted), Some(joined)) = (place, painted, joined) else {
                continue;
            };
            if joined == self.pinned(&place.kind, painted) {
                continue;
            }
            self.places.insert(*place, Painted { colors: joined, edition: self.edition });
            let Some(answers) = self.kinds.get(&place.kind) else { continue };
            for index in (0..INDICES).filter(|&index| joined[index] != painted[index]) {
                answers.joined[index] = Some(joined[index]);
            }
            answers.join();
        }
    }

    /// What a place is painted in since hints were given last.
    fn painted(&mut self, place: &Place) -> Option<Colors> {
        let edition = self.edition;
        let painted = self.places.get(place).filter(|painted| painted.edition == edition);
        painted.map(|painted| painted.colors)
    }

    /// Whether there is more to learn about a cell.
    fn is_open(&mut self, cells: &Cells, cell: usize) -> bool {
        let Some(tile) = cells.tile(cell) else { return false };
        let kind = if let Some(object) = cell.checked_sub(cells.grid().len()) {
            kind_of(&cells.objects()[object])
        } else {
            let place = place(cells, cell, tile);
            if self.places.get(&place).is_none_or(|painted| painted.edition != self.edition) {
                return true;
            }
            place.kind
        };
        self.kinds.get(&kind).is_none_or(|answers| !answers.is_settled(&kind, self.scene))
    }

    /// Learns what cells look like that lie side by side and have one tile: all the same, or a plain
    /// sky would fall to pieces. Where a part of them is painted already the rest follows.
    fn learn_patch(&mut self, patch: &[(usize, Place)], likelihoods: &[Option<Vec<f32>>]) {
        let edition = self.edition;
        let asked: Vec<_> =
            patch.iter().filter_map(|(cell, _)| likelihoods[*cell].as_ref()).collect();
        let painted = patch.iter().find_map(|(_, place)| self.painted(place));
        let Some(colors) = painted.or_else(|| self.colors_here(&patch.first()?.1.kind, &asked))
        else {
            return;
        };
        for (_, place) in patch {
            if self.painted(place).is_none() {
                self.places.insert(*place, Painted { colors, edition });
            }
        }
    }

    /// The colors of a tile where this was said of it.
    fn colors_here(&mut self, kind: &Kind, asked: &[&Vec<f32>]) -> Option<Colors> {
        let first = asked.first()?;
        let answers = self.kinds.get(kind)?;
        let mean = |at: usize| asked.iter().map(|said| said[at]).sum::<f32>() / asked.len() as f32;
        // What is seen here counts as much as all that was seen elsewhere, but must be much
        // better to make one tile look like two.
        let both: Vec<f32> =
            (0..first.len()).map(|at| f32::midpoint(answers.mean[at], mean(at))).collect();
        Some(self.chooser.better(kind.layer, &both, answers.colors))
    }

    /// Adds an answer about a tile.
    fn add(&mut self, kind: Kind, likelihoods: &[f32]) {
        let scene = self.scene;
        // What a plain tile is depends on the scene alone.
        let is_known = |answers: &&mut Answers| {
            let is_of_use = answers.scene == scene || !is_plain(kind.tile);
            is_of_use && answers.count > 0 && !answers.mean.is_empty()
        };
        let Some(answers) = self.kinds.get(&kind).filter(is_known) else {
            let colors = self.chooser.colors(kind.layer, likelihoods);
            self.kinds.insert(
                kind,
                Answers {
                    mean: likelihoods.into(),
                    count: 1,
                    colors,
                    scene,
                    joined: [None; INDICES],
                },
            );
            return;
        };
        if answers.scene != scene {
            // What was said in earlier scenes counts like one answer.
            answers.count = 1;
            answers.scene = scene;
            answers.joined = [None; INDICES];
        }
        answers.count = (answers.count + 1).min(MOST_ANSWERS);
        let share = 1.0 / answers.count as f32;
        for (mean, new) in answers.mean.iter_mut().zip(likelihoods) {
            *mean += share * (new - *mean);
        }
        answers.colors = self.chooser.better(kind.layer, &answers.mean, answers.colors);
        answers.join();
    }

    /// Shows pinned cells in their colors from now on. All others keep theirs until the network,
    /// which may know them better now, was asked again.
    pub fn set_hints(&mut self, hints: &Hints) {
        self.pins.clear();
        for pin in &hints.pins {
            let colors = self.pins.entry((pin.layer, packed(&pin.tile))).or_default();
            colors[pin.index as usize & 3] = Some(pin.color & 0x7FFF);
        }
        self.edition += 1;
        for answers in self.kinds.values_mut() {
            answers.count = 0;
        }
        self.chooser.forget();
        self.chooser.set_hints(hints);
    }

    /// What is to be kept of it. Of places nothing: each scene begins without.
    pub(super) fn save(&self, key: [u8; 32]) -> Saved {
        // The oldest first, so that they are restored in their order.
        let kinds = self.kinds.by_age().filter(|(_, answers)| answers.count > 0);
        let kind = |(kind, answers): (&Kind, &Answers)| SavedKind {
            layer: kind.layer as u8,
            palette: kind.palette,
            tile: kind.tile,
            colors: answers.colors,
        };
        Saved { key, kinds: kinds.map(kind).collect(), game: self.chooser.impression() }
    }

    /// Remembers what was kept, in place of all that is known.
    pub(super) fn restore(&mut self, saved: &Saved) -> Result<(), MemoryError> {
        let layers = [CellLayer::Background, CellLayer::Window, CellLayer::Object];
        let kind = |kind: &SavedKind| {
            let layer = *layers.get(kind.layer as usize).ok_or(MemoryError::Damaged)?;
            Ok(Kind { layer, palette: kind.palette, tile: kind.tile })
        };
        let kinds = saved.kinds.iter().map(kind).collect::<Result<Vec<_>, _>>()?;
        self.clear();
        self.chooser.set_impression(saved.game);
        for (kind, saved) in kinds.into_iter().zip(&saved.kinds) {
            // It is shown as it was until the network was asked again.
            let answers = Answers {
                mean: Box::default(),
                count: 1,
                colors: saved.colors,
                scene: NO_SCENE,
                joined: [None; INDICES],
            };
            self.kinds.insert(kind, answers);
        }
        Ok(())
    }

    /// Forgets what was learned; pins stay.
    pub fn clear(&mut self) {
        self.kinds.clear();
        self.places.clear();
        self.chooser.forget();
    }
}

impl Answers {
    /// Shows the tile in the colors of its regions, as long as they are much like its own.
    fn join(&mut self) {
        for (color, joined) in self.colors.iter_mut().zip(&mut self.joined) {
            match *joined {
                Some(other) if regions::are_alike(*color, other) => *color = other,
                _ => *joined = None,
            }
        }
    }

    /// Whether another answer would change nothing.
    fn is_settled(&self, kind: &Kind, scene: u32) -> bool {
        let is_object = kind.layer == CellLayer::Object;
        is_object && self.scene == scene && self.count >= SETTLED_AFTER
            || self.is_sure(kind.tile, scene)
    }

    /// Whether a cell of this tile need not be asked about: all indices that it has are known well.
    fn is_sure(&self, tile: u128, scene: u32) -> bool {
        if self.scene != scene || self.mean.is_empty() {
            return false;
        }
        let classes = self.mean.len() / INDICES;
        let is_ahead = |mean: &[f32]| {
            let (mut first, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
            for &value in mean {
                second = second.max(value.min(first));
                first = first.max(value);
            }
            first > second + SURE_BY
        };
        let has = |index: usize| (0..64).any(|pixel| tile >> (2 * pixel) & 3 == index as u128);
        let means = self.mean.chunks_exact(classes).enumerate();
        self.count >= SURE_AFTER && means.into_iter().all(|(i, mean)| !has(i) || is_ahead(mean))
    }
}

fn place(cells: &Cells, cell: usize, tile: &Tile) -> Place {
    let layer = cells.layer(cell);
    Place { kind: Kind { layer, palette: 0, tile: packed(tile) }, at: cells.map_place(cell) }
}

/// The cells of the grid, and their places, by what goes together: those that lie side by side in
/// their map and have the same tile.
fn patches(cells: &Cells) -> Vec<Vec<(usize, Place)>> {
    let tiles = cells.grid().iter().enumerate();
    let mut left: FxHashMap<Place, usize> =
        tiles.filter_map(|(cell, tile)| Some((place(cells, cell, tile.as_ref()?), cell))).collect();
    let mut patches = Vec::new();
    for (cell, tile) in cells.grid().iter().enumerate() {
        let Some(tile) = tile else { continue };
        let first = place(cells, cell, tile);
        let mut next: Vec<_> = left.remove(&first).map(|cell| (cell, first)).into_iter().collect();
        let mut patch = Vec::new();
        while let Some((cell, place)) = next.pop() {
            patch.push((cell, place));
            let [x, y] = place.at;
            let beside = [
                [x.wrapping_sub(1), y],
                [x.wrapping_add(1), y],
                [x, y.wrapping_sub(1)],
                [x, y.wrapping_add(1)],
            ];
            for at in beside {
                let place = Place { at: at.map(|axis| axis & 0x1F), ..place };
                next.extend(left.remove(&place).map(|cell| (cell, place)));
            }
        }
        if !patch.is_empty() {
            patches.push(patch);
        }
    }
    patches
}

fn kind_of(object: &ObjectCell) -> Kind {
    let palette = object.palette;
    Kind { layer: CellLayer::Object, palette, tile: packed(&object.tile) }
}

/// Whether all pixels of a tile have the same index.
fn is_plain(tile: u128) -> bool {
    (0..4).any(|index| tile == u128::MAX / 3 * index)
}

/// Two bits for each pixel.
fn packed(tile: &Tile) -> u128 {
    tile.as_chunks().0.iter().fold(0, |packed, &row| {
        // Each pair of pixels, then each pair of those, and then the two halves of the row.
        let row = u64::from_be_bytes(row) & 0x0303_0303_0303_0303;
        let row = (row | row >> 6) & 0x000F_000F_000F_000F;
        let row = (row | row >> 12) & 0x0000_00FF_0000_00FF;
        packed << 16 | ((row | row >> 24) & 0xFFFF) as u128
    })
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

/// A map that forgets what was not looked up for longest.
#[derive(Clone, Debug)]
struct Bounded<K, V> {
    entries: FxHashMap<K, (V, u64)>,
    most: usize,
    /// Counts lookups.
    now: u64,
}

impl<K: Eq + Hash + Copy, V> Bounded<K, V> {
    fn new(most: usize) -> Self {
        Self { entries: FxHashMap::default(), most, now: 0 }
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

    /// All, what was not looked up for longest first.
    fn by_age(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(_, (_, used))| *used);
        entries.into_iter().map(|(key, (value, _))| (key, value))
    }

    fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|(value, _)| value)
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
    fn tiles_are_packed_pixel_by_pixel() {
        let tile: Tile = std::array::from_fn(|pixel| (pixel * pixel / 3 + pixel / 8) as u8 & 3);
        let expected = tile.iter().fold(0, |packed: u128, &index| packed << 2 | index as u128);
        assert_eq!(packed(&tile), expected);
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
