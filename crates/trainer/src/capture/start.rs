//! Where sessions begin.

use std::fs;
use std::path::{Path, PathBuf};

use gameboy::Buttons;

use super::schedule::Schedule;
use super::{Error, read_error};
use crate::script::ButtonScript;

/// Where the sessions of a game begin: at power-on or at a save state, and with what is pressed
/// first.
#[derive(Clone, Debug, Default)]
pub struct Start {
    state: Option<Named<Vec<u8>>>,
    movie: Option<Named<ButtonScript>>,
}

/// What a file holds, and its name without the extension.
#[derive(Clone, Debug)]
struct Named<T> {
    name: String,
    path: PathBuf,
    content: T,
}

impl Start {
    /// Begins from the save state in a file, as [`gameboy::GameBoy::save_state`] gives it, or in a
    /// [picture](dataset::write_state).
    ///
    /// # Errors
    /// Where the file cannot be read, or is a picture without a state. Whether the state fits the game turns out later.
    pub fn from_state(self, path: &Path) -> Result<Self, Error> {
        let file = fs::read(path).map_err(|source| read_error(path, source))?;
        let content = dataset::read_state(&file)
            .map_err(|source| Error::StatePicture { path: path.to_path_buf(), source })?
            .into_owned();
        Ok(Self { state: Some(Named::new(path, content)), ..self })
    }

    /// Begins by pressing what a [buttons file](ButtonScript) says. At its last line seeded play
    /// takes over.
    ///
    /// # Errors
    /// Where the file cannot be read or holds a bad line.
    pub fn with_movie(self, path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| read_error(path, source))?;
        let content = ButtonScript::parse(&text)
            .map_err(|source| Error::Movie { path: path.to_path_buf(), source })?;
        Ok(Self { movie: Some(Named::new(path, content)), ..self })
    }

    /// The save state and the file that it came from.
    pub(super) fn state(&self) -> Option<(&Path, &[u8])> {
        self.state.as_ref().map(|state| (&*state.path, &*state.content))
    }

    /// Frames for which a movie is played.
    pub(super) fn movie_frames(&self) -> u64 {
        self.movie.as_ref().map_or(0, |movie| movie.content.last_change())
    }

    /// What sessions from here append to the game's name, such as `-boss-intro`.
    pub(super) fn suffix(&self) -> String {
        self.names().flat_map(|name| ["-", name]).collect()
    }

    /// Where sessions from here come from, in words.
    pub(super) fn description(&self) -> String {
        let state = self.state.iter().map(|state| format!(", from the state {}", state.name));
        let movie = self.movie.iter().map(|movie| format!(", after the buttons {}", movie.name));
        state.chain(movie).collect()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let state = self.state.iter().map(|state| &*state.name);
        state.chain(self.movie.iter().map(|movie| &*movie.name))
    }

    /// What is held in one frame after the other. A scripted opening for menus is only there for
    /// games that are switched on and left to the seed.
    pub(super) fn buttons(&self, seed: u64) -> impl Iterator<Item = Buttons> + use<> {
        let movie = self.movie.as_ref().map(|movie| movie.content.clone()).unwrap_or_default();
        let begins = self.state.is_none() && self.movie.is_none();
        let play = if begins { Schedule::new(seed) } else { Schedule::in_play(seed) };
        (0..self.movie_frames()).map(move |frame| movie.held(frame)).chain(play)
    }
}

impl<T> Named<T> {
    fn new(path: &Path, content: T) -> Self {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, path: path.to_path_buf(), content }
    }
}
