//! Frames of four shades, which need less than pictures of any lightness.

use std::array;

use gameboy::{HEIGHT, PIXELS, WIDTH};

use super::{Plane, paint_line};
use crate::luma::SHADES;
use crate::rgba::opaque;
use crate::{Chroma, RgbaFrame};

const WHITE: [u8; 4] = opaque([0xFF; 3]);
const BLACK: [u8; 4] = opaque([0; 3]);

/// As [`recombine`](super::recombine()) of the frame's [`Luma`](crate::Luma), in less time: each
/// value of the chroma makes two colours, one for each of the greys between white and black, and
/// the pixels choose.
///
/// Every shade counts by its lowest two bits.
pub fn recombine_shades(shades: &[u8; PIXELS], chroma: &Chroma, out: &mut RgbaFrame) {
    let (width, height) = (chroma.width(), chroma.height());
    let (across, down) = (WIDTH / width, HEIGHT / height);
    // So many values of the planes at a time as a line of the screen has pixels.
    let values = chroma.a().chunks(WIDTH).zip(chroma.b().chunks(WIDTH));
    let part = WIDTH * across * down;
    let pixels = shades.chunks(part).zip(out.pixels_mut().chunks_mut(part));
    for ((a, b), (shades, out)) in values.zip(pixels) {
        let (a, b) = (filled(a), filled(b));
        let [light, dark] = [1, 2].map(|shade| colors_of(shade, shades, &a, &b));
        let colors: [_; WIDTH] = array::from_fn(|i| [WHITE, light[i], dark[i], BLACK]);
        let (shades, out) = (shades.chunks(WIDTH * down), out.chunks_mut(WIDTH * down));
        for (colors, (shades, out)) in colors.chunks(width).zip(shades.zip(out)) {
            for (shades, out) in shades.chunks(WIDTH).zip(out.chunks_mut(WIDTH)) {
                choose(shades, colors, across, out);
            }
        }
    }
}

/// A whole line of values, the rest of it zero.
fn filled(values: &[f32]) -> Plane {
    let mut line = [0.0; WIDTH];
    line[..values.len()].copy_from_slice(values);
    line
}

/// The colours of a line of one shade; any where none of `shades` is that.
fn colors_of(shade: u8, shades: &[u8], a: &Plane, b: &Plane) -> [[u8; 4]; WIDTH] {
    let mut painted = [[0; 4]; WIDTH];
    // Around text and between floors there are wide areas without one of the greys.
    if shades.iter().filter(|&&other| other & 3 == shade).count() > 0 {
        paint_line(&[SHADES[shade as usize]; WIDTH], a, b, &mut painted);
    }
    painted
}

/// Paints a line of the screen: each entry of `colors` has one colour for each shade, and serves
/// `across` pixels.
fn choose(shades: &[u8], colors: &[[[u8; 4]; 4]], across: usize, out: &mut [[u8; 4]]) {
    if across == 2 {
        // The usual size is worth code of its own.
        let pairs = shades.as_chunks::<2>().0.iter().zip(out.as_chunks_mut::<2>().0);
        for ((shades, out), colors) in pairs.zip(colors) {
            *out = shades.map(|shade| colors[(shade & 3) as usize]);
        }
        return;
    }
    let blocks = shades.chunks(across).zip(out.chunks_mut(across));
    for ((shades, out), colors) in blocks.zip(colors) {
        for (&shade, out) in shades.iter().zip(out) {
            *out = colors[(shade & 3) as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use gameboy::Frame;

    use super::*;
    use crate::{Luma, recombine};

    /// Shades and chroma that mean nothing, of which no two pixels are alike.
    fn noise(width: usize, height: usize) -> ([u8; PIXELS], Chroma) {
        let shades = std::array::from_fn(|i| (i * i / 7 % 4) as u8);
        let mut chroma = Chroma::with_size(width, height).expect("a divisor");
        let (a, b) = chroma.planes_mut();
        for (i, (a, b)) in a.iter_mut().zip(b).enumerate() {
            (*a, *b) = ((i * 37 % 211) as f32 - 105.0, (i * 53 % 197) as f32 - 98.0);
        }
        (shades, chroma)
    }

    #[test]
    fn the_picture_is_that_of_any_lightness() {
        for (width, height) in
            [(160, 144), (80, 72), (160, 72), (40, 144), (32, 16), (5, 9), (1, 1)]
        {
            let (shades, chroma) = noise(width, height);
            let luma = Luma::of(&Frame::from_shades(&shades));
            let (mut one, mut other) = (RgbaFrame::new(), RgbaFrame::new());
            recombine_shades(&shades, &chroma, &mut one);
            recombine(&luma, &chroma, &mut other);
            let pairs = one.as_bytes().iter().zip(other.as_bytes());
            let worst = pairs.map(|(one, other)| one.abs_diff(*other)).max();
            assert!(worst <= Some(1), "{width}x{height}: {worst:?}");
        }
    }

    #[test]
    fn white_and_black_have_no_color() {
        let mut shades = [0; PIXELS];
        shades[1] = 3;
        let (_, chroma) = noise(80, 72);
        let mut out = RgbaFrame::new();
        recombine_shades(&shades, &chroma, &mut out);
        assert_eq!(out.pixels()[..3], [[0xFF; 4], [0, 0, 0, 0xFF], [0xFF; 4]]);
    }

    #[test]
    fn higher_bits_of_a_shade_do_not_count() {
        let (shades, chroma) = noise(80, 72);
        let (mut one, mut other) = (RgbaFrame::new(), RgbaFrame::new());
        recombine_shades(&shades, &chroma, &mut one);
        recombine_shades(&shades.map(|shade| shade | 0xF4), &chroma, &mut other);
        assert!(one == other);
    }
}
