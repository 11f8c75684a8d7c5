//! The window: keys in, the newest picture out.

mod editor;
mod title;
mod view;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use colorizer::SlidingWindow;
use gameboy::{Buttons, HEIGHT, WIDTH};
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::error::EventLoopError;
use winit::event::{ElementState, KeyEvent, MouseButton, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::keyboard::PhysicalKey;
use winit::window::{Fullscreen, Window, WindowId};

use crate::cli::RendererChoice;
use crate::emulation::{Command, Emulation, Event, Setup, Speed, Volume};
use crate::figures::Figures;
use crate::font;
use crate::input::{self, Action, EditorAction};
use crate::mailbox::Shot;
use crate::picture::Picture;
use crate::presenter::{self, Presenter, layout};
pub use editor::reference;
use editor::{Editor, PANEL};
pub use title::Title;
use view::View;

/// How often the title tells the speed.
const TITLE_INTERVAL: Duration = Duration::from_secs(1);

/// How to open the window.
#[derive(Clone, Debug)]
pub struct Appearance {
    /// Screen pixels per pixel of the console.
    pub scale: u32,
    pub renderer: RendererChoice,
    /// A picture to take colors from.
    pub reference: Option<Picture>,
    /// Whether the game brings its colors, so that none can be chosen.
    pub has_own_colors: bool,
}

/// What was played.
#[derive(Debug)]
pub struct Played {
    pub figures: Figures,
    /// Pictures drawn into the window.
    pub drawn: u64,
    /// What drew them.
    pub presenter: String,
}

/// Plays until the window is closed or the emulation ends.
///
/// # Errors
/// If there is no window to be had, or it can be drawn to no longer.
pub fn play(setup: Setup, title: Title, appearance: Appearance) -> Result<Played> {
    let events = EventLoop::with_user_event().build().map_err(|err| unreachable_display(&err))?;
    events.set_control_flow(ControlFlow::Wait);
    let volume = setup.volume;
    let emulation = Emulation::start(setup, events.create_proxy())?;
    let mut app = App::new(emulation, title, appearance, volume);
    events.run_app(&mut app).context("the window failed")?;
    app.finish()
}

struct App {
    emulation: Emulation,
    title: Title,
    appearance: Appearance,
    screen: Option<Screen>,
    view: View,
    overlay: Overlay,
    /// Where colors are chosen; the game stands still meanwhile.
    editor: Option<Editor>,
    /// Where the mouse is, in pixels of the window.
    mouse: [usize; 2],
    shot: Box<Shot>,
    held: Buttons,
    speed: Speed,
    volume: Volume,
    drawn: u64,
    present: SlidingWindow,
    next_title: Instant,
    failure: Option<anyhow::Error>,
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
    fn new(emulation: Emulation, title: Title, appearance: Appearance, volume: Volume) -> Self {
        Self {
            emulation,
            title,
            appearance,
            screen: None,
            view: View::Color,
            overlay: Overlay::Nothing,
            editor: None,
            mouse: [0; 2],
            shot: Box::default(),
            held: Buttons::empty(),
            speed: Speed::Normal,
            volume,
            drawn: 0,
            present: SlidingWindow::new(),
            next_title: Instant::now(),
            failure: None,
        }
    }

    fn finish(mut self) -> Result<Played> {
        let stopped = self.emulation.stop();
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        stopped?;
        let figures = self.figures();
        let presenter = self.screen.map_or_else(String::new, |screen| screen.presenter.name());
        Ok(Played { figures, drawn: self.drawn, presenter })
    }

    /// Ends the program where something cannot go on.
    fn check(&mut self, event_loop: &ActiveEventLoop, result: Result<()>) {
        if let Err(err) = result {
            self.failure = Some(err);
            event_loop.exit();
        }
    }

    fn open(&self, event_loop: &ActiveEventLoop) -> Result<Screen> {
        let attributes = Window::default_attributes()
            .with_title(self.title.text(&self.emulation.progress(), Instant::now()))
            .with_inner_size(self.size())
            .with_min_inner_size(size(1, 1));
        let window = event_loop.create_window(attributes).context("cannot open a window")?;
        let window = Arc::new(window);
        let presenter = presenter::open(&window, self.appearance.renderer)?;
        log::info!("drawing by: {}", presenter.name());
        window.request_redraw();
        Ok(Screen { window, presenter })
    }

    fn draw(&mut self) -> Result<()> {
        self.emulation.collect(&mut self.shot);
        let mut picture = self.picture();
        if self.overlay == Overlay::Figures {
            font::write(&mut picture, &self.figures().overlay());
        }
        let Some(screen) = &mut self.screen else { return Ok(()) };
        screen.window.pre_present_notify();
        let start = Instant::now();
        screen.presenter.draw(&picture)?;
        self.present.record(start.elapsed());
        self.drawn += 1;
        self.refresh_title();
        Ok(())
    }

    fn picture(&self) -> Picture {
        match &self.editor {
            None => self.view.picture(&self.shot),
            Some(editor) => {
                let frame = Picture::from_frame(&self.shot.color);
                editor.picture(&frame, self.emulation.picked().as_ref())
            }
        }
    }

    fn figures(&self) -> Figures {
        let (rate, present) = (self.title.rate(), self.present.spread());
        Figures { progress: self.emulation.progress(), rate, present }
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
        let Some(screen) = &mut self.screen else { return Ok(()) };
        screen.presenter.resize(size)?;
        screen.window.request_redraw();
        Ok(())
    }

    fn press(&mut self, action: Action, event_loop: &ActiveEventLoop) {
        match action {
            Action::Button(button) => self.hold(self.held | button),
            Action::ToggleColor => self.show(self.view.with_color_toggled()),
            Action::ToggleSideBySide => self.show(self.view.with_both_toggled()),
            Action::FastForward => self.run(Speed::Fast),
            Action::TogglePause if self.speed == Speed::Paused => self.run(Speed::Normal),
            Action::TogglePause => self.run(Speed::Paused),
            Action::ToggleMute => self.toggle_mute(),
            Action::ToggleFullscreen => self.toggle_fullscreen(),
            Action::ToggleFigures => self.toggle_figures(),
            Action::Reset => self.emulation.tell(Command::Reset),
            Action::ToggleEditor => self.open_editor(),
            Action::ForgetColors => self.emulation.tell(Command::ForgetColors),
            Action::Quit => event_loop.exit(),
        }
    }

    fn release(&mut self, action: Action) {
        match action {
            Action::Button(button) => self.hold(self.held - button),
            Action::FastForward if self.speed == Speed::Fast => self.run(Speed::Normal),
            _ => {}
        }
    }

    fn hold(&mut self, buttons: Buttons) {
        self.held = buttons;
        self.emulation.tell(Command::Hold(buttons));
    }

    fn run(&mut self, speed: Speed) {
        self.speed = speed;
        self.title.set_speed(speed);
        self.next_title = Instant::now();
        self.emulation.tell(Command::Run(speed));
        self.refresh_title();
    }

    fn toggle_mute(&mut self) {
        self.volume = match self.volume {
            Volume::Full => Volume::Muted,
            Volume::Muted => Volume::Full,
        };
        self.emulation.tell(Command::Listen(self.volume));
    }

    fn toggle_fullscreen(&mut self) {
        let Some(screen) = &self.screen else { return };
        let fullscreen = match screen.window.fullscreen() {
            Some(_) => None,
            None => Some(Fullscreen::Borderless(None)),
        };
        screen.window.set_fullscreen(fullscreen);
    }

    fn open_editor(&mut self) {
        self.hold(Buttons::empty());
        self.run(Speed::Paused);
        self.fit(|app| {
            let Appearance { reference, has_own_colors, .. } = &app.appearance;
            app.editor = Some(Editor::new(reference.clone(), *has_own_colors));
        });
    }

    fn close_editor(&mut self) {
        self.emulation.tell(Command::Release);
        self.fit(|app| app.editor = None);
        self.run(Speed::Normal);
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

    /// The mouse was clicked.
    fn click(&mut self) {
        let (Some(editor), Some(screen)) = (&mut self.editor, &self.screen) else { return };
        let size = screen.window.inner_size();
        let size = [size.width as usize, size.height as usize];
        let place = layout::find([WIDTH + PANEL, HEIGHT], size, self.mouse);
        let frame = Picture::from_frame(&self.shot.color);
        if let Some(command) = place.and_then(|place| editor.click(place, &frame)) {
            self.emulation.tell(command);
        }
        self.redraw();
    }

    fn toggle_figures(&mut self) {
        self.overlay = match self.overlay {
            Overlay::Nothing => Overlay::Figures,
            Overlay::Figures => Overlay::Nothing,
        };
        self.redraw();
    }

    fn show(&mut self, view: View) {
        self.fit(|app| app.view = view);
    }

    /// Shows something else, in a window that fits it unless its size is the user's own.
    fn fit(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.size();
        change(self);
        let after = self.size();
        let Some(screen) = &self.screen else { return };
        if screen.window.inner_size() == before && before != after {
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
        let columns = match &self.editor {
            Some(_) => WIDTH + PANEL,
            None => WIDTH * self.view.columns() as usize,
        };
        size(columns as u32, self.appearance.scale)
    }
}

impl ApplicationHandler<Event> for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.screen.is_none() {
            match self.open(event_loop) {
                Ok(screen) => self.screen = Some(screen),
                Err(err) => self.check(event_loop, Err(err)),
            }
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: Event) {
        match event {
            Event::Picture => self.redraw(),
            Event::Ended => event_loop.exit(),
        }
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
            WindowEvent::CursorMoved { position, .. } => {
                self.mouse = [position.x.max(0.0) as usize, position.y.max(0.0) as usize];
            }
            WindowEvent::MouseInput {
                state: ElementState::Pressed,
                button: MouseButton::Left,
                ..
            } => self.click(),
            WindowEvent::KeyboardInput { event, .. } if self.editor.is_some() => {
                if let PhysicalKey::Code(key) = event.physical_key
                    && event.state == ElementState::Pressed
                    && let Some(action) = input::editor_action(key)
                {
                    self.edit(action);
                }
            }
            WindowEvent::KeyboardInput { event, .. } if !event.repeat => {
                if let Some(action) = action_of(&event) {
                    match event.state {
                        ElementState::Pressed => self.press(action, event_loop),
                        ElementState::Released => self.release(action),
                    }
                }
            }
            // Keys released while another window has the focus are never reported.
            WindowEvent::Focused(false) => {
                self.hold(Buttons::empty());
                self.release(Action::FastForward);
            }
            _ => {}
        }
    }
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

fn action_of(event: &KeyEvent) -> Option<Action> {
    match event.physical_key {
        PhysicalKey::Code(key) => input::action(key),
        PhysicalKey::Unidentified(_) => None,
    }
}

/// The size of so many columns of the height of the console's screen.
fn size(columns: u32, scale: u32) -> PhysicalSize<u32> {
    PhysicalSize::new(columns * scale, HEIGHT as u32 * scale)
}
