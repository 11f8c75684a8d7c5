//! Networks as lists of convolutions, and the layout of their weights.

/// How the grid of a convolution's output lies on that of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// One output pixel per input pixel.
    Same,
    /// Stride 2: half the lines and columns, rounded up.
    Halved,
    /// The input is doubled by nearest neighbor first.
    Doubled,
}

/// What follows a convolution's bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// Negative values become 0.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
}

/// A 3x3 convolution with a border of one zero pixel, a bias and an activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The name of the tensors `NAME.weight` and `NAME.bias`.
    pub name: &'static str,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// How input and output grids relate.
    pub sampling: Sampling,
    /// What follows.
    pub activation: Activation,
}

/// A layer with `ReLU`.
pub(crate) const fn layer(
    name: &'static str,
    inputs: usize,
    outputs: usize,
    sampling: Sampling,
) -> Layer {
    Layer { name, inputs, outputs, sampling, activation: Activation::Relu }
}

impl Sampling {
    /// Lines (or columns) of the output for so many of the input.
    pub fn output(self, size: usize) -> usize {
        match self {
            Sampling::Same => size,
            Sampling::Halved => size.div_ceil(2),
            Sampling::Doubled => size * 2,
        }
    }
}

impl Layer {
    /// The shape of the weights in a file: outputs, inputs, 3, 3.
    pub fn weight_shape(&self) -> [usize; 4] {
        [self.outputs, self.inputs, 3, 3]
    }
}
