//! The colors of a game are chosen here: a pixel is picked, and then its color.

use anyhow::Result;
use colorizer::Oklab;
use colorizer::cell_color::nearest_rgb555;
use colorizer::cells::CellLayer;
use colorizer::rgb555_to_srgb;
use gameboy::{HEIGHT, WIDTH};

use crate::emulation::{Command, Picked};
use crate::font;
use crate::picture::Picture;

/// Columns beside the frame.
pub const PANEL: usize = 80;

/// The field of colors: hues across, and down from light to dark.
const FIELD: Area = Area { left: 4, top: 9, width: 72, height: 48 };
/// How colorful those are, from grey to as much as there is.
const CHROMA: Area = Area { left: 4, top: 60, width: 72, height: 6 };
/// The colors of the frame.
const SWATCHES: Area = Area { left: 4, top: 70, width: 72, height: 27 };
/// The side of one of these.
const SWATCH: usize = 9;
/// The color that is picked.
const SAMPLE: Area = Area { left: 4, top: 101, width: 16, height: 14 };
/// Lines of text: beside the color, and under it.
const NAME: [usize; 2] = [24, 101];
const KEYS: [usize; 2] = [4, 118];
/// In place of both, where there is nothing to choose.
const NAME_OF_NONE: [usize; 2] = [4, 101];
/// The greatest distance from grey that sRGB has in `OKLab`.
const MOST_CHROMA: f32 = 0.32;
const PAPER: [u8; 4] = [24, 24, 24, 0xFF];
const EDGE: [u8; 4] = [0xFF; 4];

/// A rectangle of the panel, in pixels from its corner.
#[derive(Clone, Copy)]
struct Area {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// The panel, and what was picked.
#[derive(Debug)]
pub struct Editor {
    /// How colorful the field is, 0-1.
    chroma: f32,
    /// A picture to take colors from, as large as the frame, in place of which it is shown.
    reference: Option<Picture>,
    shows_reference: bool,
    /// Whether there is nothing to choose, as the game brings its colors.
    has_own_colors: bool,
}

impl Editor {
    /// With a picture to take colors from, if there is one, for a game that may have colors of its
    /// own.
    pub fn new(reference: Option<Picture>, has_own_colors: bool) -> Self {
        Self { chroma: 0.6, reference, shows_reference: false, has_own_colors }
    }

    /// Shows the picture to take colors from in place of the frame, or the frame again.
    pub fn toggle_reference(&mut self) {
        self.shows_reference = self.reference.is_some() && !self.shows_reference;
    }

    /// The frame with the panel beside it. All is dark but what was picked.
    pub fn picture(&self, frame: &Picture, picked: Option<&Picked>) -> Picture {
        let mut left = frame.clone();
        if let Some(reference) = self.reference.as_ref().filter(|_| self.shows_reference) {
            left = reference.clone();
        } else if let Some(picked) = picked {
            let pixels = left.rows_mut().flatten().zip(&picked.pixels);
            for (pixel, _) in pixels.filter(|(_, shows)| !**shows) {
                let [r, g, b, a] = *pixel;
                *pixel = [r / 3, g / 3, b / 3, a];
            }
        }
        left.beside(&self.panel(frame, picked))
    }

    /// What a click at a place of the picture asks for.
    pub fn click(&mut self, [x, y]: [usize; 2], frame: &Picture) -> Option<Command> {
        let Some(x) = x.checked_sub(WIDTH) else {
            let reference = self.reference.as_ref().filter(|_| self.shows_reference);
            return Some(match reference {
                Some(reference) => Command::Choose(color_at(reference, x, y)?),
                None => Command::Pick(y * WIDTH + x),
            });
        };
        if let Some([x, y]) = FIELD.place(x, y) {
            return Some(Command::Choose(self.field(x, y)));
        }
        if let Some([x, _]) = CHROMA.place(x, y) {
            self.chroma = x as f32 / (CHROMA.width - 1) as f32;
            return None;
        }
        let [x, y] = SWATCHES.place(x, y)?;
        let number = y / SWATCH * (SWATCHES.width / SWATCH) + x / SWATCH;
        colors_of(frame).get(number).copied().map(Command::Choose)
    }

    /// The color of the field there.
    fn field(&self, x: usize, y: usize) -> u16 {
        let hue = x as f32 / FIELD.width as f32 * std::f32::consts::TAU;
        // A row of white at the top and one of black at the bottom.
        let l = 1.0 - y as f32 / (FIELD.height - 1) as f32;
        nearest_rgb555(shown(l, self.chroma * MOST_CHROMA, hue))
    }

