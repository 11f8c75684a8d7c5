//! The latest seconds, to make a clip of.

use std::collections::VecDeque;

use gameboy::GameBoy;
use lz4_flex::{compress_prepend_size, decompress_size_prepended};
use recorder::movie::Step;

/// Frames between two states: five seconds.
const STRIDE: u32 = 299;

/// What was done with the console in the latest seconds, from states at which that begins.
#[derive(Debug, Default)]
pub struct Past {
    parts: VecDeque<Part>,
    /// Frames that are wanted.
    wanted: u32,
}

#[derive(Debug)]
struct Part {
    /// Compressed.
    state: Vec<u8>,
    steps: Vec<Step>,
    frames: u32,
}

impl Past {
    /// Keeps so many frames.
    pub fn new(wanted: u32) -> Self {
        Self { parts: VecDeque::new(), wanted }
    }

    /// A step is about to be done with a console.
    pub fn record(&mut self, step: Step, console: &GameBoy) {
        if self.wanted == 0 {
            return;
        }
        if self.parts.back().is_none_or(|part| part.frames >= STRIDE) {
            let state = compress_prepend_size(&console.save_state());
            self.parts.push_back(Part { state, steps: Vec::new(), frames: 0 });
        }
        if let Some(part) = self.parts.back_mut() {
            part.frames += matches!(step, Step::Frame(_)) as u32;
            part.steps.push(step);
        }
        let later: u32 = self.parts.iter().skip(1).map(|part| part.frames).sum();
        if later >= self.wanted {
            self.parts.pop_front();
        }
    }

    /// The state at which what is kept begins, what was done since, and how many frames of that come
    /// before those that are wanted.
    pub fn clip(&self) -> Option<(Vec<u8>, Vec<Step>, u32)> {
        let state = decompress_size_prepended(&self.parts.front()?.state).ok()?;
        let steps = self.parts.iter().flat_map(|part| part.steps.iter().cloned()).collect();
        let frames: u32 = self.parts.iter().map(|part| part.frames).sum();
        Some((state, steps, frames.saturating_sub(self.wanted)))
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.parts.clear();
    }
}

#[cfg(test)]
mod tests {
    use gameboy::{Buttons, Cartridge, Model};

    use recorder::movie::picture_check;

    use super::*;
    use crate::embedded;

    #[test]
    fn a_clip_is_of_the_latest_seconds() {
        let cartridge = Cartridge::from_bytes(embedded::DEMO_ROM).expect("the demo");
        let mut gb = GameBoy::new(cartridge, Model::Dmg);
        let mut past = Past::new(600);
        let held =
            |frame: u32| if (frame / 30).is_multiple_of(2) { Buttons::RIGHT } else { Buttons::A };
        for frame in 0..2000 {
            past.record(Step::Frame(held(frame)), &gb);
            Step::Frame(held(frame)).take(&mut gb).expect("a frame");
        }
        let (state, steps, skipped) = past.clip().expect("a clip");
        assert_eq!(steps.len() as u32 - skipped, 600);
        assert!(skipped < 300, "{skipped} frames too many");
        let mut again = gb.clone();
        Step::Load(state).take(&mut again).expect("a state");
        for step in steps {
            step.take(&mut again).expect("a step");
        }
        assert_eq!(picture_check(again.frame()), picture_check(gb.frame()));
        past.clear();
        assert!(past.clip().is_none());
    }
}
