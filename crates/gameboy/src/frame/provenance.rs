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
    /// The tile in bits 0-9 and the entry of OAM in bits 10-15.
    origin: u16,
}

const TILE_BITS: u32 = 10;

impl Provenance {
    /// Of a color index 0-3, a palette 0-7, and a `tile`, which counts the 384 tiles of a VRAM bank
    /// from 0x8000 upwards, bank 1 after bank 0. More than that is cut off.
    pub fn new(layer: Layer, color_index: u8, palette: u8, tile: u16) -> Self {
        let layer = match layer {
            Layer::Background => 0,
            Layer::Window => 1,
            Layer::Object => 2,
        };
        let entry = color_index & 3 | (palette & 7) << 2 | layer << 5;
        Self { entry, origin: tile & ((1 << TILE_BITS) - 1) }
    }

    /// Of the object in this entry of OAM, 0-39.
    #[must_use]
    pub fn of_object(self, number: u8) -> Self {
        Self { origin: self.origin | (number as u16) << TILE_BITS, ..self }
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
        self.origin & ((1 << TILE_BITS) - 1)
    }

    /// The entry of OAM, 0-39, of the object that it belongs to; 0 where that is none.
    pub fn object(self) -> u8 {
        (self.origin >> TILE_BITS) as u8
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

/// A row of a tile that is drawn whole, in a word so that it is quickly kept: from the lowest
/// bits on its low byte, its high byte, its attributes, what it shares with the rest of its
/// [`Stride`], and where its data lies in VRAM. Zero where there is none.
#[derive(Clone, Copy, Debug)]
pub struct DrawnRow(u64);

impl DrawnRow {
    /// A line without any.
    pub const NO_LINE: LineRows = [Self(0); ROWS_PER_LINE];
    const HIGH: u32 = 8;
    const ATTRIBUTES: u32 = 16;
    const STRIDE: u32 = 24;
    const DATA_AT: u32 = 32;

    /// `data` is the row's low byte and its high byte, mirrored where `attributes` ask for that.
    pub fn new(data: [u8; 2], attributes: u8, data_at: u16, stride: Stride) -> Self {
        let data = u16::from_le_bytes(data) as u64;
        let attributes = (attributes as u64) << Self::ATTRIBUTES;
        let data_at = (data_at as u64) << Self::DATA_AT;
        Self((data | attributes | data_at) & stride.kept | stride.shared)
    }

    pub fn low(self) -> u8 {
        self.0 as u8
    }

    pub fn high(self) -> u8 {
        (self.0 >> Self::HIGH) as u8
    }

    /// The palette on the Color.
    pub fn palette(self) -> u8 {
        (self.0 >> Self::ATTRIBUTES) as u8 & TileRow::PALETTE
    }

    /// In which of the eight columns it begins, where there is a row, and the row.
    fn get(self) -> Option<(usize, TileRow)> {
        let stride = (self.0 >> Self::STRIDE) as u8;
        let row = TileRow {
            low: self.low(),
            high: self.high(),
            number: 0,
            attributes: (self.0 >> Self::ATTRIBUTES) as u8,
            data_at: (self.0 >> Self::DATA_AT) as u16,
            is_window: stride & Stride::WINDOW != 0,
        };
        let column = (stride & Stride::COLUMN) as usize;
        (stride & Stride::DRAWN != 0).then_some((column, row))
    }
}

/// The rows of one line, by the eighth column that each begins in.
pub type LineRows = [DrawnRow; ROWS_PER_LINE];

/// What rows that are drawn one after the other have in common.
#[derive(Clone, Copy)]
pub struct Stride {
    /// What is in each of their words.
    shared: u64,
    /// What their words keep of the rows.
    kept: u64,
}

impl Stride {
    const COLUMN: u8 = 0x07;
    const DRAWN: u8 = 0x08;
    const WINDOW: u8 = 0x10;

    /// Of rows that each begin in this of eight columns. A hidden background is all of colour
    /// index 0.
    pub fn new(column: usize, is_hidden: bool, is_window: bool) -> Self {
        let window = if is_window { Self::WINDOW } else { 0 };
        let shared = Self::DRAWN | column as u8 & Self::COLUMN | window;
        let kept = if is_hidden { !0xFFFF } else { !0 };
        Self { shared: (shared as u64) << DrawnRow::STRIDE, kept }
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
        rows: [DrawnRow::NO_LINE; HEIGHT],
        pixels: [Provenance { entry: 0, origin: 0 }; PIXELS],
    };

    /// Of what is known of each pixel, row by row from the top left.
    pub fn from_pixels(pixels: &[Provenance; PIXELS]) -> Self {
        Self { rows: [DrawnRow::NO_LINE; HEIGHT], pixels: *pixels }
    }

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
        for (eighth, row) in self.rows[y].iter().enumerate() {
            if let Some((column, row)) = row.get() {
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
        self.rows[y] = DrawnRow::NO_LINE;
    }

    pub(crate) fn set(&mut self, pixel: usize, provenance: Provenance) {
        self.pixels[pixel] = provenance;
    }

    /// Where to keep the rows of tiles that are drawn in this line.
    pub(crate) fn rows(&mut self, y: usize) -> &mut LineRows {
        &mut self.rows[y]
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
    /// The bits of the attributes that hold the palette.
    const PALETTE: u8 = 7;
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
        self.attributes & Self::PALETTE
    }

    fn color_index(self, column: u8) -> u8 {
        (self.high << column >> 7) << 1 | self.low << column >> 7
    }
}
