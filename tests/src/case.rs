//! A ROM on a model, with what is expected of it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use gameboy::{Buttons, Cartridge, GameBoy, Model};
use sha2::{Digest, Sha256};

use crate::manifest::{self, Entry};
use crate::suite::{self, Suite, model_name};
use crate::verdict::Criterion;

/// Frames before the first button is pressed, for the menu to appear.
const MENU: u32 = 60;
/// Frames for which a button is held, and frames until the next one.
const PRESS: u32 = 8;

/// One run of one ROM.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name of the suite.
    pub suite: String,
    /// The path of the ROM below the suite's folder, with the part of the test after a `#`.
    pub name: String,
    /// The console.
    pub model: Model,
    /// Why it fails, where it does.
    pub known_failure: Option<String>,
    rom: PathBuf,
    sha256: String,
    frames: u32,
    presses: Vec<Buttons>,
    criterion: Criterion,
}

/// Every case of the suites in a folder of test ROMs, as the repository's TOML files see them.
///
/// # Errors
///
/// Where the manifest and the TOML files do not fit one another.
pub fn collect(folder: &Path) -> Result<Vec<Case>> {
    let entries = manifest::read(folder)?;
    let suites = suite::read_all(&crate::workspace().join("tests/roms"))?;
    for entry in &entries {
        let known = suites.iter().any(|suite| suite.suite == entry.suite);
        ensure!(known, "tests/roms has no file for the suite {}", entry.suite);
    }
    let mut cases = Vec::new();
    for suite in &suites {
        let entries = entries.iter().filter(|entry| entry.suite == suite.suite);
        let first = cases.len();
        for entry in entries.clone() {
            add(entry, suite, folder, &mut cases)
                .with_context(|| format!("{} in MANIFEST.json", entry.rom))?;
        }
        let names: Vec<_> = cases[first..].iter().map(|case| case.name.as_str()).collect();
        for named in suite.named() {
            let exists = names.contains(&named) || entries.clone().any(|e| e.name() == named);
            ensure!(exists, "the suite {} has no ROM {named}", suite.suite);
        }
    }
    Ok(cases)
}

fn add(entry: &Entry, suite: &Suite, folder: &Path, cases: &mut Vec<Case>) -> Result<()> {
    for &model in entry.models() {
        if suite.skips(entry.name(), model) {
            continue;
        }
        if entry.input.is_empty() {
            cases.push(case(entry, suite, folder, model, None)?);
        }
        for part in entry.input.keys() {
            cases.push(case(entry, suite, folder, model, Some(part))?);
        }
    }
    Ok(())
}

fn case(
    entry: &Entry,
    suite: &Suite,
    folder: &Path,
    model: Model,
    part: Option<&str>,
) -> Result<Case> {
    let name = part.map_or(entry.name().to_owned(), |part| format!("{}#{part}", entry.name()));
    let presses = match part {
        Some(part) => entry.input[part].iter().map(|name| button(name)).collect::<Result<_>>()?,
        None => Vec::new(),
    };
    let seconds = part.and_then(|part| entry.subtest_seconds.get(part).copied());
    let frames = seconds.map(manifest::to_frames).or(entry.frames()).max(suite.frames);
    Ok(Case {
        known_failure: suite.known_failure(&name, model)?,
        suite: suite.suite.clone(),
        name,
        model,
        rom: folder.join(&entry.rom),
        sha256: entry.sha256.clone(),
        frames: frames.context("neither manifest nor suite says how long it runs")?,
        presses,
        criterion: Criterion::new(entry, suite, folder, model, part)?,
    })
}

fn button(name: &str) -> Result<Buttons> {
    let button = Buttons::from_name(&name.to_uppercase());
    button.with_context(|| format!("there is no button {name:?}"))
}

impl Case {
    /// The name of the case in a list of tests.
    pub fn title(&self) -> String {
        format!("{}/{} on {}", self.suite, self.name, model_name(self.model))
    }

