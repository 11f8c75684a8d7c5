//! The shade that a color stands for where nothing else is known.

use std::sync::LazyLock;

use colorizer::lab::srgb_to_lab;
use colorizer::{GREY_LEVELS, rgb555_to_srgb};

/// The shade, 0-3, whose lightness is nearest to that of each RGB555 color.
static NEAREST: LazyLock<Box<[u8]>> = LazyLock::new(|| {
    let lightness = GREY_LEVELS.map(|grey| srgb_to_lab([grey; 3]).l);
    let nearest = |l: f32| {
        let apart = |&shade: &u8| (lightness[shade as usize] - l).abs();
        (0..4).min_by(|x, y| apart(x).total_cmp(&apart(y))).unwrap_or(0)
    };
    (0..0x8000).map(|color| nearest(srgb_to_lab(rgb555_to_srgb(color)).l)).collect()
});

/// The shade whose lightness is nearest to that of an RGB555 color.
///
/// A guess for imported pictures: games rarely draw their monochrome version so. Where the color
/// index of a pixel is known, that is the better guess.
pub fn nearest_shade(color: u16) -> u8 {
    NEAREST[(color & 0x7FFF) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_colors_have_light_shades() {
        assert_eq!([0x7FFF, 0x56B5, 0x294A, 0].map(nearest_shade), [0, 1, 2, 3]);
        // Yellow is light, red is in the middle, blue is dark.
        assert_eq!([0x03FF, 0x001F, 0x7C00].map(nearest_shade), [0, 1, 2]);
    }
}
