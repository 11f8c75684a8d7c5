//! The product of pixels and packed weights, for any vector.

use super::product::{Packed, Product};
use super::vector::{Vector, tanh};
use crate::layer::Activation;

/// Computes tiles of `P` pixels by `N` vectors of outputs, whose sums stay in registers. `HALF` is
/// for the end of a line: about half of `P`.
///
/// # Safety
/// That of [`Vector`]; and [`Product::check`] must have passed for an output with `out`'s length,
/// with panels of `N` vectors.
#[inline(always)]
pub unsafe fn multiply<V: Vector, const P: usize, const HALF: usize, const N: usize>(
    product: &Product<'_>,
    out: &mut [f32],
) {
    for panel in 0..product.weights.panels() {
        let mut first = 0;
        // SAFETY: all tiles lie within the line: `first` is at most the number of pixels less
        // those of the tile. What the last tile has in common with the one before is computed
        // twice, to the same values.
        unsafe {
            while first + P <= product.pixels {
                tile::<V, P, N>(product, panel, first, out);
                first += P;
            }
            let left = product.pixels - first;
            if left > HALF && product.pixels >= P {
                tile::<V, P, N>(product, panel, product.pixels - P, out);
            } else if left > 0 && left <= HALF && product.pixels >= HALF {
                tile::<V, HALF, N>(product, panel, product.pixels - HALF, out);
            } else {
                for pixel in first..product.pixels {
                    tile::<V, 1, N>(product, panel, pixel, out);
                }
            }
        }
    }
}

/// How far ahead weights are asked for: they come from the second or third cache, in order.
const AHEAD: usize = 256;

#[inline(always)]
unsafe fn tile<V: Vector, const P: usize, const N: usize>(
    product: &Product<'_>,
    panel: usize,
    first: usize,
    out: &mut [f32],
) {
    let Packed { ref values, rows, panel: width, outputs } = *product.weights;
    let channel = panel * width;
    // SAFETY: `Product::check` compared the furthest value of each run with the input, and the
    // sizes of weights and biases with the number of panels; `first + P` is at most the number of
    // pixels.
    unsafe {
        let mut weights = values.as_ptr().add(channel * rows);
        let input = product.input.as_ptr().add(first * product.step);
        let mut sums = [[V::splat(0.0); N]; P];
        for &run in product.runs {
            let mut at = input.add(run);
            for _ in 0..product.run {
                let mut vectors = [V::splat(0.0); N];
                for (n, vector) in vectors.iter_mut().enumerate() {
                    *vector = V::load(weights.add(n * V::LANES));
                    V::prefetch(weights.wrapping_add(n * V::LANES + AHEAD));
                }
                weights = weights.add(N * V::LANES);
                for (p, sums) in sums.iter_mut().enumerate() {
                    let value = V::splat(*at.add(p * product.step));
                    for (sum, vector) in sums.iter_mut().zip(vectors) {
                        *sum = value.mul_add(vector, *sum);
                    }
                }
                at = at.add(1);
            }
        }
        for (n, bias) in (0..N).map(|n| (n, product.bias.as_ptr().add(channel + n * V::LANES))) {
            let bias = V::load(bias);
            for sums in &mut sums {
                sums[n] = sums[n].add(bias);
            }
        }
        let left = outputs - channel;
        for (p, sums) in sums.into_iter().enumerate() {
            let at = (first + p) * product.out_step + channel;
            finish::<V, N>(product.plus, product.activation, sums, at, left, out);
        }
    }
}

/// Adds what is added, activates and stores one pixel's sums: `left` channels at most.
///
/// # Safety
/// That of [`Vector`]; `out`, and `plus` if there is one, must hold the channels from `at` on.
#[inline(always)]
pub unsafe fn finish<V: Vector, const N: usize>(
    plus: Option<&[f32]>,
    activation: Activation,
    sums: [V; N],
    at: usize,
    left: usize,
    out: &mut [f32],
) {
    for (n, sum) in sums.into_iter().enumerate() {
        let lanes = left.saturating_sub(n * V::LANES).min(V::LANES);
        let at = at + n * V::LANES;
        if lanes == 0 {
            continue;
        }
        // SAFETY: the caller's, and no more than the channels left are touched.
        unsafe {
            let mut sum = sum;
            if let Some(plus) = plus {
                sum = sum.add(load_lanes(plus.as_ptr().add(at), lanes));
            }
            store_lanes(activate(sum, activation), out.as_mut_ptr().add(at), lanes);
        }
    }
}

/// Applies an activation.
///
/// # Safety
/// That of [`Vector`].
#[inline(always)]
pub unsafe fn activate<V: Vector>(value: V, activation: Activation) -> V {
    // SAFETY: the caller keeps the contract of `Vector`, and no pointer is used.
    unsafe {
        match activation {
            Activation::None => value,
            Activation::Relu => value.max(V::splat(0.0)),
            Activation::Tanh => tanh(value),
        }
    }
}

/// Widest vector.
const MOST_LANES: usize = 16;

/// Reads the first lanes of a vector; the others are 0.
///
/// # Safety
/// That of [`Vector`], but for `lanes` values only, which are at most those of a vector.
#[inline(always)]
unsafe fn load_lanes<V: Vector>(from: *const f32, lanes: usize) -> V {
    // SAFETY: the array holds the widest vector, and only `lanes` values are read.
    unsafe {
        if lanes == V::LANES {
            return V::load(from);
        }
        let mut values = [0.0; MOST_LANES];
        std::ptr::copy_nonoverlapping(from, values.as_mut_ptr(), lanes);
        V::load(values.as_ptr())
    }
}

/// Writes the first lanes of a vector.
///
/// # Safety
/// That of [`Vector`], but for `lanes` values only, which are at most those of a vector.
#[inline(always)]
unsafe fn store_lanes<V: Vector>(vector: V, to: *mut f32, lanes: usize) {
    // SAFETY: the array holds the widest vector, and only `lanes` values are written.
    unsafe {
        if lanes == V::LANES {
            return vector.store(to);
        }
        let mut values = [0.0; MOST_LANES];
        vector.store(values.as_mut_ptr());
        std::ptr::copy_nonoverlapping(values.as_ptr(), to, lanes);
    }
}
