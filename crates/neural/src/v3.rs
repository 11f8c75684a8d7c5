//! V3: a palette for each cell, instead of chroma for each pixel.
//!
//! What the console draws has at most four colors in a cell (an 8x8 tile of the background or the
//! window, an object), one for each color index. V3 reads the [cells](colorizer::cells::Cells) of a
//! frame and answers with a color of its own palette for each cell and index, lightness included. So
//! edges are as sharp as the game drew them, and nothing bleeds.
//!
//! Every cell is read by itself first: its 64 color indices and its layer. Cells of the grid then
//! see their neighbors through [`BLOCKS`] blocks of a 3x3 convolution, each with the mean of all
//! cells as context of the whole picture. An object sees the cell under it and the objects that
//! touch it.
//!
//! Nobody can know the colors of a game that was never seen. So the network can be told some, as
//! [`Hints`]: the colors of a picture that the game should look like, which every block takes into
//! its context, and pins, the colors of some cells. Each cell finds the pins that are about cells
//! like itself by attention (Vaswani et al., "Attention Is All You Need", 2017), to one pin more
//! that says nothing.

mod batch;
mod engine;
mod hints;
mod painter;
#[cfg(test)]
mod tests;

use candle_core::{Context as _, D, Result, Tensor};

pub use batch::Batch;
pub use hints::{Hints, Pin};
pub use painter::Painter;

use crate::layer::Activation;
use crate::ops::{self, Products};

/// The name in messages and in files.
pub const NAME: &str = "V3";
/// The tensor of the palette: (colors, 3), sRGB from 0 to 255.
pub const PALETTE: &str = "palette";
/// The tensor of the tiles that were learned from, each of one game alone, in 32 bits: (tiles), the
/// [numbers](colorizer::TileSet::hash). Older files have none.
pub const TILES: &str = "tiles";
/// Colors of the palette that the network chooses from.
pub const COLORS: usize = 128;
/// Color indices of a cell.
pub const INDICES: usize = 4;
/// Blocks that see the neighbors of a cell: it knows of so many cells in each direction.
pub const BLOCKS: usize = 4;
/// Channels of a cell between the layers.
pub const CHANNELS: usize = 128;
/// Channels before the logits of objects.
const OBJECT_CHANNELS: usize = 256;
/// Numbers by which a cell finds pins.
const KEYS: usize = 64;
/// The block before which cells look at the pins.
const PINNED_BLOCK: usize = 1;
/// What the network says of a cell.
const LOGITS: usize = INDICES * COLORS;

/// A convolution: its name, its inputs, outputs, and the side of its kernel.
type Layer = (&'static str, usize, usize, usize);

const EMBED: [Layer; 2] =
    [("embed.0", batch::FEATURES, CHANNELS, 1), ("embed.1", CHANNELS, CHANNELS, 1)];
const NEIGHBORS: [Layer; BLOCKS] = [
    ("block.0.neighbors", CHANNELS, CHANNELS, 3),
    ("block.1.neighbors", CHANNELS, CHANNELS, 3),
    ("block.2.neighbors", CHANNELS, CHANNELS, 3),
    ("block.3.neighbors", CHANNELS, CHANNELS, 3),
];
const CONTEXT: [Layer; BLOCKS] = [
    ("block.0.context", CHANNELS, CHANNELS, 1),
    ("block.1.context", CHANNELS, CHANNELS, 1),
    ("block.2.context", CHANNELS, CHANNELS, 1),
    ("block.3.context", CHANNELS, CHANNELS, 1),
];
const GRID: [Layer; 2] = [("grid.0", CHANNELS, CHANNELS, 1), ("grid.1", CHANNELS, LOGITS, 1)];
const OBJECT: [Layer; 2] =
    [("object.0", 4 * CHANNELS, OBJECT_CHANNELS, 1), ("object.1", OBJECT_CHANNELS, LOGITS, 1)];
/// The colors of a picture to look like, and what they are to each block.
const LIKE: [Layer; 2] =
    [("like.0", hints::LIKE, CHANNELS, 1), ("like.1", CHANNELS, BLOCKS * CHANNELS, 1)];
/// What a pin is found by, what it says, and what cells and objects look for.
const PIN_KEY: Layer = ("pin.key", CHANNELS, KEYS, 1);
const PIN_VALUE: [Layer; 2] =
    [("pin.value.0", CHANNELS + hints::PIN, CHANNELS, 1), ("pin.value.1", CHANNELS, CHANNELS, 1)];
const PIN_QUERY: Layer = ("pin.query", CHANNELS, KEYS, 1);
const PIN_OBJECT_QUERY: Layer = ("pin.object_query", CHANNELS, KEYS, 1);

/// The name and shape of every tensor of the network: weights (outputs, inputs, side, side) and
/// biases.
pub fn tensors() -> impl Iterator<Item = (String, Vec<usize>)> {
    let layers = EMBED.into_iter().chain(NEIGHBORS).chain(CONTEXT).chain(GRID).chain(OBJECT);
    let pins = [PIN_KEY, PIN_QUERY, PIN_OBJECT_QUERY];
    let layers = layers.chain(LIKE).chain(PIN_VALUE).chain(pins);
    layers.flat_map(|(name, inputs, outputs, side)| {
        [
            (format!("{name}.weight"), vec![outputs, inputs, side, side]),
            (format!("{name}.bias"), vec![outputs]),
        ]
    })
}

/// What the network says of the cells of a batch.
#[derive(Clone, Debug)]
pub struct Logits {
    /// Of the cells of the grids, frame after frame: (cells, [`INDICES`], [`COLORS`]).
    pub grid: Tensor,
    /// Of the objects, frame after frame: (objects, [`INDICES`], [`COLORS`]), where there are any.
    /// Index 0 of an object is never seen.
    pub objects: Option<Tensor>,
}

/// Computes the network, `parameter` having the tensors by name. On other devices than the CPU
/// `products` does not matter.
///
/// # Errors
/// If a tensor is missing or has another shape.
pub fn forward<'a>(
    batch: &Batch,
    products: Products,
    parameter: impl Fn(&str) -> Result<&'a Tensor>,
) -> Result<Logits> {
    let layers = Layers { parameter, products };
    let pins = match &batch.hints.pins {
        Some(pins) => Some(layers.pins(pins)?),
        None => None,
    };
    let grid = layers.grid(batch, pins.as_ref())?;
    let objects = match &batch.objects {
        Some(objects) => Some(layers.objects(objects, &grid, pins.as_ref())?),
        None => None,
    };
    let logits = layers.apply(&layers.apply(&grid, GRID[0], Activation::Relu)?, GRID[1], NONE)?;
    let cells = logits.elem_count() / LOGITS;
    Ok(Logits { grid: logits.reshape((cells, INDICES, COLORS))?, objects })
}

