//! Lines of a convolution that is not computed by tiles.

use super::conv::{Method, PackedConv};
use super::picture::{Shape, Values};
use crate::kernels::Kernel;
use crate::kernels::product::{Packed, PackedNarrow, Product, ProductNarrow};
use crate::layer::Activation;

/// The operands of a convolution.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// The convolution.
    pub conv: &'a PackedConv,
    /// What computes.
    pub kernel: Kernel,
    /// All values of the input, halo included.
    pub input: Values<'a>,
    /// The input's shape.
    pub shape: &'a Shape,
    /// The output's shape.
    pub out_shape: &'a Shape,
    /// The lines' values that are added, halo included.
    pub plus: Option<&'a [f32]>,
}

/// Where the pixels of a line lie, and where their outputs go.
struct Pixels<'r> {
    runs: &'r [usize],
    run: usize,
    step: usize,
    count: usize,
    lines: usize,
    line_step: usize,
    first: usize,
    out_step: usize,
}

/// Lines of the largest kernel.
const MOST_RUNS: usize = 7;

impl Line<'_> {
    /// Computes the lines from `y` on that `out` has room for, their halo included.
    pub fn compute(&self, y: usize, out: &mut [f32]) {
        let line = self.out_shape.line();
        if let Method::DirectNarrow { kernel, stride, weights } = &self.conv.method {
            self.direct(*kernel, *stride, y, |pixels| {
                let pixels = Pixels { lines: out.len() / line, ..pixels };
                self.multiply_narrow(&pixels, weights, out);
            });
        } else {
            for (i, out) in out.chunks_exact_mut(line).enumerate() {
                let plus = self.plus.map(|plus| &plus[i * line..]);
                Self { plus, ..*self }.sum(y + i, out);
            }
        }
        if self.conv.activation == Activation::Tanh {
            for out in out.chunks_exact_mut(line) {
                self.kernel.tanh(&mut out[self.out_shape.inner()]);
            }
        }
    }

    /// What is applied pixel by pixel. Not a tangent: of few outputs it would cost as much as of a
    /// whole vector.
    fn activation(&self) -> Activation {
        match self.conv.activation {
            Activation::Tanh => Activation::None,
            cheap => cheap,
        }
    }

    fn sum(&self, y: usize, out: &mut [f32]) {
        match &self.conv.method {
            Method::Direct { kernel, stride, weights } => {
                self.direct(*kernel, *stride, y, |pixels| self.multiply(&pixels, weights, out));
            }
            Method::Doubled { weights } => {
                let pair = &weights[y % 2 * 2..][..2];
                self.doubled(y, |i, pixels| self.multiply(pixels, &pair[i], out));
            }
            Method::DoubledNarrow { weights } => {
                let pair = &weights[y % 2 * 2..][..2];
                self.doubled(y, |i, pixels| self.multiply_narrow(pixels, &pair[i], out));
            }
            Method::DirectNarrow { .. } => unreachable!("computed several lines at once"),
            Method::Winograd { .. } => unreachable!("computed by tiles"),
        }
    }

    fn direct(&self, side: usize, stride: usize, y: usize, multiply: impl FnOnce(Pixels<'_>)) {
        let corner = self.shape.halo - side / 2;
        let mut runs = [0; MOST_RUNS];
        for (line, run) in runs[..side].iter_mut().enumerate() {
            *run = self.shape.at(corner + y * stride + line, corner);
        }
        multiply(Pixels {
            runs: &runs[..side],
            run: side * self.shape.channels,
            step: stride * self.shape.channels,
            count: self.out_shape.width,
            lines: 1,
            line_step: stride * self.shape.line(),
            first: self.out_shape.inner().start,
            out_step: self.out_shape.channels,
        });
    }

    /// Even and odd columns are computed apart.
    fn doubled(&self, y: usize, mut multiply: impl FnMut(usize, &Pixels<'_>)) {
        let (shape, out_shape) = (self.shape, self.out_shape);
        for column in 0..2 {
            // The 2x2 pixels begin one before the output's own, or at it.
            let (top, left) = (shape.halo + y / 2 + y % 2 - 1, shape.halo + column - 1);
            let pixels = Pixels {
                runs: &[shape.at(top, left), shape.at(top + 1, left)],
                run: 2 * shape.channels,
                step: shape.channels,
                count: shape.width,
                lines: 1,
                line_step: shape.line(),
                first: out_shape.inner().start + column * out_shape.channels,
                out_step: 2 * out_shape.channels,
            };
            multiply(column, &pixels);
        }
    }

    fn multiply(&self, pixels: &Pixels<'_>, weights: &Packed, out: &mut [f32]) {
        let product = Product {
            input: self.input.floats(),
            runs: pixels.runs,
            run: pixels.run,
            step: pixels.step,
            pixels: pixels.count,
            weights,
            bias: &self.conv.bias,
            plus: self.plus.map(|plus| &plus[pixels.first..]),
            activation: self.activation(),
            out_step: pixels.out_step,
        };
        self.kernel.multiply(&product, &mut out[pixels.first..]);
    }

    fn multiply_narrow(&self, pixels: &Pixels<'_>, weights: &PackedNarrow, out: &mut [f32]) {
        let Values::Narrow(input, number, scale) = self.input else {
            unreachable!("packed for narrow numbers");
        };
        let mut runs = [0; MOST_RUNS];
        for (bytes, run) in runs.iter_mut().zip(pixels.runs) {
            *bytes = run * number.size();
        }
        let product = ProductNarrow {
            input,
            scale,
            runs: &runs[..pixels.runs.len()],
            step: pixels.step * number.size(),
            pixels: pixels.count,
            lines: pixels.lines,
            line_step: pixels.line_step * number.size(),
            weights,
            bias: &self.conv.bias,
            plus: self.plus.map(|plus| &plus[pixels.first..]),
            activation: self.activation(),
            out_step: pixels.out_step,
            out_line: self.out_shape.line(),
        };
        self.kernel.multiply_narrow(&product, &mut out[pixels.first..]);
    }
}
