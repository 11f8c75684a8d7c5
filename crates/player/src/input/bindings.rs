//! Which keys and buttons are bound to what, as the player has it.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use winit::keyboard::KeyCode;

use super::keys::{key_name, key_named};
use super::{Action, BINDINGS, PadButton};
use crate::config::nearest;

/// The keys and the buttons of pads of each action, in the order of [`BINDINGS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bindings {
    keys: Vec<Vec<KeyCode>>,
    pad: Vec<Vec<PadButton>>,
}

impl Default for Bindings {
    fn default() -> Self {
        Self {
            keys: BINDINGS.iter().map(|binding| binding.keys.to_vec()).collect(),
            pad: BINDINGS.iter().map(|binding| binding.pad.to_vec()).collect(),
        }
    }
}

/// Keys or buttons by the names of actions, as the configuration has them.
pub type Named = BTreeMap<String, Vec<String>>;

impl Bindings {
    /// The defaults, but for what the configuration names.
    ///
    /// # Errors
    /// If there is no such action, key or button: the nearest that there is is told.
    pub fn new(keys: &Named, pad: &Named) -> Result<Self> {
        let mut bindings = Self::default();
        for (name, keys) in keys {
            let found = keys
                .iter()
                .map(|key| key_named(key).ok_or_else(|| anyhow!("there is no key {key:?}")));
            bindings.bind_keys(row_of(name)?, found.collect::<Result<_>>()?);
        }
        for (name, buttons) in pad {
            let found = buttons.iter().map(|button| {
                let names = PadButton::ALL.map(PadButton::name);
                let unknown = || anyhow!("there is no button {button:?}{}", nearest(button, names));
                PadButton::named(button).ok_or_else(unknown)
            });
            bindings.bind_pad(row_of(name)?, found.collect::<Result<_>>()?);
        }
        Ok(bindings)
    }

    /// Binds these keys, and no others, to the action of that row; others lose them.
    pub fn bind_keys(&mut self, row: usize, keys: Vec<KeyCode>) {
        for others in &mut self.keys {
            others.retain(|key| !keys.contains(key));
        }
        self.keys[row] = keys;
    }

    /// Binds these buttons, and no others, to the action of that row; others lose them.
    pub fn bind_pad(&mut self, row: usize, buttons: Vec<PadButton>) {
        for others in &mut self.pad {
            others.retain(|button| !buttons.contains(button));
        }
        self.pad[row] = buttons;
    }

    /// Binds what is bound by default to the action of that row; others lose it.
    pub fn restore(&mut self, row: usize) {
        self.bind_keys(row, BINDINGS[row].keys.to_vec());
        self.bind_pad(row, BINDINGS[row].pad.to_vec());
    }

    /// The keys of the action of that row.
    pub fn keys(&self, row: usize) -> &[KeyCode] {
        &self.keys[row]
    }

    /// The buttons of the action of that row.
    pub fn pad(&self, row: usize) -> &[PadButton] {
        &self.pad[row]
    }

    /// What the key does.
    pub fn of_key(&self, key: KeyCode) -> Option<Action> {
        let row = self.keys.iter().position(|keys| keys.contains(&key))?;
        Some(BINDINGS[row].action)
    }

    /// What the button does.
    pub fn of_pad(&self, button: PadButton) -> Option<Action> {
        let row = self.pad.iter().position(|buttons| buttons.contains(&button))?;
        Some(BINDINGS[row].action)
    }

    /// What is not as it is by default, for the configuration: keys, and buttons.
    pub fn changed(&self) -> [Named; 2] {
        let (mut keys, mut pad) = (Named::new(), Named::new());
        for (row, binding) in BINDINGS.iter().enumerate() {
            if self.keys[row] != binding.keys {
                let names = self.keys[row].iter().map(|&key| key_name(key)).collect();
                keys.insert(binding.name.to_owned(), names);
            }
            if self.pad[row] != binding.pad {
                let names = self.pad[row].iter().map(|&button| button.name().to_owned()).collect();
                pad.insert(binding.name.to_owned(), names);
            }
        }
        [keys, pad]
    }
}

fn row_of(name: &str) -> Result<usize> {
    let row = BINDINGS.iter().position(|binding| binding.name == name);
    row.ok_or_else(|| {
        let names = BINDINGS.iter().map(|binding| binding.name);
        anyhow!("nothing can be done that is called {name:?}{}", nearest(name, names))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(action: &str, keys: &[&str]) -> Named {
        [(action.to_owned(), keys.iter().map(|&key| key.to_owned()).collect())].into()
    }

    #[test]
    fn a_key_that_is_bound_anew_is_taken_from_its_action() {
        let bindings = Bindings::new(&named("a", &["P"]), &named("b", &["Mode"])).expect("bound");
        assert_eq!(bindings.of_key(KeyCode::KeyP), bindings.of_pad(PadButton::East));
        assert_eq!(bindings.of_key(KeyCode::KeyX), None, "A had it");
        let pause = row_of("pause").expect("a row");
        assert!(bindings.keys(pause).is_empty());
        let [keys, pad] = bindings.changed();
        assert_eq!(Bindings::new(&keys, &pad).expect("bound"), bindings);
        assert_eq!(keys.keys().collect::<Vec<_>>(), ["a", "pause"]);
    }

    #[test]
    fn the_nearest_name_is_told() {
        let says =
            |keys: Named, pad: Named| Bindings::new(&keys, &pad).expect_err("unknown").to_string();
        assert!(says(named("turbo-c", &["P"]), Named::new()).contains("\"turbo-"));
        assert!(says(Named::new(), named("a", &["Souht"])).contains("\"South\""));
        assert!(says(named("a", &["Ü"]), Named::new()).contains("no key \"Ü\""));
    }
}
