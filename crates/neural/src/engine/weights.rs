//! A convolution's weights with its normalization folded in.

use std::collections::HashMap;

use crate::network::{Bias, Conv, NORM_EPSILON, Network};

/// The tensors of a network by name.
#[derive(Clone, Debug, Default)]
pub struct Weights(HashMap<String, Vec<f32>>);

/// Weights and bias of a convolution, whatever it had of its own.
#[derive(Clone, Debug)]
pub struct Folded {
    weights: Vec<f32>,
    /// One for each output.
    pub bias: Vec<f32>,
    inputs: usize,
    kernel: usize,
}

/// A tensor that is not there, or has another size than the network's.
#[derive(Debug, thiserror::Error)]
#[error("tensor {0} is missing or has another size")]
pub struct MissingTensor(String);

impl Weights {
    /// Takes the values of the tensors.
    pub fn new(tensors: HashMap<String, Vec<f32>>) -> Self {
        Self(tensors)
    }

    /// Checks that all tensors of a network are there.
    pub fn check(&self, network: &Network) -> Result<(), MissingTensor> {
        for (name, shape) in network.tensors() {
            let count: usize = shape.iter().product();
            if self.0.get(&name).is_none_or(|values| values.len() != count) {
                return Err(MissingTensor(name));
            }
        }
        Ok(())
    }

    /// Folds the normalization of a convolution into its weights.
    pub fn fold(&self, conv: &Conv) -> Folded {
        let mut weights = self.0[&format!("{}.weight", conv.name)].clone();
        let mut bias = match conv.bias {
            Bias::Own => self.0[&format!("{}.bias", conv.name)].clone(),
            Bias::None => vec![0.0; conv.outputs],
        };
        if let Some(norm) = &conv.norm {
            let tensor = |name| &self.0[&format!("{norm}.{name}")];
            let per_output = weights.len() / conv.outputs;
            for (output, weights) in weights.chunks_exact_mut(per_output).enumerate() {
                let value = |name| tensor(name)[output] as f64;
                let factor = value("weight") / (value("running_var") + NORM_EPSILON).sqrt();
                for weight in weights {
                    *weight = (*weight as f64 * factor) as f32;
                }
                let centered = bias[output] as f64 - value("running_mean");
                bias[output] = (centered * factor + value("bias")) as f32;
            }
        }
        Folded { weights, bias, inputs: conv.inputs, kernel: conv.kernel }
    }
}

impl Folded {
    /// The weight of an input for an output, at a line and column of the kernel.
    pub fn at(&self, output: usize, input: usize, y: usize, x: usize) -> f32 {
        self.weights[((output * self.inputs + input) * self.kernel + y) * self.kernel + x]
    }
}
