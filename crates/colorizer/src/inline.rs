//! A source that the caller waits for.

use std::num::NonZeroUsize;

use gameboy::{Frame, PIXELS, Pixels};

use crate::cache::{Cache, ENTRIES};
use crate::guard::Guard;
use crate::palette::paint_colors;
use crate::recombine::prepare;
use crate::{Chroma, ChromaSource, Colorizer, Palette, RgbaFrame, recombine_shades};

/// A [`Colorizer`] that asks its source for every frame and waits, for pictures and films. Of the
/// frames seen last the chroma is kept: for them the source is not asked again.
///
/// Where the source fails, the frame is painted in [`Palette::GREY`], and the first
/// [`failure`](Self::failure) is kept and logged. A source that panics is not asked again.
#[derive(Debug)]
pub struct Inline<S> {
    source: Guard<S>,
    cache: Cache,
    chroma: Chroma,
    reused: u64,
}

impl<S: ChromaSource> Inline<S> {
    /// Colours frames by `source`.
    pub fn new(source: S) -> Self {
        prepare();
        let cache = Cache::new(ENTRIES);
        Self { source: Guard::new(source), cache, chroma: Chroma::new(), reused: 0 }
    }

    /// Keeps the chroma of so many frames, instead of 64.
    #[must_use]
    pub fn with_cache(mut self, entries: NonZeroUsize) -> Self {
        self.cache = Cache::new(entries.get());
        self
    }

    /// How many frames had been seen before, so that the source was not asked.
    pub fn reused(&self) -> u64 {
        self.reused
    }

    /// What went wrong first, in one line; `None` as long as every frame got its colours.
    pub fn failure(&self) -> Option<&str> {
        self.source.failure()
    }

    /// The chroma of the last frame.
    pub fn chroma(&self) -> &Chroma {
        &self.chroma
    }

    /// Whether `chroma` is now that of the frame.
    fn find_chroma(&mut self, frame: &Frame, shades: &[u8; PIXELS]) -> bool {
        if let Some(chroma) = self.cache.find(shades) {
            self.chroma.copy_from(chroma);
            self.reused += 1;
            return true;
        }
        let is_made = self.source.chroma(frame, &mut self.chroma);
        if is_made {
            self.cache.insert(shades, &self.chroma);
        } else {
            // Colours that come and go would be worse than none.
            self.cache.clear();
        }
        is_made
    }
}

impl<S: ChromaSource> Colorizer for Inline<S> {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match frame.pixels() {
            Pixels::Colors(colors) => paint_colors(colors, out),
            Pixels::Shades(shades) if self.find_chroma(frame, shades) => {
                recombine_shades(shades, &self.chroma, out);
            }
            Pixels::Shades(_) => Palette::GREY.clone().colorize(frame, out),
        }
    }

    fn reset(&mut self) {
        self.source.reset();
        // The source may remember frames, and make other chroma of the next.
        self.cache.clear();
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
    fn a_frame_seen_before_needs_no_source() {
        let mut inline = Inline::new(Picky);
        let first = show(&mut inline, 1);
        assert_eq!((show(&mut inline, 1), inline.reused()), (first, 1));
        inline.reset();
        assert_eq!((show(&mut inline, 1), inline.reused()), (first, 1));
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
