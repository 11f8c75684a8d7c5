//! NEON, which every 64-bit ARM processor has.

use std::arch::aarch64::*;

use super::product::Product;
use super::tiles::{InputTiles, OutputTiles};
use super::vector::{Vector, tanh_all};
use super::{tile, winograd};

/// Outputs of a panel for so many outputs.
pub fn panel(outputs: usize) -> usize {
    if outputs > 4 { 16 } else { 4 }
}

/// See [`super::Kernel::multiply`].
///
/// # Safety
/// The processor must have NEON, and [`Product::check`] have passed.
#[target_feature(enable = "neon")]
pub unsafe fn multiply(product: &Product<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe {
        match product.weights.panel {
            4 => tile::multiply::<Quad, 20, 10, 1>(product, out),
            16 => tile::multiply::<Quad, 5, 2, 4>(product, out),
            panel => unreachable!("panels of {panel}"),
        }
    }
}

/// See [`super::Kernel::transform_input`].
///
/// # Safety
/// The processor must have NEON, and [`InputTiles::check`] have passed.
#[target_feature(enable = "neon")]
pub unsafe fn transform_input(tiles: &InputTiles<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { winograd::transform_input::<Quad>(tiles, out) }
}

/// See [`super::Kernel::transform_output`].
///
/// # Safety
/// The processor must have NEON, and [`OutputTiles::check`] have passed.
#[target_feature(enable = "neon")]
pub unsafe fn transform_output(tiles: &OutputTiles<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { winograd::transform_output::<Quad>(tiles, out) }
}

/// See [`super::Kernel::tanh`].
///
/// # Safety
/// The processor must have NEON.
#[target_feature(enable = "neon")]
pub unsafe fn tanh(values: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { tanh_all::<Quad>(values) }
}

/// A 128-bit register.
#[derive(Clone, Copy)]
pub struct Quad(float32x4_t);

// SAFETY: of each block below: by the trait's contract the processor has NEON, and pointers are valid
// for 4 values.
impl Vector for Quad {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self(unsafe { vdupq_n_f32(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { vld1q_f32(from) })
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, lanes: usize) -> Self {
        let mut values = [0.0; 4];
        for (lane, value) in values.iter_mut().enumerate().take(lanes) {
            *value = unsafe { *from.add(lane) };
        }
        Self(unsafe { vld1q_f32(values.as_ptr()) })
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, lanes: usize) {
        let mut values = [0.0; 4];
        unsafe { vst1q_f32(values.as_mut_ptr(), self.0) };
        for (lane, value) in values.into_iter().enumerate().take(lanes) {
            unsafe { *to.add(lane) = value };
        }
    }

    // There is no stable instruction for it.
    #[inline(always)]
    unsafe fn prefetch(_: *const f32) {}

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { vst1q_f32(to, self.0) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Self(unsafe { vfmaq_f32(sum.0, self.0, factor.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(unsafe { vaddq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        Self(unsafe { vsubq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        Self(unsafe { vmulq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Self(unsafe { vdivq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        Self(unsafe { vmaxq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        Self(unsafe { vminq_f32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        Self(unsafe { vrndnq_f32(self.0) })
    }

    #[inline(always)]
    unsafe fn exp2(self) -> Self {
        // The exponent of an f32 begins at bit 23 and is 127 for 1.
        Self(unsafe {
            let exponent = vaddq_s32(vcvtq_s32_f32(self.0), vdupq_n_s32(127));
            vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent))
        })
    }
}
