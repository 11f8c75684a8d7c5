//! A source in a thread of its own.

mod mailbox;
mod stats;
#[cfg(test)]
mod tests;

use std::thread::JoinHandle;
use std::time::Instant;

use gameboy::{Frame, PIXELS, Pixels};

use crate::palette::paint_colors;
use crate::recombine::prepare;
use crate::{Chroma, ChromaSource, Colorizer, Luma, Palette, RgbaFrame, recombine};
use mailbox::{Job, Mailbox};
pub use stats::Stats;

/// A [`Colorizer`] that never waits for its source.
///
/// Each frame is handed to a thread, where the newest replaces any that still waits, and is
/// painted at once: its own luma with the latest chroma there is. Until the first chroma arrives,
/// at the start and after a [`reset`](Colorizer::reset), pictures are grey. A frame equal to the
/// one before is not handed over again.
///
/// A source that fails is logged once, and its frames are painted by the
/// [fallback](Self::with_fallback) until it succeeds again; one that panics is not asked again.
///
/// Dropping it ends the thread, after the frame the source may be at.
#[derive(Debug)]
pub struct Background {
    mailbox: Mailbox,
    thread: Option<JoinHandle<()>>,
    generation: u64,
    sent: Option<Box<[u8; PIXELS]>>,
    latest: Latest,
    luma: Luma,
    fallback: Palette,
    stats: Stats,
}

/// What the newest answer of the source was.
#[derive(Debug)]
enum Latest {
    Nothing,
    Chroma(Chroma),
    Failure,
}

impl Background {
    /// Starts a thread for `source`.
    ///
    /// Where the system grants no thread, that is the source's failure.
    pub fn new(source: impl ChromaSource + 'static) -> Self {
        prepare();
        let mailbox = Mailbox::default();
        let worker = mailbox.clone();
        let thread = std::thread::Builder::new()
            .name("colorizer".to_owned())
            .spawn(move || worker.serve(source));
        let mut background = Self {
            mailbox,
            thread: None,
            generation: 0,
            sent: None,
            latest: Latest::Nothing,
            luma: Luma::black(),
            fallback: Palette::GREY,
            stats: Stats::default(),
        };
        match thread {
            Ok(thread) => background.thread = Some(thread),
            Err(error) => background.mailbox.fail(&format!("no thread for the network: {error}")),
        }
        background
    }

    /// Paints frames of a failed source by `palette`; [`Palette::GREY`] unless told.
    #[must_use]
    pub fn with_fallback(mut self, palette: Palette) -> Self {
        self.fallback = palette;
        self
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.clone();
        self.mailbox.add_to(&mut stats);
        stats
    }

    fn send(&mut self, frame: &Frame, shades: &[u8; PIXELS]) {
        if self.sent.as_deref() == Some(shades) {
            self.stats.reused += 1;
            return;
        }
        self.sent = Some(Box::new(*shades));
        self.mailbox.send(Job { frame: frame.clone(), generation: self.generation });
    }
}

impl Background {
    fn receive(&mut self) {
        let Some(answer) = self.mailbox.take_answer() else { return };
        // Chroma of before a reset belongs to another scene.
        if answer.generation != self.generation {
            return;
        }
        let old = std::mem::replace(
            &mut self.latest,
            answer.chroma.map_or(Latest::Failure, Latest::Chroma),
        );
        if let Latest::Chroma(chroma) = old {
            self.mailbox.recycle(chroma);
        }
    }

    fn paint(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match &self.latest {
            Latest::Chroma(chroma) => {
                self.luma.update(frame);
                recombine(&self.luma, chroma, out);
            }
            Latest::Nothing => Palette::GREY.clone().colorize(frame, out),
            Latest::Failure => self.fallback.colorize(frame, out),
        }
    }
}

impl Colorizer for Background {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match frame.pixels() {
            Pixels::Colors(colors) => paint_colors(colors, out),
            Pixels::Shades(shades) => {
                self.stats.frames += 1;
                self.send(frame, shades);
                self.receive();
                let start = Instant::now();
                self.paint(frame, out);
                self.stats.last_paint = start.elapsed();
            }
        }
    }

    fn reset(&mut self) {
        self.generation += 1;
        self.sent = None;
        self.latest = Latest::Nothing;
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.mailbox.close();
        if let Some(thread) = self.thread.take() {
            // The thread catches its source's panics; there is nobody to tell of another.
            let _ = thread.join();
        }
    }
}