const NONE: Activation = Activation::None;

/// The layers with their parameters.
struct Layers<F> {
    parameter: F,
    products: Products,
}

/// Pins as cells find them.
struct Told<'a> {
    /// What they are found by: (1, pins, 1, [`KEYS`]).
    keys: Tensor,
    /// What they say: (1, pins, 1, [`CHANNELS`]).
    values: Tensor,
    pins: &'a hints::Pins,
}

impl<'a, F: Fn(&str) -> Result<&'a Tensor>> Layers<F> {
    fn apply(&self, xs: &Tensor, (name, ..): Layer, activation: Activation) -> Result<Tensor> {
        let weights = (self.parameter)(&format!("{name}.weight"))?;
        let bias = (self.parameter)(&format!("{name}.bias"))?;
        convolve(xs, weights, bias, activation, self.products)
    }

    /// Cells by themselves.
    fn embed(&self, xs: &Tensor) -> Result<Tensor> {
        self.apply(&self.apply(xs, EMBED[0], Activation::Relu)?, EMBED[1], Activation::Relu)
    }

    fn pins<'b>(&self, pins: &'b hints::Pins) -> Result<Told<'b>> {
        let own = self.embed(&pins.tiles)?;
        let values = Tensor::cat(&[&own, &pins.colors], 3)?;
        let values = self.apply(&values, PIN_VALUE[0], Activation::Relu)?;
        let values = self.apply(&values, PIN_VALUE[1], NONE)?;
        Ok(Told { keys: self.apply(&own, PIN_KEY, NONE)?, values, pins })
    }

    /// Cells of the grid with their neighbors and context.
    fn grid(&self, batch: &Batch, told: Option<&Told<'_>>) -> Result<Tensor> {
        let like = match &batch.hints.like {
            Some(like) => {
                Some(self.apply(&self.apply(like, LIKE[0], Activation::Relu)?, LIKE[1], NONE)?)
            }
            None => None,
        };
        let mut grid = self.embed(&batch.grid)?.broadcast_mul(&batch.seen)?;
        for block in 0..BLOCKS {
            if let Some(told) = told.filter(|_| block == PINNED_BLOCK) {
                let queries = self.apply(&grid, PIN_QUERY, NONE)?;
                grid = (grid + told.of_grid(&queries)?.broadcast_mul(&batch.seen)?)?;
            }
            let mean = weighted_sum(&grid, &batch.share)?;
            let mut context = self.apply(&mean, CONTEXT[block], NONE)?;
            if let Some(like) = &like {
                context = (context + like.narrow(3, block * CHANNELS, CHANNELS)?.contiguous()?)?;
            }
            let neighbors = self.apply(&grid, NEIGHBORS[block], NONE)?;
            grid = residual(&grid, &neighbors, &context, &batch.seen)?;
        }
        Ok(grid)
    }

    /// The logits of objects on this grid.
    fn objects(
        &self,
        objects: &batch::Objects,
        grid: &Tensor,
        told: Option<&Told<'_>>,
    ) -> Result<Tensor> {
        let count = objects.ground.elem_count();
        let own = self.embed(&objects.tiles)?;
        let told = match told {
            Some(told) => told.of_objects(&self.apply(&own, PIN_OBJECT_QUERY, NONE)?)?,
            None => Tensor::zeros((count, CHANNELS), own.dtype(), own.device())?,
        };
        let own = own.reshape((count, CHANNELS))?;
        let cells = grid.elem_count() / CHANNELS;
        let ground = grid.reshape((cells, CHANNELS))?.index_select(&objects.ground, 0)?;
        let near = objects.near.matmul(&own)?;
        let joined = Tensor::cat(&[own, ground, near, told], 1)?;
        let joined = joined.reshape((1, count, 1, 4 * CHANNELS))?;
        let logits = self.apply(&joined, OBJECT[0], Activation::Relu)?;
        self.apply(&logits, OBJECT[1], NONE)?.reshape((count, INDICES, COLORS))
    }
}

