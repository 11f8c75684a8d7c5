//! The window's title: the game, the speed, and what paints.

use std::time::{Duration, Instant};

use crate::emulation::{Progress, Speed};

/// How long the title tells the most important keys first.
const WELCOME: Duration = Duration::from_secs(6);
const KEYS: &str = "Tab: raw / color, Escape: menu, arrows X Z Enter: play";

/// Makes the title from the figures of the emulation.
#[derive(Debug)]
pub struct Title {
    game: String,
    painter: String,
    speed: Speed,
    opened: Instant,
    /// When the speed was measured last, and the frames there were then.
    measured: Option<(Instant, u64)>,
    rate: f64,
}

impl Title {
    /// For `game`, painted by `painter`, as of now.
    pub fn new(game: String, painter: String) -> Self {
        Self {
            game,
            painter,
            speed: Speed::Normal,
            opened: Instant::now(),
            measured: None,
            rate: 0.0,
        }
    }

    /// The emulation runs at this speed from now on. Returns whether that is another.
    pub fn set_speed(&mut self, speed: Speed) -> bool {
        if speed == self.speed {
            return false;
        }
        self.speed = speed;
        self.measured = None;
        true
    }

    /// That paints from now on.
    pub fn set_painter(&mut self, painter: String) {
        self.painter = painter;
    }

    /// Measures the speed since the last call.
    pub fn measure(&mut self, frames: u64, now: Instant) {
        if let Some((then, before)) = self.measured.replace((now, frames)) {
            let seconds = (now - then).as_secs_f64();
            self.rate = (frames - before) as f64 / seconds.max(1e-3);
        }
    }

    /// Frames a second, as measured last.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The title at `now`.
    pub fn text(&self, progress: &Progress, now: Instant) -> String {
        let Self { game, painter, rate, .. } = self;
        let failed = progress.coloring.as_ref().is_some_and(|stats| stats.failure.is_some());
        let painter = if failed { "no color: the network failed" } else { painter };
        let pace = match self.speed {
            Speed::Normal => None,
            Speed::Paused => Some("paused".to_owned()),
            Speed::Back => Some("rewinding".to_owned()),
            Speed::Slow(percent) => Some(format!("slow motion, {percent} %")),
            Speed::Fast => Some(format!("fast-forward, {rate:.0} fps")),
        };
        if let Some(pace) = pace {
            format!("{game} - {pace} - {painter}")
        } else if now - self.opened < WELCOME {
            format!("{game} - {KEYS} - {painter}")
        } else {
            format!("{game} - {rate:.1} fps - {painter}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_the_keys_and_then_the_speed() {
        let mut title = Title::new("Game".to_owned(), "V1 (cpu, 1 thread)".to_owned());
        let start = title.opened;
        let progress = Progress::default();
        assert_eq!(
            title.text(&progress, start),
            "Game - Tab: raw / color, Escape: menu, arrows X Z Enter: play - V1 (cpu, 1 thread)"
        );
        let later = start + WELCOME;
        title.measure(1000, later);
        title.measure(1060, later + Duration::from_secs(1));
        assert_eq!(title.text(&progress, later), "Game - 60.0 fps - V1 (cpu, 1 thread)");
        title.set_speed(Speed::Paused);
        assert_eq!(title.text(&progress, later), "Game - paused - V1 (cpu, 1 thread)");
    }

    #[test]
    fn a_failed_network_is_told() {
        let title = Title::new("Game".to_owned(), "V1".to_owned());
        let stats = colorizer::Stats { failure: Some("broken".to_owned()), ..Default::default() };
        let progress = Progress { coloring: Some(stats), ..Progress::default() };
        let text = title.text(&progress, title.opened + WELCOME);
        assert_eq!(text, "Game - 0.0 fps - no color: the network failed");
    }
}
