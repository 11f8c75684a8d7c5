//! The convolution as a custom operation.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{contiguous_slice as slice, with_values};
use crate::conv::{self, Geometry, InputGradient};
use crate::layer::{Activation, Sampling};

/// A 3x3 convolution with a border of one zero pixel, its bias and its activation.
///
/// `input` is (N, H, W, C), `weights` (9 C, O) as [`pack_weights`] makes them, `bias` (O); the
/// result is (N, H', W', O). Gradients flow to all three.
///
/// # Errors
/// If the shapes do not fit, or a tensor is not `f32`, contiguous and on the CPU.
///
/// [`pack_weights`]: crate::layer::pack_weights
pub fn conv3x3(
    input: &Tensor,
    weights: &Tensor,
    bias: &Tensor,
    sampling: Sampling,
    activation: Activation,
) -> Result<Tensor> {
    input.apply_op3(weights, bias, Conv3x3 { sampling, activation })
}

#[derive(Debug)]
struct Conv3x3 {
    sampling: Sampling,
    activation: Activation,
}

impl Conv3x3 {
    fn geometry(&self, input: &Shape, weights: &Shape, bias: &Shape) -> Result<Geometry> {
        let (_, height, width, inputs) = input.dims4()?;
        let (rows, outputs) = weights.dims2()?;
        if rows != 9 * inputs || bias.dims1()? != outputs {
            bail!("convolution of {input:?} with weights {weights:?} and bias {bias:?}");
        }
        Ok(Geometry { height, width, inputs, outputs, sampling: self.sampling })
    }

    /// The gradient before the activation, from the one behind it.
    fn through_activation(&self, result: &[f32], upstream: &[f32]) -> Vec<f32> {
        let pairs = result.iter().zip(upstream);
        match self.activation {
            Activation::None => upstream.to_vec(),
            Activation::Relu => pairs.map(|(&y, &g)| if y > 0.0 { g } else { 0.0 }).collect(),
            Activation::Tanh => pairs.map(|(y, g)| g * (1.0 - y * y)).collect(),
        }
    }
}

impl CustomOp3 for Conv3x3 {
    fn name(&self) -> &'static str {
        "conv3x3"
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
            with_values(upstream, |upstream| Ok(self.through_activation(result, upstream)))
        })?;
        let gradients = with_values(input, |input| {
            with_values(weights, |weights| {
                Ok(conv::backward(&geometry, input, weights, &upstream, wanted))
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
