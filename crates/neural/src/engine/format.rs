//! Which values are held as narrow numbers.

use super::conv::source;
use super::picture::Format;
use crate::kernels::product::{Number, WORD};
use crate::layer::Activation;
use crate::network::{Network, Node, Value};

/// The largest byte.
const MOST: f32 = 255.0;

/// The formats of all values where those that suit are held as bytes, if each was at most what
/// `ranges` tells.
///
/// A value suits if it is never negative and only convolutions read it.
pub fn bytes(network: &Network, output: Value, ranges: &[f32]) -> Vec<Format> {
    let format = |(narrow, range): (bool, &f32)| {
        if narrow && *range > 0.0 { Format::Bytes(range / MOST) } else { Format::F32 }
    };
    narrow(network, output, Number::Int8).into_iter().zip(ranges).map(format).collect()
}

/// The formats of all values where those that only convolutions read are held as 16 bits.
pub fn halves(network: &Network, output: Value) -> Vec<Format> {
    let format = |narrow: bool| if narrow { Format::Halves } else { Format::F32 };
    narrow(network, output, Number::Bf16).into_iter().map(format).collect()
}

/// Whether each value is held as such numbers.
fn narrow(network: &Network, output: Value, number: Number) -> Vec<bool> {
    let nodes = network.nodes();
    let suits = |i: usize| suits(network, network.value(i), number);
    let mut narrow: Vec<bool> = (0..nodes.len()).map(suits).collect();
    narrow[output.index()] = false;
    for node in nodes {
        match node {
            Node::MaxPool(input) => narrow[input.index()] = false,
            Node::Concat(first, second) => {
                narrow[first.index()] = false;
                narrow[second.index()] = false;
            }
            Node::Input | Node::Conv(_) | Node::Double(_) => {}
        }
    }
    // A doubling that is not folded into a convolution is computed from f32.
    for conv in network.convs() {
        if source(conv, network) == conv.input
            && let Node::Double(doubled) = network.node(conv.input)
        {
            narrow[doubled.index()] = false;
        }
    }
    narrow
}

fn suits(network: &Network, value: Value, number: Number) -> bool {
    let whole = (network.channels(value) * number.size()).is_multiple_of(WORD);
    match network.node(value) {
        Node::Conv(conv) => {
            whole && (conv.activation == Activation::Relu || number == Number::Bf16)
        }
        Node::MaxPool(input) => whole && suits(network, *input, number),
        Node::Input | Node::Double(_) | Node::Concat(..) => false,
    }
}
