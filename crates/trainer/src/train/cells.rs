//! V3: a color for each cell and index.

mod hints;
mod transplant;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use candle_core::{Context as _, Device, Tensor, Var};
use colorizer::cells::{COLUMNS, CellLayer};
use colorizer::lab::{Lab, ciede2000, srgb_to_lab};
use colorizer::{GREY_LEVELS, TileSet, rgb555_to_srgb};
use gameboy::{HEIGHT, PIXELS};
use neural::ops::Target;
use neural::v3::{self, Batch, COLORS, Hints, INDICES, PALETTE, Painter, TILES};

use self::hints::Recoloring;
use self::transplant::transplant;
use super::Error;
use super::batch::draw_game;
use super::corpus::{Corpus, Game, Picture as Frame};
use super::labels::Labels;
use super::palette::Palette;
use super::plot::Picture;
use super::samples::{self, Line};
use super::settings::{Recipe, Settings};
use super::task::{Judge, Task};
use super::validate::{Score, Validation};
use crate::random::Random;

/// V3 and its examples.
#[derive(Debug)]
pub struct Cells<'a> {
    corpus: &'a Corpus,
    settings: &'a Settings,
    device: Device,
    variables: Vec<(String, Var)>,
    places: HashMap<String, usize>,
    palette: Palette,
}

/// Weights of V3.
struct Judged<'a> {
    corpus: &'a Corpus,
    file: Vec<u8>,
    painter: RefCell<Painter>,
}

/// A frame to learn from, as it is given.
struct Drawn<'a> {
    labels: &'a Labels,
    maps: IndexMaps,
    hints: Hints,
    recoloring: Recoloring,
}

/// What color indices are mapped to.
#[derive(Clone, Copy, Debug)]
struct IndexMaps {
    grid: [u8; 4],
    object: [u8; 4],
}

impl IndexMaps {
    fn of(self, layer: CellLayer) -> [u8; 4] {
        match layer {
            CellLayer::Background | CellLayer::Window => self.grid,
            CellLayer::Object => self.object,
        }
    }
}

impl<'a> Cells<'a> {
    /// With initial weights by the settings.
    pub fn new(corpus: &'a Corpus, settings: &'a Settings, device: &Device) -> Result<Self, Error> {
        if settings.recipe != Recipe::Gameboy {
            return Err(Error::Recipe);
        }
        let mut random = Random::new(settings.seed);
        let mut variables = Vec::new();
        let mut places = HashMap::new();
        for (name, shape) in v3::tensors() {
            let count = shape.iter().product();
            let fan_in = shape[1..].iter().product();
            let values = match shape.len() {
                1 => vec![0.0; count],
                _ => settings.init.weights(count, fan_in, &mut random),
            };
            places.insert(name.clone(), variables.len());
            variables.push((name, Var::from_tensor(&Tensor::from_vec(values, shape, device)?)?));
        }
        let palette = Palette::of(corpus, COLORS);
        Ok(Self { corpus, settings, device: device.clone(), variables, places, palette })
    }

    fn parameter(&self, name: &str) -> candle_core::Result<&Tensor> {
        let place = self.places.get(name).context("a tensor of the network")?;
        Ok(self.variables[*place].1.as_tensor())
    }

    /// The frames of a step.
    fn draw(&self, step: u64) -> Vec<Drawn<'a>> {
        // A generator per step: a resumed run needs nothing of those before.
        let mut random = Random::new(self.settings.seed.wrapping_add(step << 20));
        let mut frames = Vec::new();
        for _ in 0..self.settings.batch {
            let game = draw_game(self.corpus, &mut random);
            let place = random.below(game.training.len() as u32) as usize;
            let [grid, object] = [0, 1].map(|first| index_map(&mut random, first));
            let maps = IndexMaps { grid, object };
            let others: Vec<&Labels> = game.training.iter().filter_map(Frame::labels).collect();
            let Some(labels) = game.training[place].labels() else { continue };
            let (hints, recoloring) =
                hints::draw(&mut random, &self.palette, labels, &others, maps);
            frames.push(Drawn { labels, maps, hints, recoloring });
        }
        frames
    }
}

