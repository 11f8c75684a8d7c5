//! `chromaboy dataset`.

mod import;
mod sheet;
mod stats;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use rayon::prelude::*;

use crate::capture::{self, Options, Start, Summary};
use crate::script::SCRIPT_HELP;

/// Collect frames to train with.
#[derive(Args, Debug)]
pub struct DatasetArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Play color games by themselves and keep the frames worth learning from.
    #[command(after_long_help = SCRIPT_HELP)]
    Capture(CaptureArgs),
    /// Take frames from pictures or a film.
    Import(import::ImportArgs),
    /// Count the frames of each game, their colors, duplicates and damage.
    Stats(stats::StatsArgs),
    /// Draw a contact sheet.
    Show(sheet::ShowArgs),
}

#[derive(Args, Debug)]
struct CaptureArgs {
    /// Color games, or directories of .gb and .gbc files.
    #[arg(value_name = "ROM", required = true)]
    roms: Vec<PathBuf>,
    /// Where the session files go.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Emulated seconds of each session, beyond its --buttons.
    #[arg(long, default_value_t = Options::default().seconds)]
    seconds: u32,
    /// Look at every n-th frame.
    #[arg(long, value_name = "N", default_value_t = Options::default().every,
          value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// Frames to keep of each game at most.
    #[arg(long, value_name = "N", default_value_t = Options::default().max)]
    max: usize,
    /// The seed of each game's first session.
    #[arg(long, value_name = "N", default_value_t = Options::default().seed)]
    seed: u64,
    /// Begin at this save state instead of at power-on. May be given more than once; one game
    /// only.
    #[arg(long, value_name = "STATE")]
    from: Vec<PathBuf>,
    /// Begin by pressing these buttons (see below for the format); at the last line seeded play
    /// takes over. May be given more than once.
    #[arg(long, value_name = "FILE")]
    buttons: Vec<PathBuf>,
    /// Sessions of each game, each with a seed of its own; of each state and buttons file where
    /// there are any.
    #[arg(long, value_name = "N", default_value_t = Options::default().sessions,
          value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// Games to play at the same time.
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: usize,
}

impl DatasetArgs {
    /// Does what was asked for; the result goes to the standard output.
    ///
    /// # Errors
    /// Where a file cannot be read or written, or there is nothing to work on.
    pub fn run(&self) -> anyhow::Result<()> {
        match &self.command {
            Command::Capture(args) => args.run(),
            Command::Import(args) => args.run(),
            Command::Stats(args) => args.run(),
            Command::Show(args) => args.run(),
        }
    }
}

impl CaptureArgs {
    fn run(&self) -> anyhow::Result<()> {
        let roms = capture::rom_files(&self.roms)?;
        if roms.is_empty() {
            bail!("no .gb or .gbc file in {}", self.roms[0].display());
        }
        refuse_equal_names(&roms, "game")?;
        refuse_equal_names(&self.from, "state")?;
        refuse_equal_names(&self.buttons, "buttons file")?;
        if roms.len() > 1 && !self.from.is_empty() {
            bail!("--from is a state of one game, but {} games are given", roms.len());
        }
        let options = self.options()?;
        let threads = rayon::ThreadPoolBuilder::new().num_threads(self.jobs).build()?;
        let results: Vec<_> = threads.install(|| {
            roms.par_iter()
                // Games differ a lot in length: each thread takes one after another.
                .with_max_len(1)
                .map(|rom| capture::capture(rom, &self.output, &options).inspect(report))
                .collect()
        });
        self.conclude(results)
    }

    fn options(&self) -> anyhow::Result<Options> {
        Ok(Options {
            starts: self.starts()?,
            seconds: self.seconds,
            every: self.every,
            max: self.max,
            seed: self.seed,
            sessions: self.seeds,
        })
    }

    /// Each state, or power-on, with each buttons file, or without.
    fn starts(&self) -> Result<Vec<Start>, capture::Error> {
        let mut starts = vec![Start::default()];
        if !self.from.is_empty() {
            let states = self.from.iter().map(|path| Start::default().from_state(path));
            starts = states.collect::<Result<_, _>>()?;
        }
        if !self.buttons.is_empty() {
            let pairs = starts
                .iter()
                .flat_map(|start| self.buttons.iter().map(|path| start.clone().with_movie(path)));
            starts = pairs.collect::<Result<_, _>>()?;
        }
        Ok(starts)
    }

    /// One game that fails does not cost the others: it is named at the end.
    fn conclude(&self, results: Vec<Result<Summary, capture::Error>>) -> anyhow::Result<()> {
        let games = results.len();
        let (done, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        let done: Vec<_> = done.into_iter().flatten().collect();
        let mut failed: Vec<_> = failed.into_iter().filter_map(Result::err).collect();
        print(&table(&done))?;
        for error in failed.iter().skip(1) {
            log::error!("{error}");
        }
        if !failed.is_empty() {
            let count = failed.len();
            let error = anyhow::Error::new(failed.swap_remove(0));
            return Err(error).context(format!("{count} of {games} games could not be captured"));
        }
        if done.iter().all(|summary| summary.kept == 0) {
            bail!("no frame was worth keeping: try more --seconds or --seeds");
        }
        log::info!("the sessions are in {}", self.output.display());
        Ok(())
    }
}

/// Names of files tell sessions apart.
fn refuse_equal_names(files: &[PathBuf], kind: &str) -> anyhow::Result<()> {
    let mut names = HashSet::new();
    for file in files {
        if !names.insert(file.file_stem()) {
            bail!("{}: another {kind} has the same file name, rename one of them", file.display());
        }
    }
    Ok(())
}

fn report(summary: &Summary) {
    log::info!("{}: {} frames of {} played", summary.game, summary.kept, summary.played);
}

fn table(summaries: &[Summary]) -> String {
    let mut table = format!(
        "{:<40} {:>8} {:>6} {:>7} {:>7} {:>10} {:>7} {:>11}\n",
        "game", "played", "kept", "paired", "plain", "colorless", "fades", "duplicates"
    );
    for s in summaries {
        let _ = writeln!(
            table,
            "{:<40} {:>8} {:>6} {:>7} {:>7} {:>10} {:>7} {:>11}",
            s.game, s.played, s.kept, s.paired, s.plain, s.colorless, s.fades, s.duplicates
        );
    }
    let kept: usize = summaries.iter().map(|summary| summary.kept).sum();
    let _ = writeln!(table, "{kept} frames of {} games", summaries.len());
    table
}

/// Prints a result; a reader that went away is no error.
fn print(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
