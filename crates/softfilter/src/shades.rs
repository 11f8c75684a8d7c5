//! Which shade a color of somebody else's palette stands for.

use gameboy::PIXELS;

/// An original Game Boy has so many shades.
const SHADES: usize = 4;

/// A color, 8 bits of red, green and blue each.
type Rgb = [u8; 3];

/// The colors that a core shows shades in, as far as they were seen.
#[derive(Clone, Debug, Default)]
pub struct Shades {
    /// From light to dark.
    seen: Vec<Rgb>,
}

impl Shades {
    /// The shades of a picture. `None` where it has more colors than there are shades: it is none of
    /// an original Game Boy.
    ///
    /// The colors of earlier pictures count as well, so that a picture that has but two of them has the
    /// shades that they always had; until one has others, so that there would be too many.
    pub fn of(&mut self, picture: &[Rgb; PIXELS]) -> Option<Box<[u8; PIXELS]>> {
        let colors = colors(picture)?;
        let mut all = self.seen.clone();
        all.extend(colors.iter().filter(|color| !self.seen.contains(color)));
        if all.len() > SHADES {
            all = colors;
        }
        all.sort_by_key(|&color| std::cmp::Reverse(light(color)));
        self.seen = all;
        let shades: Vec<u8> = (0..self.seen.len()).map(|place| self.shade(place)).collect();
        let shade_of = |color: Rgb| {
            let place = self.seen.iter().position(|&seen| seen == color);
            place.map_or(0, |place| shades[place])
        };
        let mut last = (picture[0], shade_of(picture[0]));
        Some(Box::new(picture.map(|color| {
            if color != last.0 {
                last = (color, shade_of(color));
            }
            last.1
        })))
    }

    /// The shade of a color: its place, where all are known; else where it lies between the lightest
    /// and the darkest.
    fn shade(&self, place: usize) -> u8 {
        let of = |place: usize| light(self.seen[place]) as f32;
        let (lightest, darkest) = (of(0), of(self.seen.len() - 1));
        match self.seen.len() {
            SHADES => place as u8,
            1 => {
                if lightest < 128_000.0 {
                    3
                } else {
                    0
                }
            }
            _ => ((lightest - of(place)) / (lightest - darkest).max(1.0) * 3.0).round() as u8,
        }
    }
}

/// The colors of a picture, if they are not too many.
fn colors(picture: &[Rgb; PIXELS]) -> Option<Vec<Rgb>> {
    let mut colors = vec![picture[0]];
    let mut last = picture[0];
    for &color in picture {
        if color != last && !colors.contains(&color) {
            if colors.len() == SHADES {
                return None;
            }
            colors.push(color);
        }
        last = color;
    }
    Some(colors)
}

/// How light a color is: 1000 times luma (ITU-R BT.709).
fn light([r, g, b]: Rgb) -> u32 {
    213 * r as u32 + 715 * g as u32 + 72 * b as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: [Rgb; 4] = [[155, 188, 15], [139, 172, 15], [48, 98, 48], [15, 56, 15]];

    fn picture(colors: &[Rgb]) -> [Rgb; PIXELS] {
        std::array::from_fn(|pixel| colors[pixel / 7 % colors.len()])
    }

    #[test]
    fn colors_are_ordered_by_their_light() {
        let mut shades = Shades::default();
        let picture = picture(&[GREEN[2], GREEN[0], GREEN[3], GREEN[1]]);
        let shades = shades.of(&picture).expect("four colors");
        assert_eq!([0, 7, 14, 21].map(|pixel| shades[pixel]), [2, 0, 3, 1]);
    }

    #[test]
    fn what_was_seen_keeps_its_shade() {
        let mut shades = Shades::default();
        assert_eq!(shades.of(&picture(&GREEN[..1])).expect("a color")[0], 0);
        assert_eq!(shades.of(&picture(&GREEN[3..])).expect("a color")[0], 3);
        shades.of(&picture(&GREEN)).expect("four colors");
        assert_eq!(shades.of(&picture(&GREEN[1..2])).expect("a color")[0], 1);
        // Another palette.
        let grey = [255, 170, 85, 0].map(|level| [level; 3]);
        assert_eq!(shades.of(&picture(&grey[2..])).expect("two colors")[0], 0);
        assert_eq!(shades.of(&picture(&grey)).expect("four colors")[14], 2);
    }

    #[test]
    fn a_picture_of_many_colors_is_none() {
        let mut shades = Shades::default();
        let colors: Vec<Rgb> = (0..5).map(|level| [level * 50; 3]).collect();
        assert!(shades.of(&picture(&colors)).is_none());
        assert!(shades.of(&picture(&colors[..4])).is_some());
    }
}
