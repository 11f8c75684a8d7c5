//! A network by candle's own operations: the reference, and what runs on CUDA and Metal.

use std::collections::HashMap;

use candle_core::{Context, Result, Tensor};

use crate::layer::Activation;
use crate::network::{Bias, Conv, NORM_EPSILON, Network, Node, Value};

/// A network and its tensors on a device.
#[derive(Clone, Debug)]
pub struct Graph {
    network: Network,
    tensors: HashMap<String, Tensor>,
}

impl Graph {
    /// Takes the tensors of `network`.
    pub fn new(network: Network, tensors: HashMap<String, Tensor>) -> Self {
        Self { network, tensors }
    }

    /// Computes one value from an input of shape (N, 1, H, W).
    ///
    /// # Errors
    /// If the shape is another, or the device fails.
    pub fn forward(&self, input: &Tensor, output: Value) -> Result<Tensor> {
        let mut values: Vec<Tensor> = Vec::with_capacity(output.index() + 1);
        for node in &self.network.nodes()[..=output.index()] {
            let value = |value: &Value| &values[value.index()];
            let result = match node {
                Node::Input => input.clone(),
                Node::Conv(conv) => {
                    let plus = conv.plus.as_ref().map(value);
                    self.conv(conv, value(&conv.input), plus)?
                }
                Node::MaxPool(input) => max_pool(value(input))?,
                Node::Double(input) => double(value(input))?,
                Node::Concat(first, second) => Tensor::cat(&[value(first), value(second)], 1)?,
            };
            values.push(result);
        }
        values.pop().context("a network without nodes")
    }

    fn conv(&self, conv: &Conv, input: &Tensor, plus: Option<&Tensor>) -> Result<Tensor> {
        let weights = self.tensor(&conv.name, "weight")?;
        let mut xs = input.conv2d(weights, conv.border(), conv.stride, 1, 1)?;
        if conv.bias == Bias::Own {
            xs = xs.broadcast_add(&per_channel(self.tensor(&conv.name, "bias")?)?)?;
        }
        if let Some(norm) = &conv.norm {
            let tensor = |name| per_channel(self.tensor(norm, name)?);
            let deviation = (tensor("running_var")? + NORM_EPSILON)?.sqrt()?;
            xs = xs.broadcast_sub(&tensor("running_mean")?)?.broadcast_div(&deviation)?;
            xs = xs.broadcast_mul(&tensor("weight")?)?.broadcast_add(&tensor("bias")?)?;
        }
        if let Some(plus) = plus {
            xs = (xs + plus)?;
        }
        match conv.activation {
            Activation::None => Ok(xs),
            Activation::Relu => xs.relu(),
            Activation::Tanh => xs.tanh(),
        }
    }

    fn tensor(&self, layer: &str, name: &str) -> Result<&Tensor> {
        let name = format!("{layer}.{name}");
        self.tensors.get(&name).with_context(|| format!("tensor {name} is missing"))
    }
}

fn per_channel(tensor: &Tensor) -> Result<Tensor> {
    tensor.reshape((1, tensor.elem_count(), 1, 1))
}

/// Nearest neighbor.
pub fn double(xs: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = xs.dims4()?;
    xs.upsample_nearest2d(height * 2, width * 2)
}

/// Of 3x3 with stride 2 and a border of one pixel that is less than all others.
fn max_pool(xs: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = xs.dims4()?;
    // candle pools without a border. The outermost lines stand for it, which changes no maximum;
    // at the end only odd sides have one.
    let padded = xs.pad_with_same(2, 1, height % 2)?.pad_with_same(3, 1, width % 2)?;
    padded.max_pool2d_with_stride(3, 2)
}
