//! A convolution with packed weights, and the way in which it is computed.

use super::picture::Format;
use super::weights::{Folded, Weights};
use super::winograd::MOST_BLOCKS;
use crate::kernels::Kernel;
use crate::kernels::aligned::Aligned;
use crate::kernels::product::{Number, Packed, PackedNarrow};
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
    /// As `Direct`, from narrow numbers.
    DirectNarrow {
        /// The side of the kernel.
        kernel: usize,
        /// 1 or 2.
        stride: usize,
        /// Ordered as those of `Direct`.
        weights: PackedNarrow,
    },
    /// As `Doubled`, from narrow numbers.
    DoubledNarrow {
        /// Ordered as those of `Doubled`.
        weights: Box<[PackedNarrow; 4]>,
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
    /// Packs the weights of `conv`, which computes `output`, for values that are held as `format`
    /// tells.
    pub fn new(
        (conv, output): (&Conv, Value),
        network: &Network,
        weights: &Weights,
        kernel: Kernel,
        format: impl Fn(Value) -> Format,
    ) -> Self {
        let folded = weights.fold(conv);
        let input = source(conv, network);
        let doubled = input != conv.input;
        let floats = |value| format(value) == Format::F32;
        let narrow = format(input).narrow().map(|(number, _)| number);
        let (panel, whole) = match narrow {
            Some(number) => kernel.panel_narrow(number, conv.outputs),
            None => (kernel.panel(conv.outputs), 1),
        };
        // Tiles are finished as f32, and what is added to them must be such, too.
        let by_tiles = winograd_pays(conv) && floats(output) && conv.plus.is_none_or(floats);
        let pack = Pack { conv, folded: &folded, panel, whole };
        let method = match (doubled, narrow) {
            (true, Some(number)) => {
                let weights = CORNERS.map(|at| pack.corner_narrow(at, number));
                Method::DoubledNarrow { weights: Box::new(weights) }
            }
            (true, None) => Method::Doubled { weights: CORNERS.map(|at| pack.corner(at)) },
            (false, Some(number)) => pack.direct_narrow(number),
            (false, None) if by_tiles => pack.winograd(),
            (false, None) => pack.direct(),
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
            Method::Direct { kernel, .. } | Method::DirectNarrow { kernel, .. } => kernel / 2,
            Method::Doubled { .. } | Method::DoubledNarrow { .. } | Method::Winograd { .. } => 1,
        }
    }
}

/// What a convolution reads: before a doubling, if that can be folded into it.
pub fn source(conv: &Conv, network: &Network) -> Value {
    match network.node(conv.input) {
        Node::Double(source) if conv.kernel == 3 && conv.stride == 1 => *source,
        _ => conv.input,
    }
}

/// The transforms cost as much as some 20 inputs do, and take 16 channels at once.
fn winograd_pays(conv: &Conv) -> bool {
    let whole = conv.inputs.is_multiple_of(CHANNELS) && conv.outputs.is_multiple_of(CHANNELS);
    let fits = (32..=MOST_BLOCKS * CHANNELS).contains(&conv.inputs);
    conv.kernel == 3 && conv.stride == 1 && whole && fits
}

/// The place of an output pixel in its square of four.
const CORNERS: [(usize, usize); 4] = [(0, 0), (0, 1), (1, 0), (1, 1)];

/// The lines (or columns) of the 3x3 kernel that fall on the first and on the second line of the
/// 2x2 kernel, for even and for odd lines of the output.
const MERGED: [[&[usize]; 2]; 2] = [[&[0], &[1, 2]], [&[0, 1], &[2]]];

/// What is packed.
struct Pack<'a> {
    conv: &'a Conv,
    folded: &'a Folded,
    panel: usize,
    /// Bytes of which a run of narrow numbers is a multiple.
    whole: usize,
}

impl Pack<'_> {
    /// The weight of an output for value `row` of what its kernel covers.
    fn weight(&self, row: usize, output: usize) -> f32 {
        let Conv { inputs, kernel, .. } = *self.conv;
        let tap = row / inputs;
        self.folded.at(output, row % inputs, tap / kernel, tap % kernel)
    }

    fn direct(&self) -> Method {
        let Conv { inputs, outputs, kernel, stride, .. } = *self.conv;
        let rows = kernel * kernel * inputs;
        let weights =
            Packed::new(rows, outputs, self.panel, |row, output| self.weight(row, output));
        Method::Direct { kernel, stride, weights }
    }

    fn direct_narrow(&self, number: Number) -> Method {
        let Conv { inputs, outputs, kernel, stride, .. } = *self.conv;
        let (runs, panels) = ((kernel, kernel * inputs), (self.panel, self.whole));
        let weights = PackedNarrow::new(number, runs, outputs, panels, |row, output| {
            self.weight(row, output)
        });
        Method::DirectNarrow { kernel, stride, weights }
    }

    /// The weight of an output for value `row` of the 2x2 pixels that it covers.
    fn merged(&self, (line, column): (usize, usize), row: usize, output: usize) -> f32 {
        let (tap, input) = (row / self.conv.inputs, row % self.conv.inputs);
        let lines = MERGED[line][tap / 2];
        let columns = MERGED[column][tap % 2];
        let taps = lines.iter().flat_map(|&y| columns.iter().map(move |&x| (y, x)));
        taps.map(|(y, x)| self.folded.at(output, input, y, x)).sum()
    }

    fn corner(&self, corner: (usize, usize)) -> Packed {
        let weight = |row: usize, output: usize| self.merged(corner, row, output);
        Packed::new(4 * self.conv.inputs, self.conv.outputs, self.panel, weight)
    }

    fn corner_narrow(&self, corner: (usize, usize), number: Number) -> PackedNarrow {
        let Conv { inputs, outputs, .. } = *self.conv;
        let (runs, panels) = ((2, 2 * inputs), (self.panel, self.whole));
        PackedNarrow::new(number, runs, outputs, panels, |row, output| {
            self.merged(corner, row, output)
        })
    }

    fn winograd(&self) -> Method {
        let (inputs, outputs) = (self.conv.inputs, self.conv.outputs);
        let weight = |output, input, y, x| self.folded.at(output, input, y, x);
        let weights = winograd_weights(inputs, outputs, self.panel, weight);
        let zeros = Aligned::zeros(outputs.next_multiple_of(self.panel));
        Method::Winograd { weights, zeros }
    }
}

/// The matrices of a 3x3 convolution by tiles: one for each product of a tile. `weight` is given
/// the output, the input, and the kernel's line and column.
pub fn winograd_weights(
    inputs: usize,
    outputs: usize,
    panel: usize,
    weight: impl Fn(usize, usize, usize, usize) -> f32,
) -> Vec<Packed> {
    let kernel =
        |input: usize, output: usize| transform_kernel(|y, x| weight(output, input, y, x) as f64);
    let transformed: Vec<[f32; tiles::PRODUCTS]> =
        (0..inputs * outputs).map(|i| kernel(i / outputs, i % outputs)).collect();
    let pack = |product: usize| {
        let entry = |input: usize, output: usize| transformed[input * outputs + output][product];
        Packed::new(inputs, outputs, panel, entry)
    };
    (0..tiles::PRODUCTS).map(pack).collect()
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
