//! Games played frame by frame, as a player sees them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use colorizer::cell_color::{InlineCells, Style};
use colorizer::cells::{CellLayer, Cells, Tile};
use colorizer::lab::srgb_to_lab;
use colorizer::{Colorizer, Inline, RgbaFrame};
use gameboy::{Cartridge, Frame, GameBoy, Model, PIXELS, Support};
use neural::v3::Painter;
use neural::{Neural, threads};

use super::score::FLIP;
use super::{Error, Options, at, panel, relative};
use crate::capture::Schedule;

/// Frames of a game in a second, `4194304 / 70224`.
const FRAMES_PER_SECOND: f64 = 4_194_304.0 / 70_224.0;
/// Seconds between two pictures of a strip.
const STRIDE: u32 = 4;
/// The schedule that the games are played by.
const SEED: u64 = 7;
/// Two frames are of different scenes where less than a part in so many of the cells are the same.
const SHARED_OF: usize = 5;

/// A game that was played.
pub struct Played {
    pub name: String,
    /// What each way of painting did.
    pub ways: Vec<Way>,
}

/// What a way of painting did in a game.
pub struct Way {
    pub name: String,
    /// Of 1,000 cells that stand or scroll, those whose color changes in a second.
    pub flips: f64,
    /// Share of the frames for which the network was not needed.
    pub reused: f64,
    /// Where the strip is, from the report, where one is shown.
    pub strip: Option<String>,
}

/// Plays a game in each way that the options ask for.
///
/// # Errors
/// If a file cannot be read or written, or the game is not the original Game Boy's.
pub fn play(
    rom: &Path,
    options: &Options,
    labels: &[String],
    pictures: &Path,
) -> Result<Played, Error> {
    let bytes = fs::read(rom).map_err(|source| at(rom, source))?;
    let cartridge = Cartridge::from_bytes(bytes)
        .map_err(|source| Error::Cartridge { path: rom.to_path_buf(), source })?;
    if cartridge.header().support() == Support::CgbOnly {
        return Err(Error::ColorOnly(rom.to_path_buf()));
    }
    let name = rom.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_shown = options.pictures.as_ref().is_none_or(|shown| shown.contains(&name));
    let mut ways = Vec::new();
    for (path, label) in options.weights.iter().zip(labels) {
        for (way, mut painter) in painters(path, options)? {
            let seen = watch(&cartridge, options.play_seconds, &mut painter);
            let way = format!("{label}{way}");
            let strip = if is_shown {
                Some(write_strip(&seen.strip, &name, &way, pictures)?)
            } else {
                None
            };
            ways.push(Way {
                name: way,
                flips: seen.flips as f64 / seen.cells.max(1) as f64 * 1000.0 * FRAMES_PER_SECOND,
                reused: painter.reused() as f64 / seen.frames.max(1) as f64,
                strip,
            });
        }
    }
    Ok(Played { name, ways })
}

/// A network that is waited for.
enum Inlined {
    Chroma(Box<Inline<Neural>>),
    Cells(Box<InlineCells<Painter>>),
}

impl Inlined {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match self {
            Self::Chroma(inline) => inline.colorize(frame, out),
            Self::Cells(inline) => inline.colorize(frame, out),
        }
    }

    fn reused(&self) -> u64 {
        match self {
            Self::Chroma(inline) => inline.reused(),
            Self::Cells(inline) => inline.reused(),
        }
    }
}

/// The network of a file of weights, which paints in as many ways as there are styles if it is V3.
fn painters(path: &PathBuf, options: &Options) -> Result<Vec<(&'static str, Inlined)>, Error> {
    let bytes = fs::read(path).map_err(|source| at(path, source))?;
    let weights = |source| Error::Weights { path: path.clone(), source };
    let settings = neural::Options { threads: threads::available(), ..neural::Options::default() };
    if !neural::is_v3(&bytes) {
        let network = Neural::with_options(bytes, &Device::Cpu, settings).map_err(weights)?;
        return Ok(vec![("", Inlined::Chroma(Box::new(Inline::new(network))))]);
    }
    let painter = |style: &Style| {
        let painter = Painter::with_options(&bytes, &Device::Cpu, settings).map_err(weights)?;
        let name = if *style == Style::Safe { " safe" } else { " vivid" };
        Ok((name, Inlined::Cells(Box::new(InlineCells::new(painter, *style)))))
    };
    options.styles.iter().map(painter).collect()
}

