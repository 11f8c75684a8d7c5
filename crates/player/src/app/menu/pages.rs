//! What is on each page.

use std::time::{Duration, SystemTime};

use super::{About, Does, Item, Page, Setting, Wish};
use crate::config::Style;
use crate::input::{Action, BINDINGS, key_names};
use crate::states::{Saved, Slot};

/// What a newcomer needs to know.
pub const WELCOME: [&str; 11] = [
    "The Game Boy had four greys.",
    "A network colors its games",
    "while you play.",
    "",
    "Tab      grey / color",
    "F2       both, or split",
    "F4       your own colors",
    "Escape   the menu",
    "F1       all keys",
    "",
    "Arrows, X, Z, Enter: play",
];

impl Page {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Main => "Chromaboy",
            Self::Save => "Save state",
            Self::Load => "Load state",
            Self::Open => "Open a game",
            Self::Color => "Color",
            Self::Weights => "Weights",
            Self::Picture => "Picture",
            Self::Sound => "Sound",
            Self::Play => "Play",
            Self::Controls => "Controls",
            Self::Bind(_) => "Press a key or button",
            Self::About => "About",
            Self::Welcome => "Welcome to Chromaboy",
        }
    }

    /// What can be done on it, at its foot.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Color | Self::Picture | Self::Sound | Self::Play => {
                "Left, Right: change   Escape: back"
            }
            Self::Controls => "Enter: bind   Delete: as it was",
            Self::Bind(_) => "Escape: leave it as it is",
            Self::Welcome => "Enter: play",
            _ => "Enter: choose   Escape: back",
        }
    }
}

/// The lines of a page.
pub fn items(page: Page, about: &About<'_>) -> Vec<Item> {
    match page {
        Page::Main => main(),
        Page::Save => slots(about, Wish::Save),
        Page::Load => slots(about, Wish::Load),
        Page::Open => games(about),
        Page::Color => color(about),
        Page::Weights => weights(about),
        Page::Picture => picture(about),
        Page::Sound => sound(about),
        Page::Play => play(about),
        Page::Controls => controls(about),
        Page::Bind(row) => {
            vec![text(BINDINGS[row].does), text(""), text("now:"), text(&bound(about, row))]
        }
        Page::About => about_it(about),
        Page::Welcome => WELCOME.map(text).to_vec(),
    }
}

fn text(label: &str) -> Item {
    Item { label: label.to_owned(), value: String::new(), does: Does::Nothing }
}

fn item(label: &str, does: Does) -> Item {
    Item { label: label.to_owned(), value: String::new(), does }
}

fn step(label: &str, value: impl Into<String>, setting: Setting) -> Item {
    Item { label: label.to_owned(), value: value.into(), does: Does::Step(setting) }
}

