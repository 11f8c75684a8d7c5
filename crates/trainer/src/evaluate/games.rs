//! The frames that networks are judged on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use dataset::{Reader, Sample};

use super::history::Run;
use super::{Error, Options, Part, at};

/// One frame in so many, the last ones of each game, is kept out of training by later scenes.
const LATER: usize = 10;

/// The chosen frames of one game, in the order of play.
#[derive(Debug)]
pub struct Game {
    pub frames: Vec<Frame>,
    /// Samples that could not be read.
    pub damaged: u64,
}

/// A frame, and which of the game's sessions it is of.
#[derive(Debug)]
pub struct Frame {
    pub sample: Sample,
    pub session: usize,
}

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

/// The games that no network learned from.
pub fn unseen(
    options: &Options,
    sources: &Sources,
    runs: &[Run],
) -> Result<BTreeSet<String>, Error> {
    if let Some(name) = options.unseen.iter().find(|name| !sources.contains_key(*name)) {
        let known = sources.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(Error::UnknownGame { name: name.clone(), known });
    }
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
        options: &Options,
        is_unseen: bool,
    ) -> Result<Self, Error> {
        let mut game = Self { frames: Vec::new(), damaged: 0 };
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
        if options.part == Part::Later && !is_unseen {
            let later = (game.frames.len() / LATER).max(1);
            game.frames.drain(..game.frames.len().saturating_sub(later));
        }
        game.thin(options.frames.max(1));
        Ok(game)
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

fn open(file: &Path) -> Result<Reader<BufReader<File>>, Error> {
    let input = File::open(file).map_err(|source| at(file, source))?;
    Reader::new(BufReader::new(input)).map_err(|error| session_error(file, error))
}

fn session_error(file: &Path, source: dataset::Error) -> Error {
    Error::Session { path: file.to_path_buf(), source }
}
