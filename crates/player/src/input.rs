//! What keys and pads do. [`BINDINGS`] is the one table of it: `--help`, the screen of keys, the
//! configuration and the README are made of it.

mod bindings;
mod keys;
mod pads;

use gameboy::Buttons;
use winit::keyboard::KeyCode;

pub use bindings::{Bindings, Named};
pub use keys::key_name;
pub use pads::{PadButton, PadEvent, Pads, StickAsPad};

/// What a key or a button of a pad does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Holds a button of the console.
    Button(Buttons),
    /// Presses a button of the console fifteen times a second.
    Turbo(Buttons),
    /// Tilts a cartridge that feels it: to the right and to the bottom.
    Tilt([i8; 2]),
    /// Opens the menu, or closes it.
    Menu,
    /// Raw or colored.
    ToggleColor,
    /// The next of raw, colored, both side by side, and split.
    NextView,
    /// Runs as fast as it can for as long as it is held.
    FastForward,
    /// Runs as fast as it can until it is pressed again.
    ToggleFastForward,
    /// Runs slowly until it is pressed again.
    ToggleSlowMotion,
    /// Goes back in time for as long as it is held.
    Rewind,
    TogglePause,
    /// Pauses, and goes on by one frame.
    Advance,
    SaveState,
    LoadState,
    PreviousSlot,
    NextSlot,
    Screenshot,
    /// Begins a film, or ends it.
    Record,
    /// Makes a film of the latest seconds.
    Clip,
    ToggleMute,
    Quieter,
    Louder,
    ToggleFullscreen,
    /// Shows the figures of the emulation and the network, or hides them.
    ToggleFigures,
    /// The next view of the console's insides, or none.
    NextDebugView,
    /// Switches the console off and on.
    Reset,
    /// Stops the game to choose colors for it, or goes on.
    ToggleEditor,
    /// Forgets the colors that V3 gave to the game's cells.
    ForgetColors,
    Open,
    /// Shows what keys do.
    Help,
    Quit,
}

/// What a key does while colors are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorAction {
    Undo,
    ToggleLock,
    Unpin,
    ToggleReference,
    Close,
}

/// An action, and what it is bound to unless the configuration says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub action: Action,
    /// What the configuration calls it.
    pub name: &'static str,
    /// By their place on a US keyboard, so that they lie together on any other.
    pub keys: &'static [KeyCode],
    pub pad: &'static [PadButton],
    /// The action in words.
    pub does: &'static str,
}

const fn binding(
    action: Action,
    name: &'static str,
    keys: &'static [KeyCode],
    pad: &'static [PadButton],
    does: &'static str,
) -> Binding {
    Binding { action, name, keys, pad, does }
}

/// All actions.
#[rustfmt::skip]
pub const BINDINGS: [Binding; 42] = [
    binding(Action::Button(Buttons::UP), "up", &[KeyCode::ArrowUp], &[PadButton::Up], "up"),
    binding(Action::Button(Buttons::DOWN), "down", &[KeyCode::ArrowDown], &[PadButton::Down], "down"),
    binding(Action::Button(Buttons::LEFT), "left", &[KeyCode::ArrowLeft], &[PadButton::Left], "left"),
    binding(Action::Button(Buttons::RIGHT), "right", &[KeyCode::ArrowRight], &[PadButton::Right], "right"),
    binding(Action::Button(Buttons::A), "a", &[KeyCode::KeyX], &[PadButton::East], "A"),
    binding(Action::Button(Buttons::B), "b", &[KeyCode::KeyZ], &[PadButton::South], "B"),
    binding(Action::Button(Buttons::START), "start", &[KeyCode::Enter, KeyCode::NumpadEnter], &[PadButton::Start], "Start"),
    binding(Action::Button(Buttons::SELECT), "select", &[KeyCode::Backspace, KeyCode::ShiftRight], &[PadButton::Select], "Select"),
    binding(Action::Turbo(Buttons::A), "turbo-a", &[KeyCode::KeyS], &[PadButton::North], "A, 15 times a second"),
    binding(Action::Turbo(Buttons::B), "turbo-b", &[KeyCode::KeyA], &[PadButton::West], "B, 15 times a second"),
    binding(Action::Tilt([0, -1]), "tilt-up", &[KeyCode::KeyI], &[], "tilt away from you"),
    binding(Action::Tilt([0, 1]), "tilt-down", &[KeyCode::KeyK], &[], "tilt towards you"),
    binding(Action::Tilt([-1, 0]), "tilt-left", &[KeyCode::KeyJ], &[], "tilt to the left"),
    binding(Action::Tilt([1, 0]), "tilt-right", &[KeyCode::KeyL], &[], "tilt to the right"),
    binding(Action::Menu, "menu", &[KeyCode::Escape], &[PadButton::Mode], "the menu"),
    binding(Action::Help, "help", &[KeyCode::F1], &[], "what keys do"),
    binding(Action::ToggleColor, "color", &[KeyCode::Tab], &[PadButton::RightStick], "raw / color"),
    binding(Action::NextView, "view", &[KeyCode::F2], &[], "color, side by side, split, raw"),
    binding(Action::ToggleFigures, "figures", &[KeyCode::F3], &[], "how long each stage takes"),
    binding(Action::ToggleEditor, "choose-colors", &[KeyCode::F4], &[], "choose colors, with the mouse"),
    binding(Action::Reset, "reset", &[KeyCode::F5], &[], "reset the console"),
    binding(Action::ForgetColors, "color-anew", &[KeyCode::F6], &[], "let V3 color the game anew"),
    binding(Action::SaveState, "save-state", &[KeyCode::F7], &[], "save the state"),
    binding(Action::LoadState, "load-state", &[KeyCode::F8], &[], "load the state"),
    binding(Action::PreviousSlot, "previous-slot", &[KeyCode::BracketLeft], &[], "the slot of states before"),
    binding(Action::NextSlot, "next-slot", &[KeyCode::BracketRight], &[], "the next slot of states"),
    binding(Action::NextDebugView, "debug", &[KeyCode::F9], &[], "tiles, maps, palettes, origins, a/b"),
    binding(Action::ToggleFullscreen, "fullscreen", &[KeyCode::F11], &[], "fullscreen"),
    binding(Action::Screenshot, "screenshot", &[KeyCode::F12], &[], "a screenshot"),
    binding(Action::Record, "record", &[KeyCode::KeyV], &[], "record a film, or end it"),
    binding(Action::Clip, "clip", &[KeyCode::KeyB], &[], "a clip of the latest seconds"),
    binding(Action::FastForward, "fast-forward", &[KeyCode::Space], &[PadButton::RightTrigger], "fast-forward (hold)"),
    binding(Action::ToggleFastForward, "fast-forward-on", &[KeyCode::KeyF], &[], "fast-forward on / off"),
    binding(Action::ToggleSlowMotion, "slow-motion", &[KeyCode::KeyG], &[], "slow motion on / off"),
    binding(Action::Rewind, "rewind", &[KeyCode::KeyR], &[PadButton::LeftTrigger], "rewind (hold)"),
    binding(Action::TogglePause, "pause", &[KeyCode::KeyP], &[], "pause"),
    binding(Action::Advance, "advance", &[KeyCode::KeyN], &[], "pause, and on by one frame"),
    binding(Action::ToggleMute, "mute", &[KeyCode::KeyM], &[], "sound on / off"),
    binding(Action::Quieter, "quieter", &[KeyCode::Minus], &[], "quieter"),
    binding(Action::Louder, "louder", &[KeyCode::Equal], &[], "louder"),
    binding(Action::Open, "open", &[KeyCode::KeyO], &[], "open a game"),
    binding(Action::Quit, "quit", &[KeyCode::F10], &[], "quit"),
];

