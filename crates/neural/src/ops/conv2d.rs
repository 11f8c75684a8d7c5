//! The convolution as a custom operation.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::activation::through;
use super::{contiguous_slice as slice, with_values};
use crate::conv::{self, Geometry, InputGradient};
use crate::kernels::KernelChoice;
use crate::kernels::product::Number;
use crate::layer::Activation;

/// A square convolution with zeros around the picture, its bias and its activation.
///
/// `input` is (N, H, W, C), `weights` (O, C, K, K) with an odd K, `bias` (O); the result is
/// (N, H', W', O) with sides of the input's, divided by `stride` and rounded up. Gradients flow
/// to all three.
///
/// # Errors
/// If the shapes do not fit, or a tensor is not `f32`, contiguous and on the CPU.
pub fn conv2d(
    input: &Tensor,
    weights: &Tensor,
    bias: &Tensor,
    stride: usize,
    activation: Activation,
    products: Products,
) -> Result<Tensor> {
    input.apply_op3(weights, bias, Conv2d { stride, activation, products })
}

/// How exactly convolutions are multiplied out. Sums, activations and all that is kept are `f32`
/// either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Products {
    /// 32-bit floating point.
    #[default]
    F32,
    /// Factors of 16 bits, as [`Precision::Bf16`](crate::Precision::Bf16).
    Bf16,
}

impl Products {
    /// The fastest of this processor: `Bf16` where it has instructions for them.
    pub fn fastest() -> Self {
        match KernelChoice::Auto.kernel() {
            Ok(kernel) if kernel.has_fast(Number::Bf16) => Self::Bf16,
            _ => Self::F32,
        }
    }
}

#[derive(Debug)]
struct Conv2d {
    stride: usize,
    activation: Activation,
    products: Products,
}

impl Conv2d {
    fn geometry(&self, input: &Shape, weights: &Shape, bias: &Shape) -> Result<Geometry> {
        let (_, height, width, inputs) = input.dims4()?;
        let (outputs, channels, kernel, columns) = weights.dims4()?;
        let is_odd_square = kernel == columns && kernel % 2 == 1;
        if channels != inputs || bias.dims1()? != outputs || !is_odd_square || self.stride == 0 {
            bail!("convolution of {input:?} with weights {weights:?} and bias {bias:?}");
        }
        Ok(Geometry { height, width, inputs, outputs, kernel, stride: self.stride })
    }
}

impl CustomOp3 for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let geometry =
            self.geometry(input_layout.shape(), weights_layout.shape(), bias_layout.shape())?;
        let output = conv::forward(
            &geometry,
            slice(input, input_layout)?,
            slice(weights, weights_layout)?,
            slice(bias, bias_layout)?,
            self.activation,
            self.products,
        );
        let batch = input_layout.dims()[0];
        let shape =
            (batch, geometry.output_height(), geometry.output_width(), geometry.outputs).into();
        Ok((CpuStorage::F32(output), shape))
    }

    fn bwd(
        &self,
        input: &Tensor,
        weights: &Tensor,
        bias: &Tensor,
        result: &Tensor,
        upstream: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let geometry = self.geometry(input.shape(), weights.shape(), bias.shape())?;
        // A network's input is the only argument without a history that is not a variable.
        let wanted = if input.track_op() || input.is_variable() {
            InputGradient::Wanted
        } else {
            InputGradient::Unused
        };
        let upstream = with_values(result, |result| {
            with_values(upstream, |upstream| Ok(through(self.activation, result, upstream)))
        })?;
        let gradients = with_values(input, |input| {
            with_values(weights, |weights| {
                Ok(conv::backward(&geometry, input, weights, &upstream, wanted, self.products))
            })
        })?;
        let device = input.device();
        let like = |values, shape: &Shape| Tensor::from_vec(values, shape, device);
        Ok((
            gradients.input.map(|values| like(values, input.shape())).transpose()?,
            Some(like(gradients.weights, weights.shape())?),
            Some(like(gradients.bias, bias.shape())?),
        ))
    }
}
