//! Films and input movies of the running game.
//!
//! A film costs the game next to nothing: what is handed over is what was pressed. A thread of its own
//! has a console that does the same again, colors each frame and waits for that, and hands it to the
//! encoder on another thread. So no frame can be dropped or have the colors of an earlier one, and
//! what waits takes a few bytes a frame.

mod spool;

use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use colorizer::Palette;
use colorizer::cell_color::{CellPainter, Pin};
use gameboy::GameBoy;
use indicatif::{HumanBytes, HumanDuration};
use recorder::movie::{Event, Header, MovieWriter, Step, picture_check};
use recorder::{FilmSettings, Projector, Reel, Source};

use spool::{Item, Spool, Spooled, spool};

use crate::color::FilmPainter;
use crate::emulation::{self, Teller};

/// Loads what paints a film.
pub type FilmPainters = Box<dyn FnOnce() -> Result<FilmPainter> + Send>;

/// A film to make.
pub struct Shoot {
    pub path: PathBuf,
    pub source: Source,
    pub settings: FilmSettings,
    /// How strong its colors are, in percent.
    pub strength: u8,
    /// What paints its colors.
    pub painter: FilmPainters,
}

/// What a recording is told between steps.
enum Told {
    Palette(Palette),
    Strength(u8),
    Pins(Vec<Pin>),
    Painter(FilmPainters),
}

/// How far a recording has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Frames that were played.
    pub frames: u64,
    /// Those of them that are in the film.
    pub done: u64,
    /// Bytes that were written.
    pub bytes: u64,
}

#[derive(Default)]
struct Counters {
    done: AtomicU64,
    bytes: AtomicU64,
}

/// A film that is being made.
pub struct Recording {
    told: Option<Spool<Told>>,
    thread: Option<JoinHandle<()>>,
    counters: Arc<Counters>,
    frames: u64,
    name: String,
}

impl Recording {
    /// Begins a film of a console as it is now, with what is known of its cells. When it is whole, or
    /// cannot go on, `teller` says so.
    ///
    /// # Errors
    /// Where the system grants no thread.
    pub fn start(
        shoot: Shoot,
        console: &GameBoy,
        palette: Palette,
        cells: CellPainter,
        pins: Vec<Pin>,
        teller: Teller,
    ) -> Result<Self> {
        let (told, tells) = spool();
        let counters = Arc::<Counters>::default();
        let name = file_name(&shoot.path);
        let shooting = Shooting {
            console: console.clone(),
            palette,
            cells,
            pins,
            counters: Arc::clone(&counters),
        };
        let said = name.clone();
        let work = move || {
            let message = match shooting.run(shoot, &tells) {
                Ok(message) => format!("{said}: {message}"),
                Err(err) => {
                    log::error!("{err:#}");
                    format!("{err:#}")
                }
            };
            teller.tell(emulation::Event::Message(message));
        };
        let thread = thread::Builder::new().name("recording".to_owned()).spawn(work);
        let thread = Some(thread.context("no thread for the film")?);
        Ok(Self { told: Some(told), thread, counters, frames: 0, name })
    }

    /// Something was done with the console.
    pub fn step(&mut self, step: Step) {
        self.frames += matches!(step, Step::Frame(_)) as u64;
        if let Some(spool) = &self.told {
            spool.step(step);
        }
    }

    /// Raw pictures have another palette.
    pub fn set_palette(&mut self, palette: Palette) {
        self.tell(Told::Palette(palette));
    }

    /// Colors are so strong from now on, in percent.
    pub fn set_strength(&mut self, percent: u8) {
        self.tell(Told::Strength(percent));
    }

    /// Other colors were chosen.
    pub fn set_pins(&mut self, pins: Vec<Pin>) {
        self.tell(Told::Pins(pins));
    }

    /// Colors come from elsewhere from now on.
    pub fn set_painter(&mut self, painter: FilmPainters) {
        self.tell(Told::Painter(painter));
    }

    fn tell(&self, told: Told) {
        if let Some(spool) = &self.told {
            spool.other(told);
        }
    }

    /// Nothing more is to come; it is completed in the background.
    pub fn stop(&mut self) {
        self.told = None;
    }

    /// How far it has come.
    pub fn pace(&self) -> Pace {
        Pace {
            frames: self.frames,
            done: self.counters.done.load(Ordering::Relaxed),
            bytes: self.counters.bytes.load(Ordering::Relaxed),
        }
    }

    /// Whether it is whole, or has failed.
    pub fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until it is whole, and shows how far it is where that takes long and there is a terminal.
    pub fn finish(mut self) {
        self.stop();
        let bar = indicatif::ProgressBar::new(self.frames.max(1));
        let style =
            indicatif::ProgressStyle::with_template("{msg} {bar:30} {percent}%, {eta} left");
        bar.set_style(style.unwrap_or(indicatif::ProgressStyle::default_bar()));
        bar.set_message(format!("finishing {}", self.name));
        while !self.is_over() {
            bar.set_position(self.pace().done);
            thread::sleep(Duration::from_millis(20));
        }
        bar.finish_and_clear();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            log::error!("{}: the recording failed; this is a bug in this program", self.name);
        }
    }
}

