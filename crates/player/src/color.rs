//! The colorizer that the command line asks for.

use std::ops::Range;
use std::path::PathBuf;
use std::{fs, io};

use anyhow::{Context, Result, bail};
use colorizer::cell_color::{
    BackgroundCells, CellPainter, Hints, InlineCells, MemoryError, Pin, Style,
};
use colorizer::{
    Background, Colorizer, Inline, Palette, RgbaFrame, ScreenColors, Stats, recombine_pixels,
};
use gameboy::Frame;
use neural::{Neural, Options, threads, v3};
use sha2::{Digest, Sha256};

use crate::cli::{ColorArgs, StyleChoice, Weights};
use crate::picture::{self, Lightness, Picture};
use crate::{cartridge_file, embedded, files};

/// A network with its weights.
pub enum Network {
    /// V0, V1 or V2: chroma for each pixel.
    Chroma(Box<Neural>),
    /// V3: colors for each cell.
    Cells(Box<v3::Painter>, CellWeights),
}

/// What is to be known of V3's weights.
#[derive(Clone, Copy, Debug)]
pub struct CellWeights {
    sha256: [u8; 32],
    /// Whether they were taught for the game.
    are_taught: bool,
}

impl Network {
    /// The network and where it runs, such as `V1 on CPU, 1 thread, int8`.
    pub fn description(&self) -> String {
        match self {
            Self::Chroma(network) => network.description(),
            Self::Cells(network, _) => network.description(),
        }
    }

    /// The network in a thread of its own, for the game of this name. Until it answers V0, V1 and V2
    /// leave the palette; V3 has what it knew when the game was played last.
    ///
    /// # Errors
    /// If a picture that V3 is to follow cannot be read.
    pub fn in_background(self, args: &ColorArgs, game: &str) -> Result<Painter> {
        Ok(match self {
            Self::Chroma(network) => {
                let background = Background::new(*network).with_fallback(args.palette());
                Painter::new(Kind::Chroma(Box::new(background)), Vec::new())
            }
            Self::Cells(network, weights) => {
                let background = BackgroundCells::new(*network, style(args, weights));
                let painter = Painter::new(Kind::Cells(Box::new(background)), like(args)?);
                let file =
                    files::data_folder("memory").map(|folder| folder.join(format!("{game}.cells")));
                Painter {
                    memory: file
                        .map(|file| MemoryFile::new(file, weights.sha256, style(args, weights))),
                    ..painter
                }
            }
        })
    }

    /// The network, for pictures that wait for it.
    ///
    /// # Errors
    /// As [`in_background`](Self::in_background).
    pub fn inline(self, args: &ColorArgs, pins: Vec<Pin>) -> Result<InlinePainter> {
        let mut cells = CellPainter::new(&[], Style::default());
        let kind = match self {
            Self::Chroma(network) => {
                cells.set_hints(&Hints { pins, like: Vec::new() });
                InlineKind::Chroma(Box::new(Inline::new(*network)))
            }
            Self::Cells(network, weights) => {
                let mut inline = InlineCells::new(*network, style(args, weights));
                inline.set_hints(Hints { pins, like: like(args)? });
                InlineKind::Cells(Box::new(inline))
            }
        };
        Ok(InlinePainter { kind, like: like(args)?, cells })
    }
}

/// How far weights are trusted: those that were taught for the game wholly, unless the arguments
/// say otherwise.
fn style(args: &ColorArgs, weights: CellWeights) -> Style {
    match args.style {
        Some(StyleChoice::Vivid) => Style::Vivid,
        None if weights.are_taught => Style::Vivid,
        Some(StyleChoice::Safe) | None => Style::Safe,
    }
}

/// The colors of the picture that the game is to look like.
fn like(args: &ColorArgs) -> Result<Vec<([u8; 3], f32)>> {
    let Some(path) = &args.like else { return Ok(Vec::new()) };
    let shown = || path.display().to_string();
    picture::shares_of_colors(&cartridge_file::read(path)?).with_context(shown)
}

/// What paints the colored picture of a running game: a network or a palette, and over them the
/// colors that the player chose.
pub struct Painter {
    kind: Kind,
    /// What V3 is told besides the chosen colors.
    like: Vec<([u8; 3], f32)>,
    /// Knows the cells where the network does not.
    cells: CellPainter,
    /// Where V3's memory is kept.
    memory: Option<MemoryFile>,
}

