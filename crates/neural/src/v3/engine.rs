//! V3 on the CPU: weights packed once, and then only the kernels of [`crate::kernels`].
//!
//! Computes what [`forward`](super::forward) does for one frame, but nothing twice and nothing for
//! cells that are not seen: a tile is embedded once however often it is seen, and its features,
//! which are 0 or 1, choose rows of the first layer instead of being multiplied.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{Context as _, Result, Tensor};
use colorizer::cells::{COLUMNS, CellLayer, Cells, ObjectCell, Tile};
use rayon::ThreadPool;

use super::batch::{FEATURES, touch};
use super::hints::{self, Hints, like};
use super::{
    BLOCKS, CHANNELS, CONTEXT, EMBED, GRID, INDICES, KEYS, LIKE, LOGITS, Layer, NEIGHBORS, OBJECT,
    PIN_KEY, PIN_OBJECT_QUERY, PIN_QUERY, PIN_VALUE, PINNED_BLOCK,
};
use crate::engine::conv::winograd_weights;
use crate::engine::lines::Threads;
use crate::engine::picture::{Format, Picture, Shape};
use crate::engine::winograd::{Scratch, Winograd};
use crate::kernels::Kernel;
use crate::kernels::aligned::Aligned;
use crate::kernels::product::{Packed, Product};
use crate::layer::Activation;

/// Rows that a thread multiplies at a time.
const ROWS: usize = 32;

/// V3 with packed weights.
#[derive(Debug)]
pub struct Engine {
    kernel: Kernel,
    pool: Arc<ThreadPool>,
    embed: Embed,
    blocks: Vec<Block>,
    grid: [Dense; 2],
    object: [Dense; 2],
    like: [Dense; 2],
    pin_key: Dense,
    pin_value: [Dense; 2],
    pin_query: Dense,
    pin_object_query: Dense,
    scratch: Scratch,
}

/// Cells by themselves.
#[derive(Debug)]
struct Embed {
    /// What each feature adds: (features, channels).
    rows: Vec<f32>,
    bias: Vec<f32>,
    second: Dense,
}

#[derive(Debug)]
struct Block {
    /// The 3x3 convolution, by tiles.
    weights: Vec<Packed>,
    zeros: Aligned,
    bias: Vec<f32>,
    context: Dense,
}

/// A layer that sees one row at a time.
#[derive(Debug)]
struct Dense {
    weights: Packed,
    bias: Aligned,
    activation: Activation,
}

/// Pins as cells find them.
struct Told {
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// The tensors of the network by name.
type Tensors = HashMap<String, Tensor>;

fn values(tensors: &Tensors, name: &str) -> Result<Vec<f32>> {
    tensors.get(name).context("a tensor of the network")?.flatten_all()?.to_vec1()
}

impl Dense {
    fn new(
        tensors: &Tensors,
        layer: Layer,
        activation: Activation,
        kernel: Kernel,
    ) -> Result<Self> {
        let (name, inputs, outputs, _) = layer;
        let weights = values(tensors, &format!("{name}.weight"))?;
        let panel = kernel.panel(outputs);
        let mut bias = Aligned::zeros(outputs.next_multiple_of(panel));
        bias[..outputs].copy_from_slice(&values(tensors, &format!("{name}.bias"))?);
        let weight = |row: usize, output: usize| weights[output * inputs + row];
        Ok(Self { weights: Packed::new(inputs, outputs, panel, weight), bias, activation })
    }