/// What the thread has.
struct Shooting {
    console: GameBoy,
    palette: Palette,
    cells: CellPainter,
    pins: Vec<Pin>,
    counters: Arc<Counters>,
}

impl Shooting {
    fn run(mut self, shoot: Shoot, tells: &Spooled<Told>) -> Result<String> {
        let reel = Reel::create(&shoot.path, &shoot.settings)?;
        let mut painter = (shoot.painter)()?;
        painter.go_on(self.cells, self.pins.clone());
        let mut projector = Projector::new(shoot.source, self.palette, painter);
        projector.set_strength(shoot.strength);
        let mut failure = None;
        while let Some(item) = tells.next()? {
            match item {
                Item::Step(step) => {
                    step.take(&mut self.console)?;
                    if matches!(step, Step::Frame(_)) {
                        let picture = projector.picture(self.console.frame()).to_vec();
                        if let Err(err) = projector.color().check() {
                            failure = Some(err);
                            break;
                        }
                        if !reel.frame(picture, self.console.samples().to_vec()) {
                            break;
                        }
                        self.counters.done.fetch_add(1, Ordering::Relaxed);
                        self.counters.bytes.store(reel.bytes(), Ordering::Relaxed);
                    }
                }
                Item::Other(Told::Palette(palette)) => projector.set_raw(palette),
                Item::Other(Told::Strength(percent)) => projector.set_strength(percent),
                Item::Other(Told::Pins(pins)) => {
                    projector.color().set_pins(pins.clone());
                    self.pins = pins;
                }
                Item::Other(Told::Painter(painter)) => {
                    let mut painter = painter()?;
                    painter.set_pins(self.pins.clone());
                    *projector.color() = painter;
                }
            }
        }
        let summary = reel.finish();
        if let Some(failure) = failure {
            return Err(failure);
        }
        let summary = summary?;
        let seconds = summary.frames as f64 / gameboy::FRAMES_PER_SECOND;
        let length = HumanDuration(Duration::from_secs_f64(seconds));
        Ok(format!("{length:#}, {}", HumanBytes(summary.bytes)))
    }
}

/// An input movie that is being written.
pub struct MovieRecording {
    told: Option<Sender<(Step, u32)>>,
    thread: Option<JoinHandle<Result<u64>>>,
    path: PathBuf,
}

impl MovieRecording {
    /// Begins a movie of a console as it is now. `game` is the file that is played.
    ///
    /// # Errors
    /// If there is such a file already, or it cannot be written.
    pub fn start(path: &Path, console: &GameBoy, game: Option<&Path>) -> Result<Self> {
        let shown = path.display();
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let file = file.with_context(|| shown.to_string())?;
        let game = game.and_then(|path| path.canonicalize().ok()).unwrap_or_default();
        let (state, game) = (console.save_state(), game.to_string_lossy());
        let header = Header::new(console.cartridge(), console.model(), Some(&state), &game);
        let writer = MovieWriter::new(BufWriter::new(file), &header);
        let writer = writer.with_context(|| shown.to_string())?;
        let (told, steps) = channel();
        let thread = thread::Builder::new().name("movie".to_owned());
        let thread =
            thread.spawn(move || write(writer, &steps)).context("no thread for the movie")?;
        Ok(Self { told: Some(told), thread: Some(thread), path: path.to_path_buf() })
    }

    /// Something was done with a console, that now shows this frame.
    pub fn step(&mut self, step: Step, console: &GameBoy) {
        if let Some(told) = &self.told {
            // A movie that has failed says so at its end.
            let _ = told.send((step, picture_check(console.frame())));
        }
    }

    /// Completes the movie.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn finish(mut self) -> Result<u64> {
        self.told = None;
        let ended = self.thread.take().map(JoinHandle::join);
        let failed = || anyhow!("the recording failed; this is a bug in this program");
        let frames = ended.and_then(Result::ok).ok_or_else(failed)?;
        frames.with_context(|| self.path.display().to_string())
    }
}

fn write(mut movie: MovieWriter<BufWriter<File>>, steps: &Receiver<(Step, u32)>) -> Result<u64> {
    for (step, check) in steps {
        match step {
            Step::Frame(held) => movie.frame(held, check)?,
            Step::Tilt(tilt) => movie.event(Event::Tilt(tilt)),
            Step::Reset => movie.event(Event::Reset),
            Step::Load(state) => movie.event(Event::load(&state)),
        }
    }
    let frames = movie.frames();
    movie.finish()?.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(frames)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
