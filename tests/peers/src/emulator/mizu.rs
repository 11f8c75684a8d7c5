use std::hint::black_box;
use std::path::Path;

use anyhow::{Result, anyhow};
use gameboy::Model;
use mizu_core::{GameBoy, GameBoyConfig};

use super::Emulator;

pub struct Mizu(GameBoy);

impl Mizu {
    pub fn new(path: &Path, model: Model) -> Result<Self> {
        let game_boy = GameBoy::builder(path)
            .config(GameBoyConfig { is_dmg: !model.is_cgb() })
            .save_on_shutdown(false)
            .build()
            .map_err(|err| anyhow!("{err:?}"))?;
        Ok(Self(game_boy))
    }
}

impl Emulator for Mizu {
    fn run_frame(&mut self) {
        self.0.clock_for_frame();
        black_box(self.0.screen_buffer());
        // Dropping the buffers empties them.
        black_box(self.0.audio_buffers().all());
    }
}
