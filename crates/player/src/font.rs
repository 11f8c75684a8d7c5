//! Text on the console's screen, in the fonts of `embedded-graphics`.

use std::convert::Infallible;

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::iso_8859_1::{FONT_4X6, FONT_5X8};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::text::{Baseline, Text};

use crate::picture::Picture;

/// Pixels from one small character to the next.
pub const ADVANCE: usize = 4;
/// Pixels from one line of small text to the next.
pub const LINE: usize = 7;
/// Pixels from one character to the next.
pub const TEXT_ADVANCE: usize = 5;
/// Pixels from one line to the next.
pub const TEXT_LINE: usize = 9;

const INK: [u8; 3] = [0xFF; 3];
const PAPER: [u8; 4] = [0, 0, 0, 0xFF];

/// Writes `lines` into the top left corner of `picture`, small and white on black; what does not
/// fit is cut off.
pub fn write(picture: &mut Picture, lines: &[impl AsRef<str>]) {
    let columns = lines.iter().map(|line| line.as_ref().chars().count()).max().unwrap_or(0);
    let (width, height) = (columns * ADVANCE + 1, lines.len() * LINE + 1);
    for row in picture.rows_mut().take(height) {
        for pixel in row.iter_mut().take(width) {
            *pixel = PAPER;
        }
    }
    // One pixel of paper to the left and above.
    write_at(picture, [1, 1], lines);
}

/// Writes `lines`, small and white, over `picture`, the first with its top left corner there.
pub fn write_at(picture: &mut Picture, [left, top]: [usize; 2], lines: &[impl AsRef<str>]) {
    for (number, line) in lines.iter().enumerate() {
        draw(picture, &FONT_4X6, [left, top + number * LINE], line.as_ref(), INK);
    }
}

/// Writes a line of text over `picture`, with its top left corner there.
pub fn write_text(picture: &mut Picture, at: [usize; 2], text: &str, color: [u8; 3]) {
    draw(picture, &FONT_5X8, at, text, color);
}

fn draw(
    picture: &mut Picture,
    font: &MonoFont<'_>,
    [left, top]: [usize; 2],
    text: &str,
    [r, g, b]: [u8; 3],
) {
    let style = MonoTextStyle::new(font, Rgb888::new(r, g, b));
    let at = Point::new(left as i32, top as i32);
    // Drawing on a picture cannot fail.
    let _ = Text::with_baseline(text, at, style, Baseline::Top).draw(picture);
}

impl OriginDimensions for Picture {
    fn size(&self) -> Size {
        Size::new(self.width() as u32, self.height() as u32)
    }
}

impl DrawTarget for Picture {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Self::Color>>,
    {
        for Pixel(Point { x, y }, color) in pixels {
            let place = usize::try_from(x).ok().zip(usize::try_from(y).ok());
            if let Some((x, y)) = place
                && let Some(pixel) = self.pixel_mut(x, y)
            {
                *pixel = [color.r(), color.g(), color.b(), 0xFF];
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written, `#` for ink, `.` for paper and a space where the picture shows through.
    fn written(width: usize, height: usize, lines: &[&str]) -> Vec<String> {
        let mut picture = Picture::new(width, height, vec![[7; 4]; width * height]);
        write(&mut picture, lines);
        let character = |pixel: &[u8; 4]| match *pixel {
            [0xFF, ..] => '#',
            PAPER => '.',
            _ => ' ',
        };
        picture.rows().map(|row| row.iter().map(character).collect()).collect()
    }

    #[test]
    fn characters_stand_on_paper() {
        let lines = written(11, 9, &["LL"]);
        assert!(lines[..8].iter().all(|line| line.starts_with('.') && line.ends_with("  ")));
        assert_eq!(lines[8].trim(), "");
        assert!(lines.iter().any(|line| line.contains("###")), "{lines:?}");
    }

    #[test]
    fn what_does_not_fit_is_cut_off() {
        let lines = written(3, 4, &["88888", "8"]);
        assert!(lines.iter().all(|line| line.len() == 3 && !line.contains(' ')), "{lines:?}");
    }
}
