//! The thread that runs the console. It waits for neither the network nor the window.

mod machine;
mod output;

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use colorizer::cell_color::Pin;
use colorizer::{Palette, RgbaFrame, Spread};
use gameboy::{Buttons, GameBoy};
use recorder::Movie;
use winit::event_loop::EventLoopProxy;

use crate::color::Painter;
use crate::debug::Snapshot;
use crate::game_colors::Choices;
use crate::input::PadEvent;
use crate::mailbox::{Mailbox, Shot};
use crate::recording::{FilmPainters, Pace, Shoot};
use crate::rewind::Rewind;
use crate::saves::Saves;
use crate::states::{Slot, States};
use machine::Machine;

/// What the window tells the emulation.
pub enum Command {
    /// These buttons, and no others, are held from then on.
    Hold(Held, Instant),
    /// The cartridge is tilted to the right and towards the player, each -1 to 1.
    Tilt([f32; 2]),
    /// Runs at this speed from now on.
    Run(Speed),
    /// Pauses, and runs one frame.
    Advance,
    /// The picture runs so many frames ahead of the console from now on.
    RunAhead(u8),
    /// Plays sound as loud as this from now on, in percent.
    Volume(u8),
    /// Whether fast-forwarding is heard.
    FastSound(bool),
    /// Paints the raw picture in this palette from now on.
    Palette(Palette),
    /// Shows the colors of the Game Boy Color as its screen did, or as they are.
    Correct(bool),
    /// Paints by this from now on.
    Paint(Box<Painter>),
    /// Keeps the state in a slot, with the picture that is shown.
    SaveState(Slot, Box<RgbaFrame>),
    /// Goes on from a state.
    LoadState(Slot),
    /// Shows the console's insides, or not any longer.
    Debug(bool),
    /// Switches the console off and on.
    Reset,
    /// Looks what this pixel of the newest frame shows.
    Pick(usize),
    /// Looks at no pixel any longer.
    Release,
    /// Gives what was picked this color, RGB555.
    Choose(u16),
    /// Leaves what was picked to the network again.
    Unpin,
    /// Locks the color of what was picked, or unlocks it.
    ToggleLock,
    /// Takes the latest change of a color back.
    Undo,
    /// Forgets the colors that the network gave the game.
    ForgetColors,
    /// Makes a film from now on.
    Record(Box<Shoot>),
    /// Ends the film.
    StopRecording,
    /// Colors of the film are so strong from now on, in percent.
    FilmStrength(u8),
    /// Paints the film by this from now on.
    FilmPainter(FilmPainters),
    /// Makes a film of the latest seconds.
    Clip(Box<Shoot>),
}

/// What a pixel that was picked shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// The index of a cell, in the color that it has.
    pub pin: Pin,
    /// Whether that color was chosen, and whether it is locked.
    pub is_chosen: bool,
    pub is_locked: bool,
    /// Colors chosen for the game.
    pub count: usize,
    /// Which pixels of the frame show it.
    pub pixels: Vec<bool>,
}

/// The buttons that are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub buttons: Buttons,
    /// Those that are pressed again and again.
    pub turbo: Buttons,
}

/// How fast emulated time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// As on the console.
    Normal,
    /// As fast as the machine can.
    Fast,
    /// So many percent of the console's.
    Slow(u8),
    /// Not at all.
    Paused,
    /// As on the console, but back.
    Back,
}

/// What the window is told.
pub enum Event {
    /// There is a new picture.
    Picture,
    /// Something to show the player for a moment.
    Message(String),
    /// A slot holds another state than before, or none any longer.
    Saved,
    /// A gamepad was used.
    Pad(PadEvent),
    /// The player chose a game to open.
    Open(PathBuf),
    /// A network was loaded, or could not be: its name, or why not.
    Painter(Result<(Box<Painter>, String)>),
    /// The emulation has ended.
    Ended,
}

/// Figures of the emulation so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Frames emulated.
    pub frames: u64,
    /// Time spent not paused.
    pub running: Duration,
    /// How long the console took for its latest frames.
    pub emulate: Spread,
    /// What the network did, where there is one.
    pub coloring: Option<colorizer::Stats>,
    /// How often the sound device found nothing to play; `None` without one.
    pub sound_gaps: Option<u64>,
    /// Frames that can be gone back.
    pub rewind_frames: u32,
    /// Bytes of memory that these take.
    pub rewind_bytes: usize,
    /// The film that is being recorded.
    pub recording: Option<Pace>,
    /// Films that are completed in the background.
    pub finishing: Option<Pace>,
}

