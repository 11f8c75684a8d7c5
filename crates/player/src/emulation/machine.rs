//! What the thread does: frame after frame, and what the window tells it in between.

mod taping;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use colorizer::cell_color::Pin;
use colorizer::{Colorizer, Palette, RgbaFrame, ScreenColors, SlidingWindow};
use gameboy::{Buttons, GameBoy, PIXELS};
use recorder::Movie;
use recorder::movie::{Step, Steps};

use super::output::Output;
use super::{Announcement, Command, Event, Held, Picked, Progress, Setup, Shared, Speed, Teller};
use crate::color::Painter;
use crate::debug::Snapshot;
use crate::game_colors::Choices;
use crate::mailbox::Shot;
use crate::past::Past;
use crate::recording::{MovieRecording, Recording, Shoot};
use crate::rewind::Rewind;
use crate::saves::Saves;
use crate::states::{Slot, States};

/// While fast-forwarding, frames closer together than this are not painted: no screen shows them.
const PAINTING_INTERVAL: Duration = Duration::from_millis(16);
/// Frames that a turbo button is held, and then not.
const TURBO: u64 = 2;
/// How often what would be gone on with is kept, for a crash or the end of the battery.
const AUTOSAVE: Duration = Duration::from_mins(1);

/// What begins with the first frame.
struct Begin {
    file: Option<PathBuf>,
    film: Option<Shoot>,
    movie: Option<PathBuf>,
    playback: Option<Movie>,
}

/// All that the thread owns.
pub struct Machine {
    gb: GameBoy,
    saves: Saves,
    states: Option<States>,
    resumes: bool,
    next_autosave: Instant,
    rewind: Rewind,
    painter: Painter,
    choices: Choices,
    /// What was picked last, until it is released.
    picked: Option<Pin>,
    palette: Palette,
    /// Shows colors as the Game Boy Color's screen did.
    screen: Option<ScreenColors>,
    volume: u8,
    fast_sound: bool,
    frames_left: Option<u64>,
    commands: Receiver<Command>,
    shared: Arc<Shared>,
    teller: Teller,
    speed: Speed,
    held: Held,
    run_ahead: u8,
    /// Whether a frame is to be run though the speed is none.
    is_advancing: bool,
    is_debugging: bool,
    film: Option<Recording>,
    /// Films that are completed in the background.
    finishing: Vec<Recording>,
    movie: Option<MovieRecording>,
    /// Where both and the past must go on by a state, as time has made a leap.
    has_leapt: bool,
    past: Past,
    /// An input movie that plays.
    playback: Option<Steps>,
    /// What is to be recorded once all is ready.
    begin: Begin,
    samples: Vec<[f32; 2]>,
    /// The state behind a picture that ran ahead.
    present: Option<Vec<u8>>,
    shot: Box<Shot>,
    /// When the buttons changed that no frame has been run with yet.
    changed: Option<Instant>,
    last_painting: Instant,
    resumed: Instant,
    emulate: SlidingWindow,
    progress: Progress,
}

impl Machine {
    pub fn new(
        setup: Setup,
        commands: Receiver<Command>,
        shared: Arc<Shared>,
        teller: Teller,
    ) -> Self {
        let now = Instant::now();
        let mut painter = setup.painter;
        painter.set_pins(setup.choices.pins());
        painter.remember(&setup.choices.pins());
        Self {
            gb: setup.gb,
            saves: setup.saves,
            states: setup.states,
            resumes: setup.resumes,
            next_autosave: now + AUTOSAVE,
            rewind: setup.rewind,
            painter,
            choices: setup.choices,
            picked: None,
            palette: setup.palette,
            screen: setup.correction.then(ScreenColors::new),
            volume: setup.volume,
            fast_sound: setup.fast_sound,
            frames_left: setup.frames,
            commands,
            shared,
            teller,
            speed: Speed::Normal,
            held: Held::default(),
            run_ahead: setup.run_ahead,
            is_advancing: false,
            is_debugging: false,
            film: None,
            finishing: Vec::new(),
            movie: None,
            has_leapt: false,
            past: Past::new(setup.clip_frames),
            playback: None,
            begin: Begin {
                file: setup.file,
                film: setup.film,
                movie: setup.movie,
                playback: setup.playback,
            },
            samples: Vec::new(),
            present: None,
            shot: Box::default(),
            changed: None,
            last_painting: now,
            resumed: now,
            emulate: SlidingWindow::new(),
            progress: Progress::default(),
        }
    }

