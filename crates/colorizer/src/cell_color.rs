//! Pictures by the colors of their cells.
//!
//! A [`CellSource`] says which colors of its palette the cells of a frame have. [`CellPainter`]
//! remembers that and paints frames with it: each pixel in the color of its cell and color index,
//! brighter or darker where the game has changed its palettes for a fade or a flash.
//! [`InlineCells`] asks the source and waits, [`BackgroundCells`] never does.

mod background;
mod bounded;
mod calm;
mod hints;
mod inline;
mod memory;
mod places;
mod regions;
mod saved;
mod settled;
mod style;
#[cfg(test)]
mod tests;
mod tones;

use gameboy::Frame;

pub use background::BackgroundCells;
pub use hints::{Hints, Pin};
pub use inline::InlineCells;
pub use memory::{Known, Memory};
pub use saved::MemoryError;
pub use settled::Settled;
pub use style::{Style, nearest_rgb555};
pub use tones::Tones;

use crate::cells::{CellLayer, Cells, Tile};
use crate::{GREY_LEVELS, RgbaFrame, SourceError, TileSet};
use saved::Saved;

/// Says what colors cells have; it may take long.
///
/// Of the original Game Boy's frames it is given cells whose color indices go from light to dark,
/// as the game usually shows them: see [`Settled::ranks`].
pub trait CellSource: Send {
    /// The colors that there are, sRGB; at most 256.
    fn palette(&self) -> &[[u8; 3]];

    /// Tiles of the games whose colors it knows, each of one game alone; empty where that is not
    /// known.
    fn tiles(&self) -> TileSet {
        TileSet::default()
    }

    /// Writes to `out`, for each of the cells, first of the grid and then of the objects, and for
    /// each of its color indices, how likely each color of the palette is: logits. The `hints` are
    /// what is known of the game.
    ///
    /// # Errors
    /// Whatever went wrong. Cells that are not known yet are then shown in grey.
    fn logits(
        &mut self,
        cells: &Cells,
        hints: &Hints,
        out: &mut Vec<f32>,
    ) -> Result<(), SourceError>;
}

/// Paints frames of the original Game Boy with what it knows of their cells.
#[derive(Clone, Debug)]
pub struct CellPainter {
    memory: Memory,
    settled: Settled,
    tones: Tones,
}

/// A frame's cells, and what was known of them.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Their indices are [ranks](Settled::ranks).
    cells: Cells,
    known: Known,
    palettes: [Usual; settled::PALETTES],
}

/// What a palette usually is.
#[derive(Clone, Copy, Debug, Default)]
struct Usual {
    /// The rank and the shade of each color index.
    indices: [(u8, u8); 4],
    /// By how many shades it is darker now.
    shift: i8,
}

/// What a pixel shows.
#[derive(Clone, Copy)]
struct Shown {
    /// The rank of its color index.
    rank: u8,
    /// The shade that this usually has.
    usual: u8,
    /// The shade that it has now.
    shade: u8,
    /// By how many shades its palette is darker than usual.
    shift: i8,
}

/// Calls `visit` with each pixel of a frame of shades. Without provenance the shade is all that a
/// pixel shows.
fn for_each_shown(
    frame: &Frame,
    palettes: &[Usual; settled::PALETTES],
    mut visit: impl FnMut(usize, Shown),
) {
    let Some(shades) = frame.shades() else { return };
    match frame.provenance().filter(|_| frame.memory().is_some()) {
        Some(provenance) => {
            for (at, (pixel, &shade)) in provenance.iter().zip(shades).enumerate() {
                let index = pixel.color_index() as usize & 3;
                let Usual { indices, shift } = palettes[settled::palette_of(pixel)];
                let (rank, usual) = indices[index];
                visit(at, Shown { rank, usual, shade, shift });
            }
        }
        None => {
            for (at, &shade) in shades.iter().enumerate() {
                visit(at, Shown { rank: shade & 3, usual: shade, shade, shift: 0 });
            }
        }
    }
}

