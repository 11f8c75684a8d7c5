//! How bright a color is while palettes change.

use crate::luma::GREY_LEVELS;
use crate::oklab::Oklab;
use crate::rgba::rgb555_to_srgb;

/// Shades of the original Game Boy.
const SHADES: usize = 4;
const DARKEST: i8 = SHADES as i8 - 1;

/// Colors as they look in another shade than they usually have: darker towards black or lighter
/// towards white, at the same hue.
#[derive(Clone, Debug)]
pub struct Tones {
    grey: [f32; SHADES],
    /// Of each RGB555 color that was asked for.
    known: Vec<Tone>,
    /// For each RGB555 color its place in `known`, from 1 on.
    places: Vec<u16>,
}

/// What a color looks like.
#[derive(Clone, Copy, Debug)]
struct Tone {
    /// By the shade that it usually has and the one that it has now.
    shades: [[[u8; 3]; SHADES]; SHADES],
    /// In a fade, by how far that has come: from white to black.
    fades: [[u8; 3]; 2 * SHADES - 1],
}

/// RGB555 colors.
const COLORS: usize = 1 << 15;

impl Tones {
    /// Of all colors.
    pub fn new() -> Self {
        let grey = GREY_LEVELS.map(|grey| Oklab::from_srgb([grey; 3]).l);
        Self { grey, known: Vec::new(), places: vec![0; COLORS] }
    }

    /// An RGB555 color whose index usually has the shade `usual`, now that it has `shade`, in a
    /// palette that is `shift` shades darker than usual. The lightest cannot get any lighter in
    /// shades, nor the darkest darker, but in a fade the color does as all others.
    pub fn color(&mut self, color: u16, usual: u8, shade: u8, shift: i8) -> [u8; 3] {
        let color = color as usize % COLORS;
        if self.places[color] == 0 {
            self.known.push(self.tones(color as u16));
            self.places[color] = self.known.len() as u16;
        }
        let tone = &self.known[self.places[color] as usize - 1];
        let faded = (usual as i8 + shift).clamp(0, DARKEST);
        if shift != 0 && faded == shade as i8 {
            tone.fades[(shift.clamp(-DARKEST, DARKEST) + DARKEST) as usize]
        } else {
            tone.shades[usual as usize & 3][shade as usize & 3]
        }
    }

    fn tones(&self, color: u16) -> Tone {
        let rgb = rgb555_to_srgb(color);
        let color = Oklab::from_srgb(rgb);
        let tone = |usual: usize, now: usize| {
            let [from, to] = [usual, now].map(|shade| self.grey[shade]);
            if usual == now { rgb } else { shaded(color, from, to).to_srgb() }
        };
        let fade = |step: usize| {
            let shift = step as f32 - DARKEST as f32;
            let left = 1.0 - shift.abs() / DARKEST as f32;
            let white = if shift < 0.0 { 1.0 - left } else { 0.0 };
            let (l, a, b) = (color.l * left + white, color.a * left, color.b * left);
            if left < 1.0 { Oklab { l, a, b }.to_srgb() } else { rgb }
        };
        Tone {
            shades: std::array::from_fn(|usual| std::array::from_fn(|now| tone(usual, now))),
            fades: std::array::from_fn(fade),
        }
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
            let seen: [_; 4] =
                std::array::from_fn(|shade| tones.color(blue, usual, shade as u8, 0));
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

    #[test]
    fn in_a_fade_all_colors_go_together() {
        let (green, mut tones) = (8 << 10 | 28 << 5 | 0x0A, Tones::new());
        let rgb = rgb555_to_srgb(green);
        for usual in 0..4u8 {
            let seen: [_; 7] = std::array::from_fn(|step| {
                let shift = step as i8 - DARKEST;
                let shade = (usual as i8 + shift).clamp(0, DARKEST);
                tones.color(green, usual, shade as u8, shift)
            });
            assert_eq!((seen[0], seen[3], seen[6]), ([255; 3], rgb, [0; 3]), "{usual}");
            let [now, hue] = [seen, [rgb; 7]].map(|colors| colors.map(Oklab::from_srgb));
            for step in 1..6 {
                assert!(now[step].l < now[step - 1].l);
                let [now, hue] = [now[step], hue[step]].map(|color| color.b.atan2(color.a));
                assert!((now - hue).abs() < 0.1, "{usual}, step {step}");
            }
        }
        // What is no part of the fade is not taken for one.
        assert_eq!(tones.color(green, 1, 1, -1), rgb);
    }
}
