//! Going back in time: states of the console, the newest last.

use std::collections::VecDeque;

use lz4_flex::{compress_prepend_size, decompress_size_prepended};

/// How many frames lie between two states, unless memory is short.
const INTERVAL: u32 = 2;

/// States of the last minute or so, in bounded memory.
///
/// Where the memory does not hold as many frames as are wanted, states lie further apart.
#[derive(Debug)]
pub struct Rewind {
    states: VecDeque<Vec<u8>>,
    bytes: usize,
    interval: u32,
    /// Frames since the newest state.
    since: u32,
    /// Frames that can be gone back at least.
    wanted: u32,
    most_bytes: usize,
}

impl Rewind {
    /// So many frames at least, where `most_bytes` hold two states of them; none for 0.
    pub fn new(wanted: u32, most_bytes: usize) -> Self {
        let states = VecDeque::new();
        Self { states, bytes: 0, interval: INTERVAL, since: 0, wanted, most_bytes }
    }

    /// A frame has been emulated, after which the console has this state.
    pub fn record(&mut self, state: impl FnOnce() -> Vec<u8>) {
        self.since += 1;
        if self.wanted == 0 || self.since < self.interval {
            return;
        }
        self.since = 0;
        let state = compress_prepend_size(&state());
        self.bytes += state.len();
        self.states.push_back(state);
        while self.bytes > self.most_bytes && self.states.len() > 2 {
            self.shrink();
        }
    }

    /// Forgets the oldest state, or every other one where those are needed.
    fn shrink(&mut self) {
        if self.frames() > self.wanted {
            self.bytes -= self.states.pop_front().map_or(0, |state| state.len());
            return;
        }
        let mut is_kept = self.states.len().is_multiple_of(2);
        self.states.retain(|_| {
            is_kept = !is_kept;
            is_kept
        });
        self.bytes = self.states.iter().map(Vec::len).sum();
        self.interval *= 2;
    }

    /// The newest state, which is forgotten. `None` where the past ends.
    pub fn back(&mut self) -> Option<Vec<u8>> {
        let state = self.states.pop_back()?;
        self.bytes -= state.len();
        self.since = 0;
        // What was compressed here comes back whole.
        decompress_size_prepended(&state).ok()
    }

    /// Frames between two states.
    pub fn interval(&self) -> u32 {
        self.interval
    }

    /// Frames that can be gone back.
    pub fn frames(&self) -> u32 {
        self.states.len() as u32 * self.interval
    }

    /// Bytes of memory in use.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that cannot be compressed, and a number at their beginning.
    fn state(number: u32) -> Vec<u8> {
        let mut noise = 1 + number;
        let noise = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(0x9E37_79B9) ^ noise >> 15;
            noise as u8
        });
        number.to_le_bytes().into_iter().chain(noise).take(1000).collect()
    }

    fn recorded(frames: u32, wanted: u32, most_bytes: usize) -> Rewind {
        let mut rewind = Rewind::new(wanted, most_bytes);
        for frame in 1..=frames {
            rewind.record(|| state(frame));
            assert!(rewind.bytes() <= most_bytes, "{} bytes", rewind.bytes());
        }
        rewind
    }

    fn numbers(mut rewind: Rewind) -> Vec<u32> {
        let number = |state: Vec<u8>| {
            let number = u32::from_le_bytes([state[0], state[1], state[2], state[3]]);
            assert_eq!(state, self::state(number));
            number
        };
        std::iter::from_fn(|| rewind.back()).map(number).collect()
    }

    #[test]
    fn the_newest_comes_first() {
        assert_eq!(numbers(recorded(9, 60, 1 << 20)), [8, 6, 4, 2]);
        assert!(numbers(recorded(9, 0, 1 << 20)).is_empty());
    }

    #[test]
    fn the_oldest_is_forgotten_where_memory_is_short() {
        let rewind = recorded(100, 10, 10_500);
        assert_eq!(rewind.frames(), 20);
        assert_eq!(numbers(rewind)[..3], [100, 98, 96]);
    }

    #[test]
    fn states_lie_further_apart_where_it_is_shorter() {
        let rewind = recorded(400, 100, 10_500);
        assert!(rewind.frames() >= 80, "{} frames", rewind.frames());
        assert!(rewind.interval() >= 16);
        let numbers = numbers(rewind);
        assert!(numbers.windows(2).all(|pair| pair[0] > pair[1]), "{numbers:?}");
    }
}
