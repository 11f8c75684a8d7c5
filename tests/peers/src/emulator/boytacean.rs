use std::hint::black_box;

use anyhow::{Result, anyhow};
use boytacean::gb::{AudioProvider, GameBoy, GameBoyMode};
use gameboy::Model;

use super::Emulator;

const ENTRY_POINT: u16 = 0x0100;

pub struct Boytacean(GameBoy);

impl Boytacean {
    /// It can skip the boot ROM on the DMG only, so on both models its own one is run first.
    pub fn new(rom: &[u8], model: Model) -> Result<Self> {
        let mode = if model.is_cgb() { GameBoyMode::Cgb } else { GameBoyMode::Dmg };
        let mut game_boy = GameBoy::new(Some(mode));
        game_boy.load(true).map_err(|err| anyhow!("{err}"))?;
        game_boy.load_rom(rom, None).map_err(|err| anyhow!("{err}"))?;
        game_boy.step_to(ENTRY_POINT);
        Ok(Self(game_boy))
    }
}

impl Emulator for Boytacean {
    fn run_frame(&mut self) {
        self.0.next_frame();
        black_box(self.0.frame_buffer());
        black_box(self.0.audio_buffer());
        self.0.clear_audio_buffer();
    }
}
