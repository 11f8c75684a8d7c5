//! How well networks color games, in figures and pictures, beside what needs no network.
//!
//! Each game counts alike, however many frames it has. Games that the networks learned from and
//! unseen ones are never averaged together.

mod boot;
mod cells;
mod cross;
mod games;
mod history;
mod method;
mod panel;
mod play;
mod regions;
mod report;
mod score;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use colorizer::Palette;
use colorizer::cell_color::Style;

use self::games::{Choice, Game, Sources};
use self::history::Run;
use self::method::Method;
use self::regions::{Cells, Regions};
use self::report::{GameResult, Report};
use self::score::Tally;
pub use self::score::{Score, colorfulness};
use crate::split::Split;
use crate::train::sha256;

/// What networks are given as the lightness of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// What the original Game Boy shows: the true shades where they are known, else the color
    /// indices as shades, else (of imported pictures) the shades nearest to the colors.
    #[default]
    Shades,
    /// The lightness of the color frame itself, as the article had it.
    Lightness,
}

/// Which frames of the games that were learned from are looked at. Of unseen games it is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Those that the runs kept for validation, by the `config.json` beside the weights. Where
    /// there is none, or the runs differ, the last tenth.
    #[default]
    Validation,
    /// The last tenth, which training by later scenes keeps out.
    Later,
    /// All, also those learned from.
    All,
}

/// What V3 is told of a game.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// Nothing.
    #[default]
    Nothing,
    /// The colors of another frame of the game.
    Like,
    /// The true colors of the 8 indices of cells that cover most pixels of the frames of the game's
    /// first ten seconds.
    Pins,
    /// Not even its tiles: the shades of a picture alone, from which cells are recovered, as of a
    /// screenshot.
    Picture,
}

/// What to evaluate, and on what.
#[derive(Clone, Debug)]
pub struct Options {
    /// Session files.
    pub sessions: Vec<PathBuf>,
    /// Files of weights, or PyTorch's checkpoints.
    pub weights: Vec<PathBuf>,
    /// Games that no network learned from; where there are none, those that all runs held out
    /// by the `config.json` beside their weights.
    pub unseen: Vec<String>,
    /// What networks are given.
    pub input: Input,
    /// The styles in which V3 paints.
    pub styles: Vec<Style>,
    /// What V3 is told.
    pub told: Vec<Told>,
    /// Which frames.
    pub part: Part,
    /// Frames of a game at most, evenly chosen.
    pub frames: usize,
    /// The games that pictures are shown of; of all if not given.
    pub pictures: Option<Vec<String>>,
    /// The weights of a cross-validation: runs of V3 that each held out other games, on which they
    /// are judged.
    pub folds: Vec<PathBuf>,
    /// Games of the original Game Boy to be played for a while, frame by frame.
    pub play: Vec<PathBuf>,
    /// How long each of them is played, in emulated seconds.
    pub play_seconds: u32,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A session cannot be read.
    #[error("{}: {source}", path.display())]
    Session {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: dataset::Error,
    },
    /// Weights that are no network's.
    #[error("{}: {source}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: neural::Error,
    },
    /// The sessions hold nothing.
    #[error("there is no frame in the dataset")]
    Empty,
    /// A game is named that is not there.
    #[error("the dataset has no game {name:?}; it has {known}")]
    UnknownGame {
        /// What was asked for.
        name: String,
        /// The games there are.
        known: String,
    },
    /// V3 is asked about frames that were imported, or captured by an earlier version.
    #[error("V3 reads the cells of frames, which this dataset does not have: capture it again")]
    NoCells,
    /// Weights that are no run's, or of a run that held out nothing.
    #[error("{}: no config.json beside it tells of games that it held out", .0.display())]
    NoFold(PathBuf),
    /// A ROM is none.
    #[error("{}: {source}", path.display())]
    Cartridge {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: gameboy::CartridgeError,
    },
    /// A game that the original Game Boy cannot play.
    #[error("{}: it is for the Game Boy Color alone, and has its own colors", .0.display())]
    ColorOnly(PathBuf),
    /// A network failed.
    #[error("cannot compute: {0}")]
    Compute(#[from] candle_core::Error),
    /// V3 failed.
    #[error("cannot compute: {0}")]
    Network(String),
}

