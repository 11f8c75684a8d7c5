//! A network while it learns: normalizations take the moments of the batch.

use std::collections::HashMap;

use candle_core::{Context as _, Device, Result, Tensor, Var};
use neural::layer::Activation;
use neural::network::{Bias, Conv, Node};
use neural::{Network as Description, Scaling};

use super::fast::Fast;
use super::operations::Operations;
use super::parameters::{Parameters, fold};
use super::plain::Plain;
use super::settings::{Normalization, Settings};
use crate::random::Random;

/// A description with its parameters, and the way to compute it.
#[derive(Debug)]
pub struct Network {
    plain: Description,
    trained: Description,
    scaling: Scaling,
    parameters: Parameters,
    operations: Box<dyn Operations>,
}

impl Network {
    /// With initial values by the settings and their seed: by the kernels of `neural::ops` on the
    /// CPU, else by candle's graph.
    pub fn new(settings: &Settings, device: &Device) -> Result<Self> {
        let products = settings.precision.products();
        let operations: Box<dyn Operations> =
            if device.is_cpu() { Box::new(Fast { products }) } else { Box::new(Plain) };
        Self::with_operations(settings, device, operations)
    }

    /// As [`new`](Self::new), computed in a given way.
    pub fn with_operations(
        settings: &Settings,
        device: &Device,
        operations: Box<dyn Operations>,
    ) -> Result<Self> {
        let plain = settings.network.description().context("V3 is no network of pixels")?;
        let trained = match settings.normalization {
            Normalization::AsDescribed => plain.clone(),
            Normalization::WhileTraining => plain.normalized(),
        };
        let mut random = Random::new(settings.seed);
        let momentum = settings.norm_momentum as f32;
        let parameters = Parameters::new(&trained, settings.init, momentum, &mut random, device)?;
        Ok(Self { plain, trained, scaling: settings.scaling(), parameters, operations })
    }

    /// From (N, 1, H, W) to (N, 2, H, W), normalizing by the batch and keeping its moments.
    pub fn forward(&mut self, input: &Tensor) -> Result<Tensor> {
        let last = self.trained.convs().count() - 1;
        let mut values: Vec<Tensor> = Vec::new();
        let mut convs = 0;
        for node in self.trained.nodes() {
            let value = |value: &neural::network::Value| &values[value.index()];
            let operations = &*self.operations;
            let result = match node {
                Node::Input => operations.enter(input)?,
                Node::Conv(conv) => {
                    let plus = conv.plus.as_ref().map(value);
                    let scaling = if convs == last { self.scaling } else { Scaling::Signed };
                    convs += 1;
                    let parameters = &mut self.parameters;
                    convolve(operations, parameters, conv, value(&conv.input), plus, scaling)?
                }
                Node::MaxPool(input) => operations.max_pool(value(input))?,
                Node::Double(input) => operations.double(value(input))?,
                Node::Concat(first, second) => operations.concat(value(first), value(second))?,
            };
            values.push(result);
        }
        self.operations.leave(&values.pop().context("a network without nodes")?)
    }

    /// The variables by name, in a fixed order.
    pub fn variables(&self) -> &[(String, Var)] {
        self.parameters.variables()
    }

    /// Everything that a checkpoint must hold.
    pub fn tensors(&self) -> Result<HashMap<String, Tensor>> {
        self.parameters.tensors()
    }

    /// Takes over those of the network's tensors that are given.
    pub fn take(&mut self, tensors: &HashMap<String, Tensor>) -> Result<()> {
        self.parameters.take(tensors)
    }

    /// Of [`tensors`](Self::tensors), those that the network has by its description, with what is
    /// only there while training folded into them.
    pub fn fold(&self, tensors: HashMap<String, Tensor>) -> Result<HashMap<String, Tensor>> {
        fold(&self.plain, &self.trained, tensors)
    }

    /// The network by its description.
    pub fn description(&self) -> &Description {
        &self.plain
    }

    /// What the output stands for.
    pub fn scaling(&self) -> Scaling {
        self.scaling
    }
}

fn convolve(
    operations: &dyn Operations,
    parameters: &mut Parameters,
    conv: &Conv,
    input: &Tensor,
    plus: Option<&Tensor>,
    scaling: Scaling,
) -> Result<Tensor> {
    let weights = parameters.get(&conv.name, "weight")?;
    let bias = match conv.bias {
        Bias::Own => parameters.get(&conv.name, "bias")?.clone(),
        Bias::None => Tensor::zeros(conv.outputs, input.dtype(), input.device())?,
    };
    // What comes last decides about the activation: it is fused into the operation before it.
    let has_sigmoid = scaling == Scaling::Unit && conv.activation == Activation::Tanh;
    let fused = if plus.is_some() || has_sigmoid { Activation::None } else { conv.activation };
    let first = if conv.norm.is_some() { Activation::None } else { fused };
    let mut xs = operations.conv2d(input, weights, &bias, conv.stride, first)?;
    if let Some(norm) = &conv.norm {
        let (scale, shift) = (parameters.get(norm, "weight")?, parameters.get(norm, "bias")?);
        let count = xs.elem_count() / conv.outputs;
        let (normalized, moments) = operations.batch_norm(&xs, scale, shift, fused)?;
        parameters.observe(norm, &moments, count);
        xs = normalized;
    }
    if let Some(plus) = plus {
        xs = activate((xs + plus)?, conv.activation)?;
    }
    if has_sigmoid { candle_nn::ops::sigmoid(&xs) } else { Ok(xs) }
}

/// By candle's own operations.
pub fn activate(xs: Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::None => Ok(xs),
        Activation::Relu => xs.relu(),
        Activation::Tanh => xs.tanh(),
    }
}
