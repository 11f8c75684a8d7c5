//! Pictures by which values of 8 bits are scaled.
//!
//! They are drawn here, in the four shades and of tiles as a game's are, so that any file of
//! weights can be used in any precision: no game's picture needs to lie beside it. What matters
//! is only how large values become: plain areas, edges, text and noise of all four shades are what
//! drives them, and where a real frame exceeds a range the value is cut off.

use colorizer::Luma;
use gameboy::{Frame, HEIGHT, PIXELS, WIDTH};

/// The number of pictures.
pub const PICTURES: usize = 24;

/// Lightness L*/100 of all pictures, one after the other.
pub fn pictures() -> Vec<f32> {
    (0..PICTURES as u32).flat_map(picture).collect()
}

fn picture(seed: u32) -> Vec<f32> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9) | 1);
    let tiles: Vec<[u8; 64]> = (0..24).map(|_| tile(&mut random)).collect();
    // Large areas repeat a tile, others mix them all; the first pictures are one such area.
    let kinds = if seed < 8 { 1 } else { 30 };
    let areas: Vec<usize> = (0..kinds).map(|_| random.below(48)).collect();
    let map: Vec<usize> = (0..WIDTH / 8 * (HEIGHT / 8))
        .map(|i| match areas[(i / 20 / 3 * 5 + i % 20 / 4) % kinds] {
            plain if plain < tiles.len() => plain,
            _ => random.below(tiles.len()),
        })
        .collect();
    let mut shades = Box::new([0; PIXELS]);
    for (i, shade) in shades.iter_mut().enumerate() {
        let (y, x) = (i / WIDTH, i % WIDTH);
        *shade = tiles[map[y / 8 * 20 + x / 8]][y % 8 * 8 + x % 8];
    }
    // Every third picture is inverted, as caves and nights are.
    if seed % 3 == 2 {
        shades.iter_mut().for_each(|shade| *shade = 3 - *shade);
    }
    let luma = Luma::of(&Frame::from_shades(&shades));
    luma.values().iter().map(|l| l / 100.0).collect()
}

/// Plain, striped, checked, framed, a glyph, or noise.
fn tile(random: &mut Random) -> [u8; 64] {
    let (ink, paper) = (random.below(4) as u8, random.below(4) as u8);
    let (kind, bits) = (random.below(6), random.next());
    std::array::from_fn(|i| {
        let (y, x) = (i / 8, i % 8);
        let inked = match kind {
            0 => false,
            1 => y % 4 < 1 + bits as usize % 3,
            2 => (x / 2 + y / 2) % 2 == 0,
            3 => x == 0 || y == 0 || x == 7 || y == 7,
            // A glyph of 4x4 squares.
            4 => bits >> (y / 2 * 4 + x / 2) & 1 == 1,
            _ => random.below(2) == 1,
        };
        if inked { ink } else { paper }
    })
}

/// By xorshift.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 8) as usize % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shades_are_shown() {
        let pictures = pictures();
        assert_eq!(pictures.len(), PICTURES * PIXELS);
        for shade in [0.0, 0.36, 0.69, 1.0] {
            let count = pictures.iter().filter(|l| (**l - shade).abs() < 0.02).count();
            assert!(count > pictures.len() / 20, "{count} pixels of lightness {shade}");
        }
    }
}
