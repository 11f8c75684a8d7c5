//! Doubling by nearest neighbor, and max-pooling.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{contiguous_slice as slice, with_values};

/// Each pixel of (N, H, W, C) becomes four: (N, 2 H, 2 W, C).
///
/// # Errors
/// If the tensor is not `f32`, contiguous and on the CPU.
pub fn double(input: &Tensor) -> Result<Tensor> {
    input.apply_op1(Double)
}

/// The largest of each 3x3 pixels at every second line and column of (N, H, W, C), with sides
/// rounded up. Of equal ones the first is the largest, as it is to `PyTorch`.
///
/// # Errors
/// If the tensor is not `f32`, contiguous and on the CPU.
pub fn max_pool(input: &Tensor) -> Result<Tensor> {
    input.apply_op1(MaxPool)
}

#[derive(Debug)]
struct Double;

impl CustomOp1 for Double {
    fn name(&self) -> &'static str {
        "double"
    }

    fn cpu_fwd(&self, input: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, height, width, channels) = layout.shape().dims4()?;
        let input = slice(input, layout)?;
        let line = width * channels;
        let mut output = vec![0.0; input.len() * 4];
        output.par_chunks_mut(4 * line).zip(input.par_chunks(line)).for_each(|(output, input)| {
            let (upper, lower) = output.split_at_mut(2 * line);
            let pairs = upper.chunks_exact_mut(2 * channels).zip(input.chunks_exact(channels));
            for (pair, pixel) in pairs {
                pair[..channels].copy_from_slice(pixel);
                pair[channels..].copy_from_slice(pixel);
            }
            lower.copy_from_slice(upper);
        });
        Ok((CpuStorage::F32(output), (n, height * 2, width * 2, channels).into()))
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, upstream: &Tensor) -> Result<Option<Tensor>> {
        let (_, _, width, channels) = input.dims4()?;
        let line = width * channels;
        let mut gradient = vec![0.0; input.elem_count()];
        with_values(upstream, |upstream| {
            let lines = gradient.par_chunks_mut(line).zip(upstream.par_chunks(4 * line));
            lines.for_each(|(gradient, upstream)| {
                for (i, value) in gradient.iter_mut().enumerate() {
                    let at = i / channels * 2 * channels + i % channels;
                    let [upper, lower] = [at, at + 2 * line];
                    *value = upstream[upper]
                        + upstream[upper + channels]
                        + upstream[lower]
                        + upstream[lower + channels];
                }
            });
            Ok(())
        })?;
        Tensor::from_vec(gradient, input.shape(), input.device()).map(Some)
    }
}

#[derive(Debug)]
struct MaxPool;

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max-pool"
    }

    fn cpu_fwd(&self, input: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, height, width, channels) = layout.shape().dims4()?;
        let input = slice(input, layout)?;
        let (rows, columns) = (height.div_ceil(2), width.div_ceil(2));
        let mut output = vec![0.0; n * rows * columns * channels];
        let pictures = output.par_chunks_mut(rows * columns * channels);
        pictures.zip(input.par_chunks(height * width * channels)).for_each(|(output, input)| {
            for (i, value) in output.iter_mut().enumerate() {
                *value = input[largest(input, [height, width, channels], i)];
            }
        });
        Ok((CpuStorage::F32(output), (n, rows, columns, channels).into()))
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, upstream: &Tensor) -> Result<Option<Tensor>> {
        let (_, height, width, channels) = input.dims4()?;
        let outputs = height.div_ceil(2) * width.div_ceil(2) * channels;
        let mut gradient = vec![0.0; input.elem_count()];
        with_values(input, |input| {
            with_values(upstream, |upstream| {
                let len = height * width * channels;
                let pictures = gradient.par_chunks_mut(len).zip(input.par_chunks(len));
                pictures.zip(upstream.par_chunks(outputs)).for_each(
                    |((gradient, input), upstream)| {
                        for (i, value) in upstream.iter().enumerate() {
                            gradient[largest(input, [height, width, channels], i)] += value;
                        }
                    },
                );
                Ok(())
            })
        })?;
        Tensor::from_vec(gradient, input.shape(), input.device()).map(Some)
    }
}

/// Where in a picture the value of the pooled picture at `i` comes from.
fn largest(input: &[f32], [height, width, channels]: [usize; 3], i: usize) -> usize {
    let (pixel, channel) = (i / channels, i % channels);
    let columns = width.div_ceil(2);
    let around = |at: usize, size: usize| (2 * at).saturating_sub(1)..(2 * at + 2).min(size);
    let mut found = None;
    for y in around(pixel / columns, height) {
        for x in around(pixel % columns, width) {
            let at = (y * width + x) * channels + channel;
            if found.is_none_or(|found: usize| input[at] > input[found]) {
                found = Some(at);
            }
        }
    }
    found.unwrap_or(channel)
}
