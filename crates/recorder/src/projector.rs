//! What becomes a film of a console's frames.

use colorizer::{Colorizer, RgbaFrame};
use gameboy::{Frame, GameBoy, HEIGHT, WIDTH};

use crate::film::{Film, FilmError, FilmSettings};

/// Which of its pictures a film shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// In color.
    #[default]
    Color,
    /// As the console shows it.
    Raw,
    /// As the console shows it on the left, in color on the right.
    SideBySide,
}

impl Source {
    /// The settings of a film of it.
    pub fn settings(self, scale: u32, replaces: bool) -> FilmSettings {
        let width = if self == Self::SideBySide { 2 * WIDTH } else { WIDTH };
        FilmSettings { width, height: HEIGHT, scale, replaces }
    }
}

/// Paints the frames of a console, each in its own colors, and puts them on a film.
pub struct Projector {
    source: Source,
    raw: Box<dyn Colorizer>,
    color: Box<dyn Colorizer>,
    raw_picture: RgbaFrame,
    color_picture: RgbaFrame,
    beside: Vec<[u8; 4]>,
}

impl Projector {
    /// Of these pictures, painted by these. `color` must wait for its colors.
    pub fn new(source: Source, raw: Box<dyn Colorizer>, color: Box<dyn Colorizer>) -> Self {
        Self {
            source,
            raw,
            color,
            raw_picture: RgbaFrame::new(),
            color_picture: RgbaFrame::new(),
            beside: Vec::new(),
        }
    }

    /// Adds the console's last frame to a film.
    ///
    /// # Errors
    /// As [`Film::frame`].
    pub fn show(&mut self, console: &GameBoy, film: &mut dyn Film) -> Result<(), FilmError> {
        let sound = console.samples();
        film.frame(self.picture(console.frame()), sound)
    }

    /// The picture of a frame.
    pub fn picture(&mut self, frame: &Frame) -> &[[u8; 4]] {
        if self.source != Source::Color {
            self.raw.colorize(frame, &mut self.raw_picture);
        }
        if self.source != Source::Raw {
            self.color.colorize(frame, &mut self.color_picture);
        }
        match self.source {
            Source::Raw => self.raw_picture.pixels(),
            Source::Color => self.color_picture.pixels(),
            Source::SideBySide => {
                let rows = |picture: &'_ RgbaFrame| -> Vec<[[u8; 4]; WIDTH]> {
                    picture.pixels().as_chunks().0.to_vec()
                };
                self.beside.clear();
                for (left, right) in rows(&self.raw_picture).iter().zip(rows(&self.color_picture)) {
                    self.beside.extend_from_slice(left);
                    self.beside.extend_from_slice(&right);
                }
                &self.beside
            }
        }
    }
}

impl std::fmt::Debug for Projector {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Projector").field("source", &self.source).finish_non_exhaustive()
    }
}
