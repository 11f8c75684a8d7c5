//! Keys and pads: what is held, and what is done when something is pressed.

use std::time::Instant;

use gameboy::WIDTH;
use winit::dpi::PhysicalPosition;
use winit::event::ElementState;
use winit::event_loop::ActiveEventLoop;
use winit::keyboard::KeyCode;

use super::menu::{Menu, Page, Wish};
use super::settings::change_percent;
use super::{App, Overlay};
use crate::debug::DebugView;
use crate::emulation::{Command, Event, Held, Speed, Teller};
use crate::input::{self, Action, PadButton, PadEvent, StickAsPad};
use crate::states::{SLOTS, Slot};

/// A dialog that answers faster than a person is none.
const NO_PERSON: std::time::Duration = std::time::Duration::from_millis(200);

/// What is held and switched on.
#[derive(Debug, Default)]
pub struct Controls {
    held: Held,
    tilt: [i8; 2],
    stick: StickAsPad,
    is_paused: bool,
    is_fast_held: bool,
    is_fast: bool,
    is_slow: bool,
    is_rewinding: bool,
}

impl Controls {
    /// How fast to go, where slow motion has so many percent.
    pub fn speed(&self, slow: u8) -> Speed {
        match self {
            Self { is_rewinding: true, .. } => Speed::Back,
            Self { is_paused: true, .. } => Speed::Paused,
            Self { is_fast_held: true, .. } | Self { is_fast: true, .. } => Speed::Fast,
            Self { is_slow: true, .. } => Speed::Slow(slow),
            _ => Speed::Normal,
        }
    }
}

impl App {
    /// Shows the mouse's pointer, or does not: keys hide it where the game fills the screen, until it
    /// moves.
    pub(super) fn show_pointer(&self, is_shown: bool) {
        if let Some(screen) = &self.screen {
            screen.window.set_cursor_visible(is_shown);
        }
    }

    pub(super) fn mouse_moved(&mut self, position: PhysicalPosition<f64>) {
        self.show_pointer(true);
        self.mouse = [position.x, position.y].map(|axis| axis.max(0.0) as usize);
        if self.is_dragging
            && let Some([x, _]) = self.mouse_pixel()
        {
            self.divider = x.min(WIDTH);
            self.redraw();
        }
    }

    pub(super) fn key(
        &mut self,
        key: KeyCode,
        state: ElementState,
        is_repeated: bool,
        event_loop: &ActiveEventLoop,
    ) {
        let is_pressed = state == ElementState::Pressed;
        self.show_pointer(!self.config.picture.fullscreen);
        if let Some(mut menu) = self.menu.take() {
            let wish = if is_pressed { menu.press_key(key, &self.about()) } else { None };
            self.menu = Some(menu);
            self.grant(wish, event_loop);
            self.redraw();
        } else if self.editor.is_some() {
            if is_pressed && let Some(action) = input::editor_action(key) {
                self.edit(action);
            }
        } else if let Some(action) = self.bindings.of_key(key) {
            // A frame at a time can be gone on for as long as the key is held.
            if is_pressed && (!is_repeated || action == Action::Advance) {
                self.press(action, event_loop);
            } else if !is_pressed {
                self.release(action);
            }
        }
    }

    pub(super) fn pad(&mut self, event: PadEvent, event_loop: &ActiveEventLoop) {
        match event {
            PadEvent::Button(button, is_pressed) => self.pad_button(button, is_pressed, event_loop),
            PadEvent::Stick(place) if self.playing.feels_tilt && self.menu.is_none() => {
                self.emulation.tell(Command::Tilt(place));
            }
            PadEvent::Stick(place) => {
                for (button, is_pressed) in self.controls.stick.moved(place) {
                    self.pad_button(button, is_pressed, event_loop);
                }
            }
            PadEvent::Gone => self.release_all(),
        }
    }

