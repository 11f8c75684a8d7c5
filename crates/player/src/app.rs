//! The window: keys in, the newest picture out.

mod cadence;
mod controls;
mod editor;
mod game;
mod menu;
mod messages;
mod recording;
mod scaling;
mod settings;
mod title;
mod view;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use gameboy::{HEIGHT, WIDTH};
use image::ImageFormat;
use winit::application::ApplicationHandler;
use winit::dpi::{PhysicalPosition, PhysicalSize};
use winit::error::EventLoopError;
use winit::event::{ElementState, MouseButton, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::keyboard::PhysicalKey;
use winit::window::{Fullscreen, Icon, Window, WindowId};

use crate::cli::RendererChoice;
use crate::config::{self, Config, ConfigFile};
use crate::debug::DebugView;
use crate::emulation::{Command, Emulation, Event, Speed, Teller};
use crate::figures::Figures;
use crate::font;
use crate::input::{Bindings, EditorAction, Pads};
use crate::mailbox::Shot;
use crate::picture::Picture;
use crate::presenter::{self, Presenter};
use crate::remembered::Remembered;
use crate::states::{Saved, Slot};
use crate::weights;
use cadence::Cadence;
pub use cadence::Pictures;
use controls::Controls;
pub use editor::reference;
use editor::{Editor, PANEL};
pub use game::{FilmPainterOf, Game, Opener, Painters};
use menu::{About, Menu, Page};
use messages::Messages;
pub use recording::shoot;
pub use scaling::{Filter, Scaling};
pub use title::Title;
pub use view::View;

/// How often the title tells the speed.
const TITLE_INTERVAL: Duration = Duration::from_secs(1);
const ICON: &[u8] = include_bytes!("../assets/icon.png");

/// How to open the window.
pub struct Appearance {
    pub renderer: RendererChoice,
    /// A picture to take colors from.
    pub reference: Option<Picture>,
    /// Whether newcomers are welcomed.
    pub welcomes: bool,
    /// Whether the window has the size that the settings say, whatever it had before.
    pub is_sized: bool,
}

/// What was played.
#[derive(Debug)]
pub struct Played {
    pub figures: Figures,
    /// What drew them.
    pub presenter: String,
}

/// Plays until the window is closed or the emulation ends.
///
/// # Errors
/// If there is no window to be had, or it can be drawn to no longer.
pub fn play(
    game: Game,
    opener: Opener,
    file: ConfigFile,
    appearance: Appearance,
) -> Result<Played> {
    let events = EventLoop::with_user_event().build().map_err(|err| unreachable_display(&err))?;
    events.set_control_flow(ControlFlow::Wait);
    let proxy = events.create_proxy();
    let pads = Teller::new(proxy.clone(), 0);
    let _pads = Pads::watch(move |event| pads.tell(Event::Pad(event)));
    let mut app = App::new(game, opener, file, appearance, proxy)?;
    events.run_app(&mut app).context("the window failed")?;
    app.finish()
}

struct App {
    emulation: Emulation,
    /// The emulation's number: what those before it still have to say is not heard.
    number: u32,
    events: EventLoopProxy<(u32, Event)>,
    opener: Opener,
    title: Title,
    playing: Playing,
    appearance: Appearance,
    config: Config,
    config_file: ConfigFile,
    bindings: Bindings,
    remembered: Remembered,
    screen: Option<Screen>,
    /// The size that was asked for and that the system has not given yet.
    asked_size: Option<PhysicalSize<u32>>,
    overlay: Overlay,
    debug: Option<DebugView>,
    menu: Option<Menu>,
    messages: Messages,
    weights: Vec<weights::Choice>,
    slots: Vec<(Slot, Option<Saved>)>,
    /// The slot of the keys that save and load.
    slot: u8,
    /// Where colors are chosen; the game stands still meanwhile.
    editor: Option<Editor>,
    /// Where the mouse is, in pixels of the window.
    mouse: [usize; 2],
    /// The column of the divider between raw and color.
    divider: usize,
    is_dragging: bool,
    /// The size of the picture that was drawn last, before it was enlarged.
    drawn_size: [usize; 2],
    shot: Box<Shot>,
    controls: Controls,
    has_focus: bool,
    cadence: Cadence,
    next_title: Instant,
    failure: Option<anyhow::Error>,
}

/// What is known of the game that is played.
struct Playing {
    name: String,
    /// What is kept of its colors.
    kept_color: config::Color,
    shown: String,
    has_own_colors: bool,
    feels_tilt: bool,
    painters: game::Painters,
    film_painters: game::FilmPainterOf,
    painter: String,
    states: Option<crate::states::States>,
}

/// What is written over the picture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Overlay {
    Nothing,
    Figures,
}

