//! Where pixels came from.

use serde::{Deserialize, Serialize};

use super::{HEIGHT, PIXELS, WIDTH};

/// What a pixel belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// The scrolling background.
    Background,
    /// The window.
    Window,
    /// An object.
    Object,
}

/// Where a pixel came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Provenance {
    /// The colour index in bits 0-1, the palette in bits 2-4 and the layer in bits 5-6.
    entry: u8,
    tile: u16,
}

impl Provenance {
    /// `tile` counts the 384 tiles of a VRAM bank from 0x8000 upwards, bank 1 after bank 0.
    pub(crate) fn new(layer: Layer, color_index: u8, palette: u8, tile: u16) -> Self {
        let layer = match layer {
            Layer::Background => 0,
            Layer::Window => 1,
            Layer::Object => 2,
        };
        Self { entry: color_index | palette << 2 | layer << 5, tile }
    }

    /// What the pixel belongs to.
    pub fn layer(self) -> Layer {
        match self.entry >> 5 {
            0 => Layer::Background,
            1 => Layer::Window,
            _ => Layer::Object,
        }
    }

    /// The 2-bit colour index in the tile data, before any palette: 0-3.
    pub fn color_index(self) -> u8 {
        self.entry & 3
    }

    /// The palette: 0-7 on the Color; on the DMG 0 for BGP, and 0 or 1 for OBP0 and OBP1.
    pub fn palette(self) -> u8 {
        self.entry >> 2 & 7
    }

    /// The tile: 0-383 count the 16-byte tiles of VRAM from 0x8000, 384-767 those of bank 1.
    pub fn tile(self) -> u16 {
        self.tile
    }
}

/// The provenance of all pixels of a frame, row by row from the top left.
///
/// The lines of a switched-off screen, and pixels not drawn yet, are background of colour
/// index 0, palette 0, tile 0.
#[derive(Clone, Debug)]
pub struct ProvenanceMap {
    /// The rows of tiles that were drawn whole. They are what most pixels belong to, and are
    /// taken apart only where they are asked for.
    rows: [LineRows; HEIGHT],
    /// The pixels that belong to none of these rows.
    pixels: [Provenance; PIXELS],
}

const ROW: usize = 8;
const ROWS_PER_LINE: usize = WIDTH / ROW;

/// The rows of one line, by the eighth column that each begins in, and by what it consists of:
/// see [`TileRow`].
#[derive(Clone, Copy, Debug)]
pub struct LineRows {
    low: [u8; ROWS_PER_LINE],
    high: [u8; ROWS_PER_LINE],
    attributes: [u8; ROWS_PER_LINE],
    data_at: [u16; ROWS_PER_LINE],
    strides: [Stride; ROWS_PER_LINE],
}

/// What rows that were drawn one after the other have in common, in a byte: so that it is quickly
/// set for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stride(u8);

impl Stride {
    const NONE: Self = Self(0);
    const COLUMN: u8 = 0x07;
    const DRAWN: u8 = 0x08;
    const HIDDEN: u8 = 0x10;
    const WINDOW: u8 = 0x20;

    fn new(column: usize, is_hidden: bool, is_window: bool) -> Self {
        let hidden = if is_hidden { Self::HIDDEN } else { 0 };
        let window = if is_window { Self::WINDOW } else { 0 };
        Self(Self::DRAWN | column as u8 & Self::COLUMN | hidden | window)
    }

    /// In which of its eight columns a row begins, where there is one.
    fn column(self) -> Option<usize> {
        (self.0 & Self::DRAWN != 0).then_some((self.0 & Self::COLUMN) as usize)
    }

    /// Whether the background was switched off.
    fn is_hidden(self) -> bool {
        self.0 & Self::HIDDEN != 0
    }

    fn is_window(self) -> bool {
        self.0 & Self::WINDOW != 0
    }
}

impl LineRows {
    const EMPTY: Self = Self {
        low: [0; ROWS_PER_LINE],
        high: [0; ROWS_PER_LINE],
        attributes: [0; ROWS_PER_LINE],
        data_at: [0; ROWS_PER_LINE],
        strides: [Stride::NONE; ROWS_PER_LINE],
    };

