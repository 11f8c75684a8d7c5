//! Products of matrices in slices: of `f32` by the `gemm` crate, of numbers of 16 bits by the
//! kernels for them.

use std::cell::RefCell;

use gemm::Parallelism;

use super::aligned::Aligned;
use super::product::{Number, PackedNarrow, ProductNarrow, WORD, bf16};
use super::{Kernel, KernelChoice};
use crate::layer::Activation;
use crate::ops::Products;

/// A matrix inside a slice: entry (r, c) is `data[r * row_stride + c * column_stride]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

thread_local! {
    /// A left factor in 16 bits, and a product that is yet to be added.
    static SCRATCH: RefCell<(Vec<u8>, Vec<f32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// What happens to what the product's place held before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// It is replaced.
    Replace,
    /// The product is added to it.
    Add,
}

impl<'a> Matrix<'a> {
    /// The rows of `columns` values that `data` begins with.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert!(data.len() >= rows * columns, "{rows}x{columns} values in {}", data.len());
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// The same values with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// The right factor of products, made ready for several of them.
#[derive(Clone, Debug)]
pub enum Factor<'a> {
    /// As it is.
    F32(Matrix<'a>),
    /// In 16 bits.
    Bf16(Halves),
}

/// A matrix in 16 bits, packed for a kernel.
#[derive(Clone, Debug)]
pub struct Halves {
    kernel: Kernel,
    packed: PackedNarrow,
    /// Rows of the matrix.
    rows: usize,
    /// Zeros.
    bias: Aligned,
}

impl<'a> Factor<'a> {
    /// The right factor of products of this kind.
    pub fn new(products: Products, right: Matrix<'a>) -> Self {
        match (products, KernelChoice::Auto.kernel()) {
            (Products::Bf16, Ok(kernel)) => Self::Bf16(Halves::new(kernel, right)),
            _ => Self::F32(right),
        }
    }

    /// Writes `left` times this, row by row, to `out`, on this thread only.
    ///
    /// # Panics
    /// If the sizes do not fit.
    pub fn multiply(&self, left: Matrix<'_>, out: &mut [f32], output: Output) {
        match self {
            Self::F32(right) => multiply(left, *right, out, output),
            Self::Bf16(right) => right.multiply(left, out, output),
        }
    }
}

impl Halves {
    fn new(kernel: Kernel, right: Matrix<'_>) -> Self {
        let (panel, whole) = kernel.panel_narrow(Number::Bf16, right.columns);
        let padded = right.columns.next_multiple_of(panel);
        let run = (right.rows * Number::Bf16.size()).next_multiple_of(whole);
        let rows = run / WORD;
        let mut values = Aligned::zeros(padded * run);
        for (number, panel_values) in values.chunks_exact_mut(panel * run).enumerate() {
            let first = number * panel;
            let outputs = panel.min(right.columns - first);
            for (row, words) in panel_values.chunks_exact_mut(panel * WORD).enumerate() {
                let upper = right.row_from(row * 2, first, outputs);
                let lower = right.row_from(row * 2 + 1, first, outputs);
                right.pack(upper, lower, &mut words[..outputs * WORD]);
            }
        }
        let mut scales = Aligned::zeros(padded);
        scales.fill(1.0);
        let packed = PackedNarrow {
            values,
            number: Number::Bf16,
            run,
            rows,
            outputs: right.columns,
            panel,
            scales,
        };
        Self { kernel, packed, rows: right.rows, bias: Aligned::zeros(padded) }
    }

    fn multiply(&self, left: Matrix<'_>, out: &mut [f32], output: Output) {
        assert_eq!(left.columns, self.rows, "matrices that cannot be multiplied");
        assert_eq!(out.len(), left.rows * self.packed.outputs, "a product of another size");
        SCRATCH.with_borrow_mut(|(halves, product)| {
            left.halve(self.kernel, self.packed.run, halves);
            let narrow = ProductNarrow {
                input: halves,
                scale: 1.0,
                runs: &[0],
                step: self.packed.run,
                pixels: left.rows,
                lines: 1,
                line_step: 0,
                weights: &self.packed,
                bias: &self.bias,
                plus: None,
                activation: Activation::None,
                out_step: self.packed.outputs,
                out_line: 0,
            };
            if output == Output::Replace {
                return self.kernel.multiply_narrow(&narrow, out);
            }
            product.resize(out.len(), 0.0);
            self.kernel.multiply_narrow(&narrow, product);
            for (sum, value) in out.iter_mut().zip(product) {
                *sum += *value;
            }
        });
    }
}

impl Matrix<'_> {
    /// The values of a row from a column on, up to the last of `count`; none behind the last row.
    fn row_from(&self, row: usize, column: usize, count: usize) -> &[f32] {
        if row >= self.rows {
            return &[];
        }
        let first = row * self.row_stride + column * self.column_stride;
        &self.data[first..][..=(count - 1) * self.column_stride]
    }

    /// Words of two rows of this matrix, of which the lower one may be missing.
    fn pack(&self, upper: &[f32], lower: &[f32], words: &mut [u8]) {
        let word = |upper: f32, lower: f32| bf16(upper) as u32 | (bf16(lower) as u32) << 16;
        let words = words.as_chunks_mut::<WORD>().0.iter_mut();
        if self.column_stride == 1 && upper.len() == lower.len() {
            for ((to, &upper), &lower) in words.zip(upper).zip(lower) {
                *to = word(upper, lower).to_le_bytes();
            }
            return;
        }
        for (i, to) in words.enumerate() {
            let at = i * self.column_stride;
            let value = |row: &[f32]| row.get(at).copied().unwrap_or(0.0);
            *to = word(value(upper), value(lower)).to_le_bytes();
        }
    }

    /// The rows in 16 bits, each filled up with zeros to so many bytes.
    fn halve(&self, kernel: Kernel, step: usize, out: &mut Vec<u8>) {
        let bytes = self.columns * Number::Bf16.size();
        out.resize(self.rows * step, 0);
        for (row, out) in out.chunks_exact_mut(step).enumerate() {
            let (out, rest) = out.split_at_mut(bytes);
            let values = self.row_from(row, 0, self.columns);
            if self.column_stride == 1 {
                kernel.halve(values, out);
            } else {
                let values = values.iter().step_by(self.column_stride);
                for (to, &value) in out.as_chunks_mut().0.iter_mut().zip(values) {
                    *to = bf16(value).to_le_bytes();
                }
            }
            rest.fill(0);
        }
    }
}

/// Writes `left` times `right`, row by row, to `out`, on this thread only.
///
/// # Panics
/// If the sizes do not fit.
fn multiply(left: Matrix<'_>, right: Matrix<'_>, out: &mut [f32], output: Output) {
    assert_eq!(left.columns, right.rows, "matrices that cannot be multiplied");
    assert_eq!(out.len(), left.rows * right.columns, "a product of another size");
    // SAFETY: `Matrix::new` checked that all entries of the operands lie in their slices (and
    // `transposed` keeps the set of entries), the second assertion does so for the product, and
    // `out` is borrowed exclusively, so it overlaps neither operand.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            out.as_mut_ptr(),
            1,
            right.columns as isize,
            output == Output::Add,
            left.data.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.data.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_close, noise};

    fn reference(left: &[f32], right: &[f32], m: usize, k: usize, n: usize) -> Vec<f32> {
        let entry = |r: usize, c: usize| (0..k).map(|i| left[r * k + i] * right[i * n + c]).sum();
        (0..m * n).map(|i| entry(i / n, i % n)).collect()
    }

    #[test]
    fn products_agree_with_the_definition() {
        for (m, k, n) in [(1, 1, 1), (3, 9, 2), (17, 33, 65), (64, 9, 32), (5, 300, 1)] {
            let (left, right) = (noise(m * k, 1), noise(k * n, 2));
            let mut out = vec![f32::NAN; m * n];
            let (l, r) = (Matrix::new(&left, m, k), Matrix::new(&right, k, n));
            multiply(l, r, &mut out, Output::Replace);
            let expected = reference(&left, &right, m, k, n);
            assert_close(&out, &expected, 1e-4);
            multiply(l, r, &mut out, Output::Add);
            let doubled: Vec<f32> = expected.iter().map(|value| value * 2.0).collect();
            assert_close(&out, &doubled, 1e-4);
        }
    }

    #[test]
    fn products_of_16_bits_are_those_of_rounded_numbers() {
        let round = |values: &mut Vec<f32>| {
            for value in values {
                *value = f32::from_bits((bf16(*value) as u32) << 16);
            }
        };
        for (m, k, n) in
            [(1, 1, 1), (3, 9, 2), (17, 33, 65), (64, 9, 32), (5, 300, 1), (99, 64, 48)]
        {
            let (mut left, mut right) = (noise(m * k, 1), noise(k * n, 2));
            round(&mut left);
            round(&mut right);
            let expected = reference(&left, &right, m, k, n);
            let across = |values: &[f32], rows: usize, columns: usize| -> Vec<f32> {
                (0..values.len()).map(|i| values[i % rows * columns + i / rows]).collect()
            };
            let (left_across, right_across) = (across(&left, m, k), across(&right, k, n));
            let lefts = [Matrix::new(&left, m, k), Matrix::new(&left_across, k, m).transposed()];
            let rights = [Matrix::new(&right, k, n), Matrix::new(&right_across, n, k).transposed()];
            for (l, r) in lefts.into_iter().flat_map(|l| rights.map(|r| (l, r))) {
                let mut out = vec![f32::NAN; m * n];
                let right = Factor::new(Products::Bf16, r);
                right.multiply(l, &mut out, Output::Replace);
                assert_close(&out, &expected, 1e-4);
                right.multiply(l, &mut out, Output::Add);
                let doubled: Vec<f32> = expected.iter().map(|value| value * 2.0).collect();
                assert_close(&out, &doubled, 1e-4);
            }
        }
    }

    #[test]
    fn transposed_operands_are_read_across() {
        let (left, right) = (noise(6, 3), noise(8, 4));
        let mut out = vec![0.0; 12];
        let l = Matrix::new(&left, 2, 3).transposed();
        let r = Matrix::new(&right, 4, 2).transposed();
        multiply(l, r, &mut out, Output::Replace);
        for row in 0..3 {
            for column in 0..4 {
                let sum: f32 = (0..2).map(|i| left[i * 3 + row] * right[column * 2 + i]).sum();
                assert!((out[row * 4 + column] - sum).abs() < 1e-6);
            }
        }
    }

    #[test]
    #[should_panic(expected = "2x3 values in 5")]
    fn short_slices_are_refused() {
        Matrix::new(&[0.0; 5], 2, 3);
    }
}
