//! The counter that switches a channel off (Pan Docs, "Audio Details").

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Length {
    left: u16,
    /// 64, or 256 for the wave channel.
    full: u16,
    pub enabled: bool,
}

impl Length {
    pub fn new(full: u16) -> Self {
        Self { left: 0, full, enabled: false }
    }

    pub fn load(&mut self, value: u8) {
        self.left = self.full.wrapping_sub(value as u16 & self.full.wrapping_sub(1));
    }

    pub fn clear(&mut self) {
        self.left = 0;
    }

    /// Returns whether the time is up now.
    pub fn clock(&mut self) -> bool {
        self.enabled && self.count()
    }

    /// Sets the enable bit of `NRx4`. In a half period whose end does not clock the lengths, this
    /// does so itself. Returns whether the time is up now.
    pub fn set_enabled(&mut self, value: u8, clocks_length_next: bool) -> bool {
        let was_enabled = std::mem::replace(&mut self.enabled, value & 0x40 != 0);
        self.enabled && !was_enabled && !clocks_length_next && self.count()
    }

    /// A counter that is at its end starts again, in such a half period with one less.
    pub fn trigger(&mut self, clocks_length_next: bool) {
        if self.left == 0 {
            self.left = self.full;
            if self.enabled && !clocks_length_next {
                self.count();
            }
        }
    }

    fn count(&mut self) -> bool {
        let was_counting = self.left > 0;
        self.left = self.left.saturating_sub(1);
        was_counting && self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enabling_may_count_and_end() {
        let mut length = Length::new(64);
        length.load(0xFE);
        assert!(!length.set_enabled(0x40, false));
        assert!(length.clock());
        assert!(!length.clock());
        length.load(0xFF);
        length.set_enabled(0, false);
        assert!(!length.set_enabled(0x40, true));
        length.set_enabled(0, false);
        assert!(length.set_enabled(0x40, false));
    }

    #[test]
    fn a_trigger_refills_an_empty_counter_only() {
        let mut length = Length::new(256);
        length.trigger(true);
        assert_eq!(length.left, 256);
        length.load(0x80);
        length.trigger(true);
        assert_eq!(length.left, 128);
        length.clear();
        length.enabled = true;
        length.trigger(false);
        assert_eq!(length.left, 255);
    }
}