/// What was seen of a game.
#[derive(Default)]
struct Seen {
    frames: u64,
    cells: u64,
    flips: u64,
    strip: Vec<Vec<[u8; 3]>>,
}

fn watch(cartridge: &Cartridge, seconds: u32, painter: &mut Inlined) -> Seen {
    let mut gb = GameBoy::new(cartridge.clone(), Model::Dmg);
    gb.record_provenance();
    let mut schedule = Schedule::new(SEED);
    let mut out = RgbaFrame::new();
    let mut seen = Seen::default();
    let mut before = None;
    let frames = (seconds as f64 * FRAMES_PER_SECOND) as u64;
    let stride = (STRIDE as f64 * FRAMES_PER_SECOND) as u64;
    for number in 1..=frames {
        gb.set_buttons(schedule.next().unwrap_or_default());
        gb.run_frame();
        painter.colorize(gb.frame(), &mut out);
        let now = Steady::of(gb.frame(), &out);
        if let (Some(before), Some(now)) = (&before, &now) {
            seen.compare(before, now);
        }
        before = now;
        seen.frames += 1;
        if number % stride == 0 {
            seen.strip.push(out.pixels().iter().map(|&[r, g, b, _]| [r, g, b]).collect());
        }
    }
    seen
}

impl Seen {
    fn compare(&mut self, before: &Steady, now: &Steady) {
        let pairs =
            now.cells.iter().filter_map(|(key, chroma)| Some((before.cells.get(key)?, chroma)));
        let moved: Vec<f32> =
            pairs.map(|(old, new)| (old[0] - new[0]).hypot(old[1] - new[1])).collect();
        // Where the game fades or flashes, colors change as they should.
        if before.palettes != now.palettes || moved.len() * SHARED_OF < now.cells.len() {
            return;
        }
        self.cells += moved.len() as u64;
        self.flips += moved.iter().filter(|&&moved| moved >= FLIP).count() as u64;
    }
}

/// The cells of a frame of which all pixels are seen, each by its place in the scrolled map, and the
/// mean a* and b* that it was painted in.
struct Steady {
    cells: HashMap<(CellLayer, [u8; 2], Tile), [f32; 2]>,
    /// The shades that each color index has.
    palettes: Vec<Option<u8>>,
}

impl Steady {
    /// `None` where no provenance is known.
    fn of(frame: &Frame, painted: &RgbaFrame) -> Option<Self> {
        let (cells, shades) = (Cells::of(frame)?, frame.shades()?);
        let mut sums = vec![([0.0f32; 2], 0usize); cells.grid().len()];
        let mut last = ([0; 4], [0.0; 2]);
        for pixel in 0..PIXELS {
            let Some((sum, count)) = sums.get_mut(cells.of_pixels()[pixel] as usize) else {
                continue;
            };
            let rgba = painted.pixels()[pixel];
            if rgba != last.0 {
                let lab = srgb_to_lab([rgba[0], rgba[1], rgba[2]]);
                last = (rgba, [lab.a, lab.b]);
            }
            *sum = [sum[0] + last.1[0], sum[1] + last.1[1]];
            *count += 1;
        }
        let whole = sums.iter().enumerate().filter(|(_, (_, count))| *count == 64);
        let cell = |(cell, (sum, _)): (usize, &([f32; 2], usize))| {
            let key = (cells.layer(cell), cells.map_place(cell), *cells.tile(cell)?);
            Some((key, sum.map(|sum| sum / 64.0)))
        };
        let mut palettes = vec![None; 12];
        for (pixel, &shade) in frame.provenance()?.iter().zip(shades) {
            let palette = match pixel.layer() {
                gameboy::Layer::Object => 1 + (pixel.palette() as usize & 1),
                _ => 0,
            };
            palettes[palette * 4 + (pixel.color_index() as usize & 3)] = Some(shade);
        }
        Some(Self { cells: whole.filter_map(cell).collect(), palettes })
    }
}

fn write_strip(
    strip: &[Vec<[u8; 3]>],
    game: &str,
    way: &str,
    pictures: &Path,
) -> Result<String, Error> {
    fs::create_dir_all(pictures).map_err(|source| at(pictures, source))?;
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let way: String = way.chars().map(plain).collect();
    let file = pictures.join(format!("{game}-{way}-strip.png"));
    panel::write_strip(&file, strip).map_err(|source| at(&file, source))?;
    Ok(relative(&file))
}
