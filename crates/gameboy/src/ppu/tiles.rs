//! Mode 3 in strides of eight dots, while nothing but whole tiles of the background or the window
//! leaves the FIFO.

use super::registers::{Attributes, Lcdc};
use super::{Ppu, VRAM_SIZE};
use crate::frame::{DrawnRow, Raster, Stride, TileRow, WIDTH};

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

impl TileRow {
    /// Mirrored, where its attributes ask for that.
    pub fn flipped(self) -> Self {
        if self.attributes & Attributes::X_FLIP.bits() == 0 {
            return self;
        }
        Self { low: self.low.reverse_bits(), high: self.high.reverse_bits(), ..self }
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
        (self.start + ((self.first + column) & 31)) & (VRAM_BANK - 1)
    }

    /// The tile so many columns after the first: its number in the map, its attributes, which
    /// only the Color has, and where in VRAM its row lies.
    fn tile(self, vram: &[u8; VRAM_SIZE], has_attributes: bool, column: usize) -> (u8, u8, usize) {
        let at = self.map_at(column);
        let number = vram[at];
        let attributes = if has_attributes { vram[VRAM_BANK + at] } else { 0 };
        (number, attributes, data_at(number, self.zero, attributes, self.line))
    }

    /// The row of that tile as it lies in VRAM.
    fn row(self, vram: &[u8; VRAM_SIZE], has_attributes: bool, column: usize) -> TileRow {
        let (number, attributes, at) = self.tile(vram, has_attributes, column);
        let (low, high, is_window) = (vram[at], vram[at + 1], self.is_window);
        TileRow { low, high, number, attributes, data_at: at as u16, is_window }
    }

    /// Fills `rows` with the rows of the tiles from the first on.
    fn fetch<const HAS_ATTRIBUTES: bool>(
        self,
        vram: &[u8; VRAM_SIZE],
        stride: Stride,
        rows: &mut [DrawnRow],
    ) {
        for (column, row) in rows.iter_mut().enumerate() {
            let (_, attributes, at) = self.tile(vram, HAS_ATTRIBUTES, column);
            let mut data = [vram[at], vram[at + 1]];
            if attributes & Attributes::X_FLIP.bits() != 0 {
                data = data.map(u8::reverse_bits);
            }
            *row = DrawnRow::new(data, attributes, at as u16, stride);
        }
    }
}

/// Where in VRAM the low byte of a row lies; the high one follows it. Number 0 of the tile map
/// stands for tile `zero`, 0 or 0x80.
pub fn data_at(number: u8, zero: u8, attributes: u8, line: u8) -> usize {
    let tile = (number ^ zero) as usize + zero as usize;
    let flip = if attributes & Attributes::Y_FLIP.bits() == 0 { 0 } else { 7 };
    let bank = if attributes & Attributes::BANK.bits() == 0 { 0 } else { VRAM_BANK };
    (bank + tile * 16 + 2 * (line & 7 ^ flip) as usize) & (VRAM_SIZE - 2)
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
        let column = self.pipeline.column();
        let mut provenance = self.drawn.provenance.take();
        let mut line = DrawnRow::NO_LINE;
        let line = match &mut provenance {
            None => &mut line,
            Some(provenance) => provenance.rows(self.line as usize),
        };
        let rows = &mut line[column / TILE..][..tiles];
        let is_hidden = self.background_mask() == 0;
        self.fetch_rows(map, Stride::new(column % TILE, is_hidden, map.is_window), rows);
        self.paint(rows, self.line as usize * WIDTH + column);
        self.drawn.provenance = provenance;
        let last = map.row(&self.vram, self.cgb_mode, tiles - 1);
        self.pipeline.pass_tiles(tiles, last, self.lcdc);
        tiles * TILE
    }

    /// What to keep of the background's tile data: nothing where it is switched off.
    pub fn background_mask(&self) -> u8 {
        if self.cgb_mode || self.lcdc.contains(Lcdc::BG_ENABLE) { 0xFF } else { 0 }
    }

    /// Fills `rows` with the row in the FIFO and those that are fetched after it.
    fn fetch_rows(&self, map: MapRow, stride: Stride, rows: &mut [DrawnRow]) {
        let Some((first, fetched)) = rows.split_first_mut() else { return };
        let row = self.pipeline.background();
        *first = DrawnRow::new([row.low, row.high], row.attributes, row.data_at, stride);
        if self.cgb_mode {
            map.fetch::<true>(&self.vram, stride, fetched);
        } else {
            map.fetch::<false>(&self.vram, stride, fetched);
        }
    }

    /// Paints the rows from this pixel of the frame on.
    fn paint(&mut self, rows: &[DrawnRow], at: usize) {
        let pixels = at..at + rows.len() * TILE;
        match &mut self.drawn.raster {
            Raster::Shades(shades) => {
                let tiles = shades[pixels].as_chunks_mut().0;
                for (tile, row) in tiles.iter_mut().zip(rows) {
                    *tile = shade_all(row.low(), row.high(), self.bgp);
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
                for (tile, row) in tiles.iter_mut().zip(rows) {
                    if latest.0 != row.palette() {
                        latest = (row.palette(), blend(row.palette()));
                    }
                    *tile = latest.1.color_all(row.low(), row.high());
                }
            }
        }
    }
}

/// For each byte its bits in the bytes of a word, bit 7 in the lowest.
const SPREAD: [u64; 256] = {
    let mut spread = [0; 256];
    let mut bits = 0;
    while bits < 256 {
        spread[bits] = (bits as u64).wrapping_mul(0x8040_2010_0804_0201) >> 7 & ONES;
        bits += 1;
    }
    spread
};

/// What BGP makes of eight pixels at once: shade 0, and for each bit of their colour indices what
/// it changes about that.
fn shade_all(low: u8, high: u8, bgp: u8) -> [u8; TILE] {
    let [zero, one, two, three] = [0, 2, 4, 6].map(|i| (bgp >> i & 3) as u64);
    let (low, high) = (SPREAD[low as usize], SPREAD[high as usize]);
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
        let (low, high) = (&WIDE_MASKS[low as usize], &WIDE_MASKS[high as usize]);
        let half = |half: usize| {
            let (low, high) = (low[half], high[half]);
            zero ^ low & one ^ high & two ^ low & high & three
        };
        let (left, right) = (half(0), half(1));
        std::array::from_fn(|column| {
            let half = if column < 4 { left } else { right };
            (half >> (16 * (column & 3))) as u16
        })
    }
}

/// For each byte its bits, 16 times each and from bit 7 on, in the two halves of eight pixels.
const WIDE_MASKS: [[u64; 2]; 256] = {
    let mut masks = [[0; 2]; 256];
    let mut bits = 0;
    while bits < 256 {
        let mut half = 0;
        while half < 2 {
            let four = bits as u64 >> (4 - 4 * half) & 0xF;
            masks[bits][half] = ((four * 0x0008_0004_0002_0001) >> 3 & WIDE_ONES) * 0xFFFF;
            half += 1;
        }
        bits += 1;
    }
    masks
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_spread_from_left_to_right() {
        for (bits, spread) in SPREAD.into_iter().enumerate() {
            let expected = std::array::from_fn(|column| (bits >> (7 - column) & 1) as u8);
            assert_eq!(spread.to_le_bytes(), expected);
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
