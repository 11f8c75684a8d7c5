//! The product of pixels and packed weights, for any vector.

use super::product::{Packed, Product};
use super::tiles::CHANNELS;
use super::vector::{Vector, tanh};
use crate::layer::Activation;

/// Computes tiles of `P` pixels by `N` vectors of outputs, whose sums stay in registers. `HALF` is
/// for the end of a line: about half of `P`.
///
/// Where runs are short it matters that places of pixels are known to the compiler: for the
/// distances of one channel and of Winograd's blocks they are.
///
/// # Safety
/// That of [`Vector`]; and [`Product::check`] must have passed for an output with `out`'s length,
/// with panels of `N` vectors.
#[inline(always)]
pub unsafe fn multiply<V: Vector, const P: usize, const HALF: usize, const N: usize>(
    product: &Product<'_>,
    out: &mut [f32],
) {
    // SAFETY: the caller's, and the step is the product's.
    unsafe {
        match product.step {
            1 => panels::<V, P, HALF, N, 1>(product, out),
            CHANNELS => panels::<V, P, HALF, N, CHANNELS>(product, out),
            _ => panels::<V, P, HALF, N, ANY>(product, out),
        }
    }
}

/// A step that is not known to the compiler.
const ANY: usize = 0;

#[inline(always)]
unsafe fn panels<
    V: Vector,
    const P: usize,
    const HALF: usize,
    const N: usize,
    const STEP: usize,
>(
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
                tile::<V, P, N, STEP>(product, panel, first, out);
                first += P;
            }
            let left = product.pixels - first;
            if left > HALF && product.pixels >= P {
                tile::<V, P, N, STEP>(product, panel, product.pixels - P, out);
            } else if left > 0 && left <= HALF && product.pixels >= HALF {
                tile::<V, HALF, N, STEP>(product, panel, product.pixels - HALF, out);
            } else {
                for pixel in first..product.pixels {
                    tile::<V, 1, N, ANY>(product, panel, pixel, out);
                }
            }
        }
    }
}

/// How far ahead weights are asked for: they come from the second or third cache, in order, and the
/// third takes some 300 cycles.
const AHEAD: usize = 1024;

#[inline(always)]
unsafe fn tile<V: Vector, const P: usize, const N: usize, const STEP: usize>(
    product: &Product<'_>,
    panel: usize,
    first: usize,
    out: &mut [f32],
) {
    let Packed { ref values, rows, panel: width, outputs } = *product.weights;
    let channel = panel * width;
    let step = if STEP == ANY { product.step } else { STEP };
    // SAFETY: `Product::check` compared the furthest value of each run with the input, and the
    // sizes of weights and biases with the number of panels; `first + P` is at most the number of
    // pixels.
    unsafe {
        let mut weights = values.as_ptr().add(channel * rows);
        let input = product.input.as_ptr().add(first * step);
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
                    let value = V::splat(*at.add(p * step));
                    for (sum, vector) in sums.iter_mut().zip(vectors) {
                        *sum = value.mul_add(vector, *sum);
                    }
                }
                at = at.add(1);
            }
        }
        let mut biases = [V::splat(0.0); N];
        for (n, vector) in biases.iter_mut().enumerate() {
            *vector = V::load(product.bias.as_ptr().add(channel + n * V::LANES));
        }
        // Apart from the sums, which would not stay in registers if they were walked through.
        let mut values = [biases; P];
        for (values, sums) in values.iter_mut().zip(sums) {
            for n in 0..N {
                values[n] = sums[n].add(biases[n]);
            }
        }
        let at = first * product.out_step + channel;
        let place = Place { at, step: product.out_step, left: outputs - channel };
        finish::<V, P, N>(product.plus, product.activation, &values, place, out);
    }
}

/// Where the outputs of a tile go.
#[derive(Clone, Copy)]
pub struct Place {
    /// The first output of the first pixel.
    pub at: usize,
    /// Distance of the next pixel.
    pub step: usize,
    /// Outputs of a pixel at most.
    pub left: usize,
}

/// Adds what is added, activates and stores the sums of a tile.
///
/// # Safety
/// That of [`Vector`]; `out`, and `plus` if there is one, must hold the outputs of each pixel.
#[inline(always)]
pub unsafe fn finish<V: Vector, const P: usize, const N: usize>(
    plus: Option<&[f32]>,
    activation: Activation,
    sums: &[[V; N]; P],
    place: Place,
    out: &mut [f32],
) {
    // SAFETY: the caller's.
    unsafe {
        if plus.is_some() || activation == Activation::Tanh || place.left < N * V::LANES {
            for (p, &sums) in sums.iter().enumerate() {
                finish_pixel(plus, activation, sums, place.at + p * place.step, place.left, out);
            }
            return;
        }
        // The usual case, without branches between the pixels.
        let least = if activation == Activation::Relu { 0.0 } else { f32::NEG_INFINITY };
        let (least, mut to) = (V::splat(least), out.as_mut_ptr().add(place.at));
        for sums in sums {
            for (n, sum) in sums.iter().enumerate() {
                sum.max(least).store(to.add(n * V::LANES));
            }
            to = to.wrapping_add(place.step);
        }
    }
}

/// The same for one pixel, of which `left` outputs are stored at most.
///
/// # Safety
/// That of [`Vector`]; `out`, and `plus` if there is one, must hold the channels from `at` on.
#[inline(always)]
unsafe fn finish_pixel<V: Vector, const N: usize>(
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
                sum = sum.add(V::load_first(plus.as_ptr().add(at), lanes));
            }
            activate(sum, activation).store_first(out.as_mut_ptr().add(at), lanes);
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
