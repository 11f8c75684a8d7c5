//! Mode 3 in strides of eight dots, while nothing but whole tiles of the background or the window
//! leaves the FIFO.

use serde::{Deserialize, Serialize};

use super::registers::{Attributes, Lcdc};
use super::{Ppu, VRAM_SIZE};
use crate::frame::{Layer, Provenance, Raster, WIDTH};

/// Pixels of a row of a tile.
pub const TILE: usize = 8;
const TILES_PER_LINE: usize = WIDTH / TILE;
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
struct MapRow<'a> {
    vram: &'a [u8; VRAM_SIZE],
    /// Where its 32 tiles begin in VRAM.
    start: usize,
    /// The line within the tiles, 0-7.
    line: u8,
    has_attributes: bool,
    has_low_data: bool,
    is_window: bool,
}

impl MapRow<'_> {
    fn fetch(&self, column: usize) -> TileRow {
        let at = (self.start + (column & 31)) & (VRAM_BANK - 1);
        let number = self.vram[at];
        let attributes = if self.has_attributes { self.vram[VRAM_BANK + at] } else { 0 };
        let bank = (attributes & Attributes::BANK.bits() != 0) as u16;
        let tile = tile_of(number, self.has_low_data);
        let row = TileRow {
            number,
            tile: tile + 384 * bank,
            attributes,
            is_window: self.is_window,
            ..TileRow::default()
        };
        let data = data_at(&row, self.line);
        TileRow { low: self.vram[data], high: self.vram[data + 1], ..row }
    }
}

/// Which of the 384 tiles of a bank the number in a tile map stands for.
pub fn tile_of(number: u8, has_low_data: bool) -> u16 {
    if has_low_data { number as u16 } else { 0x80 + (number ^ 0x80) as u16 }
}

/// Where in VRAM the low byte of `row` lies on this line of its tile; the high one follows it.
pub fn data_at(row: &TileRow, line: u8) -> usize {
    let flip = if row.attributes & Attributes::Y_FLIP.bits() == 0 { 0 } else { 7 };
    let (bank, tile) = if row.tile < 384 { (0, row.tile) } else { (VRAM_BANK, row.tile - 384) };
    (bank + tile as usize * 16 + 2 * (line & 7 ^ flip) as usize) & (VRAM_SIZE - 2)
}

impl Ppu {
    /// Draws `tiles` whole tiles, from a moment at which [`Pipeline::is_at_tile`] holds, and
    /// returns how many dots that took. After each tile it holds again.
    ///
    /// [`Pipeline::is_at_tile`]: super::pipeline::Pipeline::is_at_tile
    pub fn draw_tiles(&mut self, tiles: usize) -> usize {
        let tiles = tiles.min(TILES_PER_LINE);
        let mut rows = [TileRow::default(); TILES_PER_LINE + 1];
        rows[0] = self.pipeline.background();
        let last = self.fetch_rows(&mut rows[1..=tiles]);
        if !self.cgb_mode && !self.lcdc.contains(Lcdc::BG_ENABLE) {
            for row in &mut rows {
                (row.low, row.high) = (0, 0);
            }
        }
        self.paint(&rows[..tiles]);
        self.pipeline.pass_tiles(tiles, last, self.lcdc);
        tiles * TILE
    }

    /// Fetches one row after the other, as they are drawn. Returns the last one as it lies in
    /// VRAM.
    fn fetch_rows(&self, rows: &mut [TileRow]) -> TileRow {
        let map = MapRow {
            vram: &self.vram,
            start: self.map_row(),
            line: self.map_line() & 7,
            has_attributes: self.cgb_mode,
            has_low_data: self.lcdc.contains(Lcdc::LOW_TILE_DATA),
            is_window: self.pipeline.is_in_window(),
        };
        // The fetcher reads the map when the first of its eight dots is over.
        let first = self.map_column(self.pipeline.position() + 1) as usize;
        let mut last = TileRow::default();
        for (column, row) in rows.iter_mut().enumerate() {
            last = map.fetch(first + column);
            *row = last.flipped();
        }
        last
    }

    /// Puts whole rows on the screen.
    fn paint(&mut self, rows: &[TileRow]) {
        let at = self.line as usize * WIDTH + self.pipeline.column();
        let pixels = at..at + rows.len() * TILE;
        match &mut self.drawn.raster {
            Raster::Shades(shades) => {
                let (tiles, _) = shades[pixels.clone()].as_chunks_mut();
                for (tile, row) in tiles.iter_mut().zip(rows) {
                    *tile = shade_all(row.low, row.high, self.bgp);
                }
            }
            Raster::Colors(colors) => {
                let bgp = if self.cgb_mode { DIRECT } else { self.bgp };
                let (tiles, _) = colors[pixels.clone()].as_chunks_mut();
                let blend = |palette: u8| {
                    let colors = self.bg_palettes.colors(palette);
                    Blend::new([0, 2, 4, 6].map(|i| colors[(bgp >> i & 3) as usize]))
                };
                let mut latest = (0, blend(0));
                for (tile, row) in tiles.iter_mut().zip(rows) {
                    if latest.0 != row.palette() {
                        latest = (row.palette(), blend(row.palette()));
                    }
                    *tile = latest.1.color_all(row.low, row.high);
                }
            }
        }
        if let Some(provenance) = &mut self.drawn.provenance {
            let (tiles, _) = provenance[pixels].as_chunks_mut();
            for (tile, row) in tiles.iter_mut().zip(rows) {
                *tile = trace_all(row);
            }
        }
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

/// Where the eight pixels of a row come from.
fn trace_all(row: &TileRow) -> [Provenance; TILE] {
    let layer = if row.is_window { Layer::Window } else { Layer::Background };
    let origin = Provenance::new(layer, 0, row.palette(), row.tile);
    let indices = spread(row.low) + 2 * spread(row.high);
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
