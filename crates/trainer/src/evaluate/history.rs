//! What is known of the run that gave some weights.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use neural::checkpoint::{Checkpoint, Fact};
use serde_json::Value;

use super::{Error, at};
use crate::split::Split;

/// The run of some weights, as the files beside them tell it, or the checkpoint itself.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// After each validation.
    pub losses: Vec<Losses>,
    /// The games that it did not learn from, where a `config.json` says so.
    pub held_out: Option<BTreeSet<String>>,
    /// What it kept for validation, where a `config.json` says so.
    pub kept: Option<Kept>,
}

/// How a run divided its dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub split: Split,
    pub seed: u64,
    /// The SHA-256 of its session files.
    pub sessions: BTreeSet<String>,
}

/// Mean squared errors of a*/128 and b*/128 after so many epochs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Losses {
    pub epoch: f64,
    pub training: f64,
    pub validation: f64,
}

impl Run {
    /// Reads `metrics.csv` and `config.json` beside the weights, where they are; of a checkpoint
    /// of PyTorch, its lists of losses.
    pub fn of(weights: &Path) -> Result<Self, Error> {
        let beside = |name: &str| {
            let text = fs::read_to_string(weights.with_file_name(name));
            text.ok()
        };
        let bytes = fs::read(weights).map_err(|source| at(weights, source))?;
        let losses = if Checkpoint::is_likely(&bytes) {
            Checkpoint::from_bytes(&bytes).map(|checkpoint| of_checkpoint(&checkpoint)).ok()
        } else {
            beside("metrics.csv").map(|text| of_metrics(&text))
        };
        let config = beside("config.json").and_then(|text| serde_json::from_str(&text).ok());
        let config: Value = config.unwrap_or_default();
        let (held_out, kept) = (held_out(&config), kept(&config));
        Ok(Self { losses: losses.unwrap_or_default(), held_out, kept })
    }

    /// The losses after that epoch, or half an epoch before or after it.
    pub fn at_epoch(&self, epoch: f64) -> Option<Losses> {
        let apart = |losses: &&Losses| (losses.epoch - epoch).abs();
        let nearest = self.losses.iter().min_by(|x, y| apart(x).total_cmp(&apart(y)))?;
        (apart(&nearest) <= 0.5).then_some(*nearest)
    }

    /// The losses where that of validation was the least.
    pub fn best(&self) -> Option<Losses> {
        self.losses.iter().min_by(|x, y| x.validation.total_cmp(&y.validation)).copied()
    }
}

/// A name for each file of weights: that of the file, and of its folder where that is not enough.
pub fn labels(weights: &[PathBuf]) -> Vec<String> {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // model_best.pth.tar and the like
        name.split('.').next().unwrap_or_default().replace('|', "_")
    };
    let mut counts = HashMap::<String, usize>::new();
    for path in weights {
        *counts.entry(name(path)).or_default() += 1;
    }
    let mut labels = Vec::new();
    for path in weights {
        let alone = name(path);
        let folder = path.canonicalize().ok().and_then(|path| Some(path.parent()?.to_path_buf()));
        let folder = folder.as_deref().and_then(Path::file_name).unwrap_or_default();
        let is_alone = counts[&alone] == 1 && !["best", "last", "model"].contains(&&*alone);
        let mut label =
            if is_alone { alone } else { format!("{}/{alone}", folder.to_string_lossy()) };
        if labels.contains(&label) {
            label = format!("{label} ({})", labels.len() + 1);
        }
        labels.push(label);
    }
    labels
}

fn of_checkpoint(checkpoint: &Checkpoint) -> Vec<Losses> {
    let list = |name: &str| match checkpoint.fact(name) {
        Some(Fact::Floats(values)) => values.clone(),
        _ => Vec::new(),
    };
    let training = list("train_losses");
    let losses = (1u32..).zip(list("valid_losses")).map(|(epoch, validation)| Losses {
        epoch: epoch as f64,
        training: training.get(epoch as usize - 1).copied().unwrap_or(f64::NAN),
        validation,
    });
    losses.collect()
}

/// Lines that cannot be read are passed over: a run that crashed may have left half a one.
fn of_metrics(text: &str) -> Vec<Losses> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let column = |names: &[&str]| {
        names.iter().find_map(|name| header.iter().position(|column| column == name))
    };
    let (Some(epoch), Some(training), Some(validation)) = (
        column(&["epoch"]),
        column(&["training_loss"]),
        column(&["validation_loss", "later_loss"]),
    ) else {
        return Vec::new();
    };
    let losses = lines.filter_map(|line| {
        let values: Vec<&str> = line.split(',').collect();
        let value = |column: usize| values.get(column)?.trim().parse::<f64>().ok();
        Some(Losses {
            epoch: value(epoch)?,
            training: value(training)?,
            validation: value(validation).filter(|loss| loss.is_finite())?,
        })
    });
    losses.collect()
}

fn held_out(config: &Value) -> Option<BTreeSet<String>> {
    let games = config["games"].as_array()?.iter();
    let held_out = games.filter(|game| game["held_out"] == true);
    Some(held_out.filter_map(|game| Some(game["game"].as_str()?.to_owned())).collect())
}

fn kept(config: &Value) -> Option<Kept> {
    let settings = &config["settings"];
    let sessions = config["sessions"].as_array()?.iter();
    let sessions = sessions.filter_map(|session| Some(session["sha256"].as_str()?.to_owned()));
    Some(Kept {
        split: serde_json::from_value(settings["split"].clone()).ok()?,
        seed: settings["seed"].as_u64()?,
        sessions: sessions.collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metrics_are_found_by_the_names_of_their_columns() {
        let text = "step,epoch,training_loss,validation_loss\n\
                    10,14.9,0.5,0.4\n20,29.7,0.3,0.2\n30,31,0.2,0.3\n40,32,0.1,NaN\n50,3";
        let run = Run { losses: of_metrics(text), ..Run::default() };
        let losses = |epoch, training, validation| Some(Losses { epoch, training, validation });
        assert_eq!(run.losses.len(), 3);
        assert_eq!(run.at_epoch(15.0), losses(14.9, 0.5, 0.4));
        assert_eq!(run.at_epoch(30.0), losses(29.7, 0.3, 0.2));
        assert_eq!(run.at_epoch(20.0), None);
        assert_eq!(run.best(), losses(29.7, 0.3, 0.2));
        assert!(of_metrics("step,later_loss\n1,2").is_empty() && of_metrics("").is_empty());
    }

    #[test]
    fn the_config_tells_what_was_not_learned_from() {
        let config = json!({
            "settings": {"split": "frames", "seed": 3},
            "sessions": [{"file": "x", "sha256": "01"}],
            "games": [{"game": "a", "held_out": true}, {"game": "b", "held_out": false}],
        });
        assert_eq!(held_out(&config), Some(BTreeSet::from(["a".to_owned()])));
        let sessions = BTreeSet::from(["01".to_owned()]);
        assert_eq!(kept(&config), Some(Kept { split: Split::Frames, seed: 3, sessions }));
        assert_eq!((held_out(&Value::Null), kept(&Value::Null)), (None, None));
    }

    #[test]
    fn labels_tell_files_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, "").expect("a file");
            path
        };
        let paths =
            ["x/v1.safetensors", "y/best.safetensors", "y/v0.pth.tar", "z/v0.pth"].map(path);
        assert_eq!(labels(&paths), ["v1", "y/best", "y/v0", "z/v0"]);
        assert_eq!(labels(&[path("a/v1.x"), path("a/v1.y")]), ["a/v1", "a/v1 (2)"]);
    }
}
