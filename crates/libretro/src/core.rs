//! The core: a console, what paints it, and what a frontend is told of both.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use gameboy::{
    Buttons, Cartridge, Cheat, FRAMES_PER_SECOND, GameBoy, HEIGHT, MapperKind, SAMPLE_RATE, WIDTH,
};

use crate::abi::{AvInfo, Geometry, LogLevel, Timing, button, memory};
use crate::frontend::Frontend;
use crate::memories::Memories;
use crate::options::{self, Settings};
use crate::painter::{self, Painter, PixelFormat};

/// The demo, for who loads the core alone.
const DEMO: &[u8] = include_bytes!("../../../roms/chromaboy-demo.gb");
/// A state may grow by so much: its numbers take more bytes as they grow.
const GROWTH: usize = 4096;
/// Frames between two questions whether the network has failed.
const CHECKED_EVERY: u64 = 60;
/// A frontend that has wanted no picture for so many frames has no screen, but it may record.
const UNWATCHED_AFTER: u32 = 120;
/// Frames that a turbo button holds and releases.
const TURBO: u64 = 2;

/// Everything between a frontend's calls.
#[derive(Debug, Default)]
pub struct Core {
    /// The frontend.
    pub frontend: Frontend,
    settings: Settings,
    painter: Painter,
    format: PixelFormat,
    game: Option<Game>,
}

/// A game that runs.
#[derive(Debug)]
struct Game {
    gb: GameBoy,
    memories: Memories,
    /// Bytes of a state, always the same.
    state_len: usize,
    cheats: Vec<(u32, Vec<Cheat>)>,
    is_rumbling: bool,
    has_clock_been_set: bool,
    was_toggling: bool,
    has_failed: bool,
    /// Frames since a picture was wanted.
    unwanted: u32,
    frames: u64,
}

impl Core {
    /// The frontend has an environment: tells it what there is.
    pub fn introduce(&mut self) {
        self.frontend.look();
        self.frontend.support_no_game();
        self.frontend.describe_controllers();
        let folder = self.weights_folder();
        let weights = folder.map(|folder| painter::weights_in(&folder)).unwrap_or_default();
        self.frontend.offer(options::choices(&weights));
    }

    fn weights_folder(&self) -> Option<PathBuf> {
        Some(self.frontend.system_folder()?.join("chromaboy"))
    }

    /// Picture and sound, as they are by now.
    pub fn av_info(&self) -> AvInfo {
        let fps = FRAMES_PER_SECOND;
        AvInfo {
            geometry: self.geometry(),
            timing: Timing { fps, sample_rate: SAMPLE_RATE as f64 },
        }
    }

    fn geometry(&self) -> Geometry {
        Geometry {
            base_width: painter::width(&self.settings) as u32,
            base_height: HEIGHT as u32,
            max_width: 2 * WIDTH as u32,
            max_height: HEIGHT as u32,
            aspect_ratio: 0.0,
        }
    }

    /// Begins a game; the demo where none is given. Returns whether it could.
    pub fn load(&mut self, rom: Option<&[u8]>) -> bool {
        self.game = None;
        let cartridge = match Cartridge::from_bytes(rom.unwrap_or(DEMO)) {
            Ok(cartridge) => cartridge,
            Err(err) => {
                self.frontend.say(LogLevel::Error, &err.to_string());
                return false;
            }
        };
        self.settings = self.chosen();
        self.format = self.frontend.pixel_format();
        self.load_network();
        // The demo's own colors would leave nothing to do.
        let model = match (rom, self.settings.model) {
            (None, None) => gameboy::Model::Dmg,
            _ => self.settings.model_for(cartridge.header().support()),
        };
        self.describe_input(cartridge.header().mapper());
        let has_battery = cartridge.header().has_battery();
        let mut gb = GameBoy::new(cartridge, model);
        // Palettes color objects by it, V3 all cells.
        gb.record_provenance();
        let mut memories = Memories::new(&gb);
        self.frontend.describe_memories(&mut memories, has_battery);
        self.frontend.support_achievements();
        let state_len = gb.save_state().len() + GROWTH;
        self.game = Some(Game {
            gb,
            memories,
            state_len,
            cheats: Vec::new(),
            is_rumbling: false,
            has_clock_been_set: false,
            was_toggling: false,
            has_failed: false,
            unwanted: UNWATCHED_AFTER,
            frames: 0,
        });
        true
    }

