//! Mode 3 in strides of eight dots, while nothing but whole tiles of the background or the window
//! leaves the FIFO.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::registers::{Attributes, Lcdc};
use super::{Ppu, VRAM_SIZE};
use crate::frame::{Layer, Provenance, Raster, WIDTH};

/// Pixels of a row of a tile.
pub const TILE: usize = 8;
/// Bytes of a bank of VRAM, of which the second holds the attributes of the tile maps.
const VRAM_BANK: usize = VRAM_SIZE / 2;
/// A palette register that leaves the colour index as it is, as on the Color.
pub const DIRECT: u8 = 0b11_10_01_00;
/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// A one in each 16 bits.
const WIDE_ONES: u64 = 0x0001_0001_0001_0001;

/// A row of a tile of the background or the window: eight pixels, the leftmost in bit 7.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct TileRow {
    pub low: u8,
    pub high: u8,
    /// What the tile map holds.
    pub number: u8,
    /// 0-767, see [`Provenance::tile`].
    pub tile: u16,
    pub attributes: u8,
    pub is_window: bool,
}

impl TileRow {
    /// Mirrored, where its attributes ask for that.
    pub fn flipped(self) -> Self {
        if self.attributes & Attributes::X_FLIP.bits() == 0 {
            return self;
        }
        Self { low: self.low.reverse_bits(), high: self.high.reverse_bits(), ..self }
    }

    /// The palette on the Color.
    pub fn palette(&self) -> u8 {
        self.attributes & 7
    }
}

/// Where rows of tiles are fetched from while no register changes.
#[derive(Clone, Copy)]
struct MapRow {
    /// Where its 32 tiles begin in VRAM.
    start: usize,
    /// The column of the first tile to fetch.
    first: usize,
    /// The line within the tiles, 0-7.
    line: u8,
    /// The tile that number 0 stands for.
    zero: u8,
    is_window: bool,
}

impl MapRow {
    fn map_at(self, column: usize) -> usize {
        (self.start + (self.first + column & 31)) & (VRAM_BANK - 1)
    }

    /// What [`Self::fetch`] does where there are no attributes.
    fn fetch_plain(self, vram: &[u8; VRAM_SIZE], column: usize) -> TileRow {
        let number = vram[self.map_at(column)];
        let tile = tile_of(number, self.zero);
        let data = data_at(tile, 0, self.line);
        let (low, high) = (vram[data], vram[data + 1]);
        TileRow { low, high, number, tile, attributes: 0, is_window: self.is_window }
    }

    /// The row of the tile so many columns after the first, as it lies in VRAM.
    fn fetch(self, vram: &[u8; VRAM_SIZE], column: usize) -> TileRow {
        let at = self.map_at(column);
        let (number, attributes) = (vram[at], vram[VRAM_BANK + at]);
        let tile = tile_of(number, self.zero);
        let data = data_at(tile, attributes, self.line);
        let (low, high) = (vram[data], vram[data + 1]);
        let tile = tile + 384 * bank_of(attributes) as u16;
        TileRow { low, high, number, tile, attributes, is_window: self.is_window }
    }
}

/// Which of the 384 tiles of a bank a number in a tile map stands for, where number 0 stands for
/// tile `zero`: 0 or 0x80.
pub fn tile_of(number: u8, zero: u8) -> u16 {
    (number ^ zero) as u16 + zero as u16
}

pub fn bank_of(attributes: u8) -> u8 {
    (attributes & Attributes::BANK.bits() != 0) as u8
}

/// Where in VRAM the low byte of a row of one of a bank's tiles lies; the high one follows it.
pub fn data_at(tile: u16, attributes: u8, line: u8) -> usize {
    let flip = if attributes & Attributes::Y_FLIP.bits() == 0 { 0 } else { 7 };
    let bank = bank_of(attributes) as usize * VRAM_BANK;
    (bank + tile as usize * 16 + 2 * (line & 7 ^ flip) as usize) & (VRAM_SIZE - 2)
}

impl Ppu {
    /// Draws `tiles` whole tiles, from a moment at which [`Pipeline::is_at_tile`] holds, and
    /// returns how many dots that took. After each tile it holds again.
    ///
    /// [`Pipeline::is_at_tile`]: super::pipeline::Pipeline::is_at_tile
    pub fn draw_tiles(&mut self, tiles: usize) -> usize {
        let map = MapRow {
            start: self.map_row(),
            // The fetcher reads the map when the first of its eight dots is over.
            first: self.map_column(self.pipeline.position() + 1) as usize,
            line: self.map_line() & 7,
            zero: self.zero_tile(),
            is_window: self.pipeline.is_in_window(),
        };
        let at = self.line as usize * WIDTH + self.pipeline.column();
        let last = self.paint(map, at..at + tiles * TILE);
        self.pipeline.pass_tiles(tiles, last, self.lcdc);
        tiles * TILE
    }

