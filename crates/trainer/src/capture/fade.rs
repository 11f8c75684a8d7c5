//! Telling fades from pictures.
//!
//! A fade on the Game Boy Color rewrites the palettes while the tiles stay. So the colors are
//! compared by palette entry and not by pixel, which also holds while the picture scrolls.

use dataset::Sample;
use gameboy::{Frame, Layer, PIXELS};

use super::likeness::level;

/// Background or object, eight palettes, four colors.
const ENTRIES: usize = 2 * 8 * 4;
/// Levels, of the 93 that red, green and blue sum to, by which an entry must move.
const MOVED: f32 = 3.0;
/// The mean square, in levels, by which the colors of a fade may miss their scaled ones.
const RESIDUE: f32 = 2.0;

/// The mean color of each palette entry in a frame, and how many pixels show it.
#[derive(Clone, Debug)]
pub struct ColorTable {
    means: [[f32; 3]; ENTRIES],
    pixels: [f32; ENTRIES],
}

impl ColorTable {
    pub fn of_frame(frame: &Frame) -> Option<Self> {
        let provenance = frame.provenance()?;
        let places = provenance.iter().map(|p| entry(p.layer(), p.palette(), p.color_index()));
        Some(Self::new(places, frame.colors()?))
    }

    /// `None` where the sample has no provenance.
    pub fn of_sample(sample: &Sample) -> Option<Self> {
        let planes = sample.planes.as_ref()?;
        let places =
            (0..PIXELS).map(|i| entry(planes.layers[i], planes.palettes[i], planes.indices[i]));
        Some(Self::new(places, &sample.colors[..]))
    }

    fn new(places: impl Iterator<Item = usize>, colors: &[u16]) -> Self {
        let mut sums = [[0u32; 4]; ENTRIES];
        for (place, &color) in places.zip(colors) {
            let sum = &mut sums[place];
            sum[0] += (color & 31) as u32;
            sum[1] += (color >> 5 & 31) as u32;
            sum[2] += (color >> 10 & 31) as u32;
            sum[3] += 1;
        }
        let means = sums.map(|s| [0, 1, 2].map(|c| s[c] as f32 / s[3].max(1) as f32));
        Self { means, pixels: sums.map(|s| s[3] as f32) }
    }

    /// Whether most of what this picture shows is brighter, or most of it darker, in `other`.
    pub fn fades_to(&self, other: &Self) -> bool {
        let (mut shown, mut brighter, mut darker) = (0.0, 0.0, 0.0);
        for i in self.shared(other) {
            let (here, there) = (sum(self.means[i]), sum(other.means[i]));
            // Black stays black in every fade, and white stays white.
            if here.max(there) < MOVED || here.min(there) > 93.0 - MOVED {
                continue;
            }
            shown += self.pixels[i];
            if there > here + MOVED {
                brighter += self.pixels[i];
            } else if there < here - MOVED {
                darker += self.pixels[i];
            }
        }
        let (more, less) = (f32::max(brighter, darker), f32::min(brighter, darker));
        shown > 0.1 * PIXELS as f32 && more > 0.5 * shown && less < 0.1 * more
    }

    /// Whether the colors are those of `other`, all scaled alike towards black or white.
    pub fn is_faded_from(&self, other: &Self) -> bool {
        let pixels: f32 = self.shared(other).map(|i| self.pixels[i]).sum();
        pixels > 0.8 * PIXELS as f32
            && (self.is_scaled_from(other, |level| level)
                || self.is_scaled_from(other, |level| 31.0 - level))
    }