    fn panel(&self, frame: &Picture, picked: Option<&Picked>) -> Picture {
        let mut panel = Picture::new(PANEL, HEIGHT, vec![PAPER; PANEL * HEIGHT]);
        FIELD.fill(&mut panel, |x, y| opaque(rgb555_to_srgb(self.field(x, y))));
        CHROMA.fill(&mut panel, |x, _| {
            let share = x as f32 / (CHROMA.width - 1) as f32;
            let is_here = (share - self.chroma).abs() < 0.5 / (CHROMA.width - 1) as f32;
            if is_here { EDGE } else { opaque(shown(0.65, share * MOST_CHROMA, 0.4)) }
        });
        let colors = colors_of(frame);
        SWATCHES.fill(&mut panel, |x, y| {
            let number = y / SWATCH * (SWATCHES.width / SWATCH) + x / SWATCH;
            let is_gap = x % SWATCH == SWATCH - 1 || y % SWATCH == SWATCH - 1;
            let color = colors.get(number).filter(|_| !is_gap);
            color.map_or(PAPER, |&color| opaque(rgb555_to_srgb(color)))
        });
        let Some(picked) = picked else {
            if self.has_own_colors {
                write(&mut panel, NAME_OF_NONE, &["The game has", "its own colors"]);
            } else {
                write(&mut panel, [FIELD.left, 2], &["Click a pixel"]);
            }
            write(&mut panel, KEYS, &["F4 back to play"]);
            return panel;
        };
        // V0 to V2 have no color for a cell: what counts is what is seen of it.
        let seen = picked.pixels.iter().position(|&shows| shows);
        let [r, g, b] = match seen.map(|pixel| frame.pixels()[pixel]) {
            Some([r, g, b, _]) => [r, g, b],
            None => rgb555_to_srgb(picked.pin.color),
        };
        SAMPLE.fill(&mut panel, |_, _| opaque([r, g, b]));
        let layer = match picked.pin.layer {
            CellLayer::Background => "Background",
            CellLayer::Window => "Window",
            CellLayer::Object => "Object",
        };
        let state = match (picked.is_chosen, picked.is_locked) {
            (_, true) => "locked",
            (true, false) => "chosen",
            (false, false) => "network",
        };
        write(&mut panel, [FIELD.left, 2], &[&format!("{layer} {}", picked.pin.index)]);
        write(&mut panel, NAME, &[&format!("{r:02X}{g:02X}{b:02X}"), state]);
        let count = format!("{} chosen  F4 back", picked.count);
        write(&mut panel, KEYS, &["Z undo  L lock", "Del network", &count]);
        panel
    }
}

impl Area {
    /// A place of the panel counted from the area's corner, if it is in it.
    fn place(self, x: usize, y: usize) -> Option<[usize; 2]> {
        let (x, y) = (x.checked_sub(self.left)?, y.checked_sub(self.top)?);
        (x < self.width && y < self.height).then_some([x, y])
    }

    fn fill(self, panel: &mut Picture, color: impl Fn(usize, usize) -> [u8; 4]) {
        for (y, row) in panel.rows_mut().skip(self.top).take(self.height).enumerate() {
            for (x, pixel) in row[self.left..][..self.width].iter_mut().enumerate() {
                *pixel = color(x, y);
            }
        }
    }
}

/// The colors of a picture, those that cover most first.
fn colors_of(picture: &Picture) -> Vec<u16> {
    let mut counts = std::collections::BTreeMap::<u16, usize>::new();
    for &[r, g, b, _] in picture.pixels() {
        *counts.entry(nearest_rgb555([r, g, b])).or_default() += 1;
    }
    let mut colors: Vec<_> = counts.into_iter().collect();
    colors.sort_by_key(|&(color, count)| (std::cmp::Reverse(count), color));
    colors.into_iter().map(|(color, _)| color).collect()
}

fn color_at(picture: &Picture, x: usize, y: usize) -> Option<u16> {
    let pixel = picture.rows().nth(y)?.get(x)?;
    Some(nearest_rgb555([pixel[0], pixel[1], pixel[2]]))
}

/// A color of that lightness and hue, as colorful as sRGB shows it, but not more than that.
fn shown(l: f32, chroma: f32, hue: f32) -> [u8; 3] {
    let (sin, cos) = hue.sin_cos();
    let of = |chroma: f32| Oklab { l, a: chroma * cos, b: chroma * sin }.to_srgb();
    // What is beyond sRGB comes back as something else.
    let is_shown = |chroma: f32| {
        let back = Oklab::from_srgb(of(chroma));
        (back.l - l).abs() < 0.02 && (back.a.hypot(back.b) - chroma).abs() < 0.02
    };
    let (mut low, mut high) = (0.0, chroma);
    if is_shown(high) {
        return of(high);
    }
    for _ in 0..7 {
        let middle = f32::midpoint(low, high);
        if is_shown(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    of(low)
}

fn opaque([r, g, b]: [u8; 3]) -> [u8; 4] {
    [r, g, b, 0xFF]
}

fn write(panel: &mut Picture, at: [usize; 2], lines: &[&str]) {
    font::write_at(panel, at, lines);
}

/// A picture as large as the frame, from one of any size.
///
/// # Errors
/// If it cannot be read.
pub fn reference(bytes: &[u8]) -> Result<Picture> {
    Picture::fitted(bytes, WIDTH, HEIGHT)
}
