//! What the central kernel is given: a line of pixels, and packed weights.

use super::aligned::Aligned;
use crate::layer::Activation;

/// A matrix of weights in panels: all rows of the first few outputs, then all rows of the next.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The panels. Beyond the last output they hold zeros.
    pub values: Aligned,
    /// Rows: one for each value that an output is a sum of.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Outputs of a panel.
    pub panel: usize,
}

impl Packed {
    /// Packs the matrix whose entry (row, output) is `weight(row, output)`.
    pub fn new(
        rows: usize,
        outputs: usize,
        panel: usize,
        weight: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let mut values = Aligned::zeros(outputs.next_multiple_of(panel) * rows);
        for (i, value) in values.iter_mut().enumerate() {
            let (row, output) = (i / panel % rows, i / panel / rows * panel + i % panel);
            if output < outputs {
                *value = weight(row, output);
            }
        }
        Self { values, rows, outputs, panel }
    }

    /// The number of panels.
    pub fn panels(&self) -> usize {
        self.outputs.div_ceil(self.panel)
    }
}

/// Inputs that are multiplied at once by the kernels for bytes.
pub const WORD: usize = 4;

/// As [`Packed`], of whole numbers between -127 and 127: a row holds the weights of four inputs,
/// output by output.
#[derive(Clone, Debug)]
pub struct PackedBytes {
    /// The panels. Beyond the last output they hold zeros.
    pub values: Aligned<i8>,
    /// Rows: one for each four inputs.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Outputs of a panel.
    pub panel: usize,
    /// What a weight of 1 stands for, for each output and up to a whole panel.
    pub scales: Aligned,
}

impl PackedBytes {
    /// Rounds and packs the matrix whose entry (input, output) is `weight(input, output)`; there
    /// are four times as many inputs as `rows`. Each output has a scale of its own.
    pub fn new(
        rows: usize,
        outputs: usize,
        panel: usize,
        weight: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let padded = outputs.next_multiple_of(panel);
        let mut scales = Aligned::zeros(padded);
        for (output, scale) in scales.iter_mut().enumerate().take(outputs) {
            let weights = (0..rows * WORD).map(|input| weight(input, output).abs());
            *scale = weights.fold(0.0, f32::max) / 127.0;
        }
        let mut values = Aligned::zeros(padded * rows * WORD);
        for (i, value) in values.iter_mut().enumerate() {
            let (input, at) = (i % WORD, i / WORD);
            let (row, output) = (at / panel % rows, at / panel / rows * panel + at % panel);
            if output < outputs && scales[output] > 0.0 {
                let weight = weight(row * WORD + input, output);
                *value = (weight / scales[output]).round() as i8;
            }
        }
        Self { values, rows, outputs, panel, scales }
    }
}

/// A line of pixels of bytes that are each multiplied by a matrix. See [`Product`].
#[derive(Clone, Copy, Debug)]
pub struct ProductBytes<'a> {
    /// Where the pixels lie.
    pub input: &'a [u8],
    /// What a byte of 1 stands for.
    pub scale: f32,
    /// Where each run of the first pixel begins.
    pub runs: &'a [usize],
    /// Values in a run, a multiple of four.
    pub run: usize,
    /// Distance of the next pixel's runs.
    pub step: usize,
    /// Number of pixels.
    pub pixels: usize,
    /// The matrix.
    pub weights: &'a PackedBytes,
    /// What is added to the outputs; zeros fill the last panel.
    pub bias: &'a [f32],
    /// What else is added; it lies as the output does.
    pub plus: Option<&'a [f32]>,
    /// What comes last.
    pub activation: Activation,
    /// Distance of a pixel's outputs from those of the pixel before.
    pub out_step: usize,
}

impl ProductBytes<'_> {
    /// Checks that no kernel reads or writes outside of the slices.
    ///
    /// # Panics
    /// If one would.
    pub fn check(&self, out: &[f32]) {
        let PackedBytes { ref values, rows, outputs, panel, ref scales } = *self.weights;
        let padded = outputs.next_multiple_of(panel);
        assert_eq!(self.run % WORD, 0, "a run of whole words");
        assert_eq!(self.runs.len() * self.run, rows * WORD, "rows of the weights");
        assert_eq!(values.len(), padded * rows * WORD, "weights");
        assert_eq!(scales.len(), padded, "scales");
        assert_eq!(self.bias.len(), padded, "biases");
        let last = self.pixels.saturating_sub(1);
        let furthest = self.runs.iter().max().map_or(0, |run| run + last * self.step + self.run);
        assert!(furthest <= self.input.len(), "{furthest} values of {}", self.input.len());
        let end = last * self.out_step + outputs;
        assert!(end <= out.len(), "{end} outputs in {}", out.len());
        if let Some(plus) = self.plus {
            assert!(end <= plus.len(), "{end} values to add of {}", plus.len());
        }
    }
}

/// A line of pixels that are each multiplied by a matrix of weights.
///
/// The values of a pixel lie in runs, such as the three lines of a 3x3 kernel.
#[derive(Clone, Copy, Debug)]
pub struct Product<'a> {
    /// Where the pixels lie.
    pub input: &'a [f32],
    /// Where each run of the first pixel begins.
    pub runs: &'a [usize],
    /// Values in a run.
    pub run: usize,
    /// Distance of the next pixel's runs.
    pub step: usize,
    /// Number of pixels.
    pub pixels: usize,
    /// The matrix.
    pub weights: &'a Packed,
    /// What is added to the outputs; zeros fill the last panel.
    pub bias: &'a [f32],
    /// What else is added; it lies as the output does.
    pub plus: Option<&'a [f32]>,
    /// What comes last.
    pub activation: Activation,
    /// Distance of a pixel's outputs from those of the pixel before.
    pub out_step: usize,
}

impl Product<'_> {
    /// Checks that no kernel reads or writes outside of the slices.
    ///
    /// # Panics
    /// If one would.
    pub fn check(&self, out: &[f32]) {
        let Packed { ref values, rows, outputs, panel } = *self.weights;
        assert_eq!(self.runs.len() * self.run, rows, "rows of the weights");
        assert_eq!(values.len(), self.weights.panels() * panel * rows, "weights");
        assert_eq!(self.bias.len(), self.weights.panels() * panel, "biases");
        let last = self.pixels.saturating_sub(1);
        let furthest = self.runs.iter().max().map_or(0, |run| run + last * self.step + self.run);
        assert!(furthest <= self.input.len(), "{furthest} values of {}", self.input.len());
        let end = last * self.out_step + outputs;
        assert!(end <= out.len(), "{end} outputs in {}", out.len());
        if let Some(plus) = self.plus {
            assert!(end <= plus.len(), "{end} values to add of {}", plus.len());
        }
    }
}
