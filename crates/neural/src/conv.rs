//! Square convolutions on slices, forward and backward.
//!
//! Pictures are held row by row with all channels of a pixel together (NHWC). For a block of
//! lines, the surroundings of each pixel are laid out as one row of a matrix; the convolution is
//! then one matrix product, whose rows are the output's pixels.

use std::cell::RefCell;
use std::ops::Range;

use rayon::prelude::*;

use crate::kernels::gemm::{Factor, Matrix, Output};
use crate::layer::Activation;
use crate::ops::Products;
use crate::ops::activation::apply;

/// Values of one block's matrix: 1 MiB, so that it and what is multiplied with it stay in a core's
/// own cache.
const BLOCK: usize = 1 << 18;

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// The sizes of one convolution with zeros around the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Lines of the input.
    pub height: usize,
    /// Columns of the input.
    pub width: usize,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// The side of the kernel: an odd number. Half of it, rounded down, is the border.
    pub kernel: usize,
    /// 1, or 2 for half the lines and columns, rounded up.
    pub stride: usize,
}

impl Geometry {
    /// Lines of the output.
    pub fn output_height(&self) -> usize {
        self.height.div_ceil(self.stride)
    }

    /// Columns of the output.
    pub fn output_width(&self) -> usize {
        self.width.div_ceil(self.stride)
    }

    /// Values of one input picture.
    pub fn input_len(&self) -> usize {
        self.height * self.width * self.inputs
    }

    /// Values of one output picture.
    pub fn output_len(&self) -> usize {
        self.output_height() * self.output_line()
    }

    /// Rows of the packed weights: tap by tap, and within a tap channel by channel.
    pub fn weight_rows(&self) -> usize {
        self.taps() * self.inputs
    }

    /// Values of all weights.
    pub fn weight_len(&self) -> usize {
        self.weight_rows() * self.outputs
    }

    /// Packed weights, made ready for products.
    fn factor<'a>(&self, products: Products, packed: &'a [f32]) -> Factor<'a> {
        Factor::new(products, Matrix::new(packed, self.weight_rows(), self.outputs))
    }

    fn taps(&self) -> usize {
        self.kernel * self.kernel
    }

    fn output_line(&self) -> usize {
        self.output_width() * self.outputs
    }

    fn lines_per_block(&self) -> usize {
        (BLOCK / (self.output_width() * self.weight_rows())).max(1)
    }

    /// Where the tap at this offset of output coordinate `at` reads, or `None` in the border.
    fn source(&self, at: usize, offset: usize, size: usize) -> Option<usize> {
        (at * self.stride + offset).checked_sub(self.kernel / 2).filter(|&i| i < size)
    }

    /// The first of the input columns of output column `x`, where none lies in the border.
    fn run(&self, x: usize) -> Option<usize> {
        let left = (x * self.stride).checked_sub(self.kernel / 2)?;
        (left + self.kernel <= self.width).then_some(left)
    }

    /// The convolution from the output's gradient to the input's, for a stride of 1.
    fn reversed(&self) -> Self {
        Self { inputs: self.outputs, outputs: self.inputs, ..*self }
    }
}

/// Weights of shape (outputs, inputs, kernel, kernel) as the matrix of the product: one row per
/// tap and input channel (tap by tap, channels within a tap), one column per output.
pub fn pack(geometry: &Geometry, weights: &[f32]) -> Vec<f32> {
    let (rows, outputs) = (geometry.weight_rows(), geometry.outputs);
    let mut packed = vec![0.0; weights.len()];
    packed.par_chunks_mut(outputs).enumerate().for_each(|(row, packed)| {
        let at = row % geometry.inputs * geometry.taps() + row / geometry.inputs;
        for (output, packed) in packed.iter_mut().enumerate() {
            *packed = weights[output * rows + at];
        }
    });
    packed
}

/// Weights as a convolution has them, from one row per output: tap by tap, channels within a tap.
fn unpack(geometry: &Geometry, packed: &[f32]) -> Vec<f32> {
    let (rows, taps) = (geometry.weight_rows(), geometry.taps());
    let mut weights = vec![0.0; packed.len()];
    weights.par_chunks_mut(rows).zip(packed.par_chunks(rows)).for_each(|(weights, packed)| {
        for (at, weight) in weights.iter_mut().enumerate() {
            *weight = packed[at % taps * geometry.inputs + at / taps];
        }
    });
    weights
}

/// The weights of the [reversed](Geometry::reversed) convolution, packed: inputs and outputs
/// exchanged, and taps in the opposite order.
fn pack_reversed(geometry: &Geometry, weights: &[f32]) -> Vec<f32> {
    let (inputs, taps) = (geometry.inputs, geometry.taps());
    let mut packed = vec![0.0; weights.len()];
    packed.par_chunks_mut(inputs).enumerate().for_each(|(row, packed)| {
        let (tap, output) = (taps - 1 - row / geometry.outputs, row % geometry.outputs);
        for (input, packed) in packed.iter_mut().enumerate() {
            *packed = weights[(output * inputs + input) * taps + tap];
        }
    });
    packed
}

