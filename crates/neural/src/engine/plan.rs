//! From a network's description to the steps of the engine.

use super::conv::PackedConv;
use super::picture::Format;
use super::weights::Weights;
use crate::kernels::Kernel;
use crate::network::{Network, Node, Value};

/// One step: it computes one value.
#[derive(Debug)]
pub struct Step {
    /// What it computes.
    pub output: Value,
    /// How.
    pub operation: Operation,
}

/// What a step does.
#[derive(Debug)]
pub enum Operation {
    /// A convolution and all that follows it.
    Conv(Box<PackedConv>),
    /// See [`Node::MaxPool`].
    MaxPool(Value),
    /// See [`Node::Double`].
    Double(Value),
    /// See [`Node::Concat`].
    Concat(Value, Value),
}

/// The steps that lead to `output`, with packed weights.
pub fn steps(
    network: &Network,
    output: Value,
    weights: &Weights,
    kernel: Kernel,
    formats: &[Format],
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut needed = vec![false; network.nodes().len()];
    needed[output.index()] = true;
    for (index, node) in network.nodes().iter().enumerate().rev() {
        if !needed[index] {
            continue;
        }
        let operation = match node {
            Node::Input => continue,
            Node::Conv(conv) => {
                let packed = PackedConv::new(
                    (conv, network.value(index)),
                    network,
                    weights,
                    kernel,
                    |value| formats[value.index()],
                );
                needed[packed.input.index()] = true;
                if let Some(plus) = packed.plus {
                    needed[plus.index()] = true;
                }
                Operation::Conv(Box::new(packed))
            }
            Node::MaxPool(input) => {
                needed[input.index()] = true;
                Operation::MaxPool(*input)
            }
            Node::Double(input) => {
                needed[input.index()] = true;
                Operation::Double(*input)
            }
            Node::Concat(first, second) => {
                needed[first.index()] = true;
                needed[second.index()] = true;
                Operation::Concat(*first, *second)
            }
        };
        steps.push(Step { output: network.value(index), operation });
    }
    steps.reverse();
    steps
}
