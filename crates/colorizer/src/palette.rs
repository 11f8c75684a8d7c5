//! Four colours for each layer: how the Game Boy Color shows games made before it.

mod sets;

use gameboy::{Frame, Layer, PIXELS, Pixels, Provenance};

use crate::Colorizer;
use crate::rgba::{RgbaFrame, opaque, rgb555_to_srgb};

/// The name of a palette that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown palette {name:?}; there are {}", names())]
pub struct UnknownPalette {
    name: String,
}

/// Three sets of four colours, one for each register of the original Game Boy: BGP, OBP0, OBP1.
///
/// As a [`Colorizer`] it gives each shade its colour: objects use their own sets where the frame
/// has [provenance](Frame::provenance), else everything is painted as background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    name: &'static str,
    sets: [[[u8; 3]; 4]; 3],
}

impl Palette {
    /// The palette called `name`, as [`name`](Self::name) gives it; upper case is the same.
    ///
    /// # Errors
    /// [`UnknownPalette`], which lists the names there are.
    pub fn by_name(name: &str) -> Result<Self, UnknownPalette> {
        Self::ALL
            .into_iter()
            .find(|palette| palette.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownPalette { name: name.to_owned() })
    }

    /// A palette of other colours, sRGB for shade 0 (the lightest) to 3 of each layer.
    pub const fn new(
        name: &'static str,
        background: [[u8; 3]; 4],
        object0: [[u8; 3]; 4],
        object1: [[u8; 3]; 4],
    ) -> Self {
        Self { name, sets: [background, object0, object1] }
    }

    /// What the palette is called: lower-case words joined by hyphens.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The colours of background and window, sRGB, shade 0 first.
    pub const fn background(&self) -> &[[u8; 3]; 4] {
        &self.sets[0]
    }

    /// The colours of objects of palette 0 (OBP0) or 1 (OBP1), sRGB, shade 0 first.
    ///
    /// Any palette but 0 counts as 1.
    pub const fn object(&self, palette: u8) -> &[[u8; 3]; 4] {
        &self.sets[if palette == 0 { 1 } else { 2 }]
    }

    fn set_of(&self, provenance: Provenance) -> &[[u8; 3]; 4] {
        match provenance.layer() {
            Layer::Object => self.object(provenance.palette()),
            Layer::Background | Layer::Window => self.background(),
        }
    }
}

impl Colorizer for Palette {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match (frame.pixels(), frame.provenance()) {
            (Pixels::Colors(colors), _) => paint_colors(colors, out),
            (Pixels::Shades(shades), None) => {
                paint(shades.iter(), out, |&shade| self.background()[(shade & 3) as usize]);
            }
            (Pixels::Shades(shades), Some(provenance)) => {
                paint(shades.iter().zip(provenance.iter()), out, |(&shade, provenance)| {
                    self.set_of(provenance)[(shade & 3) as usize]
                });
            }
        }
    }
}

/// Paints RGB555 colours as they are.
pub fn paint_colors(colors: &[u16; PIXELS], out: &mut RgbaFrame) {
    paint(colors.iter(), out, |&color| rgb555_to_srgb(color));
}

fn paint<T>(pixels: impl Iterator<Item = T>, out: &mut RgbaFrame, color: impl Fn(T) -> [u8; 3]) {
    for (out, pixel) in out.pixels_mut().iter_mut().zip(pixels) {
        *out = opaque(color(pixel));
    }
}

fn names() -> String {
    Palette::ALL.map(|palette| palette.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paint_shades(mut palette: Palette) -> [[u8; 3]; 4] {
        let mut shades = [0; PIXELS];
        shades[..4].copy_from_slice(&[0, 1, 2, 3]);
        let mut out = RgbaFrame::new();
        palette.colorize(&Frame::from_shades(&shades), &mut out);
        [0, 1, 2, 3].map(|x| out.pixel(x, 0))
    }

    #[test]
    fn without_provenance_all_is_background() {
        for palette in Palette::ALL {
            assert_eq!(paint_shades(palette), *palette.background(), "{}", palette.name());
        }
        assert_eq!(paint_shades(Palette::GREY), crate::GREY_LEVELS.map(|grey| [grey; 3]));
        let brown = [[0xFF; 3], [0xFF, 0xAD, 0x63], [0x84, 0x31, 0x00], [0x00; 3]];
        assert_eq!(paint_shades(Palette::BROWN), brown);
    }

    #[test]
    fn color_frames_are_shown_as_they_are() {
        let colors: [u16; PIXELS] = std::array::from_fn(|i| (i * 31) as u16 & 0x7FFF);
        for mut palette in Palette::ALL {
            let mut out = RgbaFrame::new();
            palette.colorize(&Frame::from_colors(&colors), &mut out);
            for (pixel, color) in out.pixels().iter().zip(colors) {
                assert_eq!(*pixel, opaque(rgb555_to_srgb(color)));
            }
        }
    }

    #[test]
    fn names_find_their_palettes() {
        for palette in Palette::ALL {
            assert_eq!(Palette::by_name(palette.name()), Ok(palette));
            assert_eq!(Palette::by_name(&palette.name().to_uppercase()), Ok(palette));
        }
    }

    #[test]
    fn an_unknown_name_lists_the_palettes() {
        let error = Palette::by_name("mauve").expect_err("no such palette");
        let text = error.to_string();
        assert!(text.starts_with("unknown palette \"mauve\"; there are grey, green-lcd, brown"));
        assert!(text.ends_with("inverted") && !text.contains('\n'));
    }

    #[test]
    fn objects_have_sets_of_their_own() {
        let red = Palette::RED;
        assert_eq!(red.object(0)[1], [0x7B, 0xFF, 0x31]);
        assert_eq!(red.object(1)[1], [0x63, 0xA5, 0xFF]);
        assert_eq!(red.background()[1], [0xFF, 0x84, 0x84]);
    }
}
