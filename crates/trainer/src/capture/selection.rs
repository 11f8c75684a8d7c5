//! Which frames are worth keeping.

use dataset::Sample;
use gameboy::PIXELS;

use super::fade::{ColorTable, is_dimmed};
use super::likeness::{Likeness, is_colorless, is_plain};

/// The share of pixels with equal color index from which two pictures are of the same scene.
const SAME_SCENE: f32 = 0.8;

/// Why a frame was kept or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Kept,
    Plain,
    Colorless,
    Fade,
    Duplicate,
}

/// The frames of one game that were kept so far.
#[derive(Debug, Default)]
pub struct Selection {
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    colors: Box<[u16; PIXELS]>,
    /// Of frames with provenance.
    scene: Option<Scene>,
}

#[derive(Debug)]
struct Scene {
    indices: Box<[u8; PIXELS]>,
    table: ColorTable,
}

impl Selection {
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Judges a frame and remembers it where it is kept.
    pub fn judge(&mut self, sample: &Sample) -> Verdict {
        let likeness = Likeness::of(sample);
        if is_plain(&sample.colors, likeness) {
            return Verdict::Plain;
        }
        if is_colorless(&sample.colors) {
            return Verdict::Colorless;
        }
        // The newest is the likeliest to be alike.
        if self.kept.iter().rev().any(|kept| likeness.are_near(&kept.colors, &sample.colors)) {
            return Verdict::Duplicate;
        }
        let new = Kept::new(sample);
        if self.kept.iter().any(|kept| new.is_faded_from(kept)) {
            return Verdict::Fade;
        }
        self.kept.push(new);
        Verdict::Kept
    }

    /// Remembers a frame that was kept earlier.
    pub fn remember(&mut self, sample: &Sample) {
        self.kept.push(Kept::new(sample));
    }
}

impl Kept {
    fn new(sample: &Sample) -> Self {
        let scene = sample.planes.as_ref().zip(ColorTable::of_sample(sample));
        let scene = scene.map(|(planes, table)| Scene { indices: planes.indices.clone(), table });
        Self { colors: sample.colors.clone(), scene }
    }

    fn is_faded_from(&self, kept: &Self) -> bool {
        match (&self.scene, &kept.scene) {
            (Some(new), Some(old)) => new.is_of(old) && new.table.is_faded_from(&old.table),
            _ => is_dimmed(&self.colors, &kept.colors),
        }
    }
}

impl Scene {
    fn is_of(&self, other: &Self) -> bool {
        let same = self.indices.iter().zip(other.indices.iter()).filter(|(a, b)| a == b).count();
        same as f32 > SAME_SCENE * PIXELS as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::Planes;
    use gameboy::{HEIGHT, Layer, Scroll};

    /// Squares of 8x8 in `colors`, shifted by `shift` squares.
    fn squares(colors: [u16; 4], shift: usize) -> Sample {
        let index = |i: usize| (i % 160 / 8 + i / 1280 * 3 + shift) % 4;
        Sample {
            frame: 0,
            colors: Box::new(std::array::from_fn(|i| colors[index(i)])),
            planes: Some(Planes {
                indices: Box::new(std::array::from_fn(|i| index(i) as u8)),
                layers: Box::new([Layer::Background; PIXELS]),
                palettes: Box::new([0; PIXELS]),
                tiles: Box::new([0; PIXELS]),
                scroll: Box::new([Scroll::default(); HEIGHT]),
                scene: None,
            }),
            shades: None,
        }
    }

    const SCENE: [u16; 4] = [0x7F94, 0x0340, 0x01B0, 0x2402];

    #[test]
    fn a_scene_is_kept_once() {
        let mut selection = Selection::default();
        assert_eq!(selection.judge(&squares(SCENE, 0)), Verdict::Kept);
        assert_eq!(selection.judge(&squares(SCENE, 0)), Verdict::Duplicate);
        assert_eq!(selection.judge(&squares(SCENE, 1)), Verdict::Kept);
        assert_eq!(selection.len(), 2);
    }

    #[test]
    fn six_percent_of_the_pixels_decide() {
        let mut selection = Selection::default();
        selection.judge(&squares(SCENE, 0));
        let mut near = squares(SCENE, 0);
        near.colors[..1382].fill(0x001F);
        let mut apart = near.clone();
        apart.colors[..1900].fill(0x001F);
        assert_eq!(selection.judge(&near), Verdict::Duplicate);
        assert_eq!(selection.judge(&apart), Verdict::Kept);
    }

    #[test]
    fn grey_and_plain_screens_are_dropped() {
        let mut selection = Selection::default();
        let grey = squares([0, 0x294A, 0x56B5, 0x7FFF], 0);
        assert_eq!(selection.judge(&grey), Verdict::Colorless);
        let mut plain = squares([0x7C00; 4], 0);
        plain.colors[..1000].fill(0x001F);
        assert_eq!(selection.judge(&plain), Verdict::Plain);
        assert_eq!(selection.len(), 0);
    }

    #[test]
    fn a_dimmed_scene_is_a_fade() {
        let mut selection = Selection::default();
        selection.judge(&squares(SCENE, 0));
        let dim = squares(SCENE.map(|color| color >> 1 & 0x3DEF), 0);
        assert_eq!(selection.judge(&dim), Verdict::Fade);
    }

    /// As a camera or a lossy codec would have it: no pixel is exact.
    fn filmed(sample: &Sample) -> Sample {
        let noisy = |i: usize| {
            let color = sample.colors[i];
            let red = (color & 31) as usize + i * 7 % 3;
            color & !31 | (red.clamp(1, 32) as u16 - 1)
        };
        let colors: Box<[u16; PIXELS]> = Box::new(std::array::from_fn(noisy));
        Sample::from_colors(0, colors)
    }

    #[test]
    fn noise_makes_no_new_scene() {
        let mut selection = Selection::default();
        assert_eq!(selection.judge(&filmed(&squares(SCENE, 0))), Verdict::Kept);
        let mut again = filmed(&squares(SCENE, 0));
        again.colors.iter_mut().for_each(|color| *color ^= 1);
        assert_eq!(selection.judge(&again), Verdict::Duplicate);
        assert_eq!(selection.judge(&filmed(&squares(SCENE, 1))), Verdict::Kept);
        assert_eq!(selection.judge(&filmed(&squares([0x7C00; 4], 0))), Verdict::Plain);
    }

    #[test]
    fn a_filmed_fade_is_a_fade() {
        let mut selection = Selection::default();
        selection.judge(&filmed(&squares(SCENE, 0)));
        let dim = squares(SCENE.map(|color| color >> 1 & 0x3DEF), 0);
        assert_eq!(selection.judge(&filmed(&dim)), Verdict::Fade);
        let white = SCENE.map(|color| 0x7FFF - ((0x7FFF - color) >> 1 & 0x3DEF));
        assert_eq!(selection.judge(&filmed(&squares(white, 0))), Verdict::Fade);
    }
}
