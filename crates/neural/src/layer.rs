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

/// Weights of shape (outputs, inputs, 3, 3) as the rows that [`crate::ops::conv3x3`] takes: one
/// row per tap and input channel (tap by tap, channels within a tap), one column per output.
///
/// # Panics
/// If there are not `inputs * outputs * 9` weights.
pub fn pack_weights(weights: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    assert_eq!(weights.len(), inputs * outputs * 9);
    let mut packed = vec![0.0; weights.len()];
    for (i, &weight) in weights.iter().enumerate() {
        packed[packed_index(i, inputs, outputs)] = weight;
    }
    packed
}

/// The inverse of [`pack_weights`].
///
/// # Panics
/// If there are not `inputs * outputs * 9` weights.
pub fn unpack_weights(packed: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    assert_eq!(packed.len(), inputs * outputs * 9);
    (0..packed.len()).map(|i| packed[packed_index(i, inputs, outputs)]).collect()
}

fn packed_index(index: usize, inputs: usize, outputs: usize) -> usize {
    let (tap, channels) = (index % 9, index / 9);
    (tap * inputs + channels % inputs) * outputs + channels / inputs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;

    #[test]
    fn packing_orders_by_tap_then_input_then_output() {
        let mut weights = vec![0.0; 2 * 3 * 9];
        let (output, input, tap) = (1, 2, 5);
        weights[(output * 3 + input) * 9 + tap] = 1.0;
        let packed = pack_weights(&weights, 3, 2);
        assert_eq!(packed.iter().position(|&w| w != 0.0), Some((tap * 3 + input) * 2 + output));
    }

    #[test]
    fn unpacking_undoes_packing() {
        let weights = noise(4 * 5 * 9, 1);
        assert_eq!(unpack_weights(&pack_weights(&weights, 4, 5), 4, 5), weights);
    }
}
