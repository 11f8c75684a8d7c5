//! What V3 needs besides convolutions.

use candle_core::{CpuStorage, CustomOp1, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{contiguous_slice as slice, with_values};

/// A block's end: `seen * (input + relu(change + context))`.
///
/// `input` and `change` are (N, H, W, C), `context` (N, 1, 1, C), and `seen` (N, H, W, 1), through
/// which no gradient flows.
///
/// # Errors
/// If the shapes do not fit, or a tensor is not `f32`, contiguous and on the CPU.
pub fn residual(
    input: &Tensor,
    change: &Tensor,
    context: &Tensor,
    seen: &Tensor,
) -> Result<Tensor> {
    let (n, height, width, _) = input.dims4()?;
    if seen.dims() != [n, height, width, 1] {
        bail!("{:?} seen of {:?}", seen.shape(), input.shape());
    }
    let seen = with_values(seen, |seen| Ok(seen.to_vec()))?;
    input.apply_op3(change, context, Residual { seen })
}

/// The sum of all pixels by `share`, which is (N, 1, 1, 1) and through which no gradient flows:
/// from (N, H, W, C) to (N, 1, 1, C).
///
/// # Errors
/// As [`residual`].
pub fn weighted_sum(input: &Tensor, share: &Tensor) -> Result<Tensor> {
    if share.dims() != [input.dim(0)?, 1, 1, 1] {
        bail!("shares {:?} of {:?}", share.shape(), input.shape());
    }
    let shares = with_values(share, |share| Ok(share.to_vec()))?;
    input.apply_op1(WeightedSum { shares })
}

/// The right class of a row, and how much it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// The row.
    pub row: u32,
    /// The class.
    pub class: u32,
    /// Its factor in the sum.
    pub weight: f32,
}

/// The sum of the targets' cross entropies, each by its weight, from logits whose last dimension
/// is the classes; all others count the rows.
///
/// # Errors
/// If a target lies outside, or the logits are not `f32`, contiguous and on the CPU.
pub fn cross_entropy(logits: &Tensor, targets: Vec<Target>) -> Result<Tensor> {
    let classes = logits.dims().last().copied().unwrap_or(0);
    let rows = logits.elem_count().checked_div(classes).unwrap_or(0);
    let is_outside =
        |target: &&Target| target.row as usize >= rows || target.class as usize >= classes;
    if let Some(target) = targets.iter().find(is_outside) {
        bail!("{target:?} of {rows} rows and {classes} classes");
    }
    logits.apply_op1(CrossEntropy { classes, targets })
}

#[derive(Debug)]
struct Residual {
    seen: Vec<f32>,
}

impl Residual {
    /// Pixels of a picture, and channels.
    fn sizes(input: &Shape) -> Result<(usize, usize)> {
        let (_, height, width, channels) = input.dims4()?;
        Ok((height * width, channels))
    }
}

impl CustomOp3 for Residual {
    fn name(&self) -> &'static str {
        "residual"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        change: &CpuStorage,
        change_layout: &Layout,
        context: &CpuStorage,
        context_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let shape = input_layout.shape().clone();
        let (pixels, channels) = Self::sizes(&shape)?;
        let pictures = shape.dims()[0];
        if change_layout.shape() != &shape || context_layout.dims() != [pictures, 1, 1, channels] {
            bail!("{:?} and {:?} for {shape:?}", change_layout.shape(), context_layout.shape());
        }
        let (input, change) = (slice(input, input_layout)?, slice(change, change_layout)?);
        let context = slice(context, context_layout)?;
        let mut output = vec![0.0; input.len()];
        let parts = output.chunks_exact_mut(channels).zip(input.chunks_exact(channels));
        let parts = parts.zip(change.chunks_exact(channels)).zip(&self.seen).enumerate();
        for (pixel, (((output, input), change), &seen)) in parts {
            if seen == 0.0 {
                continue;
            }
            let context = &context[pixel / pixels * channels..][..channels];
            let values = input.iter().zip(change).zip(context);
            for (output, ((input, change), context)) in output.iter_mut().zip(values) {
                *output = seen * (input + (change + context).max(0.0));
            }
        }
        Ok((CpuStorage::F32(output), shape))
    }

    fn bwd(
        &self,
        input: &Tensor,
        change: &Tensor,
        context: &Tensor,
        _result: &Tensor,
        upstream: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (pixels, channels) = Self::sizes(input.shape())?;
        let mut to_input = vec![0.0; input.elem_count()];
        let mut to_change = vec![0.0; input.elem_count()];
        let mut to_context = vec![0.0; context.elem_count()];
        with_values(upstream, |upstream| {
            with_values(change, |change| {
                with_values(context, |context| {
                    let parts = to_input.chunks_exact_mut(channels);
                    let parts = parts.zip(to_change.chunks_exact_mut(channels)).zip(&self.seen);
                    for (pixel, ((to_input, to_change), &seen)) in parts.enumerate() {
                        if seen == 0.0 {
                            continue;
                        }
                        let (at, of_picture) = (pixel * channels, pixel / pixels * channels);
                        let to_context = &mut to_context[of_picture..][..channels];
                        for i in 0..channels {
                            let gradient = seen * upstream[at + i];
                            to_input[i] = gradient;
                            if change[at + i] + context[of_picture + i] > 0.0 {
                                to_change[i] = gradient;
                                to_context[i] += gradient;
                            }
                        }
                    }
                    Ok(())
                })
            })
        })?;
        let device = input.device();
        Ok((
            Some(Tensor::from_vec(to_input, input.shape(), device)?),
            Some(Tensor::from_vec(to_change, change.shape(), device)?),
            Some(Tensor::from_vec(to_context, context.shape(), device)?),
        ))
    }
}

