//! A source that the caller waits for.

use gameboy::{Frame, Pixels};

use crate::guard::Guard;
use crate::palette::paint_colors;
use crate::recombine::prepare;
use crate::{Chroma, ChromaSource, Colorizer, Luma, Palette, RgbaFrame, recombine};

/// A [`Colorizer`] that asks its source for every frame and waits, for pictures and films.
///
/// Where the source fails, the frame is painted in [`Palette::GREY`], and the first
/// [`failure`](Self::failure) is kept and logged. A source that panics is not asked again.
#[derive(Debug)]
pub struct Inline<S> {
    source: Guard<S>,
    luma: Luma,
    chroma: Chroma,
}

impl<S: ChromaSource> Inline<S> {
    /// Colours frames by `source`.
    pub fn new(source: S) -> Self {
        prepare();
        Self { source: Guard::new(source), luma: Luma::black(), chroma: Chroma::new() }
    }

    /// What went wrong first, in one line; `None` as long as every frame got its colours.
    pub fn failure(&self) -> Option<&str> {
        self.source.failure()
    }

    /// The chroma of the last frame.
    pub fn chroma(&self) -> &Chroma {
        &self.chroma
    }
}

impl<S: ChromaSource> Colorizer for Inline<S> {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        if let Pixels::Colors(colors) = frame.pixels() {
            paint_colors(colors, out);
        } else if self.source.chroma(frame, &mut self.chroma) {
            self.luma.update(frame);
            recombine(&self.luma, &self.chroma, out);
        } else {
            Palette::GREY.clone().colorize(frame, out);
        }
    }

    fn reset(&mut self) {
        self.source.reset();
    }
}

#[cfg(test)]
mod tests {
    use gameboy::PIXELS;

    use super::*;
    use crate::SourceError;

    /// Paints shade 1 red, and likes no other.
    struct Picky;

    impl ChromaSource for Picky {
        fn chroma(&mut self, frame: &Frame, out: &mut Chroma) -> Result<(), SourceError> {
            match frame.shades().map(|shades| shades[0]) {
                Some(1) => out.planes_mut().0.fill(60.0),
                Some(2) => return Err("no such shade".into()),
                _ => panic!("what is this"),
            }
            Ok(())
        }
    }

    fn show(inline: &mut Inline<Picky>, shade: u8) -> [u8; 3] {
        let mut out = RgbaFrame::new();
        inline.colorize(&Frame::from_shades(&[shade; PIXELS]), &mut out);
        out.pixel(0, 0)
    }

    #[test]
    fn every_frame_has_its_own_chroma() {
        let mut inline = Inline::new(Picky);
        let [red, green, blue] = show(&mut inline, 1);
        assert!(red > green + 60 && blue > green, "{red} {green} {blue}");
        assert_eq!(inline.failure(), None);
    }

    #[test]
    fn failures_are_grey_and_the_first_is_kept() {
        let mut inline = Inline::new(Picky);
        assert_eq!(show(&mut inline, 2), [0x55; 3]);
        assert_ne!(show(&mut inline, 1), [0xAA; 3]);
        assert_eq!(show(&mut inline, 3), [0x00; 3]);
        // Gone after its panic.
        assert_eq!(show(&mut inline, 1), [0xAA; 3]);
        assert_eq!(inline.failure(), Some("no such shade"));
    }
}