    /// Ends the game.
    pub fn unload(&mut self) {
        if self.game.take().is_some_and(|game| game.is_rumbling) {
            self.frontend.rumble(false);
        }
    }

    fn describe_input(&self, mapper: MapperKind) {
        let buttons = [
            (button::UP, c"Up"),
            (button::DOWN, c"Down"),
            (button::LEFT, c"Left"),
            (button::RIGHT, c"Right"),
            (button::A, c"A"),
            (button::B, c"B"),
            (button::START, c"Start"),
            (button::SELECT, c"Select"),
            (button::X, c"A, again and again"),
            (button::Y, c"B, again and again"),
            (button::R, c"Color on / off"),
        ];
        let sticks = [(0, c"Tilt to left and right"), (1, c"Tilt away and towards you")];
        let sticks = if mapper == MapperKind::Mbc7 { &sticks[..] } else { &[] };
        self.frontend.describe_input(&buttons, sticks);
    }

    fn chosen(&self) -> Settings {
        Settings::of(|key| self.frontend.option(key))
    }

    fn load_network(&mut self) {
        let folder = self.weights_folder();
        match self.painter.load(&self.settings, folder.as_deref()) {
            Ok(description) => {
                self.frontend.log(LogLevel::Info, &format!("colored by {description}"));
            }
            Err(err) => {
                self.frontend.say(LogLevel::Warn, &err);
                if !self.painter.has_network() {
                    let usual = Settings { weights: "v3".to_owned(), ..Settings::default() };
                    // What is built in needs nothing that may be missing.
                    let _ = self.painter.load(&usual, None);
                }
            }
        }
    }

    /// Takes over what the player has changed.
    fn follow_options(&mut self) {
        let chosen = self.chosen();
        let before = std::mem::replace(&mut self.settings, chosen);
        let now = &self.settings;
        let means = |of: &Settings| {
            (of.weights.clone(), of.style, of.timing, of.device, of.precision, of.threads)
        };
        let (is_other, is_wider) =
            (means(&before) != means(now), before.side_by_side != now.side_by_side);
        if is_other {
            self.load_network();
        }
        if is_wider {
            self.frontend.set_geometry(self.geometry());
        }
    }

    /// Runs a frame.
    pub fn run(&mut self) {
        if self.frontend.have_options_changed() {
            self.follow_options();
        }
        let held = self.frontend.buttons();
        let Some(game) = &mut self.game else { return };
        let is_held = |id: u32| held >> id & 1 != 0;
        if is_held(button::R) && !game.was_toggling {
            self.settings.color ^= true;
            let value = if self.settings.color { "enabled" } else { "disabled" };
            self.frontend.set_option(options::COLOR, value);
        }
        game.was_toggling = is_held(button::R);
        if game.memories.import(&mut game.gb) || !game.has_clock_been_set {
            game.set_clock();
        }
        game.gb.set_buttons(pressed(held, game.frames));
        if game.gb.cartridge().header().mapper() == MapperKind::Mbc7 {
            let [right, bottom] = self.frontend.stick();
            game.gb.set_tilt(right, bottom);
        }
        game.gb.run_frame();
        game.frames += 1;
        game.memories.export(&game.gb);
        if game.gb.is_rumbling() != game.is_rumbling {
            game.is_rumbling ^= true;
            self.frontend.rumble(game.is_rumbling);
        }
        let (wants_video, wants_audio) = self.frontend.wants();
        if wants_audio {
            let samples: Vec<[i16; 2]> =
                game.gb.samples().iter().map(|pair| pair.map(to_16_bits)).collect();
            self.frontend.play(&samples);
        }
        game.unwanted = if wants_video { 0 } else { game.unwanted.saturating_add(1) };
        // One that runs ahead shows some of the frames, and the others cost nothing.
        if wants_video || game.unwanted > UNWATCHED_AFTER {
            let picture = self.painter.paint(game.gb.frame(), &self.settings, self.format);
            self.frontend.show(&picture);
        }
        if game.frames.is_multiple_of(CHECKED_EVERY)
            && !game.has_failed
            && let Some(failure) = self.painter.failure()
        {
            game.has_failed = true;
            self.frontend.say(LogLevel::Error, &format!("the network failed: {failure}"));
        }
    }

    /// Switches the console off and on.
    pub fn reset(&mut self) {
        if let Some(game) = &mut self.game {
            game.memories.import(&mut game.gb);
            game.gb.reset();
            game.memories.export(&game.gb);
            self.painter.reset();
        }
    }

