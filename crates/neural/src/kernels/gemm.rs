//! A checked front of the `gemm` crate: products of matrices in slices.

use gemm::Parallelism;

/// A matrix inside a slice: entry (r, c) is `data[r * row_stride + c * column_stride]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
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

/// Writes `left` times `right`, row by row, to `out`, on this thread only.
///
/// # Panics
/// If the sizes do not fit.
pub fn multiply(left: Matrix<'_>, right: Matrix<'_>, out: &mut [f32], output: Output) {
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
