//! The device's end of the ring.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rtrb::Consumer;

/// Counts the times that a device found nothing to play. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct Gaps(Arc<AtomicU64>);

impl Gaps {
    /// The count so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// How fast the last level fades away in a gap, per sample: to a tenth in 5 ms at 48 kHz. A jump
/// to zero would be heard as a click.
const FADE: f32 = 0.99;

/// Hands out pairs of samples without ever waiting.
///
/// It begins, and begins again after a gap, when the ring holds `enough`: sound that stutters
/// through an almost empty ring is worse than a pause.
#[derive(Debug)]
pub struct Feed {
    ring: Consumer<[f32; 2]>,
    enough: usize,
    gaps: Gaps,
    is_flowing: bool,
    level: [f32; 2],
}

impl Feed {
    pub fn new(ring: Consumer<[f32; 2]>, enough: usize, gaps: Gaps) -> Self {
        Self { ring, enough, gaps, is_flowing: false, level: [0.0; 2] }
    }

    /// The next pair, left and right, -1 to 1.
    pub fn next_pair(&mut self) -> [f32; 2] {
        if !self.is_flowing {
            self.is_flowing = self.ring.slots() >= self.enough;
        }
        match self.ring.pop() {
            Ok(pair) if self.is_flowing => self.level = pair,
            _ => self.fade(),
        }
        self.level
    }

    fn fade(&mut self) {
        self.level = self.level.map(|level| level * FADE);
        if std::mem::take(&mut self.is_flowing) {
            self.gaps.add();
        }
    }
}
