//! The description of a network: what it computes, and the tensors that it needs.
//!
//! From it come the plain graph by candle, the engine of the CPU, and the check of weight files.

use crate::layer::{Activation, Layer, Sampling};

/// The result of one node of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value(usize);

impl Value {
    /// The number of the node, counted from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// The picture that the network is given: lightness.
    Input,
    /// A convolution with what follows it.
    Conv(Conv),
    /// The largest of each 3x3 pixels, at every second line and column.
    MaxPool(Value),
    /// Nearest neighbor: each pixel becomes four.
    Double(Value),
    /// The channels of one value and then those of another of the same size.
    Concat(Value, Value),
}

/// A square convolution with zeros around the picture, and what follows it, in this order: bias,
/// batch normalization, a value that is added, activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conv {
    /// The name of the tensors `NAME.weight` and `NAME.bias`.
    pub name: String,
    /// What it reads.
    pub input: Value,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// The side of the kernel: an odd number. Half of it, rounded down, is the border.
    pub kernel: usize,
    /// 1, or 2 for half the lines and columns, rounded up.
    pub stride: usize,
    /// Whether the convolution has a bias of its own.
    pub bias: Bias,
    /// The name of the tensors of a batch normalization.
    pub norm: Option<String>,
    /// A value of the output's shape that is added.
    pub plus: Option<Value>,
    /// What comes last.
    pub activation: Activation,
}

/// Whether a convolution has a bias of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// There is a tensor `NAME.bias`.
    Own,
    /// There is none, since a normalization follows.
    None,
}

/// What is added to the variance by a batch normalization, as `PyTorch` has it.
pub const NORM_EPSILON: f64 = 1e-5;

/// A tensor of a batch normalization; the last is a count that inference has no use for.
pub const NORM_TENSORS: [&str; 4] = ["weight", "bias", "running_mean", "running_var"];

/// A network: nodes in the order in which they are computed, of which the last is the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    name: &'static str,
    nodes: Vec<Node>,
}

impl Network {
    /// A network without any operation yet, and its input, which has one channel.
    pub fn new(name: &'static str) -> (Self, Value) {
        (Self { name, nodes: vec![Node::Input] }, Value(0))
    }

    /// A network of 3x3 convolutions, each of which reads the one before it.
    pub fn chain(name: &'static str, layers: &[Layer]) -> (Self, Value) {
        let (mut network, mut value) = Self::new(name);
        for layer in layers {
            if layer.sampling == Sampling::Doubled {
                value = network.double(value);
            }
            let stride = if layer.sampling == Sampling::Halved { 2 } else { 1 };
            let conv = Conv::new(layer.name, value, layer.inputs, layer.outputs);
            value = network.conv(conv.stride(stride).activation(layer.activation));
        }
        (network, value)
    }

    /// Adds a convolution.
    ///
    /// # Panics
    /// If its input or the value that it adds has another number of channels.
    pub fn conv(&mut self, conv: Conv) -> Value {
        assert_eq!(self.channels(conv.input), conv.inputs, "inputs of {}", conv.name);
        if let Some(plus) = conv.plus {
            assert_eq!(self.channels(plus), conv.outputs, "what is added to {}", conv.name);
        }
        self.push(Node::Conv(conv))
    }

    /// Adds a max-pool of 3x3 with stride 2.
    pub fn max_pool(&mut self, input: Value) -> Value {
        self.push(Node::MaxPool(input))
    }

    /// Adds a doubling by nearest neighbor.
    pub fn double(&mut self, input: Value) -> Value {
        self.push(Node::Double(input))
    }

    /// Adds a node that joins the channels of two values.
    pub fn concat(&mut self, first: Value, second: Value) -> Value {
        self.push(Node::Concat(first, second))
    }

    fn push(&mut self, node: Node) -> Value {
        self.nodes.push(node);
        Value(self.nodes.len() - 1)
    }

    /// The name in messages.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The operations, first to last.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The value of the node with this number.
    ///
    /// # Panics
    /// If there is none.
    pub fn value(&self, index: usize) -> Value {
        assert!(index < self.nodes.len(), "node {index} of {}", self.nodes.len());
        Value(index)
    }

    /// The node that computes a value.
    pub fn node(&self, value: Value) -> &Node {
        &self.nodes[value.0]
    }