    /// Paints the row in the FIFO and those that are fetched after it, and returns the last one
    /// that is fetched.
    fn paint(&mut self, map: MapRow, pixels: Range<usize>) -> TileRow {
        let is_hidden = !self.cgb_mode && !self.lcdc.contains(Lcdc::BG_ENABLE);
        let mask = if is_hidden { 0 } else { 0xFF };
        let origins: &mut [[Provenance; TILE]] = match &mut self.drawn.provenance {
            Some(provenance) => provenance[pixels.clone()].as_chunks_mut().0,
            None => &mut [],
        };
        let mut trace = |column: usize, row: &TileRow| {
            if let Some(origins) = origins.get_mut(column) {
                *origins = trace_all(row, mask);
            }
        };
        let mut row = self.pipeline.background();
        let mut fetched = row;
        match &mut self.drawn.raster {
            Raster::Shades(shades) => {
                let tiles = shades[pixels].as_chunks_mut().0;
                for (column, tile) in tiles.iter_mut().enumerate() {
                    *tile = shade_all(row.low & mask, row.high & mask, self.bgp);
                    trace(column, &row);
                    fetched = map.fetch_plain(&self.vram, column);
                    row = fetched;
                }
            }
            Raster::Colors(colors) => {
                let bgp = if self.cgb_mode { DIRECT } else { self.bgp };
                let blend = |palette: u8| {
                    let colors = self.bg_palettes.colors(palette);
                    Blend::new([0, 2, 4, 6].map(|i| colors[(bgp >> i & 3) as usize]))
                };
                let mut latest = (0, blend(0));
                let tiles = colors[pixels].as_chunks_mut().0;
                for (column, tile) in tiles.iter_mut().enumerate() {
                    if latest.0 != row.palette() {
                        latest = (row.palette(), blend(row.palette()));
                    }
                    *tile = latest.1.color_all(row.low & mask, row.high & mask);
                    trace(column, &row);
                    fetched = if self.cgb_mode {
                        map.fetch(&self.vram, column)
                    } else {
                        map.fetch_plain(&self.vram, column)
                    };
                    row = fetched.flipped();
                }
            }
        }
        fetched
    }
}

/// The bits of a byte in the bytes of a word, bit 7 in the lowest.
fn spread(bits: u8) -> u64 {
    (bits as u64).wrapping_mul(0x8040_2010_0804_0201) >> 7 & ONES
}

/// What BGP makes of eight pixels at once: shade 0, and for each bit of their colour indices what
/// it changes about that.
fn shade_all(low: u8, high: u8, bgp: u8) -> [u8; TILE] {
    let [zero, one, two, three] = [0, 2, 4, 6].map(|i| (bgp >> i & 3) as u64);
    let (low, high) = (spread(low), spread(high));
    let shades = (zero * ONES)
        ^ (low * (zero ^ one))
        ^ (high * (zero ^ two))
        ^ ((low & high) * (zero ^ one ^ two ^ three));
    shades.to_le_bytes()
}

/// Four colours as eight pixels at once need them: colour 0, and for each bit of a colour index
/// what it changes about that, four times over.
#[derive(Clone, Copy)]
struct Blend([u64; 4]);

impl Blend {
    fn new(palette: [u16; 4]) -> Self {
        let [zero, one, two, three] = palette;
        let changes = [zero, zero ^ one, zero ^ two, zero ^ one ^ two ^ three];
        Self(changes.map(|change| change as u64 * WIDE_ONES))
    }

    fn color_all(&self, low: u8, high: u8) -> [u16; TILE] {
        let Self([zero, one, two, three]) = *self;
        let half = |low: u8, high: u8| {
            let (low, high) = (WIDE_MASKS[low as usize & 15], WIDE_MASKS[high as usize & 15]);
            zero ^ low & one ^ high & two ^ low & high & three
        };
        let (left, right) = (half(low >> 4, high >> 4), half(low, high));
        std::array::from_fn(|column| {
            let half = if column < 4 { left } else { right };
            (half >> (16 * (column & 3))) as u16
        })
    }
}

/// For each bit of four, the highest first, 16 bits.
const WIDE_MASKS: [u64; 16] = {
    let mut masks = [0; 16];
    let mut bits = 0;
    while bits < 16 {
        let spread = (bits as u64 * 0x0008_0004_0002_0001) >> 3 & WIDE_ONES;
        masks[bits] = spread * 0xFFFF;
        bits += 1;
    }
    masks
};

/// Where the eight pixels of a row come from; `mask` is 0 where the background is hidden.
fn trace_all(row: &TileRow, mask: u8) -> [Provenance; TILE] {
    let layer = if row.is_window { Layer::Window } else { Layer::Background };
    let origin = Provenance::new(layer, 0, row.palette(), row.tile);
    let indices = spread(row.low & mask) + 2 * spread(row.high & mask);
    indices.to_le_bytes().map(|index| origin.with_color_index(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_spread_from_left_to_right() {
        for bits in 0..=0xFF_u8 {
            let expected = std::array::from_fn(|column| bits >> (7 - column) & 1);
            assert_eq!(spread(bits).to_le_bytes(), expected);
        }
    }

    #[test]
    fn eight_pixels_are_those_of_one_after_the_other() {
        // Colour indices 3, 2, 1, 0, 0, 1, 3, 2.
        let (low, high, indices) = (0b1010_0110, 0b1100_0011, [3, 2, 1, 0, 0, 1, 3, 2]);
        for bgp in 0..=0xFF_u8 {
            let shades = indices.map(|index| bgp >> (2 * index) & 3);
            assert_eq!(shade_all(low, high, bgp), shades);
        }
        let palette = [0x7FFF, 0x1234, 0x0000, 0x5555];
        assert_eq!(Blend::new(palette).color_all(low, high), indices.map(|index| palette[index]));
    }
}
