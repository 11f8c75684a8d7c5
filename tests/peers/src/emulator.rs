//! The emulators behind one face.

mod boytacean;
mod chromaboy;
mod mizu;
mod sameboy;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use gameboy::Model;

/// A running emulator with a game in it.
pub trait Emulator {
    /// Runs a frame, with the picture drawn and the sound taken.
    fn run_frame(&mut self);
}

/// Which emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours.
    Chromaboy,
    /// Ours, recording the origin of each pixel.
    ChromaboyWithProvenance,
    /// `SameBoy`, by way of the crate `safeboy`.
    SameBoy,
    /// The crate `mizu-core`.
    Mizu,
    /// The crate `boytacean`.
    Boytacean,
}

impl Kind {
    /// All, in the order of a round.
    pub const ALL: [Self; 5] = [
        Self::Chromaboy,
        Self::ChromaboyWithProvenance,
        Self::SameBoy,
        Self::Mizu,
        Self::Boytacean,
    ];

    /// What the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromaboy => "Chromaboy",
            Self::ChromaboyWithProvenance => "Chromaboy, provenance",
            Self::SameBoy => "SameBoy",
            Self::Mizu => "mizu-core",
            Self::Boytacean => "boytacean",
        }
    }

    /// Starts a game where the boot ROM ends.
    ///
    /// # Errors
    /// Where the file cannot be read, or the emulator refuses it.
    pub fn start(self, path: &Path, model: Model) -> Result<Box<dyn Emulator>> {
        let rom = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(match self {
            Self::Chromaboy => Box::new(chromaboy::Chromaboy::new(rom, model)?),
            Self::ChromaboyWithProvenance => {
                Box::new(chromaboy::Chromaboy::new(rom, model)?.recording_provenance())
            }
            Self::SameBoy => Box::new(sameboy::SameBoy::new(&rom, model)),
            Self::Mizu => Box::new(mizu::Mizu::new(path, model)?),
            Self::Boytacean => Box::new(boytacean::Boytacean::new(&rom, model)?),
        })
    }
}