/// Whether a frame of shades is all white or all black.
fn is_blank(frame: &Frame) -> bool {
    let is_all = |shade: u8| frame.shades().is_some_and(|s| s.iter().all(|&now| now == shade));
    is_all(0) || is_all(3)
}

impl Scene {
    /// What a source must be told.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// As [`cells`](Self::cells).
    pub fn into_cells(self) -> Cells {
        self.cells
    }

    /// Cells of which a source may know more.
    pub fn open(&self) -> usize {
        self.known.open
    }

    /// Cells of which nothing is known.
    pub fn unknown(&self) -> usize {
        self.known.unknown
    }
}

impl CellPainter {
    /// Knows nothing yet, and paints by a source that has these colors, as far as the style trusts
    /// it.
    pub fn new(palette: &[[u8; 3]], style: Style) -> Self {
        Self::with(Memory::new(palette, style))
    }

    /// Knows nothing yet, and paints by this source, as far as the style trusts it.
    pub fn of(source: &impl CellSource, style: Style) -> Self {
        Self::with(Memory::of(source, style))
    }

    fn with(memory: Memory) -> Self {
        Self { memory, settled: Settled::new(), tones: Tones::new() }
    }

    /// Looks at a frame: at its cells, or, where its provenance was not recorded, at those that its
    /// shades [show](Cells::of_shades). `None` where it has no shades. All white or all black shows
    /// nothing, and stays so: the screen is off, or a fade has come to its end.
    pub fn look(&mut self, frame: &Frame) -> Option<Scene> {
        self.settled.observe(frame);
        let (cells, palettes) = self.cells_of(frame)?;
        if is_blank(frame) {
            let colors = vec![None; cells.grid().len() + cells.objects().len()];
            return Some(Scene { cells, known: Known { colors, open: 0, unknown: 0 }, palettes });
        }
        if frame.provenance().is_some() {
            self.memory.notice_cut(&cells);
        }
        let known = self.memory.recall(&cells);
        Some(Scene { cells, known, palettes })
    }

    /// The cells of a frame in ranks, and its palettes.
    fn cells_of(&self, frame: &Frame) -> Option<(Cells, [Usual; settled::PALETTES])> {
        let shades = frame.shades()?.try_into().ok()?;
        let Some(cells) = Cells::of(frame) else {
            return Some((Cells::of_shades(shades), Default::default()));
        };
        let ranks = std::array::from_fn(|palette| self.settled.ranks(palette));
        let palettes = std::array::from_fn(|palette| {
            let (ranks, shades): ([u8; 4], _) = (ranks[palette], self.settled.shades(palette));
            let indices = std::array::from_fn(|index| (ranks[index], shades[index]));
            Usual { indices, shift: self.settled.shift(palette) }
        });
        let [grid, first, second] = ranks;
        Some((cells.mapped(grid, [first, second]), palettes))
    }

    /// What a pixel of a frame shows, as a pin of the color that it has: an index of a cell.
    /// `None` where there are no shades, as of frames of the Game Boy Color.
    pub fn pin_at(&mut self, frame: &Frame, pixel: usize) -> Option<Pin> {
        let (cells, palettes) = self.cells_of(frame)?;
        let known = self.memory.recall(&cells);
        let cell = *cells.of_pixels().get(pixel)? as usize;
        let (mut index, mut usual) = (0, 0);
        for_each_shown(frame, &palettes, |at, shown| {
            if at == pixel {
                (index, usual) = (shown.rank, shown.usual);
            }
        });
        let grey = nearest_rgb555([GREY_LEVELS[usual as usize & 3]; 3]);
        let color = known.colors[cell].map_or(grey, |colors| colors[index as usize & 3]);
        Some(Pin { layer: cells.layer(cell), tile: *cells.tile(cell)?, index, color })
    }

