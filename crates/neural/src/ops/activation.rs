//! Activations on slices, and their gradients.

use rayon::prelude::*;

use crate::layer::Activation;

/// Replaces each value.
pub fn apply(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::None => {}
        Activation::Relu => values.iter_mut().for_each(|value| *value = value.max(0.0)),
        Activation::Tanh => values.iter_mut().for_each(|value| *value = value.tanh()),
    }
}

/// The gradient before the activation, from its result and the gradient behind it.
pub fn through(activation: Activation, result: &[f32], upstream: &[f32]) -> Vec<f32> {
    let pairs = result.par_iter().zip(upstream);
    match activation {
        Activation::None => upstream.to_vec(),
        Activation::Relu => pairs.map(|(&y, &g)| if y > 0.0 { g } else { 0.0 }).collect(),
        Activation::Tanh => pairs.map(|(y, g)| g * (1.0 - y * y)).collect(),
    }
}
