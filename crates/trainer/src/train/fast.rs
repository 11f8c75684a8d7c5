//! Training by the CPU's own kernels: channels last.

use candle_core::{Result, Tensor};
use neural::layer::Activation;
use neural::ops::{self, Moments, Products};

use super::operations::Operations;

/// (N, H, W, C) on the CPU.
#[derive(Debug)]
pub struct Fast {
    /// How convolutions are multiplied out.
    pub products: Products,
}

impl Operations for Fast {
    fn enter(&self, input: &Tensor) -> Result<Tensor> {
        // With one channel both layouts are the same.
        let (n, channels, height, width) = input.dims4()?;
        input.reshape((n, height, width, channels))
    }

    fn leave(&self, output: &Tensor) -> Result<Tensor> {
        output.permute((0, 3, 1, 2))
    }

    fn conv2d(
        &self,
        input: &Tensor,
        weights: &Tensor,
        bias: &Tensor,
        stride: usize,
        activation: Activation,
    ) -> Result<Tensor> {
        ops::conv2d(input, weights, bias, stride, activation, self.products)
    }

    fn batch_norm(
        &self,
        input: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        activation: Activation,
    ) -> Result<(Tensor, Moments)> {
        ops::batch_norm(input, scale, shift, activation)
    }

    fn max_pool(&self, input: &Tensor) -> Result<Tensor> {
        ops::max_pool(input)
    }

    fn double(&self, input: &Tensor) -> Result<Tensor> {
        ops::double(input)
    }

    fn concat(&self, first: &Tensor, second: &Tensor) -> Result<Tensor> {
        Tensor::cat(&[first, second], 3)
    }
}
