//! The thread that runs the console. It waits for neither the network nor the window.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use colorizer::cell_color::Pin;
use colorizer::{Colorizer, Palette, SlidingWindow, Spread};
use gameboy::{Buttons, GameBoy, PIXELS};
use winit::event_loop::EventLoopProxy;

use crate::color::Painter;
use crate::game_colors::Choices;
use crate::mailbox::{Mailbox, Shot};
use crate::pacing::Pacer;
use crate::saves::Saves;
use crate::sound::{Demand, Sound};

/// While fast-forwarding, frames closer together than this are not painted: no screen shows them.
const PAINTING_INTERVAL: Duration = Duration::from_millis(16);
/// How much longer a frame takes when the sound device is late.
const SOUND_PAUSE: Duration = Duration::from_millis(5);

/// What the window tells the emulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// These buttons, and no others, are held from now on.
    Hold(Buttons),
    /// Runs at this speed from now on.
    Run(Speed),
    /// Plays sound, or stops to.
    Listen(Volume),
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

/// How fast emulated time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// As on the console.
    Normal,
    /// As fast as the machine can.
    Fast,
    /// Not at all.
    Paused,
}

/// Whether there is sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    Full,
    Muted,
}

/// What the emulation tells the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// There is a new picture.
    Picture,
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
}

/// What to emulate.
pub struct Setup {
    pub gb: GameBoy,
    pub saves: Saves,
    pub painter: Painter,
    pub choices: Choices,
    /// Paints the raw picture.
    pub palette: Palette,
    pub volume: Volume,
    /// Ends after so many frames.
    pub frames: Option<u64>,
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
}

impl Emulation {
    /// Starts the thread. It announces pictures, and its end, through `events`.
    ///
    /// # Errors
    /// Where the system grants no thread.
    pub fn start(setup: Setup, events: EventLoopProxy<Event>) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let (commands, received) = channel();
        let machine = Machine::new(setup, received, Arc::clone(&shared), events.clone());
        let thread = thread::Builder::new()
            .name("emulation".to_owned())
            .spawn(move || machine.run(Announcement(events)))
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
struct Announcement(EventLoopProxy<Event>);

impl Drop for Announcement {
    fn drop(&mut self) {
        // Without a window there is nobody to tell.
        let _ = self.0.send_event(Event::Ended);
    }
}

/// All that the thread owns.
struct Machine {
    gb: GameBoy,
    saves: Saves,
    painter: Painter,
    choices: Choices,
    /// What was picked last, until it is released.
    picked: Option<Pin>,
    palette: Palette,
    volume: Volume,
    frames_left: Option<u64>,
    commands: Receiver<Command>,
    shared: Arc<Shared>,
    events: EventLoopProxy<Event>,
    speed: Speed,
    pacer: Pacer,
    shot: Box<Shot>,
    last_painting: Instant,
    resumed: Instant,
    emulate: SlidingWindow,
    progress: Progress,
}

impl Machine {
    fn new(
        setup: Setup,
        commands: Receiver<Command>,
        shared: Arc<Shared>,
        events: EventLoopProxy<Event>,
    ) -> Self {
        let now = Instant::now();
        let mut painter = setup.painter;
        painter.set_pins(setup.choices.pins());
        painter.remember(&setup.choices.pins());
        Self {
            gb: setup.gb,
            saves: setup.saves,
            painter,
            choices: setup.choices,
            picked: None,
            palette: setup.palette,
            volume: setup.volume,
            frames_left: setup.frames,
            commands,
            shared,
            events,
            speed: Speed::Normal,
            pacer: Pacer::new(now),
            shot: Box::default(),
            last_painting: now,
            resumed: now,
            emulate: SlidingWindow::new(),
            progress: Progress::default(),
        }
    }

    fn run(mut self, _announcement: Announcement) {
        // Streams of some systems cannot leave the thread that opened them.
        let mut sound = open_sound();
        self.resumed = Instant::now();
        self.pacer.restart(self.resumed);
        while self.frames_left != Some(0) && self.obey() {
            self.emulate();
            self.paint();
            self.play(&mut sound);
            self.saves.update(&self.gb, Instant::now());
            self.report(sound.as_ref());
            self.wait(sound.as_ref());
        }
        self.painter.keep(&self.choices.pins());
        self.saves.finish(&self.gb);
    }

