//! A 3x3 convolution by Winograd's algorithm: transform, multiply, transform back.

use std::cell::RefCell;
use std::ops::Range;

use super::lines::Threads;
use super::picture::Shape;
use crate::kernels::Kernel;
use crate::kernels::aligned::Aligned;
use crate::kernels::product::{Packed, Product};
use crate::kernels::tiles::{CHANNELS, InputTiles, OUT, OutputTiles, PRODUCTS};
use crate::layer::Activation;

/// Tiles that one thread transforms before it multiplies them, so that they stay in its cache.
const TILES: usize = 40;

/// Blocks of channels that a convolution by tiles may have at most.
pub const MOST_BLOCKS: usize = 64;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The tiles of some rows.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Transformed pixels: by 16 channels, in these by matrix, and in each all tiles.
    inputs: Aligned,
    /// Their products: by matrix, and in each all tiles.
    products: Aligned,
}

/// One convolution and its operands.
#[derive(Clone, Copy)]
pub struct Winograd<'a> {
    /// Its matrices.
    pub weights: &'a [Packed],
    /// What is added to each channel.
    pub bias: &'a [f32],
    /// What comes last.
    pub activation: Activation,
    /// A bias of nothing.
    pub zeros: &'a [f32],
    /// Its input, halo included.
    pub input: &'a [f32],
    /// The input's shape.
    pub shape: &'a Shape,
    /// The output's shape.
    pub out_shape: &'a Shape,
    /// The lines of what is added.
    pub plus: Option<&'a [f32]>,
    /// What computes.
    pub kernel: Kernel,
}

impl Winograd<'_> {
    /// Computes the lines of the output.
    pub fn run(&self, threads: Threads, shared: &mut Scratch, out: &mut [f32]) {
        let rows = self.out_shape.height.div_ceil(OUT);
        let stripe = (TILES / self.tiles()).clamp(1, rows);
        // Each stripe reads all weights, so where there are too few of them the threads share
        // the matrices instead.
        if threads.count() > 1 && rows.div_ceil(stripe) < 2 * threads.count() {
            return self.run_together(threads, shared, out);
        }
        threads.each(out, stripe * OUT * self.out_shape.line(), |i, out| {
            SCRATCH.with_borrow_mut(|scratch| {
                let first = i * stripe;
                self.stripe(first..(first + stripe).min(rows), scratch, out);
            });
        });
    }

    fn run_together(&self, threads: Threads, scratch: &mut Scratch, out: &mut [f32]) {
        let rows = 0..self.out_shape.height.div_ceil(OUT);
        let tiles = rows.len() * self.tiles();
        let (inputs, products) = self.reserve(tiles, scratch);
        threads.each(inputs, PRODUCTS * tiles * CHANNELS, |block, inputs| {
            self.transform(block, rows.clone(), inputs);
        });
        let inputs = &*inputs;
        threads.each(products, tiles * self.out_shape.channels, |matrix, products| {
            self.multiply(matrix, tiles, inputs, products);
        });
        let products = &*products;
        threads.each(out, OUT * self.out_shape.line(), |row, out| {
            self.transform_back(row, row, products, tiles, out);
        });
    }

    fn stripe(&self, rows: Range<usize>, scratch: &mut Scratch, out: &mut [f32]) {
        let tiles = rows.len() * self.tiles();
        let (inputs, products) = self.reserve(tiles, scratch);
        for (block, inputs) in inputs.chunks_exact_mut(PRODUCTS * tiles * CHANNELS).enumerate() {
            self.transform(block, rows.clone(), inputs);
        }
        let size = tiles * self.out_shape.channels;
        for (matrix, products) in products.chunks_exact_mut(size).enumerate() {
            self.multiply(matrix, tiles, inputs, products);
        }
        for (i, out) in out.chunks_mut(OUT * self.out_shape.line()).enumerate() {
            self.transform_back(i, rows.start + i, products, tiles, out);
        }
    }

    /// Room for so many tiles.
    fn reserve<'s>(&self, tiles: usize, room: &'s mut Scratch) -> (&'s mut [f32], &'s mut [f32]) {
        let (inputs, products) = (self.shape.channels, self.out_shape.channels);
        let [inputs, products] = [inputs, products].map(|channels| PRODUCTS * tiles * channels);
        room.inputs.reserve(inputs);
        room.products.reserve(products);
        (&mut room.inputs[..inputs], &mut room.products[..products])
    }

    /// Tiles of a row.
    fn tiles(&self) -> usize {
        self.out_shape.width.div_ceil(OUT)
    }

    /// Transforms a block of 16 channels.
    fn transform(&self, block: usize, rows: Range<usize>, out: &mut [f32]) {
        let corner = self.shape.halo - 1;
        let plane = rows.len() * self.tiles() * CHANNELS;
        for (i, row) in rows.enumerate() {
            let first = self.shape.at(corner + row * OUT, corner) + block * CHANNELS;
            let tiles = InputTiles {
                input: &self.input[first..],
                line: self.shape.line(),
                step: self.shape.channels,
                tiles: self.tiles(),
                plane,
            };
            self.kernel.transform_input(&tiles, &mut out[i * self.tiles() * CHANNELS..]);
        }
    }

    fn multiply(&self, matrix: usize, tiles: usize, inputs: &[f32], products: &mut [f32]) {
        let block = PRODUCTS * tiles * CHANNELS;
        let mut runs = [0; MOST_BLOCKS];
        for (i, run) in runs.iter_mut().enumerate() {
            *run = i * block;
        }
        let product = Product {
            input: &inputs[matrix * tiles * CHANNELS..],
            runs: &runs[..self.shape.channels / CHANNELS],
            run: CHANNELS,
            step: CHANNELS,
            pixels: tiles,
            weights: &self.weights[matrix],
            bias: self.zeros,
            plus: None,
            activation: Activation::None,
            out_step: self.out_shape.channels,
        };
        self.kernel.multiply(&product, products);
    }

    /// Finishes row `row` of the picture from row `at` of the products of `tiles`.
    fn transform_back(
        &self,
        at: usize,
        row: usize,
        products: &[f32],
        tiles: usize,
        out: &mut [f32],
    ) {
        let shape = self.out_shape;
        let first = shape.inner().start;
        let plus = self.plus.map(|plus| &plus[row * OUT * shape.line() + first..]);
        let tiles = OutputTiles {
            products: &products[at * self.tiles() * shape.channels..],
            plane: tiles * shape.channels,
            channels: shape.channels,
            width: shape.width,
            height: (shape.height - row * OUT).min(OUT),
            line: shape.line(),
            bias: self.bias,
            plus,
            activation: self.activation,
        };
        self.kernel.transform_output(&tiles, &mut out[first..]);
    }
}