    /// Bytes of a state; 0 without a game.
    pub fn state_len(&self) -> usize {
        self.game.as_ref().map_or(0, |game| game.state_len)
    }

    /// Writes the state. Returns whether there is room.
    pub fn save_state(&mut self, out: &mut [u8]) -> bool {
        let Some(game) = &mut self.game else { return false };
        game.memories.import(&mut game.gb);
        let state = game.gb.save_state();
        let Some((len, rest)) = out.split_first_chunk_mut::<4>() else { return false };
        if rest.len() < state.len() {
            return false;
        }
        *len = (state.len() as u32).to_le_bytes();
        rest[..state.len()].copy_from_slice(&state);
        rest[state.len()..].fill(0);
        true
    }

    /// Goes on from a state. Returns whether it could.
    pub fn load_state(&mut self, state: &[u8]) -> bool {
        let Some(game) = &mut self.game else { return false };
        let Some((len, rest)) = state.split_first_chunk::<4>() else { return false };
        let state = rest.get(..u32::from_le_bytes(*len) as usize);
        match state.map(|state| game.gb.load_state(state)) {
            Some(Ok(())) => {
                game.memories.export(&game.gb);
                true
            }
            Some(Err(err)) => {
                self.frontend.log(LogLevel::Warn, &err.to_string());
                false
            }
            None => {
                self.frontend.log(LogLevel::Warn, "the state is damaged");
                false
            }
        }
    }

    /// Forgets all cheats.
    pub fn reset_cheats(&mut self) {
        if let Some(game) = &mut self.game {
            game.cheats.clear();
            game.cheat();
        }
    }

    /// Sets the cheat of a number: codes with `+` between them.
    pub fn set_cheat(&mut self, number: u32, is_on: bool, codes: &str) {
        let Some(game) = &mut self.game else { return };
        let codes = codes.split(['+', '\n', ';']).map(str::trim).filter(|code| !code.is_empty());
        let parsed: Result<Vec<Cheat>, _> = codes.map(str::parse).collect();
        game.cheats.retain(|(other, _)| *other != number);
        match parsed {
            Ok(cheats) if is_on => game.cheats.push((number, cheats)),
            Ok(_) => {}
            Err(err) => self.frontend.say(LogLevel::Warn, &err.to_string()),
        }
        game.cheat();
    }

    /// A memory, at a place that it keeps until the game is unloaded; empty where there is none.
    pub fn memory(&mut self, kind: u32) -> &mut [u8] {
        let Some(game) = &mut self.game else { return &mut [] };
        let has_battery = game.gb.cartridge().header().has_battery();
        match kind & memory::MASK {
            memory::SAVE_RAM if has_battery => &mut game.memories.cartridge,
            memory::RTC => &mut game.memories.clock,
            memory::SYSTEM_RAM => &mut game.memories.work,
            memory::VIDEO_RAM => &mut game.memories.video,
            _ => &mut [],
        }
    }
}

impl Game {
    fn cheat(&mut self) {
        let all: Vec<Cheat> = self.cheats.iter().flat_map(|(_, cheats)| cheats).copied().collect();
        self.gb.set_cheats(&all);
    }

    fn set_clock(&mut self) {
        self.has_clock_been_set = true;
        if let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) {
            self.gb.set_clock(now.as_secs());
        }
    }
}

fn pressed(held: u16, frame: u64) -> Buttons {
    let is_turbo_down = (frame / TURBO).is_multiple_of(2);
    let is_held = |id: u32| held >> id & 1 != 0;
    let mut buttons = Buttons::empty();
    for (id, button) in [
        (button::UP, Buttons::UP),
        (button::DOWN, Buttons::DOWN),
        (button::LEFT, Buttons::LEFT),
        (button::RIGHT, Buttons::RIGHT),
        (button::A, Buttons::A),
        (button::B, Buttons::B),
        (button::START, Buttons::START),
        (button::SELECT, Buttons::SELECT),
    ] {
        buttons.set(button, is_held(id));
    }
    buttons.set(Buttons::A, is_held(button::A) || is_held(button::X) && is_turbo_down);
    buttons.set(Buttons::B, is_held(button::B) || is_held(button::Y) && is_turbo_down);
    buttons
}

fn to_16_bits(sample: f32) -> i16 {
    (sample * 32767.0).round() as i16
}