fn on(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn main() -> Vec<Item> {
    vec![
        item("Back to the game", Does::Wish(Wish::Close)),
        item("Save state", Does::Go(Page::Save)),
        item("Load state", Does::Go(Page::Load)),
        item("Open a game", Does::Go(Page::Open)),
        item("Color", Does::Go(Page::Color)),
        item("Picture", Does::Go(Page::Picture)),
        item("Sound", Does::Go(Page::Sound)),
        item("Play", Does::Go(Page::Play)),
        item("Controls", Does::Go(Page::Controls)),
        item("Reset", Does::Wish(Wish::Do(Action::Reset))),
        item("About", Does::Go(Page::About)),
        item("Quit", Does::Wish(Wish::Do(Action::Quit))),
    ]
}

fn slots(about: &About<'_>, wish: fn(Slot) -> Wish) -> Vec<Item> {
    let line = |(slot, saved): &(Slot, Option<Saved>)| {
        let label = match slot {
            Slot::Number(number) => format!("{:2}", number + 1),
            Slot::Auto => "last".to_owned(),
        };
        let (value, can_be) = match saved {
            Some(saved) => (age(saved.time), true),
            None => ("empty".to_owned(), wish(*slot) == Wish::Save(*slot)),
        };
        let is_kept = *slot == Slot::Auto && wish(*slot) == Wish::Save(*slot);
        let does = if can_be && !is_kept { Does::Wish(wish(*slot)) } else { Does::Nothing };
        Item { label: format!("{label} {value}"), value: String::new(), does }
    };
    about.slots.iter().map(line).collect()
}

/// How long ago something was.
pub fn age(time: SystemTime) -> String {
    let seconds = time.elapsed().unwrap_or(Duration::ZERO).as_secs();
    match seconds {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn games(about: &About<'_>) -> Vec<Item> {
    let browse = item("Look for a file ...", Does::Wish(Wish::Browse));
    let recent = about.recent.iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        item(&name, Does::Wish(Wish::Open(path.clone())))
    });
    [browse].into_iter().chain(recent).collect()
}

fn color(about: &About<'_>) -> Vec<Item> {
    let color = &about.config.color;
    let style = match color.style {
        Style::Auto => "auto",
        Style::Safe => "safe",
        Style::Vivid => "vivid",
    };
    let mut items = vec![
        step("Show", color.view.name(), Setting::View),
        step("Strength", format!("{} %", color.strength), Setting::Strength),
    ];
    if about.has_own_colors {
        items.push(step("As the LCD showed", on(color.correction), Setting::Correction));
    } else {
        let weights =
            Item { value: color.weights.clone(), ..item("Weights", Does::Go(Page::Weights)) };
        items.extend([
            weights,
            step("Unknown games", style, Setting::Style),
            step("Raw palette", &color.palette, Setting::Palette),
            item("Choose colors", Does::Wish(Wish::Do(Action::ToggleEditor))),
            item("Color anew", Does::Wish(Wish::Do(Action::ForgetColors))),
        ]);
    }
    items.extend([text(""), text("by"), text(about.painter)]);
    items
}

fn weights(about: &About<'_>) -> Vec<Item> {
    let line = |(place, choice): (usize, &crate::weights::Choice)| {
        let is_chosen = choice.setting() == about.config.color.weights;
        let value = if is_chosen { "now" } else { "" }.to_owned();
        let does = Does::Wish(Wish::Weights(place));
        [Item { label: choice.name(), value, does }, text(&format!(" {}", choice.summary()))]
    };
    about.weights.iter().enumerate().flat_map(line).collect()
}

fn picture(about: &About<'_>) -> Vec<Item> {
    let picture = &about.config.picture;
    vec![
        step("Size", picture.scaling.name(), Setting::Scaling),
        step("Filter", picture.filter.name(), Setting::Filter),
        step("Fullscreen", on(picture.fullscreen), Setting::Fullscreen),
        step("Screenshots", format!("{} x", picture.screenshot_scale), Setting::ScreenshotScale),
        item("Screenshot", Does::Wish(Wish::Do(Action::Screenshot))),
        Item {
            value: about.recorder.clone(),
            ..item("Record, or end it", Does::Wish(Wish::Do(Action::Record)))
        },
        item("Clip of the latest", Does::Wish(Wish::Do(Action::Clip))),
        item("Times and figures", Does::Wish(Wish::Do(Action::ToggleFigures))),
        item("Tiles, maps, palettes", Does::Wish(Wish::Do(Action::NextDebugView))),
        text(""),
        text("drawn by"),
        text(&about.renderer),
    ]
}

fn sound(about: &About<'_>) -> Vec<Item> {
    let sound = &about.config.sound;
    vec![
        step("Volume", format!("{} %", sound.volume), Setting::Volume),
        step("Mute", on(sound.mute), Setting::Mute),
        step("Fast-forward is heard", on(sound.fast_forward), Setting::FastSound),
    ]
}

fn play(about: &About<'_>) -> Vec<Item> {
    let play = &about.config.play;
    let [seconds, mebibytes] = about.rewind;
    vec![
        step("Run ahead", format!("{} frames", play.run_ahead), Setting::RunAhead),
        step("Slow motion", format!("{} %", play.slow_motion), Setting::SlowMotion),
        step("Pause in background", on(play.pause_unfocused), Setting::PauseUnfocused),
        step("Go on where I was", on(play.resume), Setting::Resume),
        text(""),
        text("Rewind holds"),
        text(&format!("{seconds:.0} s in {mebibytes:.1} MiB")),
    ]
}

fn bound(about: &About<'_>, row: usize) -> String {
    let keys = key_names(about.bindings.keys(row));
    let pad = about.bindings.pad(row).iter().map(|button| format!("pad {}", button.name()));
    let all: Vec<_> = [keys].into_iter().filter(|keys| !keys.is_empty()).chain(pad).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}

fn controls(about: &About<'_>) -> Vec<Item> {
    let line = |(row, binding): (usize, &crate::input::Binding)| Item {
        label: binding.does.to_owned(),
        value: key_names(about.bindings.keys(row)),
        does: Does::Go(Page::Bind(row)),
    };
    BINDINGS.iter().enumerate().map(line).collect()
}

fn about_it(about: &About<'_>) -> Vec<Item> {
    let version = format!("Chromaboy {}", env!("CARGO_PKG_VERSION"));
    vec![
        text(&version),
        text("Game Boy games in color"),
        text(""),
        text("MIT or Apache-2.0"),
        text(""),
        text("Now playing"),
        text(about.game),
        text(""),
        item("What keys do", Does::Go(Page::Controls)),
        item("The welcome", Does::Go(Page::Welcome)),
    ]
}
