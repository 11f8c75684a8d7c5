//! Mode 3 in strides of eight dots, while nothing but whole tiles of the background or the window
//! leaves the FIFO.

use super::Ppu;
use super::registers::Lcdc;
use crate::frame::{Layer, Provenance, Raster, WIDTH};

/// Pixels of a row of a tile.
pub const TILE: usize = 8;
/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// A one in each 16 bits.
const WIDE_ONES: u64 = 0x0001_0001_0001_0001;

impl Ppu {
    /// Draws `tiles` whole tiles, from a moment at which [`Pipeline::is_at_tile`] holds, and
    /// returns how many dots that took. After each tile it holds again.
    ///
    /// [`Pipeline::is_at_tile`]: super::pipeline::Pipeline::is_at_tile
    pub fn draw_tiles(&mut self, tiles: u64) -> u64 {
        for _ in 0..tiles {
            self.emit_tile();
            self.pipeline.shift_background(TILE as u8);
            self.fetch_row();
        }
        TILE as u64 * tiles
    }

    /// Puts the eight pixels of the background FIFO on the screen.
    fn emit_tile(&mut self) {
        let row = self.pipeline.background();
        let is_hidden = !self.cgb_mode && !self.lcdc.contains(Lcdc::BG_ENABLE);
        let (low, high) = if is_hidden { (0, 0) } else { (row.low, row.high) };
        let palette = if self.cgb_mode { row.attributes & 7 } else { 0 };
        let at = self.line as usize * WIDTH + self.pipeline.column();
        match &mut self.drawn.raster {
            Raster::Shades(shades) => {
                if let Some(pixels) = shades[at..].first_chunk_mut::<TILE>() {
                    *pixels = shade_all(low, high, self.bgp);
                }
            }
            Raster::Colors(colors) => {
                let bgp = if self.cgb_mode { 0b11_10_01_00 } else { self.bgp };
                let table = [0, 2, 4, 6].map(|i| self.bg_palettes.color(palette, bgp >> i & 3));
                if let Some(pixels) = colors[at..].first_chunk_mut::<TILE>() {
                    *pixels = color_all(low, high, table);
                }
            }
        }
        if let Some(provenance) = &mut self.drawn.provenance
            && let Some(pixels) = provenance[at..].first_chunk_mut::<TILE>()
        {
            let layer = if row.is_window { Layer::Window } else { Layer::Background };
            let origin = Provenance::new(layer, 0, palette, row.tile);
            let indices = spread(low) + 2 * spread(high);
            *pixels = indices.to_le_bytes().map(|index| origin.with_color_index(index));
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

/// The same of a palette, in two halves of four pixels.
fn color_all(low: u8, high: u8, palette: [u16; 4]) -> [u16; TILE] {
    let [zero, one, two, three] = palette.map(u64::from);
    let half = |low: u8, high: u8| {
        let (low, high) = (spread_wide(low), spread_wide(high));
        (zero * WIDE_ONES)
            ^ (low * (zero ^ one))
            ^ (high * (zero ^ two))
            ^ ((low & high) * (zero ^ one ^ two ^ three))
    };
    let (left, right) = (half(low >> 4, high >> 4), half(low & 0x0F, high & 0x0F));
    let mut colors = [0; TILE];
    for column in 0..4 {
        colors[column] = (left >> (16 * column)) as u16;
        colors[4 + column] = (right >> (16 * column)) as u16;
    }
    colors
}

/// The four low bits in the 16-bit parts of a word, bit 3 in the lowest.
fn spread_wide(bits: u8) -> u64 {
    (bits as u64 * 0x0008_0004_0002_0001) >> 3 & WIDE_ONES
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
        assert_eq!(color_all(low, high, palette), indices.map(|index| palette[index]));
    }
}