/// An open window.
struct Screen {
    window: Arc<Window>,
    presenter: Box<dyn Presenter>,
}

impl App {
    fn new(
        game: Game,
        opener: Opener,
        config_file: ConfigFile,
        appearance: Appearance,
        events: EventLoopProxy<(u32, Event)>,
    ) -> Result<Self> {
        let mut remembered = Remembered::load();
        let welcomes = appearance.welcomes && !remembered.is_welcomed;
        if let Some(path) = &game.path {
            remembered.add_recent(path);
        }
        let Game { setup, title, config, .. } = game;
        let playing = Playing {
            name: game.name,
            kept_color: game.kept_color,
            shown: game.shown,
            has_own_colors: game.has_own_colors,
            feels_tilt: game.feels_tilt,
            painters: game.painters,
            film_painters: game.film_painters,
            painter: game.painter,
            states: setup.states.clone(),
        };
        let bindings = config.bindings()?;
        let emulation = Emulation::start(setup, Teller::new(events.clone(), 1))?;
        let mut app = Self {
            emulation,
            number: 1,
            events,
            opener,
            title,
            playing,
            appearance,
            config,
            config_file,
            bindings,
            remembered,
            screen: None,
            asked_size: None,
            overlay: Overlay::Nothing,
            debug: None,
            menu: None,
            messages: Messages::default(),
            weights: Vec::new(),
            slots: Vec::new(),
            slot: 0,
            editor: None,
            mouse: [0; 2],
            divider: WIDTH / 2,
            is_dragging: false,
            drawn_size: [WIDTH, HEIGHT],
            shot: Box::default(),
            controls: Controls::default(),
            has_focus: true,
            cadence: Cadence::new(),
            next_title: Instant::now(),
            failure: None,
        };
        if welcomes {
            app.open_menu(Page::Welcome);
        }
        Ok(app)
    }

    /// Plays another game from now on.
    fn open_game(&mut self, path: &Path) {
        let game = match (self.opener)(Some(path), &self.config) {
            Ok(game) => game,
            Err(err) => return self.say(format!("{err:#}")),
        };
        // What it wrote is on disk once it has stopped, should it be the same game.
        if let Err(err) = self.emulation.stop() {
            log::error!("{err:#}");
        }
        self.number += 1;
        let states = game.setup.states.clone();
        let teller = Teller::new(self.events.clone(), self.number);
        match Emulation::start(game.setup, teller) {
            Ok(emulation) => self.emulation = emulation,
            Err(err) => return self.failure = Some(err),
        }
        self.title = game.title;
        self.config.color = game.config.color;
        self.playing = Playing {
            name: game.name,
            kept_color: game.kept_color,
            shown: game.shown,
            has_own_colors: game.has_own_colors,
            feels_tilt: game.feels_tilt,
            painters: game.painters,
            film_painters: game.film_painters,
            painter: game.painter,
            states,
        };
        self.remembered.add_recent(path);
        self.emulation.tell(Command::Debug(self.debug.is_some()));
        self.fit(|app| app.editor = None);
        self.close_menu();
    }

    fn finish(mut self) -> Result<Played> {
        self.remember_window();
        self.remembered.keep();
        let stopped = self.emulation.stop();
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        stopped?;
        let figures = self.figures();
        let presenter = self.renderer();
        Ok(Played { figures, presenter })
    }

