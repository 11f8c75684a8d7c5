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

/// How much louder sound becomes with each sample when it begins: it takes 5 ms, for the same reason.
const RISE: f32 = 1.0 / 240.0;

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
    /// 0 to 1, while it begins.
    loudness: f32,
}

impl Feed {
    pub fn new(ring: Consumer<[f32; 2]>, enough: usize, gaps: Gaps) -> Self {
        Self { ring, enough, gaps, is_flowing: false, level: [0.0; 2], loudness: 0.0 }
    }

    /// The next pair, left and right, -1 to 1.
    pub fn next_pair(&mut self) -> [f32; 2] {
        if !self.is_flowing {
            self.is_flowing = self.ring.slots() >= self.enough;
        }
        // What comes before there is enough stays for later.
        match self.is_flowing.then(|| self.ring.pop()) {
            Some(Ok(pair)) => {
                self.loudness = (self.loudness + RISE).min(1.0);
                self.level = pair.map(|level| level * self.loudness);
            }
            _ => self.fade(),
        }
        self.level
    }

    fn fade(&mut self) {
        self.level = self.level.map(|level| level * FADE);
        self.loudness = 0.0;
        if std::mem::take(&mut self.is_flowing) {
            self.gaps.add();
        }
    }
}

#[cfg(test)]
mod tests {
    use rtrb::RingBuffer;

    use super::*;

    #[test]
    fn it_begins_with_enough_rises_and_fades() {
        let (mut ring, consumer) = RingBuffer::new(4096);
        let gaps = Gaps::default();
        let mut feed = Feed::new(consumer, 480, gaps.clone());
        let mut push = |count: usize| (0..count).for_each(|_| ring.push([0.5; 2]).expect("room"));
        push(300);
        assert!((0..1000).all(|_| feed.next_pair()[0].abs() < 1e-9), "not enough yet");
        push(300);
        let heard: Vec<f32> = (0..600).map(|_| feed.next_pair()[0]).collect();
        assert!(heard.windows(2).all(|two| (0.0..0.01).contains(&(two[1] - two[0]))));
        assert!((heard[599] - 0.5).abs() < 1e-6 && gaps.count() == 0, "nothing was thrown away");
        let faded: Vec<f32> = (0..2000).map(|_| feed.next_pair()[0]).collect();
        assert!(faded.windows(2).all(|two| (0.0..0.01).contains(&(two[0] - two[1]))));
        assert!(faded[1999] < 1e-3);
        assert_eq!(gaps.count(), 1);
    }
}
