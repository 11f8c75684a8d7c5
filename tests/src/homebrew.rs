//! The homebrew games: which there are, and how one is played by a script.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use gameboy::{Cartridge, DOTS_PER_FRAME, GameBoy, Model, Pixels, Support};
use serde::Deserialize;

use crate::input::Script;
use crate::picture::Picture;
use crate::suite::model_name;

/// Three minutes of the console's time.
pub const THREE_MINUTES: u32 = 10_752;
/// The screen must show something at some time after this many frames.
const FIRST_MINUTE: u32 = THREE_MINUTES / 3;
/// Frames between two looks at the screen.
const LOOK: u32 = 30;
/// The longest instruction, in dots: a frame ends with the instruction that is at hand, and the
/// longest of them is a general-purpose DMA of 2 KiB or a speed switch.
const LONGEST_INSTRUCTION: u64 = 0x2_4000;

#[derive(Deserialize)]
struct Entry {
    file: String,
}

/// A game on a model.
#[derive(Clone, Debug)]
pub struct Game {
    rom: PathBuf,
    model: Model,
}

/// Every game of a folder, on each model that it is made for.
///
/// # Errors
///
/// Where the manifest or a game is missing, or a game is refused.
pub fn collect(folder: &Path) -> Result<Vec<Game>> {
    let path = folder.join("MANIFEST.json");
    let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    let entries: Vec<Entry> = serde_json::from_str(&text)?;
    let mut games = Vec::new();
    for entry in entries {
        let rom = folder.join(&entry.file);
        let game = |model| Game { rom: rom.clone(), model };
        games.push(game(Model::Cgb));
        if game(Model::Cgb).cartridge()?.header().support() != Support::CgbOnly {
            games.push(game(Model::Dmg));
        }
    }
    Ok(games)
}

impl Game {
    /// The name of the game and its model.
    pub fn title(&self) -> String {
        let stem = self.rom.file_stem().unwrap_or_default().to_string_lossy();
        format!("{stem} on {}", model_name(self.model))
    }

    fn cartridge(&self) -> Result<Cartridge> {
        let rom = fs::read(&self.rom).with_context(|| format!("no {}", self.rom.display()))?;
        Cartridge::from_bytes(rom).with_context(|| self.rom.display().to_string())
    }

    /// A console with the game in it, and the script of a seed.
    ///
    /// # Errors
    ///
    /// Where the game is missing or refused.
    pub fn start(&self, seed: u64) -> Result<Play> {
        let gb = GameBoy::new(self.cartridge()?, self.model);
        Ok(Play { gb, script: Script::new(seed) })
    }
}

/// A game being played.
#[derive(Clone, Debug)]
pub struct Play {
    /// The console.
    pub gb: GameBoy,
    script: Script,
}

impl Play {
    /// Runs a frame with the buttons of the script.
    ///
    /// # Errors
    ///
    /// Where the frame took too long.
    pub fn run_frame(&mut self) -> Result<()> {
        let start = self.gb.dots();
        self.gb.set_buttons(self.script.next_frame());
        self.gb.run_frame();
        let dots = self.gb.dots() - start;
        ensure!(dots <= DOTS_PER_FRAME + LONGEST_INSTRUCTION, "a frame of {dots} dots");
        Ok(())
    }

    /// Runs frames and hashes every picture and sample of them.
    ///
    /// # Errors
    ///
    /// Where a frame took too long.
    pub fn hash_frames(&mut self, frames: u32) -> Result<u64> {
        let mut hasher = DefaultHasher::new();
        for _ in 0..frames {
            self.run_frame()?;
            match self.gb.frame().pixels() {
                Pixels::Shades(shades) => shades.hash(&mut hasher),
                Pixels::Colors(colors) => colors.hash(&mut hasher),
            }
            for sample in self.gb.samples().as_flattened() {
                sample.to_bits().hash(&mut hasher);
            }
        }
        Ok(hasher.finish())
    }

    /// Plays for three minutes.
    ///
    /// # Errors
    ///
    /// Where a frame took too long, or where the screen was blank whenever it was looked at in
    /// the last two minutes.
    pub fn three_minutes(&mut self) -> Result<()> {
        let mut is_blank = true;
        for frame in 0..THREE_MINUTES {
            self.run_frame()?;
            if frame >= FIRST_MINUTE && frame % LOOK == 0 {
                is_blank &= Picture::of(self.gb.frame()).is_uniform();
            }
        }
        ensure!(!is_blank, "the screen was blank for two minutes");
        Ok(())
    }
}