    /// Ends the program where something cannot go on.
    fn check(&mut self, event_loop: &ActiveEventLoop, result: Result<()>) {
        if let Err(err) = result {
            self.failure = Some(err);
        }
        if self.failure.is_some() {
            event_loop.exit();
        }
    }

    fn open(&self, event_loop: &ActiveEventLoop) -> Result<Screen> {
        let is_full = self.config.picture.fullscreen;
        let mut attributes = Window::default_attributes()
            .with_title(self.title.text(&self.emulation.progress(), Instant::now()))
            .with_inner_size(self.first_size())
            .with_min_inner_size(PhysicalSize::new(1, 1))
            .with_window_icon(icon())
            .with_fullscreen(is_full.then_some(Fullscreen::Borderless(None)));
        if let Some([x, y]) = self.remembered.position {
            attributes = attributes.with_position(PhysicalPosition::new(x, y));
        }
        let window = event_loop.create_window(attributes).context("cannot open a window")?;
        let window = Arc::new(window);
        let presenter = presenter::open(&window, self.appearance.renderer)?;
        log::info!("drawing by: {}", presenter.name());
        window.request_redraw();
        Ok(Screen { window, presenter })
    }

    /// The size that the window had, if the player gave it one.
    fn first_size(&self) -> PhysicalSize<u32> {
        let size = self.remembered.size.filter(|_| !self.appearance.is_sized);
        size.map_or_else(|| self.size(), |[width, height]| PhysicalSize::new(width, height))
    }

    /// Keeps where the window is and its size, unless it fills the screen.
    fn remember_window(&mut self) {
        let Some(screen) = &self.screen else { return };
        if screen.window.fullscreen().is_some() {
            return;
        }
        let position = screen.window.outer_position().ok();
        self.remembered.position = position.map(|position| [position.x, position.y]);
        let size = screen.window.inner_size();
        let is_own = size != self.size() && size.width > 0 && size.height > 0;
        self.remembered.size = is_own.then_some([size.width, size.height]);
    }

    fn renderer(&self) -> String {
        self.screen.as_ref().map_or_else(String::new, |screen| screen.presenter.name())
    }

    fn draw(&mut self) -> Result<()> {
        let is_new = self.emulation.collect(&mut self.shot);
        let picture = self.picture();
        self.drawn_size = [picture.width(), picture.height()];
        let Some(screen) = &mut self.screen else { return Ok(()) };
        let size = screen.window.inner_size();
        let surface = [size.width as usize, size.height as usize];
        let look = &self.config.picture;
        let scaled = look.filter.scaled(&picture, look.scaling, surface);
        screen.window.pre_present_notify();
        let start = Instant::now();
        screen.presenter.draw(scaled.as_ref().unwrap_or(&picture))?;
        self.cadence.drawn(start.elapsed());
        if is_new {
            self.cadence.shown(Instant::now(), self.shot.held.take());
        }
        self.refresh_title();
        Ok(())
    }

    /// The game, and all that is written over it.
    fn picture(&self) -> Picture {
        let mut picture = self.game_picture();
        if let Some(view) = self.debug
            && let Some(snapshot) = self.emulation.snapshot()
        {
            picture = view.picture(&picture, &snapshot);
        }
        if self.overlay == Overlay::Figures {
            font::write(&mut picture, &self.figures().overlay());
        }
        let recorder = self.recorder_state();
        if !recorder.is_empty() {
            menu::write_mark(&mut picture, &recorder);
        }
        if let Some(message) = self.messages.shown() {
            menu::write_message(&mut picture, message);
        }
        if let Some(menu) = &self.menu {
            menu.draw(&mut picture, &self.about());
        }
        picture
    }

    fn game_picture(&self) -> Picture {
        match &self.editor {
            None => {
                let color = &self.config.color;
                color.view.picture(&self.shot, color.strength, self.divider)
            }
            Some(editor) => {
                let frame = Picture::from_frame(&self.shot.color);
                editor.picture(&frame, self.emulation.picked().as_ref())
            }
        }
    }

    fn figures(&self) -> Figures {
        let (progress, rate) = (self.emulation.progress(), self.title.rate());
        Figures { progress, rate, pictures: self.cadence.figures() }
    }

