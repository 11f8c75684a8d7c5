//! Animated WebP, lossless.

use std::fs;
use std::path::{Path, PathBuf};

use webp_animation::{Encoder, EncoderOptions, EncodingConfig, EncodingType};

use super::Clock;
use crate::film::{
    Film, FilmError, FilmSettings, Output, Summary, at, beside, check, enlarged, put,
};

/// A clip that is kept in memory, compressed, until it is whole.
pub struct WebP {
    path: PathBuf,
    settings: FilmSettings,
    encoder: Encoder,
    clock: Clock,
    next: Option<Vec<[u8; 4]>>,
    frames: u64,
}

impl WebP {
    pub fn create(path: &Path, settings: &FilmSettings) -> Result<Self, FilmError> {
        // Better to fail now than when all is played.
        let part = beside(path);
        Output::create(&part)?;
        fs::remove_file(&part).map_err(|source| at(&part, source))?;
        let size = [settings.width, settings.height].map(|side| side as u32 * settings.scale);
        let options = EncoderOptions {
            encoding_config: Some(EncodingConfig {
                encoding_type: EncodingType::Lossless,
                quality: 50.0,
                method: 2,
            }),
            ..EncoderOptions::default()
        };
        let encoder = Encoder::new_with_options((size[0], size[1]), options).map_err(failed)?;
        let path = path.to_path_buf();
        Ok(Self {
            path,
            settings: *settings,
            encoder,
            clock: Clock::new(1000),
            next: None,
            frames: 0,
        })
    }

    /// Writes the picture that is to be shown, until the frame with this number.
    fn write(&mut self, until: u64) -> Result<(), FilmError> {
        let Some(next) = self.next.take() else { return Ok(()) };
        let start = self.clock.passed as i32;
        self.clock.pass(self.clock.until(until));
        self.encoder.add_frame(next.as_flattened(), start).map_err(failed)
    }
}

impl Film for WebP {
    fn frame(&mut self, picture: &[[u8; 4]], _: &[[f32; 2]]) -> Result<(), FilmError> {
        check(picture, &self.settings)?;
        let picture = enlarged(picture, &self.settings);
        if self.next.as_ref().is_none_or(|next| *next != picture) {
            self.write(self.frames)?;
            self.next = Some(picture);
        }
        self.frames += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary, FilmError> {
        if self.frames == 0 {
            return Err(FilmError::Empty);
        }
        self.write(self.frames)?;
        let Self { path, encoder, clock, frames, .. } = *self;
        let data = encoder.finalize(clock.passed as i32).map_err(failed)?;
        let part = beside(&path);
        fs::write(&part, &*data).map_err(|source| {
            let _ = fs::remove_file(&part);
            at(&path, source)
        })?;
        put(&part, &path)?;
        Ok(Summary { frames, bytes: data.len() as u64 })
    }

    fn bytes(&self) -> u64 {
        0
    }
}

fn failed(error: impl std::fmt::Debug) -> FilmError {
    FilmError::Encoder(format!("{error:?}"))
}
