//! A source in a thread of its own.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use gameboy::{Frame, Pixels};

use super::{CellPainter, CellSource, Hints, Scene, Style};
use crate::cells::Cells;
use crate::guard::{CellWorker, Guard};
use crate::mailbox::{Job, Mailbox};
use crate::palette::paint_colors;
use crate::{Colorizer, Palette, RgbaFrame, SlidingWindow, Stats};

/// A [`Colorizer`] that never waits for its source.
///
/// A frame with cells that are not known well is handed to a thread, where the newest replaces any
/// that still waits, and is painted at once with what is known; cells that were never seen before
/// are grey until the answer comes. In its [`Stats`], frames are reused where the source had nothing
/// to add, fresh where all colors were known though the source was asked, and late where some were
/// not.
///
/// A source that fails is logged once; one that panics is not asked again. Dropping it ends the thread, after the frame the
/// source may be at.
#[derive(Debug)]
pub struct BackgroundCells {
    mailbox: Mailbox<(Cells, Arc<Hints>), Vec<f32>>,
    thread: Option<JoinHandle<()>>,
    painter: CellPainter,
    hints: Arc<Hints>,
    /// Counts the hints; answers to earlier ones are of no use.
    generation: u64,
    /// The cells handed over last.
    sent: Option<Cells>,
    recombine: SlidingWindow,
    stats: Stats,
}

impl BackgroundCells {
    /// Starts a thread for `source`, which is trusted as far as the style does.
    ///
    /// Where the system grants no thread, that is the source's failure.
    pub fn new(source: impl CellSource + 'static, style: Style) -> Self {
        let painter = CellPainter::of(&source, style);
        let mailbox = Mailbox::default();
        let worker = mailbox.clone();
        let thread = std::thread::Builder::new()
            .name("colorizer".to_owned())
            .spawn(move || worker.serve(CellWorker(Guard::new(source))));
        if let Err(error) = &thread {
            mailbox.fail(&format!("no thread for the network: {error}"));
        }
        Self {
            mailbox,
            thread: thread.ok(),
            painter,
            hints: Arc::default(),
            generation: 0,
            sent: None,
            recombine: SlidingWindow::new(),
            stats: Stats::default(),
        }
    }

    /// Colors by these hints from now on. Cells keep their colors until the source has answered.
    pub fn set_hints(&mut self, hints: Hints) {
        self.painter.set_hints(&hints);
        self.hints = Arc::new(hints);
        self.generation += 1;
        self.sent = None;
    }

    /// Whether the source is being asked, so that a frame may look different when it is painted
    /// again.
    pub fn is_waiting(&self) -> bool {
        !self.mailbox.is_idle()
    }

    /// What knows the cells.
    pub fn painter(&mut self) -> &mut CellPainter {
        &mut self.painter
    }

    /// Forgets what was learned of the game; the hints stay.
    pub fn forget(&mut self) {
        self.painter.forget();
        self.generation += 1;
        self.sent = None;
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.clone();
        stats.recombine = self.recombine.spread();
        self.mailbox.add_to(&mut stats);
        stats
    }

    fn paint(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        self.stats.frames += 1;
        if let Some(answer) = self.mailbox.take_answer()
            && let Some(logits) = answer.product
        {
            if answer.job.generation == self.generation() {
                self.painter.learn(&answer.job.task.0, &logits);
            }
            self.mailbox.recycle(logits);
        }
        let start = Instant::now();
        let Some(scene) = self.painter.look(frame) else {
            self.stats.late += 1;
            Palette::GREY.clone().colorize(frame, out);
            return;
        };
        let count = match (scene.open(), scene.unknown()) {
            (0, _) => &mut self.stats.reused,
            (_, 0) => &mut self.stats.fresh,
            _ => &mut self.stats.late,
        };
        *count += 1;
        self.painter.paint(frame, &scene, out);
        self.recombine.record(start.elapsed());
        self.send(scene);
    }

    /// Counts hints and scenes.
    fn generation(&self) -> u64 {
        self.generation << 32 | self.painter.scene() as u64
    }

    fn send(&mut self, scene: Scene) {
        if scene.open() == 0 || self.sent.as_ref() == Some(scene.cells()) {
            return;
        }
        let cells = scene.into_cells();
        self.sent = Some(cells.clone());
        let task = (cells, Arc::clone(&self.hints));
        self.mailbox.send(Job { task, number: self.stats.frames, generation: self.generation() });
    }
}

impl Colorizer for BackgroundCells {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match frame.pixels() {
            Pixels::Colors(colors) => paint_colors(colors, out),
            Pixels::Shades(_) => self.paint(frame, out),
        }
    }
}

impl Drop for BackgroundCells {
    fn drop(&mut self) {
        self.mailbox.close();
        if let Some(thread) = self.thread.take() {
            // The thread catches its source's panics; there is nobody to tell of another.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
impl BackgroundCells {
    /// Waits until every frame handed over is answered.
    pub fn wait(&self) {
        self.mailbox.wait_until_idle();
    }
}
