//! The walled module: the only place with `unsafe`.
//!
//! [`Kernel`] is its safe front. Each of its operations checks the sizes that it is given before
//! it runs the code for the processor; that code is written once, for any
//! [vector](vector::Vector), and compiled for each set of instructions. [`portable`] is written
//! apart, in safe Rust.
#![allow(
    unsafe_code,
    reason = "vector instructions and unchecked reads; all bounds are checked here"
)]
#![allow(
    clippy::inline_always,
    reason = "instructions are only compiled well inside of a function with their target feature"
)]
#![allow(clippy::needless_range_loop, reason = "matrices are walked through by columns, too")]
#![allow(clippy::wildcard_imports, reason = "a list of instructions would only repeat the code")]
#![cfg_attr(
    not(target_arch = "x86_64"),
    allow(unused_unsafe, unused_variables, reason = "only x86-64 has kernels for bytes so far")
)]

pub mod aligned;
#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod choice;
pub mod gemm;
#[cfg(target_arch = "x86_64")]
mod narrow;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
pub mod product;
#[cfg(test)]
mod tests;
mod tile;
pub mod tiles;
mod vector;
mod winograd;

pub use choice::{Error, KernelChoice};
use product::{Number, Product, ProductNarrow, WORD};
use tiles::{InputTiles, OutputTiles};

