//! Networks, and what they must beat.

use std::path::Path;
use std::sync::LazyLock;

use candle_core::Device;
use colorizer::cell_color::Style;
use colorizer::lab::{Lab, lab_to_srgb, srgb_to_lab};
use colorizer::{GREY_LEVELS, Palette, recombine_pixels, rgb555_to_srgb};
use dataset::Sample;
use gameboy::{HEIGHT, Layer, PIXELS, WIDTH};
use neural::v3::Painter;
use neural::{Neural, Options, Precision, threads};

use super::cells::{self, CellMethod};
use super::games::Game;
use super::{Error, Input, Told, at};
use crate::shade::nearest_shade;

/// Something that gives frames their colors.
#[derive(Debug)]
pub enum Method {
    /// No color at all.
    Grey,
    /// The same a* and b* everywhere: the mean of the game's true colors, which no other tint can
    /// beat in squared error.
    Tint([f32; 2]),
    /// Four colors for background, and twice four for objects.
    Boot(Palette),
    /// A network of pixels.
    Network(Box<Neural>),
    /// V3.
    Cells(Box<CellMethod>),
}

/// A picture of 160x144, row by row.
#[derive(Clone, Debug)]
pub struct Painted {
    /// a* and b* as predicted, also where sRGB cannot show them.
    pub chroma: Vec<[f32; 2]>,
    /// What is shown, 8-bit sRGB.
    pub rgb: Vec<[u8; 3]>,
}

/// CIELAB of each RGB555 color.
pub static LAB: LazyLock<Box<[Lab]>> =
    LazyLock::new(|| (0..0x8000).map(|color| srgb_to_lab(rgb555_to_srgb(color))).collect());

impl Method {
    /// A network from its weights; of V3 one for each way that the options ask for. With them
    /// what is to be added to the network's name.
    pub fn networks(path: &Path, options: &super::Options) -> Result<Vec<(Self, String)>, Error> {
        let bytes = std::fs::read(path).map_err(|source| at(path, source))?;
        let weights = |source| Error::Weights { path: path.to_path_buf(), source };
        if neural::is_v3(&bytes) {
            let ways = options
                .styles
                .iter()
                .flat_map(|&style| options.told.iter().map(move |&told| (style, told)));
            let method = |(style, told): (Style, Told)| {
                let options = Options { threads: threads::available(), ..Options::default() };
                let painter = Painter::with_options(&bytes, &Device::Cpu, options);
                let method = CellMethod::new(painter.map_err(weights)?, style, told);
                Ok((Self::Cells(Box::new(method)), cells::way(style, told)))
            };
            return ways.map(method).collect();
        }
        let options = Options {
            threads: threads::available(),
            precision: Precision::F32,
            ..Options::default()
        };
        let network = Neural::with_options(bytes, &Device::Cpu, options).map_err(weights)?;
        Ok(vec![(Self::Network(Box::new(network)), String::new())])
    }

    /// Begins with another game.
    pub fn begin(&mut self, game: &Game) {
        if let Self::Cells(cells) = self {
            cells.begin(game);
        }
    }

    /// The best single tint of a game.
    pub fn tint(game: &Game) -> Self {
        let mut sums = [0.0f64; 2];
        for frame in &game.frames {
            for &color in frame.sample.colors.iter() {
                let lab = LAB[(color & 0x7FFF) as usize];
                sums[0] += lab.a as f64;
                sums[1] += lab.b as f64;
            }
        }
        let count = (game.frames.len() * PIXELS).max(1) as f64;
        Self::Tint(sums.map(|sum| (sum / count) as f32))
    }

    pub fn paint(&mut self, sample: &Sample, input: Input) -> Result<Painted, Error> {
        let lightness = lightness(sample, input);
        Ok(match self {
            Self::Grey => tinted(&lightness, [0.0, 0.0]),
            Self::Tint(chroma) => tinted(&lightness, *chroma),
            Self::Boot(palette) => {
                let color = |i| palette_color(palette, sample, i);
                Painted::from_rgb((0..PIXELS).map(color).collect())
            }
            Self::Network(network) => {
                let (a, b) = network.predict(&lightness, WIDTH, HEIGHT)?;
                let mut rgba = vec![[0; 4]; PIXELS];
                recombine_pixels(&lightness, &a, &b, &mut rgba);
                let chroma = a.into_iter().zip(b).map(|(a, b)| [a, b]).collect();
                Painted { chroma, rgb: rgba.into_iter().map(|[r, g, b, _]| [r, g, b]).collect() }
            }
            Self::Cells(cells) => Painted::from_rgb(cells.paint(sample)?),
        })
    }
}

impl Painted {
    /// a* and b* of what is shown: white and black have none, whatever was predicted.
    pub fn shown(&self) -> Vec<[f32; 2]> {
        let mut last = ([0; 3], [0.0; 2]);
        let chroma = |&rgb: &[u8; 3]| {
            // Neighbors are alike as a rule.
            if rgb != last.0 {
                let lab = srgb_to_lab(rgb);
                last = (rgb, [lab.a, lab.b]);
            }
            last.1
        };
        self.rgb.iter().map(chroma).collect()
    }

    fn from_rgb(rgb: Vec<[u8; 3]>) -> Self {
        let chroma = rgb.iter().map(|&rgb| srgb_to_lab(rgb)).map(|lab| [lab.a, lab.b]);
        Self { chroma: chroma.collect(), rgb }
    }
}

/// The frame as it is.
pub fn truth(sample: &Sample) -> Painted {
    let color = |&color: &u16| LAB[(color & 0x7FFF) as usize];
    Painted {
        chroma: sample.colors.iter().map(color).map(|lab| [lab.a, lab.b]).collect(),
        rgb: sample.colors.iter().map(|&color| rgb555_to_srgb(color)).collect(),
    }
}

/// The shade of a pixel, 0-3, as far as it is known.
pub fn shade(sample: &Sample, pixel: usize) -> u8 {
    match (&sample.shades, &sample.planes) {
        (Some(shades), _) => shades[pixel],
        (None, Some(planes)) => planes.indices[pixel],
        (None, None) => nearest_shade(sample.colors[pixel]),
    }
}

/// The four colors that a palette has for the layer of a pixel, as the Game Boy Color's own
/// palette 0 and any other of an object stand for OBP0 and OBP1.
fn palette_color(palette: &Palette, sample: &Sample, pixel: usize) -> [u8; 3] {
    let shade = shade(sample, pixel) as usize;
    match &sample.planes {
        Some(planes) if planes.layers[pixel] == Layer::Object => {
            palette.object(planes.palettes[pixel])[shade]
        }
        _ => palette.background()[shade],
    }
}

/// L*, 0-100, of each pixel of what a network is given.
fn lightness(sample: &Sample, input: Input) -> Vec<f32> {
    let shades = GREY_LEVELS.map(|grey| srgb_to_lab([grey; 3]).l);
    let value = |i: usize| match input {
        Input::Shades => shades[shade(sample, i) as usize & 3],
        Input::Lightness => LAB[(sample.colors[i] & 0x7FFF) as usize].l,
    };
    (0..PIXELS).map(value).collect()
}

/// The same a* and b* everywhere. Lightness takes few values, and each is converted once.
fn tinted(lightness: &[f32], [a, b]: [f32; 2]) -> Painted {
    let mut known = std::collections::HashMap::new();
    let mut color =
        |l: f32| *known.entry(l.to_bits()).or_insert_with(|| lab_to_srgb(Lab::new(l, a, b)));
    Painted {
        chroma: vec![[a, b]; lightness.len()],
        rgb: lightness.iter().map(|&l| color(l)).collect(),
    }
}
