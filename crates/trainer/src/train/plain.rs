//! Training by candle's own operations, on any device: channels first.

use candle_core::{Result, Tensor};
use neural::layer::Activation;
use neural::network::NORM_EPSILON;
use neural::ops::Moments;

use super::network::activate;
use super::operations::Operations;

/// (N, C, H, W), for even sides: candle's gradient of a convolution with stride 2 fails for
/// others.
#[derive(Debug)]
pub struct Plain;

impl Operations for Plain {
    fn enter(&self, input: &Tensor) -> Result<Tensor> {
        Ok(input.clone())
    }

    fn leave(&self, output: &Tensor) -> Result<Tensor> {
        Ok(output.clone())
    }

    fn conv2d(
        &self,
        input: &Tensor,
        weights: &Tensor,
        bias: &Tensor,
        stride: usize,
        activation: Activation,
    ) -> Result<Tensor> {
        let xs = input.conv2d(weights, weights.dim(2)? / 2, stride, 1, 1)?;
        activate(xs.broadcast_add(&per_channel(bias)?)?, activation)
    }

    fn batch_norm(
        &self,
        input: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        activation: Activation,
    ) -> Result<(Tensor, Moments)> {
        let mean = input.mean_keepdim((0, 2, 3))?;
        let centered = input.broadcast_sub(&mean)?;
        let variance = centered.sqr()?.mean_keepdim((0, 2, 3))?;
        let normalized = centered.broadcast_div(&(&variance + NORM_EPSILON)?.sqrt()?)?;
        let scaled = normalized.broadcast_mul(&per_channel(scale)?)?;
        let shifted = scaled.broadcast_add(&per_channel(shift)?)?;
        let moments = Moments {
            mean: mean.flatten_all()?.to_vec1()?,
            variance: variance.flatten_all()?.to_vec1()?,
        };
        Ok((activate(shifted, activation)?, moments))
    }

    fn max_pool(&self, input: &Tensor) -> Result<Tensor> {
        // candle has no gradient for pools that overlap: the largest of three lines, then of
        // three columns. Repeating the outermost ones stands for the border.
        let pooled = largest_of_three(input, 2)?;
        largest_of_three(&pooled, 3)
    }

    fn double(&self, input: &Tensor) -> Result<Tensor> {
        // candle's gradient of `upsample_nearest2d` overwrites what other uses have added.
        let (n, channels, height, width) = input.dims4()?;
        let xs = input.reshape((n * channels * height, 1, width, 1))?;
        let xs = xs.broadcast_as((n * channels * height, 2, width, 2))?;
        xs.contiguous()?.reshape((n, channels, height * 2, width * 2))
    }

    fn concat(&self, first: &Tensor, second: &Tensor) -> Result<Tensor> {
        Tensor::cat(&[first, second], 1)
    }
}

/// Along an axis of even length: of each pair and what lies before it.
fn largest_of_three(input: &Tensor, axis: usize) -> Result<Tensor> {
    let length = input.dim(axis)?;
    let padded = Tensor::cat(&[&input.narrow(axis, 0, 1)?, input], axis)?;
    let every_second = |start: usize| -> Result<Tensor> {
        let mut dims = input.dims().to_vec();
        dims[axis] = length / 2;
        dims.insert(axis + 1, 2);
        let pairs = padded.narrow(axis, start, length)?.contiguous()?.reshape(dims)?;
        pairs.narrow(axis + 1, 0, 1)?.squeeze(axis + 1)?.contiguous()
    };
    let (before, first) = (every_second(0)?, every_second(1)?);
    let mut dims = input.dims().to_vec();
    dims[axis] = length / 2;
    dims.insert(axis + 1, 2);
    let second = input.contiguous()?.reshape(dims)?;
    let second = second.narrow(axis + 1, 1, 1)?.squeeze(axis + 1)?.contiguous()?;
    before.maximum(&first)?.maximum(&second)
}

fn per_channel(tensor: &Tensor) -> Result<Tensor> {
    tensor.reshape((1, tensor.elem_count(), 1, 1))
}
