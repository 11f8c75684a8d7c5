//! Training of V1 on captured sessions.
//!
//! An example's input is not the lightness of the colour frame, but a picture as the original
//! Game Boy would show it: each pixel's 2-bit colour index through a shade map drawn at random
//! for the frame. The network learns a* and b* of the true colours. While training, each
//! convolution but the last is followed by batch normalization; it is folded into the weights
//! for saving, so that what is saved is exactly V1.

mod batch;
mod corpus;
mod network;
mod optimizer;
mod run;
mod settings;
mod shade;
mod validate;

pub use corpus::{Corpus, Game};
pub use optimizer::Rule;
pub use run::RunError;
pub use settings::{Limit, Settings};
pub use validate::{Score, Validation};

use std::path::Path;
use std::time::{Duration, Instant};

use candle_core::Tensor;

use self::batch::Batch;
use self::network::Network;
use self::optimizer::Optimizer;
use self::run::{Row, RunFolder};
use crate::random::Random;

/// Why training stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to learn from, or nothing to check with.
    #[error("{0} frames for training and {1} of later scenes are too few")]
    TooFew(usize, usize),
    /// The loss became NaN or infinite; the last checkpoint is from before.
    #[error("the loss is not finite any more at step {0}; the last checkpoint is kept")]
    NotFinite(u64),
    /// The run folder.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The tensor library.
    #[error("cannot compute: {0}")]
    Compute(#[from] candle_core::Error),
    /// The network cannot be set up for a validation.
    #[error(transparent)]
    Network(#[from] neural::Error),
}

/// Where training stands after a validation.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Batches learned from.
    pub step: u64,
    /// Time spent, that of resumed runs included.
    pub elapsed: Duration,
    /// Share of the limit that is used up, 0-1.
    pub done: f64,
    /// Mean loss of the batches since the last report.
    pub loss: f64,
    /// The newest validation.
    pub validation: Validation,
}

/// Trains in the rayon pool of the caller until the limit and writes the run folder, calling
/// `report` after each validation.
///
/// The folder holds `config.json`, `metrics.csv`, `last.safetensors` and `best.safetensors` (V1,
/// by the loss on later scenes) and `checkpoint.safetensors`. Where it holds a checkpoint of the
/// same settings, training goes on from there. With a limit of steps, the same settings give the
/// same weights, resumed or not.
///
/// # Errors
/// If there is too little data, the folder cannot be written, or the loss diverges.
pub fn train(
    corpus: &Corpus,
    settings: &Settings,
    folder: &Path,
    mut report: impl FnMut(&Progress),
) -> Result<(), Error> {
    if corpus.training_frames() == 0 || corpus.later_frames() == 0 {
        return Err(Error::TooFew(corpus.training_frames(), corpus.later_frames()));
    }
    let mut training = Training::start(corpus, settings, folder)?;
    while training.done() < 1.0 {
        training.step()?;
        if training.is_validation_due() {
            report(&training.validate()?);
        }
    }
    if training.losses.count > 0 {
        report(&training.validate()?);
    }
    Ok(())
}

struct Training<'a> {
    corpus: &'a Corpus,
    settings: &'a Settings,
    folder: RunFolder,
    network: Network,
    optimizer: Optimizer,
    step: u64,
    before: Duration,
    started: Instant,
    best: f64,
    losses: Mean,
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl<'a> Training<'a> {
    fn start(corpus: &'a Corpus, settings: &'a Settings, folder: &Path) -> Result<Self, Error> {
        let network = Network::new(&mut Random::new(settings.seed))?;
        let optimizer = Optimizer::new(settings.rule, network.variables());
        let mut training = Self {
            corpus,
            settings,
            folder: RunFolder::open(folder, settings, corpus)?,
            network,
            optimizer,
            step: 0,
            before: Duration::ZERO,
            started: Instant::now(),
            best: f64::INFINITY,
            losses: Mean::default(),
        };
        training.restore()?;
        Ok(training)
    }

    fn restore(&mut self) -> Result<(), Error> {
        let Some(mut tensors) = self.folder.checkpoint()? else { return Ok(()) };
        self.network.restore(&mut tensors)?;
        self.optimizer.restore(&mut tensors)?;
        let progress = match tensors.remove("progress") {
            Some(progress) => progress.to_vec1::<f64>()?,
            None => Vec::new(),
        };
        let [step, seconds, best] = progress[..] else {
            return Err(candle_core::Error::msg("the checkpoint lacks the tensor progress").into());
        };
        (self.step, self.before, self.best) = (step as u64, Duration::from_secs_f64(seconds), best);
        Ok(())
    }

    fn elapsed(&self) -> Duration {
        self.before + self.started.elapsed()
    }

    fn done(&self) -> f64 {
        match self.settings.limit {
            Limit::Steps(steps) => self.step as f64 / steps as f64,
            Limit::Time(time) => self.elapsed().as_secs_f64() / time.as_secs_f64(),
        }
    }

    fn is_validation_due(&self) -> bool {
        self.step.is_multiple_of(self.settings.validate_every)
    }

    fn step(&mut self) -> Result<(), Error> {
        let rate = self.settings.learning_rate_at(self.step, self.done());
        // A generator per step: a resumed run needs nothing of those before.
        let mut random = Random::new(self.settings.seed.wrapping_add(self.step << 20));
        let batch = Batch::draw(self.corpus, self.settings, &mut random);
        let (input, target) = batch.tensors()?;
        let loss = (self.network.forward(&input)? - target)?.sqr()?.mean_all()?;
        let value = loss.to_vec0::<f32>()? as f64;
        if !value.is_finite() {
            return Err(Error::NotFinite(self.step));
        }
        let gradients = loss.backward()?;
        self.optimizer.step(&self.network.variables(), &gradients, rate, self.settings.clip)?;
        self.losses.sum += value;
        self.losses.count += 1;
        self.step += 1;
        Ok(())
    }

    fn validate(&mut self) -> Result<Progress, Error> {
        let weights = self.network.fold()?;
        let validation = validate::validate(self.corpus, &weights)?;
        let loss = self.losses.sum / self.losses.count.max(1) as f64;
        self.losses = Mean::default();
        self.folder.save("last.safetensors", &weights)?;
        if validation.later.loss < self.best {
            self.best = validation.later.loss;
            self.folder.save("best.safetensors", &weights)?;
        }
        self.save_checkpoint()?;
        let progress = Progress {
            step: self.step,
            elapsed: self.elapsed(),
            done: self.done().min(1.0),
            loss,
            validation,
        };
        self.folder.append(&Row {
            progress: &progress,
            rate: self.settings.learning_rate_at(self.step, progress.done),
        })?;
        Ok(progress)
    }

    fn save_checkpoint(&self) -> Result<(), Error> {
        let mut tensors = self.network.state()?;
        self.optimizer.save(&mut tensors)?;
        let progress = [self.step as f64, self.elapsed().as_secs_f64(), self.best];
        let progress = Tensor::new(&progress, &candle_core::Device::Cpu)?;
        tensors.insert("progress".to_string(), progress);
        Ok(self.folder.save("checkpoint.safetensors", &tensors)?)
    }
}

#[cfg(test)]
mod tests;
