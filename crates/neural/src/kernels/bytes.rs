//! The product of pixels and weights that are bytes, for any vector.

use super::product::{PackedBytes, ProductBytes, WORD};
use super::tile::{Place, finish};
use super::vector::Vector;

/// A vector with sums of products of bytes.
///
/// # Safety
/// That of [`Vector`].
pub trait Bytes: Vector {
    /// A whole number in each lane.
    type Sums: Copy;
    /// Four bytes in each lane.
    type Words: Copy;
    /// Sums of nothing.
    unsafe fn zeros() -> Self::Sums;
    /// Reads four bytes for each lane.
    unsafe fn load_words(from: *const i8) -> Self::Words;
    /// Reads four bytes and puts them in each lane.
    unsafe fn splat_word(from: *const u8) -> Self::Words;
    /// Adds the products of four unsigned with four signed bytes to each lane, exactly.
    unsafe fn dot(sums: Self::Sums, inputs: Self::Words, weights: Self::Words) -> Self::Sums;
    /// The sums as `f32`.
    unsafe fn convert(sums: Self::Sums) -> Self;
    /// Writes one byte for each lane: the nearest whole number, at most 255 and at least 0.
    unsafe fn store_bytes(self, to: *mut u8);
}

/// See [`super::tile::multiply`].
///
/// # Safety
/// That of [`Bytes`]; and [`ProductBytes::check`] must have passed for an output with `out`'s
/// length, with panels of `N` vectors.
#[inline(always)]
pub unsafe fn multiply<V: Bytes, const P: usize, const HALF: usize, const N: usize>(
    product: &ProductBytes<'_>,
    out: &mut [f32],
) {
    for panel in 0..product.weights.outputs.div_ceil(product.weights.panel) {
        let mut first = 0;
        // SAFETY: all tiles lie within the line, as in `super::tile::multiply`.
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

#[inline(always)]
unsafe fn tile<V: Bytes, const P: usize, const N: usize>(
    product: &ProductBytes<'_>,
    panel: usize,
    first: usize,
    out: &mut [f32],
) {
    let PackedBytes { ref values, rows, outputs, panel: width, ref scales } = *product.weights;
    let channel = panel * width;
    // SAFETY: `ProductBytes::check` compared the furthest value of each run with the input, and
    // the sizes of weights, scales and biases with the number of panels; `first + P` is at most
    // the number of pixels.
    unsafe {
        let mut weights = values.as_ptr().add(channel * rows * WORD);
        let input = product.input.as_ptr().add(first * product.step);
        let mut sums = [[V::zeros(); N]; P];
        for &run in product.runs {
            let mut at = input.add(run);
            for _ in 0..product.run / WORD {
                let mut words = [V::load_words(weights); N];
                for (n, words) in words.iter_mut().enumerate().skip(1) {
                    *words = V::load_words(weights.add(n * V::LANES * WORD));
                }
                weights = weights.add(N * V::LANES * WORD);
                for (p, sums) in sums.iter_mut().enumerate() {
                    let word = V::splat_word(at.add(p * product.step));
                    for (sum, words) in sums.iter_mut().zip(words) {
                        *sum = V::dot(*sum, word, words);
                    }
                }
                at = at.add(WORD);
            }
        }
        let (scales, bias) = (scales.as_ptr().add(channel), product.bias.as_ptr().add(channel));
        let (mut factors, mut biases) = ([V::splat(0.0); N], [V::splat(0.0); N]);
        for n in 0..N {
            factors[n] = V::load(scales.add(n * V::LANES)).mul(V::splat(product.scale));
            biases[n] = V::load(bias.add(n * V::LANES));
        }
        let mut values = [biases; P];
        for (values, sums) in values.iter_mut().zip(sums) {
            for n in 0..N {
                // Not in one operation, so that all kernels give the same bits.
                values[n] = V::convert(sums[n]).mul(factors[n]).add(biases[n]);
            }
        }
        let at = first * product.out_step + channel;
        let place = Place { at, step: product.out_step, left: outputs - channel };
        finish::<V, P, N>(product.plus, product.activation, &values, place, out);
    }
}

/// Divides by the scale (multiplies by `inverse`) and rounds.
///
/// # Safety
/// That of [`Bytes`]; `out` must be as long as `values`.
#[inline(always)]
pub unsafe fn quantize<V: Bytes>(values: &[f32], inverse: f32, out: &mut [u8]) {
    let whole = values.len() / V::LANES * V::LANES;
    for at in (0..whole).step_by(V::LANES) {
        // SAFETY: both slices hold all lanes from `at` on.
        unsafe {
            let scaled = V::load(values.as_ptr().add(at)).mul(V::splat(inverse));
            // Whatever is larger is cut off before it could be too large for a whole number.
            scaled.min(V::splat(255.0)).store_bytes(out.as_mut_ptr().add(at));
        }
    }
    super::portable::quantize(&values[whole..], inverse, &mut out[whole..]);
}
