//! The keyboard: which key does what. `--help` and the README's table are made of [`BINDINGS`].

use gameboy::Buttons;
use winit::keyboard::KeyCode;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Holds a button of the console for as long as the key is down.
    Button(Buttons),
    /// Raw or colored.
    ToggleColor,
    /// Raw and colored next to each other, or one of them.
    ToggleSideBySide,
    /// Runs as fast as it can for as long as the key is down.
    FastForward,
    TogglePause,
    ToggleMute,
    ToggleFullscreen,
    /// Shows the figures of the emulation and the network, or hides them.
    ToggleFigures,
    /// Switches the console off and on.
    Reset,
    /// Stops the game to choose colors for it, or goes on.
    ToggleEditor,
    /// Forgets the colors that V3 gave to the game's cells.
    ForgetColors,
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

/// Keys and what they do.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub action: Action,
    /// By their place on a US keyboard, so that they lie together on any other.
    pub keys: &'static [KeyCode],
    /// The keys in words.
    pub label: &'static str,
    /// The action in words.
    pub does: &'static str,
}

/// All keys.
pub const BINDINGS: [Binding; 19] = [
    binding(Action::ToggleColor, &[KeyCode::Tab], "Tab", "raw / color"),
    binding(Action::ToggleSideBySide, &[KeyCode::F2], "F2", "raw and color side by side"),
    binding(Action::ToggleFigures, &[KeyCode::F3], "F3", "how long each stage takes"),
    binding(Action::ToggleEditor, &[KeyCode::F4], "F4", "choose colors, with the mouse"),
    binding(Action::ForgetColors, &[KeyCode::F6], "F6", "let V3 color the game anew"),
    button(Buttons::UP, &[KeyCode::ArrowUp], "Up", "up"),
    button(Buttons::DOWN, &[KeyCode::ArrowDown], "Down", "down"),
    button(Buttons::LEFT, &[KeyCode::ArrowLeft], "Left", "left"),
    button(Buttons::RIGHT, &[KeyCode::ArrowRight], "Right", "right"),
    button(Buttons::A, &[KeyCode::KeyX], "X", "A"),
    button(Buttons::B, &[KeyCode::KeyZ], "Z", "B"),
    button(Buttons::START, &[KeyCode::Enter, KeyCode::NumpadEnter], "Enter", "Start"),
    button(
        Buttons::SELECT,
        &[KeyCode::Backspace, KeyCode::ShiftRight],
        "Backspace or right Shift",
        "Select",
    ),
    binding(Action::FastForward, &[KeyCode::Space], "Space (hold)", "fast-forward"),
    binding(Action::TogglePause, &[KeyCode::KeyP], "P", "pause"),
    binding(Action::ToggleMute, &[KeyCode::KeyM], "M", "sound on / off"),
    binding(Action::Reset, &[KeyCode::F5], "F5", "reset the console"),
    binding(Action::ToggleFullscreen, &[KeyCode::F11], "F11", "fullscreen"),
    binding(Action::Quit, &[KeyCode::Escape], "Escape", "quit"),
];

/// The keys while colors are chosen.
pub const EDITOR_BINDINGS: [(EditorAction, KeyCode, &str, &str); 6] = [
    (EditorAction::Undo, KeyCode::KeyZ, "Z", "take the latest change back"),
    (EditorAction::ToggleLock, KeyCode::KeyL, "L", "lock the color against other files"),
    (EditorAction::Unpin, KeyCode::Delete, "Delete", "leave it to the network again"),
    (EditorAction::ToggleReference, KeyCode::KeyR, "R", "take colors from the picture of --like"),
    (EditorAction::Close, KeyCode::F4, "F4", "back to the game"),
    (EditorAction::Close, KeyCode::Escape, "Escape", "back to the game"),
];

const fn binding(
    action: Action,
    keys: &'static [KeyCode],
    label: &'static str,
    does: &'static str,
) -> Binding {
    Binding { action, keys, label, does }
}

const fn button(
    button: Buttons,
    keys: &'static [KeyCode],
    label: &'static str,
    does: &'static str,
) -> Binding {
    binding(Action::Button(button), keys, label, does)
}

/// What `key` does, if anything.
pub fn action(key: KeyCode) -> Option<Action> {
    BINDINGS.iter().find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

/// What `key` does while colors are chosen, if anything.
pub fn editor_action(key: KeyCode) -> Option<EditorAction> {
    EDITOR_BINDINGS.iter().find(|(_, other, ..)| *other == key).map(|(action, ..)| *action)
}

/// The keys, for `--help`.
pub fn help() -> String {
    let line = |label: &str, does: &str| format!("\n  {label:<26}{does}");
    let lines = BINDINGS.map(|binding| line(binding.label, binding.does));
    let editor = EDITOR_BINDINGS.map(|(_, _, label, does)| line(label, does));
    format!(
        "Keys (by their place on a US keyboard):{}\n\nKeys while colors are chosen:{}",
        lines.concat(),
        editor.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_of_the_console_has_a_key() {
        let reachable = BINDINGS.iter().filter_map(|binding| match binding.action {
            Action::Button(button) => Some(button),
            _ => None,
        });
        assert_eq!(reachable.collect::<Buttons>(), Buttons::all());
    }

    #[test]
    fn no_key_does_two_things() {
        for (index, binding) in BINDINGS.iter().enumerate() {
            for key in binding.keys {
                let others = &BINDINGS[index + 1..];
                assert!(others.iter().all(|other| !other.keys.contains(key)), "{key:?}");
            }
        }
    }
}