    /// Calls `visit` with each pixel of a frame of shades and what it shows: the layer, the tile, and
    /// the index, each as a pin has it.
    pub fn for_each_pixel(
        &self,
        frame: &Frame,
        mut visit: impl FnMut(usize, CellLayer, &Tile, u8),
    ) {
        let Some((cells, palettes)) = self.cells_of(frame) else { return };
        for_each_shown(frame, &palettes, |pixel, shown| {
            let cell = cells.of_pixels()[pixel] as usize;
            if let Some(tile) = cells.tile(cell) {
                visit(pixel, cells.layer(cell), tile, shown.rank);
            }
        });
    }

    /// Paints the pinned cells of a frame of shades over a picture of it, and nothing else.
    pub fn paint_pins(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        if !self.memory.has_pins() {
            return;
        }
        let Some((cells, palettes)) = self.cells_of(frame) else { return };
        let pixels = out.pixels_mut();
        for_each_shown(frame, &palettes, |pixel, shown| {
            let cell = cells.of_pixels()[pixel] as usize;
            let Some(tile) = cells.tile(cell) else { return };
            let pins = self.memory.pins(cells.layer(cell), tile);
            if let Some(color) = pins.and_then(|pins| pins[shown.rank as usize & 3]) {
                let Shown { usual, shade, shift, .. } = shown;
                let [r, g, b] = self.tones.color(color, usual, shade, shift);
                pixels[pixel] = [r, g, b, 0xFF];
            }
        });
    }

    /// Looks at a frame that is not painted, for the game's usual palettes alone.
    pub fn watch(&mut self, frame: &Frame) {
        self.settled.observe(frame);
    }

    /// Counts the scenes of the game. What a source says of the cells of an earlier one is of little
    /// use.
    pub fn scene(&self) -> u32 {
        self.memory.scene()
    }

    /// Learns what a source said of cells.
    ///
    /// # Panics
    /// If there are fewer logits than the cells have.
    pub fn learn(&mut self, cells: &Cells, logits: &[f32]) {
        self.memory.learn(cells, logits);
    }

    /// Paints these cells in these colors from now on, and all others by what a source says that
    /// was told so; until it does they stay as they are.
    pub fn set_hints(&mut self, hints: &Hints) {
        self.memory.set_hints(hints);
    }

    /// Looks up again what is known of a scene's cells.
    pub fn recall(&mut self, scene: &mut Scene) {
        scene.known = self.memory.recall(&scene.cells);
    }

    /// Paints the frame that was looked at last, of which this scene is.
    ///
    /// A frame without shades is not painted.
    pub fn paint(&mut self, frame: &Frame, scene: &Scene, out: &mut RgbaFrame) {
        let pixels = out.pixels_mut();
        for_each_shown(frame, &scene.palettes, |pixel, shown| {
            let Shown { rank, usual, shade, shift } = shown;
            let [r, g, b] = match scene.known.colors[scene.cells.of_pixels()[pixel] as usize] {
                None => [GREY_LEVELS[shade as usize & 3]; 3],
                Some(colors) => self.tones.color(colors[rank as usize & 3], usual, shade, shift),
            };
            pixels[pixel] = [r, g, b, 0xFF];
        });
    }

    /// What is known of the game's cells, as bytes to [restore](Self::restore) another time. The
    /// `key` tells what it came from: weights, style and hints.
    pub fn save(&mut self, key: [u8; 32]) -> Vec<u8> {
        self.memory.save(key).to_bytes()
    }

    /// Remembers what was [saved](Self::save).
    ///
    /// # Errors
    /// If the bytes are damaged, or were saved with another key. Nothing is changed then.
    pub fn restore(&mut self, bytes: &[u8], key: [u8; 32]) -> Result<(), MemoryError> {
        self.memory.restore(&Saved::from_bytes(bytes, key)?)
    }

    /// Forgets what it knows of the game.
    pub fn forget(&mut self) {
        self.memory.clear();
        self.settled = Settled::new();
    }
}
