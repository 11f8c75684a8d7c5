//! `chromaboy dataset show`.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use dataset::{Reader, session_files};
use gameboy::{HEIGHT, PIXELS, WIDTH};

/// Space between the frames, in pixels.
const GAP: usize = 2;
/// PNG viewers cope with this many pixels on a side.
const MAX_SIDE: usize = 32_000;

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Session files, or directories of them.
    #[arg(value_name = "FILE", required = true)]
    sessions: Vec<PathBuf>,
    /// The contact sheet, a PNG.
    #[arg(long, short, value_name = "PNG")]
    output: PathBuf,
    /// Frames of each session at most, evenly chosen.
    #[arg(long, value_name = "N", default_value_t = 60,
          value_parser = clap::value_parser!(u32).range(1..))]
    per_session: u32,
    /// Frames side by side.
    #[arg(long, value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    columns: u32,
}

type Picture = Box<[u16; PIXELS]>;

impl ShowArgs {
    pub fn run(&self) -> anyhow::Result<()> {
        let mut pictures = Vec::new();
        for file in session_files(&self.sessions)? {
            let session = read(&file).with_context(|| file.display().to_string())?;
            pictures.extend(evenly(session, self.per_session as usize));
        }
        if pictures.is_empty() {
            bail!("no frame in {}", self.sessions[0].display());
        }
        let columns = (self.columns as usize).min(pictures.len());
        let rows = pictures.len().div_ceil(columns);
        if rows * (HEIGHT + GAP) > MAX_SIDE {
            bail!("{} frames are too many for one sheet: lower --per-session", pictures.len());
        }
        write_png(&self.output, &pictures, columns)
            .with_context(|| self.output.display().to_string())
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<Picture>> {
    let mut reader = Reader::new(BufReader::new(File::open(file)?))?;
    let mut pictures = Vec::new();
    while let Some(sample) = reader.next_intact()? {
        pictures.push(sample.colors);
    }
    let damage = reader.damage();
    if damage.samples > 0 {
        log::warn!("{}: {} damaged samples left out", file.display(), damage.samples);
    }
    if damage.cut_off {
        log::warn!("{}: the end is missing", file.display());
    }
    Ok(pictures)
}

/// At most `count` of the pictures, the first among them.
fn evenly(pictures: Vec<Picture>, count: usize) -> impl Iterator<Item = Picture> {
    let total = pictures.len();
    let chosen = count.min(total);
    let is_chosen = move |i: usize| i * chosen / total != (i * chosen + chosen) / total;
    pictures.into_iter().enumerate().filter(move |&(i, _)| is_chosen(i)).map(|(_, picture)| picture)
}

fn write_png(path: &Path, pictures: &[Picture], columns: usize) -> anyhow::Result<()> {
    let width = columns * (WIDTH + GAP) - GAP;
    let height = pictures.len().div_ceil(columns) * (HEIGHT + GAP) - GAP;
    let mut pixels = vec![0x40; width * height * 3];
    for (number, picture) in pictures.iter().enumerate() {
        let (left, top) = (number % columns * (WIDTH + GAP), number / columns * (HEIGHT + GAP));
        for (y, row) in picture.chunks_exact(WIDTH).enumerate() {
            let at = ((top + y) * width + left) * 3;
            let out = pixels[at..at + WIDTH * 3].chunks_exact_mut(3);
            out.zip(row).for_each(|(out, &color)| out.copy_from_slice(&rgb(color)));
        }
    }
    let output = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(output, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    Ok(writer.finish()?)
}

fn rgb(color: u16) -> [u8; 3] {
    [color, color >> 5, color >> 10].map(|channel| {
        let level = (channel & 31) as u8;
        level << 3 | level >> 2
    })
}
