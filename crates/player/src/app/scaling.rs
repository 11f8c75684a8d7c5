//! From the console's pixels to the screen's: how large, and what lies between them.

use serde::{Deserialize, Serialize};

use crate::picture::Picture;
use crate::presenter::layout;

/// How large the picture is in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// By the largest whole factor, so that every pixel is as large as the others.
    Whole,
    /// As large as it fits in.
    Fit,
}

/// What one pixel of the console looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// A plain rectangle.
    Nearest,
    /// A rectangle with a darker edge, as on an LCD.
    Grid,
    /// A soft passage to the next (bilinear).
    Smooth,
}

/// How dark the lines of the grid are, of 256.
const GRID: u16 = 176;
/// Pixels of the screen for one of the console's, from which on there is room for a grid.
const LEAST_GRID: usize = 3;

impl Scaling {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Whole, Self::Fit];

    /// What it is called in the menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole pixels",
            Self::Fit => "fit the window",
        }
    }

    /// The size of a picture on a surface: in pixels of that, at least as large as the picture.
    fn size(self, picture: [usize; 2], surface: [usize; 2]) -> [usize; 2] {
        let [across, down] = [0, 1].map(|axis| surface[axis] as f64 / picture[axis] as f64);
        let scale = across.min(down).max(1.0);
        match self {
            Self::Whole => picture.map(|length| length * scale as usize),
            Self::Fit => picture.map(|length| (length as f64 * scale).round() as usize),
        }
    }

    /// The pixel of the picture that is shown at a place of the surface, if any.
    pub fn find(
        self,
        picture: [usize; 2],
        surface: [usize; 2],
        at: [usize; 2],
    ) -> Option<[usize; 2]> {
        let size = self.size(picture, surface);
        let [x, y] = layout::find(size, surface, at)?;
        Some([x * picture[0] / size[0], y * picture[1] / size[1]])
    }
}

impl Filter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nearest, Self::Grid, Self::Smooth];

    /// What it is called in the menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Grid => "LCD grid",
            Self::Smooth => "smooth",
        }
    }

    /// The picture as large as it is to be shown. `None` where plain squares will do: those any
    /// presenter makes by itself.
    pub fn scaled(
        self,
        picture: &Picture,
        scaling: Scaling,
        surface: [usize; 2],
    ) -> Option<Picture> {
        if (self, scaling) == (Self::Nearest, Scaling::Whole) || surface.contains(&0) {
            return None;
        }
        let size = scaling.size([picture.width(), picture.height()], surface);
        Some(match self {
            Self::Nearest => nearest(picture, size, |_| false),
            Self::Grid => {
                let scale = size[0] / picture.width();
                nearest(picture, size, |is_edge| is_edge && scale >= LEAST_GRID)
            }
            Self::Smooth => smooth(picture, size),
        })
    }
}

/// For each place of a length, the pixel it shows, and whether the next place shows another.
fn places(length: usize, pixels: usize) -> Vec<(usize, bool)> {
    let of = |place: usize| place * pixels / length;
    (0..length).map(|place| (of(place), of(place + 1) != of(place))).collect()
}

fn nearest(
    picture: &Picture,
    [width, height]: [usize; 2],
    is_dark: impl Fn(bool) -> bool,
) -> Picture {
    let columns = places(width, picture.width());
    let rows: Vec<_> = picture.rows().collect();
    let mut pixels = Vec::with_capacity(width * height);
    for (y, is_lowest) in places(height, picture.height()) {
        pixels.extend(columns.iter().map(|&(x, is_last)| {
            let pixel = rows[y][x];
            if is_dark(is_lowest || is_last) { darker(pixel) } else { pixel }
        }));
    }
    Picture::new(width, height, pixels)
}

fn darker([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let [r, g, b] = [r, g, b].map(|channel| (channel as u16 * GRID / 256) as u8);
    [r, g, b, a]
}

/// For each place of a length, the pixel before it and the one after, and how near the latter is,
/// of 256.
fn neighbours(length: usize, pixels: usize) -> Vec<([usize; 2], u32)> {
    let of = |place: usize| {
        let at = ((place as f64 + 0.5) * pixels as f64 / length as f64 - 0.5).max(0.0);
        let before = at as usize;
        ([before, (before + 1).min(pixels - 1)], (at.fract() * 256.0) as u32)
    };
    (0..length).map(of).collect()
}

fn smooth(picture: &Picture, [width, height]: [usize; 2]) -> Picture {
    let columns = neighbours(width, picture.width());
    let rows: Vec<_> = picture.rows().collect();
    let mut pixels = Vec::with_capacity(width * height);
    for ([above, below], down) in neighbours(height, picture.height()) {
        let between =
            |from: u8, to: u8, share: u32| from as u32 * (256 - share) + to as u32 * share;
        pixels.extend(columns.iter().map(|&([left, right], across)| {
            std::array::from_fn(|channel| {
                let at = |y: usize, x: usize| rows[y][x][channel];
                let upper = between(at(above, left), at(above, right), across);
                let lower = between(at(below, left), at(below, right), across);
                ((upper * (256 - down) + lower * down + 0x8000) >> 16) as u8
            })
        }));
    }
    Picture::new(width, height, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 4] = [255; 4];
    const BLACK: [u8; 4] = [0, 0, 0, 255];

    fn picture() -> Picture {
        Picture::new(2, 1, vec![WHITE, BLACK])
    }

    #[test]
    fn a_picture_that_fits_fills_one_direction() {
        assert_eq!(Scaling::Fit.size([160, 144], [1920, 1080]), [1200, 1080]);
        assert_eq!(Scaling::Whole.size([160, 144], [1920, 1080]), [1120, 1008]);
        assert_eq!(Scaling::Fit.size([160, 144], [80, 80]), [160, 144], "cut off, not shrunk");
        assert_eq!(Scaling::Fit.find([160, 144], [1920, 1080], [360, 0]), Some([0, 0]));
        assert_eq!(Scaling::Fit.find([160, 144], [1920, 1080], [1559, 1079]), Some([159, 143]));
        assert_eq!(Scaling::Fit.find([160, 144], [1920, 1080], [359, 0]), None);
    }

    #[test]
    fn nearest_pixels_are_plain_and_a_grid_has_edges() {
        let scaled = |filter: Filter| filter.scaled(&picture(), Scaling::Fit, [6, 3]);
        let plain = scaled(Filter::Nearest).expect("scaled");
        assert_eq!(plain.pixels()[..6], [WHITE, WHITE, WHITE, BLACK, BLACK, BLACK]);
        let grid = scaled(Filter::Grid).expect("scaled");
        let edge = [175, 175, 175, 255];
        assert_eq!(grid.pixels()[..3], [WHITE, WHITE, edge]);
        assert_eq!(grid.pixels()[12..15], [edge; 3]);
        assert_eq!(Filter::Nearest.scaled(&picture(), Scaling::Whole, [6, 3]), None);
    }

    #[test]
    fn smooth_pixels_pass_into_each_other() {
        let scaled = Filter::Smooth.scaled(&picture(), Scaling::Whole, [8, 4]).expect("scaled");
        let row: Vec<_> = scaled.pixels()[..8].iter().map(|pixel| pixel[0]).collect();
        assert_eq!(row, [255, 255, 223, 159, 96, 32, 0, 0]);
        assert!(scaled.pixels().iter().all(|pixel| pixel[3] == 255));
    }
}
