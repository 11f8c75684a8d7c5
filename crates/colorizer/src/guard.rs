//! A source behind a wall: neither its errors nor its panics reach the caller.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use gameboy::Frame;

use crate::cell_color::{CellSource, Hints};
use crate::cells::Cells;
use crate::mailbox::Worker;
use crate::{Chroma, ChromaSource};

/// A source with what is known about its health.
#[derive(Debug)]
pub struct Guard<S> {
    source: Option<S>,
    failure: Option<String>,
}

impl<S> Guard<S> {
    pub fn new(source: S) -> Self {
        Self { source: Some(source), failure: None }
    }

    /// What went wrong first, in one line.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    fn attempt(&mut self, call: impl FnOnce(&mut S) -> Result<(), String>) -> bool {
        let Some(source) = &mut self.source else { return false };
        // A source that panicked is dropped, so that nobody sees it half changed.
        match catch_unwind(AssertUnwindSafe(|| call(source))) {
            Ok(Ok(())) => true,
            Ok(Err(message)) => self.fail(message),
            Err(panic) => {
                let source = self.source.take();
                // Its drop may well panic too.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(source)));
                self.fail(format!("the network panicked: {}", message_of(&*panic)))
            }
        }
    }

    fn fail(&mut self, message: String) -> bool {
        if self.failure.is_none() {
            log::error!("no colour for this frame: {message}");
            self.failure = Some(message);
        }
        false
    }
}

impl<S: ChromaSource> Guard<S> {
    /// Whether `out` now holds the chroma of `frame`.
    #[must_use]
    pub fn chroma(&mut self, frame: &Frame, out: &mut Chroma) -> bool {
        self.attempt(|source| source.chroma(frame, out).map_err(|error| error.to_string()))
    }

    pub fn reset(&mut self) {
        self.attempt(|source| {
            source.reset();
            Ok(())
        });
    }
}

impl<S: CellSource> Guard<S> {
    /// Whether `out` now holds the logits of `cells`.
    #[must_use]
    pub fn logits(&mut self, cells: &Cells, hints: &Hints, out: &mut Vec<f32>) -> bool {
        self.attempt(|source| source.logits(cells, hints, out).map_err(|error| error.to_string()))
    }
}

impl<S: ChromaSource> Worker for Guard<S> {
    type Task = Frame;
    type Product = Chroma;

    fn work(&mut self, frame: &Frame, out: &mut Chroma) -> bool {
        self.chroma(frame, out)
    }

    fn reset(&mut self) {
        Self::reset(self);
    }

    fn failure(&self) -> Option<&str> {
        Self::failure(self)
    }
}

/// Asks a [`CellSource`].
#[derive(Debug)]
pub struct CellWorker<S>(pub Guard<S>);

impl<S: CellSource> Worker for CellWorker<S> {
    type Task = (Cells, Arc<Hints>);
    type Product = Vec<f32>;

    fn work(&mut self, (cells, hints): &Self::Task, out: &mut Vec<f32>) -> bool {
        self.0.logits(cells, hints, out)
    }

    fn reset(&mut self) {}

    fn failure(&self) -> Option<&str> {
        self.0.failure()
    }
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