    /// Runs the ROM and fails where the result is not the one the repository states: a known
    /// failure must fail, all else must pass.
    ///
    /// # Errors
    ///
    /// What differs, in one line.
    pub fn check(&self) -> Result<()> {
        match (self.run()?, &self.known_failure) {
            (Ok(()), None) | (Err(_), Some(_)) => Ok(()),
            (Err(difference), None) => bail!("{difference}"),
            (Ok(()), Some(reason)) => {
                bail!("passes, though tests/roms calls it a known failure ({reason})")
            }
        }
    }

    /// Runs the ROM; the inner result is the verdict.
    ///
    /// # Errors
    ///
    /// Where the ROM is missing, is not the one of the manifest, or is refused.
    pub fn run(&self) -> Result<Result<(), String>> {
        let rom = fs::read(&self.rom).with_context(|| format!("no {}", self.rom.display()))?;
        ensure!(hex(&Sha256::digest(&rom)) == self.sha256, "not the ROM of the manifest");
        let mut gb = GameBoy::new(Cartridge::from_bytes(rom)?, self.model);
        self.press(&mut gb);
        let picture = self.picture();
        let verdict = self.criterion.judge(&mut gb, self.frames, &picture)?;
        if verdict.is_ok() && picture.exists() {
            fs::remove_file(&picture)?;
        }
        Ok(verdict)
    }

    fn press(&self, gb: &mut GameBoy) {
        let mut run = |frames, buttons| {
            gb.set_buttons(buttons);
            (0..frames).for_each(|_| gb.run_frame());
        };
        if !self.presses.is_empty() {
            run(MENU, Buttons::empty());
        }
        for &button in &self.presses {
            run(PRESS, button);
            run(PRESS, Buttons::empty());
        }
    }

    /// Where the picture of a failing case goes.
    fn picture(&self) -> PathBuf {
        let name = self.name.replace(['/', '#', ' '], "-");
        let file = format!("{name}-{}.png", model_name(self.model));
        crate::workspace().join("target/roms").join(&self.suite).join(file)
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that loads six registers and spins behind `LD B,B`.
    fn case(folder: &Path, registers: [u8; 6], known_failure: Option<&str>) -> Result<Case> {
        let mut rom = vec![0; 0x8000];
        let load = [0x06, 0x0E, 0x16, 0x1E, 0x26, 0x2E];
        let loads = load.iter().zip(registers).flat_map(|(&opcode, value)| [opcode, value]);
        let program: Vec<_> = loads.chain([0x40, 0x18, 0xFE]).collect();
        rom[0x150..][..program.len()].copy_from_slice(&program);
        rom[0x100..0x104].copy_from_slice(&[0x00, 0xC3, 0x50, 0x01]);
        let path = folder.join("test.gb");
        fs::write(&path, &rom)?;
        Ok(Case {
            suite: "unit".to_owned(),
            name: "test.gb".to_owned(),
            model: Model::Dmg,
            known_failure: known_failure.map(str::to_owned),
            rom: path,
            sha256: hex(&Sha256::digest(&rom)),
            frames: 1,
            presses: Vec::new(),
            criterion: Criterion::Registers,
        })
    }

    #[test]
    fn a_result_must_be_the_stated_one() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let [pass, fail] = [[3, 5, 8, 13, 21, 34], [0x42; 6]];
        assert!(case(folder.path(), pass, None)?.check().is_ok());
        assert!(case(folder.path(), fail, Some("reason"))?.check().is_ok());
        assert!(case(folder.path(), fail, None)?.check().is_err());
        let error = case(folder.path(), pass, Some("reason"))?.check().expect_err("it passes");
        assert!(error.to_string().contains("known failure (reason)"), "{error}");
        Ok(())
    }

    #[test]
    fn another_or_a_missing_rom_is_an_error() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let case = case(folder.path(), [3, 5, 8, 13, 21, 34], None)?;
        fs::write(&case.rom, [0; 0x8000])?;
        assert!(case.check().is_err());
        fs::remove_file(&case.rom)?;
        assert!(case.check().is_err());
        Ok(())
    }
}