    /// The outputs of all rows of the input.
    fn run(&self, kernel: Kernel, threads: Threads, input: &[f32]) -> Vec<f32> {
        let Packed { rows: inputs, outputs, .. } = self.weights;
        let mut out = vec![0.0; input.len() / inputs * outputs];
        threads.each(&mut out, ROWS * outputs, |part, out| {
            let product = Product {
                input: &input[part * ROWS * inputs..],
                runs: &[0],
                run: inputs,
                step: inputs,
                pixels: out.len() / outputs,
                weights: &self.weights,
                bias: &self.bias,
                plus: None,
                activation: self.activation,
                out_step: outputs,
            };
            kernel.multiply(&product, out);
        });
        out
    }
}

impl Engine {
    /// Packs the weights for a kernel.
    ///
    /// # Errors
    /// If a tensor is missing.
    pub fn new(tensors: &Tensors, kernel: Kernel, pool: Arc<ThreadPool>) -> Result<Self> {
        let dense = |layer| Dense::new(tensors, layer, Activation::None, kernel);
        let relu = |layer| Dense::new(tensors, layer, Activation::Relu, kernel);
        let two =
            |layers: [Layer; 2]| Ok::<_, candle_core::Error>([relu(layers[0])?, dense(layers[1])?]);
        let block = |block: usize| Block::new(tensors, block, kernel);
        Ok(Self {
            embed: Embed::new(tensors, relu(EMBED[1])?)?,
            blocks: (0..BLOCKS).map(block).collect::<Result<_>>()?,
            grid: two(GRID)?,
            object: two(OBJECT)?,
            like: two(LIKE)?,
            pin_key: dense(PIN_KEY)?,
            pin_value: two(PIN_VALUE)?,
            pin_query: dense(PIN_QUERY)?,
            pin_object_query: dense(PIN_OBJECT_QUERY)?,
            scratch: Scratch::default(),
            kernel,
            pool,
        })
    }

    /// The logits of each index of each cell, first of the grid and then of the objects. Those of
    /// cells that are not seen are 0.
    pub fn logits(&mut self, cells: &Cells, hints: &Hints, out: &mut Vec<f32>) {
        let pool = Arc::clone(&self.pool);
        let threads = match pool.current_num_threads() {
            1 => Threads::One,
            count => Threads::Pool(count),
        };
        pool.install(|| self.compute(threads, cells, hints, out));
    }

    fn compute(&mut self, threads: Threads, cells: &Cells, hints: &Hints, out: &mut Vec<f32>) {
        let seen: Vec<usize> =
            (0..cells.grid().len()).filter(|&cell| cells.grid()[cell].is_some()).collect();
        let told = self.told(threads, hints);
        let grid = self.blocks(threads, cells, &seen, hints, told.as_ref());
        out.clear();
        out.resize((cells.grid().len() + cells.objects().len()) * LOGITS, 0.0);
        let logits = self.two(&self.grid, threads, &rows(&grid, &seen));
        for (&cell, logits) in seen.iter().zip(logits.chunks_exact(LOGITS)) {
            out[cell * LOGITS..][..LOGITS].copy_from_slice(logits);
        }
        let objects = self.objects(threads, cells.objects(), &grid, told.as_ref());
        out[cells.grid().len() * LOGITS..].copy_from_slice(&objects);
    }

    fn two(&self, layers: &[Dense; 2], threads: Threads, input: &[f32]) -> Vec<f32> {
        layers[1].run(self.kernel, threads, &layers[0].run(self.kernel, threads, input))
    }

    /// What the hints say to cells that ask.
    fn told(&self, threads: Threads, hints: &Hints) -> Option<Told> {
        if hints.pins.is_empty() {
            return None;
        }
        let own = self.embed.run(
            self.kernel,
            threads,
            hints.pins.iter().map(|pin| (pin.layer, &pin.tile)),
        );
        let keys = self.pin_key.run(self.kernel, threads, &own);
        let mut told = Vec::with_capacity(hints.pins.len() * (CHANNELS + hints::PIN));
        for (own, pin) in own.chunks_exact(CHANNELS).zip(&hints.pins) {
            told.extend_from_slice(own);
            let mut color = [0.0; hints::PIN];
            color[pin.index as usize & 3] = 1.0;
            color[INDICES + pin.color as usize] = 1.0;
            told.extend(color);
        }
        Some(Told { keys, values: self.two(&self.pin_value, threads, &told) })
    }

