//! `chromaboy train`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use dataset::{Reader, session_files};
use neural::threads;

use crate::random::Random;
use crate::train::{Corpus, Limit, Progress, Rule, Settings, train};

/// Teach a network from captured sessions.
#[derive(Args, Debug)]
pub struct TrainArgs {
    /// Session files, or directories of them.
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<PathBuf>,
    /// The folder for weights, losses and checkpoints.
    #[arg(long, short, value_name = "RUN")]
    output: PathBuf,
    /// The network to train.
    #[arg(long, value_enum, default_value_t = Network::V1)]
    network: Network,
    /// Go on where the run in the folder stopped.
    #[arg(long)]
    resume: bool,
    /// Stop after so many batches.
    #[arg(long, value_name = "N", default_value_t = 4000, conflicts_with = "minutes",
          value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Stop after so many minutes instead.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    minutes: Option<u64>,
    /// What all random choices follow from.
    #[arg(long, value_name = "N", default_value_t = Settings::default().seed)]
    seed: u64,
    /// Examples of a batch.
    #[arg(long, value_name = "N", default_value_t = Settings::default().batch as u64,
          value_parser = clap::value_parser!(u64).range(1..=256))]
    batch: u64,
    /// The highest learning rate.
    #[arg(long, value_name = "RATE", default_value_t = Settings::default().learning_rate)]
    learning_rate: f64,
    /// How weights follow their gradients.
    #[arg(long, value_enum, default_value_t = Rule::AdamW)]
    optimizer: Rule,
    /// Batches between validations.
    #[arg(long, value_name = "N", default_value_t = Settings::default().validate_every,
          value_parser = clap::value_parser!(u64).range(1..))]
    validate_every: u64,
    /// Games to keep out of training, chosen by the seed, to see how unseen games fare.
    #[arg(long, value_name = "N", default_value_t = 0)]
    hold_out: usize,
    /// A game to keep out of training; may be given several times.
    #[arg(long, value_name = "GAME")]
    hold_out_game: Vec<String>,
    /// Threads to compute with; all cores unless given.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Network {
    /// The article's best.
    V1,
}

impl TrainArgs {
    /// Runs the command.
    ///
    /// # Errors
    /// If the data cannot be read, the folder cannot be written, or training fails.
    pub fn run(&self) -> anyhow::Result<()> {
        let Network::V1 = self.network;
        let has_run = self.output.join("checkpoint.safetensors").exists();
        if has_run && !self.resume {
            let folder = self.output.display();
            bail!("{folder} holds a run already: go on with --resume or choose another folder");
        }
        let corpus = self.corpus()?;
        print_corpus(&corpus);
        let pool = threads::pool(self.threads.unwrap_or_else(threads::available))?;
        let settings = self.settings()?;
        pool.install(|| train(&corpus, &settings, &self.output, print_progress))?;
        Ok(())
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            bail!("a learning rate of {} does not work: it must be above 0", self.learning_rate);
        }
        let limit = match self.minutes {
            Some(minutes) => Limit::Time(Duration::from_secs(minutes * 60)),
            None => Limit::Steps(self.steps),
        };
        Ok(Settings {
            seed: self.seed,
            limit,
            rule: self.optimizer,
            learning_rate: self.learning_rate,
            batch: self.batch as usize,
            validate_every: self.validate_every,
            ..Settings::default()
        })
    }

    fn corpus(&self) -> anyhow::Result<Corpus> {
        let files = session_files(&self.datasets)?;
        if files.is_empty() {
            bail!("no session file in {}", self.datasets[0].display());
        }
        let held_out = self.held_out(&files)?;
        Corpus::read(&files, |game| held_out.iter().any(|name| name == game))
    }

    fn held_out(&self, files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
        let mut games = Vec::new();
        for file in files {
            let input = std::io::BufReader::new(std::fs::File::open(file)?);
            let reader = Reader::new(input).with_context(|| file.display().to_string())?;
            games.push(reader.session().game.clone());
        }
        games.sort();
        games.dedup();
        if self.hold_out > 0 && self.hold_out >= games.len() {
            bail!("cannot hold out {} of {} games", self.hold_out, games.len());
        }
        if let Some(name) = self.hold_out_game.iter().find(|name| !games.contains(name)) {
            bail!("no session is of the game {name}");
        }
        let mut random = Random::new(self.seed);
        let mut draw = || games.swap_remove(random.below(games.len() as u32) as usize);
        let drawn = (0..self.hold_out).map(|_| draw());
        Ok(self.hold_out_game.iter().cloned().chain(drawn).collect())
    }
}

fn print_corpus(corpus: &Corpus) {
    let held_out: Vec<_> = corpus.unseen().map(|game| game.name.as_str()).collect();
    eprintln!(
        "{} games, {} frames to learn from, {} of later scenes; held out: {}",
        corpus.games.len(),
        corpus.training_frames(),
        corpus.later_frames(),
        if held_out.is_empty() { "none".to_string() } else { held_out.join(", ") },
    );
    if corpus.damaged > 0 {
        eprintln!("{} damaged samples were left out", corpus.damaged);
    }
}

fn print_progress(progress: &Progress) {
    let Progress { step, elapsed, done, loss, validation } = progress;
    let (later, unseen) = (validation.later, validation.unseen);
    let seconds = elapsed.as_secs();
    let left = (elapsed.as_secs_f64() / done.max(1e-9) * (1.0 - done)) as u64;
    eprintln!(
        "step {step}, {}:{:02}, {}:{:02} left: loss {loss:.4}, later scenes {:.4} (grey {:.4}, \
         colorfulness {:.2}), unseen games {:.4} (grey {:.4}, colorfulness {:.2})",
        seconds / 60,
        seconds % 60,
        left / 60,
        left % 60,
        later.loss,
        later.grey,
        later.colorfulness,
        unseen.loss,
        unseen.grey,
        unseen.colorfulness,
    );
}
