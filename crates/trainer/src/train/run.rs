//! The folder of a run.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use candle_core::{Device, Tensor, safetensors};
use serde::Serialize;

use super::Progress;
use super::corpus::Corpus;
use super::settings::Settings;

const HEADER: &str = "step,seconds,learning_rate,training_loss,later_loss,later_grey,\
                      later_colorfulness,unseen_loss,unseen_grey,unseen_colorfulness";

/// Why the run folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Tensors cannot be read or written.
    #[error("{path}: {source}")]
    Tensors {
        /// The file.
        path: String,
        /// What was wrong.
        source: candle_core::Error,
    },
    /// The folder holds a run of other settings or other data.
    #[error("{0} holds a run with other settings or data: choose another folder")]
    Different(String),
}

/// A folder with the files of one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// A line of `metrics.csv`.
pub struct Row<'a> {
    pub progress: &'a Progress,
    pub rate: f64,
}

#[derive(Serialize)]
struct Config<'a> {
    network: &'a str,
    settings: &'a Settings,
    sessions: Vec<Session>,
    games: Vec<Split<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

#[derive(Serialize)]
struct Session {
    file: String,
    sha256: String,
}

#[derive(Serialize)]
struct Split<'a> {
    game: &'a str,
    training_frames: usize,
    validation_frames: usize,
    held_out: bool,
}

impl RunFolder {
    /// Makes the folder and its `config.json`, or finds both with the same settings and data.
    pub fn open(path: &Path, settings: &Settings, corpus: &Corpus) -> Result<Self, RunError> {
        let folder = Self { path: path.to_path_buf() };
        fs::create_dir_all(path).map_err(|source| at(path, source))?;
        let mut config = config(settings, corpus);
        let file = path.join("config.json");
        if let Ok(text) = fs::read_to_string(&file) {
            let found: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            // A run may go on with a newer program.
            config.revision = found["revision"].as_str().map(str::to_string);
            if found != serde_json::json!(config) {
                return Err(RunError::Different(path.display().to_string()));
            }
            return Ok(folder);
        }
        config.revision = revision();
        folder.write("config.json", format!("{:#}\n", serde_json::json!(config)).as_bytes())?;
        folder.write("metrics.csv", format!("{HEADER}\n").as_bytes())?;
        Ok(folder)
    }

    /// The tensors of the checkpoint, if there is one.
    pub fn checkpoint(&self) -> Result<Option<HashMap<String, Tensor>>, RunError> {
        let path = self.path.join("checkpoint.safetensors");
        if !path.exists() {
            return Ok(None);
        }
        let path_name = path.display().to_string();
        let tensors = safetensors::load(&path, &Device::Cpu)
            .map_err(|source| RunError::Tensors { path: path_name, source })?;
        Ok(Some(tensors))
    }

    /// Replaces a file of tensors: whatever happens, the old or the new one is there whole.
    pub fn save(&self, name: &str, tensors: &HashMap<String, Tensor>) -> Result<(), RunError> {
        let temporary = self.path.join(format!("{name}.new"));
        let path_name = temporary.display().to_string();
        safetensors::save(tensors, &temporary)
            .map_err(|source| RunError::Tensors { path: path_name, source })?;
        self.replace(&temporary, name)
    }

    /// Adds a line to `metrics.csv`.
    pub fn append(&self, row: &Row<'_>) -> Result<(), RunError> {
        let path = self.path.join("metrics.csv");
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|source| at(&path, source))?;
        writeln!(file, "{}", row.line()).map_err(|source| at(&path, source))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        let temporary = self.path.join(format!("{name}.new"));
        fs::write(&temporary, bytes).map_err(|source| at(&temporary, source))?;
        self.replace(&temporary, name)
    }

    fn replace(&self, temporary: &Path, name: &str) -> Result<(), RunError> {
        let sync = File::open(temporary).and_then(|file| file.sync_all());
        sync.map_err(|source| at(temporary, source))?;
        let path = self.path.join(name);
        fs::rename(temporary, &path).map_err(|source| at(&path, source))
    }
}

impl Row<'_> {
    fn line(&self) -> String {
        let Progress { step, elapsed, loss, validation, .. } = self.progress;
        let (later, unseen) = (validation.later, validation.unseen);
        format!(
            "{step},{:.0},{:.3e},{loss:.5},{:.5},{:.5},{:.3},{:.5},{:.5},{:.3}",
            elapsed.as_secs_f64(),
            self.rate,
            later.loss,
            later.grey,
            later.colorfulness,
            unseen.loss,
            unseen.grey,
            unseen.colorfulness,
        )
    }
}

fn config<'a>(settings: &'a Settings, corpus: &'a Corpus) -> Config<'a> {
    // File names only: where the sessions lay is no part of the run.
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Config {
        network: "v1",
        settings,
        sessions: corpus
            .files
            .iter()
            .map(|(path, sha256)| Session { file: name(path), sha256: sha256.clone() })
            .collect(),
        games: corpus
            .games
            .iter()
            .map(|game| Split {
                game: &game.name,
                training_frames: game.training.len(),
                validation_frames: game.validation.len(),
                held_out: game.is_held_out,
            })
            .collect(),
        revision: None,
    }
}

/// The revision of the working folder, if it is a git checkout.
fn revision() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_string())
}

fn at(path: &Path, source: io::Error) -> RunError {
    RunError::File { path: path.display().to_string(), source }
}
