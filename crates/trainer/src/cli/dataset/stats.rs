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
use serde::Serialize;

use crate::capture::Likeness;

#[derive(Args, Debug)]
pub struct StatsArgs {
    /// Session files, or directories of them.
    #[arg(value_name = "DIR", required = true)]
    sessions: Vec<PathBuf>,
    /// Print a JSON object with a list of the games instead of the table.
    #[arg(long)]
    json: bool,
}

/// What is printed of a game.
#[derive(Serialize)]
struct Row<'a> {
    game: &'a str,
    files: usize,
    frames: usize,
    /// Frames with the shades of the original Game Boy.
    paired: usize,
    /// Frames without provenance.
    imported: usize,
    /// Different colors in all frames.
    colors: usize,
    /// The mean of the different colors in a frame.
    colors_per_frame: f64,
    duplicates: usize,
    damaged: u64,
    /// Files whose end is missing.
    cut_off: usize,
}

#[derive(Default)]
struct Game {
    files: usize,
    paired: usize,
    imported: usize,
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
        let rows: Vec<_> = games.iter().map(|(name, game)| game.row(name)).collect();
        let text = if self.json { json(&rows)? } else { table(&rows) };
        Ok(super::print(&text)?)
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
        self.imported += sample.planes.is_none() as usize;
        let likeness = Likeness::of(&sample);
        let near = self.pictures.iter().any(|picture| likeness.are_near(picture, &sample.colors));
        self.duplicates += near as usize;
        self.pictures.push(sample.colors);
    }

    fn row<'a>(&self, game: &'a str) -> Row<'a> {
        Row {
            game,
            files: self.files,
            frames: self.pictures.len(),
            paired: self.paired,
            imported: self.imported,
            colors: self.colors.len(),
            colors_per_frame: self.mean_colors(),
            duplicates: self.duplicates,
            damaged: self.damaged,
            cut_off: self.cut_off,
        }
    }

    fn mean_colors(&self) -> f64 {
        let frames = self.colors_per_frame.len().max(1);
        self.colors_per_frame.iter().sum::<usize>() as f64 / frames as f64
    }
}

fn json(rows: &[Row<'_>]) -> serde_json::Result<String> {
    let frames: usize = rows.iter().map(|row| row.frames).sum();
    let object = serde_json::json!({ "frames": frames, "games": rows });
    Ok(serde_json::to_string_pretty(&object)? + "\n")
}

fn table(rows: &[Row<'_>]) -> String {
    let mut table = format!(
        "{:<40} {:>6} {:>7} {:>7} {:>9} {:>7} {:>12} {:>11} {:>8} {:>8}\n",
        "game",
        "files",
        "frames",
        "paired",
        "imported",
        "colors",
        "colors/frame",
        "duplicates",
        "damaged",
        "cut off"
    );
    for row in rows {
        let _ = writeln!(
            table,
            "{:<40} {:>6} {:>7} {:>7} {:>9} {:>7} {:>12.1} {:>11} {:>8} {:>8}",
            row.game,
            row.files,
            row.frames,
            row.paired,
            row.imported,
            row.colors,
            row.colors_per_frame,
            row.duplicates,
            row.damaged,
            row.cut_off
        );
    }
    let frames: usize = rows.iter().map(|row| row.frames).sum();
    let _ = writeln!(table, "{frames} frames of {} games", rows.len());
    table
}
