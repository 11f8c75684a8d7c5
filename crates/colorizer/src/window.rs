//! How long things take, over the latest of them.

use std::time::Duration;

/// The durations of the latest 240 runs of something; recording one allocates nothing.
#[derive(Clone, Debug)]
pub struct SlidingWindow {
    micros: [u32; WIDTH],
    /// Runs recorded so far.
    count: usize,
}

/// About four seconds of frames.
const WIDTH: usize = 240;

/// What a [`SlidingWindow`] held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// The middle one: half of the runs took no longer.
    pub median: Duration,
    /// The longest.
    pub max: Duration,
}

impl SlidingWindow {
    /// An empty window.
    pub fn new() -> Self {
        Self { micros: [0; WIDTH], count: 0 }
    }

    /// Takes `duration` in, to the microsecond, and the oldest out where the window is full.
    pub fn record(&mut self, duration: Duration) {
        self.micros[self.count % WIDTH] = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
        self.count += 1;
    }

    /// Median and maximum of what is in the window; zero where nothing is.
    pub fn spread(&self) -> Spread {
        let mut micros = self.micros;
        let micros = &mut micros[..self.count.min(WIDTH)];
        if micros.is_empty() {
            return Spread::default();
        }
        let (_, median, above) = micros.select_nth_unstable(micros.len() / 2);
        let max = above.iter().copied().fold(*median, u32::max);
        let duration = |micros: u32| Duration::from_micros(micros.into());
        Spread { median: duration(*median), max: duration(max) }
    }
}

impl Default for SlidingWindow {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(median: u64, max: u64) -> Spread {
        Spread { median: Duration::from_millis(median), max: Duration::from_millis(max) }
    }

    #[test]
    fn the_median_is_in_the_middle() {
        let mut window = SlidingWindow::new();
        assert_eq!(window.spread(), Spread::default());
        for millis in [9, 1, 5] {
            window.record(Duration::from_millis(millis));
        }
        assert_eq!(window.spread(), spread(5, 9));
    }

    #[test]
    fn old_runs_leave_the_window() {
        let mut window = SlidingWindow::new();
        window.record(Duration::from_secs(100_000));
        assert_eq!(window.spread().max, Duration::from_micros(u32::MAX.into()));
        for _ in 0..WIDTH {
            window.record(Duration::from_millis(3));
        }
        assert_eq!(window.spread(), spread(3, 3));
    }
}
