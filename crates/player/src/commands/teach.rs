//! `chromaboy teach`: V3 learns the colors of a game, for it and for others.

use std::borrow::Cow;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use neural::threads;
use trainer::capture::{self, Start, capture};
use trainer::cli::{Bar, stop_on_interrupt};
use trainer::train::{
    Corpus, Error, Limit, NetworkChoice, Place, Precision, Recipe, Settings, Split, finetune,
    sha256_of, train,
};

use crate::cartridge_file::{self, CartridgeFile};
use crate::cli::TeachArgs;
use crate::{color, embedded, files, game_colors};

/// Sessions of the game, each with buttons of its own, and their emulated seconds.
const SESSIONS: u32 = 8;
const SECONDS: u32 = 300;
/// Frames to learn from at most.
const MOST_FRAMES: usize = 600;
/// The highest learning rate, for weights that know other games.
const RATE: f64 = 0.001;
/// Steps between validations.
const VALIDATE_EVERY: u64 = 100;

/// Captures, learns, and keeps the weights for the games.
///
/// # Errors
/// In one line, what is wrong with a game, or why it cannot be learned.
pub fn run(args: &TeachArgs) -> Result<()> {
    let start = Instant::now();
    let game = CartridgeFile::open(&args.rom)?;
    let mut names = vec![game_colors::name_of(&game.cartridge)];
    for rom in &args.also_for {
        names.push(game_colors::name_of(&CartridgeFile::open(rom)?.cartridge));
    }
    let folder = match &args.keep {
        Some(folder) => folder.clone(),
        None => files::data_folder("teach")
            .context("the system has no folder for data")?
            .join(&names[0]),
    };
    let run = folder.join("run");
    let weights = weights(args)?;
    let settings = settings(&weights.0);
    if !run.join("checkpoint.safetensors").exists() {
        look(args, &folder)?;
    }
    let used = start.elapsed();
    let limit = Duration::from_secs(args.minutes * 60).saturating_sub(used).max(SHORTEST);
    learn(&Settings { limit: Limit::Time(limit), ..settings }, &weights, args, &folder)?;

    let best = fs::read(run.join("best.safetensors")).context("the weights that were learned")?;
    for name in &names {
        let path = color::taught_weights(name).context("the system has no folder for data")?;
        files::replace(&path, &best).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let sheet = args.pictures.clone().unwrap_or_else(|| args.rom.with_extension("teach.png"));
    keep_sheet(&run, &sheet)?;
    if args.keep.is_none() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "chromaboy play now colors {} by what was learned", games(args))?;
    writeln!(out, "{}: grey, V3 and the truth on frames it did not learn from", sheet.display())?;
    Ok(())
}

/// Learning takes so long at least, however long the capture took.
const SHORTEST: Duration = Duration::from_secs(20);

fn games(args: &TeachArgs) -> String {
    let roms = std::iter::once(&args.rom).chain(&args.also_for);
    let names = roms.map(|rom| rom.file_name().unwrap_or_default().to_string_lossy());
    names.collect::<Vec<_>>().join(", ")
}

/// The weights that it begins with: a file's, and where they come from.
fn weights(args: &TeachArgs) -> Result<(Cow<'static, [u8]>, String)> {
    let built_in = embedded::Weights::V3;
    Ok(match &args.weights {
        Some(path) => (cartridge_file::read(path)?.into(), path.display().to_string()),
        None => (built_in.bytes().into(), format!("the built-in weights of {}", built_in.name())),
    })
}

fn settings(weights: &[u8]) -> Settings {
    Settings {
        network: NetworkChoice::V3,
        split: Split::Later,
        learning_rate: RATE,
        validate_every: Some(VALIDATE_EVERY),
        samples_every: 1,
        precision: Precision::fastest(),
        start: Some(sha256_of(weights)),
        ..Settings::of(Recipe::Gameboy)
    }
}

/// Plays the game by itself and keeps frames of it.
fn look(args: &TeachArgs, folder: &Path) -> Result<()> {
    eprintln!("playing {} by itself, {SESSIONS} times", args.rom.display());
    let start = match &args.from {
        Some(state) => Start::default().from_state(state)?,
        None => Start::default(),
    };
    let start = match &args.buttons {
        Some(buttons) => start.with_movie(buttons)?,
        None => start,
    };
    let options = capture::Options {
        seconds: SECONDS,
        max: MOST_FRAMES,
        sessions: SESSIONS,
        starts: vec![start],
        ..capture::Options::default()
    };
    let kept = capture(&args.rom, folder, &options)?.kept;
    if kept == 0 {
        bail!("{}: the game showed nothing with colors", args.rom.display());
    }
    eprintln!("{kept} frames to learn from");
    Ok(())
}

fn learn(
    settings: &Settings,
    (weights, origin): &(Cow<'static, [u8]>, String),
    args: &TeachArgs,
    folder: &Path,
) -> Result<()> {
    let run = folder.join("run");
    let corpus =
        Corpus::read(&dataset::session_files(&[folder.to_path_buf()])?, settings, |_| false)?;
    let start = finetune(weights, settings).with_context(|| origin.clone())?;
    let device = args.device.open()?;
    let pool = threads::pool(args.threads.unwrap_or_else(threads::available))?;
    let stop = stop_on_interrupt()?;
    let place = Place { folder: &run, device, start, stop: &stop };
    let mut bar = Bar::new(settings, &corpus);
    let result = pool.install(|| {
        let result = train(&corpus, settings, &place, |event| bar.show(&event));
        result.map_err(|err| match err {
            Error::Interrupted(steps) => {
                anyhow!("interrupted after step {steps}: the same command goes on")
            }
            err => err.into(),
        })
    });
    bar.finish();
    result
}

/// The pictures of the last validation.
fn keep_sheet(run: &Path, output: &Path) -> Result<()> {
    let samples = run.join("samples");
    let shown = || format!("cannot read {}", samples.display());
    let mut sheets: Vec<PathBuf> = fs::read_dir(&samples)
        .with_context(shown)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()
        .with_context(shown)?;
    sheets.sort();
    let last = sheets.last().context("no pictures were made")?;
    let bytes = fs::read(last).with_context(shown)?;
    files::replace(output, &bytes).with_context(|| format!("cannot write {}", output.display()))
}