/// The file of V3's memory of a game.
struct MemoryFile {
    file: PathBuf,
    /// What the colors in it come from, besides pins.
    means: Sha256,
}

impl MemoryFile {
    fn new(file: PathBuf, weights: [u8; 32], style: Style) -> Self {
        let means = Sha256::new().chain_update(weights).chain_update([style as u8]);
        Self { file, means }
    }

    /// What tells apart memories by other means.
    fn key(&self, pins: &[Pin], like: &[([u8; 3], f32)]) -> [u8; 32] {
        let mut means = self.means.clone();
        for pin in pins {
            means.update([pin.layer as u8, pin.index]);
            means.update(pin.tile);
            means.update(pin.color.to_le_bytes());
        }
        for (color, share) in like {
            means.update(color);
            means.update(share.to_le_bytes());
        }
        means.finalize().into()
    }
}

/// What paints.
enum Kind {
    /// V0, V1 or V2 in a thread of its own.
    Chroma(Box<Background>),
    /// V3 in a thread of its own.
    Cells(Box<BackgroundCells>),
    /// Four colours for each layer.
    Palette(Palette),
}

impl Painter {
    /// Four colors for each layer.
    pub fn palette(palette: Palette) -> Self {
        Self::new(Kind::Palette(palette), Vec::new())
    }

    fn new(kind: Kind, like: Vec<([u8; 3], f32)>) -> Self {
        Self { kind, like, cells: CellPainter::new(&[], Style::default()), memory: None }
    }

    /// Remembers what V3 knew of the game when it was played last by the same pins.
    pub fn remember(&mut self, pins: &[Pin]) {
        let Some(memory) = &self.memory else { return };
        let (key, file) = (memory.key(pins, &self.like), memory.file.clone());
        match fs::read(&file) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(err) => log::warn!("cannot read {}: {err}", file.display()),
            Ok(bytes) => match self.cells().restore(&bytes, key) {
                Ok(()) | Err(MemoryError::Other) => {}
                Err(err) => log::warn!("{}: {err}; it is begun anew", file.display()),
            },
        }
    }

    /// Keeps what V3 knows of the game.
    pub fn keep(&mut self, pins: &[Pin]) {
        let Some(memory) = &self.memory else { return };
        let (key, file) = (memory.key(pins, &self.like), memory.file.clone());
        if let Err(err) = files::replace(&file, &self.cells().save(key)) {
            log::warn!("cannot write {}: {err}", file.display());
        }
    }

    /// What the network did so far, where there is one.
    pub fn stats(&self) -> Option<Stats> {
        match &self.kind {
            Kind::Chroma(background) => Some(background.stats()),
            Kind::Cells(background) => Some(background.stats()),
            Kind::Palette(_) => None,
        }
    }

    /// Paints these cells in these colors from now on, and V3 others by them.
    pub fn set_pins(&mut self, pins: Vec<Pin>) {
        let hints = Hints { pins, like: self.like.clone() };
        match &mut self.kind {
            Kind::Cells(background) => background.set_hints(hints),
            Kind::Chroma(_) | Kind::Palette(_) => self.cells.set_hints(&hints),
        }
    }

    /// Forgets what V3 learned of the game's cells.
    pub fn forget(&mut self) {
        if let Kind::Cells(background) = &mut self.kind {
            background.forget();
        }
    }

    /// Whether the same frame may soon look different, as the network is at it.
    pub fn is_waiting(&self) -> bool {
        match &self.kind {
            Kind::Cells(background) => background.is_waiting(),
            Kind::Chroma(_) | Kind::Palette(_) => false,
        }
    }

    /// What knows the cells of frames.
    pub fn cells(&mut self) -> &mut CellPainter {
        match &mut self.kind {
            Kind::Cells(background) => background.painter(),
            Kind::Chroma(_) | Kind::Palette(_) => &mut self.cells,
        }
    }

    fn colorizer(&mut self) -> &mut dyn Colorizer {
        match &mut self.kind {
            Kind::Chroma(background) => background.as_mut(),
            Kind::Cells(background) => background.as_mut(),
            Kind::Palette(palette) => palette,
        }
    }
}

