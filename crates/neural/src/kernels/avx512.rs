//! AVX-512.

use std::arch::x86_64::*;

use super::product::Product;
use super::tiles::{InputTiles, OutputTiles};
use super::vector::Vector;
use super::{tile, winograd};

/// Outputs of a panel for so many outputs.
pub fn panel(outputs: usize) -> usize {
    if outputs.is_multiple_of(32) { 32 } else { 16 }
}

/// See [`super::Kernel::multiply`].
///
/// # Safety
/// The processor must have AVX-512F, and [`Product::check`] have passed.
#[target_feature(enable = "avx512f")]
pub unsafe fn multiply(product: &Product<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe {
        match product.weights.panel {
            16 => tile::multiply::<Zmm, 20, 10, 1>(product, out),
            32 => tile::multiply::<Zmm, 10, 5, 2>(product, out),
            panel => unreachable!("panels of {panel}"),
        }
    }
}

/// See [`super::Kernel::transform_input`].
///
/// # Safety
/// The processor must have AVX-512F, and [`InputTiles::check`] have passed.
#[target_feature(enable = "avx512f")]
pub unsafe fn transform_input(tiles: &InputTiles<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { winograd::transform_input::<Zmm>(tiles, out) }
}

/// See [`super::Kernel::transform_output`].
///
/// # Safety
/// The processor must have AVX-512F, and [`OutputTiles::check`] have passed.
#[target_feature(enable = "avx512f")]
pub unsafe fn transform_output(tiles: &OutputTiles<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { winograd::transform_output::<Zmm>(tiles, out) }
}

/// A `zmm` register.
#[derive(Clone, Copy)]
pub struct Zmm(__m512);

// SAFETY: of each block below: by the trait's contract the processor has AVX-512F, and pointers
// are valid for 16 values.
impl Vector for Zmm {
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self(unsafe { _mm512_set1_ps(value) })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, sum.0) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        Self(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        Self(unsafe { _mm512_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        Self(unsafe { _mm512_div_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        Self(unsafe { _mm512_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        Self(unsafe { _mm512_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        Self(unsafe { _mm512_roundscale_ps::<0>(self.0) })
    }

    #[inline(always)]
    unsafe fn exp2(self) -> Self {
        Self(unsafe { _mm512_scalef_ps(_mm512_set1_ps(1.0), self.0) })
    }
}
