//! `MANIFEST.json` of the test ROMs: which ROMs exist and how each of them is judged.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use gameboy::Model;
use serde::Deserialize;

/// One ROM, as `NOTES.md` beside the manifest describes its fields.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// The name of the suite, which is also the folder it lies in.
    pub suite: String,
    /// The path of the ROM below the folder of all suites.
    pub rom: String,
    /// `dmg`, `cgb`, `both` or a console that is not ours.
    models: Option<String>,
    /// How the ROM is judged.
    pub criterion: String,
    /// Reference pictures by model, model and revision, or part of the test.
    #[serde(default)]
    pub reference: Option<BTreeMap<String, String>>,
    /// How long the ROM runs on the console, in seconds.
    seconds: Option<f64>,
    /// How long the ROM runs on the console, in frames.
    frames: Option<u32>,
    /// What to press for each part of the test.
    #[serde(default)]
    pub input: BTreeMap<String, Vec<String>>,
    /// How long each part of the test runs, in seconds.
    #[serde(default)]
    pub subtest_seconds: BTreeMap<String, f64>,
    /// The SHA-256 of the ROM in hexadecimal.
    pub sha256: String,
}

impl Entry {
    /// The consoles of ours for which the ROM has a verdict.
    pub fn models(&self) -> &'static [Model] {
        match self.models.as_deref() {
            _ if self.criterion.starts_with("other") => &[],
            Some("both") => &[Model::Dmg, Model::Cgb],
            Some("dmg") => &[Model::Dmg],
            Some("cgb") => &[Model::Cgb],
            _ => &[],
        }
    }

    /// How long the ROM runs, in frames.
    pub fn frames(&self) -> Option<u32> {
        self.frames.max(self.seconds.map(to_frames))
    }

    /// The path of the ROM below the folder of its suite.
    pub fn name(&self) -> &str {
        self.rom.strip_prefix(&self.suite).map_or(&self.rom, |rest| rest.trim_start_matches('/'))
    }
}

/// Seconds of the console's time as frames.
pub fn to_frames(seconds: f64) -> u32 {
    (seconds * gameboy::FRAMES_PER_SECOND).ceil() as u32
}

/// Reads `MANIFEST.json` in the folder of the test ROMs.
///
/// # Errors
///
/// Where the file is missing or is not such a manifest.
pub fn read(folder: &Path) -> Result<Vec<Entry>> {
    let path = folder.join("MANIFEST.json");
    let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no manifest", path.display()))
}
