//! sRGB and CIELAB (D65, 2 degree observer; companding of IEC 61966-2-1).
//!
//! Agrees with scikit-image's `rgb2lab` to 0.005 on all RGB555 colours, and with its `lab2rgb` to
//! a tenth of an 8-bit step. The rest is white: here every grey has a* and b* of zero.

mod difference;
mod gamut;

pub use difference::ciede2000;
pub(crate) use gamut::most_colorful;
pub use gamut::{in_gamut, to_gamut};

/// A colour in CIELAB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lab {
    /// Lightness L*: 0 is black, 100 white.
    pub l: f32,
    /// a*: green (negative) to red, about -87 to 99 in sRGB.
    pub a: f32,
    /// b*: blue (negative) to yellow, about -108 to 95 in sRGB.
    pub b: f32,
}

impl Lab {
    /// The colour of lightness `l` and chroma coordinates `a` and `b`.
    pub fn new(l: f32, a: f32, b: f32) -> Self {
        Self { l, a, b }
    }

    /// Chroma: the distance from grey in the a*b* plane.
    pub fn chroma(self) -> f32 {
        self.a.hypot(self.b)
    }

    /// Hue angle in degrees, 0 to below 360; red is about 40. Greys give 0.
    pub fn hue(self) -> f32 {
        if self.a == 0.0 && self.b == 0.0 {
            return 0.0;
        }
        let degrees = self.b.atan2(self.a).to_degrees();
        // A tiny negative angle plus 360 rounds to 360 itself.
        if degrees < 0.0 { (degrees + 360.0) % 360.0 } else { degrees }
    }
}

/// Linear light to CIE XYZ.
const TO_XYZ: [[f64; 3]; 3] = [
    [0.412453, 0.357580, 0.180423],
    [0.212671, 0.715160, 0.072169],
    [0.019334, 0.119193, 0.950227],
];

/// XYZ of white: the row sums of [`TO_XYZ`], so that every grey has a* and b* of exactly zero.
const WHITE: [f64; 3] = [0.950456, 1.0, 1.088754];

/// The inverse of [`TO_XYZ`].
const FROM_XYZ: [[f64; 3]; 3] = inverse(TO_XYZ);

/// Where CIELAB's f passes from a straight line to the cube root.
pub(crate) const DELTA: f64 = 6.0 / 29.0;

/// CIELAB of an 8-bit sRGB colour.
pub fn srgb_to_lab(rgb: [u8; 3]) -> Lab {
    let xyz = product(&TO_XYZ, rgb.map(|channel| decode(channel as f64 / 255.0)));
    let [fx, fy, fz] = [0, 1, 2].map(|i| forward(xyz[i] / WHITE[i]));
    Lab {
        l: (116.0 * fy - 16.0) as f32,
        a: (500.0 * (fx - fy)) as f32,
        b: (200.0 * (fy - fz)) as f32,
    }
}

/// The 8-bit sRGB nearest to a CIELAB colour, brought [into the gamut](to_gamut) first.
///
/// A value that is not a number counts as 0.
pub fn lab_to_srgb(lab: Lab) -> [u8; 3] {
    lab_to_srgb_unbounded(to_gamut(lab)).map(|channel| (channel * 255.0).round() as u8)
}

/// sRGB of a CIELAB colour, 0 to 1 per channel, and beyond for colours out of gamut.
pub fn lab_to_srgb_unbounded(lab: Lab) -> [f64; 3] {
    lab_to_linear(lab).map(encode)
}

/// Linear light, 0 to 1 per channel in gamut.
pub(crate) fn lab_to_linear(lab: Lab) -> [f64; 3] {
    linear(lab.l as f64, lab.a as f64, lab.b as f64)
}

fn linear(l: f64, a: f64, b: f64) -> [f64; 3] {
    let fy = (l + 16.0) / 116.0;
    let f = [fy + a / 500.0, fy, fy - b / 200.0];
    product(&FROM_XYZ, [0, 1, 2].map(|i| WHITE[i] * backward(f[i])))
}

/// How much X, Y and Z of white add to red, green and blue: a row per channel, in linear light.
pub(crate) fn light_of_white() -> [[f64; 3]; 3] {
    FROM_XYZ.map(|row| [0, 1, 2].map(|i| row[i] * WHITE[i]))
}

/// sRGB 0-1 to linear light.
pub(crate) fn decode(channel: f64) -> f64 {
    if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
}

/// Linear light to sRGB; a negative one stays on the linear part.
pub(crate) fn encode(light: f64) -> f64 {
    if light <= 0.0031308 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// CIELAB's f: the cube root, with a straight line near black.
fn forward(t: f64) -> f64 {
    if t > DELTA * DELTA * DELTA { t.cbrt() } else { t / (3.0 * DELTA * DELTA) + 4.0 / 29.0 }
}

/// The inverse of [`forward`].
fn backward(f: f64) -> f64 {
    if f > DELTA { f * f * f } else { 3.0 * DELTA * DELTA * (f - 4.0 / 29.0) }
}

pub(crate) fn product(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

const fn inverse(m: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let mut adjugate = [[0.0; 3]; 3];
    let mut row = 0;
    while row < 3 {
        let mut column = 0;
        while column < 3 {
            let (r0, r1) = ((column + 1) % 3, (column + 2) % 3);
            let (c0, c1) = ((row + 1) % 3, (row + 2) % 3);
            adjugate[row][column] = m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0];
            column += 1;
        }
        row += 1;
    }
    let determinant =
        m[0][0] * adjugate[0][0] + m[0][1] * adjugate[1][0] + m[0][2] * adjugate[2][0];
    let mut i = 0;
    while i < 9 {
        adjugate[i / 3][i % 3] /= determinant;
        i += 1;
    }
    adjugate
}
