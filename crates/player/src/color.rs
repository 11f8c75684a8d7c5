//! The colorizer that the command line asks for.

use std::ops::Range;

use anyhow::{Context, Result};
use colorizer::{Background, Colorizer, Palette, RgbaFrame, Stats, recombine_pixels};
use gameboy::Frame;
use neural::{Neural, Options, threads};

use crate::cli::ColorArgs;
use crate::picture::{Lightness, Picture};
use crate::{cartridge_file, embedded};

/// What paints the colored picture of a running game.
pub enum Painter {
    /// A network in a thread of its own.
    Network(Box<Background>),
    /// Four colours for each layer.
    Palette(Palette),
}

impl Painter {
    /// What the network did so far, where there is one.
    pub fn stats(&self) -> Option<Stats> {
        match self {
            Self::Network(background) => Some(background.stats()),
            Self::Palette(_) => None,
        }
    }
}

impl Colorizer for Painter {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match self {
            Self::Network(background) => background.colorize(frame, out),
            Self::Palette(palette) => palette.colorize(frame, out),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Network(background) => background.reset(),
            Self::Palette(palette) => palette.reset(),
        }
    }
}

/// Loads the network of the arguments.
///
/// # Errors
/// If the weights are not the network's, or the device is not there.
pub fn load_network(args: &ColorArgs) -> Result<Neural> {
    load_network_with(args, options(args))
}

/// How the network of the arguments runs on the CPU.
pub fn options(args: &ColorArgs) -> Options {
    let threads = args.threads.unwrap_or_else(threads::default_threads);
    Options { threads, kernel: args.kernel, precision: args.precision }
}

/// As [`load_network`], but run like this on the CPU.
///
/// # Errors
/// As there.
pub fn load_network_with(args: &ColorArgs, options: Options) -> Result<Neural> {
    let device = args.device.open()?;
    let (bytes, origin) = match &args.weights {
        Some(path) => (cartridge_file::read(path)?, path.display().to_string()),
        None => (embedded::V1_WEIGHTS.to_vec(), "the built-in weights".to_owned()),
    };
    Neural::with_options(bytes, &device, options).context(origin)
}

/// Colors a picture of any size by a network.
///
/// # Errors
/// If the network fails.
pub fn color_picture(network: &Neural, lightness: &Lightness) -> Result<Picture> {
    let (width, height) = (lightness.width(), lightness.height());
    let mut pixels = vec![[0; 4]; width * height];
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let inner = [span(left, TILE, width), span(top, TILE, height)];
            color_tile(network, lightness, &inner, &mut pixels)?;
        }
    }
    Ok(Picture::new(width, height, pixels))
}

/// Large pictures are colored in squares of this side, so that memory stays small. A multiple of
/// 8, as the network halves the picture three times.
const TILE: usize = 1024;
/// The network sees 46 pixels to each side; with so many more around it, a tile's colors are those
/// that the whole picture at once would give.
const MARGIN: usize = 48;

fn span(start: usize, length: usize, end: usize) -> Range<usize> {
    start..(start + length).min(end)
}

fn color_tile(
    network: &Neural,
    lightness: &Lightness,
    [columns, rows]: &[Range<usize>; 2],
    pixels: &mut [[u8; 4]],
) -> Result<()> {
    let (width, height) = (lightness.width(), lightness.height());
    let widen = |inner: &Range<usize>, end: usize| {
        inner.start.saturating_sub(MARGIN)..(inner.end + MARGIN).min(end)
    };
    let [wide, high] = [widen(columns, width), widen(rows, height)];
    let row = |y: usize, columns: &Range<usize>| y * width + columns.start..y * width + columns.end;
    let l: Vec<f32> =
        high.clone().flat_map(|y| &lightness.values()[row(y, &wide)]).copied().collect();
    let (a, b) = network.predict(&l, wide.len(), high.len())?;
    for y in rows.clone() {
        let start = (y - high.start) * wide.len() + columns.start - wide.start;
        let part = start..start + columns.len();
        let out = &mut pixels[row(y, columns)];
        recombine_pixels(&l[part.clone()], &a[part.clone()], &b[part], out);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use neural::DeviceChoice;

    use super::*;

    #[test]
    fn tiles_leave_no_trace() {
        let device = DeviceChoice::Cpu.open().expect("the processor");
        let network = Neural::from_bytes(embedded::V1_WEIGHTS, &device).expect("V1");
        let (width, height) = (TILE + 75, 43);
        let wave = |i: usize| 50.0 + 50.0 * ((i % width * 7 + i / width * 13) as f32 / 90.0).sin();
        let values: Vec<f32> = (0..width * height).map(wave).collect();

        let (a, b) = network.predict(&values, width, height).expect("the colors");
        let mut whole = vec![[0; 4]; values.len()];
        recombine_pixels(&values, &a, &b, &mut whole);

        let tiled = color_picture(&network, &Lightness::new(width, height, values));
        let tiled = tiled.expect("the colors");
        // The order of summation may differ, by a rounding at most.
        for (tiled, whole) in tiled.pixels().as_flattened().iter().zip(whole.as_flattened()) {
            assert!(tiled.abs_diff(*whole) <= 1, "{tiled} is not {whole}");
        }
    }
}
