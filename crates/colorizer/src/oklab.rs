//! `OKLab` (Björn Ottosson, "A perceptual color space for image processing", 2020): a space in which
//! equal distances look alike better than in CIELAB, and blends keep their hue.

use crate::lab::{decode, encode, product};

/// Linear light to the responses of the three cones.
const TO_CONES: [[f64; 3]; 3] = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];

/// Cube roots of the responses to L, a and b.
const FROM_ROOTS: [[f64; 3]; 3] = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];

/// L, a and b to the cube roots.
const TO_ROOTS: [[f64; 3]; 3] = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];

/// Responses to linear light.
const FROM_CONES: [[f64; 3]; 3] = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

/// A color in `OKLab`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Oklab {
    /// Lightness: 0 is black, 1 white.
    pub l: f32,
    /// Green (negative) to red, within about 0.3.
    pub a: f32,
    /// Blue (negative) to yellow, within about 0.3.
    pub b: f32,
}

impl Oklab {
    /// Of an 8-bit sRGB color.
    pub fn from_srgb(rgb: [u8; 3]) -> Self {
        let linear = rgb.map(|channel| decode(channel as f64 / 255.0));
        let roots = product(&TO_CONES, linear).map(f64::cbrt);
        let [l, a, b] = product(&FROM_ROOTS, roots).map(|value| value as f32);
        Self { l, a, b }
    }

    /// The nearest 8-bit sRGB of each channel; what lies out of gamut is cut off.
    pub fn to_srgb(self) -> [u8; 3] {
        let roots = product(&TO_ROOTS, [self.l as f64, self.a as f64, self.b as f64]);
        let linear = product(&FROM_CONES, roots.map(|root| root * root * root));
        linear.map(|light| (encode(light.clamp(0.0, 1.0)) * 255.0).round() as u8)
    }

    /// This color with such a share of another, from 0, this one, to 1.
    #[must_use]
    pub fn blend(self, other: Self, share: f32) -> Self {
        let blend = |x: f32, y: f32| x + share * (y - x);
        Self { l: blend(self.l, other.l), a: blend(self.a, other.a), b: blend(self.b, other.b) }
    }

    /// The square of the distance to another color.
    pub fn squared_distance(self, other: Self) -> f32 {
        let [l, a, b] = [self.l - other.l, self.a - other.a, self.b - other.b];
        l * l + a * a + b * b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rgb555_color_comes_back() {
        for color in 0..0x8000 {
            let rgb = crate::rgb555_to_srgb(color);
            assert_eq!(Oklab::from_srgb(rgb).to_srgb(), rgb);
        }
    }

    /// The values of the article's table for sRGB's primaries, to its three digits.
    #[test]
    fn primaries_are_where_they_belong() {
        for (rgb, [l, a, b]) in [
            ([255, 0, 0], [0.628, 0.225, 0.126]),
            ([0, 255, 0], [0.866, -0.234, 0.179]),
            ([0, 0, 255], [0.452, -0.032, -0.312]),
            ([255, 255, 255], [1.0, 0.0, 0.0]),
        ] {
            let distance = Oklab::from_srgb(rgb).squared_distance(Oklab { l, a, b });
            assert!(distance.sqrt() < 1.5e-3, "{rgb:?}: {:?}", Oklab::from_srgb(rgb));
        }
    }
}
