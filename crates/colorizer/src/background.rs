//! A source in a thread of its own.

mod stats;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::thread::JoinHandle;
use std::time::Instant;

use gameboy::{Frame, PIXELS, Pixels};

use crate::cache::{Cache, ENTRIES};
use crate::guard::Guard;
use crate::mailbox::{Answer, Job, Mailbox};
use crate::palette::paint_colors;
use crate::recombine::prepare;
use crate::{Chroma, ChromaSource, Colorizer, Palette, RgbaFrame, SlidingWindow, recombine_shades};
pub use stats::Stats;

/// A [`Colorizer`] that never waits for its source.
///
/// Each frame is handed to a thread, where the newest replaces any that still waits, and is
/// painted at once: its own luma with the latest chroma there is. Until the first chroma arrives,
/// at the start and after a [`reset`](Colorizer::reset), pictures are grey. Of the frames seen
/// last the chroma is kept: they are not handed over again, and have their own chroma at once.
///
/// A source that fails is logged once, and its frames are painted by the
/// [fallback](Self::with_fallback) until it succeeds again; one that panics is not asked again.
///
/// Dropping it ends the thread, after the frame the source may be at.
#[derive(Debug)]
pub struct Background {
    mailbox: Mailbox<Frame, Chroma>,
    thread: Option<JoinHandle<()>>,
    generation: u64,
    sent: Option<Sent>,
    cache: Cache,
    latest: Latest,
    /// What to paint with, where `latest` says so.
    chroma: Chroma,
    fallback: Palette,
    recombine: SlidingWindow,
    stats: Stats,
}

/// The frame handed over last.
#[derive(Debug)]
struct Sent {
    shades: Box<[u8; PIXELS]>,
    /// Its number.
    number: u64,
    /// The number of the latest frame that looks the same: its chroma is asked for as well.
    same: u64,
}

/// What is known of the newest frame that anything is known of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Latest {
    Nothing,
    /// There is chroma of the frame of this number.
    Chroma(u64),
    /// The source failed at the frame of this number.
    Failure(u64),
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
            .spawn(move || worker.serve(Guard::new(source)));
        let mut background = Self {
            mailbox,
            thread: None,
            generation: 0,
            sent: None,
            cache: Cache::new(ENTRIES),
            latest: Latest::Nothing,
            chroma: Chroma::new(),
            fallback: Palette::GREY,
            recombine: SlidingWindow::new(),
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

    /// Keeps the chroma of so many frames, instead of 64.
    #[must_use]
    pub fn with_cache(mut self, entries: NonZeroUsize) -> Self {
        self.cache = Cache::new(entries.get());
        self
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.clone();
        stats.recombine = self.recombine.spread();
        self.mailbox.add_to(&mut stats);
        stats
    }

    /// Finds chroma for the frame that was just counted, or has it made.
    fn find_chroma(&mut self, frame: &Frame, shades: &[u8; PIXELS]) {
        let number = self.stats.frames;
        if let Some(answer) = self.mailbox.take_answer() {
            self.receive(answer);
        }
        if let Some(chroma) = self.cache.find(shades) {
            self.chroma.copy_from(chroma);
            self.latest = Latest::Chroma(number);
            self.stats.reused += 1;
            return;
        }
        if self.latest.age(number).is_some_and(|age| age <= 1) {
            self.stats.fresh += 1;
        } else {
            self.stats.late += 1;
        }
        self.send(frame, shades);
    }

    fn receive(&mut self, Answer { job, product }: Answer<Frame, Chroma>) {
        // Chroma of before a reset belongs to another scene.
        let is_of_now = job.generation == self.generation;
        let number = match &self.sent {
            Some(sent) if sent.number == job.number => sent.same,
            _ => job.number,
        };
        // The cache may have known a later frame meanwhile.
        let is_news = is_of_now && self.latest.number() < number;
        if let Some(mut chroma) = product {
            if let (true, Pixels::Shades(shades)) = (is_of_now, job.task.pixels()) {
                self.cache.insert(shades, &chroma);
            }
            if is_news {
                std::mem::swap(&mut self.chroma, &mut chroma);
                self.latest = Latest::Chroma(number);
            }
            self.mailbox.recycle(chroma);
        } else if is_news {
            self.latest = Latest::Failure(number);
            // Colours that come and go would be worse than none.
            self.cache.clear();
        }
    }

    fn send(&mut self, frame: &Frame, shades: &[u8; PIXELS]) {
        let (number, generation) = (self.stats.frames, self.generation);
        match &mut self.sent {
            Some(sent) if *sent.shades == *shades => {
                sent.same = number;
                return;
            }
            Some(sent) => {
                (sent.number, sent.same) = (number, number);
                *sent.shades = *shades;
            }
            None => {
                self.sent = Some(Sent { shades: Box::new(*shades), number, same: number });
            }
        }
        self.mailbox.send(Job { task: frame.clone(), number, generation });
    }

    fn paint(&mut self, frame: &Frame, shades: &[u8; PIXELS], out: &mut RgbaFrame) {
        match self.latest {
            Latest::Chroma(_) => {
                let start = Instant::now();
                recombine_shades(shades, &self.chroma, out);
                self.recombine.record(start.elapsed());
            }
            Latest::Nothing => Palette::GREY.clone().colorize(frame, out),
            Latest::Failure(_) => self.fallback.colorize(frame, out),
        }
    }
}

impl Latest {
    /// The frame that something is known of; frames count from 1.
    fn number(self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Chroma(number) | Self::Failure(number) => number,
        }
    }

    /// How many frames the chroma is older than the frame `number`, where there is chroma.
    fn age(self, number: u64) -> Option<u64> {
        match self {
            Self::Chroma(of) => Some(number - of),
            Self::Nothing | Self::Failure(_) => None,
        }
    }
}

impl Colorizer for Background {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match frame.pixels() {
            Pixels::Colors(colors) => paint_colors(colors, out),
            Pixels::Shades(shades) => {
                self.stats.frames += 1;
                self.find_chroma(frame, shades);
                self.paint(frame, shades, out);
            }
        }
    }

    fn reset(&mut self) {
        self.generation += 1;
        self.sent = None;
        self.latest = Latest::Nothing;
        // The source may remember frames, and make other chroma of the next.
        self.cache.clear();
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
