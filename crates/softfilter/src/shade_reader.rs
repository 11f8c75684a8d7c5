//! From the pictures of any core to shades.

use colorizer::Palette;
use colorizer::lab::{Lab, srgb_to_lab};
use gameboy::PIXELS;

/// A color of a picture, RGBA.
type Color = [u8; 4];

/// How many shades there are.
const SHADES: usize = 4;
/// Steps of L* between two shades, at least.
const LEAST_STEP: f32 = 1.5;
/// For how many pictures colors must be the same before they are taken for shades, where others were
/// seen before.
const TRUSTED_AFTER: u32 = 30;
/// What four shades usually look like.
const USUAL: [Palette; 2] = [Palette::GREY, Palette::GREEN_LCD];

/// Takes pictures for shades, whatever the four of them look like: they are known by their lightness.
///
/// Which color is which shade is remembered, since few pictures have all four. As long as some have
/// not been seen, the others are the shades that they are nearest to in grey or in an LCD's green. A
/// game with colors of its own soon has a fifth, and is left alone from then on, but for stretches of
/// half a second and more with four.
#[derive(Clone, Debug, Default)]
pub struct ShadeReader {
    /// The colors that were seen, from light to dark, with the shade of each.
    known: Vec<(Color, u8)>,
    /// Pictures until they are trusted.
    wait: u32,
}

impl ShadeReader {
    /// The shades of a picture; `None` if it does not consist of them, or of one alone that says
    /// nothing.
    pub fn read(&mut self, colors: &[Color]) -> Option<Box<[u8; PIXELS]>> {
        if colors.len() != PIXELS {
            return None;
        }
        let Some(found) = distinct(colors) else {
            self.known.clear();
            self.wait = TRUSTED_AFTER;
            return None;
        };
        if found.len() > 1 {
            self.learn(&found)?;
        }
        if self.wait > 0 {
            self.wait -= 1;
            return None;
        }
        self.shades(colors)
    }

    /// Takes colors in, if they can be shades.
    fn learn(&mut self, found: &[Color]) -> Option<()> {
        let is_known = |color: &Color| self.known.iter().any(|(known, _)| known == color);
        let (known, new): (Vec<Color>, Vec<Color>) =
            found.iter().partition(|color| is_known(color));
        if new.is_empty() {
            return Some(());
        }
        let before = self.known.iter().map(|(color, _)| *color);
        self.known = if let Some(ranked) = rank(before.chain(new.iter().copied()).collect()) {
            // Colors that are still coming are not to be trusted where the last were not.
            if self.wait > 0 {
                self.wait = TRUSTED_AFTER;
            }
            ranked
        } else {
            self.wait = TRUSTED_AFTER;
            rank(known.into_iter().chain(new).collect()).unwrap_or_default()
        };
        (!self.known.is_empty()).then_some(())
    }

    fn shades(&self, colors: &[Color]) -> Option<Box<[u8; PIXELS]>> {
        let mut shades = Box::new([0; PIXELS]);
        let mut last = *self.known.first()?;
        for (shade, color) in shades.iter_mut().zip(colors) {
            if last.0 != *color {
                last = *self.known.iter().find(|(known, _)| known == color)?;
            }
            *shade = last.1;
        }
        Some(shades)
    }
}

/// The colors of a picture, or `None` if there are more than shades.
fn distinct(colors: &[Color]) -> Option<Vec<Color>> {
    let mut found: Vec<Color> = Vec::with_capacity(SHADES);
    let mut last = None;
    for color in colors {
        if last != Some(color) && !found.contains(color) {
            if found.len() == SHADES {
                return None;
            }
            found.push(*color);
        }
        last = Some(color);
    }
    Some(found)
}

/// Colors from light to dark with the shade of each, or `None` if they cannot be shades.
fn rank(colors: Vec<Color>) -> Option<Vec<(Color, u8)>> {
    if colors.len() > SHADES {
        return None;
    }
    let mut ranked: Vec<(Color, Lab)> =
        colors.into_iter().map(|color| (color, lab(color))).collect();
    ranked.sort_by(|(_, one), (_, other)| other.l.total_cmp(&one.l));
    if ranked.windows(2).any(|two| two[0].1.l - two[1].1.l < LEAST_STEP) {
        return None;
    }
    let labs: Vec<Lab> = ranked.iter().map(|(_, lab)| *lab).collect();
    let shades = nearest(&labs);
    Some(ranked.into_iter().map(|(color, _)| color).zip(shades).collect())
}