    /// What the menu shows.
    fn about(&self) -> About<'_> {
        let progress = self.emulation.progress();
        let seconds = progress.rewind_frames as f64 / gameboy::FRAMES_PER_SECOND;
        About {
            game: &self.playing.shown,
            config: &self.config,
            bindings: &self.bindings,
            slots: &self.slots,
            weights: &self.weights,
            recent: &self.remembered.recent,
            painter: &self.playing.painter,
            renderer: self.renderer(),
            rewind: [seconds, progress.rewind_bytes as f64 / f64::from(1 << 20)],
            has_own_colors: self.playing.has_own_colors,
            recorder: self.recorder_state(),
        }
    }

    fn refresh_title(&mut self) {
        let now = Instant::now();
        if now < self.next_title {
            return;
        }
        self.next_title = now + TITLE_INTERVAL;
        let progress = self.emulation.progress();
        self.title.measure(progress.frames, now);
        if let Some(screen) = &self.screen {
            screen.window.set_title(&self.title.text(&progress, now));
        }
    }

    fn resize(&mut self, size: PhysicalSize<u32>) -> Result<()> {
        self.asked_size = self.asked_size.filter(|asked| *asked != size);
        let Some(screen) = &mut self.screen else { return Ok(()) };
        screen.presenter.resize(size)?;
        screen.window.request_redraw();
        Ok(())
    }

    /// Tells the emulation how fast to go, as all that is held and switched on has it.
    fn update_speed(&mut self) {
        let is_away = self.config.play.pause_unfocused && !self.has_focus;
        let is_covered = self.menu.is_some() || self.editor.is_some();
        let speed = if is_covered || is_away {
            Speed::Paused
        } else {
            self.controls.speed(self.config.play.slow_motion)
        };
        if self.title.set_speed(speed) {
            self.next_title = Instant::now();
            self.emulation.tell(Command::Run(speed));
            self.cadence.set_steady(speed == Speed::Normal);
            self.refresh_title();
        }
    }

    fn open_editor(&mut self) {
        self.release_all();
        self.fit(|app| {
            let reference = app.appearance.reference.clone();
            app.editor = Some(Editor::new(reference, app.playing.has_own_colors));
            app.menu = None;
        });
        self.update_speed();
    }

    fn close_editor(&mut self) {
        self.emulation.tell(Command::Release);
        self.fit(|app| app.editor = None);
        self.update_speed();
    }

    fn edit(&mut self, action: EditorAction) {
        match action {
            EditorAction::Undo => self.emulation.tell(Command::Undo),
            EditorAction::ToggleLock => self.emulation.tell(Command::ToggleLock),
            EditorAction::Unpin => self.emulation.tell(Command::Unpin),
            EditorAction::Close => self.close_editor(),
            EditorAction::ToggleReference => {
                if let Some(editor) = &mut self.editor {
                    editor.toggle_reference();
                }
                self.redraw();
            }
        }
    }

    /// The pixel of the picture that the mouse is on.
    fn mouse_pixel(&self) -> Option<[usize; 2]> {
        let size = self.screen.as_ref()?.window.inner_size();
        let surface = [size.width as usize, size.height as usize];
        self.config.picture.scaling.find(self.drawn_size, surface, self.mouse)
    }

    /// The mouse was clicked.
    fn click(&mut self, event_loop: &ActiveEventLoop) {
        let Some(place) = self.mouse_pixel() else { return };
        if let Some(mut menu) = self.menu.take() {
            let wish = menu.click(place, &self.about());
            self.menu = Some(menu);
            self.grant(wish, event_loop);
        } else if let Some(editor) = &mut self.editor {
            let frame = Picture::from_frame(&self.shot.color);
            if let Some(command) = editor.click(place, &frame) {
                self.emulation.tell(command);
            }
        } else if self.config.color.view == View::Split {
            self.is_dragging = true;
            self.divider = place[0].min(WIDTH);
        }
        self.redraw();
    }

    /// Shows something else, in a window that fits it unless its size is the user's own.
    fn fit(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.size();
        change(self);
        let after = self.size();
        let Some(screen) = &self.screen else { return };
        let size = self.asked_size.unwrap_or_else(|| screen.window.inner_size());
        if size == before && before != after {
            self.asked_size = Some(after);
            // Where the answer is immediate, no event of the new size follows.
            if let Some(size) = screen.window.request_inner_size(after)
                && let Err(err) = self.resize(size)
            {
                log::warn!("{err:#}");
            }
        }
        self.redraw();
    }

    fn redraw(&self) {
        if let Some(screen) = &self.screen {
            screen.window.request_redraw();
        }
    }

    /// The window's size for what is shown, at the scale that was asked for.
    fn size(&self) -> PhysicalSize<u32> {
        let game = match &self.editor {
            Some(_) => [WIDTH + PANEL, HEIGHT],
            None => [WIDTH * self.config.color.view.columns(), HEIGHT],
        };
        let [width, height] = self.debug.map_or(game, |view| view.size(game));
        let scale = self.config.picture.scale as usize;
        // The console's insides are many pixels.
        let scale = if self.debug.is_some() { scale.div_ceil(2) } else { scale };
        PhysicalSize::new((width * scale) as u32, (height * scale) as u32)
    }

    fn say(&mut self, message: String) {
        self.messages.say(message);
        self.redraw();
    }
}