/// Convolves a batch. The weights have the shape (outputs, inputs, kernel, kernel), and there is
/// one bias per output channel.
///
/// # Panics
/// If a slice has another length than `geometry` tells.
pub fn forward(
    geometry: &Geometry,
    input: &[f32],
    weights: &[f32],
    bias: &[f32],
    activation: Activation,
    products: Products,
) -> Vec<f32> {
    assert_eq!(weights.len(), geometry.weight_len());
    assert_eq!(bias.len(), geometry.outputs);
    let packed = pack(geometry, weights);
    let weights = geometry.factor(products, &packed);
    convolve(geometry, input, &weights, |output| finish(output, bias, activation))
}

/// Convolves a batch with packed weights and hands each block of pixels on.
fn convolve(
    geometry: &Geometry,
    input: &[f32],
    weights: &Factor<'_>,
    finish: impl Fn(&mut [f32]) + Sync,
) -> Vec<f32> {
    assert_eq!(input.len() % geometry.input_len(), 0);
    let mut output = vec![0.0; input.len() / geometry.input_len() * geometry.output_len()];
    let lines = geometry.lines_per_block();
    let pictures = output.par_chunks_mut(geometry.output_len());
    pictures.zip(input.par_chunks(geometry.input_len())).for_each(|(output, input)| {
        let blocks = output.par_chunks_mut(lines * geometry.output_line());
        blocks.enumerate().for_each(|(block, output)| {
            let first = block * lines;
            let rows = first..first + output.len() / geometry.output_line();
            forward_lines(geometry, input, weights, rows, output);
            finish(output);
        });
    });
    output
}

fn forward_lines(
    geometry: &Geometry,
    input: &[f32],
    weights: &Factor<'_>,
    lines: Range<usize>,
    output: &mut [f32],
) {
    with_scratch(lines.len() * geometry.output_width() * geometry.weight_rows(), |patches| {
        gather(geometry, input, lines, patches);
        let pixels = output.len() / geometry.outputs;
        let patches = Matrix::new(patches, pixels, geometry.weight_rows());
        weights.multiply(patches, output, Output::Replace);
    });
}

fn finish(output: &mut [f32], bias: &[f32], activation: Activation) {
    for pixel in output.chunks_exact_mut(bias.len()) {
        for (value, bias) in pixel.iter_mut().zip(bias) {
            *value += bias;
        }
    }
    apply(activation, output);
}

/// The gradients of a convolution.
#[derive(Clone, Debug)]
pub struct Gradients {
    /// Of the input, or nothing where it was not asked for.
    pub input: Option<Vec<f32>>,
    /// Of the weights.
    pub weights: Vec<f32>,
    /// Of the biases.
    pub bias: Vec<f32>,
}

/// Whether the gradient of the input is wanted; a network's first layer has no use for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputGradient {
    /// Compute it.
    Wanted,
    /// Leave it out.
    Unused,
}

/// The gradients for a batch, from `upstream`: the gradient of the output before the activation.
///
/// Sums over the batch are formed in a fixed order, whatever the number of threads.
///
/// # Panics
/// If a slice has another length than `geometry` tells.
pub fn backward(
    geometry: &Geometry,
    input: &[f32],
    weights: &[f32],
    upstream: &[f32],
    wanted: InputGradient,
    products: Products,
) -> Gradients {
    assert_eq!(weights.len(), geometry.weight_len());
    assert_eq!(input.len() / geometry.input_len(), upstream.len() / geometry.output_len());
    let pictures = input.par_chunks(geometry.input_len());
    let is_reversible = geometry.stride == 1;
    let packed = match wanted {
        InputGradient::Wanted if !is_reversible => Some(pack(geometry, weights)),
        _ => None,
    };
    let across = packed.as_ref().map(|packed| {
        let weights = Matrix::new(packed, geometry.weight_rows(), geometry.outputs);
        Factor::new(products, weights.transposed())
    });
    let pass = Pass { geometry, weights: across.as_ref(), products };
    let parts: Vec<Gradients> = pictures
        .zip(upstream.par_chunks(geometry.output_len()))
        .map(|(input, upstream)| pass.picture(input, upstream))
        .collect();
    let mut gradients = sum(geometry, parts, packed.is_some());
    gradients.weights = unpack(geometry, &gradients.weights);
    if wanted == InputGradient::Wanted && is_reversible {
        let (weights, reversed) = (pack_reversed(geometry, weights), geometry.reversed());
        let weights = reversed.factor(products, &weights);
        gradients.input = Some(convolve(&reversed, upstream, &weights, |_| ()));
    }
    gradients
}

/// One way back through a convolution.
#[derive(Clone, Copy)]
struct Pass<'a> {
    geometry: &'a Geometry,
    /// With rows and columns exchanged; only where the gradient of the input is wanted of it.
    weights: Option<&'a Factor<'a>>,
    products: Products,
}