    fn pad_button(&mut self, button: PadButton, is_pressed: bool, event_loop: &ActiveEventLoop) {
        if let Some(mut menu) = self.menu.take() {
            let wish = if is_pressed { menu.press_pad(button, &self.about()) } else { None };
            self.menu = Some(menu);
            self.grant(wish, event_loop);
            self.redraw();
        } else if self.editor.is_none()
            && let Some(action) = self.bindings.of_pad(button)
        {
            if is_pressed { self.press(action, event_loop) } else { self.release(action) }
        }
    }

    pub(super) fn press(&mut self, action: Action, event_loop: &ActiveEventLoop) {
        match action {
            Action::Button(button) => self.hold(|held| held.buttons |= button),
            Action::Turbo(button) => self.hold(|held| held.turbo |= button),
            Action::Tilt([right, down]) => self.tilt([right, down]),
            Action::Menu => self.open_menu(Page::Main),
            Action::Help => self.open_menu(Page::Controls),
            Action::ToggleColor => self.show(self.config.color.view.with_color_toggled()),
            Action::NextView => self.show(self.config.color.view.stepped(1)),
            Action::FastForward => self.go(|controls| controls.is_fast_held = true),
            Action::ToggleFastForward => self.go(|controls| controls.is_fast ^= true),
            Action::ToggleSlowMotion => self.go(|controls| controls.is_slow ^= true),
            Action::Rewind => self.go(|controls| controls.is_rewinding = true),
            Action::TogglePause => self.go(|controls| controls.is_paused ^= true),
            Action::Advance => {
                self.go(|controls| controls.is_paused = true);
                self.emulation.tell(Command::Advance);
            }
            Action::SaveState => self.save_state(Slot::Number(self.slot)),
            Action::LoadState => self.emulation.tell(Command::LoadState(Slot::Number(self.slot))),
            Action::PreviousSlot => self.choose_slot(SLOTS - 1),
            Action::NextSlot => self.choose_slot(1),
            Action::Screenshot => self.take_screenshot(),
            Action::Record => self.toggle_recording(),
            Action::Clip => self.make_clip(),
            Action::ToggleMute => self.set(|config| config.sound.mute ^= true),
            Action::Quieter => self.set(|config| change_percent(&mut config.sound.volume, -10)),
            Action::Louder => self.set(|config| change_percent(&mut config.sound.volume, 10)),
            Action::ToggleFullscreen => self.set(|config| config.picture.fullscreen ^= true),
            Action::ToggleFigures => self.toggle_figures(),
            Action::NextDebugView => self.next_debug_view(),
            Action::Reset => self.emulation.tell(Command::Reset),
            Action::ToggleEditor => self.open_editor(),
            Action::ForgetColors => self.emulation.tell(Command::ForgetColors),
            Action::Open => self.browse(),
            Action::Quit => event_loop.exit(),
        }
    }

    fn release(&mut self, action: Action) {
        match action {
            Action::Button(button) => self.hold(|held| held.buttons -= button),
            Action::Turbo(button) => self.hold(|held| held.turbo -= button),
            Action::Tilt([right, down]) => self.tilt([-right, -down]),
            Action::FastForward => self.go(|controls| controls.is_fast_held = false),
            Action::Rewind => self.go(|controls| controls.is_rewinding = false),
            _ => {}
        }
    }

    /// Nothing is held any longer.
    pub(super) fn release_all(&mut self) {
        self.hold(|held| *held = Held::default());
        self.controls.tilt = [0; 2];
        self.emulation.tell(Command::Tilt([0.0; 2]));
        self.go(|controls| (controls.is_fast_held, controls.is_rewinding) = (false, false));
    }

    fn hold(&mut self, change: impl FnOnce(&mut Held)) {
        change(&mut self.controls.held);
        self.emulation.tell(Command::Hold(self.controls.held, Instant::now()));
    }

    fn tilt(&mut self, by: [i8; 2]) {
        let tilt = &mut self.controls.tilt;
        *tilt = [0, 1].map(|axis| (tilt[axis] + by[axis]).clamp(-1, 1));
        self.emulation.tell(Command::Tilt(tilt.map(f32::from)));
    }

    fn go(&mut self, change: impl FnOnce(&mut Controls)) {
        change(&mut self.controls);
        self.update_speed();
    }

