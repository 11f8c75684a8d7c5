//! V1 while it learns: with batch normalization after every convolution but the last.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor, Var, bail};
use neural::layer::{Activation, Layer, unpack_weights};
use neural::ops::{Moments, batch_norm_relu, conv3x3};
use neural::v1::LAYERS;

use crate::random::Random;

/// The weight of the newest batch in the running moments.
const MOMENTUM: f32 = 0.03;

/// The network's variables and running moments.
#[derive(Debug)]
pub struct Network {
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    layer: Layer,
    /// Packed, see [`neural::layer::pack_weights`].
    weights: Var,
    /// What is added: after the normalization, or after the last convolution.
    shift: Var,
    norm: Option<Norm>,
}

#[derive(Debug)]
struct Norm {
    scale: Var,
    running: Moments,
}

impl Network {
    /// Weights by He's rule: normal with variance 2 / fan-in.
    pub fn new(random: &mut Random) -> Result<Self> {
        let blocks =
            LAYERS.iter().map(|layer| Block::new(*layer, random)).collect::<Result<_>>()?;
        Ok(Self { blocks })
    }

    /// From (N, H, W, 1) to (N, H/2, W/2, 2), normalizing by the batch and keeping its moments.
    pub fn forward(&mut self, input: &Tensor) -> Result<Tensor> {
        let mut xs = input.clone();
        for block in &mut self.blocks {
            xs = block.forward(&xs)?;
        }
        Ok(xs)
    }

    /// The variables by name, in a fixed order.
    pub fn variables(&self) -> Vec<(String, Var)> {
        let mut variables = Vec::new();
        for block in &self.blocks {
            let name = block.layer.name;
            variables.push((format!("{name}.packed"), block.weights.clone()));
            variables.push((format!("{name}.shift"), block.shift.clone()));
            if let Some(norm) = &block.norm {
                variables.push((format!("{name}.scale"), norm.scale.clone()));
            }
        }
        variables
    }

    /// V1's own tensors, with the normalization by the running moments folded into them.
    pub fn fold(&self) -> Result<HashMap<String, Tensor>> {
        let mut tensors = HashMap::new();
        for block in &self.blocks {
            let (weights, bias) = block.fold()?;
            let name = block.layer.name;
            let shape = &block.layer.weight_shape()[..];
            let weights = Tensor::from_vec(weights, shape, &Device::Cpu)?;
            tensors.insert(format!("{name}.weight"), weights);
            tensors.insert(format!("{name}.bias"), Tensor::new(bias, &Device::Cpu)?);
        }
        Ok(tensors)
    }

    /// Everything that a checkpoint must hold.
    pub fn state(&self) -> Result<HashMap<String, Tensor>> {
        let mut tensors = HashMap::new();
        for (name, variable) in self.variables() {
            tensors.insert(name, variable.as_detached_tensor());
        }
        for block in &self.blocks {
            let Some(norm) = &block.norm else { continue };
            let name = block.layer.name;
            let tensor = |values: &Vec<f32>| Tensor::new(values.as_slice(), &Device::Cpu);
            tensors.insert(format!("{name}.mean"), tensor(&norm.running.mean)?);
            tensors.insert(format!("{name}.variance"), tensor(&norm.running.variance)?);
        }
        Ok(tensors)
    }

    /// Takes back what [`state`](Self::state) gave.
    pub fn restore(&mut self, tensors: &mut HashMap<String, Tensor>) -> Result<()> {
        for (name, variable) in self.variables() {
            variable.set(&take(tensors, &name)?)?;
        }
        for block in &mut self.blocks {
            let Some(norm) = &mut block.norm else { continue };
            let name = block.layer.name;
            norm.running = Moments {
                mean: take(tensors, &format!("{name}.mean"))?.to_vec1()?,
                variance: take(tensors, &format!("{name}.variance"))?.to_vec1()?,
            };
        }
        Ok(())
    }
}

/// Removes a tensor that a checkpoint must hold.
pub fn take(tensors: &mut HashMap<String, Tensor>, name: &str) -> Result<Tensor> {
    match tensors.remove(name) {
        Some(tensor) => Ok(tensor),
        None => bail!("the checkpoint lacks the tensor {name}"),
    }
}

impl Block {
    fn new(layer: Layer, random: &mut Random) -> Result<Self> {
        let (rows, outputs) = (9 * layer.inputs, layer.outputs);
        let deviation = (2.0 / rows as f64).sqrt();
        let weights = (0..rows * outputs).map(|_| (normal(random) * deviation) as f32).collect();
        let norm = (layer.activation == Activation::Relu).then(|| {
            let scale = Var::ones(outputs, DType::F32, &Device::Cpu)?;
            Ok::<_, candle_core::Error>(Norm { scale, running: Moments::default() })
        });
        Ok(Self {
            layer,
            weights: Var::from_vec(weights, (rows, outputs), &Device::Cpu)?,
            shift: Var::zeros(outputs, DType::F32, &Device::Cpu)?,
            norm: norm.transpose()?,
        })
    }

    fn forward(&mut self, input: &Tensor) -> Result<Tensor> {
        let Layer { sampling, activation, outputs, .. } = self.layer;
        let Some(norm) = &mut self.norm else {
            return conv3x3(input, &self.weights, &self.shift, sampling, activation);
        };
        // The normalization would take a bias away again.
        let none = Tensor::zeros(outputs, DType::F32, &Device::Cpu)?;
        let xs = conv3x3(input, &self.weights, &none, sampling, Activation::None)?;
        let (xs, moments) = batch_norm_relu(&xs, &norm.scale, &self.shift)?;
        norm.update(moments);
        Ok(xs)
    }

    fn fold(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        let mut packed: Vec<f32> = self.weights.flatten_all()?.to_vec1()?;
        let mut bias: Vec<f32> = self.shift.to_vec1()?;
        if let Some(norm) = &self.norm {
            let scale: Vec<f32> = norm.scale.to_vec1()?;
            let inverse = norm.running.inverse_deviation();
            let factors: Vec<f32> = inverse.iter().zip(&scale).map(|(i, s)| i * s).collect();
            for row in packed.chunks_exact_mut(factors.len()) {
                row.iter_mut().zip(&factors).for_each(|(weight, factor)| *weight *= factor);
            }
            for (c, bias) in bias.iter_mut().enumerate() {
                *bias -= norm.running.mean[c] * factors[c];
            }
        }
        Ok((unpack_weights(&packed, self.layer.inputs, self.layer.outputs), bias))
    }
}

impl Norm {
    fn update(&mut self, batch: Moments) {
        if self.running.mean.is_empty() {
            self.running = batch;
            return;
        }
        let blend = |running: &mut [f32], batch: &[f32]| {
            for (running, batch) in running.iter_mut().zip(batch) {
                *running += MOMENTUM * (batch - *running);
            }
        };
        blend(&mut self.running.mean, &batch.mean);
        blend(&mut self.running.variance, &batch.variance);
    }
}

/// A normal number by Box and Muller.
fn normal(random: &mut Random) -> f64 {
    let unit = |bits: u64| ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
    let (u, v) = (unit(random.next()), unit(random.next()));
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