impl ApplicationHandler<(u32, Event)> for App {
    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        if let StartCause::ResumeTimeReached { .. } = cause {
            event_loop.set_control_flow(ControlFlow::Wait);
            self.redraw();
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        if let Some(end) = self.messages.end() {
            event_loop.set_control_flow(ControlFlow::WaitUntil(end));
        }
    }

    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.screen.is_none() {
            match self.open(event_loop) {
                Ok(screen) => self.screen = Some(screen),
                Err(err) => self.check(event_loop, Err(err)),
            }
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, (number, event): (u32, Event)) {
        let is_new = number == self.number || number == 0;
        match event {
            _ if !is_new => {}
            Event::Picture => self.redraw(),
            Event::Message(message) => self.say(message),
            Event::Saved => self.look_for_states(),
            Event::Pad(event) => self.pad(event, event_loop),
            Event::Open(path) => self.open_game(&path),
            Event::Painter(painter) => self.paint_by(painter),
            Event::Ended => event_loop.exit(),
        }
        self.check(event_loop, Ok(()));
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::RedrawRequested => {
                let drawn = self.draw();
                self.check(event_loop, drawn);
            }
            WindowEvent::Resized(size) => {
                let resized = self.resize(size);
                self.check(event_loop, resized);
            }
            WindowEvent::CursorMoved { position, .. } => self.mouse_moved(position),
            WindowEvent::MouseInput { state, button: MouseButton::Left, .. } => match state {
                ElementState::Pressed => self.click(event_loop),
                ElementState::Released => self.is_dragging = false,
            },
            WindowEvent::DroppedFile(path) => self.open_game(&path),
            WindowEvent::KeyboardInput { event, .. } => {
                if let PhysicalKey::Code(key) = event.physical_key {
                    self.key(key, event.state, event.repeat, event_loop);
                }
            }
            WindowEvent::Focused(has_focus) => {
                self.has_focus = has_focus;
                // Keys released while another window has the focus are never reported.
                self.release_all();
                self.update_speed();
            }
            _ => {}
        }
        self.check(event_loop, Ok(()));
    }
}

fn icon() -> Option<Icon> {
    let image = image::load_from_memory_with_format(ICON, ImageFormat::Png).ok()?.into_rgba8();
    let (width, height) = image.dimensions();
    Icon::from_rgba(image.into_raw(), width, height).ok()
}

/// winit's error tells where in its source it arose, and the reason last.
fn unreachable_display(err: &EventLoopError) -> anyhow::Error {
    let text = err.to_string();
    let reason = text.rsplit(": ").next().unwrap_or_default();
    anyhow!(
        "cannot reach the display: {reason}; check DISPLAY or WAYLAND_DISPLAY, or use \
         `chromaboy colorize`"
    )
}
