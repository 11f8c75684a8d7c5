//! GIF, version 89a.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};

use super::{Clock, change, part};
use crate::film::{Film, FilmError, FilmSettings, Output, Summary, beside, check, enlarged, put};
use crate::mp4::indexed;

/// Hundredths of a second that a picture must be shown: browsers show shorter ones for ten.
const LEAST: u64 = 2;

/// A clip whose pictures have palettes of their own.
pub struct Gif {
    path: PathBuf,
    part: PathBuf,
    settings: FilmSettings,
    encoder: Encoder<BufWriter<File>>,
    clock: Clock,
    /// What the clip shows, and what is to be shown after that.
    shown: Vec<[u8; 4]>,
    next: Option<Vec<[u8; 4]>>,
    frames: u64,
}

impl Gif {
    pub fn create(path: &Path, settings: &FilmSettings) -> Result<Self, FilmError> {
        let part = beside(path);
        let Output { file, .. } = Output::create(&part)?;
        let [width, height] =
            [settings.width, settings.height].map(|side| side * settings.scale as usize);
        let encoder = Encoder::new(BufWriter::new(file), width as u16, height as u16, &[]);
        let mut encoder = encoder.map_err(|source| failed(&part, source, 0))?;
        encoder.set_repeat(Repeat::Infinite).map_err(|source| failed(&part, source, 0))?;
        Ok(Self {
            path: path.to_path_buf(),
            part,
            settings: *settings,
            encoder,
            clock: Clock::new(100),
            shown: Vec::new(),
            next: None,
            frames: 0,
        })
    }

    /// Writes the picture that is to be shown, until the frame with this number.
    fn write(&mut self, until: u64) -> Result<(), FilmError> {
        let Some(next) = self.next.take() else { return Ok(()) };
        let width = self.settings.width * self.settings.scale as usize;
        let height = self.settings.height * self.settings.scale as usize;
        // A picture that is the same needs a pixel, to be there at all.
        let whole = [0, 0, width, height];
        let area = if self.shown.is_empty() {
            whole
        } else {
            change(&self.shown, &next, width).unwrap_or([0, 0, 1, 1])
        };
        let pixels = part(&next, width, area);
        let [left, top, w, h] = area.map(|side| side as u16);
        let mut frame = if let Some((palette, indices)) = indexed(&pixels) {
            Frame::from_palette_pixels(w, h, indices, palette, None)
        } else {
            let mut rgba = pixels.into_flattened();
            Frame::from_rgba_speed(w, h, &mut rgba, 10)
        };
        let delay = self.clock.until(until).max(LEAST);
        self.clock.pass(delay);
        (frame.left, frame.top, frame.delay) = (left, top, delay.min(u16::MAX as u64) as u16);
        frame.dispose = DisposalMethod::Keep;
        self.shown = next;
        self.encoder.write_frame(&frame).map_err(|source| failed(&self.part, source, self.frames))
    }
}

impl Film for Gif {
    fn frame(&mut self, picture: &[[u8; 4]], _: &[[f32; 2]]) -> Result<(), FilmError> {
        check(picture, &self.settings)?;
        let picture = enlarged(picture, &self.settings);
        let is_new = self.next.as_ref().is_none_or(|next| *next != picture);
        if is_new {
            // What would be shown for too short a time gives way to what follows.
            if self.clock.until(self.frames) >= LEAST {
                self.write(self.frames)?;
            }
            self.next = Some(picture);
        }
        self.frames += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary, FilmError> {
        if self.frames == 0 {
            let _ = std::fs::remove_file(&self.part);
            return Err(FilmError::Empty);
        }
        self.write(self.frames)?;
        let Self { path, part, encoder, frames, .. } = *self;
        let out = encoder.into_inner().map_err(|source| failed(&part, source, frames))?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error);
        let bytes = file.and_then(|file| {
            file.sync_all()?;
            Ok(file.metadata()?.len())
        });
        let bytes = bytes.map_err(|error| FilmError::File { path: part.clone(), error, frames })?;
        put(&part, &path)?;
        Ok(Summary { frames, bytes })
    }

    fn bytes(&self) -> u64 {
        std::fs::metadata(&self.part).map_or(0, |file| file.len())
    }
}

fn failed(path: &Path, error: EncodingError, frames: u64) -> FilmError {
    let error = match error {
        EncodingError::Io(error) => error,
        other => io::Error::other(other.to_string()),
    };
    FilmError::File { path: path.to_path_buf(), error, frames }
}