    /// The cells of the grid with their neighbors and context: (cells, channels).
    fn blocks(
        &mut self,
        threads: Threads,
        cells: &Cells,
        seen: &[usize],
        hints: &Hints,
        told: Option<&Told>,
    ) -> Vec<f32> {
        let shape = Shape { height: cells.rows(), width: COLUMNS, channels: CHANNELS, halo: 1 };
        let mut grid = vec![0.0; cells.grid().len() * CHANNELS];
        if seen.is_empty() {
            return grid;
        }
        let tiles = seen.iter().filter_map(|&cell| Some((cells.layer(cell), cells.tile(cell)?)));
        let embedded = self.embed.run(self.kernel, threads, tiles);
        for (&cell, embedded) in seen.iter().zip(embedded.chunks_exact(CHANNELS)) {
            grid[cell * CHANNELS..][..CHANNELS].copy_from_slice(embedded);
        }
        let like = hints.like.is_some().then(|| self.two(&self.like, threads, &like(hints)));
        let mut input = Picture::new(&shape, Format::F32);
        let mut change = vec![0.0; shape.height * shape.line()];
        for number in 0..BLOCKS {
            if let Some(told) = told.filter(|_| number == PINNED_BLOCK) {
                let queries = self.pin_query.run(self.kernel, threads, &rows(&grid, seen));
                let told = told.attend(&queries);
                for (&cell, told) in seen.iter().zip(told.chunks_exact(CHANNELS)) {
                    add(&mut grid[cell * CHANNELS..][..CHANNELS], told);
                }
            }
            let block = &self.blocks[number];
            let mut bias = block.context.run(self.kernel, Threads::One, &mean(&grid, seen));
            add(&mut bias, &block.bias);
            if let Some(like) = &like {
                add(&mut bias, &like[number * CHANNELS..][..CHANNELS]);
            }
            let lines = input.lines_mut(&shape).chunks_exact_mut(shape.line());
            for (line, row) in lines.zip(grid.chunks_exact(COLUMNS * CHANNELS)) {
                line[shape.inner()].copy_from_slice(row);
            }
            let winograd = Winograd {
                weights: &block.weights,
                bias: &bias,
                activation: Activation::Relu,
                zeros: &block.zeros,
                input: input.values(Format::F32).floats(),
                shape: &shape,
                out_shape: &shape,
                plus: None,
                kernel: self.kernel,
            };
            winograd.run(threads, &mut self.scratch, &mut change);
            for &cell in seen {
                let line = &change[cell / COLUMNS * shape.line()..][shape.inner()];
                let change = &line[cell % COLUMNS * CHANNELS..][..CHANNELS];
                add(&mut grid[cell * CHANNELS..][..CHANNELS], change);
            }
        }
        grid
    }

    /// The logits of objects on this grid.
    fn objects(
        &self,
        threads: Threads,
        objects: &[ObjectCell],
        grid: &[f32],
        told: Option<&Told>,
    ) -> Vec<f32> {
        if objects.is_empty() {
            return Vec::new();
        }
        let tiles = objects.iter().map(|object| (CellLayer::Object, &object.tile));
        let own = self.embed.run(self.kernel, threads, tiles);
        let told =
            told.map(|told| told.attend(&self.pin_object_query.run(self.kernel, threads, &own)));
        let mut joined = vec![0.0; objects.len() * 4 * CHANNELS];
        for (number, joined) in joined.chunks_exact_mut(4 * CHANNELS).enumerate() {
            let row = |values: &[f32], at: usize| -> [f32; CHANNELS] {
                std::array::from_fn(|channel| values[at * CHANNELS + channel])
            };
            let (first, rest) = joined.split_at_mut(CHANNELS);
            let (ground, rest) = rest.split_at_mut(CHANNELS);
            let (near, last) = rest.split_at_mut(CHANNELS);
            first.copy_from_slice(&row(&own, number));
            ground.copy_from_slice(&row(grid, objects[number].ground));
            let touching: Vec<usize> = (0..objects.len())
                .filter(|&other| touch(&objects[number], &objects[other]))
                .collect();
            near.copy_from_slice(&mean(&own, &touching));
            if let Some(told) = &told {
                last.copy_from_slice(&row(told, number));
            }
        }
        self.two(&self.object, threads, &joined)
    }
}

impl Embed {
    fn new(tensors: &Tensors, second: Dense) -> Result<Self> {
        let (name, ..) = EMBED[0];
        let weights = values(tensors, &format!("{name}.weight"))?;
        let row = |i: usize| weights[i % CHANNELS * FEATURES + i / CHANNELS];
        let rows = (0..FEATURES * CHANNELS).map(row).collect();
        Ok(Self { rows, bias: values(tensors, &format!("{name}.bias"))?, second })
    }

