//! Batch normalization with the activation behind it.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use crate::layer::Activation;

use super::activation::{apply, through};
use super::{contiguous_slice as slice, with_values};

/// Added to variances, as `PyTorch` does.
const EPSILON: f32 = 1e-5;
/// Pixels whose sums are formed together; fixed, so that results do not depend on the threads.
const CHUNK: usize = 2048;

/// Mean and variance of each channel over a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// The means.
    pub mean: Vec<f32>,
    /// The variances, divided by the number of values.
    pub variance: Vec<f32>,
}

/// Normalizes each channel over the batch, scales and shifts it, and applies the activation.
///
/// `input` is (N, H, W, C), `scale` and `shift` are (C). Also returns the moments of the batch,
/// for running averages. Gradients flow to all three arguments.
///
/// # Errors
/// If the shapes do not fit, or a tensor is not `f32`, contiguous and on the CPU.
pub fn batch_norm(
    input: &Tensor,
    scale: &Tensor,
    shift: &Tensor,
    activation: Activation,
) -> Result<(Tensor, Moments)> {
    let moments = Arc::new(Mutex::new(Moments::default()));
    let op = BatchNorm { activation, moments: Arc::clone(&moments) };
    let output = input.apply_op3(scale, shift, op)?;
    let moments = moments.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok((output, moments))
}

impl Moments {
    /// What a value minus the mean is multiplied by before scale and shift.
    pub fn inverse_deviation(&self) -> Vec<f32> {
        self.variance.iter().map(|variance| 1.0 / (variance + EPSILON).sqrt()).collect()
    }

    fn of(values: &[f32], channels: usize) -> Self {
        let count = (values.len() / channels) as f64;
        let mean: Vec<f64> = sums(values, channels, |sum, pixel| {
            for (sum, &value) in sum.iter_mut().zip(pixel) {
                *sum += value;
            }
        })
        .iter()
        .map(|sum| sum / count)
        .collect();
        let mean: Vec<f32> = mean.iter().map(|&mean| mean as f32).collect();
        let squares = sums(values, channels, |sum, pixel| {
            for ((sum, &value), mean) in sum.iter_mut().zip(pixel).zip(&mean) {
                *sum += (value - mean) * (value - mean);
            }
        });
        let variance = squares.iter().map(|sum| (sum / count) as f32).collect();
        Self { mean, variance }
    }
}

/// Adds up what `add` collects per pixel: in `f32` within a chunk, in `f64` over the chunks.
fn sums(values: &[f32], channels: usize, add: impl Fn(&mut [f32], &[f32]) + Sync) -> Vec<f64> {
    let chunks: Vec<Vec<f32>> = values
        .par_chunks(CHUNK * channels)
        .map(|chunk| {
            let mut sum = vec![0.0; channels];
            chunk.chunks_exact(channels).for_each(|pixel| add(&mut sum, pixel));
            sum
        })
        .collect();
    total(&chunks, channels)
}

fn total(chunks: &[Vec<f32>], len: usize) -> Vec<f64> {
    let mut total = vec![0.0; len];
    for chunk in chunks {
        for (total, &value) in total.iter_mut().zip(chunk) {
            *total += value as f64;
        }
    }
    total
}

#[derive(Debug)]
struct BatchNorm {
    activation: Activation,
    moments: Arc<Mutex<Moments>>,
}