    /// The channels of a value.
    pub fn channels(&self, value: Value) -> usize {
        match &self.nodes[value.0] {
            Node::Input => 1,
            Node::Conv(conv) => conv.outputs,
            Node::MaxPool(input) | Node::Double(input) => self.channels(*input),
            Node::Concat(first, second) => self.channels(*first) + self.channels(*second),
        }
    }

    /// The output before the doublings at the network's end, and their number: 2^n equal lines and
    /// columns that need not be computed.
    pub fn undoubled_output(&self) -> (Value, u32) {
        let mut value = Value(self.nodes.len() - 1);
        let mut doublings = 0;
        while let Node::Double(input) = self.nodes[value.0] {
            value = input;
            doublings += 1;
        }
        (value, doublings)
    }

    /// The convolutions, first to last.
    pub fn convs(&self) -> impl Iterator<Item = &Conv> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Conv(conv) => Some(conv),
            _ => None,
        })
    }

    /// The same with a batch normalization behind each convolution that ends in `ReLU` and has
    /// none, in place of its bias. It has the name of the convolution, with `.norm` behind it, and
    /// can be folded into it.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let mut network = self.clone();
        for node in &mut network.nodes {
            if let Node::Conv(conv) = node
                && conv.norm.is_none()
                && conv.activation == Activation::Relu
            {
                conv.norm = Some(format!("{}.norm", conv.name));
                conv.bias = Bias::None;
            }
        }
        network
    }

    /// The name and the shape of every tensor.
    pub fn tensors(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        self.convs().flat_map(Conv::tensors)
    }
}

impl Conv {
    /// A 3x3 convolution with stride 1 and a bias, and nothing behind it.
    pub fn new(name: impl Into<String>, input: Value, inputs: usize, outputs: usize) -> Self {
        Self {
            name: name.into(),
            input,
            inputs,
            outputs,
            kernel: 3,
            stride: 1,
            bias: Bias::Own,
            norm: None,
            plus: None,
            activation: Activation::None,
        }
    }

    /// With a kernel of another side.
    #[must_use]
    pub fn kernel(self, kernel: usize) -> Self {
        Self { kernel, ..self }
    }

    /// With this stride.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Without a bias of its own.
    #[must_use]
    pub fn no_bias(self) -> Self {
        Self { bias: Bias::None, ..self }
    }

    /// With a batch normalization of this name.
    #[must_use]
    pub fn norm(self, name: impl Into<String>) -> Self {
        Self { norm: Some(name.into()), ..self }
    }

    /// With this value added.
    #[must_use]
    pub fn plus(self, value: Value) -> Self {
        Self { plus: Some(value), ..self }
    }

    /// With this activation.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    /// Lines (or columns) of zeros around the input.
    pub fn border(&self) -> usize {
        self.kernel / 2
    }

    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let shape = vec![self.outputs, self.inputs, self.kernel, self.kernel];
        let mut tensors = vec![(format!("{}.weight", self.name), shape)];
        if self.bias == Bias::Own {
            tensors.push((format!("{}.bias", self.name), vec![self.outputs]));
        }
        if let Some(norm) = &self.norm {
            let named = |tensor| (format!("{norm}.{tensor}"), vec![self.outputs]);
            tensors.extend(NORM_TENSORS.map(named));
        }
        tensors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{v0, v1, v2};

    /// The counts are those of the article's networks.
    #[test]
    fn the_networks_have_the_articles_sizes() {
        let count = |network: &Network| -> usize {
            let learned = |name: &str| !name.contains("running_");
            let tensors = network.tensors().filter(|(name, _)| learned(name));
            tensors.map(|(_, shape)| shape.iter().product::<usize>()).sum()
        };
        assert_eq!(count(&v0::network()), 32_202);
        assert_eq!(count(&v1::network()), 973_810);
        assert_eq!(count(&v2::network()), 954_722);
    }

    #[test]
    fn the_doublings_at_the_end_are_counted() {
        let doublings = |network: &Network| network.undoubled_output().1;
        assert_eq!(doublings(&v0::network()), 0);
        assert_eq!(doublings(&v1::network()), 1);
        assert_eq!(doublings(&v2::network()), 1);
    }

    #[test]
    #[should_panic(expected = "inputs of b")]
    fn channels_must_fit() {
        let (mut network, input) = Network::new("odd");
        let a = network.conv(Conv::new("a", input, 1, 4));
        network.conv(Conv::new("b", a, 3, 4));
    }
}