impl Told<'_> {
    /// What is told to cells with these queries: (frames, rows, columns, [`KEYS`]).
    fn of_grid(&self, queries: &Tensor) -> Result<Tensor> {
        let (frames, rows, columns, _) = queries.dims4()?;
        let of_frame = |xs: &Tensor| xs.reshape((frames, (), xs.dim(D::Minus1)?));
        let [queries, keys, values] =
            [of_frame(queries)?, of_frame(&self.keys)?, of_frame(&self.values)?];
        let told = attend(&queries, &keys, &values, &self.pins.mask)?;
        told.reshape((frames, rows, columns, CHANNELS))
    }

    /// What is told to objects with these queries: (objects, [`CHANNELS`]).
    fn of_objects(&self, queries: &Tensor) -> Result<Tensor> {
        let all = |xs: &Tensor| xs.reshape((1, (), xs.dim(D::Minus1)?));
        let mask = self.pins.object_mask.as_ref().context("a mask where there are objects")?;
        attend(&all(queries)?, &all(&self.keys)?, &all(&self.values)?, &mask.unsqueeze(0)?)?
            .squeeze(0)
    }
}

/// What the pins say to each cell: (frames, cells, channels) of queries (frames, cells, keys), keys
/// (frames, pins, keys), values (frames, pins, channels), and what is added to the scores.
fn attend(queries: &Tensor, keys: &Tensor, values: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let scale = 1.0 / (KEYS as f64).sqrt();
    let scores = (queries.matmul(&keys.transpose(1, 2)?.contiguous()?)? * scale)?;
    let scores = scores.broadcast_add(mask)?;
    // The pin that says nothing has the score 0, and no value that would have to be added.
    let most = scores.max_keepdim(D::Minus1)?.relu()?.detach();
    let weights = scores.broadcast_sub(&most)?.exp()?;
    let sum = (weights.sum_keepdim(D::Minus1)? + most.neg()?.exp()?)?;
    weights.broadcast_div(&sum)?.matmul(values)
}

/// As [`ops::weighted_sum`], on any device.
fn weighted_sum(xs: &Tensor, share: &Tensor) -> Result<Tensor> {
    if xs.device().is_cpu() {
        return ops::weighted_sum(xs, share);
    }
    xs.sum_keepdim((1, 2))?.broadcast_mul(share)
}

/// As [`ops::residual`], on any device.
fn residual(xs: &Tensor, change: &Tensor, context: &Tensor, seen: &Tensor) -> Result<Tensor> {
    if xs.device().is_cpu() {
        return ops::residual(xs, change, context, seen);
    }
    (xs + change.broadcast_add(context)?.relu()?)?.broadcast_mul(seen)
}

/// The sum of the targets' cross entropies, as [`ops::cross_entropy`], on any device.
///
/// # Errors
/// If a target lies outside.
pub fn cross_entropy(logits: &Tensor, targets: Vec<ops::Target>) -> Result<Tensor> {
    if logits.device().is_cpu() {
        return ops::cross_entropy(logits, targets);
    }
    let (device, classes) = (logits.device(), logits.dim(D::Minus1)?);
    let column =
        |value: fn(&ops::Target) -> u32| Tensor::from_iter(targets.iter().map(value), device);
    let rows = logits.reshape((logits.elem_count() / classes, classes))?;
    let rows = rows.index_select(&column(|target| target.row)?, 0)?;
    let right = column(|target| target.class)?.unsqueeze(1)?;
    let likelihoods = candle_nn::ops::log_softmax(&rows, 1)?.gather(&right, 1)?.squeeze(1)?;
    let weights = Tensor::from_iter(targets.iter().map(|target| -target.weight), device)?;
    (likelihoods * weights)?.sum_all()
}

/// A convolution of (N, H, W, C) with zeros around it, on any device.
fn convolve(
    xs: &Tensor,
    weights: &Tensor,
    bias: &Tensor,
    activation: Activation,
    products: Products,
) -> Result<Tensor> {
    if xs.device().is_cpu() {
        return ops::conv2d(xs, weights, bias, 1, activation, products);
    }
    let border = weights.dim(2)? / 2;
    let xs = xs.permute((0, 3, 1, 2))?.contiguous()?.conv2d(weights, border, 1, 1, 1)?;
    let xs = xs.permute((0, 2, 3, 1))?.contiguous()?.broadcast_add(bias)?;
    match activation {
        Activation::None => Ok(xs),
        Activation::Relu => xs.relu(),
        Activation::Tanh => xs.tanh(),
    }
}