impl Pass<'_> {
    /// The gradients of one picture; that of the weights is one row per output.
    fn picture(self, input: &[f32], upstream: &[f32]) -> Gradients {
        let geometry = self.geometry;
        let mut gradients = Gradients {
            input: self.weights.map(|_| vec![0.0; geometry.input_len()]),
            weights: vec![0.0; geometry.weight_len()],
            bias: vec![0.0; geometry.outputs],
        };
        for pixel in upstream.chunks_exact(geometry.outputs) {
            add(&mut gradients.bias, pixel);
        }
        let lines = geometry.lines_per_block();
        for (block, upstream) in upstream.chunks(lines * geometry.output_line()).enumerate() {
            let first = block * lines;
            let rows = first..first + upstream.len() / geometry.output_line();
            self.lines(input, upstream, rows, &mut gradients);
        }
        gradients
    }

    fn lines(
        self,
        input: &[f32],
        upstream: &[f32],
        lines: Range<usize>,
        gradients: &mut Gradients,
    ) {
        let geometry = self.geometry;
        let pixels = upstream.len() / geometry.outputs;
        let rows = geometry.weight_rows();
        let upstream = Matrix::new(upstream, pixels, geometry.outputs);
        with_scratch(pixels * rows, |patches| {
            gather(geometry, input, lines.clone(), patches);
            let surroundings = Factor::new(self.products, Matrix::new(patches, pixels, rows));
            surroundings.multiply(upstream.transposed(), &mut gradients.weights, Output::Add);
            if let (Some(weights), Some(input_gradient)) = (self.weights, &mut gradients.input) {
                weights.multiply(upstream, patches, Output::Replace);
                scatter(geometry, patches, lines, input_gradient);
            }
        });
    }
}

fn sum(geometry: &Geometry, parts: Vec<Gradients>, has_input: bool) -> Gradients {
    let mut total = Gradients {
        input: has_input.then(|| Vec::with_capacity(parts.len() * geometry.input_len())),
        weights: vec![0.0; geometry.weight_len()],
        bias: vec![0.0; geometry.outputs],
    };
    for part in parts {
        add(&mut total.weights, &part.weights);
        add(&mut total.bias, &part.bias);
        if let (Some(total), Some(part)) = (&mut total.input, part.input) {
            total.extend(part);
        }
    }
    total
}

fn add(sum: &mut [f32], part: &[f32]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}

/// Lays out the surroundings of each output pixel of `lines` as a row of `patches`.
fn gather(geometry: &Geometry, input: &[f32], lines: Range<usize>, patches: &mut [f32]) {
    let channels = geometry.inputs;
    let mut rows = patches.chunks_exact_mut(geometry.weight_rows());
    for y in lines {
        for (x, row) in (0..geometry.output_width()).zip(&mut rows) {
            for (offset, row) in row.chunks_exact_mut(geometry.kernel * channels).enumerate() {
                let source = geometry.source(y, offset, geometry.height);
                let Some(line) = source else {
                    row.fill(0.0);
                    continue;
                };
                let line = &input[line * geometry.width * channels..][..geometry.width * channels];
                gather_line(geometry, line, x, row);
            }
        }
    }
}

fn gather_line(geometry: &Geometry, line: &[f32], x: usize, row: &mut [f32]) {
    let channels = geometry.inputs;
    if let Some(left) = geometry.run(x) {
        row.copy_from_slice(&line[left * channels..][..geometry.kernel * channels]);
        return;
    }
    for (offset, tap) in row.chunks_exact_mut(channels).enumerate() {
        match geometry.source(x, offset, geometry.width) {
            Some(column) => tap.copy_from_slice(&line[column * channels..][..channels]),
            None => tap.fill(0.0),
        }
    }
}

/// Adds each entry of `patches` to the input value that [`gather`] would read it from.
fn scatter(geometry: &Geometry, patches: &[f32], lines: Range<usize>, input: &mut [f32]) {
    let channels = geometry.inputs;
    let mut rows = patches.chunks_exact(geometry.weight_rows());
    for y in lines {
        for (x, row) in (0..geometry.output_width()).zip(&mut rows) {
            for (offset, row) in row.chunks_exact(geometry.kernel * channels).enumerate() {
                let source = geometry.source(y, offset, geometry.height);
                let Some(line) = source else { continue };
                let start = line * geometry.width * channels;
                scatter_line(geometry, row, x, &mut input[start..][..geometry.width * channels]);
            }
        }
    }
}

fn scatter_line(geometry: &Geometry, row: &[f32], x: usize, line: &mut [f32]) {
    let channels = geometry.inputs;
    if let Some(left) = geometry.run(x) {
        add(&mut line[left * channels..][..geometry.kernel * channels], row);
        return;
    }
    for (offset, tap) in row.chunks_exact(channels).enumerate() {
        if let Some(column) = geometry.source(x, offset, geometry.width) {
            add(&mut line[column * channels..][..channels], tap);
        }
    }
}

fn with_scratch<T>(len: usize, work: impl FnOnce(&mut [f32]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < len {
            scratch.resize(len, 0.0);
        }
        work(&mut scratch[..len])
    })
}
