//! The kernels in safe Rust, for any processor. The others are tested against them.

use std::ops::AddAssign;

use super::product::{Number, PackedNarrow, Product, ProductNarrow, WORD, bf16};
use super::tiles::{A, A2, B, B2, CHANNELS, IN, InputTiles, OUT, OutputTiles};
use crate::layer::Activation;

/// Outputs of a panel.
pub const PANEL: usize = 16;
/// Pixels whose sums are formed together.
const PIXELS: usize = 2;

/// Multiplies a line of pixels.
pub fn multiply(product: &Product<'_>, out: &mut [f32]) {
    let panel = product.weights.panel * product.weights.rows;
    for (i, weights) in product.weights.values.chunks_exact(panel).enumerate() {
        for first in (0..product.pixels).step_by(PIXELS) {
            if first + PIXELS <= product.pixels {
                tile::<PIXELS>(product, weights, i * PANEL, first, out);
            } else {
                tile::<1>(product, weights, i * PANEL, first, out);
            }
        }
    }
}

fn tile<const P: usize>(
    product: &Product<'_>,
    weights: &[f32],
    channel: usize,
    first: usize,
    out: &mut [f32],
) {
    let (weights, _) = weights.as_chunks::<PANEL>();
    let mut sums = [[0.0; PANEL]; P];
    for (&start, weights) in product.runs.iter().zip(weights.chunks_exact(product.run)) {
        let pixels: [&[f32]; P] = std::array::from_fn(|p| {
            &product.input[start + (first + p) * product.step..][..product.run]
        });
        for (i, weights) in weights.iter().enumerate() {
            for (sums, pixel) in sums.iter_mut().zip(pixels) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += pixel[i] * weight;
                }
            }
        }
    }
    let channels = PANEL.min(product.weights.outputs - channel);
    for (p, sums) in sums.iter().enumerate() {
        let at = (first + p) * product.out_step + channel;
        for c in 0..channels {
            let plus = product.plus.map_or(0.0, |plus| plus[at + c]);
            let sum = sums[c] + product.bias[channel + c] + plus;
            out[at + c] = activate(sum, product.activation);
        }
    }
}

/// Applies an activation.
pub fn activate(value: f32, activation: Activation) -> f32 {
    match activation {
        Activation::None => value,
        Activation::Relu => value.max(0.0),
        Activation::Tanh => value.tanh(),
    }
}

/// Replaces values by their hyperbolic tangents.
pub fn tanh(values: &mut [f32]) {
    for value in values {
        *value = value.tanh();
    }
}

/// Multiplies a line of pixels of narrow numbers.
pub fn multiply_narrow(product: &ProductNarrow<'_>, out: &mut [f32]) {
    let PackedNarrow { ref values, number, rows, outputs, ref scales, .. } = *product.weights;
    for pixel in 0..product.pixels {
        let at = pixel * product.out_step;
        for (i, panel) in values.chunks_exact(rows * PANEL * WORD).enumerate() {
            let sums = match number {
                Number::Int8 => sum_narrow(product, panel, pixel, dot_bytes).map(|sum| sum as f32),
                Number::Bf16 => sum_narrow(product, panel, pixel, dot_halves),
            };
            for (output, sum) in (i * PANEL..outputs).zip(sums) {
                let plus = product.plus.map_or(0.0, |plus| plus[at + output]);
                let value = sum * (scales[output] * product.scale) + product.bias[output];
                out[at + output] = activate(value + plus, product.activation);
            }
        }
    }
}

/// Sums of the products of words.
fn sum_narrow<T: Copy + Default + AddAssign>(
    product: &ProductNarrow<'_>,
    panel: &[u8],
    pixel: usize,
    dot: impl Fn([u8; WORD], [u8; WORD]) -> T,
) -> [T; PANEL] {
    let mut sums = [T::default(); PANEL];
    let (weights, _) = panel.as_chunks::<WORD>();
    let mut rows = weights.chunks_exact(PANEL);
    for &start in product.runs {
        let run = &product.input[start + pixel * product.step..][..product.weights.run];
        for (word, row) in run.as_chunks::<WORD>().0.iter().zip(&mut rows) {
            for (sum, weights) in sums.iter_mut().zip(row) {
                *sum += dot(*word, *weights);
            }
        }
    }
    sums
}

fn dot_bytes(inputs: [u8; WORD], weights: [u8; WORD]) -> i32 {
    inputs.into_iter().zip(weights).map(|(x, w)| i32::from(x) * i32::from(w as i8)).sum()
}

fn dot_halves(inputs: [u8; WORD], weights: [u8; WORD]) -> f32 {
    let value = |low: u8, high: u8| f32::from_bits(u32::from_le_bytes([0, 0, low, high]));
    let [[a, b], [c, d]] = [inputs, weights].map(|[a, b, c, d]| [value(a, b), value(c, d)]);
    a * c + b * d
}

