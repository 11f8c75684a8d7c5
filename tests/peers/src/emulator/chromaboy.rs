use std::hint::black_box;

use anyhow::Result;
use gameboy::{Cartridge, GameBoy, Model};

use super::Emulator;

pub struct Chromaboy(GameBoy);

impl Chromaboy {
    pub fn new(rom: Vec<u8>, model: Model) -> Result<Self> {
        Ok(Self(GameBoy::new(Cartridge::from_bytes(rom)?, model)))
    }

    pub fn recording_provenance(mut self) -> Self {
        self.0.record_provenance();
        self
    }
}

impl Emulator for Chromaboy {
    fn run_frame(&mut self) {
        self.0.run_frame();
        black_box(self.0.frame());
        black_box(self.0.samples());
    }
}
