//! What a network is computed with while it learns.

use std::fmt;

use candle_core::{Result, Tensor};
use neural::layer::Activation;
use neural::ops::Moments;

/// Operations with gradients, in a layout of their own between [`enter`](Self::enter) and
/// [`leave`](Self::leave).
pub trait Operations: fmt::Debug {
    /// From (N, 1, H, W).
    fn enter(&self, input: &Tensor) -> Result<Tensor>;

    /// To (N, C, H, W).
    fn leave(&self, output: &Tensor) -> Result<Tensor>;

    /// A convolution with half the kernel's side, rounded down, as its border.
    fn conv2d(
        &self,
        input: &Tensor,
        weights: &Tensor,
        bias: &Tensor,
        stride: usize,
        activation: Activation,
    ) -> Result<Tensor>;

    /// Normalization by the moments of the batch, which are returned too.
    fn batch_norm(
        &self,
        input: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        activation: Activation,
    ) -> Result<(Tensor, Moments)>;

    /// Of 3x3 with stride 2.
    fn max_pool(&self, input: &Tensor) -> Result<Tensor>;

    /// Nearest neighbor.
    fn double(&self, input: &Tensor) -> Result<Tensor>;

    /// The channels of both.
    fn concat(&self, first: &Tensor, second: &Tensor) -> Result<Tensor>;
}