impl BatchNorm {
    fn moments(&self) -> Moments {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl CustomOp3 for BatchNorm {
    fn name(&self) -> &'static str {
        "batch-norm"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, _, _, channels) = input_layout.shape().dims4()?;
        let input = slice(input, input_layout)?;
        let (scale, shift) = (slice(scale, scale_layout)?, slice(shift, shift_layout)?);
        if input.is_empty() || scale.len() != channels || shift.len() != channels {
            bail!("batch norm of {:?} with {} scales", input_layout.shape(), scale.len());
        }
        let moments = Moments::of(input, channels);
        let factor: Vec<f32> =
            moments.inverse_deviation().iter().zip(scale).map(|(d, s)| d * s).collect();
        let offset: Vec<f32> =
            (0..channels).map(|c| shift[c] - moments.mean[c] * factor[c]).collect();
        let activation = self.activation;
        let mut output = vec![0.0; input.len()];
        let chunks = output.par_chunks_mut(CHUNK * channels);
        chunks.zip(input.par_chunks(CHUNK * channels)).for_each(|(output, input)| {
            let pixels = output.chunks_exact_mut(channels).zip(input.chunks_exact(channels));
            for (output, input) in pixels {
                for c in 0..channels {
                    output[c] = input[c] * factor[c] + offset[c];
                }
            }
            apply(activation, output);
        });
        *self.moments.lock().unwrap_or_else(PoisonError::into_inner) = moments;
        Ok((CpuStorage::F32(output), input_layout.shape().clone()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        result: &Tensor,
        upstream: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let moments = self.moments();
        let gradients = with_values(input, |input| {
            with_values(scale, |scale| {
                with_values(result, |result| {
                    with_values(upstream, |upstream| {
                        let upstream = through(self.activation, result, upstream);
                        Ok(backward(&moments, input, scale, &upstream))
                    })
                })
            })
        })?;
        let device = input.device();
        Ok((
            Some(Tensor::from_vec(gradients.input, input.shape(), device)?),
            Some(Tensor::from_vec(gradients.scale, scale.shape(), device)?),
            Some(Tensor::from_vec(gradients.shift, shift.shape(), device)?),
        ))
    }
}

struct Gradients {
    input: Vec<f32>,
    scale: Vec<f32>,
    shift: Vec<f32>,
}

/// With x' the normalized input and g the gradient before the activation, over n values:
/// d shift = sum g, d scale = sum g x', d x = scale / deviation (g - d shift / n - x' d scale / n).
fn backward(moments: &Moments, input: &[f32], scale: &[f32], upstream: &[f32]) -> Gradients {
    let channels = scale.len();
    let inverse = moments.inverse_deviation();
    let (shift, scale_gradient) = reduce(moments, &inverse, input, upstream);
    let count = (input.len() / channels) as f32;
    let mut gradient = vec![0.0; input.len()];
    let size = CHUNK * channels;
    gradient.par_chunks_mut(size).enumerate().for_each(|(chunk, gradient)| {
        let at = chunk * size..chunk * size + gradient.len();
        let (input, upstream) = (&input[at.clone()], &upstream[at]);
        for start in (0..gradient.len()).step_by(channels) {
            let pixel = start..start + channels;
            let (x, g) = (&input[pixel.clone()], &upstream[pixel.clone()]);
            let out = &mut gradient[pixel];
            for c in 0..channels {
                let normalized = (x[c] - moments.mean[c]) * inverse[c];
                let centered = g[c] - (shift[c] + normalized * scale_gradient[c]) / count;
                out[c] = centered * scale[c] * inverse[c];
            }
        }
    });
    Gradients { input: gradient, scale: scale_gradient, shift }
}

/// The gradients of shift and scale.
fn reduce(
    moments: &Moments,
    inverse: &[f32],
    input: &[f32],
    upstream: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let channels = inverse.len();
    let size = CHUNK * channels;
    let chunks: Vec<Vec<f32>> = input
        .par_chunks(size)
        .zip(upstream.par_chunks(size))
        .map(|(input, upstream)| {
            let mut both = vec![0.0; 2 * channels];
            let (shift, scale) = both.split_at_mut(channels);
            for start in (0..input.len()).step_by(channels) {
                let pixel = start..start + channels;
                let (x, g) = (&input[pixel.clone()], &upstream[pixel]);
                for c in 0..channels {
                    shift[c] += g[c];
                    scale[c] += g[c] * (x[c] - moments.mean[c]) * inverse[c];
                }
            }
            both
        })
        .collect();
    let mut shift: Vec<f32> =
        total(&chunks, 2 * channels).iter().map(|&value| value as f32).collect();
    let scale = shift.split_off(channels);
    (shift, scale)
}