/// The shades that colors from light to dark are nearest to, all together.
fn nearest(labs: &[Lab]) -> Vec<u8> {
    let usual = USUAL.map(|palette| palette.background().map(srgb_to_lab));
    let subsets = (0..1_u8 << SHADES).filter(|bits| bits.count_ones() as usize == labs.len());
    let of = |bits: u8| (0..SHADES as u8).filter(move |shade| bits >> shade & 1 != 0);
    let cost = |bits: u8| {
        let cost = |levels: &[Lab; SHADES]| -> f32 {
            of(bits).zip(labs).map(|(shade, lab)| apart(levels[shade as usize], *lab)).sum()
        };
        usual.iter().map(cost).fold(f32::INFINITY, f32::min)
    };
    let best = subsets.min_by(|one, other| cost(*one).total_cmp(&cost(*other)));
    of(best.unwrap_or_default()).collect()
}

fn apart(one: Lab, other: Lab) -> f32 {
    (one.l - other.l).powi(2) + (one.a - other.a).powi(2) + (one.b - other.b).powi(2)
}

fn lab([r, g, b, _]: Color) -> Lab {
    srgb_to_lab([r, g, b])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opaque([r, g, b]: [u8; 3]) -> Color {
        [r, g, b, 0xFF]
    }

    /// A picture of these shades, a row of it for each in turn, in these colors.
    fn picture(shades: &[u8], palette: [[u8; 3]; 4]) -> (Vec<Color>, Box<[u8; PIXELS]>) {
        let shades: [u8; PIXELS] = std::array::from_fn(|at| shades[at / 160 % shades.len()]);
        (shades.iter().map(|&shade| opaque(palette[shade as usize])).collect(), Box::new(shades))
    }

    #[test]
    fn all_palettes_from_light_to_dark_are_read() {
        for palette in Palette::ALL {
            let mut palette = *palette.background();
            palette.sort_by(|one, other| srgb_to_lab(*other).l.total_cmp(&srgb_to_lab(*one).l));
            let (colors, shades) = picture(&[0, 3, 1, 2], palette);
            assert_eq!(ShadeReader::default().read(&colors), Some(shades), "{palette:?}");
        }
    }

    #[test]
    fn what_was_seen_is_remembered() {
        let palette = *Palette::DARK_BROWN.background();
        let mut reader = ShadeReader::default();
        assert!(reader.read(&picture(&[0, 1, 2, 3], palette).0).is_some());
        for some in [&[3, 1][..], &[2, 3], &[1], &[0, 2]] {
            let (colors, shades) = picture(some, palette);
            assert_eq!(reader.read(&colors), Some(shades), "{some:?}");
        }
    }

    #[test]
    fn some_shades_are_known_by_how_they_look() {
        for palette in USUAL {
            for some in [&[3, 0][..], &[1, 2], &[3, 1, 0], &[2, 3]] {
                let (colors, shades) = picture(some, *palette.background());
                let read = ShadeReader::default().read(&colors);
                assert_eq!(read, Some(shades), "{some:?} of {}", palette.name());
            }
        }
        // Alone it may be anything, such as the screen switched off.
        assert_eq!(ShadeReader::default().read(&vec![[255; 4]; PIXELS]), None);
    }

    #[test]
    fn a_screen_that_is_off_changes_nothing() {
        let mut reader = ShadeReader::default();
        let (colors, shades) = picture(&[0, 1, 2, 3], *Palette::GREEN_LCD.background());
        reader.read(&colors);
        assert_eq!(reader.read(&vec![[1, 2, 3, 255]; PIXELS]), None);
        assert_eq!(reader.read(&colors), Some(shades));
    }

    #[test]
    fn games_with_colors_are_left_alone() {
        let mut reader = ShadeReader::default();
        let (mut colors, shades) = picture(&[0, 1, 2, 3], *Palette::GREY.background());
        let grey = colors.clone();
        assert!(reader.read(&grey).is_some());
        colors[77] = [255, 0, 0, 255];
        assert_eq!(reader.read(&colors), None);
        for picture in 0..TRUSTED_AFTER {
            assert_eq!(reader.read(&grey), None, "{picture}");
        }
        assert_eq!(reader.read(&grey), Some(shades));
        // Nothing says which of two is darker.
        let same = [[255; 3], [200, 0, 0], [0, 105, 0], [0; 3]];
        assert!((srgb_to_lab(same[1]).l - srgb_to_lab(same[2]).l).abs() > LEAST_STEP);
        let same = [[255; 3], [200, 0, 0], [200, 0, 2], [0; 3]];
        assert_eq!(ShadeReader::default().read(&picture(&[0, 1, 2, 3], same).0), None);
        assert_eq!(ShadeReader::default().read(&grey[1..]), None);
    }

    #[test]
    fn another_palette_is_taken_once_it_stays() {
        let mut reader = ShadeReader::default();
        reader.read(&picture(&[0, 1, 2, 3], *Palette::GREY.background()).0);
        let green = *Palette::GREEN_LCD.background();
        let (colors, shades) = picture(&[0, 1, 2, 3], green);
        let unread = (0..200).take_while(|_| reader.read(&colors).is_none()).count();
        assert_eq!(unread, TRUSTED_AFTER as usize);
        assert_eq!(reader.read(&colors), Some(shades));
    }
}
