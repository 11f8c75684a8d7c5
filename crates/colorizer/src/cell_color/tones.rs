//! How bright a color is while palettes change.

use std::collections::HashMap;

use crate::luma::GREY_LEVELS;
use crate::oklab::Oklab;
use crate::rgba::rgb555_to_srgb;

/// Shades of the original Game Boy.
const SHADES: usize = 4;

/// Colors as they look in another shade than they usually have: darker towards black or lighter
/// towards white, at the same hue.
#[derive(Clone, Debug)]
pub struct Tones {
    grey: [f32; SHADES],
    /// Of each RGB555 color that was asked for, by the shade that it usually has and the one that
    /// it has now.
    known: HashMap<u16, [[[u8; 3]; SHADES]; SHADES]>,
}

impl Tones {
    /// Of all colors.
    pub fn new() -> Self {
        let grey = GREY_LEVELS.map(|grey| Oklab::from_srgb([grey; 3]).l);
        Self { grey, known: HashMap::new() }
    }

    /// An RGB555 color whose index usually has the shade `usual`, now that it has `shade`.
    pub fn color(&mut self, color: u16, usual: u8, shade: u8) -> [u8; 3] {
        let grey = &self.grey;
        let tones = self.known.entry(color).or_insert_with(|| {
            let rgb = rgb555_to_srgb(color);
            let color = Oklab::from_srgb(rgb);
            let tone = |usual: usize, now: usize| {
                if usual == now { rgb } else { shaded(color, grey[usual], grey[now]).to_srgb() }
            };
            std::array::from_fn(|usual| std::array::from_fn(|now| tone(usual, now)))
        });
        tones[usual as usize & 3][shade as usize & 3]
    }
}

impl Default for Tones {
    fn default() -> Self {
        Self::new()
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
        let blue = 24 << 10 | 10 << 5 | 5;
        let mut tones = Tones::new();
        for usual in 0..4 {
            let seen: [_; 4] = std::array::from_fn(|shade| tones.color(blue, usual, shade as u8));
            assert_eq!(seen[usual as usize], rgb555_to_srgb(blue));
            let [now, hue] =
                [seen.map(Oklab::from_srgb), [Oklab::from_srgb(rgb555_to_srgb(blue)); 4]];
            for shade in 1..3 {
                let [now, hue] = [now[shade], hue[shade]].map(|color| color.b.atan2(color.a));
                assert!((now - hue).abs() < 0.1, "{usual} as {shade}");
            }
            if usual > 0 {
                assert_eq!(seen[0], [255; 3]);
            }
            if usual < 3 {
                assert_eq!(seen[3], [0; 3]);
            }
            assert!((1..4).all(|shade| now[shade].l <= now[shade - 1].l));
        }
    }
}
