//! Playing a movie.

use gameboy::{Cartridge, Frame, GameBoy, Pixels};

use super::{Movie, MovieError, Step, Steps};

/// A console that does what a movie says.
#[derive(Debug)]
pub struct Replay {
    console: GameBoy,
    steps: Steps,
    /// The check of the last picture, where the movie is whole.
    check: Option<u32>,
    frames: u64,
}

impl Replay {
    /// Begins to play a movie of this game.
    ///
    /// # Errors
    /// If it is of another game, or its first state cannot be loaded.
    pub fn new(movie: Movie, cartridge: Cartridge) -> Result<Self, MovieError> {
        if !movie.is_of(&cartridge) {
            return Err(MovieError::Game(movie.header.title));
        }
        let mut console = GameBoy::new(cartridge, movie.model());
        console.record_provenance();
        if let Some(start) = movie.start()? {
            Step::Load(start).take(&mut console)?;
        }
        let check = movie.end.map(|end| end.check);
        Ok(Self { console, steps: movie.into_steps(), check, frames: 0 })
    }

    /// Runs the next frame. Returns whether there was one.
    ///
    /// # Errors
    /// If a state cannot be loaded, or the movie is over and its last picture is not the one that it
    /// had.
    pub fn run_frame(&mut self) -> Result<bool, MovieError> {
        for step in self.steps.by_ref() {
            let step = step?;
            step.take(&mut self.console)?;
            if matches!(step, Step::Frame(_)) {
                self.frames += 1;
                return Ok(true);
            }
        }
        match self.check {
            Some(check) if check != picture_check(self.console.frame()) => Err(MovieError::Differs),
            _ => Ok(false),
        }
    }

    /// The console.
    pub fn console(&self) -> &GameBoy {
        &self.console
    }

    /// Frames that have run.
    pub fn frames(&self) -> u64 {
        self.frames
    }
}

/// A check of a frame's pixels.
pub fn picture_check(frame: &Frame) -> u32 {
    match frame.pixels() {
        Pixels::Shades(shades) => crc32fast::hash(shades),
        Pixels::Colors(colors) => {
            let mut check = crc32fast::Hasher::new();
            for color in colors {
                check.update(&color.to_le_bytes());
            }
            check.finalize()
        }
    }
}
