//! What a seeded player presses.

use std::collections::VecDeque;

use gameboy::Buttons;

use crate::random::Random;

const SECOND: u32 = 60;
/// Until then a scripted opening goes through title screens and menus.
const OPENING: u32 = 20 * SECOND;
const DIRECTIONS: [Buttons; 4] = [Buttons::RIGHT, Buttons::LEFT, Buttons::UP, Buttons::DOWN];

/// An endless series of held buttons, one entry per frame, the same for the same seed.
///
/// It plays as a restless human does: directions held for 10 to 90 frames, mostly towards a goal
/// that changes every few seconds, taps of A and B, seldom Start and Select. Three seeds of four
/// begin with a script for menus (Start and A in turns; A alone; Start, Down and A), the fourth
/// does not.
#[derive(Clone, Debug)]
pub struct Schedule {
    random: Random,
    script: &'static [Buttons],
    /// Buttons and the frames for which they will be held.
    planned: VecDeque<(Buttons, u32)>,
    frame: u32,
    goal: Buttons,
    goal_ends: u32,
}

const SCRIPTS: [&[Buttons]; 4] = [
    &[Buttons::START, Buttons::A, Buttons::A],
    &[Buttons::A],
    &[],
    &[Buttons::START, Buttons::A, Buttons::DOWN, Buttons::A],
];

impl Schedule {
    /// The schedule of `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            script: SCRIPTS[(seed % 4) as usize],
            planned: VecDeque::from([(Buttons::empty(), 3 * SECOND)]),
            frame: 0,
            goal: Buttons::RIGHT,
            goal_ends: 0,
        }
    }

    /// The schedule of `seed` in the middle of play: without a pause and a script for menus.
    pub fn in_play(seed: u64) -> Self {
        Self { script: &[], planned: VecDeque::new(), ..Self::new(seed) }
    }

    fn plan(&mut self) {
        if self.frame < OPENING && !self.script.is_empty() {
            self.plan_opening();
        } else {
            self.plan_play();
        }
    }

    fn plan_opening(&mut self) {
        for &button in self.script {
            self.tap(button);
            let pause = self.random.between(40, 110);
            self.planned.push_back((Buttons::empty(), pause));
        }
    }

    fn plan_play(&mut self) {
        if self.frame >= self.goal_ends {
            self.goal = self.random.pick(&DIRECTIONS);
            self.goal_ends = self.frame + self.random.between(3, 15) * SECOND;
        }
        match self.random.below(100) {
            0..50 => self.walk(Buttons::empty()),
            50..62 => self.walk(Buttons::A),
            62..70 => self.walk(Buttons::B),
            70..84 => self.tap(Buttons::A),
            84..91 => self.tap(Buttons::B),
            91..97 => self.rest(),
            97..99 => self.pause_and_resume(),
            _ => self.tap(Buttons::SELECT),
        }
    }

    fn walk(&mut self, also: Buttons) {
        let direction =
            if self.random.one_in(2) { self.goal } else { self.random.pick(&DIRECTIONS) };
        let frames = self.random.between(10, 90);
        self.planned.push_back((direction | also, frames));
    }

    fn tap(&mut self, button: Buttons) {
        let held = self.random.between(3, 10);
        self.planned.push_back((button, held));
        let released = self.random.between(4, 14);
        self.planned.push_back((Buttons::empty(), released));
    }

    fn rest(&mut self) {
        let frames = self.random.between(10, 60);
        self.planned.push_back((Buttons::empty(), frames));
    }

    /// In most games Start pauses, and only Start goes on.
    fn pause_and_resume(&mut self) {
        self.tap(Buttons::START);
        self.rest();
        if !self.random.one_in(4) {
            self.tap(Buttons::START);
        }
    }
}

impl Iterator for Schedule {
    type Item = Buttons;

    /// What is held during the next frame; never `None`.
    fn next(&mut self) -> Option<Buttons> {
        while self.planned.is_empty() {
            self.plan();
        }
        self.frame += 1;
        let (buttons, left) = self.planned.front_mut()?;
        let buttons = *buttons;
        *left -= 1;
        if *left == 0 {
            self.planned.pop_front();
        }
        Some(buttons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_another_differs() {
        let play = |seed| Schedule::new(seed).take(5000).collect::<Vec<_>>();
        assert_eq!(play(3), play(3));
        assert_ne!(play(3), play(7));
    }

    #[test]
    fn in_play_there_is_no_wait() {
        let begins = |schedule: Schedule| schedule.take(180).any(|held| !held.is_empty());
        for seed in 0..8 {
            assert!(begins(Schedule::in_play(seed)), "seed {seed}");
            assert!(!begins(Schedule::new(seed)), "seed {seed}");
        }
    }

    #[test]
    fn a_minute_presses_everything_a_game_needs() {
        for seed in 0..8 {
            let pressed = Schedule::new(seed).take(3600).fold(Buttons::empty(), |all, b| all | b);
            assert!(pressed.contains(Buttons::A | Buttons::B | Buttons::RIGHT), "seed {seed}");
        }
    }

    #[test]
    fn opposite_directions_are_never_held_together() {
        for buttons in Schedule::new(1).take(50_000) {
            assert!(!buttons.contains(Buttons::LEFT | Buttons::RIGHT));
            assert!(!buttons.contains(Buttons::UP | Buttons::DOWN));
        }
    }
}
