//! How playing goes, in words.

use std::time::Duration;

use colorizer::{Spread, Stats};

use crate::app::Pictures;
use crate::emulation::Progress;

/// What is measured while a game is played.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Of the emulation and the colors.
    pub progress: Progress,
    /// Frames a second, lately.
    pub rate: f64,
    /// How evenly pictures come, and how soon after a button.
    pub pictures: Pictures,
}

impl Figures {
    /// A table that fits the console's screen: a line for each stage, and what became of the
    /// frames so far.
    pub fn overlay(&self) -> Vec<String> {
        let mut lines = vec![format!("{:.1} frames/s", self.rate)];
        lines.push(format!("{:<10}{:>7}{:>7}", "ms", "median", "max"));
        for (stage, spread) in self.stages() {
            let [median, max] = [spread.median, spread.max].map(millis);
            lines.push(format!("{stage:<10}{median:>7.2}{max:>7.2}"));
        }
        if let Some(stats) = &self.progress.coloring {
            for (what, share) in shares(stats) {
                lines.push(format!("{what:<10}{share:>6.1}%"));
            }
        }
        lines
    }

    /// For the end of the program: the median and maximum of each stage, in one line.
    pub fn summary(&self) -> String {
        let stage = |(stage, spread): (&str, Spread)| {
            format!("{stage} {:.2} (max {:.2})", millis(spread.median), millis(spread.max))
        };
        self.stages().map(stage).collect::<Vec<_>>().join(", ")
    }

    fn stages(&self) -> impl Iterator<Item = (&'static str, Spread)> {
        let coloring = self.progress.coloring.as_ref();
        let coloring =
            coloring.map(|stats| [("network", stats.network), ("recombine", stats.recombine)]);
        let [first, last] =
            [("emulate", self.progress.emulate), ("present", self.pictures.present)];
        let seen = [("interval", self.pictures.interval), ("reaction", self.pictures.reaction)];
        let stages = [first].into_iter().chain(coloring.into_iter().flatten()).chain([last]);
        stages.chain(seen)
    }
}

/// What became of the frames, in percent of them.
pub fn shares(stats: &Stats) -> [(&'static str, f64); 3] {
    let frames = stats.frames.max(1) as f64;
    [("fresh", stats.fresh), ("reused", stats.reused), ("late", stats.late)]
        .map(|(what, count)| (what, count as f64 * 100.0 / frames))
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(median: u64, max: u64) -> Spread {
        Spread { median: Duration::from_micros(median), max: Duration::from_micros(max) }
    }

    fn figures(coloring: Option<Stats>) -> Figures {
        let progress = Progress { emulate: spread(700, 1250), coloring, ..Progress::default() };
        let pictures = Pictures {
            present: spread(400, 16_700),
            interval: spread(16_742, 17_300),
            reaction: spread(9000, 17_100),
            ..Pictures::default()
        };
        Figures { progress, rate: 59.73, pictures }
    }

    #[test]
    fn every_stage_has_a_line() {
        let stats = Stats {
            frames: 200,
            fresh: 129,
            reused: 70,
            late: 1,
            network: spread(7900, 12_000),
            recombine: spread(110, 240),
            ..Stats::default()
        };
        let expected = [
            "59.7 frames/s",
            "ms         median    max",
            "emulate      0.70   1.25",
            "network      7.90  12.00",
            "recombine    0.11   0.24",
            "present      0.40  16.70",
            "interval    16.74  17.30",
            "reaction     9.00  17.10",
            "fresh       64.5%",
            "reused      35.0%",
            "late         0.5%",
        ];
        assert_eq!(figures(Some(stats)).overlay(), expected);
    }

    #[test]
    fn without_a_network_there_is_nothing_to_say_of_it() {
        let expected = "emulate 0.70 (max 1.25), present 0.40 (max 16.70), \
                        interval 16.74 (max 17.30), reaction 9.00 (max 17.10)";
        assert_eq!(figures(None).summary(), expected);
        assert_eq!(figures(None).overlay().len(), 6);
    }
}
