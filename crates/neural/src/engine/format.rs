//! Which values are held as bytes.

use super::conv::source;
use super::picture::Format;
use crate::kernels::product::WORD;
use crate::layer::Activation;
use crate::network::{Network, Node, Value};

/// The largest byte.
const MOST: f32 = 255.0;

/// The formats of all values, where each was at most what `ranges` tells.
///
/// A value is held as bytes if it is never negative and only convolutions read it.
pub fn formats(network: &Network, output: Value, ranges: &[f32]) -> Vec<Format> {
    let nodes = network.nodes();
    let mut bytes: Vec<bool> = (0..nodes.len()).map(|i| suits(network, network.value(i))).collect();
    bytes[output.index()] = false;
    for node in nodes {
        match node {
            Node::MaxPool(input) => bytes[input.index()] = false,
            Node::Concat(first, second) => {
                bytes[first.index()] = false;
                bytes[second.index()] = false;
            }
            Node::Input | Node::Conv(_) | Node::Double(_) => {}
        }
    }
    // A doubling that is not folded into a convolution is computed from f32.
    for conv in network.convs() {
        if source(conv, network) == conv.input
            && let Node::Double(doubled) = network.node(conv.input)
        {
            bytes[doubled.index()] = false;
        }
    }
    let format = |(bytes, range): (bool, &f32)| {
        if bytes && *range > 0.0 { Format::Bytes(range / MOST) } else { Format::F32 }
    };
    bytes.into_iter().zip(ranges).map(format).collect()
}

fn suits(network: &Network, value: Value) -> bool {
    let whole = network.channels(value).is_multiple_of(WORD);
    match network.node(value) {
        Node::Conv(conv) => whole && conv.activation == Activation::Relu,
        Node::MaxPool(input) => whole && suits(network, *input),
        Node::Input | Node::Double(_) | Node::Concat(..) => false,
    }
}