/// What to emulate.
pub struct Setup {
    pub gb: GameBoy,
    pub saves: Saves,
    pub painter: Painter,
    pub choices: Choices,
    /// Paints the raw picture.
    pub palette: Palette,
    /// Where states are kept.
    pub states: Option<States>,
    /// Whether to go on where the game was left.
    pub resumes: bool,
    pub rewind: Rewind,
    /// Frames that the picture runs ahead.
    pub run_ahead: u8,
    /// Whether colors are those of the Game Boy Color's screen.
    pub correction: bool,
    /// In percent.
    pub volume: u8,
    /// Whether fast-forwarding is heard.
    pub fast_sound: bool,
    /// Ends after so many frames.
    pub frames: Option<u64>,
    /// The file of the game, if it has one.
    pub file: Option<PathBuf>,
    /// A film to be made from the start.
    pub film: Option<Shoot>,
    /// An input movie to be written from the start.
    pub movie: Option<PathBuf>,
    /// An input movie that plays.
    pub playback: Option<Movie>,
    /// Frames of the past that clips can be made of.
    pub clip_frames: u32,
}

/// The window's hold on the running emulation. Dropping it ends the emulation and saves the game.
pub struct Emulation {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    mailbox: Mailbox,
    progress: Mutex<Progress>,
    picked: Mutex<Option<Picked>>,
    snapshot: Mutex<Option<Box<Snapshot>>>,
}

/// Tells the window of an emulation, which it knows from those before by a number.
#[derive(Clone)]
pub struct Teller {
    events: EventLoopProxy<(u32, Event)>,
    number: u32,
}

impl Teller {
    /// For the emulation of that number.
    pub fn new(events: EventLoopProxy<(u32, Event)>, number: u32) -> Self {
        Self { events, number }
    }

    /// Tells the window. Returns whether it is still there.
    pub fn tell(&self, event: Event) -> bool {
        self.events.send_event((self.number, event)).is_ok()
    }
}

impl Emulation {
    /// Starts the thread. It announces pictures, and its end, through `teller`.
    ///
    /// # Errors
    /// Where the system grants no thread.
    pub fn start(setup: Setup, teller: Teller) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let (commands, received) = channel();
        let machine = Machine::new(setup, received, Arc::clone(&shared), teller.clone());
        let thread = thread::Builder::new()
            .name("emulation".to_owned())
            .spawn(move || machine.run(Announcement(teller)))
            .context("no thread for the emulation")?;
        Ok(Self { commands: Some(commands), thread: Some(thread), shared })
    }

    /// Tells the emulation something.
    pub fn tell(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // An emulation that has ended needs to know nothing.
            let _ = commands.send(command);
        }
    }

    /// Swaps the newest picture into `shot`, if there is one that was not collected yet.
    pub fn collect(&self, shot: &mut Box<Shot>) -> bool {
        self.shared.mailbox.collect(shot)
    }

    /// The figures so far.
    pub fn progress(&self) -> Progress {
        self.shared.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was picked.
    pub fn picked(&self) -> Option<Picked> {
        self.shared.picked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The console's insides as of the newest picture, while [`Command::Debug`] asks for them.
    pub fn snapshot(&self) -> Option<Box<Snapshot>> {
        self.shared.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the emulation, saves the game, and returns the last figures.
    ///
    /// # Errors
    /// If the emulation had panicked.
    pub fn stop(&mut self) -> Result<Progress> {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            anyhow::ensure!(ended.is_ok(), "the emulation failed; this is a bug in this program");
        }
        Ok(self.progress())
    }
}

impl Drop for Emulation {
    fn drop(&mut self) {
        // Whoever wants to know of a failure calls `stop`.
        let _ = self.stop();
    }
}

/// Announces the end of the thread, however it ends.
struct Announcement(Teller);

impl Drop for Announcement {
    fn drop(&mut self) {
        self.0.tell(Event::Ended);
    }
}
