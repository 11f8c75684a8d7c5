//! The frames of all games in memory, and which of them are for what.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Context as _;
use colorizer::lab::srgb_to_lab;
use colorizer::rgb555_to_srgb;
use dataset::{Reader, Sample};
use gameboy::{Layer, PIXELS};
use sha2::{Digest, Sha256};

use super::labels::Labels;
use super::settings::{NetworkChoice, Settings};
use super::shade::ShadeMaps;
use crate::shade::nearest_shade;
use crate::split::{self, Split};

/// Set in a pixel's key where an object drew it.
const OBJECT: u8 = 4;
/// Frames of later scenes that are validated per game at most, spread evenly.
const LATER_MOST: usize = 6;

/// What training needs of a frame.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Per pixel the colour index, and [`OBJECT`].
    keys: Box<[u8]>,
    /// RGB555.
    colors: Box<[u16]>,
    /// The shades of the original Game Boy, where known.
    shades: Option<Box<[u8]>>,
    /// Its cells and their colors, for a network that reads those.
    labels: Option<Box<Labels>>,
}

/// The frames of one game.
#[derive(Clone, Debug, Default)]
pub struct Game {
    /// Its name in the sessions.
    pub name: String,
    /// Frames to learn from; none for a game held out.
    pub training: Vec<Picture>,
    /// Frames that are not learned from; for a game held out, frames of all of it.
    pub validation: Vec<Picture>,
    /// Whether no frame of it is learned from.
    pub is_held_out: bool,
}

/// Sessions read into memory and split into training and validation.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The games by name.
    pub games: Vec<Game>,
    /// The session files with their SHA-256.
    pub files: Vec<(PathBuf, String)>,
    /// Samples that could not be read.
    pub damaged: u64,
    /// Samples left out since their cells are not known, though the network reads those.
    pub without_cells: u64,
}

/// L*/100, a*/128 and b*/128 of each RGB555 color.
static LAB: LazyLock<Box<[[f32; 3]]>> = LazyLock::new(|| {
    (0..0x8000)
        .map(|color| {
            let lab = srgb_to_lab(rgb555_to_srgb(color));
            [lab.l / 100.0, lab.a / 128.0, lab.b / 128.0]
        })
        .collect()
});

impl Picture {
    /// Keeps what training needs of `sample`. Where its color indices are not known, the shades
    /// nearest to its colors stand for them.
    pub fn new(sample: &Sample) -> Self {
        let key = |i: usize| match &sample.planes {
            Some(planes) if planes.layers[i] == Layer::Object => planes.indices[i] | OBJECT,
            Some(planes) => planes.indices[i],
            None => nearest_shade(sample.colors[i]),
        };
        Self {
            keys: (0..PIXELS).map(key).collect(),
            colors: sample.colors[..].into(),
            shades: sample.shades.as_ref().map(|shades| shades[..].into()),
            labels: None,
        }
    }

    /// As [`new`](Self::new), with its cells. `None` where those are not known.
    pub fn with_labels(sample: &Sample) -> Option<Self> {
        let labels = Some(Box::new(Labels::of(sample)?));
        Some(Self { labels, ..Self::new(sample) })
    }

    /// Its cells and their colors, where it was made [with](Self::with_labels) them.
    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_deref()
    }

    /// The color index of a pixel.
    pub fn index(&self, pixel: usize) -> u8 {
        self.keys[pixel] & 3
    }

    /// Whether the shades of the original Game Boy are known.
    pub fn has_shades(&self) -> bool {
        self.shades.is_some()
    }

    /// The true shade of a pixel, or else its colour index.
    pub fn shade(&self, pixel: usize) -> u8 {
        self.shades.as_ref().map_or(self.keys[pixel] & 3, |shades| shades[pixel])
    }

    /// The shade of a pixel by these maps.
    pub fn mapped_shade(&self, pixel: usize, maps: ShadeMaps) -> u8 {
        let key = self.keys[pixel];
        let map = if key & OBJECT != 0 { maps.object } else { maps.background };
        map[(key & 3) as usize]
    }

    /// A pixel's true color, RGB555.
    pub fn color(&self, pixel: usize) -> u16 {
        self.colors[pixel]
    }

    /// a*/128 and b*/128 of a pixel's true colour.
    pub fn chroma(&self, pixel: usize) -> [f32; 2] {
        let [_, a, b] = LAB[(self.colors[pixel] & 0x7FFF) as usize];
        [a, b]
    }

    /// L*/100 of a pixel's true color.
    pub fn lightness(&self, pixel: usize) -> f32 {
        LAB[(self.colors[pixel] & 0x7FFF) as usize][0]
    }
}