    fn choose_slot(&mut self, steps: u8) {
        self.slot = (self.slot + steps) % SLOTS;
        self.say(Slot::Number(self.slot).name());
    }

    fn save_state(&mut self, slot: Slot) {
        let picture = Box::new(self.shot.color.clone());
        self.emulation.tell(Command::SaveState(slot, picture));
    }

    fn toggle_figures(&mut self) {
        self.overlay = match self.overlay {
            Overlay::Nothing => Overlay::Figures,
            Overlay::Figures => Overlay::Nothing,
        };
        self.redraw();
    }

    fn next_debug_view(&mut self) {
        self.fit(|app| app.debug = DebugView::next(app.debug));
        self.emulation.tell(Command::Debug(self.debug.is_some()));
    }

    pub(super) fn open_menu(&mut self, page: Page) {
        self.release_all();
        self.weights = crate::weights::Choice::all();
        self.menu = Some(Menu::new(page));
        self.look_for_states();
        self.update_speed();
        self.redraw();
    }

    pub(super) fn close_menu(&mut self) {
        if self.menu.take().is_some_and(|menu| menu.page() == Page::Welcome) {
            self.remembered.is_welcomed = true;
        }
        self.update_speed();
        self.redraw();
    }

    /// Looks what is in the slots, for the menu.
    pub(super) fn look_for_states(&mut self) {
        let Some(states) = self.playing.states.as_ref().filter(|_| self.menu.is_some()) else {
            return;
        };
        let slots = (0..SLOTS).map(Slot::Number).chain([Slot::Auto]);
        self.slots = slots.map(|slot| (slot, states.saved(slot))).collect();
        self.redraw();
    }

    /// Does what the player wants of the menu.
    pub(super) fn grant(&mut self, wish: Option<Wish>, event_loop: &ActiveEventLoop) {
        let Some(wish) = wish else { return };
        match wish {
            Wish::Close => self.close_menu(),
            Wish::Do(action) => {
                self.close_menu();
                self.press(action, event_loop);
            }
            Wish::Save(slot) => {
                self.close_menu();
                self.save_state(slot);
            }
            Wish::Load(slot) => {
                self.close_menu();
                self.emulation.tell(Command::LoadState(slot));
            }
            Wish::Open(path) => self.open_game(&path),
            Wish::Browse => self.browse(),
            Wish::Weights(place) => self.choose_weights(place),
            Wish::Step(setting, steps) => self.step(setting, steps),
            Wish::BindKey(row, key) => self.bind(|bindings| bindings.bind_keys(row, vec![key])),
            Wish::BindPad(row, button) => {
                self.bind(|bindings| bindings.bind_pad(row, vec![button]));
            }
            Wish::Unbind(row) => self.bind(|bindings| bindings.restore(row)),
        }
    }

    /// Asks for a game in a dialog of the system.
    fn browse(&mut self) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Open a game")
            .add_filter("Game Boy games", &["gb", "gbc", "zip"])
            .pick_file();
        let teller = Teller::new(self.events.clone(), 0);
        let start = std::time::Instant::now();
        std::thread::spawn(move || match pollster::block_on(dialog) {
            Some(file) => teller.tell(Event::Open(file.path().to_owned())),
            None if start.elapsed() < NO_PERSON => {
                let advice = "no file dialog: drop a game here";
                teller.tell(Event::Message(advice.to_owned()))
            }
            None => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use gameboy::Buttons;

    use super::*;

    #[test]
    fn what_is_held_wins_over_what_is_switched_on() {
        let mut controls = Controls { is_slow: true, ..Controls::default() };
        assert_eq!(controls.speed(50), Speed::Slow(50));
        controls.is_fast = true;
        assert_eq!(controls.speed(50), Speed::Fast);
        controls.is_paused = true;
        assert_eq!(controls.speed(50), Speed::Paused);
        controls.is_rewinding = true;
        assert_eq!(controls.speed(50), Speed::Back);
        assert_eq!(controls.held.buttons, Buttons::empty());
    }
}
