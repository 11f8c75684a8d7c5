//! The lightness of a frame.

use std::sync::LazyLock;

use gameboy::{Frame, PIXELS, Pixels};

use crate::lab::{Lab, srgb_to_lab};
use crate::rgba::rgb555_to_srgb;

/// The sRGB grey of each shade, 0 to 3.
pub const GREY_LEVELS: [u8; 4] = [0xFF, 0xAA, 0x55, 0x00];

/// The lightness L* (0-100) of each pixel of a frame, row by row.
///
/// A shade counts as its grey of [`GREY_LEVELS`], a colour of the Game Boy Color as itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Luma {
    values: Box<[f32; PIXELS]>,
}

impl Luma {
    /// The lightness of `frame`.
    pub fn of(frame: &Frame) -> Self {
        let mut luma = Self::black();
        luma.update(frame);
        luma
    }

    /// Lightness 0 everywhere.
    pub fn black() -> Self {
        Self { values: Box::new([0.0; PIXELS]) }
    }

    /// Takes these values of L*, 0-100, as they are.
    pub fn from_values(values: &[f32; PIXELS]) -> Self {
        Self { values: Box::new(*values) }
    }

    /// Replaces all values by the lightness of `frame`.
    pub fn update(&mut self, frame: &Frame) {
        match frame.pixels() {
            Pixels::Shades(shades) => {
                for (value, &shade) in self.values.iter_mut().zip(shades) {
                    *value = SHADES[(shade & 3) as usize];
                }
            }
            Pixels::Colors(colors) => {
                for (value, &color) in self.values.iter_mut().zip(colors) {
                    *value = COLORS[(color & 0x7FFF) as usize].l;
                }
            }
        }
    }

    /// The values of L*, 0-100.
    pub fn values(&self) -> &[f32; PIXELS] {
        &self.values
    }
}

/// L* of the four shades: 100, about 69.6, about 36.1, 0.
pub static SHADES: LazyLock<[f32; 4]> =
    LazyLock::new(|| GREY_LEVELS.map(|grey| srgb_to_lab([grey; 3]).l));

/// CIELAB of all RGB555 colours.
pub static COLORS: LazyLock<Box<[Lab]>> =
    LazyLock::new(|| (0..0x8000).map(|color| srgb_to_lab(rgb555_to_srgb(color))).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_and_their_greys_are_equally_light() {
        let mut shades = [0; PIXELS];
        shades[..4].copy_from_slice(&[0, 1, 2, 3]);
        let luma = Luma::of(&Frame::from_shades(&shades));
        let expected = [100.0, 69.61, 36.15, 0.0];
        for (value, expected) in luma.values().iter().zip(expected) {
            assert!((value - expected).abs() < 0.01, "{value} is not {expected}");
        }
    }

    #[test]
    fn colors_have_their_own_lightness() {
        let mut colors = [0x7FFF; PIXELS];
        colors[1] = 0x001F;
        let luma = Luma::of(&Frame::from_colors(&colors));
        assert!((luma.values()[0] - 100.0).abs() < 0.01);
        assert!((luma.values()[1] - 53.24).abs() < 0.01, "red is {}", luma.values()[1]);
    }
}
