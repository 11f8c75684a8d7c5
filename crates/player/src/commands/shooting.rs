//! A film that is made as fast as it can be.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use colorizer::Palette;
use gameboy::Frame;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use recorder::{FilmSettings, Projector, Reel, Source};

use crate::color::FilmPainter;

/// A film whose frames are painted here and encoded on a thread of its own.
pub struct Shooting {
    projector: Projector<FilmPainter>,
    reel: Reel,
    bar: ProgressBar,
    output: PathBuf,
    frames: u64,
    started: Instant,
}

impl Shooting {
    /// Begins a film of about so many frames.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(
        output: &Path,
        source: Source,
        settings: &FilmSettings,
        raw: Palette,
        painter: FilmPainter,
        frames: u64,
    ) -> Result<Self> {
        let reel = Reel::create(output, settings)?;
        let bar = ProgressBar::new(frames);
        let style = ProgressStyle::with_template("{bar:30} {percent}%, {eta} left, {msg}");
        bar.set_style(style.unwrap_or(ProgressStyle::default_bar()));
        Ok(Self {
            projector: Projector::new(source, raw, painter),
            reel,
            bar,
            output: output.to_path_buf(),
            frames: 0,
            started: Instant::now(),
        })
    }

    /// Adds a frame. Returns whether the film takes more.
    ///
    /// # Errors
    /// If the network fails.
    pub fn frame(&mut self, frame: &Frame, sound: &[[f32; 2]]) -> Result<bool> {
        let picture = self.projector.picture(frame).to_vec();
        self.projector.color().check()?;
        self.frames += 1;
        self.bar.set_position(self.frames);
        if self.frames.is_multiple_of(32) {
            let rate = self.frames as f64 / self.started.elapsed().as_secs_f64().max(1e-3);
            self.bar.set_message(format!("{rate:.0} fps, {}", HumanBytes(self.reel.bytes())));
        }
        Ok(self.reel.frame(picture, sound.to_vec()))
    }

    /// Completes the film, and says what it has become.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn finish(self) -> Result<()> {
        self.bar.set_message("finishing");
        let summary = self.reel.finish();
        self.bar.finish_and_clear();
        let summary = summary?;
        eprintln!(
            "{}: {} frames, {}, {:.0} fps",
            self.output.display(),
            summary.frames,
            HumanBytes(summary.bytes),
            summary.frames as f64 / self.started.elapsed().as_secs_f64().max(1e-3),
        );
        Ok(())
    }
}
