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

mod batch;
mod painter;
#[cfg(test)]
mod tests;

use candle_core::{D, Result, Tensor};

pub use batch::Batch;
pub use painter::Painter;

use crate::layer::Activation;
use crate::ops;

/// The name in messages and in files.
pub const NAME: &str = "V3";
/// The tensor of the palette: (colors, 3), sRGB from 0 to 255.
pub const PALETTE: &str = "palette";
/// Colors of the palette that the network chooses from.
pub const COLORS: usize = 96;
/// Color indices of a cell.
pub const INDICES: usize = 4;
/// Blocks that see the neighbors of a cell: it knows of so many cells in each direction.
pub const BLOCKS: usize = 4;
/// Channels of a cell between the layers.
const CHANNELS: usize = 128;
/// Channels before the logits of objects.
const OBJECT_CHANNELS: usize = 256;
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
    [("object.0", 3 * CHANNELS, OBJECT_CHANNELS, 1), ("object.1", OBJECT_CHANNELS, LOGITS, 1)];

/// The name and shape of every tensor of the network: weights (outputs, inputs, side, side) and
/// biases.
pub fn tensors() -> impl Iterator<Item = (String, Vec<usize>)> {
    let layers = EMBED.into_iter().chain(NEIGHBORS).chain(CONTEXT).chain(GRID).chain(OBJECT);
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

/// Computes the network, `parameter` having the tensors by name.
///
/// # Errors
/// If a tensor is missing or has another shape.
pub fn forward<'a>(
    batch: &Batch,
    parameter: impl Fn(&str) -> Result<&'a Tensor>,
) -> Result<Logits> {
    let layer = |xs: &Tensor, (name, ..): Layer, activation: Activation| {
        let weights = parameter(&format!("{name}.weight"))?;
        convolve(xs, weights, parameter(&format!("{name}.bias"))?, activation)
    };
    let relu = Activation::Relu;
    let embed = |xs: &Tensor| layer(&layer(xs, EMBED[0], relu)?, EMBED[1], relu);

    let mut grid = embed(&batch.grid)?.broadcast_mul(&batch.seen)?;
    for block in 0..BLOCKS {
        let mean = weighted_sum(&grid, &batch.share)?;
        let context = layer(&mean, CONTEXT[block], Activation::None)?;
        let neighbors = layer(&grid, NEIGHBORS[block], Activation::None)?;
        grid = residual(&grid, &neighbors, &context, &batch.seen)?;
    }
    let logits = layer(&layer(&grid, GRID[0], relu)?, GRID[1], Activation::None)?;
    let cells = logits.elem_count() / LOGITS;
    let objects = batch.objects.as_ref().map(|objects| {
        let count = objects.ground.elem_count();
        let own = embed(&objects.tiles)?.reshape((count, CHANNELS))?;
        let ground = grid.reshape((cells, CHANNELS))?.index_select(&objects.ground, 0)?;
        let near = objects.near.matmul(&own)?;
        let joined = Tensor::cat(&[own, ground, near], 1)?;
        let joined = joined.reshape((1, count, 1, 3 * CHANNELS))?;
        let logits = layer(&layer(&joined, OBJECT[0], relu)?, OBJECT[1], Activation::None)?;
        logits.reshape((count, INDICES, COLORS))
    });
    Ok(Logits { grid: logits.reshape((cells, INDICES, COLORS))?, objects: objects.transpose()? })
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
) -> Result<Tensor> {
    if xs.device().is_cpu() {
        return ops::conv2d(xs, weights, bias, 1, activation);
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
