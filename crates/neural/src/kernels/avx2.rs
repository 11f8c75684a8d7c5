//! AVX2 with FMA.

use std::arch::x86_64::*;

use super::narrow::{self, Bytes, Dot};
use super::product::{Number, Product, ProductNarrow};
use super::tiles::{InputTiles, OutputTiles};
use super::vector::{Vector, tanh_all};
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

/// See [`super::Kernel::multiply_narrow`].
///
/// # Safety
/// The processor must have AVX2 and FMA, and [`ProductNarrow::check`] have passed.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn multiply_narrow(product: &ProductNarrow<'_>, out: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe {
        match (product.weights.number, product.weights.panel) {
            (Number::Int8, 8) => narrow::multiply::<Ymm, Widened, 10, 5, 1>(product, out),
            (Number::Int8, 16) => narrow::multiply::<Ymm, Widened, 5, 2, 2>(product, out),
            (Number::Bf16, 8) => narrow::multiply::<Ymm, Halves, 8, 4, 1>(product, out),
            (Number::Bf16, 16) => narrow::multiply::<Ymm, Halves, 4, 2, 2>(product, out),
            (_, panel) => unreachable!("panels of {panel}"),
        }
    }
}

/// See [`super::Kernel::quantize`].
///
/// # Safety
/// The processor must have AVX2 and FMA, and the slices the same length.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn quantize(values: &[f32], inverse: f32, out: &mut [u8]) {
    // SAFETY: the caller's.
    unsafe { narrow::quantize::<Ymm>(values, inverse, out) }
}

/// See [`super::Kernel::halve`].
///
/// # Safety
/// The processor must have AVX2.
#[target_feature(enable = "avx2")]
pub unsafe fn halve(values: &[f32], out: &mut [u8]) {
    super::portable::halve(values, out);
}

/// See [`super::Kernel::tanh`].
///
/// # Safety
/// The processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn tanh(values: &mut [f32]) {
    // SAFETY: the caller's.
    unsafe { tanh_all::<Ymm>(values) }
}

/// The mask of so many lanes: all bits of each.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn first(lanes: usize) -> __m256i {
    // SAFETY: no pointer is used.
    unsafe {
        let numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes as i32), numbers)
    }
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
    unsafe fn load_first(from: *const f32, lanes: usize) -> Self {
        Self(unsafe { _mm256_maskload_ps(from, first(lanes)) })
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, lanes: usize) {
        unsafe { _mm256_maskstore_ps(to, first(lanes), self.0) }
    }

    #[inline(always)]
    unsafe fn prefetch(from: *const f32) {
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
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

/// Bytes that are widened to 16 bits.
enum Widened {}

// SAFETY: of each block below: by the trait's contract the processor has AVX2, and pointers are
// valid for what is read.
impl Dot<Ymm> for Widened {
    type Sums = __m256i;
    type Words = __m256i;

    #[inline(always)]
    unsafe fn zeros() -> __m256i {
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> __m256i {
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn splat(from: *const u8) -> __m256i {
        unsafe { _mm256_set1_epi32(from.cast::<i32>().read_unaligned()) }
    }

    // The instruction for bytes (`vpmaddubsw`) cuts sums off at 16 bits, so even and odd bytes
    // are widened and multiplied apart.
    #[inline(always)]
    unsafe fn dot(sums: __m256i, inputs: __m256i, weights: __m256i) -> __m256i {
        unsafe {
            let even = _mm256_madd_epi16(
                _mm256_and_si256(inputs, _mm256_set1_epi16(0xFF)),
                _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(weights)),
            );
            let odd =
                _mm256_madd_epi16(_mm256_srli_epi16::<8>(inputs), _mm256_srai_epi16::<8>(weights));
            _mm256_add_epi32(sums, _mm256_add_epi32(even, odd))
        }
    }

    #[inline(always)]
    unsafe fn convert(sums: __m256i) -> Ymm {
        Ymm(unsafe { _mm256_cvtepi32_ps(sums) })
    }
}

/// Numbers of 16 bits that are widened to `f32`, the even ones and the odd ones.
enum Halves {}

// SAFETY: of each block below: by the trait's contract the processor has AVX2 and FMA, and
// pointers are valid for what is read.
impl Dot<Ymm> for Halves {
    type Sums = __m256;
    type Words = [__m256; 2];

    #[inline(always)]
    unsafe fn zeros() -> __m256 {
        unsafe { _mm256_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> [__m256; 2] {
        unsafe { widen(_mm256_loadu_si256(from.cast())) }
    }

    #[inline(always)]
    unsafe fn splat(from: *const u8) -> [__m256; 2] {
        unsafe { widen(_mm256_set1_epi32(from.cast::<i32>().read_unaligned())) }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m256, inputs: [__m256; 2], weights: [__m256; 2]) -> __m256 {
        unsafe {
            let sums = _mm256_fmadd_ps(inputs[0], weights[0], sums);
            _mm256_fmadd_ps(inputs[1], weights[1], sums)
        }
    }

    #[inline(always)]
    unsafe fn convert(sums: __m256) -> Ymm {
        Ymm(sums)
    }
}

/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn widen(words: __m256i) -> [__m256; 2] {
    // SAFETY: the caller's.
    unsafe {
        let odd = _mm256_and_si256(words, _mm256_set1_epi32(0xFFFF_0000_u32.cast_signed()));
        let even = _mm256_slli_epi32::<16>(words);
        [_mm256_castsi256_ps(even), _mm256_castsi256_ps(odd)]
    }
}

// SAFETY: of the block below: by the trait's contract the processor has AVX2, and the pointer is
// valid for what is written.
impl Bytes for Ymm {
    #[inline(always)]
    unsafe fn store_bytes(self, to: *mut u8) {
        unsafe {
            let whole = _mm256_cvtps_epi32(self.0);
            let (low, high) = (_mm256_castsi256_si128(whole), _mm256_extracti128_si256::<1>(whole));
            let words = _mm_packs_epi32(low, high);
            _mm_storel_epi64(to.cast(), _mm_packus_epi16(words, words));
        }
    }
}
