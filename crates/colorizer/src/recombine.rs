//! Lightness and chroma back to a picture.

use gameboy::{HEIGHT, WIDTH};

use crate::lab::{Lab, lab_to_srgb};
use crate::rgba::opaque;
use crate::{Chroma, Luma, RgbaFrame};

/// Paints `out` with the lightness of one frame and the chroma of another, or of the same.
pub fn recombine(luma: &Luma, chroma: &Chroma, out: &mut RgbaFrame) {
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let [a, b] = chroma.at(x, y);
            let lab = Lab::new(luma.values()[y * WIDTH + x], a, b);
            out.pixels_mut()[y * WIDTH + x] = opaque(lab_to_srgb(lab));
        }
    }
}

/// As [`recombine`], for pictures of any size: `l`, `a`, `b` in CIELAB units and `out` have one
/// entry per pixel.
///
/// # Panics
/// If the lengths differ.
pub fn recombine_pixels(l: &[f32], a: &[f32], b: &[f32], out: &mut [[u8; 4]]) {
    assert!(l.len() == a.len() && l.len() == b.len() && l.len() == out.len());
    for (i, out) in out.iter_mut().enumerate() {
        *out = opaque(lab_to_srgb(Lab::new(l[i], a[i], b[i])));
    }
}
