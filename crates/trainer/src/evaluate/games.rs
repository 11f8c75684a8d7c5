//! The frames that networks are judged on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use dataset::{Reader, Sample};

use super::history::Run;
use super::{Error, Options, at};
use crate::split;

/// The chosen frames of one game, in the order of play.
#[derive(Debug)]
pub struct Game {
    pub frames: Vec<Frame>,
    /// A frame that is not among them, to tell of the game's colors, where one is needed.
    pub reference: Option<Sample>,
    /// The frames of the first ten seconds of its first session.
    pub opening: Vec<Sample>,
    /// Samples that could not be read.
    pub damaged: u64,
}

/// A frame, and which of the game's sessions it is of.
#[derive(Debug)]
pub struct Frame {
    pub sample: Sample,
    pub session: usize,
}

/// The frames of the games learned from that are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The last tenth of each game's.
    Later,
    /// Of each game those at these places.
    Drawn(BTreeMap<String, BTreeSet<usize>>),
    /// All of them.
    All,
}

/// Frames of ten seconds.
const OPENING: u64 = 597;

/// The session files of each game.
pub type Sources = BTreeMap<String, Vec<PathBuf>>;

/// Tells games apart by the headers of their sessions.
pub fn sources(files: &[PathBuf]) -> Result<Sources, Error> {
    let mut sources = Sources::new();
    for file in files {
        let game = open(file)?.session().game.clone();
        sources.entry(game).or_default().push(file.clone());
    }
    if sources.is_empty() { Err(Error::Empty) } else { Ok(sources) }
}

/// That there are games of these names.
pub fn check(names: &[String], sources: &Sources) -> Result<(), Error> {
    let Some(name) = names.iter().find(|name| !sources.contains_key(*name)) else {
        return Ok(());
    };
    let known = sources.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    Err(Error::UnknownGame { name: name.clone(), known })
}

/// The games that no network learned from.
pub fn unseen(
    options: &Options,
    sources: &Sources,
    runs: &[Run],
) -> Result<BTreeSet<String>, Error> {
    check(&options.unseen, sources)?;
    if !options.unseen.is_empty() {
        return Ok(options.unseen.iter().cloned().collect());
    }
    let mut held_out = runs.iter().filter_map(|run| run.held_out.as_ref());
    let first = held_out.next().cloned().unwrap_or_default();
    let all = held_out.fold(first.clone(), |all, other| &all & other);
    if all != first || runs.iter().filter_map(|run| run.held_out.as_ref()).any(|h| *h != all) {
        log::warn!("the runs held out other games; unseen are those that all held out");
    }
    Ok(all)
}

impl Game {
    pub fn read(
        name: &str,
        files: &[PathBuf],
        choice: &Choice,
        most: usize,
        needs_reference: bool,
    ) -> Result<Self, Error> {
        let mut game =
            Self { frames: Vec::new(), reference: None, opening: Vec::new(), damaged: 0 };
        for (session, file) in files.iter().enumerate() {
            let mut reader = open(file)?;
            while let Some(sample) =
                reader.next_intact().map_err(|error| session_error(file, error))?
            {
                game.frames.push(Frame { sample, session });
            }
            game.damaged += reader.damage().samples;
        }
        if game.damaged > 0 {
            log::warn!("{name}: {} damaged samples left out", game.damaged);
        }
        game.opening = game.opening();
        match choice {
            Choice::All => {}
            Choice::Later => {
                let later = split::later(game.frames.len()).max(1);
                game.frames.drain(..game.frames.len().saturating_sub(later));
            }
            Choice::Drawn(places) => {
                let places = places.get(name);
                let mut place = 0..;
                game.frames.retain(|_| {
                    place.next().is_some_and(|at| places.is_some_and(|drawn| drawn.contains(&at)))
                });
            }
        }
        if needs_reference && game.frames.len() > 1 {
            let middle = game.frames.len() / 2;
            game.reference = Some(game.frames.remove(middle).sample);
        }
        game.thin(most.max(1));
        Ok(game)
    }

    fn opening(&self) -> Vec<Sample> {
        let first = self.frames.first().map(|frame| (frame.session, frame.sample.frame));
        let is_early = |frame: &&Frame| {
            first.is_some_and(|(session, start)| {
                frame.session == session && frame.sample.frame < start + OPENING
            })
        };
        self.frames.iter().filter(is_early).map(|frame| frame.sample.clone()).collect()
    }

    /// Frames of which the true shades are known.
    pub fn pairs(&self) -> usize {
        self.frames.iter().filter(|frame| frame.sample.shades.is_some()).count()
    }

    /// Leaves `count` frames at most, evenly chosen.
    fn thin(&mut self, count: usize) {
        let total = self.frames.len();
        if total <= count {
            return;
        }
        let mut number = 0;
        self.frames.retain(|_| {
            number += 1;
            number * count / total != (number - 1) * count / total
        });
    }
}

/// The frames that a run drew for validation, as [`split::Split::Frames`] says. A game of which it
/// drew all has none: nothing of it was learned.
pub fn drawn(sources: &Sources, held_out: &BTreeSet<String>, seed: u64) -> Result<Choice, Error> {
    let mut names = Vec::new();
    let mut counts = Vec::new();
    for (name, files) in sources {
        let is_held_out = held_out.contains(name);
        counts.push(if is_held_out { 0 } else { count(files)? });
        names.push(name);
    }
    let mut drawn = BTreeMap::<String, BTreeSet<usize>>::new();
    for (game, place) in split::drawn(&counts, seed) {
        drawn.entry(names[game].clone()).or_default().insert(place);
    }
    for (name, count) in names.into_iter().zip(counts) {
        drawn.retain(|game, places| game != name || places.len() < count);
    }
    Ok(Choice::Drawn(drawn))
}

/// How many frames of these sessions can be read.
fn count(files: &[PathBuf]) -> Result<usize, Error> {
    let mut count = 0;
    for file in files {
        let mut reader = open(file)?;
        while reader.next_intact().map_err(|error| session_error(file, error))?.is_some() {
            count += 1;
        }
    }
    Ok(count)
}

fn open(file: &Path) -> Result<Reader<BufReader<File>>, Error> {
    let input = File::open(file).map_err(|source| at(file, source))?;
    Reader::new(BufReader::new(input)).map_err(|error| session_error(file, error))
}

fn session_error(file: &Path, source: dataset::Error) -> Error {
    Error::Session { path: file.to_path_buf(), source }
}