    /// Sets the row that begins in this eighth column, where there is one.
    #[inline]
    pub fn set(&mut self, eighth: usize, row: TileRow) {
        if eighth < ROWS_PER_LINE {
            self.low[eighth] = row.low;
            self.high[eighth] = row.high;
            self.attributes[eighth] = row.attributes;
            self.data_at[eighth] = row.data_at;
        }
    }

    fn row(&self, eighth: usize) -> TileRow {
        let stride = self.strides[eighth];
        let mask = if stride.is_hidden() { 0 } else { 0xFF };
        TileRow {
            low: self.low[eighth] & mask,
            high: self.high[eighth] & mask,
            number: 0,
            attributes: self.attributes[eighth],
            data_at: self.data_at[eighth],
            is_window: stride.is_window(),
        }
    }
}

impl PartialEq for ProvenanceMap {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ProvenanceMap {}

impl ProvenanceMap {
    pub(crate) const EMPTY: Self = Self {
        rows: [LineRows::EMPTY; HEIGHT],
        pixels: [Provenance { entry: 0, tile: 0 }; PIXELS],
    };

    /// The provenance of one pixel after the other.
    pub fn iter(&self) -> impl Iterator<Item = Provenance> + '_ {
        (0..HEIGHT).flat_map(|y| self.line(y))
    }

    /// The provenance of the pixels of line `y`, from left to right.
    ///
    /// # Panics
    /// If `y` is not below [`HEIGHT`].
    pub fn line(&self, y: usize) -> [Provenance; WIDTH] {
        let mut line = [Provenance::default(); WIDTH];
        line.copy_from_slice(&self.pixels[y * WIDTH..][..WIDTH]);
        let rows = &self.rows[y];
        for (eighth, stride) in rows.strides.iter().enumerate() {
            if let Some(column) = stride.column() {
                let row = rows.row(eighth);
                let pixels = &mut line[eighth * ROW + column..][..ROW];
                for (pixel, column) in pixels.iter_mut().zip(0..) {
                    *pixel = row.provenance(row.color_index(column));
                }
            }
        }
        line
    }

    /// Forgets the line's rows of the frame before.
    pub(crate) fn begin_line(&mut self, y: usize) {
        self.rows[y].strides = [Stride::NONE; ROWS_PER_LINE];
    }

    pub(crate) fn set(&mut self, pixel: usize, provenance: Provenance) {
        self.pixels[pixel] = provenance;
    }

    /// Makes room for so many whole rows from this pixel on, within one line. Returns the rows of
    /// the line, and the eighth column of the first of them.
    pub(crate) fn begin_stride(
        &mut self,
        pixel: usize,
        rows: usize,
        is_hidden: bool,
        is_window: bool,
    ) -> (&mut LineRows, usize) {
        let (y, x) = (pixel / WIDTH, pixel % WIDTH);
        let stride = Stride::new(x % ROW, is_hidden, is_window);
        let line = &mut self.rows[y];
        line.strides[x / ROW..][..rows].fill(stride);
        (line, x / ROW)
    }
}

/// A row of a tile of the background or the window: eight pixels, the leftmost in bit 7.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TileRow {
    pub low: u8,
    pub high: u8,
    /// What the tile map holds.
    pub number: u8,
    pub attributes: u8,
    /// Where in VRAM the low byte lies.
    pub data_at: u16,
    pub is_window: bool,
}

impl TileRow {
    pub const EMPTY: Self =
        Self { low: 0, high: 0, number: 0, attributes: 0, data_at: 0, is_window: false };

    /// Where its pixels of a colour index come from.
    pub fn provenance(self, color_index: u8) -> Provenance {
        let layer = if self.is_window { Layer::Window } else { Layer::Background };
        let (bank, tile) = (self.data_at >> 13 & 1, self.data_at >> 4 & 0x1FF);
        Provenance::new(layer, color_index, self.palette(), 384 * bank + tile)
    }

    /// The palette on the Color.
    pub fn palette(self) -> u8 {
        self.attributes & 7
    }

    fn color_index(self, column: u8) -> u8 {
        (self.high << column >> 7) << 1 | self.low << column >> 7
    }
}
