//! The memory of the `HuC3`'s computer, in which it counts minutes and days.

use serde::{Deserialize, Serialize};

use crate::memory::Ram;

const DOTS_PER_SECOND: u64 = 4_194_304;
const DOTS_PER_MINUTE: u64 = 60 * DOTS_PER_SECOND;
const MINUTES_PER_DAY: u64 = 1440;

/// Where games exchange the time.
const EXCHANGE: usize = 0x00;
const TIME: usize = 0x10;
const EVENT: usize = 0x58;

/// What mGBA writes: all nibbles, two in a byte, and the time of the save.
const WHOLE_TRAILER: usize = 0x88;
/// What BGB and SameBoy write: that time, minute and day, and those of the event.
const SHORT_TRAILER: usize = 17;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    nibbles: Ram<256>,
    address: u8,
    /// Dots since the last minute began, below [`DOTS_PER_MINUTE`].
    sub_minute: u64,
    now: u64,
    /// The time in seconds since 1970 at the moment `set_at`.
    time: Option<u64>,
    set_at: u64,
    /// Whether the time is the host's, and not that of a save.
    is_host_time: bool,
}

impl Clock {
    pub fn new() -> Self {
        Self {
            nibbles: Ram::zeroed(),
            address: 0,
            sub_minute: 0,
            now: 0,
            time: None,
            set_at: 0,
            is_host_time: false,
        }
    }

    pub fn set_address(&mut self, bits: u8, mask: u8) {
        self.address = self.address & !mask | bits;
    }

    pub fn read(&mut self) -> u8 {
        let nibble = self.nibbles[self.address as usize] & 0x0F;
        self.address = self.address.wrapping_add(1);
        nibble
    }

    pub fn write(&mut self, nibble: u8) {
        self.nibbles[self.address as usize] = nibble;
        self.address = self.address.wrapping_add(1);
    }

    pub fn show_time(&mut self) {
        self.nibbles.copy_within(TIME..TIME + 6, EXCHANGE);
    }

    /// The event stays as far ahead as it was.
    pub fn take_time(&mut self) {
        let ahead = self.minutes(EVENT).saturating_sub(self.minutes(TIME));
        self.nibbles.copy_within(EXCHANGE..EXCHANGE + 6, TIME);
        self.set_minutes(EVENT, self.minutes(TIME) + ahead);
        self.sub_minute = 0;
    }

    pub fn catch_up(&mut self, now: u64) {
        let dots = now.saturating_sub(self.now);
        self.now = now;
        self.pass(dots);
    }

    /// The host's time is now `time`, in seconds since 1970.
    pub fn set_time(&mut self, time: u64) {
        if let Some(previous) = self.time().filter(|_| !self.is_host_time) {
            self.pass(time.saturating_sub(previous).saturating_mul(DOTS_PER_SECOND));
        }
        (self.time, self.set_at) = (Some(time), self.now);
        self.is_host_time = true;
    }

    /// The count of dots begins again at 0.
    pub fn restart_dots(&mut self) {
        self.time = self.time();
        (self.now, self.set_at) = (0, 0);
    }

    pub fn trailer(&self) -> Vec<u8> {
        let pairs = self.nibbles.chunks_exact(2);
        let mut bytes: Vec<u8> = pairs.map(|pair| pair[0] & 0x0F | pair[1] << 4).collect();
        bytes.extend(self.time().unwrap_or(0).to_le_bytes());
        bytes
    }

    pub fn is_trailer(len: usize) -> bool {
        matches!(len, WHOLE_TRAILER | SHORT_TRAILER)
    }

