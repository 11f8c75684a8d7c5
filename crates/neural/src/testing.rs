//! Shared by the unit tests: noise without a generator's crate, and comparisons.

use candle_core::{Device, Result, Tensor};

/// Values between -1 and 1 that look random and are always the same.
pub fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// [`noise`] as a tensor.
pub fn noise_tensor(shape: &[usize], seed: u32) -> Result<Tensor> {
    Tensor::from_vec(noise(shape.iter().product(), seed), shape, &Device::Cpu)
}

/// The values of a tensor in their order.
pub fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

/// Compares entry by entry.
#[track_caller]
pub fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "different numbers of values");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance, "value {i}: {found} is not {expected}");
    }
}
