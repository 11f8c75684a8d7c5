//! The newest picture, handed from the emulation to the window.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use colorizer::RgbaFrame;

/// One frame of the console, painted both ways.
#[derive(Clone, Debug, Default)]
pub struct Shot {
    /// As the console shows it.
    pub raw: RgbaFrame,
    /// As the colorizer paints it.
    pub color: RgbaFrame,
    /// When the first button was pressed or released that this is the first frame with.
    pub held: Option<Instant>,
}

/// A place for one [`Shot`], which a newer one replaces. Neither side waits for the other's work:
/// the lock is held for the swap of two pointers.
#[derive(Debug, Default)]
pub struct Mailbox {
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    shot: Box<Shot>,
    is_new: bool,
}

impl Mailbox {
    /// Puts `shot` in the slot and leaves an old one in its place, to be painted over.
    ///
    /// Returns whether the one before had been collected: then the window knows of none and is
    /// to be told.
    pub fn put(&self, shot: &mut Box<Shot>) -> bool {
        let mut slot = self.lock();
        std::mem::swap(&mut slot.shot, shot);
        !std::mem::replace(&mut slot.is_new, true)
    }

    /// Swaps the newest picture into `shot`, if there is one that was not collected yet.
    pub fn collect(&self, shot: &mut Box<Shot>) -> bool {
        let mut slot = self.lock();
        let is_new = std::mem::take(&mut slot.is_new);
        if is_new {
            std::mem::swap(&mut slot.shot, shot);
        }
        is_new
    }

    fn lock(&self) -> MutexGuard<'_, Slot> {
        // A swap cannot be left half done by a panic.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(value: u8) -> Shot {
        let mut shot = Shot::default();
        shot.raw.as_bytes_mut()[0] = value;
        shot
    }

    #[test]
    fn the_newest_is_collected_once() {
        let mailbox = Mailbox::default();
        let mut mine = Box::new(shot(0));
        assert!(!mailbox.collect(&mut mine));
        assert!(mailbox.put(&mut Box::new(shot(1))));
        assert!(!mailbox.put(&mut Box::new(shot(2))), "nobody collected the first");
        assert!(mailbox.collect(&mut mine));
        assert_eq!(mine.raw.as_bytes()[0], 2);
        assert!(!mailbox.collect(&mut mine));
        assert!(mailbox.put(&mut Box::new(shot(3))));
    }
}
