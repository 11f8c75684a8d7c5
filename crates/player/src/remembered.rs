//! What the program remembers of its own accord: the window's place, and the games of late.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::config::Color;
use crate::files;

/// Games of late that are listed.
const MOST_RECENT: usize = 12;

/// What is kept from one start to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// The window's size, in pixels.
    pub size: Option<[u32; 2]>,
    /// The window's place on the screen, in pixels.
    pub position: Option<[i32; 2]>,
    /// Whether the player has been welcomed.
    pub is_welcomed: bool,
    /// Games, the latest first.
    pub recent: Vec<PathBuf>,
}

impl Remembered {
    /// What was kept last; nothing where there is none. A damaged file is kept aside.
    pub fn load() -> Self {
        path().and_then(|path| read(&path)).unwrap_or_default()
    }

    /// Keeps it.
    pub fn keep(&self) {
        if let Some(path) = path() {
            write(&path, self);
        }
    }

    /// A game was opened.
    pub fn add_recent(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.recent.retain(|other| *other != path);
        self.recent.insert(0, path);
        self.recent.truncate(MOST_RECENT);
    }
}

/// The colors that were set while a game ran, kept for it.
pub fn load_color(game: &str) -> Option<Color> {
    read(&color_path(game)?)
}

/// Keeps the colors that were set while a game ran.
pub fn keep_color(game: &str, color: &Color) {
    if let Some(path) = color_path(game) {
        write(&path, color);
    }
}

fn path() -> Option<PathBuf> {
    Some(files::data_folder("")?.join("remembered.toml"))
}

fn color_path(game: &str) -> Option<PathBuf> {
    Some(files::data_folder("games")?.join(format!("{game}.toml")))
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Option<T> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(err) => {
            if err.kind() != std::io::ErrorKind::NotFound {
                log::warn!("cannot read {}: {err}", path.display());
            }
            return None;
        }
    };
    let parsed: Result<T, _> = toml::from_str(&text);
    parsed.map_err(|err| files::set_aside(path, &anyhow::anyhow!("{}", err.message()))).ok()
}

fn write(path: &Path, value: &impl Serialize) {
    let text = match toml::to_string(value) {
        Ok(text) => text,
        Err(err) => return log::warn!("cannot write {}: {err}", path.display()),
    };
    if let Err(err) = files::replace(path, text.as_bytes()) {
        log::warn!("cannot write {}: {err}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_game_comes_first_and_once() {
        let mut remembered = Remembered::default();
        for name in ["/a.gb", "/b.gb", "/a.gb"] {
            remembered.add_recent(Path::new(name));
        }
        assert_eq!(remembered.recent, [PathBuf::from("/a.gb"), PathBuf::from("/b.gb")]);
        for number in 0..20 {
            remembered.add_recent(&PathBuf::from(format!("/{number}.gb")));
        }
        assert_eq!(remembered.recent.len(), MOST_RECENT);
    }

    #[test]
    fn what_is_kept_comes_back_and_damage_is_kept_aside() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("remembered.toml");
        let mut remembered = Remembered { size: Some([640, 576]), ..Remembered::default() };
        remembered.add_recent(Path::new("/a.gb"));
        write(&path, &remembered);
        assert_eq!(read(&path), Some(remembered));
        fs::write(&path, "size = [").expect("written");
        assert_eq!(read::<Remembered>(&path), None);
        assert!(folder.path().join("remembered.toml.bad").exists());
    }
}
