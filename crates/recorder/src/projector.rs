//! What becomes a film of a console's frames.

use colorizer::{Colorizer, Palette, RgbaFrame, weaken};
use gameboy::{Frame, HEIGHT, WIDTH};

use crate::film::FilmSettings;

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

/// Paints the frames of a console for a film, each in its own colors.
#[derive(Debug)]
pub struct Projector<C> {
    source: Source,
    raw: Palette,
    color: C,
    strength: u8,
    raw_picture: RgbaFrame,
    color_picture: RgbaFrame,
    beside: Vec<[u8; 4]>,
}

impl<C: Colorizer> Projector<C> {
    /// Of these pictures, painted by these. `color` must wait for its colors.
    pub fn new(source: Source, raw: Palette, color: C) -> Self {
        let [raw_picture, color_picture] = [RgbaFrame::new(), RgbaFrame::new()];
        Self { source, raw, color, strength: 100, raw_picture, color_picture, beside: Vec::new() }
    }

    /// What paints color.
    pub fn color(&mut self) -> &mut C {
        &mut self.color
    }

    /// Paints raw pictures in this palette from now on.
    pub fn set_raw(&mut self, raw: Palette) {
        self.raw = raw;
    }

    /// Paints colors so strong from now on, in percent.
    pub fn set_strength(&mut self, percent: u8) {
        self.strength = percent;
    }

    /// The picture of a frame, RGBA, as wide as the [settings](Source::settings) say.
    pub fn picture(&mut self, frame: &Frame) -> &[[u8; 4]] {
        let is_weak = self.strength < 100 && frame.colors().is_none();
        if self.source != Source::Color || is_weak {
            self.raw.colorize(frame, &mut self.raw_picture);
        }
        if self.source != Source::Raw {
            self.color.colorize(frame, &mut self.color_picture);
            if is_weak {
                let raw = self.raw_picture.pixels();
                weaken(self.color_picture.pixels_mut(), raw, self.strength);
            }
        }
        match self.source {
            Source::Raw => self.raw_picture.pixels(),
            Source::Color => self.color_picture.pixels(),
            Source::SideBySide => {
                self.beside.clear();
                let rows = self.raw_picture.pixels().chunks_exact(WIDTH);
                for (left, right) in rows.zip(self.color_picture.pixels().chunks_exact(WIDTH)) {
                    self.beside.extend_from_slice(left);
                    self.beside.extend_from_slice(right);
                }
                &self.beside
            }
        }
    }
}