    fn is_scaled_from(&self, other: &Self, distance: impl Fn(f32) -> f32) -> bool {
        let levels = || {
            self.shared(other).flat_map(|i| {
                let pixels = self.pixels[i];
                (0..3).map(move |c| (i, c, pixels))
            })
        };
        let pair = |i: usize, c: usize| (distance(self.means[i][c]), distance(other.means[i][c]));
        let (mut product, mut square) = (0.0, 0.0);
        for (i, c, pixels) in levels() {
            let (here, there) = pair(i, c);
            product += pixels * here * there;
            square += pixels * there * there;
        }
        let scale = product / square.max(1.0);
        let (mut residue, mut weight) = (0.0, 0.0);
        for (i, c, pixels) in levels() {
            let (here, there) = pair(i, c);
            residue += pixels * (here - scale * there).powi(2);
            weight += pixels;
        }
        scale < 0.9 && residue < RESIDUE * weight
    }

    fn shared<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        (0..ENTRIES).filter(|&i| self.pixels[i] > 0.0 && other.pixels[i] > 0.0)
    }
}

/// Whether a picture is another one with all its colors scaled alike towards black or white.
///
/// For pictures without provenance. They must show the same scene at the same place.
pub fn is_dimmed(picture: &[u16; PIXELS], bright: &[u16; PIXELS]) -> bool {
    let towards = |distance: fn(u16) -> f32| {
        let mut sums = [0.0f32; 3];
        for (&here, &there) in picture.iter().zip(bright) {
            for channel in 0..3 {
                let (x, y) = (distance(level(here, channel)), distance(level(there, channel)));
                sums[0] += x * x;
                sums[1] += x * y;
                sums[2] += y * y;
            }
        }
        let scale = sums[1] / sums[2].max(1.0);
        // What the best scale leaves of the squares.
        let residue = (sums[0] - scale * sums[1]) / (3 * PIXELS) as f32;
        scale < 0.9 && residue < RESIDUE
    };
    towards(|level| level as f32) || towards(|level| 31.0 - level as f32)
}

fn entry(layer: Layer, palette: u8, index: u8) -> usize {
    let set = if layer == Layer::Object { 32 } else { 0 };
    set | (palette as usize & 7) << 2 | index as usize & 3
}

fn sum(levels: [f32; 3]) -> f32 {
    levels.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENE: [u16; 4] = [0x7F94, 0x0340, 0x01B0, 0x2402];

    /// A picture in stripes of the four colors of background palette 0.
    fn stripes(colors: [u16; 4]) -> ColorTable {
        let pixels: Vec<u16> = (0..PIXELS).map(|i| colors[i / 8 % 4]).collect();
        ColorTable::new((0..PIXELS).map(|i| i / 8 % 4), &pixels)
    }

    fn scaled(eighths: u16) -> [u16; 4] {
        SCENE.map(|color| {
            [0, 5, 10].iter().map(|c| (((color >> c) & 31) * eighths / 8) << c).sum::<u16>()
        })
    }

    #[test]
    fn a_darkening_scene_fades_in_both_directions() {
        let (bright, dim) = (stripes(SCENE), stripes(scaled(5)));
        assert!(bright.fades_to(&dim) && dim.fades_to(&bright));
        assert!(dim.is_faded_from(&bright) && !bright.is_faded_from(&dim));
    }

    #[test]
    fn a_whitening_scene_is_faded() {
        let white = SCENE.map(|color| 0x7FFF - ((0x7FFF - color) & 0x7BDE) / 2);
        assert!(stripes(white).is_faded_from(&stripes(SCENE)));
    }

    #[test]
    fn one_moving_color_is_no_fade() {
        let mut water = SCENE;
        water[1] = 0x03FF;
        assert!(!stripes(SCENE).fades_to(&stripes(water)));
        assert!(!stripes(water).is_faded_from(&stripes(SCENE)));
    }

    #[test]
    fn other_colors_are_no_fade() {
        let swapped = [SCENE[2], SCENE[3], SCENE[0], SCENE[1]];
        assert!(!stripes(swapped).fades_to(&stripes(SCENE)));
        assert!(!stripes(swapped).is_faded_from(&stripes(SCENE)));
    }
}
