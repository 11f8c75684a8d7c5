//! A source that the caller waits for.

use gameboy::{Frame, Pixels};

use super::{CellPainter, CellSource, Hints, Style};
use crate::guard::Guard;
use crate::palette::paint_colors;
use crate::{Colorizer, Palette, RgbaFrame};

/// A [`Colorizer`] that asks its source whenever a frame has cells that are not known well, and
/// waits, for pictures and films.
///
/// Where the source fails, cells that are not known are painted in grey, and the first
/// [`failure`](Self::failure) is kept and logged.
#[derive(Debug)]
pub struct InlineCells<S> {
    source: Guard<S>,
    painter: CellPainter,
    hints: Hints,
    logits: Vec<f32>,
    asked: u64,
    reused: u64,
}

impl<S: CellSource> InlineCells<S> {
    /// Colors frames by `source`, as far as the style trusts it.
    pub fn new(source: S, style: Style) -> Self {
        let painter = CellPainter::of(&source, style);
        Self {
            source: Guard::new(source),
            painter,
            hints: Hints::default(),
            logits: Vec::new(),
            asked: 0,
            reused: 0,
        }
    }

    /// Goes on with what another painter of the same palette, style and hints knows.
    pub fn go_on(&mut self, painter: CellPainter) {
        self.painter = painter;
    }

    /// Colors by these hints from now on.
    pub fn set_hints(&mut self, hints: Hints) {
        self.painter.set_hints(&hints);
        self.hints = hints;
    }

    /// For how many frames the source was asked.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// For how many frames it need not be.
    pub fn reused(&self) -> u64 {
        self.reused
    }

    /// Counts the scenes of the game, as far as they are told apart.
    pub fn scene(&self) -> u32 {
        self.painter.scene()
    }

    /// Looks at a frame that is not to be painted, without asking the source. It is from earlier
    /// frames that the game's usual palettes are known.
    pub fn watch(&mut self, frame: &Frame) {
        if matches!(frame.pixels(), Pixels::Shades(_)) {
            self.painter.watch(frame);
        }
    }

    /// What went wrong first, in one line.
    pub fn failure(&self) -> Option<&str> {
        self.source.failure()
    }

    fn paint(&mut self, frame: &Frame, out: &mut RgbaFrame) -> bool {
        let Some(mut scene) = self.painter.look(frame) else { return false };
        if scene.open() == 0 {
            self.reused += 1;
        } else {
            self.asked += 1;
            if self.source.logits(scene.cells(), &self.hints, &mut self.logits) {
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
