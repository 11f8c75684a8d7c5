//! What a training run shows of itself.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::train::{Corpus, Event, Limit, Progress, Settings};

/// The bar counts thousandths of the run: its end may be a time.
const LENGTH: u64 = 1000;

/// A bar with the time left and the running loss, on terminals only, and a line per validation.
#[derive(Debug)]
pub struct Bar {
    terminal: ProgressBar,
    has_unseen: bool,
    limit: Limit,
    running: Option<f64>,
}

impl Bar {
    /// At the start.
    pub fn new(settings: &Settings, corpus: &Corpus) -> Self {
        let bar = ProgressBar::new(LENGTH);
        let style = "{bar:30} {percent}%, {eta} left, {msg}";
        bar.set_style(ProgressStyle::with_template(style).unwrap_or(ProgressStyle::default_bar()));
        let has_unseen = corpus.unseen().next().is_some();
        Self { terminal: bar, has_unseen, limit: settings.limit, running: None }
    }

    /// Shows what happened.
    pub fn show(&mut self, event: &Event<'_>) {
        match event {
            Event::Step { step, done, loss } => {
                let running = self.running.map_or(*loss, |running| 0.95 * running + 0.05 * loss);
                self.running = Some(running);
                let of = match self.limit {
                    Limit::Steps(steps) => format!(" of {steps}"),
                    Limit::Epochs(_) | Limit::Time(_) => String::new(),
                };
                self.terminal.set_message(format!("step {step}{of}, loss {running:.5}"));
                let position = (done.min(1.0) * LENGTH as f64) as u64;
                if self.terminal.position() == 0 && position > 1 {
                    // What a resumed run finds done has taken no time now.
                    self.terminal.reset_eta();
                }
                self.terminal.set_position(position);
            }
            Event::Validated(progress) => {
                let line = self.line(progress);
                self.terminal.suspend(|| eprintln!("{line}"));
            }
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.terminal.finish_and_clear();
    }

    fn line(&self, progress: &Progress) -> String {
        let Progress { step, epoch, elapsed, loss, validation, .. } = progress;
        let seen = validation.seen;
        let line = format!(
            "epoch {epoch:.1}, step {step}, {}: loss {loss:.5}, validation {:.5} (grey {:.5}, \
             colorfulness {:.2})",
            minutes(*elapsed),
            seen.loss,
            seen.grey,
            seen.colorfulness,
        );
        if !self.has_unseen {
            return line;
        }
        let unseen = validation.unseen;
        format!(
            "{line}, unseen games {:.5} (grey {:.5}, colorfulness {:.2})",
            unseen.loss, unseen.grey, unseen.colorfulness,
        )
    }
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}
