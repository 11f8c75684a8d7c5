//! What the kernels ask of a processor: vectors of `f32`.

/// A vector register of `f32`.
///
/// # Safety
/// Every method may only be called where the processor has the instructions of the implementing
/// type, and inlined into a function with that target feature, or it costs a call. Pointers must
/// be valid for `LANES` values; they need no alignment.
pub trait Vector: Copy {
    /// Values in a vector.
    const LANES: usize;
    /// The same value in each lane.
    unsafe fn splat(value: f32) -> Self;
    /// Reads `LANES` values.
    unsafe fn load(from: *const f32) -> Self;
    /// Asks for the cache line at an address, which need not be valid.
    unsafe fn prefetch(from: *const f32);
    /// Writes `LANES` values.
    unsafe fn store(self, to: *mut f32);
    /// Reads the first `lanes` values, `LANES` at most; the others are 0, and are not read.
    unsafe fn load_first(from: *const f32, lanes: usize) -> Self;
    /// Writes the first `lanes` values, `LANES` at most.
    unsafe fn store_first(self, to: *mut f32, lanes: usize);
    /// `self * factor + sum`, rounded once.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;
    /// The sum.
    unsafe fn add(self, other: Self) -> Self;
    /// The difference.
    unsafe fn sub(self, other: Self) -> Self;
    /// The product.
    unsafe fn mul(self, other: Self) -> Self;
    /// The quotient.
    unsafe fn div(self, other: Self) -> Self;
    /// The larger of each pair.
    unsafe fn max(self, other: Self) -> Self;
    /// The smaller of each pair.
    unsafe fn min(self, other: Self) -> Self;
    /// The nearest whole numbers.
    unsafe fn round(self) -> Self;
    /// 2 to the power of each lane, for whole numbers between -126 and 127.
    unsafe fn exp2(self) -> Self;
}

/// Replaces values by their hyperbolic tangents.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub unsafe fn tanh_all<V: Vector>(values: &mut [f32]) {
    for part in values.chunks_mut(V::LANES) {
        // SAFETY: as many lanes are read and written as the part has values.
        unsafe {
            tanh(V::load_first(part.as_ptr(), part.len()))
                .store_first(part.as_mut_ptr(), part.len());
        }
    }
}

/// The hyperbolic tangent, to 3e-7.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub unsafe fn tanh<V: Vector>(x: V) -> V {
    // SAFETY: the caller keeps the contract of `Vector`, and no pointer is used.
    unsafe {
        // tanh x = 1 - 2 / (e^2x + 1), which is +-1 in f32 long before 2x reaches 30.
        let y = x.add(x).min(V::splat(30.0)).max(V::splat(-30.0));
        // e^y = 2^n e^r with |r| at most half of ln 2, which is taken away in two parts.
        let n = y.mul(V::splat(std::f32::consts::LOG2_E)).round();
        let r = n.mul_add(V::splat(-0.693_145_75), y);
        let r = n.mul_add(V::splat(-1.428_606_8e-6), r);
        let mut series = V::splat(1.0 / 5040.0);
        for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
            series = series.mul_add(r, V::splat(factor));
        }
        let denominator = series.mul_add(n.exp2(), V::splat(1.0));
        V::splat(1.0).sub(V::splat(2.0).div(denominator))
    }
}
