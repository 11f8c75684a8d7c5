//! Training of the networks on captured sessions.
//!
//! A [recipe](Recipe) says where examples come from: the article's, the lightness of the colour
//! frame, or for the Game Boy a picture as the original one would show it, each pixel's 2-bit
//! colour index through a shade map drawn at random for the frame. The network learns a* and b*
//! of the true colours, V3 the true color of each cell and index. Batch normalization that a network has only while it learns is folded
//! into the weights for saving, so that what is saved is exactly V0, V1 or V2.

mod average;
mod batch;
mod cells;
mod checkpoint;
mod chroma;
mod corpus;
mod fast;
mod history;
pub(crate) mod labels;
mod network;
mod operations;
mod optimizer;
mod palette;
mod parameters;
#[cfg(test)]
mod parity;
mod plain;
mod plot;
mod run;
mod samples;
mod settings;
mod shade;
mod start;
mod task;
mod training;
mod validate;

pub use crate::split::Split;
pub use corpus::{Corpus, Game, Picture, sha256, sha256_of};
pub use optimizer::Rule;
pub use run::RunError;
pub use settings::{
    Init, Limit, NetworkChoice, Normalization, Precision, Recipe, Schedule, Settings,
};
pub use start::{finetune, pretrained};
pub use validate::{Score, Validation};

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use candle_core::{Device, Tensor};

use self::training::Training;

/// Why training stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to learn from, or nothing to check with.
    #[error("{0} frames for training and {1} for validation are too few")]
    TooFew(usize, usize),
    /// V3 reads color indices, of which the article's recipe knows nothing.
    #[error("V3 learns by --recipe gameboy")]
    Recipe,
    /// The loss became NaN or infinite; the last checkpoint is from before.
    #[error("the loss is not finite any more at step {0}; the last checkpoint is kept")]
    NotFinite(u64),
    /// It was asked to stop, and has saved a checkpoint.
    #[error("interrupted after step {0}: go on with --resume")]
    Interrupted(u64),
    /// The checkpoint does not fit the settings.
    #[error("{path}: {}", first_line(source))]
    Checkpoint {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: candle_core::Error,
    },
    /// The run folder.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The tensor library.
    #[error("cannot compute: {}", first_line(.0))]
    Compute(#[from] candle_core::Error),
    /// The network cannot be set up for a validation.
    #[error(transparent)]
    Network(#[from] neural::Error),
    /// The weights cannot be saved.
    #[error(transparent)]
    Weights(#[from] neural::WeightsError),
}

/// candle adds a backtrace to its errors where `RUST_BACKTRACE` asks for one.
fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_string()
}

/// Where training stands after a validation.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Batches learned from.
    pub step: u64,
    /// Those as a number of epochs.
    pub epoch: f64,
    /// Time spent, that of resumed runs included.
    pub elapsed: Duration,
    /// Share of the limit that is used up, 0-1.
    pub done: f64,
    /// Mean loss of the batches since the last report, in the scaling that is trained.
    pub loss: f64,
    /// The newest validation.
    pub validation: Validation,
}

/// What is told while training goes on.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A step was taken.
    Step {
        /// Batches learned from.
        step: u64,
        /// Share of the limit that is used up, 0-1.
        done: f64,
        /// The step's loss.
        loss: f64,
    },
    /// A validation was done, and its weights saved.
    Validated(&'a Progress),
}

/// Where a run takes place.
#[derive(Debug)]
pub struct Place<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// What computes. Validations are always done by the CPU.
    pub device: Device,
    /// Tensors that replace the initial ones.
    pub start: HashMap<String, Tensor>,
    /// Set from elsewhere, it makes training save a checkpoint and stop.
    pub stop: &'a AtomicBool,
}

/// Trains in the rayon pool of the caller until the limit and writes the run folder, telling
/// `report` what happens.
///
/// The folder holds `config.json`, `metrics.csv`, `losses.png`, `last.safetensors`,
/// `best.safetensors` (by the loss of the validation), `samples` and `checkpoint.safetensors`.
/// Where it holds a checkpoint of the same settings, training goes on from there. With a limit
/// that is not a time, the same settings give the same weights on the CPU, resumed or not.
///
/// # Errors
/// If there is too little data, the folder cannot be written, the loss diverges, or training is
/// asked to stop.
pub fn train(
    corpus: &Corpus,
    settings: &Settings,
    place: &Place<'_>,
    mut report: impl FnMut(Event<'_>),
) -> Result<(), Error> {
    if corpus.training_frames() == 0 || corpus.validation_frames() == 0 {
        return Err(Error::TooFew(corpus.training_frames(), corpus.validation_frames()));
    }
    let mut training = Training::start(corpus, settings, place)?;
    while training.done() < 1.0 {
        if place.stop.load(Ordering::Relaxed) {
            training.save_checkpoint()?;
            return Err(Error::Interrupted(training.steps()));
        }
        let loss = training.step()?;
        report(Event::Step { step: training.steps(), done: training.done(), loss });
        if training.is_validation_due() {
            report(Event::Validated(&training.validate()?));
        }
    }
    if training.has_unvalidated() {
        report(Event::Validated(&training.validate()?));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