/// Compares the networks and writes a report in Markdown to `output`, with its pictures, if any,
/// in a folder of the same name without the extension. `done` is called after each game.
///
/// # Errors
/// Where a file cannot be read or written, weights are no network's, or there is no frame.
pub fn evaluate(options: &Options, output: &Path, mut done: impl FnMut(&str)) -> Result<(), Error> {
    let runs = options.weights.iter().map(|path| Run::of(path)).collect::<Result<Vec<_>, _>>()?;
    let sources = games::sources(&options.sessions)?;
    let unseen = games::unseen(options, &sources, &runs)?;
    let shown = options.pictures.as_deref().unwrap_or_default();
    games::check(shown, &sources)?;
    let choice = choice(options, &sources, &runs)?;
    let pictures = output.with_extension("");
    if options.pictures.is_none() || !shown.is_empty() {
        fs::create_dir_all(&pictures).map_err(|source| at(&pictures, source))?;
    }
    let labels = history::labels(&options.weights);
    let (mut networks, mut names) = (Vec::new(), Vec::new());
    for (path, label) in options.weights.iter().zip(&labels) {
        for (method, way) in Method::networks(path, options)? {
            networks.push(method);
            names.push(format!("{label}{way}"));
        }
    }
    let mut report = Report::new(options, &choice, runs, labels.clone(), names);
    let mut taken = BTreeSet::new();
    for (name, files) in &sources {
        let is_unseen = unseen.contains(name);
        let choice = if is_unseen { &Choice::All } else { &choice };
        let needs_reference = options.told.contains(&Told::Like);
        let game = Game::read(name, files, choice, options.frames, needs_reference)?;
        report.damaged += game.damaged;
        if game.frames.is_empty() {
            continue;
        }
        let palette = boot::best(&game);
        let (scores, panel) = score(&game, palette, &mut networks, options.input)?;
        let picture = if options.pictures.is_none() || shown.contains(name) {
            let file = pictures.join(picture_name(name, &mut taken));
            panel::write(&file, &panel).map_err(|source| at(&file, source))?;
            Some(relative(&file))
        } else {
            None
        };
        report.games.push(GameResult {
            picture,
            frames: game.frames.len(),
            pairs: game.pairs(),
            palette: palette.name(),
            name: name.clone(),
            is_unseen,
            scores,
        });
        done(name);
    }
    if report.games.is_empty() {
        return Err(Error::Empty);
    }
    if !options.folds.is_empty() {
        report.folds = Some(cross::validate(options, &sources, &mut done)?);
    }
    for rom in &options.play {
        report.plays.push(play::play(rom, options, &labels, &pictures)?);
        done(&report.plays[report.plays.len() - 1].name);
    }
    fs::write(output, report.text()).map_err(|source| at(output, source))
}

/// The frames to look at of games that were learned from.
fn choice(options: &Options, sources: &Sources, runs: &[Run]) -> Result<Choice, Error> {
    match options.part {
        Part::All => return Ok(Choice::All),
        Part::Later => return Ok(Choice::Later),
        Part::Validation => {}
    }
    let mut known = runs.iter().filter(|run| run.kept.is_some());
    let Some(first) = known.next() else {
        return Ok(Choice::Later);
    };
    let (Some(kept), Some(held_out)) = (&first.kept, &first.held_out) else {
        return Ok(Choice::Later);
    };
    if known.any(|run| (&run.kept, &run.held_out) != (&first.kept, &first.held_out)) {
        log::warn!("the runs kept other frames for validation; the last tenth is looked at");
        return Ok(Choice::Later);
    }
    if kept.split == Split::Later {
        return Ok(Choice::Later);
    }
    let mut sessions = BTreeSet::new();
    for file in &options.sessions {
        sessions.insert(sha256(file).map_err(|source| at(file, source))?);
    }
    if sessions != kept.sessions {
        log::warn!("the runs are of another dataset; the last tenth is looked at");
        return Ok(Choice::Later);
    }
    games::drawn(sources, held_out, kept.seed)
}

/// Pictures of 160x144 that will be side by side.
type Panel = Vec<Vec<[u8; 3]>>;

/// The scores of each method, and the pictures of the frame in the middle: grey, networks, truth.
fn score(
    game: &Game,
    palette: Palette,
    networks: &mut [Method],
    input: Input,
) -> Result<(Vec<Score>, Panel), Error> {
    let mut simple = [Method::Grey, Method::tint(game), Method::Boot(palette)];
    let mut methods: Vec<&mut Method> = simple.iter_mut().chain(networks).collect();
    for method in &mut methods {
        method.begin(game);
    }
    let mut tallies = vec![Tally::default(); methods.len()];
    let mut panel = Vec::new();
    // What each method painted on the frame before, for the flips.
    let mut before: Vec<Option<Cells>> = vec![None; methods.len()];
    for (number, frame) in game.frames.iter().enumerate() {
        let truth = method::truth(&frame.sample);
        let regions = Regions::of(&frame.sample);
        for (i, method) in methods.iter_mut().enumerate() {
            let painted = method.paint(&frame.sample, input)?;
            tallies[i].add(&painted, &truth);
            let shown = painted.shown();
            if let Some(regions) = &regions {
                tallies[i].add_bleed(regions, &shown);
            }
            let cells = Cells::of(frame, &shown);
            if let (Some(old), Some(new)) = (&before[i], &cells) {
                tallies[i].add_flips(old, new);
            }
            before[i] = cells;
            let is_shown = !matches!(method, Method::Tint(_) | Method::Boot(_));
            if number == game.frames.len() / 2 && is_shown {
                panel.push(painted.rgb);
            }
        }
        if number == game.frames.len() / 2 {
            panel.push(truth.rgb);
        }
    }
    Ok((tallies.iter().map(Tally::score).collect(), panel))
}

/// A name without what file systems or Markdown make something of, and none of those `taken`, in
/// whatever letters.
fn picture_name(game: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let mut name: String = game.chars().map(plain).collect();
    while !taken.insert(name.to_lowercase()) {
        name.push('_');
    }
    name + ".png"
}

/// The path as the report beside the folder has it.
fn relative(picture: &Path) -> String {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = picture.parent().map(name).unwrap_or_default();
    format!("{folder}/{}", name(picture)).replace(' ', "%20")
}

fn at(path: &Path, source: io::Error) -> Error {
    Error::File { path: path.to_path_buf(), source }
}
