//! A source that the caller waits for.

use gameboy::{Frame, Pixels};

use super::{CellPainter, CellSource};
use crate::guard::Guard;
use crate::palette::paint_colors;
use crate::{Colorizer, Palette, RgbaFrame};

/// A [`Colorizer`] that asks its source whenever a frame has cells that are not known well, and
/// waits, for pictures and films.
///
/// Where the source fails, cells that are not known are painted in grey, and the first
/// [`failure`](Self::failure) is kept and logged. Frames without provenance are painted in
/// [`Palette::GREY`].
#[derive(Debug)]
pub struct InlineCells<S> {
    source: Guard<S>,
    painter: CellPainter,
    logits: Vec<f32>,
    asked: u64,
}

impl<S: CellSource> InlineCells<S> {
    /// Colors frames by `source`.
    pub fn new(source: S) -> Self {
        let painter = CellPainter::new(source.palette());
        Self { source: Guard::new(source), painter, logits: Vec::new(), asked: 0 }
    }

    /// For how many frames the source was asked.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// What went wrong first, in one line.
    pub fn failure(&self) -> Option<&str> {
        self.source.failure()
    }

    fn paint(&mut self, frame: &Frame, out: &mut RgbaFrame) -> bool {
        let Some(mut scene) = self.painter.look(frame) else { return false };
        if scene.open() > 0 {
            self.asked += 1;
            if self.source.logits(scene.cells(), &mut self.logits) {
                self.painter.learn(scene.cells(), &self.logits);
                self.painter.recall(&mut scene);
            }
        }
        self.painter.paint(frame, &scene, out);
        true
    }
}

impl<S: CellSource> Colorizer for InlineCells<S> {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        let is_painted = match frame.pixels() {
            Pixels::Colors(colors) => {
                paint_colors(colors, out);
                true
            }
            Pixels::Shades(_) => self.paint(frame, out),
        };
        if !is_painted {
            Palette::GREY.clone().colorize(frame, out);
        }
    }
}
