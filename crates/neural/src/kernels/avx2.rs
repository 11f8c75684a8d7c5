//! AVX2 with FMA.

use std::arch::x86_64::*;

use super::product::Product;
use super::tiles::{InputTiles, OutputTiles};
use super::vector::Vector;
use super::{tile, winograd};

/// Outputs of a panel for so many outputs.
pub fn panel(outputs: usize) -> usize {
    if outputs > 8 { 16 } else { 8 }
}

/// See [`super::Kernel::multiply`].
///
/// # Safety
/// The processor must have AVX2 and FMA, and [`Product::check`] have passed.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn multiply(product: &Product<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe {
        match product.weights.panel {
            8 => tile::multiply::<Ymm, 10, 5, 1>(product, out),
            16 => tile::multiply::<Ymm, 5, 2, 2>(product, out),
            panel => unreachable!("panels of {panel}"),
        }
    }
}

/// See [`super::Kernel::transform_input`].
///
/// # Safety
/// The processor must have AVX2 and FMA, and [`InputTiles::check`] have passed.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn transform_input(tiles: &InputTiles<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { winograd::transform_input::<Ymm>(tiles, out) }
}

/// See [`super::Kernel::transform_output`].
///
/// # Safety
/// The processor must have AVX2 and FMA, and [`OutputTiles::check`] have passed.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn transform_output(tiles: &OutputTiles<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { winograd::transform_output::<Ymm>(tiles, out) }
}

/// A `ymm` register.
#[derive(Clone, Copy)]
pub struct Ymm(__m256);

// SAFETY: of each block below: by the trait's contract the processor has AVX2 and FMA, and
// pointers are valid for 8 values.
impl Vector for Ymm {
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm256_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, sum.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        Self(unsafe { _mm256_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Self(unsafe { _mm256_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        Self(unsafe { _mm256_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        Self(unsafe {
            _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0)
        })
    }

    #[inline(always)]
    unsafe fn exp2(self) -> Self {
        // The exponent of an f32 begins at bit 23 and is 127 for 1.
        Self(unsafe {
            let exponent = _mm256_add_epi32(_mm256_cvtps_epi32(self.0), _mm256_set1_epi32(127));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent))
        })
    }
}
