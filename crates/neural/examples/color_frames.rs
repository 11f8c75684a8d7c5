//! What another emulator does: makes a colorizer, and gives it the frames that it drew.
//!
//!     cargo run --release -p neural --example color_frames -- OUT.ppm [FRAMES]
//!
//! FRAMES is a file of frames, 160x144 bytes each, a shade (0 white, 3 black) in every byte; without
//! it a ball flies over a wall. OUT.ppm gets one PPM picture after the other. Viewers show the first;
//! `ffmpeg -f ppm_pipe -i OUT.ppm film.mp4` makes a film of them.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};

use colorizer::{Colorizer, RgbaFrame};
use gameboy::{Frame, HEIGHT, PIXELS, WIDTH};
use neural::{DeviceChoice, FrameColorizer, Settings, Timing};

const WEIGHTS: &[u8] = include_bytes!("../../../models/v3.safetensors");
const DRAWN_FRAMES: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let out = arguments.next().ok_or("usage: color_frames OUT.ppm [FRAMES]")?;
    let frames = match arguments.next() {
        Some(path) => fs::read(path)?,
        None => (0..DRAWN_FRAMES).flat_map(draw).collect(),
    };
    let mut out = BufWriter::new(File::create(out)?);
    color(&frames, &mut out)?;
    Ok(out.flush()?)
}

/// Draws a frame of 8x8 tiles: a wall that scrolls, and a ball.
pub fn draw(frame: usize) -> [u8; PIXELS] {
    std::array::from_fn(|pixel| {
        let (x, y) = (pixel % WIDTH, pixel / WIDTH);
        if x.abs_diff(40 + 4 * frame).pow(2) + y.abs_diff(60).pow(2) < 64 {
            return 1;
        }
        let is_joint = y.is_multiple_of(8) || (x + frame + y / 8 % 2 * 4).is_multiple_of(8);
        match (y < 96, is_joint) {
            (true, _) => 0,
            (false, true) => 3,
            (false, false) => 2,
        }
    })
}

/// Writes a picture of each frame; `frames` has the shades of one after the other.
///
/// # Errors
/// If the network cannot be had, or `out` not be written.
pub fn color(frames: &[u8], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    // A running game takes the default, `Timing::Live`, so that it never waits.
    let settings = Settings { timing: Timing::Exact, ..Settings::default() };
    let device = DeviceChoice::Auto.open()?;
    let mut colorizer = FrameColorizer::new(WEIGHTS, &device, &settings)?;
    eprintln!("{}", colorizer.description());
    let mut picture = RgbaFrame::new();
    for shades in frames.as_chunks::<PIXELS>().0 {
        colorizer.colorize(&Frame::from_shades(shades), &mut picture);
        write_picture(&picture, out)?;
    }
    match colorizer.failure() {
        None => Ok(()),
        Some(failure) => Err(format!("no colors any more: {failure}").into()),
    }
}

fn write_picture(picture: &RgbaFrame, out: &mut impl Write) -> std::io::Result<()> {
    write!(out, "P6\n{WIDTH} {HEIGHT}\n255\n")?;
    picture.pixels().iter().try_for_each(|rgba| out.write_all(&rgba[..3]))
}
