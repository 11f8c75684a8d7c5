//! How evenly pictures come, and how soon after a button.

use std::time::{Duration, Instant};

use colorizer::{SlidingWindow, Spread};

/// A picture that is farther from its time than that counts as uneven: a player may notice.
const UNEVEN: Duration = Duration::from_millis(4);

/// When pictures were shown, each counted once its presenter is done with it.
#[derive(Clone, Debug)]
pub struct Cadence {
    is_steady: bool,
    last: Option<Instant>,
    drawn: u64,
    present: SlidingWindow,
    intervals: SlidingWindow,
    reactions: SlidingWindow,
    even: u64,
    uneven: u64,
}

/// What a [`Cadence`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pictures {
    /// Pictures drawn into the window since the start.
    pub drawn: u64,
    /// How long the latest of them took to be drawn; with a graphics card that is until the screen
    /// takes them.
    pub present: Spread,
    /// From picture to picture, the latest ones.
    pub interval: Spread,
    /// From the event of a button, as the window had it, until a picture with it was shown.
    pub reaction: Spread,
    /// Pictures at their time, since the start.
    pub even: u64,
    /// Those that came more than 4 ms too early or too late after the one before.
    pub uneven: u64,
}

impl Cadence {
    /// Of pictures that come at the console's own speed.
    pub fn new() -> Self {
        Self {
            is_steady: true,
            last: None,
            drawn: 0,
            present: SlidingWindow::new(),
            intervals: SlidingWindow::new(),
            reactions: SlidingWindow::new(),
            even: 0,
            uneven: 0,
        }
    }

    /// Pictures come at the console's own speed from now on, or at another.
    pub fn set_steady(&mut self, is_steady: bool) {
        self.is_steady = is_steady;
        self.last = None;
    }

    /// A picture was drawn, which took so long.
    pub fn drawn(&mut self, present: Duration) {
        self.drawn += 1;
        self.present.record(present);
    }

    /// What was drawn is a new frame, the first one with what a button did at `held`.
    pub fn shown(&mut self, now: Instant, held: Option<Instant>) {
        if !self.is_steady {
            return;
        }
        if let Some(held) = held {
            self.reactions.record(now - held);
        }
        if let Some(last) = self.last.replace(now) {
            let interval = now - last;
            self.intervals.record(interval);
            let frame = Duration::from_secs_f64(1.0 / gameboy::FRAMES_PER_SECOND);
            let count =
                if interval.abs_diff(frame) > UNEVEN { &mut self.uneven } else { &mut self.even };
            *count += 1;
        }
    }

    /// The figures so far.
    pub fn figures(&self) -> Pictures {
        Pictures {
            drawn: self.drawn,
            present: self.present.spread(),
            interval: self.intervals.spread(),
            reaction: self.reactions.spread(),
            even: self.even,
            uneven: self.uneven,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_are_late_count_as_uneven() {
        let mut cadence = Cadence::new();
        cadence.set_steady(false);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        cadence.shown(start, None);
        assert_eq!(cadence.figures(), Pictures::default(), "not at the console's speed");
        cadence.set_steady(true);
        for (millis, held) in [(0, None), (17, Some(9)), (34, None), (60, None), (77, None)] {
            cadence.shown(at(millis), held.map(at));
        }
        let Pictures { interval, reaction, even, uneven, .. } = cadence.figures();
        assert_eq!((even, uneven), (3, 1));
        assert_eq!(interval.max, Duration::from_millis(26));
        assert_eq!(reaction.median, Duration::from_millis(8));
        // Between a pause and what follows there is no interval.
        cadence.set_steady(true);
        cadence.shown(at(900), None);
        assert_eq!(cadence.figures().uneven, 1);
    }
}
