//! One game played once.

use std::collections::VecDeque;

use dataset::Sample;
use gameboy::{Buttons, Cartridge, GameBoy, Model, Support};

use super::fade::ColorTable;
use super::lockstep::Lockstep;
use super::selection::{Selection, Verdict};
use super::start::Start;
use super::{Error, Options, Summary};

const FRAMES_PER_SECOND: u64 = 60;
/// A session that showed nothing new for so many frames is stuck.
const PATIENCE: u64 = 120 * FRAMES_PER_SECOND;
/// Frames between two looks at the palettes.
const LOOK: u64 = 4;
/// A frame is part of a fade where the palettes move within so many frames before or after it.
const SETTLED: u64 = 24;

pub struct Play {
    console: GameBoy,
    lockstep: Option<Lockstep>,
    buttons: Box<dyn Iterator<Item = Buttons>>,
    every: u64,
    last_frame: u64,
    share: usize,
    past: VecDeque<ColorTable>,
    waiting: VecDeque<Candidate>,
}

/// A frame whose future is not known yet.
struct Candidate {
    sample: Sample,
    table: ColorTable,
    fades: bool,
}

impl Play {
    /// `share` is how many frames may be kept.
    ///
    /// # Errors
    /// Where the start's state does not fit the game.
    pub fn new(
        cartridge: &Cartridge,
        start: &Start,
        seed: u64,
        options: &Options,
        share: usize,
    ) -> Result<Self, Error> {
        let mut console = GameBoy::new(cartridge.clone(), Model::Cgb);
        if let Some((path, state)) = start.state() {
            console
                .load_state(state)
                .map_err(|source| Error::State { path: path.to_path_buf(), source })?;
        }
        console.record_provenance();
        // Nobody knows what the original would show at a state of the Color.
        let both = cartridge.header().support() == Support::Both && start.state().is_none();
        Ok(Self {
            console,
            lockstep: both.then(|| Lockstep::new(cartridge.clone())),
            buttons: Box::new(start.buttons(seed)),
            every: options.every.max(1) as u64,
            last_frame: start.movie_frames() + options.seconds as u64 * FRAMES_PER_SECOND,
            share,
            past: VecDeque::new(),
            waiting: VecDeque::new(),
        })
    }

    /// Plays to the end, and hands on each frame worth keeping.
    pub fn run(
        mut self,
        selection: &mut Selection,
        summary: &mut Summary,
        mut keep: impl FnMut(&Sample) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let full = selection.len() + self.share;
        let mut newest = 0;
        for number in 1..=self.last_frame {
            if selection.len() >= full || number > newest + PATIENCE {
                break;
            }
            self.play_frame(number);
            summary.played += 1;
            while let Some(candidate) = self.settled(number) {
                let verdict = candidate.judge(selection);
                summary.count(verdict);
                if verdict == Verdict::Kept {
                    keep(&candidate.sample)?;
                    summary.paired += candidate.sample.shades.is_some() as usize;
                    newest = number;
                }
            }
        }
        Ok(())
    }

    fn play_frame(&mut self, number: u64) {
        let buttons = self.buttons.next().unwrap_or_default();
        self.console.set_buttons(buttons);
        self.console.run_frame();
        if let Some(lockstep) = &mut self.lockstep {
            lockstep.run_frame(buttons);
        }
        if number.is_multiple_of(LOOK) {
            self.look();
        }
        if number.is_multiple_of(self.every) {
            let candidate = self.candidate(number);
            self.waiting.extend(candidate);
        }
    }

    /// Compares the palettes with those of the waiting frames.
    fn look(&mut self) {
        let Some(table) = ColorTable::of_frame(self.console.frame()) else { return };
        for candidate in &mut self.waiting {
            candidate.fades |= candidate.table.fades_to(&table);
        }
        self.past.push_back(table);
        if self.past.len() as u64 > SETTLED / LOOK {
            self.past.pop_front();
        }
    }

    fn candidate(&mut self, number: u64) -> Option<Candidate> {
        let mut sample = Sample::from_frame(number, self.console.frame())?;
        sample.shades = self.lockstep.as_mut().and_then(|lockstep| lockstep.shades(&sample));
        let table = ColorTable::of_sample(&sample)?;
        let fades = self.past.iter().any(|past| table.fades_to(past));
        Some(Candidate { sample, table, fades })
    }

    /// The oldest waiting frame, once its future is known.
    fn settled(&mut self, number: u64) -> Option<Candidate> {
        let known = self.waiting.front()?.sample.frame + SETTLED <= number;
        if known { self.waiting.pop_front() } else { None }
    }
}

impl Candidate {
    fn judge(&self, selection: &mut Selection) -> Verdict {
        if self.fades { Verdict::Fade } else { selection.judge(&self.sample) }
    }
}

impl Summary {
    fn count(&mut self, verdict: Verdict) {
        let counter = match verdict {
            Verdict::Kept => &mut self.kept,
            Verdict::Plain => &mut self.plain,
            Verdict::Colorless => &mut self.colorless,
            Verdict::Fade => &mut self.fades,
            Verdict::Duplicate => &mut self.duplicates,
        };
        *counter += 1;
    }
}
