//! Input movies: what was pressed, frame by frame, and where that began.
//!
//! The console does the same whenever it is given the same, so that this is all of a session: it is
//! replayed exactly, on every machine, and colored by whatever network, as often as is wanted.
//!
//! # Format
//!
//! `CBMOVIE`, a byte with the [version](VERSION), and then parts: a byte with the kind, the length in 32
//! bits, little-endian, so many bytes, and the CRC-32 of kind and bytes. Integers within are those of
//! [postcard](https://postcard.jamesmunns.com/wire-format), variable in length.
//!
//! | kind | content |
//! |---|---|
//! | `H` | first: the [`Header`] |
//! | `E` | [events](Event), as many as came in a second or so |
//! | `Z` | last: how many frames there were, and the CRC-32 of the last one's pixels |
//!
//! A movie without its last part was cut off; what is there is good.

mod replay;
mod steps;
mod writer;

use gameboy::{Cartridge, Model};
use lz4_flex::{compress_prepend_size, decompress_size_prepended};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub use replay::{Replay, picture_check};
pub use steps::{Step, Steps};
pub use writer::MovieWriter;

/// What movies begin with.
const MAGIC: [u8; 7] = *b"CBMOVIE";
/// The version that is written, and the only one that is read.
pub const VERSION: u8 = 1;
/// States are smaller than that; what says otherwise is damaged.
const LARGEST_STATE: usize = 64 << 20;

/// What a movie is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// SHA-256 of the ROM.
    pub rom: [u8; 32],
    /// What the ROM calls itself.
    pub title: String,
    /// The file that was played, to find it again; may be empty.
    pub file: String,
    /// Whether it was played on the Game Boy Color.
    pub is_cgb: bool,
    /// The state that it began with, LZ4 behind its length; none for power-on with an empty battery.
    start: Option<Vec<u8>>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// So many frames ran with these [`Buttons`](gameboy::Buttons) held.
    Frames {
        /// Buttons by their bits.
        held: u8,
        /// Frames, at least 1.
        count: u32,
    },
    /// The cartridge was tilted: to the right and towards the player, each -1 to 1.
    Tilt([f32; 2]),
    /// The console was switched off and on.
    Reset,
    /// A state was loaded: LZ4 behind its length.
    Load(Vec<u8>),
}

/// An input movie, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Movie {
    header: Header,
    events: Vec<Event>,
    /// Frames and the check of the last one's pixels, where the movie is whole.
    end: Option<End>,
}

/// The last part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    frames: u64,
    check: u32,
}

/// Why a file is no movie that can be played.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MovieError {
    /// It is something else.
    #[error("this is no input movie")]
    Other,
    /// It is of a version that is not known.
    #[error("this movie is of version {0}; version {VERSION} can be played")]
    Version(u8),
    /// Bytes were changed.
    #[error("the movie is damaged after {0} frames")]
    Damaged(u64),
    /// It ends before it begins.
    #[error("the movie was cut off before its first frame")]
    Empty,
    /// It is of another game.
    #[error("the movie is of another game: of {0:?}")]
    Game(String),
    /// A state in it cannot be loaded.
    #[error("a state in the movie cannot be loaded: {0}")]
    State(String),
    /// It was played, and another picture came out.
    #[error(
        "the movie ends with another picture than it had: it was made by another version of the console"
    )]
    Differs,
}

impl Header {
    /// Of a game that begins with this state, or at power-on.
    pub fn new(cartridge: &Cartridge, model: Model, start: Option<&[u8]>, file: &str) -> Self {
        Self {
            file: file.to_owned(),
            rom: sha256(cartridge),
            title: cartridge.header().title(),
            is_cgb: model.is_cgb(),
            start: start.map(compress_prepend_size),
        }
    }
}

impl Event {
    /// A state was loaded.
    pub fn load(state: &[u8]) -> Self {
        Self::Load(compress_prepend_size(state))
    }
}

impl Movie {
    /// Reads a movie.
    ///
    /// # Errors
    /// If it is something else, or damaged. One that was cut off is as long as it is.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MovieError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(MovieError::Other)?;
        let (&version, mut rest) = rest.split_first().ok_or(MovieError::Other)?;
        if version != VERSION {
            return Err(MovieError::Version(version));
        }
        let (mut header, mut events, mut end, mut frames) = (None, Vec::new(), None, 0u64);
        while let Some((kind, body, check, after)) = part(rest) {
            let damaged = || MovieError::Damaged(frames);
            if check != part_check(kind, body) {
                return Err(damaged());
            }
            match kind {
                b'H' => header = Some(postcard::from_bytes(body).map_err(|_| damaged())?),
                b'E' => {
                    let part: Vec<Event> = postcard::from_bytes(body).map_err(|_| damaged())?;
                    frames += frames_of(&part);
                    events.extend(part);
                }
                b'Z' => end = Some(postcard::from_bytes(body).map_err(|_| damaged())?),
                _ => return Err(damaged()),
            }
            rest = after;
        }
        let header = header.ok_or(MovieError::Empty)?;
        match end {
            _ if frames == 0 => Err(MovieError::Empty),
            Some(End { frames: told, .. }) if told != frames => Err(MovieError::Damaged(frames)),
            _ => Ok(Self { header, events, end }),
        }
    }

    /// What it is of.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How many frames it lasts.
    pub fn frames(&self) -> u64 {
        frames_of(&self.events)
    }

    /// Whether its end is there. One without was cut off by a crash.
    pub fn is_whole(&self) -> bool {
        self.end.is_some()
    }

    /// The model that it was played on.
    pub fn model(&self) -> Model {
        if self.header.is_cgb { Model::Cgb } else { Model::Dmg }
    }

    /// The state that it begins with; none for power-on with an empty battery.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn start(&self) -> Result<Option<Vec<u8>>, MovieError> {
        self.header.start.as_deref().map(unpacked).transpose()
    }

    /// Whether a game is the one that it is of.
    pub fn is_of(&self, cartridge: &Cartridge) -> bool {
        self.header.rom == sha256(cartridge)
    }

    /// What happened, frame by frame.
    pub fn into_steps(self) -> Steps {
        Steps::new(self.events)
    }
}

fn frames_of(events: &[Event]) -> u64 {
    let count = |event: &Event| match event {
        Event::Frames { count, .. } => *count as u64,
        Event::Tilt(_) | Event::Reset | Event::Load(_) => 0,
    };
    events.iter().map(count).sum()
}

/// The first part: kind, content, check, and what follows. `None` where it is cut off.
fn part(bytes: &[u8]) -> Option<(u8, &[u8], u32, &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let (check, rest) = rest.split_first_chunk::<4>()?;
    Some((kind, body, u32::from_le_bytes(*check), rest))
}

fn part_check(kind: u8, body: &[u8]) -> u32 {
    let mut check = crc32fast::Hasher::new();
    check.update(&[kind]);
    check.update(body);
    check.finalize()
}

/// A state as it was.
fn unpacked(state: &[u8]) -> Result<Vec<u8>, MovieError> {
    let length = state.first_chunk().map(|&length| u32::from_le_bytes(length) as usize);
    let is_likely = length.is_some_and(|length| length <= LARGEST_STATE);
    let state = is_likely.then(|| decompress_size_prepended(state).ok()).flatten();
    state.ok_or_else(|| MovieError::State("it is damaged".to_owned()))
}

fn sha256(cartridge: &Cartridge) -> [u8; 32] {
    Sha256::digest(cartridge.rom()).into()
}
