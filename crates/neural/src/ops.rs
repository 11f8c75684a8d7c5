//! Operations on candle tensors with fast CPU kernels and gradients.
//!
//! Tensors are channels-last (N, H, W, C), `f32`, contiguous and on the CPU. Work is spread over
//! the rayon pool in which the caller runs (see `rayon::ThreadPool::install`).
//!
//! candle's own graph is slow here and wrong in two places: the gradient of a stride-2
//! convolution fails where height and width differ in parity, and that of `upsample_nearest2d`
//! overwrites instead of adding. [`conv2d`] and [`double`] do not; tests hold both defects, so
//! that it will be known when they are gone.

pub(crate) mod activation;
mod batch_norm;
mod cells;
mod conv2d;
mod sampling;

pub use batch_norm::{Moments, batch_norm};
pub use cells::{Target, cross_entropy, residual, weighted_sum};
pub use conv2d::{Products, conv2d};
pub use sampling::{double, max_pool};

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// The values of an argument of a custom operation.
pub(crate) fn contiguous_slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let CpuStorage::F32(values) = storage else { bail!("only f32 tensors are supported") };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => bail!("only contiguous tensors are supported"),
    }
}

/// Calls `work` with the values of `tensor`, which is made contiguous where it is not.
fn with_values<T>(tensor: &Tensor, work: impl FnOnce(&[f32]) -> Result<T>) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => work(contiguous_slice(storage, layout)?),
        _ => bail!("only tensors on the CPU are supported"),
    }
}

#[cfg(test)]
mod tests;
