//! `chromaboy dataset stats`.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use dataset::{Reader, Sample, session_files};
use gameboy::PIXELS;

use crate::capture::Likeness;

#[derive(Args, Debug)]
pub struct StatsArgs {
    /// Session files, or directories of them.
    #[arg(value_name = "DIR", required = true)]
    sessions: Vec<PathBuf>,
}

#[derive(Default)]
struct Game {
    files: usize,
    paired: usize,
    duplicates: usize,
    damaged: u64,
    cut_off: usize,
    colors_per_frame: Vec<usize>,
    colors: HashSet<u16>,
    pictures: Vec<Box<[u16; PIXELS]>>,
}

impl StatsArgs {
    pub fn run(&self) -> anyhow::Result<()> {
        let files = session_files(&self.sessions)?;
        if files.is_empty() {
            bail!("no session file in {}", self.sessions[0].display());
        }
        let mut games = BTreeMap::<String, Game>::new();
        for file in &files {
            count(file, &mut games).with_context(|| file.display().to_string())?;
        }
        Ok(super::print(&table(&games))?)
    }
}

fn count(file: &Path, games: &mut BTreeMap<String, Game>) -> anyhow::Result<()> {
    let mut reader = Reader::new(BufReader::new(File::open(file)?))?;
    let game = games.entry(reader.session().game.clone()).or_default();
    game.files += 1;
    while let Some(sample) = reader.next_intact()? {
        game.add(sample);
    }
    game.damaged += reader.damage().samples;
    game.cut_off += reader.damage().cut_off as usize;
    Ok(())
}

impl Game {
    fn add(&mut self, sample: Sample) {
        let colors: HashSet<u16> = sample.colors.iter().copied().collect();
        self.colors_per_frame.push(colors.len());
        self.colors.extend(colors);
        self.paired += sample.shades.is_some() as usize;
        let likeness = Likeness::of(&sample);
        let near = self.pictures.iter().any(|picture| likeness.are_near(picture, &sample.colors));
        self.duplicates += near as usize;
        self.pictures.push(sample.colors);
    }

    fn mean_colors(&self) -> f64 {
        let frames = self.colors_per_frame.len().max(1);
        self.colors_per_frame.iter().sum::<usize>() as f64 / frames as f64
    }
}

fn table(games: &BTreeMap<String, Game>) -> String {
    let mut table = format!(
        "{:<40} {:>6} {:>7} {:>7} {:>7} {:>12} {:>11} {:>8} {:>8}\n",
        "game",
        "files",
        "frames",
        "paired",
        "colors",
        "colors/frame",
        "duplicates",
        "damaged",
        "cut off"
    );
    for (name, game) in games {
        let _ = writeln!(
            table,
            "{:<40} {:>6} {:>7} {:>7} {:>7} {:>12.1} {:>11} {:>8} {:>8}",
            name,
            game.files,
            game.pictures.len(),
            game.paired,
            game.colors.len(),
            game.mean_colors(),
            game.duplicates,
            game.damaged,
            game.cut_off
        );
    }
    let frames: usize = games.values().map(|game| game.pictures.len()).sum();
    let _ = writeln!(table, "{frames} frames of {} games", games.len());
    table
}