/// A set of instructions that this processor has: there is no other way to get one than
/// [`KernelChoice::kernel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Instructions);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Amx,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Kernel {
    /// Outputs of a panel of [weights](product::Packed), for a layer of so many.
    pub fn panel(self, outputs: usize) -> usize {
        match self.0 {
            Instructions::Portable => portable::PANEL,
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => avx2::panel(outputs),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 | Instructions::Amx => avx512::panel(outputs),
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => neon::panel(outputs),
        }
    }

    /// Multiplies a line of pixels by weights, which must have been packed for this kernel.
    ///
    /// # Panics
    /// If the slices are too short.
    pub fn multiply(self, product: &Product<'_>, out: &mut [f32]) {
        product.check(out);
        assert_eq!(product.weights.panel, self.panel(product.weights.outputs), "panels");
        // SAFETY: a kernel is only made where its instructions are, and the sizes were checked.
        unsafe {
            match self.0 {
                Instructions::Portable => portable::multiply(product, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => avx2::multiply(product, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 | Instructions::Amx => avx512::multiply(product, out),
                #[cfg(target_arch = "aarch64")]
                Instructions::Neon => neon::multiply(product, out),
            }
        }
    }

    /// Whether the processor multiplies these numbers faster than `f32`.
    pub fn has_fast(self, number: Number) -> bool {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => match number {
                Number::Int8 => is_x86_feature_detected!("avx512vnni"),
                Number::Bf16 => is_x86_feature_detected!("avx512bf16"),
            },
            #[cfg(target_arch = "x86_64")]
            Instructions::Amx => true,
            _ => false,
        }
    }

    /// As [`multiply`](Self::multiply), with narrow numbers. Of whole ones, all kernels compute
    /// the same.
    ///
    /// # Panics
    /// If the slices are too short.
    pub fn multiply_narrow(self, product: &ProductNarrow<'_>, out: &mut [f32]) {
        product.check(out);
        let (number, outputs) = (product.weights.number, product.weights.outputs);
        let (panel, whole) = self.panel_narrow(number, outputs);
        assert_eq!(product.weights.panel, panel, "panels");
        assert_eq!(product.weights.run % whole, 0, "runs");
        assert!(product.weights.rows > 0, "weights of no input");
        #[cfg(target_arch = "x86_64")]
        if self.0 == Instructions::Amx {
            // SAFETY: a kernel is only made where its instructions are, and the sizes were checked.
            return unsafe { amx::multiply(product, out) };
        }
        for line in 0..product.lines {
            let out = &mut out[line * product.out_line..];
            // SAFETY: the sizes of all lines were checked.
            unsafe { self.multiply_line(&product.line(line), out) };
        }
    }

    /// As [`multiply_narrow`](Self::multiply_narrow), one line.
    ///
    /// # Safety
    /// [`ProductNarrow::check`] must have passed, and panels and runs be this kernel's.
    unsafe fn multiply_line(self, product: &ProductNarrow<'_>, out: &mut [f32]) {
        let number = product.weights.number;
        // SAFETY: a kernel is only made where its instructions are, those for these numbers were
        // asked for, and the caller has checked the sizes.
        unsafe {
            match (self.0, number) {
                #[cfg(target_arch = "x86_64")]
                (Instructions::Avx512, Number::Int8) if self.has_fast(number) => {
                    avx512::multiply_bytes(product, out);
                }
                #[cfg(target_arch = "x86_64")]
                (Instructions::Avx512, Number::Bf16) if self.has_fast(number) => {
                    avx512::multiply_halves(product, out);
                }
                #[cfg(target_arch = "x86_64")]
                (Instructions::Avx512 | Instructions::Avx2, _) => {
                    avx2::multiply_narrow(product, out);
                }
                _ => portable::multiply_narrow(product, out),
            }
        }
    }

    /// Lines of so many pixels of narrow numbers that are best multiplied together.
    pub fn lines_narrow(self, pixels: usize) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Amx => amx::lines(pixels),
            _ => 1,
        }
    }

    /// Outputs of a panel of [narrow numbers](product::PackedNarrow), for a layer of so many, and
    /// the bytes of which runs must be multiples.
    pub fn panel_narrow(self, number: Number, outputs: usize) -> (usize, usize) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Amx => (amx::PANEL, amx::WHOLE),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 if self.has_fast(number) => (avx512::panel(outputs), WORD),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 | Instructions::Avx2 => (avx2::panel(outputs), WORD),
            _ => (portable::PANEL, WORD),
        }
    }

    /// Multiplies values by `inverse` and rounds them to bytes.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn quantize(self, values: &[f32], inverse: f32, out: &mut [u8]) {
        assert_eq!(values.len(), out.len(), "bytes for values");
        // SAFETY: a kernel is only made where its instructions are, and the sizes were checked.
        unsafe {
            match self.0 {
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => avx2::quantize(values, inverse, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 | Instructions::Amx => avx512::quantize(values, inverse, out),
                _ => portable::quantize(values, inverse, out),
            }
        }
    }

    /// Rounds values to 16 bits.
    ///
    /// # Panics
    /// If `out` has not two bytes for each.
    pub fn halve(self, values: &[f32], out: &mut [u8]) {
        assert_eq!(values.len() * Number::Bf16.size(), out.len(), "bytes for values");
        // SAFETY: a kernel is only made where its instructions are.
        unsafe {
            match self.0 {
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => avx2::halve(values, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 | Instructions::Amx => avx512::halve(values, out),
                _ => portable::halve(values, out),
            }
        }
    }

    /// Replaces values by their hyperbolic tangents.
    pub fn tanh(self, values: &mut [f32]) {
        // SAFETY: a kernel is only made where its instructions are.
        unsafe {
            match self.0 {
                Instructions::Portable => portable::tanh(values),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => avx2::tanh(values),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 | Instructions::Amx => avx512::tanh(values),
                #[cfg(target_arch = "aarch64")]
                Instructions::Neon => neon::tanh(values),
            }
        }
    }

    /// Transforms a row of tiles for Winograd's algorithm.
    ///
    /// # Panics
    /// If the slices are too short.
    pub fn transform_input(self, tiles: &InputTiles<'_>, out: &mut [f32]) {
        tiles.check(out);
        // SAFETY: a kernel is only made where its instructions are, and the sizes were checked.
        unsafe {
            match self.0 {
                Instructions::Portable => portable::transform_input(tiles, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => avx2::transform_input(tiles, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 | Instructions::Amx => avx512::transform_input(tiles, out),
                #[cfg(target_arch = "aarch64")]
                Instructions::Neon => neon::transform_input(tiles, out),
            }
        }
    }

    /// Transforms the products of a row of tiles back, and finishes the pixels.
    ///
    /// # Panics
    /// If the slices are too short.
    pub fn transform_output(self, tiles: &OutputTiles<'_>, out: &mut [f32]) {
        tiles.check(out);
        // SAFETY: a kernel is only made where its instructions are, and the sizes were checked.
        unsafe {
            match self.0 {
                Instructions::Portable => portable::transform_output(tiles, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => avx2::transform_output(tiles, out),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 | Instructions::Amx => avx512::transform_output(tiles, out),
                #[cfg(target_arch = "aarch64")]
                Instructions::Neon => neon::transform_output(tiles, out),
            }
        }
    }
}
