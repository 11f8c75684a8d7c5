//! `tests/roms/*.toml`: what the repository says of each suite.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use gameboy::Model;
use serde::Deserialize;

use crate::picture::Comparison;

/// One suite: how its manifest is read, and which of its ROMs fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The name of the suite in the manifest.
    pub suite: String,
    /// Where its ROMs come from.
    pub source: String,
    /// How long a ROM runs at least, in frames.
    pub frames: Option<u32>,
    /// Which of several reference pictures belongs to each of our models.
    #[serde(default)]
    pub reference: BTreeMap<String, String>,
    /// ROMs whose reference pictures are in another palette than ours.
    #[serde(default)]
    pub by_shades: Vec<String>,
    /// ROMs judged by their picture though the manifest names another criterion.
    #[serde(default)]
    pub by_picture: Vec<String>,
    /// ROMs that are not run.
    #[serde(default)]
    pub skip: Vec<Note>,
    /// ROMs that are run and must fail.
    #[serde(default)]
    pub known_failure: Vec<Note>,
}

/// A remark on some ROMs of a suite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Paths below the folder of the suite, with the part of the test after a `#`.
    pub roms: Vec<String>,
    /// The models concerned: `dmg`, `cgb`; all where none is named.
    #[serde(default)]
    pub models: Vec<String>,
    /// What is different, in one line.
    pub reason: String,
}

impl Note {
    fn concerns(&self, name: &str, model: Model) -> bool {
        let model = model_name(model);
        self.roms.iter().any(|rom| rom == name)
            && (self.models.is_empty() || self.models.iter().any(|known| known == model))
    }
}

impl Suite {
    /// Whether a ROM is left out.
    pub fn skips(&self, name: &str, model: Model) -> bool {
        self.skip.iter().any(|note| note.concerns(name, model))
    }

    /// Why a ROM is known to fail on a model.
    ///
    /// # Errors
    ///
    /// Where two notes speak of it.
    pub fn known_failure(&self, name: &str, model: Model) -> Result<Option<String>> {
        let mut notes = self.known_failure.iter().filter(|note| note.concerns(name, model));
        let reason = notes.next().map(|note| note.reason.clone());
        if notes.next().is_some() {
            bail!("{} names {name} twice among the known failures", self.suite);
        }
        Ok(reason)
    }

    /// How the picture of a ROM is compared.
    pub fn comparison(&self, name: &str) -> Comparison {
        if self.by_shades.iter().any(|rom| rom == name) {
            Comparison::Shades
        } else {
            Comparison::Colors
        }
    }

    /// The ROMs that any of the lists names.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        let notes = self.skip.iter().chain(&self.known_failure).flat_map(|note| &note.roms);
        notes.chain(&self.by_picture).chain(&self.by_shades).map(String::as_str)
    }
}

/// How the files name a model: `dmg` or `cgb`.
pub fn model_name(model: Model) -> &'static str {
    match model {
        Model::Dmg => "dmg",
        Model::Cgb => "cgb",
    }
}

/// Reads every `.toml` file of a folder, sorted by the name of the suite.
///
/// # Errors
///
/// Where a file cannot be read, is no TOML, or holds a key that is not known.
pub fn read_all(folder: &Path) -> Result<Vec<Suite>> {
    let mut suites = Vec::new();
    for file in fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path)?;
            let suite = toml::from_str(&text);
            suites.push(suite.with_context(|| path.display().to_string())?);
        }
    }
    suites.sort_by(|a: &Suite, b| a.suite.cmp(&b.suite));
    Ok(suites)
}