impl Corpus {
    /// Reads what the network of `settings` can learn from `files` and splits it; the games that
    /// `is_held_out` names are not learned from. Of later scenes and of games held out a few are
    /// taken. Damaged samples are left out and counted.
    ///
    /// # Errors
    /// Where a file cannot be read or is no session.
    pub fn read(
        files: &[PathBuf],
        settings: &Settings,
        is_held_out: impl Fn(&str) -> bool,
    ) -> anyhow::Result<Self> {
        let needs_labels = settings.network == NetworkChoice::V3;
        let mut corpus = Self::default();
        let mut frames = BTreeMap::<String, Vec<Picture>>::new();
        for file in files {
            let name = || file.display().to_string();
            corpus.files.push((file.clone(), sha256(file).with_context(name)?));
            let input = BufReader::new(File::open(file).with_context(name)?);
            let mut reader = Reader::new(input).with_context(name)?;
            let pictures = frames.entry(reader.session().game.clone()).or_default();
            while let Some(sample) = reader.next_intact().with_context(name)? {
                let picture = if needs_labels {
                    Picture::with_labels(&sample)
                } else {
                    Some(Picture::new(&sample))
                };
                corpus.without_cells += picture.is_none() as u64;
                pictures.extend(picture);
            }
            corpus.damaged += reader.damage().samples;
        }
        for (name, pictures) in frames {
            let is_held_out = is_held_out(&name);
            let (training, validation) = match (is_held_out, settings.split) {
                (true, _) => (Vec::new(), spread(pictures, 2 * LATER_MOST)),
                (false, Split::Frames) => (pictures, Vec::new()),
                (false, Split::Later) => split_later(pictures),
            };
            corpus.games.push(Game { name, training, validation, is_held_out });
        }
        if settings.split == Split::Frames {
            corpus.split_frames(settings.seed);
        }
        Ok(corpus)
    }

    /// Moves a tenth of all training frames, rounded up, to validation.
    pub fn split_frames(&mut self, seed: u64) {
        let counts: Vec<usize> = self.games.iter().map(|game| game.training.len()).collect();
        let drawn = split::drawn(&counts, seed);
        for (i, game) in self.games.iter_mut().enumerate() {
            for (place, picture) in std::mem::take(&mut game.training).into_iter().enumerate() {
                let is_drawn = drawn.contains(&(i, place));
                let part = if is_drawn { &mut game.validation } else { &mut game.training };
                part.push(picture);
            }
        }
    }

    /// The game and the place in it of each training frame.
    pub fn places(&self) -> Vec<(usize, usize)> {
        let games = self.games.iter().enumerate();
        games.flat_map(|(i, game)| (0..game.training.len()).map(move |place| (i, place))).collect()
    }

    /// Frames to learn from.
    pub fn training_frames(&self) -> usize {
        self.games.iter().map(|game| game.training.len()).sum()
    }

    /// Frames for validation of the games learned from.
    pub fn validation_frames(&self) -> usize {
        self.seen().map(|game| game.validation.len()).sum()
    }

    /// The games learned from.
    pub fn seen(&self) -> impl Iterator<Item = &Game> {
        self.games.iter().filter(|game| !game.is_held_out)
    }

    /// The games held out.
    pub fn unseen(&self) -> impl Iterator<Item = &Game> {
        self.games.iter().filter(|game| game.is_held_out)
    }
}

/// Training frames, and a few of the last tenth.
fn split_later(mut pictures: Vec<Picture>) -> (Vec<Picture>, Vec<Picture>) {
    let last = pictures.split_off(pictures.len() - split::later(pictures.len()));
    (pictures, spread(last, LATER_MOST))
}

/// So many at most, evenly spread.
fn spread(pictures: Vec<Picture>, most: usize) -> Vec<Picture> {
    let step = pictures.len().div_ceil(most).max(1);
    pictures.into_iter().step_by(step).collect()
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// If it cannot be read.
pub fn sha256(path: &Path) -> std::io::Result<String> {
    std::fs::read(path).map(|bytes| sha256_of(&bytes))
}

/// The SHA-256 of bytes, in hexadecimal.
pub fn sha256_of(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
