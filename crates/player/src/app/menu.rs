//! The menu over the picture. Keys, pads and the mouse drive it; it says what the player wants, and
//! the window does that.

mod draw;
mod pages;

use std::path::PathBuf;

use gameboy::Buttons;
use winit::keyboard::KeyCode;

use crate::config::Config;
use crate::input::{Action, Bindings, PadButton};
use crate::picture::Picture;
use crate::states::{Saved, Slot};
use crate::weights::Choice as WeightsChoice;

pub use draw::{write_mark, write_message};

/// What the menu shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Main,
    Save,
    Load,
    Open,
    Color,
    Weights,
    Picture,
    Sound,
    Play,
    Controls,
    /// Waits for a key or a button for the action of that row of the bindings.
    Bind(usize),
    About,
    /// What a newcomer needs to know.
    Welcome,
}

/// Something that is changed in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    View,
    Strength,
    Palette,
    Style,
    Correction,
    Scaling,
    Filter,
    Fullscreen,
    ScreenshotScale,
    Volume,
    Mute,
    FastSound,
    RunAhead,
    SlowMotion,
    PauseUnfocused,
    Resume,
}

/// What the player wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The menu is closed.
    Close,
    Do(Action),
    Save(Slot),
    Load(Slot),
    /// Another game.
    Open(PathBuf),
    /// A game that a dialog asks for.
    Browse,
    /// The weights of that place in the list.
    Weights(usize),
    /// So many steps up, or down.
    Step(Setting, isize),
    /// The key does what is in that row of the bindings.
    BindKey(usize, KeyCode),
    BindPad(usize, PadButton),
    /// What is in that row is bound as it is by default.
    Unbind(usize),
}

/// What the menu shows things of.
pub struct About<'a> {
    pub game: &'a str,
    pub config: &'a Config,
    pub bindings: &'a Bindings,
    pub slots: &'a [(Slot, Option<Saved>)],
    pub weights: &'a [WeightsChoice],
    pub recent: &'a [PathBuf],
    pub painter: &'a str,
    pub renderer: String,
    /// Seconds and MiB.
    pub rewind: [f64; 2],
    pub has_own_colors: bool,
    /// What is recorded, in a few words.
    pub recorder: String,
}

/// What is pressed while the menu is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    Up,
    Down,
    Left,
    Right,
    Choose,
    Back,
    /// Takes a binding back.
    Delete,
}

/// One line of a page.
#[derive(Clone, Debug)]
struct Item {
    label: String,
    value: String,
    does: Does,
}

/// What happens when a line is chosen.
#[derive(Clone, Debug)]
enum Does {
    /// It cannot be.
    Nothing,
    Go(Page),
    Wish(Wish),
    Step(Setting),
}

/// An open menu.
#[derive(Debug)]
pub struct Menu {
    /// The pages that led here, each with the line that is marked.
    path: Vec<(Page, usize)>,
}

impl Menu {
    /// Shows that page.
    pub fn new(page: Page) -> Self {
        Self { path: vec![(page, 0)] }
    }

    /// What is shown.
    pub fn page(&self) -> Page {
        self.path.last().map_or(Page::Main, |(page, _)| *page)
    }

    /// The slot of the line that is marked.
    fn slot(&self, about: &About<'_>) -> Option<usize> {
        let (page, line) = *self.path.last()?;
        let is_list = matches!(page, Page::Save | Page::Load) && line < about.slots.len();
        is_list.then_some(line)
    }

    /// Something was pressed. Returns what the player wants by it.
    pub fn press(&mut self, press: Press, about: &About<'_>) -> Option<Wish> {
        let items = pages::items(self.page(), about);
        let (page, line) = self.path.last_mut()?;
        match press {
            Press::Up | Press::Down => {
                let down = press == Press::Down;
                *line = next_line(&items, *line, down);
                None
            }
            Press::Left | Press::Right => match items.get(*line)?.does {
                Does::Step(setting) => {
                    Some(Wish::Step(setting, if press == Press::Left { -1 } else { 1 }))
                }
                _ => None,
            },
            Press::Delete => match *page {
                Page::Controls => Some(Wish::Unbind(*line)),
                _ => None,
            },
            Press::Back => self.back(),
            Press::Choose if *page == Page::Welcome => Some(Wish::Close),
            Press::Choose => match items.get(*line)?.does.clone() {
                Does::Nothing => None,
                Does::Go(page) => {
                    let first = pages::items(page, about);
                    let line = first.iter().position(Item::can_be_marked).unwrap_or_default();
                    self.path.push((page, line));
                    None
                }
                Does::Wish(wish) => Some(wish),
                Does::Step(setting) => Some(Wish::Step(setting, 1)),
            },
        }
    }