    /// The channels of each tile.
    fn run<'a>(
        &self,
        kernel: Kernel,
        threads: Threads,
        tiles: impl Iterator<Item = (CellLayer, &'a Tile)>,
    ) -> Vec<f32> {
        let (mut kinds, mut numbers, mut first) = (HashMap::new(), Vec::new(), Vec::new());
        for kind in tiles {
            let next = kinds.len();
            numbers.push(*kinds.entry(kind).or_insert_with(|| {
                first.extend(self.first(kind.0, kind.1));
                next
            }));
        }
        let second = self.second.run(kernel, threads, &first);
        rows(&second, &numbers)
    }

    fn first(&self, layer: CellLayer, tile: &Tile) -> [f32; CHANNELS] {
        let mut sum: [f32; CHANNELS] = std::array::from_fn(|channel| self.bias[channel]);
        let features = tile.iter().enumerate();
        let features = features.map(|(pixel, &index)| 3 + pixel * INDICES + (index & 3) as usize);
        for feature in std::iter::once(layer as usize).chain(features) {
            add(&mut sum, &self.rows[feature * CHANNELS..][..CHANNELS]);
        }
        sum.map(|value| value.max(0.0))
    }
}

impl Block {
    fn new(tensors: &Tensors, block: usize, kernel: Kernel) -> Result<Self> {
        let (name, inputs, outputs, side) = NEIGHBORS[block];
        let weights = values(tensors, &format!("{name}.weight"))?;
        let panel = kernel.panel(outputs);
        let weight = |output: usize, input: usize, y: usize, x: usize| {
            weights[((output * inputs + input) * side + y) * side + x]
        };
        Ok(Self {
            weights: winograd_weights(inputs, outputs, panel, weight),
            zeros: Aligned::zeros(outputs.next_multiple_of(panel)),
            bias: values(tensors, &format!("{name}.bias"))?,
            context: Dense::new(tensors, CONTEXT[block], Activation::None, kernel)?,
        })
    }
}

impl Told {
    /// What is told to each row of queries.
    fn attend(&self, queries: &[f32]) -> Vec<f32> {
        let scale = 1.0 / (KEYS as f32).sqrt();
        let mut told = Vec::with_capacity(queries.len() / KEYS * CHANNELS);
        for query in queries.chunks_exact(KEYS) {
            let keys = self.keys.chunks_exact(KEYS);
            let dot = |key: &[f32]| key.iter().zip(query).map(|(x, y)| x * y).sum::<f32>();
            let scores: Vec<f32> = keys.map(|key| dot(key) * scale).collect();
            // The pin that says nothing has the score 0.
            let most = scores.iter().copied().fold(0.0, f32::max);
            let weights: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
            let sum = weights.iter().sum::<f32>() + (-most).exp();
            let mut out = [0.0; CHANNELS];
            for (weight, values) in weights.iter().zip(self.values.chunks_exact(CHANNELS)) {
                let share = weight / sum;
                out.iter_mut().zip(values).for_each(|(out, value)| *out += share * value);
            }
            told.extend(out);
        }
        told
    }
}

/// These rows of a matrix.
fn rows(values: &[f32], numbers: &[usize]) -> Vec<f32> {
    let mut rows = Vec::with_capacity(numbers.len() * CHANNELS);
    for &number in numbers {
        rows.extend_from_slice(&values[number * CHANNELS..][..CHANNELS]);
    }
    rows
}

/// The mean of these rows.
fn mean(values: &[f32], numbers: &[usize]) -> [f32; CHANNELS] {
    let mut sum = [0.0; CHANNELS];
    for &number in numbers {
        add(&mut sum, &values[number * CHANNELS..][..CHANNELS]);
    }
    sum.map(|value| value / numbers.len().max(1) as f32)
}

fn add(sum: &mut [f32], values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}
