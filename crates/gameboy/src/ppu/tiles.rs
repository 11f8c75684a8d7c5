//! Mode 3 in strides of eight dots, while nothing but whole tiles of the background or the window
//! leaves the FIFO.

use super::Ppu;
use super::registers::Lcdc;
use crate::frame::{Layer, Provenance, Raster, WIDTH};

/// Pixels of a row of a tile.
pub const TILE: usize = 8;
/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

impl Ppu {
    /// Draws `tiles` whole tiles, from a moment at which [`Pipeline::is_at_tile`] holds, and
    /// returns how many dots that took. After each tile it holds again.
    ///
    /// [`Pipeline::is_at_tile`]: super::pipeline::Pipeline::is_at_tile
    pub fn draw_tiles(&mut self, tiles: u64) -> u64 {
        for _ in 0..tiles {
            self.emit_tile();
            self.pipeline.shift_background(TILE as u8);
            self.run_fetcher(TILE as u8);
        }
        TILE as u64 * tiles
    }

    /// Puts the eight pixels of the background FIFO on the screen.
    fn emit_tile(&mut self) {
        let row = self.pipeline.background();
        let is_hidden = !self.cgb_mode && !self.lcdc.contains(Lcdc::BG_ENABLE);
        let indices = if is_hidden { 0 } else { spread(row.low) + 2 * spread(row.high) };
        let palette = if self.cgb_mode { row.attributes & 7 } else { 0 };
        let at = self.line as usize * WIDTH + self.pipeline.column();
        match &mut self.drawn.raster {
            Raster::Shades(shades) => {
                if let Some(pixels) = shades[at..].first_chunk_mut::<TILE>() {
                    *pixels = shade_all(indices, self.bgp).to_le_bytes();
                }
            }
            Raster::Colors(colors) => {
                let bgp = if self.cgb_mode { 0b11_10_01_00 } else { self.bgp };
                let table = [0, 2, 4, 6].map(|i| self.bg_palettes.color(palette, bgp >> i & 3));
                if let Some(pixels) = colors[at..].first_chunk_mut::<TILE>() {
                    *pixels = indices.to_le_bytes().map(|index| table[index as usize & 3]);
                }
            }
        }
        if let Some(provenance) = &mut self.drawn.provenance
            && let Some(pixels) = provenance[at..].first_chunk_mut::<TILE>()
        {
            let layer = if row.is_window { Layer::Window } else { Layer::Background };
            let origin = Provenance::new(layer, 0, palette, row.tile);
            *pixels = indices.to_le_bytes().map(|index| origin.with_color_index(index));
        }
    }
}

/// The bits of a byte in the bytes of a word, bit 7 in the lowest.
fn spread(bits: u8) -> u64 {
    (bits as u64).wrapping_mul(0x8040_2010_0804_0201) >> 7 & ONES
}

/// What BGP makes of eight colour indices at once: shade 0, and for the bits of the index what
/// they change about it.
fn shade_all(indices: u64, bgp: u8) -> u64 {
    let [zero, one, two, three] = [0, 2, 4, 6].map(|i| (bgp >> i & 3) as u64);
    let (low, high) = (indices & ONES, indices >> 1 & ONES);
    zero * ONES
        ^ low * (zero ^ one)
        ^ high * (zero ^ two)
        ^ (low & high) * (zero ^ one ^ two ^ three)
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
    fn eight_shades_are_those_of_one_after_the_other() {
        let indices = [0, 1, 2, 3, 3, 1, 0, 2];
        for bgp in 0..=0xFF_u8 {
            let shades = shade_all(u64::from_le_bytes(indices), bgp);
            assert_eq!(shades.to_le_bytes(), indices.map(|index| bgp >> (2 * index) & 3));
        }
    }
}
