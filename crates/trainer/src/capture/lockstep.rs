//! The original Game Boy beside the Color, for games that run on both.

use dataset::Sample;
use gameboy::{Buttons, Cartridge, GameBoy, Layer, Model, PIXELS};

/// The share of pixels that one shade map per layer must explain.
const AGREEMENT: f32 = 0.95;
/// Frames in a row that may disagree before the original is switched off: the games parted.
const PATIENCE: u32 = 60;

/// The same cartridge with the same input on the original.
#[derive(Debug)]
pub struct Lockstep {
    console: GameBoy,
    disagreed: u32,
}

impl Lockstep {
    pub fn new(cartridge: Cartridge) -> Self {
        Self { console: GameBoy::new(cartridge, Model::Dmg), disagreed: 0 }
    }

    /// Runs a frame while there is hope that the games are together.
    pub fn run_frame(&mut self, buttons: Buttons) {
        if self.disagreed < PATIENCE {
            self.console.set_buttons(buttons);
            self.console.run_frame();
        }
    }

    /// What the original shows, if it is the same picture as the sample's.
    pub fn shades(&mut self, sample: &Sample) -> Option<Box<[u8; PIXELS]>> {
        if self.disagreed >= PATIENCE {
            return None;
        }
        let shades: &[u8; PIXELS] = self.console.frame().shades()?.try_into().ok()?;
        if agreement(sample, shades) < AGREEMENT {
            self.disagreed += 1;
            return None;
        }
        self.disagreed = 0;
        Some(Box::new(*shades))
    }
}

/// The share of pixels whose shade follows from layer and color index, by the best map there is.
fn agreement(sample: &Sample, shades: &[u8; PIXELS]) -> f32 {
    let Some(planes) = &sample.planes else { return 0.0 };
    let mut counts = [[[0u32; 4]; 4]; 2];
    for (i, &shade) in shades.iter().enumerate() {
        let layer = (planes.layers[i] == Layer::Object) as usize;
        counts[layer][planes.indices[i] as usize & 3][shade as usize & 3] += 1;
    }
    let best = counts.iter().flatten().map(|of_index| of_index.iter().max().unwrap_or(&0));
    best.sum::<u32>() as f32 / PIXELS as f32
}