impl Colorizer for Painter {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        self.colorizer().colorize(frame, out);
        if !matches!(self.kind, Kind::Cells(_)) {
            self.cells.watch(frame);
            self.cells.paint_pins(frame, out);
        }
    }

    fn reset(&mut self) {
        self.colorizer().reset();
    }
}

/// What paints the frames of a film, which wait for it.
pub enum FilmPainter {
    /// A network.
    Network(Box<InlinePainter>),
    /// Four colors for each layer, or the game's own.
    Palette(Palette),
    /// The game's own, as the Game Boy Color's screen showed them.
    Screen(ScreenColors),
}

impl FilmPainter {
    /// Goes on with what another painter knows of cells, by these pins.
    pub fn go_on(&mut self, cells: CellPainter, pins: Vec<Pin>) {
        if let Self::Network(network) = self {
            network.set_pins(pins);
            network.go_on(cells);
        }
    }

    /// Paints these cells in these colors from now on.
    pub fn set_pins(&mut self, pins: Vec<Pin>) {
        if let Self::Network(network) = self {
            network.set_pins(pins);
        }
    }

    /// Fails where the network has.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Network(network) => network.check(),
            Self::Palette(_) | Self::Screen(_) => Ok(()),
        }
    }
}

impl Colorizer for FilmPainter {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match self {
            Self::Network(network) => network.colorize(frame, out),
            Self::Palette(palette) => palette.colorize(frame, out),
            Self::Screen(screen) => screen.colorize(frame, out),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Network(network) => network.reset(),
            Self::Palette(palette) => palette.reset(),
            Self::Screen(screen) => screen.reset(),
        }
    }
}

/// A network that the caller waits for, and over it the colors that the player chose.
pub struct InlinePainter {
    kind: InlineKind,
    /// What V3 is told besides pins.
    like: Vec<([u8; 3], f32)>,
    /// Knows the cells where the network does not.
    cells: CellPainter,
}

/// What the caller waits for.
enum InlineKind {
    /// V0, V1 or V2.
    Chroma(Box<Inline<Neural>>),
    /// V3.
    Cells(Box<InlineCells<v3::Painter>>),
}

impl InlinePainter {
    /// Tells of a frame before those that are painted: from many of them a fade or a flash is known.
    pub fn watch(&mut self, frame: &Frame) {
        match &mut self.kind {
            InlineKind::Chroma(_) => self.cells.watch(frame),
            InlineKind::Cells(inline) => inline.watch(frame),
        }
    }

    /// Paints these cells in these colors from now on.
    pub fn set_pins(&mut self, pins: Vec<Pin>) {
        let hints = Hints { pins, like: self.like.clone() };
        match &mut self.kind {
            InlineKind::Chroma(_) => self.cells.set_hints(&hints),
            InlineKind::Cells(inline) => inline.set_hints(hints),
        }
    }

    /// Goes on with what a painter with the same network knows of cells.
    pub fn go_on(&mut self, cells: CellPainter) {
        match &mut self.kind {
            InlineKind::Chroma(_) => self.cells = cells,
            InlineKind::Cells(inline) => inline.go_on(cells),
        }
    }

    /// Frames of which the network had nothing to compute.
    pub fn reused(&self) -> u64 {
        match &self.kind {
            InlineKind::Chroma(inline) => inline.reused(),
            InlineKind::Cells(inline) => inline.reused(),
        }
    }

    /// Fails where the network has.
    pub fn check(&self) -> Result<()> {
        let failure = match &self.kind {
            InlineKind::Chroma(inline) => inline.failure(),
            InlineKind::Cells(inline) => inline.failure(),
        };
        match failure {
            Some(failure) => bail!("the network failed: {failure}"),
            None => Ok(()),
        }
    }
}

impl Colorizer for InlinePainter {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match &mut self.kind {
            InlineKind::Chroma(inline) => {
                inline.colorize(frame, out);
                self.cells.watch(frame);
                self.cells.paint_pins(frame, out);
            }
            InlineKind::Cells(inline) => inline.colorize(frame, out),
        }
    }

    fn reset(&mut self) {
        match &mut self.kind {
            InlineKind::Chroma(inline) => inline.reset(),
            InlineKind::Cells(inline) => inline.reset(),
        }
    }
}

