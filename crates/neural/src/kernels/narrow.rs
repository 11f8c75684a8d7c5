//! The product of pixels and weights that are narrow numbers, for any vector.

use super::product::{PackedNarrow, ProductNarrow, WORD};
use super::tile::{Place, finish};
use super::vector::Vector;

/// How words of inputs and weights are multiplied.
///
/// # Safety
/// That of [`Vector`].
pub trait Dot<V: Vector> {
    /// A sum in each lane.
    type Sums: Copy;
    /// A word in each lane.
    type Words: Copy;
    /// Sums of nothing.
    unsafe fn zeros() -> Self::Sums;
    /// Reads a word for each lane.
    unsafe fn load(from: *const u8) -> Self::Words;
    /// Reads a word and puts it in each lane.
    unsafe fn splat(from: *const u8) -> Self::Words;
    /// Adds the products of inputs and weights to each lane.
    unsafe fn dot(sums: Self::Sums, inputs: Self::Words, weights: Self::Words) -> Self::Sums;
    /// The sums as `f32`.
    unsafe fn convert(sums: Self::Sums) -> V;
}

/// A vector that is stored as bytes.
///
/// # Safety
/// That of [`Vector`].
pub trait Bytes: Vector {
    /// Writes one byte for each lane: the nearest whole number, at most 255 and at least 0.
    unsafe fn store_bytes(self, to: *mut u8);
}

/// See [`super::tile::multiply`].
///
/// # Safety
/// That of [`Vector`]; and [`ProductNarrow::check`] must have passed for an output with `out`'s
/// length, with panels of `N` vectors.
#[inline(always)]
pub unsafe fn multiply<V: Vector, D: Dot<V>, const P: usize, const HALF: usize, const N: usize>(
    product: &ProductNarrow<'_>,
    out: &mut [f32],
) {
    for panel in 0..product.weights.outputs.div_ceil(product.weights.panel) {
        let mut first = 0;
        // SAFETY: all tiles lie within the line, as in `super::tile::multiply`.
        unsafe {
            while first + P <= product.pixels {
                tile::<V, D, P, N>(product, panel, first, out);
                first += P;
            }
            let left = product.pixels - first;
            if left > HALF && product.pixels >= P {
                tile::<V, D, P, N>(product, panel, product.pixels - P, out);
            } else if left > 0 && left <= HALF && product.pixels >= HALF {
                tile::<V, D, HALF, N>(product, panel, product.pixels - HALF, out);
            } else {
                for pixel in first..product.pixels {
                    tile::<V, D, 1, N>(product, panel, pixel, out);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn tile<V: Vector, D: Dot<V>, const P: usize, const N: usize>(
    product: &ProductNarrow<'_>,
    panel: usize,
    first: usize,
    out: &mut [f32],
) {
    let PackedNarrow { ref values, run, rows, panel: width, .. } = *product.weights;
    // SAFETY: `ProductNarrow::check` compared the furthest value of each run with the input, and
    // the sizes of weights, scales and biases with the number of panels; `first + P` is at most
    // the number of pixels.
    unsafe {
        let mut weights = values.as_ptr().add(panel * width * rows * WORD);
        let input = product.input.as_ptr().add(first * product.step);
        let mut sums = [[D::zeros(); N]; P];
        for &start in product.runs {
            let mut at = input.add(start);
            for _ in 0..run / WORD {
                let mut words = [D::load(weights); N];
                for (n, words) in words.iter_mut().enumerate().skip(1) {
                    *words = D::load(weights.add(n * V::LANES * WORD));
                }
                weights = weights.add(N * V::LANES * WORD);
                for (p, sums) in sums.iter_mut().enumerate() {
                    let word = D::splat(at.add(p * product.step));
                    for (sum, words) in sums.iter_mut().zip(words) {
                        *sum = D::dot(*sum, word, words);
                    }
                }
                at = at.add(WORD);
            }
        }
        let scaling = Scaling::<V, N>::new(product, panel);
        let mut values = [scaling.biases; P];
        for (values, sums) in values.iter_mut().zip(sums) {
            let mut floats = [V::splat(0.0); N];
            for n in 0..N {
                floats[n] = D::convert(sums[n]);
            }
            *values = scaling.scale(floats);
        }
        let place = scaling.place(first);
        finish::<V, P, N>(product.plus, product.activation, &values, place, out);
    }
}

/// What becomes of the sums of a panel, and where they go.
#[derive(Clone, Copy)]
pub struct Scaling<V, const N: usize> {
    factors: [V; N],
    biases: [V; N],
    out_step: usize,
    channel: usize,
    left: usize,
}

impl<V: Vector, const N: usize> Scaling<V, N> {
    /// # Safety
    /// That of [`Vector`]; and [`ProductNarrow::check`] must have passed, with panels of `N`
    /// vectors.
    #[inline(always)]
    pub unsafe fn new(product: &ProductNarrow<'_>, panel: usize) -> Self {
        let PackedNarrow { outputs, panel: width, ref scales, .. } = *product.weights;
        let channel = panel * width;
        // SAFETY: scales and biases fill the last panel.
        unsafe {
            let (scales, bias) = (scales.as_ptr().add(channel), product.bias.as_ptr().add(channel));
            let (mut factors, mut biases) = ([V::splat(0.0); N], [V::splat(0.0); N]);
            for n in 0..N {
                factors[n] = V::load(scales.add(n * V::LANES)).mul(V::splat(product.scale));
                biases[n] = V::load(bias.add(n * V::LANES));
            }
            let (out_step, left) = (product.out_step, outputs - channel);
            Self { factors, biases, out_step, channel, left }
        }
    }

    /// # Safety
    /// That of [`Vector`].
    #[inline(always)]
    pub unsafe fn scale(&self, mut sums: [V; N]) -> [V; N] {
        // SAFETY: no pointer is used.
        unsafe {
            for n in 0..N {
                // Not in one operation, so that all kernels give the same bits.
                sums[n] = sums[n].mul(self.factors[n]).add(self.biases[n]);
            }
        }
        sums
    }

    /// The outputs of a pixel and those after it.
    #[inline(always)]
    pub fn place(&self, pixel: usize) -> Place {
        let at = pixel * self.out_step + self.channel;
        Place { at, step: self.out_step, left: self.left }
    }
}

/// Divides by the scale (multiplies by `inverse`) and rounds.
///
/// # Safety
/// That of [`Vector`]; `out` must be as long as `values`.
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