/// Divides by the scale (multiplies by `inverse`) and rounds.
pub fn quantize(values: &[f32], inverse: f32, out: &mut [u8]) {
    for (value, out) in values.iter().zip(out) {
        *out = (value * inverse).round_ties_even() as u8;
    }
}

/// Rounds to 16 bits each.
#[inline(always)]
pub fn halve(values: &[f32], out: &mut [u8]) {
    for (value, out) in values.iter().zip(out.as_chunks_mut().0) {
        *out = bf16(*value).to_le_bytes();
    }
}

/// Some channels of a pixel.
type Values = [f32; CHANNELS];

/// Transforms a row of tiles.
pub fn transform_input(tiles: &InputTiles<'_>, out: &mut [f32]) {
    for tile in 0..tiles.tiles {
        let mut half = [[[0.0; CHANNELS]; IN]; IN];
        for column in 0..IN {
            let at = (tile * OUT + column) * tiles.step;
            let lines = std::array::from_fn(|i| values(tiles.input, i * tiles.line + at));
            let lines = input_transform(&lines);
            (0..IN).for_each(|i| half[i][column] = lines[i]);
        }
        for (i, line) in half.iter().enumerate() {
            for (j, value) in input_transform(line).iter().enumerate() {
                let to = tile * CHANNELS + (i * IN + j) * tiles.plane;
                out[to..to + CHANNELS].copy_from_slice(value);
            }
        }
    }
}

/// Transforms the products of a row of tiles back and finishes the pixels.
pub fn transform_output(tiles: &OutputTiles<'_>, out: &mut [f32]) {
    for tile in 0..tiles.width.div_ceil(OUT) {
        for channel in (0..tiles.channels).step_by(CHANNELS) {
            output_tile(tiles, tile, channel, out);
        }
    }
}

fn output_tile(tiles: &OutputTiles<'_>, tile: usize, channel: usize, out: &mut [f32]) {
    let from = tile * tiles.channels + channel;
    let mut half = [[[0.0; CHANNELS]; IN]; OUT];
    for column in 0..IN {
        let product = |i| values(tiles.products, from + (i * IN + column) * tiles.plane);
        let lines = output_transform(&std::array::from_fn(product));
        (0..OUT).for_each(|i| half[i][column] = lines[i]);
    }
    let columns = (tiles.width - tile * OUT).min(OUT);
    for (i, line) in half.iter().enumerate().take(tiles.height) {
        for (j, pixel) in output_transform(line).iter().enumerate().take(columns) {
            let at = i * tiles.line + (tile * OUT + j) * tiles.channels + channel;
            for (c, value) in pixel.iter().enumerate() {
                let plus = tiles.plus.map_or(0.0, |plus| plus[at + c]);
                let sum = value + tiles.bias[channel + c] + plus;
                out[at + c] = activate(sum, tiles.activation);
            }
        }
    }
}

fn values(from: &[f32], at: usize) -> Values {
    std::array::from_fn(|c| from[at..at + CHANNELS][c])
}

fn input_transform(d: &[Values; IN]) -> [Values; IN] {
    let mut out = [[0.0; CHANNELS]; IN];
    for c in 0..CHANNELS {
        let d = d.map(|values| values[c]);
        let (even_a, odd_a) = (d[4] - B2 * d[2], A * (d[3] - B2 * d[1]));
        let (even_b, odd_b) = (d[4] - A2 * d[2], B * (d[3] - A2 * d[1]));
        out[0][c] = A2 * B2 * d[0] - (A2 + B2) * d[2] + d[4];
        out[1][c] = even_a + odd_a;
        out[2][c] = even_a - odd_a;
        out[3][c] = even_b + odd_b;
        out[4][c] = even_b - odd_b;
        out[5][c] = A2 * B2 * d[1] - (A2 + B2) * d[3] + d[5];
    }
    out
}

fn output_transform(m: &[Values; IN]) -> [Values; OUT] {
    let mut out = [[0.0; CHANNELS]; OUT];
    for c in 0..CHANNELS {
        let m = m.map(|values| values[c]);
        let (sum_a, difference_a) = (m[1] + m[2], m[1] - m[2]);
        let (sum_b, difference_b) = (m[3] + m[4], m[3] - m[4]);
        out[0][c] = m[0] + sum_a + sum_b;
        out[1][c] = A * difference_a + B * difference_b;
        out[2][c] = A2 * sum_a + B2 * sum_b;
        out[3][c] = A * A2 * difference_a + B * B2 * difference_b + m[5];
    }
    out
}
