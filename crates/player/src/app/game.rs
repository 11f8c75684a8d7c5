//! A game that is open, and how it is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use super::Title;
use crate::color::{FilmPainter, Painter};
use crate::config::{self, Config};
use crate::emulation::Setup;

/// Loads what paints by these settings, and names it.
pub type Painters = Arc<dyn Fn(&config::Color) -> Result<(Painter, String)> + Send + Sync>;

/// Loads what paints films by these settings.
pub type FilmPainterOf = Arc<dyn Fn(&config::Color) -> Result<FilmPainter> + Send + Sync>;

/// A game that is ready to be played.
pub struct Game {
    pub setup: Setup,
    pub title: Title,
    /// The SHA-256 of the ROM: what its files are called.
    pub name: String,
    /// What players call it.
    pub shown: String,
    /// The file; `None` for the built-in demo.
    pub path: Option<PathBuf>,
    /// The settings, with those that were kept for the game.
    pub config: Config,
    /// Its colors without what the command line says of them, which is for this time only.
    pub kept_color: config::Color,
    /// Whether it brings its colors, so that none can be chosen.
    pub has_own_colors: bool,
    /// Whether its cartridge feels how it is held.
    pub feels_tilt: bool,
    pub painters: Painters,
    pub film_painters: FilmPainterOf,
    /// What paints.
    pub painter: String,
}

/// Opens games: of a file, or the demo; by these settings.
pub type Opener = Box<dyn Fn(Option<&Path>, &Config) -> Result<Game>>;