    /// Does what the window told since the last frame; while paused, waits for it to tell more.
    ///
    /// Returns whether to go on.
    fn obey(&mut self) -> bool {
        loop {
            let command = match self.speed {
                Speed::Paused => self.next_while_paused(),
                Speed::Normal | Speed::Fast => self.commands.try_recv(),
            };
            match command {
                Ok(command) => self.follow(command),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Waits for a command. The picture stands meanwhile, but its colors may still come.
    fn next_while_paused(&mut self) -> Result<Command, TryRecvError> {
        loop {
            if !self.painter.is_waiting() {
                return self.commands.recv().map_err(|_| TryRecvError::Disconnected);
            }
            match self.commands.recv_timeout(PAINTING_INTERVAL) {
                Ok(command) => return Ok(command),
                Err(RecvTimeoutError::Disconnected) => return Err(TryRecvError::Disconnected),
                Err(RecvTimeoutError::Timeout) => self.paint(),
            }
        }
    }

    fn follow(&mut self, command: Command) {
        match command {
            Command::Hold(buttons) => self.gb.set_buttons(buttons),
            Command::Run(speed) => self.change_speed(speed),
            Command::Listen(volume) => self.volume = volume,
            Command::Reset => {
                self.gb.reset();
                self.painter.reset();
            }
            Command::Pick(pixel) => {
                self.picked = self.painter.cells().pin_at(self.gb.frame(), pixel);
                self.report_picked();
            }
            Command::Release => {
                self.picked = None;
                self.report_picked();
            }
            Command::Choose(color) => {
                self.change(|choices, pin| choices.choose(Pin { color, ..pin }));
            }
            Command::Unpin => self.change(|choices, pin| choices.remove(&pin)),
            Command::ToggleLock => self.change(|choices, pin| choices.toggle_lock(&pin)),
            Command::Undo => {
                if self.choices.undo() {
                    self.repaint();
                }
            }
            Command::ForgetColors => {
                self.painter.forget();
                self.repaint();
            }
        }
    }

    /// Changes what was picked.
    fn change(&mut self, change: impl FnOnce(&mut Choices, Pin) -> bool) {
        if let Some(pin) = self.picked
            && change(&mut self.choices, pin)
        {
            self.repaint();
        }
    }

    /// Shows the newest frame in the colors as they are chosen now.
    fn repaint(&mut self) {
        self.painter.set_pins(self.choices.pins());
        self.paint();
        self.report_picked();
    }

    /// Tells the window what was picked, and in which color it is seen now.
    fn report_picked(&mut self) {
        let frame = self.gb.frame();
        let picked = self.picked.map(|mut pin| {
            let mut pixels = vec![false; PIXELS];
            let cells = self.painter.cells();
            cells.for_each_pixel(frame, |pixel, layer, tile, index| {
                pixels[pixel] = (layer, tile, index) == (pin.layer, &pin.tile, pin.index);
            });
            let seen = pixels.iter().position(|&shows| shows);
            if let Some(now) = seen.and_then(|pixel| cells.pin_at(frame, pixel)) {
                pin.color = now.color;
            }
            let chosen = self.choices.of(&pin);
            Picked {
                pin,
                is_chosen: chosen.is_some(),
                is_locked: chosen.is_some_and(|chosen| chosen.is_locked),
                count: self.choices.pins().len(),
                pixels,
            }
        });
        *self.shared.picked.lock().unwrap_or_else(PoisonError::into_inner) = picked;
        // The window may be gone a moment before this thread.
        let _ = self.events.send_event(Event::Picture);
    }

    fn change_speed(&mut self, speed: Speed) {
        let now = Instant::now();
        match (self.speed, speed) {
            (Speed::Paused, _) => self.resumed = now,
            (_, Speed::Paused) => self.progress.running += now - self.resumed,
            _ => {}
        }
        self.pacer.restart(now);
        self.speed = speed;
    }

    fn emulate(&mut self) {
        let start = Instant::now();
        self.gb.run_frame();
        self.emulate.record(start.elapsed());
    }

    fn paint(&mut self) {
        let now = Instant::now();
        if self.speed == Speed::Fast && now - self.last_painting < PAINTING_INTERVAL {
            return;
        }
        self.last_painting = now;
        self.palette.colorize(self.gb.frame(), &mut self.shot.raw);
        self.painter.colorize(self.gb.frame(), &mut self.shot.color);
        if self.shared.mailbox.put(&mut self.shot) {
            // The window may be gone a moment before this thread.
            let _ = self.events.send_event(Event::Picture);
        }
    }

    fn play(&mut self, sound: &mut Option<Sound>) {
        if sound.as_ref().is_some_and(|sound| !sound.is_alive()) {
            log::warn!("the sound output stopped; the game goes on without sound");
            *sound = None;
        }
        let Some(sound) = sound else { return };
        match (self.speed, self.volume) {
            (Speed::Normal, Volume::Full) => sound.play(self.gb.samples()),
            (Speed::Normal, Volume::Muted) => sound.play(&vec![[0.0; 2]; self.gb.samples().len()]),
            // Sound at many times its speed is noise.
            (Speed::Fast | Speed::Paused, _) => {}
        }
    }

    fn report(&mut self, sound: Option<&Sound>) {
        self.frames_left = self.frames_left.map(|left| left - 1);
        self.progress.frames += 1;
        let progress = Progress {
            frames: self.progress.frames,
            running: self.progress.running + self.resumed.elapsed(),
            emulate: self.emulate.spread(),
            coloring: self.painter.stats(),
            sound_gaps: sound.map(Sound::gaps),
        };
        *self.shared.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    fn wait(&mut self, sound: Option<&Sound>) {
        if self.speed == Speed::Fast {
            return;
        }
        match sound.map_or(Demand::Steady, Sound::demand) {
            Demand::Steady => self.pacer.wait(self.gb.samples().len()),
            // The clock's count begins again where the sound's own pace overrules it.
            Demand::Hurry => self.pacer.restart(Instant::now()),
            Demand::Wait => {
                thread::sleep(SOUND_PAUSE);
                self.pacer.restart(Instant::now());
                self.pacer.wait(self.gb.samples().len());
            }
        }
    }
}

fn open_sound() -> Option<Sound> {
    Sound::open().inspect_err(|err| log::warn!("no sound: {err:#}")).ok()
}
