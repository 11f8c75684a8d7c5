//! A convolution with packed weights, and the way in which it is computed.

use super::picture::Shape;
use super::weights::{Folded, Weights};
use super::winograd::MOST_BLOCKS;
use crate::kernels::Kernel;
use crate::kernels::aligned::Aligned;
use crate::kernels::product::{Packed, Product};
use crate::kernels::tiles::{self, CHANNELS, transform_weights};
use crate::layer::Activation;
use crate::network::{Conv, Network, Node, Value};

/// A convolution that is ready to run.
#[derive(Debug)]
pub struct PackedConv {
    /// What it reads.
    pub input: Value,
    /// What is added.
    pub plus: Option<Value>,
    /// What comes last.
    pub activation: Activation,
    /// One for each output, and zeros up to a whole panel.
    pub bias: Aligned,
    /// How it is computed.
    pub method: Method,
}

/// How a convolution is computed.
#[derive(Debug)]
pub enum Method {
    /// By its definition, line by line.
    Direct {
        /// The side of the kernel.
        kernel: usize,
        /// 1 or 2.
        stride: usize,
        /// Ordered by the kernel's line, column, and the input.
        weights: Packed,
    },
    /// The input is doubled by nearest neighbor and then convolved by 3x3. What a pixel of the
    /// output sees are 2x2 pixels of the input before it was doubled, so it is one of four
    /// convolutions by 2x2, by its place in the square.
    Doubled {
        /// Upper left, upper right, lower left, lower right.
        weights: [Packed; 4],
    },
    /// 3x3 with stride 1, by Winograd's algorithm.
    Winograd {
        /// One matrix for each product of a tile.
        weights: Vec<Packed>,
        /// A bias of nothing for the products.
        zeros: Aligned,
    },
}

impl PackedConv {
    /// Packs the weights of `conv`.
    pub fn new(conv: &Conv, network: &Network, weights: &Weights, kernel: Kernel) -> Self {
        let folded = weights.fold(conv);
        let panel = kernel.panel(conv.outputs);
        let (input, method) = match network.node(conv.input) {
            Node::Double(source) if conv.kernel == 3 && conv.stride == 1 => {
                (*source, doubled(conv, &folded, panel))
            }
            _ if winograd_pays(conv) => (conv.input, winograd(conv, &folded, panel)),
            _ => (conv.input, direct(conv, &folded, panel)),
        };
        let padded = match method {
            Method::Winograd { .. } => conv.outputs,
            _ => conv.outputs.next_multiple_of(panel),
        };
        let mut bias = Aligned::zeros(padded);
        bias[..conv.outputs].copy_from_slice(&folded.bias);
        Self { input, plus: conv.plus, activation: conv.activation, bias, method }
    }

    /// Lines and columns of zeros that it needs around its input.
    pub fn halo(&self) -> usize {
        match self.method {
            Method::Direct { kernel, .. } => kernel / 2,
            Method::Doubled { .. } | Method::Winograd { .. } => 1,
        }
    }
}

/// The transforms cost as much as some 20 inputs do, and take 16 channels at once.
fn winograd_pays(conv: &Conv) -> bool {
    let whole = conv.inputs % CHANNELS == 0 && conv.outputs % CHANNELS == 0;
    let fits = (32..=MOST_BLOCKS * CHANNELS).contains(&conv.inputs);
    conv.kernel == 3 && conv.stride == 1 && whole && fits
}

fn direct(conv: &Conv, folded: &Folded, panel: usize) -> Method {
    let (kernel, stride, inputs) = (conv.kernel, conv.stride, conv.inputs);
    let weights = Packed::new(kernel * kernel * inputs, conv.outputs, panel, |row, output| {
        let (tap, input) = (row / inputs, row % inputs);
        folded.at(output, input, tap / kernel, tap % kernel)
    });
    Method::Direct { kernel, stride, weights }
}

/// The lines (or columns) of the 3x3 kernel that fall on the first and on the second line of the
/// 2x2 kernel, for even and for odd lines of the output.
const MERGED: [[&[usize]; 2]; 2] = [[&[0], &[1, 2]], [&[0, 1], &[2]]];

