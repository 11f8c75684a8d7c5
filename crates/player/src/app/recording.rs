//! Films and clips by a key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use directories::UserDirs;
use indicatif::HumanBytes;
use recorder::Format;

use super::App;
use super::game::FilmPainterOf;
use super::settings::unused_name;
use crate::config::{self, Record};
use crate::emulation::{Command, Progress};
use crate::files;
use crate::recording::{Pace, Shoot};

impl App {
    /// Begins a film, or ends it.
    pub(super) fn toggle_recording(&mut self) {
        if self.emulation.progress().recording.is_some() {
            self.emulation.tell(Command::StopRecording);
        } else {
            let extension = self.config.record.format.clone();
            match self.shoot(&extension) {
                Ok(shoot) => self.emulation.tell(Command::Record(Box::new(shoot))),
                Err(err) => self.say(format!("{err:#}")),
            }
        }
    }

    /// Makes a film of the latest seconds.
    pub(super) fn make_clip(&mut self) {
        let extension = self.config.record.clip_format.clone();
        match self.shoot(&extension) {
            Ok(shoot) => self.emulation.tell(Command::Clip(Box::new(shoot))),
            Err(err) => self.say(format!("{err:#}")),
        }
    }

    /// Paints the film that is being made by the settings as they are now.
    pub(super) fn follow_in_film(&mut self) {
        let (painters, color) =
            (Arc::clone(&self.playing.film_painters), self.config.color.clone());
        self.emulation.tell(Command::FilmPainter(Box::new(move || painters(&color))));
    }

    fn shoot(&self, extension: &str) -> Result<Shoot> {
        let videos = || Some(UserDirs::new()?.video_dir()?.join("Chromaboy"));
        let record = &self.config.record;
        let folder = record.folder.clone().or_else(videos).or_else(|| files::data_folder("films"));
        let folder = folder.context("no folder for films")?;
        let path = unused_name(&folder, &self.playing.shown, extension)?;
        let painters = &self.playing.film_painters;
        shoot(&path, record, &self.config.color, painters)
    }

    /// What is recorded, in a few words; empty where nothing is.
    pub(super) fn recorder_state(&self) -> String {
        let Progress { recording, finishing, .. } = self.emulation.progress();
        match (recording, finishing) {
            (Some(Pace { frames, bytes, .. }), _) => {
                let seconds = (frames as f64 / gameboy::FRAMES_PER_SECOND) as u64;
                format!("REC {}:{:02} {}", seconds / 60, seconds % 60, HumanBytes(bytes))
            }
            (None, Some(Pace { frames, done, .. })) => {
                format!("film {} %", done * 100 / frames.max(1))
            }
            (None, None) => String::new(),
        }
    }
}

/// A film by these settings.
///
/// # Errors
/// If the name of the file tells of no kind.
pub fn shoot(
    path: &Path,
    record: &Record,
    color: &config::Color,
    painters: &FilmPainterOf,
) -> Result<Shoot> {
    let format = Format::of(path)?;
    let source = record.source.into();
    let (painters, color) = (Arc::clone(painters), color.clone());
    Ok(Shoot {
        path: PathBuf::from(path),
        source,
        strength: color.strength,
        settings: recorder::Source::settings(
            source,
            record.scale.unwrap_or(format.usual_scale()),
            false,
        ),
        painter: Box::new(move || painters(&color)),
    })
}
