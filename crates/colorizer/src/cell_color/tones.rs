//! How bright a color is while palettes change.

use crate::luma::GREY_LEVELS;
use crate::oklab::Oklab;

/// Shades of the original Game Boy.
const SHADES: usize = 4;

/// Each color of a palette as it looks in another shade than it usually has: darker towards black
/// or lighter towards white, at the same hue.
#[derive(Clone, Debug)]
pub struct Tones {
    /// By color, the shade that it usually has, and the one that it has now.
    colors: Vec<[[[u8; 3]; SHADES]; SHADES]>,
}

impl Tones {
    /// Of these colors, sRGB.
    pub fn of(palette: &[[u8; 3]]) -> Self {
        let grey = GREY_LEVELS.map(|grey| Oklab::from_srgb([grey; 3]).l);
        let tones = |&rgb: &[u8; 3]| {
            let color = Oklab::from_srgb(rgb);
            let tone = |usual: usize, now: usize| {
                if usual == now { rgb } else { shaded(color, grey[usual], grey[now]).to_srgb() }
            };
            std::array::from_fn(|usual| std::array::from_fn(|now| tone(usual, now)))
        };
        Self { colors: palette.iter().map(tones).collect() }
    }

    /// A color whose index usually has the shade `usual`, now that it has `shade`.
    pub fn color(&self, color: u8, usual: u8, shade: u8) -> [u8; 3] {
        self.colors[color as usize][usual as usize & 3][shade as usize & 3]
    }
}

/// A color that is moved like a grey from one lightness to another.
fn shaded(color: Oklab, from: f32, to: f32) -> Oklab {
    let Oklab { l, a, b } = color;
    if to <= from {
        let factor = if from > 0.0 { to / from } else { 1.0 };
        Oklab { l: l * factor, a: a * factor, b: b * factor }
    } else {
        let factor = (1.0 - to) / (1.0 - from);
        Oklab { l: 1.0 - (1.0 - l) * factor, a: a * factor, b: b * factor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fades_end_at_white_and_at_black_and_keep_the_hue() {
        let blue = [40, 80, 200];
        let tones = Tones::of(&[blue]);
        for usual in 0..4 {
            assert_eq!(tones.color(0, usual, usual), blue);
            let hue = |shade| {
                let color = Oklab::from_srgb(tones.color(0, usual, shade));
                color.b.atan2(color.a)
            };
            for shade in 1..3 {
                assert!((hue(shade) - hue(usual)).abs() < 0.1, "{usual} as {shade}");
            }
            if usual > 0 {
                assert_eq!(tones.color(0, usual, 0), [255; 3]);
            }
            if usual < 3 {
                assert_eq!(tones.color(0, usual, 3), [0; 3]);
            }
            let light = |shade| Oklab::from_srgb(tones.color(0, usual, shade)).l;
            assert!((1..4).all(|shade| light(shade) <= light(shade - 1)));
        }
    }
}