fn doubled(conv: &Conv, folded: &Folded, panel: usize) -> Method {
    let inputs = conv.inputs;
    let weights = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(line, column)| {
        Packed::new(4 * inputs, conv.outputs, panel, |row, output| {
            let (tap, input) = (row / inputs, row % inputs);
            let lines = MERGED[line][tap / 2];
            let columns = MERGED[column][tap % 2];
            let taps = lines.iter().flat_map(|&y| columns.iter().map(move |&x| (y, x)));
            taps.map(|(y, x)| folded.at(output, input, y, x)).sum()
        })
    });
    Method::Doubled { weights }
}

fn winograd(conv: &Conv, folded: &Folded, panel: usize) -> Method {
    let (inputs, outputs) = (conv.inputs, conv.outputs);
    let transformed: Vec<[f32; tiles::PRODUCTS]> = (0..inputs * outputs)
        .map(|i| transform_kernel(|y, x| folded.at(i % outputs, i / outputs, y, x) as f64))
        .collect();
    let pack = |product: usize| {
        let entry = |input: usize, output: usize| transformed[input * outputs + output][product];
        Packed::new(inputs, outputs, panel, entry)
    };
    let zeros = Aligned::zeros(outputs.next_multiple_of(panel));
    Method::Winograd { weights: (0..tiles::PRODUCTS).map(pack).collect(), zeros }
}

/// Transforms a 3x3 kernel in both directions.
fn transform_kernel(weight: impl Fn(usize, usize) -> f64) -> [f32; tiles::PRODUCTS] {
    let lines = [0, 1, 2].map(|y| transform_weights([0, 1, 2].map(|x| weight(y, x))));
    let mut out = [0.0; tiles::PRODUCTS];
    for x in 0..tiles::IN {
        for (y, value) in transform_weights(lines.map(|line| line[x])).into_iter().enumerate() {
            out[y * tiles::IN + x] = value as f32;
        }
    }
    out
}

impl PackedConv {
    /// Computes one line of the output, if it is not computed by tiles.
    pub fn line(
        &self,
        kernel: Kernel,
        (input, shape): (&[f32], &Shape),
        plus: Option<&[f32]>,
        (out, out_shape): (&mut [f32], &Shape),
        y: usize,
    ) {
        match &self.method {
            Method::Direct { kernel: side, stride, weights } => {
                let corner = shape.halo - side / 2;
                let runs = RUNS.map(|line| shape.at(corner + y * stride + line, corner));
                let product = Product {
                    input,
                    runs: &runs[..*side],
                    run: side * shape.channels,
                    step: stride * shape.channels,
                    pixels: out_shape.width,
                    weights,
                    bias: &self.bias,
                    plus,
                    activation: self.activation,
                    out_step: out_shape.channels,
                };
                multiply(kernel, &product, out, out_shape.inner().start);
            }
            Method::Doubled { weights } => {
                for column in 0..2 {
                    // The 2x2 pixels begin one before the output's own, or at it.
                    let (top, left) = (shape.halo + y / 2 + y % 2 - 1, shape.halo + column - 1);
                    let product = Product {
                        input,
                        runs: &[shape.at(top, left), shape.at(top + 1, left)],
                        run: 2 * shape.channels,
                        step: shape.channels,
                        pixels: shape.width,
                        weights: &weights[y % 2 * 2 + column],
                        bias: &self.bias,
                        plus,
                        activation: self.activation,
                        out_step: 2 * out_shape.channels,
                    };
                    let first = out_shape.inner().start + column * out_shape.channels;
                    multiply(kernel, &product, out, first);
                }
            }
            Method::Winograd { .. } => unreachable!("computed by tiles"),
        }
    }
}

/// Computes pixels from place `first` of a line on.
fn multiply(kernel: Kernel, product: &Product<'_>, out: &mut [f32], first: usize) {
    let product = Product { plus: product.plus.map(|plus| &plus[first..]), ..*product };
    kernel.multiply(&product, &mut out[first..]);
}

/// The lines of the largest kernel.
const RUNS: [usize; 7] = [0, 1, 2, 3, 4, 5, 6];
