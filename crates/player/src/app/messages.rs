//! Lines that are shown for a moment.

use std::time::{Duration, Instant};

/// How long a message is shown.
const SHOWN: Duration = Duration::from_millis(2500);

/// The message that is shown, if any.
#[derive(Debug, Default)]
pub struct Messages {
    latest: Option<(String, Instant)>,
}

impl Messages {
    /// Shows a message, in place of the one before.
    pub fn say(&mut self, message: String) {
        log::info!("{message}");
        self.latest = Some((message, Instant::now() + SHOWN));
    }

    /// What is shown now.
    pub fn shown(&self) -> Option<&str> {
        let (message, end) = self.latest.as_ref()?;
        (Instant::now() < *end).then_some(message)
    }

    /// When what is shown now is to be shown no longer.
    pub fn end(&self) -> Option<Instant> {
        let (_, end) = self.latest.as_ref()?;
        (Instant::now() < *end).then_some(*end)
    }
}