/// The keys while colors are chosen.
pub const EDITOR_BINDINGS: [(EditorAction, KeyCode, &str); 6] = [
    (EditorAction::Undo, KeyCode::KeyZ, "take the latest change back"),
    (EditorAction::ToggleLock, KeyCode::KeyL, "lock the color against other files"),
    (EditorAction::Unpin, KeyCode::Delete, "leave it to the network again"),
    (EditorAction::ToggleReference, KeyCode::KeyR, "take colors from the picture of --like"),
    (EditorAction::Close, KeyCode::F4, "back to the game"),
    (EditorAction::Close, KeyCode::Escape, "back to the game"),
];

/// What `key` does while colors are chosen, if anything.
pub fn editor_action(key: KeyCode) -> Option<EditorAction> {
    EDITOR_BINDINGS.iter().find(|(_, other, ..)| *other == key).map(|(action, ..)| *action)
}

/// The keys, for `--help`.
pub fn help() -> String {
    let line = |keys: &str, does: &str| format!("\n  {keys:<26}{does}");
    let lines = BINDINGS.map(|binding| line(&key_names(binding.keys), binding.does));
    let editor = EDITOR_BINDINGS.map(|(_, key, does)| line(&key_name(key), does));
    format!(
        "Keys (by their place on a US keyboard; the menu and the configuration change them):{}\n\n\
         Keys while colors are chosen:{}",
        lines.concat(),
        editor.concat()
    )
}

/// Keys in words.
pub fn key_names(keys: &[KeyCode]) -> String {
    keys.iter().map(|&key| key_name(key)).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_of_the_console_has_a_key_and_a_place_on_the_pad() {
        let bound = BINDINGS.iter().filter(|row| !row.keys.is_empty() && !row.pad.is_empty());
        let reachable = bound.filter_map(|binding| match binding.action {
            Action::Button(button) => Some(button),
            _ => None,
        });
        assert_eq!(reachable.collect::<Buttons>(), Buttons::all());
    }

    #[test]
    fn nothing_does_two_things_and_no_two_have_a_name() {
        for (index, binding) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[index + 1..] {
                assert_ne!(binding.name, other.name);
                assert_ne!(binding.action, other.action);
                assert!(!binding.keys.iter().any(|key| other.keys.contains(key)), "{other:?}");
                assert!(!binding.pad.iter().any(|button| other.pad.contains(button)), "{other:?}");
            }
        }
    }

    #[test]
    fn the_readme_lists_every_key() {
        let readme = include_str!("../../../README.md");
        for Binding { name, keys, pad, does, .. } in BINDINGS {
            let pad = pad.iter().map(|button| button.name()).collect::<Vec<_>>().join(" or ");
            let row = format!("| {} | {does} | `{name}` | {pad} |", key_names(keys));
            assert!(readme.contains(&row), "{row}");
        }
    }
}
