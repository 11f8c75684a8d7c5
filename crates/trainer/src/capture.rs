//! Playing color games by themselves to collect frames.
//!
//! A game is played headless on the Game Boy Color by one seeded input schedule after another.
//! Every n-th frame is looked at, and kept unless it is plain, colorless, part of a fade or
//! nearly the same as a frame kept before. Each schedule gives one session file. The same ROM,
//! seed and options give the same bytes in an empty directory; where it already holds sessions
//! of the game by other seeds, only what is new beside them is kept.

mod fade;
mod likeness;
mod lockstep;
mod schedule;
mod selection;
mod session;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use dataset::{EXTENSION, Reader, Sample, Session, Writer, session_files};
use gameboy::{Cartridge, CartridgeError, Model, Support};
use sha2::{Digest, Sha256};

pub use likeness::Likeness;
pub use schedule::Schedule;
use selection::Selection;
use session::Play;

/// How to play and what to keep.
#[derive(Clone, Debug)]
pub struct Options {
    /// Emulated seconds of each session. One that shows nothing new for two minutes ends earlier.
    pub seconds: u32,
    /// Look at every n-th frame; at least 1.
    pub every: u32,
    /// Frames to keep of one game at most, shared evenly by its sessions. Those that earlier
    /// sessions in the same directory kept count too.
    pub max: usize,
    /// The seed of the first session; each further one adds 1.
    pub seed: u64,
    /// How many sessions to play.
    pub sessions: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 120, every: 20, max: 150, seed: 0, sessions: 4 }
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

/// Plays the game in `rom` and writes its sessions, `<name>-<seed>.cbds`, into `directory`.
///
/// A session without any frame worth keeping leaves no file.
///
/// # Errors
/// Where the ROM cannot be read or played, has no colors, or the directory cannot be written.
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
    let title = cartridge.header().title();
    let mut summary = Summary { game: game.clone(), ..Summary::default() };
    let mut selection = earlier(directory, sha256, options)?;
    for number in 0..options.sessions {
        let seed = options.seed.wrapping_add(number as u64);
        let session = Session {
            game: game.clone(),
            title: title.clone(),
            sha256,
            model: Model::Cgb,
            seed,
            source: format!(
                "chromaboy {}: seeded play, every {} frames",
                env!("CARGO_PKG_VERSION"),
                options.every
            ),
        };
        let left = options.max.saturating_sub(selection.len());
        let share = left.div_ceil((options.sessions - number) as usize);
        let mut file = SessionFile::new(directory, session);
        Play::new(&cartridge, seed, options, share).run(
            &mut selection,
            &mut summary,
            |sample| file.write(sample),
        )?;
        summary.files.extend(file.finish()?);
    }
    Ok(summary)
}

/// What other seeds than those about to be played have left of the same cartridge.
fn earlier(directory: &Path, sha256: [u8; 32], options: &Options) -> Result<Selection, Error> {
    let mut selection = Selection::default();
    let paths = session_files(&[directory]).map_err(|source| read_error(directory, source))?;
    for path in paths {
        let file = File::open(&path).map_err(|source| read_error(&path, source))?;
        // What is no sound session is nothing to compare with.
        let Ok(mut reader) = Reader::new(BufReader::new(file)) else { continue };
        let session = reader.session();
        let age = session.seed.wrapping_sub(options.seed);
        if session.sha256 != sha256 || age < options.sessions as u64 {
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

/// A session file that comes into being with its first sample.
struct SessionFile {
    path: PathBuf,
    session: Session,
    writer: Option<Writer<BufWriter<File>>>,
}

impl SessionFile {
    fn new(directory: &Path, session: Session) -> Self {
        let name = format!("{}-{}.{EXTENSION}", session.game, session.seed);
        Self { path: directory.join(name), session, writer: None }
    }

    fn write(&mut self, sample: &Sample) -> Result<(), Error> {
        let result = match &mut self.writer {
            Some(writer) => writer.write(sample),
            None => self.begin(sample),
        };
        result.map_err(|source| Error::Write { path: self.path.clone(), source })
    }

    fn begin(&mut self, sample: &Sample) -> Result<(), dataset::Error> {
        let file = BufWriter::new(File::create(&self.path)?);
        self.writer.insert(Writer::new(file, &self.session)?).write(sample)
    }

    fn finish(self) -> Result<Option<PathBuf>, Error> {
        let Some(writer) = self.writer else { return Ok(None) };
        match writer.finish() {
            Ok(_) => Ok(Some(self.path)),
            Err(source) => Err(Error::Write { path: self.path, source }),
        }
    }
}