/// The indices as they are in three of four cases, else in any order from `first` on.
fn index_map(random: &mut Random, first: usize) -> [u8; 4] {
    let mut map = [0, 1, 2, 3];
    if random.one_in(4) {
        for i in (first + 1..4).rev() {
            map.swap(i, first + random.below((i - first) as u32 + 1) as usize);
        }
    }
    map
}

/// What is right for the cells of the grid and for the objects of some frames.
#[derive(Default)]
struct Targets {
    grid: Vec<Target>,
    objects: Vec<Target>,
}

impl Targets {
    /// Adds a frame whose cells begin with the number `grid` among those of all grids, and whose
    /// objects with the number `objects` among all. Within a frame the square root of the pixels
    /// counts.
    fn add(&mut self, frame: &Drawn<'_>, palette: &Palette, grid: usize, objects: usize) {
        let root = |pixels: u16| (pixels as f32).sqrt();
        let labels = frame.labels;
        let total: f32 = labels.colors.iter().map(|label| root(label.pixels)).sum();
        for label in &labels.colors {
            let object = (label.cell as usize).checked_sub(labels.cells.grid().len());
            let map = frame.maps.of(labels.cells.layer(label.cell as usize));
            let (targets, cell) = match object {
                Some(object) => (&mut self.objects, objects + object),
                None => (&mut self.grid, grid + label.cell as usize),
            };
            targets.push(Target {
                row: (cell * INDICES) as u32 + map[label.index as usize] as u32,
                class: frame.recoloring.class(palette, label.color) as u32,
                weight: root(label.pixels) / total,
            });
        }
    }
}

impl Task for Cells<'_> {
    fn loss(&mut self, step: u64) -> Result<Tensor, Error> {
        let drawn = self.draw(step);
        let mapped = |frame: &Drawn<'_>| {
            frame.labels.cells.clone().mapped(frame.maps.grid, [frame.maps.object; 2])
        };
        let mapped: Vec<_> = drawn.iter().map(mapped).collect();
        let frames: Vec<_> = mapped.iter().collect();
        let cells_of_frame = Batch::rows(&frames) * COLUMNS;
        let (mut targets, mut objects) = (Targets::default(), 0);
        for (number, frame) in drawn.iter().enumerate() {
            targets.add(frame, &self.palette, number * cells_of_frame, objects);
            objects += frame.labels.cells.objects().len();
        }
        let hints: Vec<_> = drawn.iter().map(|frame| &frame.hints).collect();
        let batch = Batch::new(&frames, &hints, &self.device)?;
        let logits =
            v3::forward(&batch, self.settings.precision.products(), |name| self.parameter(name))?;
        let mut loss = v3::cross_entropy(&logits.grid, targets.grid)?;
        if let Some(logits) = logits.objects {
            loss = (loss + v3::cross_entropy(&logits, targets.objects)?)?;
        }
        Ok((loss * (1.0 / frames.len() as f64))?)
    }

    fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }

    fn tensors(&self) -> candle_core::Result<HashMap<String, Tensor>> {
        let tensor = |(name, variable): &(String, Var)| {
            let tensor = variable.as_detached_tensor().to_device(&Device::Cpu)?;
            // A variable is changed in place, and what was taken from it must not.
            Ok((name.clone(), tensor.copy()?))
        };
        self.variables.iter().map(tensor).collect()
    }

    fn take(&mut self, tensors: &HashMap<String, Tensor>) -> candle_core::Result<()> {
        let tensors = transplant(tensors, &self.palette)?;
        for (name, variable) in &self.variables {
            if let Some(tensor) = tensors.get(name) {
                variable.set(&tensor.to_device(variable.device())?)?;
            }
        }
        Ok(())
    }

    fn pack(&self, tensors: &HashMap<String, Tensor>) -> Result<Vec<u8>, Error> {
        Ok(neural::save_v3(tensors)?)
    }

    fn judge(&self, mut tensors: HashMap<String, Tensor>) -> Result<Box<dyn Judge + '_>, Error> {
        let palette: Vec<f32> =
            self.palette.to_srgb().as_flattened().iter().map(|&channel| channel as f32).collect();
        let palette = Tensor::from_vec(palette, (COLORS, 3), &Device::Cpu)?;
        tensors.insert(PALETTE.to_string(), palette);
        let tiles = own_tiles(self.corpus);
        let count = tiles.len();
        tensors.insert(TILES.to_string(), Tensor::from_vec(tiles, count, &Device::Cpu)?);
        let file = self.pack(&tensors)?;
        let painter = Painter::from_bytes(&file, &Device::Cpu)?;
        Ok(Box::new(Judged { corpus: self.corpus, file, painter: RefCell::new(painter) }))
    }
}

