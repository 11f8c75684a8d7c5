//! Playing a movie.

use gameboy::{Buttons, Cartridge, Frame, GameBoy, Model, Pixels};

use super::{Event, Movie, MovieError, sha256, unpacked};

/// A console that does what a movie says.
#[derive(Debug)]
pub struct Replay {
    movie: Movie,
    console: GameBoy,
    /// The event that comes next, and frames of it that have run.
    next: usize,
    within: u32,
    frames: u64,
}

impl Replay {
    /// Begins to play a movie of this game.
    ///
    /// # Errors
    /// If it is of another game, or its first state cannot be loaded.
    pub fn new(movie: Movie, cartridge: Cartridge) -> Result<Self, MovieError> {
        if movie.header.rom != sha256(&cartridge) {
            return Err(MovieError::Game(movie.header.title));
        }
        let model = if movie.header.is_cgb { Model::Cgb } else { Model::Dmg };
        let mut console = GameBoy::new(cartridge, model);
        console.record_provenance();
        if let Some(start) = &movie.header.start {
            load(&mut console, start)?;
        }
        Ok(Self { movie, console, next: 0, within: 0, frames: 0 })
    }

    /// Runs the next frame. Returns whether there was one.
    ///
    /// # Errors
    /// If a state cannot be loaded, or the movie is over and its last picture is not the one that it had.
    pub fn run_frame(&mut self) -> Result<bool, MovieError> {
        loop {
            let Some(event) = self.movie.events.get(self.next) else { return self.check_end() };
            match event {
                Event::Frames { held, count } => {
                    if self.within < *count {
                        self.within += 1;
                        self.frames += 1;
                        self.console.set_buttons(Buttons::from_bits_truncate(*held));
                        self.console.run_frame();
                        return Ok(true);
                    }
                    self.within = 0;
                }
                Event::Tilt([right, bottom]) => self.console.set_tilt(*right, *bottom),
                Event::Reset => self.console.reset(),
                Event::Load(state) => load(&mut self.console, state)?,
            }
            self.next += 1;
        }
    }

    fn check_end(&self) -> Result<bool, MovieError> {
        let is_same = |check| self.frames == 0 || check == picture_check(self.console.frame());
        match self.movie.end {
            Some(end) if !is_same(end.check) => Err(MovieError::Differs),
            _ => Ok(false),
        }
    }

    /// The console.
    pub fn console(&self) -> &GameBoy {
        &self.console
    }

    /// The movie.
    pub fn movie(&self) -> &Movie {
        &self.movie
    }

    /// Frames that have run.
    pub fn frames(&self) -> u64 {
        self.frames
    }
}

fn load(console: &mut GameBoy, state: &[u8]) -> Result<(), MovieError> {
    let refused = |reason: &dyn std::fmt::Display| MovieError::State(reason.to_string());
    let state = unpacked(state).ok_or_else(|| refused(&"it is damaged"))?;
    console.load_state(&state).map_err(|err| refused(&err))
}

/// A check of a frame's pixels.
pub fn picture_check(frame: &Frame) -> u32 {
    match frame.pixels() {
        Pixels::Shades(shades) => crc32fast::hash(shades),
        Pixels::Colors(colors) => {
            let mut check = crc32fast::Hasher::new();
            colors.iter().for_each(|color| check.update(&color.to_le_bytes()));
            check.finalize()
        }
    }
}
