//! Playing color games by themselves to collect frames.
//!
//! A game is played headless on the Game Boy Color by one seeded input schedule after another,
//! from power-on or from save states, and after input movies where there are any.
//! Every n-th frame is looked at, and kept unless it is plain, colorless, part of a fade or
//! nearly the same as a frame kept before. Each schedule gives one session file. The same ROM,
//! seed and options give the same bytes in an empty directory; where it already holds sessions
//! of the game by other seeds, only what is new beside them is kept.

mod fade;
mod file;
mod likeness;
mod lockstep;
mod schedule;
mod selection;
mod session;
mod start;

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dataset::{EXTENSION, Reader, Session, session_files};
use gameboy::{Cartridge, CartridgeError, Model, StateError, Support};
use sha2::{Digest, Sha256};

pub(crate) use file::SessionFile;
pub use likeness::Likeness;
pub use schedule::Schedule;
pub(crate) use selection::{Selection, Verdict};
use session::Play;
pub use start::Start;

use crate::script;

/// How to play and what to keep.
#[derive(Clone, Debug)]
pub struct Options {
    /// Emulated seconds of each session, not counting an input movie. One that shows nothing new
    /// for two minutes ends earlier.
    pub seconds: u32,
    /// Look at every n-th frame; at least 1.
    pub every: u32,
    /// Frames to keep of one game at most, shared evenly by its sessions. Those that earlier
    /// sessions in the same directory kept count too.
    pub max: usize,
    /// The seed of the first session; each further one adds 1.
    pub seed: u64,
    /// How many sessions to play from each start.
    pub sessions: u32,
    /// Where sessions begin; where there are none, at power-on.
    pub starts: Vec<Start>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 120, every: 20, max: 150, seed: 0, sessions: 4, starts: Vec::new() }
    }
}

/// What became of the frames of a game that were looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The game's name: that of its file.
    pub game: String,
    /// Emulated frames.
    pub played: u64,
    /// Frames kept.
    pub kept: usize,
    /// Kept frames with the shades of the original Game Boy beside them.
    pub paired: usize,
    /// Dropped: one color nearly everywhere.
    pub plain: usize,
    /// Dropped: hardly any color.
    pub colorless: usize,
    /// Dropped: the palettes were on the move, or the same scene was kept brighter or darker.
    pub fades: usize,
    /// Dropped: nearly the same as a frame kept before.
    pub duplicates: usize,
    /// The session files written.
    pub files: Vec<PathBuf>,
}

/// Why a game could not be captured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no cartridge that can be played.
    #[error("{}: {source}", path.display())]
    Cartridge {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CartridgeError,
    },
    /// A line of a buttons file is wrong.
    #[error("{}: {source}", path.display())]
    Movie {
        /// The file.
        path: PathBuf,
        /// Which line, and what is wrong with it.
        source: script::Error,
    },
    /// A save state is damaged or belongs to something else.
    #[error("{}: {source}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StateError,
    },
    /// A picture carries no save state, or a damaged one.
    #[error("{}: {source}", path.display())]
    StatePicture {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: dataset::StatePictureError,
    },
    /// The cartridge has no colors of its own to learn from.
    #[error("{}: made for the original Game Boy only, it has no colors to capture", .0.display())]
    NoColor(PathBuf),
    /// A session file could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: dataset::Error,
    },
}