/// Loads the network of the arguments for the game of this name: where they name no weights, those that it was
/// taught, or else the built-in V3.
///
/// # Errors
/// If the weights are not a network's, or the device is not there.
pub fn load_game_network(args: &ColorArgs, game: &str) -> Result<Network> {
    let taught = taught_weights(game).filter(|path| path.exists());
    let Some(taught) = taught.filter(|_| args.weights.is_none()) else {
        return load_network(args);
    };
    let network = load(args, &Weights::File(taught), options(args))?;
    Ok(match network {
        Network::Cells(painter, weights) => {
            Network::Cells(painter, CellWeights { are_taught: true, ..weights })
        }
        network @ Network::Chroma(_) => network,
    })
}

/// Where the weights are kept that were taught for a game, by its name.
pub fn taught_weights(game: &str) -> Option<PathBuf> {
    Some(files::data_folder("weights")?.join(format!("{game}.safetensors")))
}

/// Loads the network of the arguments.
///
/// # Errors
/// As [`load_game_network`].
pub fn load_network(args: &ColorArgs) -> Result<Network> {
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
pub fn load_network_with(args: &ColorArgs, options: Options) -> Result<Network> {
    load(args, args.weights.as_ref().unwrap_or(&DEFAULT_WEIGHTS), options)
}

/// What is taken for frames of games where nothing else is asked for.
const DEFAULT_WEIGHTS: Weights = Weights::BuiltIn(embedded::Weights::V3);

fn load(args: &ColorArgs, weights: &Weights, options: Options) -> Result<Network> {
    let device = args.device.open()?;
    let (bytes, origin) = match weights {
        Weights::File(path) => (cartridge_file::read(path)?, path.display().to_string()),
        Weights::BuiltIn(weights) => {
            (weights.bytes().to_vec(), format!("the built-in weights of {}", weights.name()))
        }
    };
    if neural::is_v3(&bytes) {
        let painter = v3::Painter::with_options(&bytes, &device, options);
        let weights = CellWeights { sha256: Sha256::digest(&bytes).into(), are_taught: false };
        return Ok(Network::Cells(Box::new(painter.context(origin)?), weights));
    }
    let network = Neural::with_options(bytes, &device, options).context(origin)?;
    Ok(Network::Chroma(Box::new(network)))
}

/// Colors a picture of which nothing but its lightness is known, by the network of the arguments;
/// where they name none, pictures that are not of a Game Boy's screen by V1, which takes any.
///
/// # Errors
/// If the network cannot be loaded, or fails; or if it is V3 and the picture is none of the screen.
pub fn color_picture(args: &ColorArgs, lightness: &Lightness) -> Result<Picture> {
    let network = if args.weights.is_none() && lightness.to_frame().is_err() {
        load(args, &Weights::BuiltIn(embedded::Weights::V1), options(args))
    } else {
        load_network(args)
    };
    match network? {
        Network::Chroma(network) => color_tiles(&network, lightness),
        network @ Network::Cells(..) => {
            let (frame, scale) = lightness.to_frame()?;
            let (mut painter, mut out) = (network.inline(args, Vec::new())?, RgbaFrame::new());
            painter.colorize(&frame, &mut out);
            painter.check()?;
            Ok(Picture::from_frame(&out).enlarged(scale))
        }
    }
}

/// Colors a picture of any size by a network.
///
/// # Errors
/// If the network fails.
fn color_tiles(network: &Neural, lightness: &Lightness) -> Result<Picture> {
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
        let network = Neural::from_bytes(embedded::Weights::V1.bytes(), &device).expect("V1");
        let (width, height) = (TILE + 75, 43);
        let wave = |i: usize| 50.0 + 50.0 * ((i % width * 7 + i / width * 13) as f32 / 90.0).sin();
        let values: Vec<f32> = (0..width * height).map(wave).collect();

        let (a, b) = network.predict(&values, width, height).expect("the colors");
        let mut whole = vec![[0; 4]; values.len()];
        recombine_pixels(&values, &a, &b, &mut whole);

        let tiled = color_tiles(&network, &Lightness::new(width, height, values));
        let tiled = tiled.expect("the colors");
        // The order of summation may differ, by a rounding at most.
        for (tiled, whole) in tiled.pixels().as_flattened().iter().zip(whole.as_flattened()) {
            assert!(tiled.abs_diff(*whole) <= 1, "{tiled} is not {whole}");
        }
    }
}