#[derive(Debug)]
struct WeightedSum {
    shares: Vec<f32>,
}

impl CustomOp1 for WeightedSum {
    fn name(&self) -> &'static str {
        "weighted sum"
    }

    fn cpu_fwd(&self, input: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (pictures, height, width, channels) = layout.shape().dims4()?;
        let input = slice(input, layout)?;
        let mut output = vec![0.0; pictures * channels];
        for (pixel, input) in input.chunks_exact(channels).enumerate() {
            let picture = pixel / (height * width);
            for (output, input) in output[picture * channels..].iter_mut().zip(input) {
                *output += self.shares[picture] * input;
            }
        }
        Ok((CpuStorage::F32(output), (pictures, 1, 1, channels).into()))
    }

    fn bwd(&self, input: &Tensor, _result: &Tensor, upstream: &Tensor) -> Result<Option<Tensor>> {
        let (_, height, width, channels) = input.dims4()?;
        let mut gradient = vec![0.0; input.elem_count()];
        with_values(upstream, |upstream| {
            for (pixel, gradient) in gradient.chunks_exact_mut(channels).enumerate() {
                let picture = pixel / (height * width);
                for (gradient, upstream) in gradient.iter_mut().zip(&upstream[picture * channels..])
                {
                    *gradient = self.shares[picture] * upstream;
                }
            }
            Ok(())
        })?;
        Ok(Some(Tensor::from_vec(gradient, input.shape(), input.device())?))
    }
}

#[derive(Debug)]
struct CrossEntropy {
    classes: usize,
    targets: Vec<Target>,
}

impl CrossEntropy {
    fn row<'a>(&self, logits: &'a [f32], target: &Target) -> &'a [f32] {
        &logits[target.row as usize * self.classes..][..self.classes]
    }
}

/// The logarithm of the sum of the exponentials.
fn log_sum(logits: &[f32]) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    most + logits.iter().map(|logit| (logit - most).exp()).sum::<f32>().ln()
}

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross entropy"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = slice(logits, layout)?;
        let loss: f64 = self
            .targets
            .iter()
            .map(|target| {
                let row = self.row(logits, target);
                ((log_sum(row) - row[target.class as usize]) * target.weight) as f64
            })
            .sum();
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(&self, logits: &Tensor, _result: &Tensor, upstream: &Tensor) -> Result<Option<Tensor>> {
        let upstream: f32 = upstream.to_scalar()?;
        let mut gradient = vec![0.0; logits.elem_count()];
        with_values(logits, |logits| {
            for target in &self.targets {
                let row = self.row(logits, target);
                let (sum, factor) = (log_sum(row), upstream * target.weight);
                let gradient = &mut gradient[target.row as usize * self.classes..][..self.classes];
                for (gradient, logit) in gradient.iter_mut().zip(row) {
                    *gradient += factor * (logit - sum).exp();
                }
                gradient[target.class as usize] -= factor;
            }
            Ok(())
        })?;
        Ok(Some(Tensor::from_vec(gradient, logits.shape(), logits.device())?))
    }
}
