//! The names of keys.

use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};
use winit::keyboard::KeyCode;

/// Names that are not those of the standard.
const NAMES: [(KeyCode, &str); 9] = [
    (KeyCode::ArrowUp, "Up"),
    (KeyCode::ArrowDown, "Down"),
    (KeyCode::ArrowLeft, "Left"),
    (KeyCode::ArrowRight, "Right"),
    (KeyCode::Minus, "-"),
    (KeyCode::Equal, "="),
    (KeyCode::BracketLeft, "["),
    (KeyCode::BracketRight, "]"),
    (KeyCode::ShiftRight, "right Shift"),
];

/// What a key is called: as it is labelled on a US keyboard where that is a letter, a digit or an
/// arrow, else as the W3C's code values of keyboard events call it.
pub fn key_name(key: KeyCode) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(other, _)| *other == key) {
        return (*name).to_owned();
    }
    let code = format!("{key:?}");
    let short = code.strip_prefix("Key").or_else(|| code.strip_prefix("Digit"));
    short.map_or_else(|| code.clone(), str::to_owned)
}

/// The key of that name, in small letters or large, or of its code.
pub fn key_named(name: &str) -> Option<KeyCode> {
    if let Some((key, _)) = NAMES.iter().find(|(_, other)| other.eq_ignore_ascii_case(name)) {
        return Some(*key);
    }
    let large = name.to_uppercase();
    let codes = [name.to_owned(), format!("Key{large}"), format!("Digit{large}"), large];
    codes.iter().find_map(|code| {
        let code: StrDeserializer<'_, Error> = code.as_str().into_deserializer();
        KeyCode::deserialize(code).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::super::BINDINGS;
    use super::*;

    #[test]
    fn every_key_is_found_by_its_name() {
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert_eq!(key_named(&key_name(*key)), Some(*key));
        }
        assert_eq!(key_named("x"), Some(KeyCode::KeyX));
        assert_eq!(key_named("7"), Some(KeyCode::Digit7));
        assert_eq!(key_named("f5"), Some(KeyCode::F5));
        assert_eq!(key_named("Hyper"), Some(KeyCode::Hyper));
        assert_eq!(key_named("anykey"), None);
    }
}
