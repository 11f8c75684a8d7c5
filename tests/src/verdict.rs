//! How the suites say what they found.

mod memory;
mod registers;
mod serial;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use gameboy::{GameBoy, Model};

use crate::manifest::Entry;
use crate::picture::{Comparison, Picture};
use crate::suite::{Suite, model_name};

/// Where the verdict of a ROM is found.
#[derive(Clone, Debug)]
pub enum Criterion {
    /// Mooneye: the first Fibonacci numbers in B, C, D, E, H, L at `LD B,B`.
    Registers,
    /// Blargg: a signature and a result code in cartridge RAM from 0xA000.
    CartridgeMemory,
    /// Blargg: "Passed" or "Failed" in the text sent to the serial port.
    Serial,
    /// gbmicrotest: found, expected and verdict at 0xFF80-0xFF82.
    HighMemory,
    /// The last frame equals a reference picture.
    Screen {
        /// The reference.
        reference: PathBuf,
        /// What must be equal.
        comparison: Comparison,
    },
}

impl Criterion {
    /// The criterion of a ROM on a model.
    ///
    /// # Errors
    ///
    /// Where the manifest names a criterion that is not known, or has no picture to compare.
    pub fn new(
        entry: &Entry,
        suite: &Suite,
        folder: &Path,
        model: Model,
        part: Option<&str>,
    ) -> Result<Self> {
        let by_picture = suite.by_picture.iter().any(|rom| rom == entry.name());
        match entry.criterion.as_str() {
            "screenshot" => {}
            _ if by_picture => {}
            "fibonacci-regs" => return Ok(Self::Registers),
            "memory-a000" => return Ok(Self::CartridgeMemory),
            "serial-text" => return Ok(Self::Serial),
            "gbmicrotest-ff80" => return Ok(Self::HighMemory),
            other => bail!("the criterion {other:?} is not known"),
        }
        let pictures = entry.reference.as_ref().context("no reference picture")?;
        let model = model_name(model);
        let key = suite.reference.get(model).map_or(model, String::as_str);
        let key = part.map_or(key.to_owned(), |part| format!("{part}-{key}"));
        let picture = pictures.get(&key).or_else(|| pictures.get("any"));
        let reference = folder.join(picture.with_context(|| format!("no picture for {key}"))?);
        Ok(Self::Screen { reference, comparison: suite.comparison(entry.name()) })
    }

    /// Runs the console until the verdict is there, and says what differs. `frames` is how long
    /// the ROM takes on hardware; one with a verdict of its own gets twice as long. Where
    /// pictures differ, both of them and the difference go to the file `picture`.
    ///
    /// # Errors
    ///
    /// Where a picture cannot be read or written.
    pub fn judge(
        &self,
        gb: &mut GameBoy,
        frames: u32,
        picture: &Path,
    ) -> Result<Result<(), String>> {
        let limit = 2 * frames + 60;
        Ok(match self {
            Self::Registers => wait(gb, limit, registers::verdict),
            Self::CartridgeMemory => wait(gb, limit, memory::cartridge_verdict),
            Self::Serial => serial::verdict(gb, limit),
            Self::HighMemory => wait(gb, frames, memory::high_verdict),
            Self::Screen { reference, comparison } => {
                (0..frames).for_each(|_| gb.run_frame());
                let expected = Picture::read(reference)?;
                let found = Picture::of(gb.frame());
                let difference = comparison.difference(&found, &expected);
                if difference.is_some() {
                    found.write_beside(&expected, picture)?;
                }
                difference.map_or(Ok(()), Err)
            }
        })
    }
}

/// Runs frames until there is a verdict.
fn wait(
    gb: &mut GameBoy,
    frames: u32,
    verdict: impl Fn(&GameBoy) -> Option<Result<(), String>>,
) -> Result<(), String> {
    for _ in 0..frames {
        gb.run_frame();
        if let Some(verdict) = verdict(gb) {
            return verdict;
        }
    }
    Err(format!("no verdict after {frames} frames"))
}
