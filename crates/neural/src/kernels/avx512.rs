//! AVX-512.

use std::arch::x86_64::*;

use super::narrow::{self, Bytes, Dot};
use super::product::{Product, ProductNarrow};
use super::tiles::{InputTiles, OutputTiles};
use super::vector::{Vector, tanh_all};
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

/// See [`super::Kernel::multiply_narrow`]: bytes.
///
/// # Safety
/// The processor must have AVX-512F and VNNI, and [`ProductNarrow::check`] have passed.
#[target_feature(enable = "avx512f,avx512vnni")]
pub unsafe fn multiply_bytes(product: &ProductNarrow<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe {
        match product.weights.panel {
            16 => narrow::multiply::<Zmm, Vnni, 20, 10, 1>(product, out),
            32 => narrow::multiply::<Zmm, Vnni, 10, 5, 2>(product, out),
            panel => unreachable!("panels of {panel}"),
        }
    }
}

/// See [`super::Kernel::multiply_narrow`]: numbers of 16 bits.
///
/// # Safety
/// The processor must have AVX-512F and BF16, and [`ProductNarrow::check`] have passed.
#[target_feature(enable = "avx512f,avx512bf16")]
pub unsafe fn multiply_halves(product: &ProductNarrow<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe {
        match product.weights.panel {
            16 => narrow::multiply::<Zmm, Halves, 20, 10, 1>(product, out),
            32 => narrow::multiply::<Zmm, Halves, 10, 5, 2>(product, out),
            panel => unreachable!("panels of {panel}"),
        }
    }
}

/// See [`super::Kernel::quantize`].
///
/// # Safety
/// The processor must have AVX-512F, and the slices the same length.
#[target_feature(enable = "avx512f")]
pub unsafe fn quantize(values: &[f32], inverse: f32, out: &mut [u8]) {
    // SAFETY: the caller's.
    unsafe { narrow::quantize::<Zmm>(values, inverse, out) }
}

/// See [`super::Kernel::halve`].
///
/// # Safety
/// The processor must have AVX-512F.
#[target_feature(enable = "avx512f")]
pub unsafe fn halve(values: &[f32], out: &mut [u8]) {
    super::portable::halve(values, out);
}

/// See [`super::Kernel::tanh`].
///
/// # Safety
/// The processor must have AVX-512F.
#[target_feature(enable = "avx512f")]
pub unsafe fn tanh(values: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { tanh_all::<Zmm>(values) }
}

/// The mask of so many lanes.
fn first(lanes: usize) -> __mmask16 {
    ((1u32 << lanes) - 1) as __mmask16
}

/// A `zmm` register.
#[derive(Clone, Copy)]
pub struct Zmm(pub __m512);

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
    unsafe fn load_first(from: *const f32, lanes: usize) -> Self {
        Self(unsafe { _mm512_maskz_loadu_ps(first(lanes), from) })
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, lanes: usize) {
        unsafe { _mm512_mask_storeu_ps(to, first(lanes), self.0) }
    }

    #[inline(always)]
    unsafe fn prefetch(from: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
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

/// Bytes.
enum Vnni {}

// SAFETY: of each block below: by the trait's contract the processor has AVX-512F and VNNI, and
// pointers are valid for what is read.
impl Dot<Zmm> for Vnni {
    type Sums = __m512i;
    type Words = __m512i;

    #[inline(always)]
    unsafe fn zeros() -> __m512i {
        unsafe { _mm512_setzero_si512() }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> __m512i {
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn splat(from: *const u8) -> __m512i {
        unsafe { _mm512_set1_epi32(from.cast::<i32>().read_unaligned()) }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m512i, inputs: __m512i, weights: __m512i) -> __m512i {
        unsafe { _mm512_dpbusd_epi32(sums, inputs, weights) }
    }

    #[inline(always)]
    unsafe fn convert(sums: __m512i) -> Zmm {
        Zmm(unsafe { _mm512_cvtepi32_ps(sums) })
    }
}

/// Numbers of 16 bits.
enum Halves {}

// SAFETY: of each block below: by the trait's contract the processor has AVX-512F and BF16, and
// pointers are valid for what is read.
impl Dot<Zmm> for Halves {
    type Sums = __m512;
    type Words = __m512i;

    #[inline(always)]
    unsafe fn zeros() -> __m512 {
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> __m512i {
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline(always)]
    unsafe fn splat(from: *const u8) -> __m512i {
        unsafe { _mm512_set1_epi32(from.cast::<i32>().read_unaligned()) }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m512, inputs: __m512i, weights: __m512i) -> __m512 {
        // SAFETY: both types are 512 bits without any meaning of their own.
        unsafe {
            let inputs = std::mem::transmute::<__m512i, __m512bh>(inputs);
            let weights = std::mem::transmute::<__m512i, __m512bh>(weights);
            _mm512_dpbf16_ps(sums, inputs, weights)
        }
    }

    #[inline(always)]
    unsafe fn convert(sums: __m512) -> Zmm {
        Zmm(sums)
    }
}

// SAFETY: of the block below: by the trait's contract the processor has AVX-512F, and the pointer
// is valid for what is written.
impl Bytes for Zmm {
    #[inline(always)]
    unsafe fn store_bytes(self, to: *mut u8) {
        unsafe {
            let whole = _mm512_max_epi32(_mm512_cvtps_epi32(self.0), _mm512_setzero_si512());
            _mm_storeu_si128(to.cast(), _mm512_cvtusepi32_epi8(whole));
        }
    }
}