/// Plays the game in `rom` and writes its sessions into `directory`: `<name>-<seed>.cbds`, and
/// with the names of state and movie before the seed where a session does not begin at power-on.
///
/// A session without any frame worth keeping leaves no file.
///
/// # Errors
/// Where the ROM cannot be read or played, has no colors, a state is not the game's, or the
/// directory cannot be written.
pub fn capture(rom: &Path, directory: &Path, options: &Options) -> Result<Summary, Error> {
    let bytes = fs::read(rom).map_err(|source| read_error(rom, source))?;
    fs::create_dir_all(directory).map_err(|source| read_error(directory, source))?;
    let sha256 = Sha256::digest(&bytes).into();
    let cartridge = Cartridge::from_bytes(bytes)
        .map_err(|source| Error::Cartridge { path: rom.to_path_buf(), source })?;
    if cartridge.header().support() == Support::DmgOnly {
        return Err(Error::NoColor(rom.to_path_buf()));
    }
    let game = rom.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut summary = Summary { game: game.clone(), ..Summary::default() };
    let sessions = sessions(&game, &cartridge, sha256, options);
    let files: Vec<_> = sessions.iter().map(|(start, session)| file_name(start, session)).collect();
    let mut selection = earlier(directory, sha256, &files)?;
    for (number, (start, session)) in sessions.into_iter().enumerate() {
        let left = options.max.saturating_sub(selection.len());
        let share = left.div_ceil(files.len() - number);
        let play = Play::new(&cartridge, start, session.seed, options, share)?;
        let mut file = SessionFile::new(directory.join(&files[number]), session);
        play.run(&mut selection, &mut summary, |sample| file.write(sample))?;
        summary.files.extend(file.finish()?);
    }
    Ok(summary)
}

/// The sessions to play, and where each begins.
fn sessions<'a>(
    game: &str,
    cartridge: &Cartridge,
    sha256: [u8; 32],
    options: &'a Options,
) -> Vec<(&'a Start, Session)> {
    static POWER_ON: LazyLock<Vec<Start>> = LazyLock::new(|| vec![Start::default()]);
    let starts = if options.starts.is_empty() { &*POWER_ON } else { &options.starts };
    let session = |number: u32, start: &'a Start| Session {
        game: game.to_owned(),
        title: cartridge.header().title(),
        sha256,
        model: Model::Cgb,
        seed: options.seed.wrapping_add(number as u64),
        source: format!(
            "chromaboy {}: seeded play, every {} frames{}",
            env!("CARGO_PKG_VERSION"),
            options.every,
            start.description()
        ),
    };
    (0..options.sessions)
        .flat_map(|number| starts.iter().map(move |start| (number, start)))
        .map(|(number, start)| (start, session(number, start)))
        .collect()
}

fn file_name(start: &Start, session: &Session) -> PathBuf {
    let name = format!("{}{}-{}.{EXTENSION}", session.game, start.suffix(), session.seed);
    PathBuf::from(name)
}

/// What other sessions than those about to be written have left of the same cartridge.
fn earlier(directory: &Path, sha256: [u8; 32], written: &[PathBuf]) -> Result<Selection, Error> {
    let mut selection = Selection::default();
    let paths = session_files(&[directory]).map_err(|source| read_error(directory, source))?;
    for path in paths {
        if written.iter().any(|file| path.file_name() == Some(file.as_os_str())) {
            continue;
        }
        let file = File::open(&path).map_err(|source| read_error(&path, source))?;
        // What is no sound session is nothing to compare with.
        let Ok(mut reader) = Reader::new(BufReader::new(file)) else { continue };
        if reader.session().sha256 != sha256 {
            continue;
        }
        while let Ok(Some(sample)) = reader.next_intact() {
            selection.remember(&sample);
        }
    }
    Ok(selection)
}

/// The ROMs that `paths` name: files as they are, directories by the `.gb` and `.gbc` files
/// directly in them, sorted by name.
///
/// # Errors
/// Where a path does not exist or a directory cannot be listed.
pub fn rom_files<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<PathBuf>, Error> {
    let mut roms = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let metadata = path.metadata().map_err(|source| read_error(path, source))?;
        if metadata.is_dir() {
            roms.extend(roms_in(path).map_err(|source| read_error(path, source))?);
        } else {
            roms.push(path.to_path_buf());
        }
    }
    Ok(roms)
}

fn roms_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut roms = Vec::new();
    for entry in directory.read_dir()? {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        if extension == "gb" || extension == "gbc" {
            roms.push(path);
        }
    }
    roms.sort();
    Ok(roms)
}

fn read_error(path: &Path, source: io::Error) -> Error {
    Error::Read { path: path.to_path_buf(), source }
}
