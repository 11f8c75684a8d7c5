//! Pictures side by side.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use gameboy::{HEIGHT, WIDTH};

/// Screen pixels of a frame's pixel.
const SCALE: usize = 2;
/// Between pictures, in screen pixels.
const GAP: usize = 4;
/// Pictures in a row of a strip.
const COLUMNS: usize = 6;
const GAP_COLOR: u8 = 0x80;

/// Writes pictures of 160x144, twice as large, side by side as a PNG.
pub fn write(path: &Path, pictures: &[Vec<[u8; 3]>]) -> io::Result<()> {
    let width = pictures.len() * (WIDTH * SCALE + GAP) - GAP;
    let mut pixels = vec![GAP_COLOR; width * HEIGHT * SCALE * 3];
    for (y, row) in pixels.chunks_exact_mut(width * 3).enumerate() {
        for (number, picture) in pictures.iter().enumerate() {
            let left = number * (WIDTH * SCALE + GAP) * 3;
            let line = &picture[y / SCALE * WIDTH..][..WIDTH];
            let out = row[left..].chunks_exact_mut(3 * SCALE);
            out.zip(line).for_each(|(out, color)| out.copy_from_slice(&color.repeat(SCALE)));
        }
    }
    write_png(path, width, HEIGHT * SCALE, &pixels)
}

/// Writes pictures of 160x144 as rows of [`COLUMNS`] as a PNG.
pub fn write_strip(path: &Path, pictures: &[Vec<[u8; 3]>]) -> io::Result<()> {
    let columns = COLUMNS.min(pictures.len()).max(1);
    let rows = pictures.len().div_ceil(columns).max(1);
    let (width, height) = (columns * (WIDTH + GAP) - GAP, rows * (HEIGHT + GAP) - GAP);
    let mut pixels = vec![GAP_COLOR; width * height * 3];
    for (number, picture) in pictures.iter().enumerate() {
        let left = number % columns * (WIDTH + GAP);
        let top = number / columns * (HEIGHT + GAP);
        for (y, line) in picture.chunks_exact(WIDTH).enumerate() {
            let start = ((top + y) * width + left) * 3;
            pixels[start..start + WIDTH * 3].copy_from_slice(line.as_flattened());
        }
    }
    write_png(path, width, height, &pixels)
}

fn write_png(path: &Path, width: usize, height: usize, rgb: &[u8]) -> io::Result<()> {
    let output = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(output, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    Ok(writer.finish()?)
}
