//! A run while it goes on.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use candle_core::Tensor;

use super::average::Average;
use super::batch::batches_per_epoch;
use super::cells::Cells;
use super::checkpoint::{numbers, put_all, take_all, take_numbers};
use super::chroma::Chroma;
use super::corpus::Corpus;
use super::history::History;
use super::optimizer::Optimizer;
use super::run::{CHECKPOINT, Row, RunFolder};
use super::settings::{Limit, NetworkChoice, Settings};
use super::task::{Judge, Task};
use super::{Error, Place, Progress, plot};

/// Everything that changes from step to step.
pub struct Training<'a> {
    corpus: &'a Corpus,
    settings: &'a Settings,
    folder: RunFolder,
    task: Box<dyn Task + 'a>,
    optimizer: Optimizer,
    average: Option<Average>,
    history: History,
    before: Duration,
    started: Instant,
}

impl<'a> Training<'a> {
    /// Begins, or goes on from the checkpoint in the folder.
    pub fn start(
        corpus: &'a Corpus,
        settings: &'a Settings,
        place: &Place<'_>,
    ) -> Result<Self, Error> {
        let folder = RunFolder::open(place.folder, settings, corpus)?;
        let device = &place.device;
        let mut task: Box<dyn Task + 'a> = match settings.network {
            NetworkChoice::V3 => Box::new(Cells::new(corpus, settings, device)?),
            _ => Box::new(Chroma::new(corpus, settings, device)?),
        };
        task.take(&place.start)?;
        let average = match settings.average {
            Some(keep) => Some(Average::new(keep, task.tensors()?)),
            None => None,
        };
        let mut training = Self {
            corpus,
            settings,
            folder,
            optimizer: Optimizer::new(settings.rule, settings.epsilon, task.variables()),
            task,
            average,
            history: History::default(),
            before: Duration::ZERO,
            started: Instant::now(),
        };
        if let Some(tensors) = training.folder.checkpoint()? {
            let path = place.folder.join(CHECKPOINT).display().to_string();
            training.restore(tensors).map_err(|source| Error::Checkpoint { path, source })?;
        }
        Ok(training)
    }

    fn restore(&mut self, mut tensors: HashMap<String, Tensor>) -> candle_core::Result<()> {
        let like = self.task.tensors()?;
        self.task.take(&take_all(&mut tensors, "network.", &like)?)?;
        self.optimizer.restore(&mut tensors)?;
        if let Some(average) = &mut self.average {
            average.set(take_all(&mut tensors, "average.", &like)?);
        }
        self.history = History::restore(&mut tensors)?;
        let seconds = take_numbers(&mut tensors, "seconds")?;
        self.before = Duration::from_secs_f64(seconds.first().map_or(0.0, |s| s.max(0.0)));
        Ok(())
    }

    /// Saves what is needed to go on from here.
    pub fn save_checkpoint(&self) -> Result<(), Error> {
        let mut tensors = HashMap::new();
        put_all(&mut tensors, "network.", self.task.tensors()?);
        self.optimizer.save(&mut tensors)?;
        if let Some(average) = &self.average {
            put_all(&mut tensors, "average.", average.tensors().clone());
        }
        self.history.save(&mut tensors)?;
        tensors.insert("seconds".to_string(), numbers(&[self.elapsed().as_secs_f64()])?);
        Ok(self.folder.write(CHECKPOINT, &self.task.pack(&tensors)?)?)
    }

    /// Batches learned from.
    pub fn steps(&self) -> u64 {
        self.history.steps()
    }

    fn elapsed(&self) -> Duration {
        self.before + self.started.elapsed()
    }

    fn batches_per_epoch(&self) -> u64 {
        batches_per_epoch(self.corpus, self.settings)
    }

    /// The share of the limit that is used up.
    pub fn done(&self) -> f64 {
        let of = |steps: u64| self.steps() as f64 / steps.max(1) as f64;
        match self.settings.limit {
            Limit::Epochs(epochs) => of(epochs * self.batches_per_epoch()),
            Limit::Steps(steps) => of(steps),
            Limit::Time(time) => self.elapsed().as_secs_f64() / time.as_secs_f64(),
        }
    }

    /// Whether the last step was one to validate after.
    pub fn is_validation_due(&self) -> bool {
        let every = self.settings.validate_every.unwrap_or_else(|| self.batches_per_epoch());
        self.steps().is_multiple_of(every)
    }

    /// Whether there were steps since the last validation.
    pub fn has_unvalidated(&self) -> bool {
        self.history.has_unvalidated()
    }

    /// Learns from a batch and returns its loss.
    pub fn step(&mut self) -> Result<f64, Error> {
        let step = self.steps();
        let rate = self.settings.learning_rate_at(step, self.done());
        let loss = self.task.loss(step)?;
        let value = loss.to_vec0::<f32>()? as f64;
        if !value.is_finite() {
            return Err(Error::NotFinite(step));
        }
        let gradients = loss.backward()?;
        let (variables, clip) = (self.task.variables(), self.settings.clip);
        self.optimizer.step(variables, &gradients, rate, clip)?;
        self.history.losses.push(value);
        if let Some(average) = &mut self.average {
            average.add(&self.task.tensors()?, self.history.steps())?;
        }
        Ok(value)
    }

    /// Validates and writes the folder's files, the checkpoint last.
    pub fn validate(&mut self) -> Result<Progress, Error> {
        let judge = self.task.judge(match &self.average {
            Some(average) => average.tensors().clone(),
            None => self.task.tensors()?,
        })?;
        let validation = judge.validate()?;
        let loss = self.history.mean_since_validation();
        if !validation.seen.loss.is_finite() {
            return Err(Error::NotFinite(self.steps()));
        }
        self.folder.write("last.safetensors", judge.file())?;
        if self.history.best().is_none_or(|best| validation.seen.loss < best) {
            self.folder.write("best.safetensors", judge.file())?;
        }
        self.history.validations.push((self.history.steps(), validation.seen.loss));
        self.draw(&*judge)?;
        let progress = Progress {
            step: self.steps(),
            epoch: self.steps() as f64 / self.batches_per_epoch() as f64,
            elapsed: self.elapsed(),
            done: self.done().min(1.0),
            loss,
            validation,
        };
        let rate = self.settings.learning_rate_at(self.steps(), progress.done);
        self.folder.append(&Row { progress: &progress, rate })?;
        self.save_checkpoint()?;
        Ok(progress)
    }

    fn draw(&self, judge: &dyn Judge) -> Result<(), Error> {
        self.folder.write_picture("losses.png", &plot::losses(&self.history))?;
        let number = self.history.validations.len() as u64;
        if number.is_multiple_of(self.settings.samples_every) || self.done() >= 1.0 {
            let name = format!("samples/step-{:07}.png", self.steps());
            self.folder.write_picture(&name, &judge.sheet()?)?;
        }
        Ok(())
    }
}
