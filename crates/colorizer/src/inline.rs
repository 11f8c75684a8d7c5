//! A source that the caller waits for.

use gameboy::{Frame, Pixels};

use crate::guard::Guard;
use crate::palette::paint_colors;
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
