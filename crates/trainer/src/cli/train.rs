//! `chromaboy train`.

mod bar;

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use dataset::{Reader, session_files};
use neural::{DeviceChoice, threads};

pub use self::bar::Bar;
use crate::random::Random;
use crate::train::{
    Corpus, Init, Limit, NetworkChoice, Normalization, Place, Precision, Recipe, Rule, Schedule,
    Settings, Split, finetune, pretrained, sha256, train,
};

/// Teach a network from captured sessions.
#[derive(Args, Debug)]
pub struct TrainArgs {
    /// Session files, or directories of them.
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<PathBuf>,
    /// The folder for weights, losses, samples and checkpoints.
    #[arg(long, short, value_name = "RUN")]
    output: PathBuf,
    /// The network to train.
    #[arg(long, value_enum, default_value_t)]
    network: NetworkChoice,
    /// Where examples come from, and what the options below are unless given.
    #[arg(long, value_enum, default_value_t)]
    recipe: Recipe,
    /// The frames that are kept for validation [article frames, gameboy later].
    #[arg(long, value_enum)]
    split: Option<Split>,
    /// Go on where the run in the folder stopped.
    #[arg(long)]
    resume: bool,
    /// Begin with these weights of the same network.
    #[arg(long, value_name = "WEIGHTS", conflicts_with = "pretrained")]
    finetune: Option<PathBuf>,
    /// Begin V2's encoder with a ResNet-18's weights, named as by torchvision.
    #[arg(long, value_name = "FILE")]
    pretrained: Option<PathBuf>,
    /// Stop after so many epochs: 30 by the article's recipe.
    #[arg(long, value_name = "N", conflicts_with_all = ["steps", "minutes"],
          value_parser = clap::value_parser!(u64).range(1..))]
    epochs: Option<u64>,
    /// Stop after so many batches instead: 4000 by the Game Boy's recipe.
    #[arg(long, value_name = "N", conflicts_with = "minutes",
          value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// Stop after so many minutes instead.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    minutes: Option<u64>,
    /// What all random choices follow from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Examples of a batch [8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=256))]
    batch: Option<u64>,
    /// The part of a frame that an example shows, in multiples of 8 [article 144x128, gameboy
    /// 128x112].
    #[arg(long, value_name = "WxH", value_parser = parse_crop)]
    crop: Option<[usize; 2]>,
    /// The highest learning rate [article 0.001, gameboy 0.0005].
    #[arg(long, value_name = "RATE", value_parser = parse_positive)]
    learning_rate: Option<f64>,
    /// How the learning rate changes [article constant, gameboy cosine].
    #[arg(long, value_enum)]
    schedule: Option<Schedule>,
    /// Batches over which the learning rate rises from 0 [article 0, gameboy 100].
    #[arg(long, value_name = "N")]
    warm_up: Option<u64>,
    /// How weights follow their gradients [article rmsprop, gameboy adamw].
    #[arg(long, value_enum)]
    optimizer: Option<Rule>,
    /// Scale gradients down to this norm [article none, gameboy 1].
    #[arg(long, value_name = "NORM", value_parser = parse_positive)]
    clip: Option<f64>,
    /// Save the mean of the weights, of which each step keeps this share, such as 0.999.
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    ema: Option<f64>,
    /// Normalize batches while V0 or V1 learns, folded into what is saved [article no, gameboy
    /// yes].
    #[arg(long, value_name = "YES", num_args = 0..=1, default_missing_value = "true")]
    batch_norm: Option<bool>,
    /// The first weights [article pytorch, gameboy he].
    #[arg(long, value_enum)]
    init: Option<Init>,
    /// What the network gives: a*/128 and b*/128 (1), or the same from 0 to 1 (2).
    #[arg(long, value_name = "1|2", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=2))]
    lab_version: u32,
    /// Batches between validations [article an epoch, gameboy 200].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    validate_every: Option<u64>,
    /// Validations between sample pictures [article 1, gameboy 5].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    samples_every: Option<u64>,
    /// Games to keep out of training, chosen by the seed, to see how unseen games fare.
    #[arg(long, value_name = "N", default_value_t = 0)]
    hold_out: usize,
    /// A game to keep out of training; may be given several times.
    #[arg(long, value_name = "GAME")]
    hold_out_game: Vec<String>,
    /// Keep out the Kth of N parts of the games, in the order of their names, such as 1/5: one run
    /// of a cross-validation.
    #[arg(long, value_name = "K/N", value_parser = parse_fold,
          conflicts_with_all = ["hold_out", "hold_out_game"])]
    fold: Option<[usize; 2]>,
    /// How exactly the CPU multiplies; what is kept has 32 bits either way.
    #[arg(long, value_enum, default_value_t)]
    precision: Precision,
    /// What computes: auto, cpu, cuda or metal.
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,
    /// Threads to compute with on the CPU; all cores unless given.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl TrainArgs {
    /// Runs the command.
    ///
    /// # Errors
    /// If the data cannot be read, the folder cannot be written, or training fails.
    pub fn run(&self) -> anyhow::Result<()> {
        let folder = self.output.display();
        let has_run = self.output.join("checkpoint.safetensors").exists();
        if has_run && !self.resume {
            bail!("{folder} holds a run already: go on with --resume or choose another folder");
        }
        let mut settings = self.settings();
        let start = match (&self.finetune, &self.pretrained) {
            (Some(path), _) => {
                let name = || path.display().to_string();
                let bytes = std::fs::read(path).with_context(name)?;
                finetune(&bytes, &settings).with_context(name)?
            }
            (None, Some(path)) => pretrained(path, &settings)?,
            (None, None) => HashMap::new(),
        };
        if let Some(path) = self.finetune.as_ref().or(self.pretrained.as_ref()) {
            settings.start = Some(sha256(path).with_context(|| path.display().to_string())?);
        }
        let corpus = self.corpus(&settings)?;
        print_corpus(&corpus);
        let device = self.device.open()?;
        if settings.precision != Precision::F32 && !device.is_cpu() {
            bail!("--precision is for the CPU alone: add --device cpu or leave it out");
        }
        let pool = threads::pool(self.threads.unwrap_or_else(threads::available))?;
        let stop = stop_on_interrupt()?;
        let place = Place { folder: &self.output, device, start, stop: &stop };
        let mut bar = Bar::new(&settings, &corpus);
        let result = pool.install(|| train(&corpus, &settings, &place, |event| bar.show(&event)));
        bar.finish();
        Ok(result?)
    }

    fn settings(&self) -> Settings {
        let recipe = Settings::of(self.recipe);
        let limit = match (self.epochs, self.steps, self.minutes) {
            (Some(epochs), _, _) => Limit::Epochs(epochs),
            (_, Some(steps), _) => Limit::Steps(steps),
            (_, _, Some(minutes)) => Limit::Time(Duration::from_secs(minutes * 60)),
            (None, None, None) => recipe.limit,
        };
        // Weights that are given have no moments that a normalization could begin with.
        let is_finetuned = self.finetune.is_some() && self.batch_norm.is_none();
        let normalization = match self.batch_norm {
            Some(true) => Normalization::WhileTraining,
            Some(false) => Normalization::AsDescribed,
            None if is_finetuned => Normalization::AsDescribed,
            None => recipe.normalization,
        };
        let [crop_width, crop_height] =
            self.crop.unwrap_or([recipe.crop_width, recipe.crop_height]);
        Settings {
            network: self.network,
            lab_version: self.lab_version,
            recipe: self.recipe,
            split: self.split.unwrap_or(recipe.split),
            seed: self.seed,
            limit,
            rule: self.optimizer.unwrap_or(recipe.rule),
            epsilon: recipe.epsilon,
            learning_rate: self.learning_rate.unwrap_or(recipe.learning_rate),
            schedule: self.schedule.unwrap_or(recipe.schedule),
            warm_up: self.warm_up.unwrap_or(recipe.warm_up),
            clip: self.clip.or(recipe.clip),
            average: self.ema.or(recipe.average),
            normalization,
            norm_momentum: recipe.norm_momentum,
            init: self.init.unwrap_or(recipe.init),
            start: None,
            precision: self.precision,
            batch: self.batch.map_or(recipe.batch, |batch| batch as usize),
            crop_height,
            crop_width,
            validate_every: self.validate_every.or(recipe.validate_every),
            samples_every: self.samples_every.unwrap_or(recipe.samples_every),
        }
    }

    fn corpus(&self, settings: &Settings) -> anyhow::Result<Corpus> {
        let files = session_files(&self.datasets)?;
        if files.is_empty() {
            bail!("no session file in {}", self.datasets[0].display());
        }
        let held_out = self.held_out(&files)?;
        let is_held_out = |game: &str| held_out.iter().any(|name| name == game);
        Corpus::read(&files, settings, is_held_out)
    }

    fn held_out(&self, files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
        let mut games = Vec::new();
        for file in files {
            let name = || file.display().to_string();
            let input = BufReader::new(File::open(file).with_context(name)?);
            let reader = Reader::new(input).with_context(name)?;
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
        if let Some([part, parts]) = self.fold {
            return Ok(games.into_iter().skip(part - 1).step_by(parts).collect());
        }
        let mut random = Random::new(self.seed);
        let mut draw = || games.swap_remove(random.below(games.len() as u32) as usize);
        let drawn = (0..self.hold_out).map(|_| draw());
        Ok(self.hold_out_game.iter().cloned().chain(drawn).collect())
    }
}