    pub fn run(mut self, _announcement: Announcement) {
        // Streams of some systems cannot leave the thread that opened them.
        let mut output = Output::open(self.volume, self.fast_sound);
        if self.resumes {
            self.load(Slot::Auto);
        }
        self.begin_recording();
        self.resumed = Instant::now();
        output.restart(self.resumed);
        while self.frames_left != Some(0) && self.obey(&mut output) {
            let passed = match self.speed {
                Speed::Back => self.go_back(),
                _ => self.emulate(),
            };
            self.paint();
            self.return_to_present();
            output.play(&self.samples, self.speed);
            self.saves.update(&self.gb, Instant::now());
            self.autosave();
            self.report(&output);
            output.wait(self.samples.len() * passed as usize, self.speed);
        }
        self.painter.keep(&self.choices.pins());
        self.keep_for_later();
        // The game is safe before films take their time.
        std::mem::replace(&mut self.saves, Saves::none(&self.gb)).finish(&self.gb);
        self.finish_recording();
    }

    /// Does what the window told since the last frame; while paused, waits for it to tell more.
    ///
    /// Returns whether to go on.
    fn obey(&mut self, output: &mut Output) -> bool {
        loop {
            if std::mem::take(&mut self.is_advancing) {
                return true;
            }
            let command = match self.speed {
                Speed::Paused => self.next_while_paused(),
                _ => self.commands.try_recv(),
            };
            match command {
                Ok(Command::Run(speed)) => self.change_speed(speed, output),
                Ok(Command::Volume(volume)) => output.volume = volume,
                Ok(Command::FastSound(is_heard)) => output.is_fast_heard = is_heard,
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
            Command::Hold(held, at) => {
                self.held = held;
                self.changed.get_or_insert(at);
            }
            Command::Tilt([right, bottom]) => {
                self.gb.set_tilt(right, bottom);
                self.record(Step::Tilt([right, bottom]));
            }
            // These need the sound as well.
            Command::Run(_) | Command::Volume(_) | Command::FastSound(_) => {}
            Command::Advance => self.is_advancing = true,
            Command::RunAhead(frames) => self.run_ahead = frames,
            Command::Palette(palette) => {
                if let Some(film) = &mut self.film {
                    film.set_palette(palette);
                }
                self.palette = palette;
                self.paint();
            }
            Command::Correct(is_wanted) => {
                self.screen = is_wanted.then(ScreenColors::new);
                self.paint();
            }
            Command::Paint(painter) => self.paint_by(*painter),
            Command::SaveState(slot, picture) => self.save(slot, *picture),
            Command::LoadState(slot) => self.load(slot),
            Command::Debug(is_wanted) => {
                self.is_debugging = is_wanted;
                self.paint();
            }
            Command::Reset => {
                self.gb.reset();
                self.painter.reset();
                self.past.clear();
                self.record(Step::Reset);
            }
            Command::Record(shoot) => self.begin_film(*shoot),
            Command::StopRecording => self.end_film(),
            Command::FilmPainter(painter) => {
                if let Some(film) = &mut self.film {
                    film.set_painter(painter);
                }
            }
            Command::FilmStrength(percent) => {
                if let Some(film) = &mut self.film {
                    film.set_strength(percent);
                }
            }
            Command::Clip(shoot) => self.make_clip(*shoot),
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

    fn paint_by(&mut self, painter: Painter) {
        let pins = self.choices.pins();
        self.painter.keep(&pins);
        self.painter = painter;
        self.painter.set_pins(pins.clone());
        self.painter.remember(&pins);
        self.repaint();
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
        if let Some(film) = &mut self.film {
            film.set_pins(self.choices.pins());
        }
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
        self.teller.tell(Event::Picture);
    }

    fn change_speed(&mut self, speed: Speed, output: &mut Output) {
        let now = Instant::now();
        match (self.speed, speed) {
            (Speed::Paused, _) => self.resumed = now,
            (_, Speed::Paused) => self.progress.running += now - self.resumed,
            _ => {}
        }
        output.restart(now);
        self.speed = speed;
    }

    /// Runs a frame, and as many more as the picture is to be ahead. Returns the frames that
    /// passed.
    fn emulate(&mut self) -> u32 {
        let start = Instant::now();
        let held = self.next_held();
        self.past.record(Step::Frame(held), &self.gb);
        if std::mem::take(&mut self.has_leapt) {
            self.record(Step::Load(self.gb.save_state()));
        }
        self.gb.set_buttons(held);
        self.shot.held = self.changed.take();
        self.gb.run_frame();
        self.record(Step::Frame(held));
        self.samples.clear();
        self.samples.extend(self.gb.samples());
        self.rewind.record(|| self.gb.save_state());
        if self.run_ahead > 0 && self.speed != Speed::Fast {
            self.present = Some(self.gb.save_state());
            for _ in 0..self.run_ahead {
                self.gb.run_frame();
            }
        }
        self.emulate.record(start.elapsed());
        1
    }

    fn return_to_present(&mut self) {
        if let Some(state) = self.present.take()
            && let Err(err) = self.gb.load_state(&state)
        {
            log::error!("the state of a moment ago is refused: {err}");
        }
    }

    fn buttons(&self) -> Buttons {
        let Held { buttons, turbo } = self.held;
        let is_pressed = (self.progress.frames / TURBO).is_multiple_of(2);
        if is_pressed { buttons | turbo } else { buttons }
    }

    /// Shows a frame of the past. Returns the frames that were gone back.
    fn go_back(&mut self) -> u32 {
        let Some(state) = self.rewind.back() else {
            // The beginning of what is known stands still.
            return 1;
        };
        // Films and clips cut what is taken back.
        self.leap();
        self.playback = None;
        match self.gb.load_state(&state) {
            Ok(()) => self.gb.run_frame(),
            Err(err) => log::error!("a state of the past is refused: {err}"),
        }
        self.rewind.interval()
    }

    fn paint(&mut self) {
        let now = Instant::now();
        if self.speed == Speed::Fast && now - self.last_painting < PAINTING_INTERVAL {
            return;
        }
        self.last_painting = now;
        let frame = self.gb.frame();
        self.palette.colorize(frame, &mut self.shot.raw);
        self.painter.colorize(frame, &mut self.shot.color);
        if let Some(screen) = &mut self.screen
            && frame.colors().is_some()
        {
            screen.colorize(frame, &mut self.shot.raw);
            screen.colorize(frame, &mut self.shot.color);
        }
        if self.is_debugging {
            let snapshot = Some(Box::new(Snapshot::of(&self.gb)));
            *self.shared.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
        }
        if self.shared.mailbox.put(&mut self.shot) {
            self.teller.tell(Event::Picture);
        }
    }

    /// Keeps the state, on a thread of its own, as disks may take their time.
    fn save(&mut self, slot: Slot, picture: RgbaFrame) {
        let Some(states) = self.states.clone() else {
            self.teller.tell(Event::Message("no folder for states".to_owned()));
            return;
        };
        let (state, teller) = (self.gb.save_state(), self.teller.clone());
        thread::spawn(move || {
            let message = match states.write(slot, &state, &picture) {
                Ok(()) => format!("saved {}", slot.name()),
                Err(err) => {
                    log::error!("{err:#}");
                    format!("not saved: {err}")
                }
            };
            if slot != Slot::Auto {
                teller.tell(Event::Message(message));
            }
            teller.tell(Event::Saved);
        });
    }

    fn load(&mut self, slot: Slot) {
        let Some(states) = &self.states else { return };
        let message = match states.read(slot) {
            Ok(Some(state)) => match self.gb.load_state(&state) {
                Ok(()) => {
                    self.painter.reset();
                    self.leap();
                    self.playback = None;
                    // The picture of a state is that of its next frame.
                    self.is_advancing = true;
                    format!("loaded {}", slot.name())
                }
                Err(err) => {
                    let reason = anyhow::Error::from(err);
                    states.set_aside(slot, &reason);
                    format!("{} not loaded: {reason}", slot.name())
                }
            },
            Ok(None) if slot == Slot::Auto => return,
            Ok(None) => format!("{} is empty", slot.name()),
            Err(err) => format!("{err:#}"),
        };
        self.teller.tell(Event::Message(message));
    }

    fn autosave(&mut self) {
        let now = Instant::now();
        if now >= self.next_autosave {
            self.next_autosave = now + AUTOSAVE;
            let mut picture = RgbaFrame::new();
            self.painter.colorize(self.gb.frame(), &mut picture);
            self.save(Slot::Auto, picture);
        }
    }

    /// Keeps the state to go on with.
    fn keep_for_later(&mut self) {
        let Some(states) = &self.states else { return };
        let mut picture = RgbaFrame::new();
        self.painter.colorize(self.gb.frame(), &mut picture);
        if let Err(err) = states.write(Slot::Auto, &self.gb.save_state(), &picture) {
            log::error!("{err:#}");
        }
    }

    fn report(&mut self, output: &Output) {
        self.frames_left = self.frames_left.map(|left| left - 1);
        self.progress.frames += 1;
        let progress = Progress {
            frames: self.progress.frames,
            running: self.progress.running + self.resumed.elapsed(),
            emulate: self.emulate.spread(),
            coloring: self.painter.stats(),
            sound_gaps: output.gaps(),
            rewind_frames: self.rewind.frames(),
            rewind_bytes: self.rewind.bytes(),
            recording: self.film.as_ref().map(Recording::pace),
            finishing: self.finishing(),
        };
        *self.shared.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}
