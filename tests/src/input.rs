//! Buttons pressed by a script, the same ones for the same seed.

use gameboy::Buttons;

use crate::random::Random;

/// What a script may hold, the more useful ones more often.
const CHOICES: [Buttons; 16] = [
    Buttons::A,
    Buttons::A,
    Buttons::A,
    Buttons::START,
    Buttons::B,
    Buttons::RIGHT,
    Buttons::RIGHT,
    Buttons::RIGHT,
    Buttons::LEFT,
    Buttons::LEFT,
    Buttons::UP,
    Buttons::UP,
    Buttons::DOWN,
    Buttons::DOWN,
    Buttons::SELECT,
    Buttons::RIGHT.union(Buttons::A),
];

/// Frames for which one choice is held or released, at most.
const LONGEST: usize = 24;

/// An endless script.
#[derive(Clone, Debug)]
pub struct Script {
    random: Random,
    held: Buttons,
    frames_left: usize,
}

impl Script {
    /// The script of a seed. It begins with a pause of at most 24 frames.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let frames_left = 1 + random.below(LONGEST);
        Self { random, held: Buttons::empty(), frames_left }
    }

    /// The buttons of the next frame. Each choice is followed by a pause, for games that look
    /// for a press and not for a held button.
    pub fn next_frame(&mut self) -> Buttons {
        if self.frames_left == 0 {
            self.frames_left = 1 + self.random.below(LONGEST);
            self.held =
                if self.held.is_empty() { self.random.pick(&CHOICES) } else { Buttons::empty() };
        }
        self.frames_left -= 1;
        self.held
    }
}