/// A flag that Ctrl-C sets. The second time it ends the program, as it would have.
///
/// # Errors
/// If the system has no such thing.
pub fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(stop)
}

fn parse_crop(text: &str) -> Result<[usize; 2], String> {
    let sides = text.split_once('x').map(|(width, height)| [width.parse(), height.parse()]);
    match sides {
        Some([Ok(width), Ok(height)])
            if (8..=160).contains(&width)
                && (8..=144).contains(&height)
                && width % 8 == 0
                && height % 8 == 0 =>
        {
            Ok([width, height])
        }
        _ => Err("expected two multiples of 8 up to 160x144, such as 128x112".to_string()),
    }
}

fn parse_fold(text: &str) -> Result<[usize; 2], String> {
    match text.split_once('/').map(|(part, parts)| [part.parse(), parts.parse()]) {
        Some([Ok(part), Ok(parts)]) if parts >= 2 && (1..=parts).contains(&part) => {
            Ok([part, parts])
        }
        _ => Err("expected a part and the number of parts, such as 1/5".to_string()),
    }
}

fn parse_positive(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| *value > 0.0 && value.is_finite());
    value.ok_or_else(|| "it must be a number above 0".to_string())
}

fn parse_share(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| (0.0..1.0).contains(value));
    value.ok_or_else(|| "it must be a number from 0 to below 1".to_string())
}

fn print_corpus(corpus: &Corpus) {
    let held_out: Vec<_> = corpus.unseen().map(|game| game.name.as_str()).collect();
    eprintln!(
        "{} games, {} frames to learn from, {} for validation; held out: {}",
        corpus.games.len(),
        corpus.training_frames(),
        corpus.validation_frames(),
        if held_out.is_empty() { "none".to_string() } else { held_out.join(", ") },
    );
    if corpus.damaged > 0 {
        eprintln!("{} damaged samples were left out", corpus.damaged);
    }
    if corpus.without_cells > 0 {
        eprintln!(
            "{} samples were left out: their cells are not known, capture them again",
            corpus.without_cells
        );
    }
}
