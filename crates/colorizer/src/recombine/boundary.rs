//! The most colourful pixel of each hue, for the lightness of the four shades.

use crate::lab::{lab_to_linear, most_colorful};
use crate::luma::SHADES;
use crate::rgba::opaque;

/// Hues told apart. Neighbours differ by at most 0.6 of an 8-bit step.
const HUES: usize = 1 << 15;

/// The entry of colours that [`Boundary`] does not know.
pub const UNKNOWN: u32 = 0;

/// What a color out of gamut becomes. Where lightness is one of four, only its hue matters.
pub struct Boundary {
    /// The bits of the lightness of each shade.
    levels: [u32; 4],
    /// Nothing, white, black, and a ring of [`HUES`] for each shade between.
    colors: Box<[[u8; 4]]>,
}

impl Boundary {
    /// Works out the colours; `encode` turns linear light into 8-bit sRGB.
    pub fn new(encode: impl Fn(f64) -> u8) -> Self {
        let mut colors = vec![[0; 4], [0xFF; 4], [0, 0, 0, 0xFF]];
        for l in [SHADES[1], SHADES[2]] {
            colors.extend((0..HUES).map(|hue| {
                let [a, b] = direction(hue);
                opaque(lab_to_linear(most_colorful(l, a, b)).map(&encode))
            }));
        }
        Self { levels: SHADES.map(f32::to_bits), colors: colors.into() }
    }

    /// Writes to `entries` where [`color`](Self::color) finds what each colour becomes, if it
    /// is out of gamut: [`UNKNOWN`] where lightness is not that of a shade, or a value not finite.
    pub fn find<const N: usize>(
        &self,
        l: &[f32; N],
        a: &[f32; N],
        b: &[f32; N],
        entries: &mut [u32; N],
    ) {
        let [white, light, dark, black] = self.levels;
        for i in 0..N {
            let (l, a, b) = (l[i].to_bits(), a[i], b[i]);
            let size = a.abs() + b.abs();
            let hue = hue_of(a, b, size);
            let known = if l == light { 3 + hue } else { UNKNOWN };
            let known = if l == dark { 3 + HUES as u32 + hue } else { known };
            let known = if l == black { 2 } else { known };
            let known = if l == white { 1 } else { known };
            entries[i] = if size < f32::INFINITY { known } else { UNKNOWN };
        }
    }

    /// The colour at the gamut's boundary that [`find`](Self::find) found; any for [`UNKNOWN`].
    pub fn color(&self, entry: u32) -> [u8; 4] {
        self.colors[entry as usize]
    }
}

/// The a* and b* of a hue in 0 to below [`HUES`], of chroma 1: the inverse of [`hue_of`].
fn direction(hue: usize) -> [f32; 2] {
    let turn = 4.0 * hue as f32 / HUES as f32;
    // The square's point of that turn: up its first side, over the next two, up the last.
    let b = if turn < 1.0 { turn } else { (2.0 - turn).max(turn - 4.0) };
    let a = if (1.0..3.0).contains(&turn) { b.abs() - 1.0 } else { 1.0 - b.abs() };
    let length = a.hypot(b);
    [a / length, b / length]
}

/// The hue in 0 to below [`HUES`]: how far it is around the square |a| + |b| = `size`, which is
/// cheaper than the angle.
fn hue_of(a: f32, b: f32, size: f32) -> u32 {
    let along = b / size;
    let right = if b < 0.0 { 4.0 + along } else { along };
    let turn = if a < 0.0 { 2.0 - along } else { right };
    // Added to 2^23 a number is rounded to whole, in the low bits; a cast would be slower.
    (turn * (HUES / 4) as f32 + 8_388_608.0).to_bits() & (HUES as u32 - 1)
}
