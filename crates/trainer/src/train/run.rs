//! The folder of a run.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use candle_core::{Device, Tensor, safetensors};
use serde::Serialize;
use serde_json::Value;

use super::corpus::Corpus;
use super::plot::Picture;
use super::settings::Settings;
use super::{Progress, first_line};

/// The name of the file from which a run goes on.
pub const CHECKPOINT: &str = "checkpoint.safetensors";

const METRICS: &str = "metrics.csv";
const HEADER: &str = "step,epoch,seconds,learning_rate,training_loss,validation_loss,\
                      validation_grey,validation_colorfulness,unseen_loss,unseen_grey,\
                      unseen_colorfulness";

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
    #[error("{path}: {}", first_line(source))]
    Tensors {
        /// The file.
        path: String,
        /// What was wrong.
        source: candle_core::Error,
    },
    /// The folder holds a run of other settings or other data.
    #[error("{path} holds a run with another {what}: choose another folder")]
    Different {
        /// The folder.
        path: String,
        /// The first setting that differs.
        what: String,
    },
    /// The configuration of the run is damaged.
    #[error("{0} is damaged: choose another folder")]
    Damaged(String),
}

/// A folder with the files of one run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// A line of `metrics.csv`.
#[derive(Debug)]
pub struct Row<'a> {
    pub progress: &'a Progress,
    pub rate: f64,
}

#[derive(Serialize)]
struct Config<'a> {
    settings: &'a Settings,
    sessions: Vec<Session>,
    games: Vec<Split<'a>>,
    damaged_samples: u64,
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
    /// Makes the folder and its `config.json`, or finds both with the same settings and data. Only
    /// the limit may be another, so that a run can go on for longer than was planned.
    pub fn open(path: &Path, settings: &Settings, corpus: &Corpus) -> Result<Self, RunError> {
        let folder = Self { path: path.to_path_buf() };
        fs::create_dir_all(path).map_err(|source| at(path, source))?;
        let mut config = config(settings, corpus);
        let file = path.join("config.json");
        // Without a checkpoint, nothing has been learned that would be lost.
        if file.exists() && path.join(CHECKPOINT).exists() {
            let text = fs::read_to_string(&file).map_err(|source| at(&file, source))?;
            let found: Value = serde_json::from_str(&text)
                .map_err(|_| RunError::Damaged(file.display().to_string()))?;
            if let Some(what) = difference(&found, &serde_json::json!(config)) {
                return Err(RunError::Different { path: path.display().to_string(), what });
            }
            // A run may go on with a newer program.
            config.revision = found["revision"].as_str().map(str::to_string);
        } else {
            config.revision = revision();
            folder.write(METRICS, format!("{HEADER}\n").as_bytes())?;
        }
        folder.write("config.json", format!("{:#}\n", serde_json::json!(config)).as_bytes())?;
        Ok(folder)
    }

    /// The tensors of the checkpoint, if there is one.
    pub fn checkpoint(&self) -> Result<Option<HashMap<String, Tensor>>, RunError> {
        let path = self.path.join(CHECKPOINT);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(|source| at(&path, source))?;
        let tensors = safetensors::load_buffer(&bytes, &Device::Cpu);
        let path = path.display().to_string();
        tensors.map(Some).map_err(|source| RunError::Tensors { path, source })
    }

    /// Replaces a file: whatever happens, the old or the new one is there whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        let temporary = self.path.join(format!("{name}.new"));
        let write = || {
            let mut file = File::create(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|source| at(&temporary, source))?;
        let path = self.path.join(name);
        fs::rename(&temporary, &path).map_err(|source| at(&path, source))
    }

    /// Replaces a picture.
    pub fn write_picture(&self, name: &str, picture: &Picture) -> Result<(), RunError> {
        let path = self.path.join(name);
        let png = picture.to_png().map_err(|error| at(&path, io::Error::other(error)))?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| at(folder, source))?;
        }
        self.write(name, &png)
    }

    /// Adds a line to `metrics.csv`, in place of those of its step and later ones: what a run that
    /// ended without a checkpoint has left.
    pub fn append(&self, row: &Row<'_>) -> Result<(), RunError> {
        let path = self.path.join(METRICS);
        let text = fs::read_to_string(&path).unwrap_or_else(|_| format!("{HEADER}\n"));
        let is_earlier = |line: &&str| {
            let step = line.split(',').next().and_then(|step| step.parse::<u64>().ok());
            step.is_none_or(|step| step < row.progress.step)
        };
        let mut lines: Vec<&str> = text.lines().filter(is_earlier).collect();
        let line = row.line();
        lines.extend([line.as_str(), ""]);
        self.write(METRICS, lines.join("\n").as_bytes())
    }
}

impl Row<'_> {
    fn line(&self) -> String {
        let Progress { step, epoch, elapsed, loss, validation, .. } = self.progress;
        let (seen, unseen) = (validation.seen, validation.unseen);
        format!(
            "{step},{epoch:.2},{:.0},{:.3e},{loss:.6},{:.6},{:.6},{:.3},{:.6},{:.6},{:.3}",
            elapsed.as_secs_f64(),
            self.rate,
            seen.loss,
            seen.grey,
            seen.colorfulness,
            unseen.loss,
            unseen.grey,
            unseen.colorfulness,
        )
    }
}

fn config<'a>(settings: &'a Settings, corpus: &'a Corpus) -> Config<'a> {
    // File names only: where the sessions lay is no part of the run.
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let session =
        |(path, sha256): &(PathBuf, String)| Session { file: name(path), sha256: sha256.clone() };
    Config {
        settings,
        sessions: corpus.files.iter().map(session).collect(),
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
        damaged_samples: corpus.damaged,
        revision: None,
    }
}

/// The first thing that differs and matters, in words.
fn difference(found: &Value, wanted: &Value) -> Option<String> {
    let (Some(theirs), Some(ours)) =
        (found["settings"].as_object(), wanted["settings"].as_object())
    else {
        return Some("kind of settings".to_string());
    };
    let differs = |name: &&String| *name != "limit" && theirs.get(*name) != ours.get(*name);
    if let Some(name) = ours.keys().find(differs) {
        return Some(name.replace('_', " "));
    }
    let parts = [("sessions", "dataset"), ("games", "split of the dataset")];
    let part = parts.iter().find(|(name, _)| found[name] != wanted[name]);
    part.map(|(_, what)| (*what).to_string())
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