/// The tiles of the frames to learn from that are of one game alone; what several have, such as a
/// font, tells of none.
fn own_tiles(corpus: &Corpus) -> Vec<u32> {
    let mut games = BTreeMap::<u32, usize>::new();
    for game in &corpus.games {
        let cells = game.training.iter().filter_map(|picture| Some(&picture.labels()?.cells));
        let hashes = cells.flat_map(|cells| {
            let count = cells.grid().len() + cells.objects().len();
            (0..count).filter_map(|cell| TileSet::hash(cells.tile(cell)?))
        });
        for hash in hashes.collect::<BTreeSet<_>>() {
            *games.entry(hash).or_default() += 1;
        }
    }
    games.into_iter().filter(|&(_, count)| count == 1).map(|(hash, _)| hash).collect()
}

impl Judged<'_> {
    fn paint(&self, frame: &Frame) -> candle_core::Result<Vec<[u8; 3]>> {
        let labels = frame.labels().context("a frame with its cells")?;
        self.painter.borrow_mut().paint(
            &labels.cells,
            &Hints::default(),
            (0..PIXELS).map(|pixel| frame.index(pixel)),
        )
    }

    fn score<'g>(&self, games: impl Iterator<Item = &'g Game>) -> candle_core::Result<Score> {
        let mut score = Score::default();
        let mut count = 0;
        for game in games.filter(|game| !game.validation.is_empty()) {
            let mut sums = Sums::default();
            for frame in &game.validation {
                sums.add(&self.paint(frame)?, frame);
            }
            count += 1;
            score.frames += game.validation.len();
            let pixels = (game.validation.len() * PIXELS) as f64;
            score.loss += sums.error / pixels;
            score.grey += sums.grey / pixels;
            score.colorfulness += sums.chroma / sums.true_chroma.max(1e-9);
        }
        let mean = |sum: f64| sum / count.max(1) as f64;
        score.loss = mean(score.loss);
        score.grey = mean(score.grey);
        score.colorfulness = mean(score.colorfulness);
        Ok(score)
    }
}

/// Sums over the pixels of frames.
#[derive(Default)]
struct Sums {
    error: f64,
    grey: f64,
    chroma: f64,
    true_chroma: f64,
}

impl Sums {
    fn add(&mut self, painted: &[[u8; 3]], frame: &Frame) {
        // A picture has few pairs of colors.
        let mut pairs = HashMap::<([u8; 3], u8, u16), u32>::new();
        for (pixel, &color) in painted.iter().enumerate() {
            *pairs.entry((color, frame.index(pixel), frame.color(pixel))).or_default() += 1;
        }
        for ((painted, index, color), pixels) in pairs {
            let [painted, grey, truth] =
                [painted, [GREY_LEVELS[index as usize]; 3], rgb555_to_srgb(color)].map(srgb_to_lab);
            let pixels = pixels as f64;
            self.error += ciede2000(painted, truth) as f64 * pixels;
            self.grey += ciede2000(grey, truth) as f64 * pixels;
            let chroma = |lab: Lab| lab.chroma() as f64 * pixels;
            self.chroma += chroma(painted);
            self.true_chroma += chroma(truth);
        }
    }
}

impl Judge for Judged<'_> {
    fn file(&self) -> &[u8] {
        &self.file
    }

    fn validate(&self) -> Result<Validation, Error> {
        let seen = self.score(self.corpus.seen())?;
        Ok(Validation { seen, unseen: self.score(self.corpus.unseen())? })
    }

    fn sheet(&self) -> Result<Picture, Error> {
        let line = |frame: &Frame| -> candle_core::Result<Line> {
            let grey = (0..PIXELS).map(|pixel| [GREY_LEVELS[frame.index(pixel) as usize]; 3]);
            let truth = (0..PIXELS).map(|pixel| rgb555_to_srgb(frame.color(pixel)));
            Ok([grey.collect(), self.paint(frame)?, truth.collect()])
        };
        Ok(samples::sheet_of(self.corpus, HEIGHT, line)?)
    }
}

#[cfg(test)]
mod tests;
