//! A source behind a wall: neither its errors nor its panics reach the caller.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gameboy::Frame;

use crate::{Chroma, ChromaSource};

/// A source with what is known about its health.
#[derive(Debug)]
pub struct Guard<S> {
    source: Option<S>,
    failure: Option<String>,
}

impl<S: ChromaSource> Guard<S> {
    pub fn new(source: S) -> Self {
        Self { source: Some(source), failure: None }
    }

    /// What went wrong first, in one line.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

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

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
