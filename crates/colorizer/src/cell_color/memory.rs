//! What is known of cells that were seen before.

use rustc_hash::{FxHashMap, FxHashSet};

use super::bounded::Bounded;
use super::places::{
    Kind, MAP_SIDE, Place, View, beside, is_plain, kind_of, packed, patches, place, surroundings,
    view,
};
use super::regions;
use super::saved::{MemoryError, Saved, SavedKind};
use super::style::{Chooser, Style, best};
use super::{CellSource, Hints};
use crate::cells::{CellLayer, Cells, Tile};

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
/// Cells side by side of one tile that are a surface.
const SURFACE: usize = 4;
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
    /// Colors that it had by itself, and those of the [regions](super::regions) that it is part of
    /// there, in which it is shown instead.
    joined: [Option<[u16; 2]>; INDICES],
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
/// A cell of the grid has the colors that it got first for as long as its tile is at its place in the tile
/// map and that on the screen: what stands still or scrolls never changes. A tile about which the
/// network was sure wherever it saw it in a scene has its colors there unasked, between tiles between
/// which it was seen before. Only other
/// [hints](Self::set_hints) change what is shown, as soon as the network has answered to them, and
/// another [scene](Self::notice_cut) begins with what is known of tiles alone.
#[derive(Clone, Debug)]
pub struct Memory {
    kinds: Bounded<Kind, Answers>,
    places: Bounded<Place, Painted>,
    /// Between which [others](surroundings) tiles were asked about in this scene.
    contexts: Bounded<(Kind, u64), ()>,
    /// Colors that are not the network's to choose.
    pins: FxHashMap<(CellLayer, u128), [Option<u16>; INDICES]>,
    /// Counts the hints.
    edition: u32,
    /// What was seen last, but for plain tiles, and which scene that was.
    seen: FxHashSet<Place>,
    scene: u32,
    /// What of the background's tile map was on the screen last.
    view: View,
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
            contexts: Bounded::new(MOST_PLACES),
            pins: FxHashMap::default(),
            edition: 0,
            seen: FxHashSet::default(),
            scene: 0,
            view: [0; MAP_SIDE],
            chooser,
        }
    }

    /// Looks whether a frame with these cells is another scene than the one before, whose places
    /// then say nothing any more: the same part of a tile map, and even the same tile, is now of
    /// something else.
    pub fn notice_cut(&mut self, cells: &Cells) {
        self.forget_out_of_view(cells);
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
            self.contexts.clear();
            self.chooser.begin_scene();
        }
        self.seen = seen;
    }

    /// Forgets places of the background that have scrolled out of the screen.
    fn forget_out_of_view(&mut self, cells: &Cells) {
        let view = view(cells);
        if view != self.view {
            self.view = view;
            self.places.retain(|Place { kind, at: [row, column] }| {
                kind.layer != CellLayer::Background || view[*row as usize] >> column & 1 == 1
            });
        }
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
                let colors = self.recall_place(cells, cell, &place, &mut known);
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

    fn recall_place(
        &mut self,
        cells: &Cells,
        cell: usize,
        place: &Place,
        known: &mut Known,
    ) -> Option<Colors> {
        let painted = self.places.get(place).copied();
        if let Some(painted) = painted.filter(|painted| painted.edition == self.edition) {
            return Some(painted.colors);
        }
        if let Some(colors) = self.painted_beside(place) {
            self.places.insert(*place, Painted { colors, edition: self.edition });
            return Some(colors);
        }
        known.open += 1;
        let is_usual = self.contexts.get(&(place.kind, surroundings(cells, cell))).is_some();
        let Some(answers) = self.kinds.get(&place.kind) else {
            known.unknown += painted.is_none() as usize;
            return painted.map(|painted| painted.colors);
        };
        if is_usual && answers.is_sure(place.kind.tile, self.scene) {
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
            let kind = if let Some(object) = cell.checked_sub(cells.grid().len()) {
                kind_of(&cells.objects()[object])
            } else {
                let kind = place(cells, cell, tile).kind;
                self.contexts.insert((kind, surroundings(cells, cell)), ());
                kind
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
        self.join_regions(cells, &is_new, &likelihoods);
    }

    /// Gives cells that were painted just now the colors of the regions that they are part of.
    fn join_regions(&mut self, cells: &Cells, is_new: &[bool], likelihoods: &[Option<Vec<f32>>]) {
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
        let classes = self.chooser.classes();
        regions::join(cells, &mut joined, is_new, |cell, index, color| {
            likelihoods[cell].as_ref().is_some_and(|likelihoods| {
                self.chooser.may_be(&likelihoods[index * classes..][..classes], color)
            })
        });
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
                answers.joined[index] = Some([answers.colors[index], joined[index]]);
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

    /// What a tile is painted in that lies beside this place too: they belong together.
    fn painted_beside(&mut self, place: &Place) -> Option<Colors> {
        beside(place.at).into_iter().find_map(|at| self.painted(&Place { at, ..*place }))
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
        // better to make one tile look like two; or be sure of a surface, as of the sea, which on
        // the original Game Boy may have the tile of a meadow.
        let is_surface = asked.len() >= SURFACE;
        let here: Vec<f32> = (0..first.len()).map(mean).collect();
        let classes = first.len() / INDICES;
        let of_index = answers.mean.chunks_exact(classes).zip(here.chunks_exact(classes));
        let both: Vec<f32> = of_index
            .flat_map(|(everywhere, here)| {
                let usual = best(everywhere);
                let is_sure = is_surface && here[best(here)] > here[usual] + SURE_BY;
                let both = everywhere.iter().zip(here);
                both.map(move |(&x, &y)| if is_sure { y } else { f32::midpoint(x, y) })
            })
            .collect();
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
        self.contexts.clear();
        self.chooser.forget();
    }
}

impl Answers {
    /// Shows the tile in the colors of its regions, until its own are others.
    fn join(&mut self) {
        for (color, joined) in self.colors.iter_mut().zip(&mut self.joined) {
            match *joined {
                Some([own, other]) if *color == own || *color == other => *color = other,
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

#[cfg(test)]
mod tests {
    use gameboy::{Buttons, Cartridge, GameBoy, Model};

    use super::*;

    /// The demo as the original Game Boy shows it.
    fn demo() -> GameBoy {
        let rom = include_bytes!("../../../../roms/chromaboy-demo.gb").to_vec();
        let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Dmg);
        gb.record_provenance();
        gb
    }

    /// Learns that the first color is the right one.
    fn learn(memory: &mut Memory, cells: &Cells) {
        memory.notice_cut(cells);
        let logits = [9.0, 0.0].repeat(INDICES * (cells.grid().len() + cells.objects().len()));
        memory.learn(cells, &logits);
    }

    #[test]
    fn places_that_have_scrolled_out_are_forgotten() {
        let (mut gb, mut seen) = (demo(), FxHashSet::default());
        let mut memory = Memory::new(&[[0; 3], [255; 3]], Style::Vivid);
        for frame in 0..1200 {
            let is_start = frame % 200 < 4;
            gb.set_buttons(if is_start { Buttons::START } else { Buttons::RIGHT });
            gb.run_frame();
            let cells = Cells::of(gb.frame()).expect("provenance");
            learn(&mut memory, &cells);
            let view = view(&cells);
            let places = memory.places.by_age().map(|(place, _)| place);
            let places = places.filter(|place| place.kind.layer == CellLayer::Background);
            for place in places {
                assert_eq!(view[place.at[0] as usize] >> place.at[1] & 1, 1, "{place:?}");
                seen.insert(*place);
            }
        }
        let left = memory.places.by_age().count();
        assert!(seen.len() > left + 200, "{} places, {left} left", seen.len());
    }

    #[test]
    fn a_tile_between_others_than_before_is_asked_about() {
        let mut gb = demo();
        (0..300).for_each(|_| gb.run_frame());
        let cells = Cells::of(gb.frame()).expect("provenance");
        let mut memory = Memory::new(&[[0; 3], [255; 3]], Style::Vivid);
        (0..SETTLED_AFTER).for_each(|_| learn(&mut memory, &cells));
        memory.places.clear();
        assert_eq!(memory.recall(&cells).open, 0);
        memory.places.clear();
        memory.contexts.clear();
        assert!(memory.recall(&cells).open > 100);
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
