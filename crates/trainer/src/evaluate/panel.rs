//! Pictures side by side.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use gameboy::{HEIGHT, WIDTH};

/// Screen pixels of a frame's pixel.
const SCALE: usize = 2;
/// Between pictures, in screen pixels.
const GAP: usize = 4;
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
    let output = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(output, width as u32, (HEIGHT * SCALE) as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    Ok(writer.finish()?)
}
