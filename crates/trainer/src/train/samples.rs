//! Pictures of what the network makes of validation frames.

use colorizer::{recombine_pixels, rgb555_to_srgb};

use super::corpus::{Corpus, Picture as Frame};
use super::plot::Picture;
use super::validate::Validator;

/// Frames on a sheet.
const FRAMES: usize = 8;
/// Pixels between pictures.
const GAP: usize = 2;

/// Pictures of a frame, row by row: what the network is given, what it makes of it, and the truth.
pub type Line = [Vec<[u8; 3]>; 3];

/// A line for each of some validation frames, evenly chosen.
pub fn sheet(corpus: &Corpus, validator: &Validator<'_>) -> candle_core::Result<Picture> {
    sheet_of(corpus, validator.height(), |frame| line(frame, validator))
}

/// A sheet of any pictures of this height.
pub fn sheet_of(
    corpus: &Corpus,
    height: usize,
    line: impl Fn(&Frame) -> candle_core::Result<Line>,
) -> candle_core::Result<Picture> {
    let frames: Vec<&Frame> = corpus.games.iter().flat_map(|game| &game.validation).collect();
    let chosen = frames.iter().step_by(frames.len().div_ceil(FRAMES).max(1));
    let lines: Vec<Line> = chosen.map(|frame| line(frame)).collect::<candle_core::Result<_>>()?;
    let width = lines.first().map_or(0, |line| line[0].len() / height);
    let size = (3 * (width + GAP) - GAP, (lines.len() * (height + GAP)).max(GAP + 1) - GAP);
    let mut sheet = Picture::filled(size.0, size.1, [0x40; 3]);
    for (i, line) in lines.iter().enumerate() {
        for (column, picture) in line.iter().enumerate() {
            for (at, color) in picture.iter().enumerate() {
                let (x, y) = (at % width, at / width);
                sheet.set(column * (width + GAP) + x, i * (height + GAP) + y, *color);
            }
        }
    }
    Ok(sheet)
}

fn line(frame: &Frame, validator: &Validator<'_>) -> candle_core::Result<Line> {
    let view = validator.view(frame);
    let lightness = validator.lightness(view);
    let l: Vec<f32> = lightness.iter().map(|l| l * 100.0).collect();
    let chroma = validator.predict(lightness, validator.height())?;
    let plane = |i: usize| -> Vec<f32> { chroma.iter().map(|ab| ab[i] * 128.0).collect() };
    let none = vec![0.0; l.len()];
    let truth = view.pixels().map(|pixel| rgb555_to_srgb(frame.color(pixel))).collect();
    Ok([paint(&l, &none, &none), paint(&l, &plane(0), &plane(1)), truth])
}

fn paint(l: &[f32], a: &[f32], b: &[f32]) -> Vec<[u8; 3]> {
    let mut pixels = vec![[0; 4]; l.len()];
    recombine_pixels(l, a, b, &mut pixels);
    pixels.into_iter().map(|[r, g, b, _]| [r, g, b]).collect()
}