    pub fn load_trailer(&mut self, bytes: &[u8]) {
        let saved_at = if bytes.len() == SHORT_TRAILER {
            let (time, rest) = bytes.split_at(8);
            let number = |at: usize| u64::from(rest[at]) | u64::from(rest[at + 1]) << 8;
            self.set_minutes(TIME, number(2) * MINUTES_PER_DAY + number(0));
            self.set_minutes(EVENT, number(6) * MINUTES_PER_DAY + number(4));
            time
        } else {
            let (nibbles, time) = bytes.split_at(bytes.len().min(0x80));
            for (pair, byte) in self.nibbles.chunks_exact_mut(2).zip(nibbles) {
                pair.copy_from_slice(&[byte & 0x0F, byte >> 4]);
            }
            time
        };
        let time = saved_at.iter().rev().fold(0, |time, byte| time << 8 | u64::from(*byte));
        self.sub_minute = 0;
        self.resume_from(time);
    }

    fn resume_from(&mut self, saved_at: u64) {
        if saved_at == 0 {
            return;
        }
        if self.is_host_time {
            let seconds = self.time().unwrap_or(0).saturating_sub(saved_at);
            self.pass(seconds.saturating_mul(DOTS_PER_SECOND));
        } else {
            (self.time, self.set_at) = (Some(saved_at), self.now);
        }
    }

    fn time(&self) -> Option<u64> {
        let elapsed = self.now.saturating_sub(self.set_at) / DOTS_PER_SECOND;
        self.time.map(|time| time.saturating_add(elapsed))
    }

    fn pass(&mut self, dots: u64) {
        self.sub_minute = self.sub_minute.saturating_add(dots);
        if self.sub_minute >= DOTS_PER_MINUTE {
            self.set_minutes(TIME, self.minutes(TIME) + self.sub_minute / DOTS_PER_MINUTE);
            self.sub_minute %= DOTS_PER_MINUTE;
        }
    }

    /// The minutes since day 0 at `at`: three nibbles of minutes, three of days.
    fn minutes(&self, at: usize) -> u64 {
        let number =
            |at: usize| (0..3).fold(0, |sum, i| sum | u64::from(self.nibbles[at + i]) << (4 * i));
        number(at + 3) * MINUTES_PER_DAY + number(at)
    }

    fn set_minutes(&mut self, at: usize, minutes: u64) {
        for (at, number) in [(at, minutes % MINUTES_PER_DAY), (at + 3, minutes / MINUTES_PER_DAY)] {
            for i in 0..3 {
                self.nibbles[at + i] = (number >> (4 * i)) as u8 & 0x0F;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(minutes: u64) -> Clock {
        let mut clock = Clock::new();
        clock.set_minutes(TIME, minutes);
        clock
    }

    #[test]
    fn time_passes_between_save_and_load() {
        let mut saved = clock(1000);
        saved.set_minutes(EVENT, 1234);
        saved.set_time(1_000_000);
        let trailer = saved.trailer();
        assert_eq!(trailer.len(), WHOLE_TRAILER);

        let mut later = Clock::new();
        later.load_trailer(&trailer);
        later.set_time(1_000_000 + 600);
        assert_eq!((later.minutes(TIME), later.minutes(EVENT)), (1010, 1234));
        let mut told_before = Clock::new();
        told_before.set_time(1_000_000 + 600);
        told_before.load_trailer(&trailer);
        assert_eq!(told_before.minutes(TIME), 1010);
    }

    #[test]
    fn the_short_trailer_is_understood() {
        let mut bytes = 1_000_000u64.to_le_bytes().to_vec();
        for number in [59u16, 0x123, 60, 0x124] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.push(1);
        let mut clock = Clock::new();
        clock.load_trailer(&bytes);
        assert_eq!(clock.minutes(TIME), 0x123 * MINUTES_PER_DAY + 59);
        assert_eq!(clock.minutes(EVENT), 0x124 * MINUTES_PER_DAY + 60);
    }

    #[test]
    fn the_event_keeps_its_distance() {
        let mut clock = clock(100);
        clock.set_minutes(EVENT, 130);
        clock.set_minutes(EXCHANGE, 2000);
        clock.take_time();
        assert_eq!((clock.minutes(TIME), clock.minutes(EVENT)), (2000, 2030));
    }
}