    /// A key was pressed, whatever it is bound to. Returns what the player wants by it.
    pub fn press_key(&mut self, key: KeyCode, about: &About<'_>) -> Option<Wish> {
        if let Page::Bind(row) = self.page() {
            self.path.pop();
            return (key != KeyCode::Escape).then_some(Wish::BindKey(row, key));
        }
        let press = match key {
            KeyCode::ArrowUp => Press::Up,
            KeyCode::ArrowDown => Press::Down,
            KeyCode::ArrowLeft => Press::Left,
            KeyCode::ArrowRight => Press::Right,
            KeyCode::Enter | KeyCode::NumpadEnter => Press::Choose,
            KeyCode::Escape | KeyCode::Backspace => Press::Back,
            KeyCode::Delete => Press::Delete,
            key => press_of(about.bindings.of_key(key)?)?,
        };
        self.press(press, about)
    }

    /// A button of a pad was pressed. Returns what the player wants by it.
    pub fn press_pad(&mut self, button: PadButton, about: &About<'_>) -> Option<Wish> {
        if let Page::Bind(row) = self.page() {
            self.path.pop();
            return Some(Wish::BindPad(row, button));
        }
        let press = match button {
            PadButton::Up => Press::Up,
            PadButton::Down => Press::Down,
            PadButton::Left => Press::Left,
            PadButton::Right => Press::Right,
            button => press_of(about.bindings.of_pad(button)?)?,
        };
        self.press(press, about)
    }

    /// The mouse was clicked at a pixel of the menu. Returns what the player wants by it.
    pub fn click(&mut self, [_, y]: [usize; 2], about: &About<'_>) -> Option<Wish> {
        if self.page() == Page::Welcome {
            return Some(Wish::Close);
        }
        let items = pages::items(self.page(), about);
        let (_, line) = self.path.last_mut()?;
        let clicked = draw::line_at(y, *line, items.len())?;
        if !items[clicked].can_be_marked() {
            return None;
        }
        *line = clicked;
        self.press(Press::Choose, about)
    }

    fn back(&mut self) -> Option<Wish> {
        self.path.pop();
        self.path.is_empty().then_some(Wish::Close)
    }

    /// Draws the menu over a picture.
    pub fn draw(&self, picture: &mut Picture, about: &About<'_>) {
        let Some(&(page, line)) = self.path.last() else { return };
        draw::draw(picture, page, line, self.slot(about), about);
    }
}

impl Item {
    fn can_be_marked(&self) -> bool {
        !matches!(self.does, Does::Nothing)
    }
}

/// The line after one, or before it, that can be marked; from the end it goes on at the beginning.
fn next_line(items: &[Item], line: usize, is_down: bool) -> usize {
    let count = items.len().max(1);
    let step = |steps: usize| if is_down { line + steps } else { line + count * 2 - steps } % count;
    let is_marked = |line: &usize| items.get(*line).is_some_and(Item::can_be_marked);
    (1..=count).map(step).find(is_marked).unwrap_or(line)
}

/// What a button of the console is in the menu.
fn press_of(action: Action) -> Option<Press> {
    match action {
        Action::Button(Buttons::UP) => Some(Press::Up),
        Action::Button(Buttons::DOWN) => Some(Press::Down),
        Action::Button(Buttons::LEFT) => Some(Press::Left),
        Action::Button(Buttons::RIGHT) => Some(Press::Right),
        Action::Button(Buttons::A | Buttons::START) => Some(Press::Choose),
        Action::Button(Buttons::B) | Action::Menu => Some(Press::Back),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
