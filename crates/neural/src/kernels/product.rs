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

/// Numbers of fewer bits than `f32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Whole numbers: inputs from 0 to 255, weights from -127 to 127. Sums are exact.
    Int8,
    /// The upper half of an `f32`. Sums are `f32`.
    Bf16,
}

impl Number {
    /// Bytes of one.
    pub fn size(self) -> usize {
        match self {
            Self::Int8 => 1,
            Self::Bf16 => 2,
        }
    }
}

/// Bytes of input that are multiplied at once by the kernels for narrow numbers.
pub const WORD: usize = 4;

/// The nearest number of 16 bits.
#[inline(always)]
pub fn bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    (bits.wrapping_add(0x7FFF + (bits >> 16 & 1)) >> 16) as u16
}

/// As [`Packed`], of narrow numbers: a row holds the weights of a word of inputs, output by
/// output.
#[derive(Clone, Debug)]
pub struct PackedNarrow {
    /// The panels. Beyond the last output, and beyond the inputs of a run, they hold zeros.
    pub values: Aligned<u8>,
    /// What they hold.
    pub number: Number,
    /// Bytes of a run, with those that are only filled up.
    pub run: usize,
    /// Rows: one for each word of each run.
    pub rows: usize,
    /// Outputs.
    pub outputs: usize,
    /// Outputs of a panel.
    pub panel: usize,
    /// What a weight of 1 stands for, for each output and up to a whole panel.
    pub scales: Aligned,
}

impl PackedNarrow {
    /// Rounds and packs the matrix whose entry (input, output) is `weight(input, output)`, of so
    /// many runs of so many inputs each. A run is filled up to `whole` bytes, a multiple of a
    /// word, or of several times that. Of whole numbers, each output has a scale of its own.
    pub fn new(
        number: Number,
        (runs, run): (usize, usize),
        outputs: usize,
        (panel, whole): (usize, usize),
        weight: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let padded = outputs.next_multiple_of(panel);
        let bytes = (run * number.size()).next_multiple_of(whole);
        let rows = runs * bytes / WORD;
        let mut scales = Aligned::zeros(padded);
        for (output, scale) in scales.iter_mut().enumerate().take(outputs) {
            let weights = (0..runs * run).map(|input| weight(input, output).abs());
            *scale = match number {
                Number::Int8 => weights.fold(0.0, f32::max) / 127.0,
                Number::Bf16 => 1.0,
            };
        }
        let mut values = Aligned::zeros(padded * rows * WORD);
        for (i, value) in values.chunks_exact_mut(number.size()).enumerate() {
            let (byte, at) = (i * number.size() % WORD, i * number.size() / WORD);
            let (row, output) = (at / panel % rows, at / panel / rows * panel + at % panel);
            let (of_run, input) = (row * WORD / bytes, (row * WORD % bytes + byte) / number.size());
            if output < outputs && input < run && scales[output] > 0.0 {
                let scaled = weight(of_run * run + input, output) / scales[output];
                match number {
                    Number::Int8 => value.copy_from_slice(&(scaled.round() as i8).to_le_bytes()),
                    Number::Bf16 => value.copy_from_slice(&bf16(scaled).to_le_bytes()),
                }
            }
        }
        Self { values, number, run: bytes, rows, outputs, panel, scales }
    }
}

/// Lines of pixels of narrow numbers that are each multiplied by a matrix. See [`Product`];
/// places in the input are bytes.
#[derive(Clone, Copy, Debug)]
pub struct ProductNarrow<'a> {
    /// Where the pixels lie.
    pub input: &'a [u8],
    /// What an input of 1 stands for.
    pub scale: f32,
    /// Where each run of the first pixel begins.
    pub runs: &'a [usize],
    /// Distance of the next pixel's runs.
    pub step: usize,
    /// Number of pixels.
    pub pixels: usize,
    /// Number of lines of so many pixels.
    pub lines: usize,
    /// Distance of the next line's runs.
    pub line_step: usize,
    /// The matrix.
    pub weights: &'a PackedNarrow,
    /// What is added to the outputs; zeros fill the last panel.
    pub bias: &'a [f32],
    /// What else is added; it lies as the output does.
    pub plus: Option<&'a [f32]>,
    /// What comes last.
    pub activation: Activation,
    /// Distance of a pixel's outputs from those of the pixel before.
    pub out_step: usize,
    /// Distance of a line's outputs from those of the line before.
    pub out_line: usize,
}

impl ProductNarrow<'_> {
    /// One of the lines; its outputs begin so many [`Self::out_line`] on.
    pub fn line(&self, line: usize) -> Self {
        Self {
            input: &self.input[line * self.line_step..],
            plus: self.plus.map(|plus| &plus[line * self.out_line..]),
            lines: 1,
            ..*self
        }
    }

    /// Checks that no kernel reads or writes outside of the slices.
    ///
    /// # Panics
    /// If one would.
    pub fn check(&self, out: &[f32]) {
        let PackedNarrow { ref values, run, rows, outputs, panel, ref scales, .. } = *self.weights;
        let padded = outputs.next_multiple_of(panel);
        assert_eq!(run % WORD, 0, "a run of whole words");
        assert_eq!(self.runs.len() * run, rows * WORD, "rows of the weights");
        assert_eq!(values.len(), padded * rows * WORD, "weights");
        assert_eq!(scales.len(), padded, "scales");
        assert_eq!(self.bias.len(), padded, "biases");
        let last = self.pixels.saturating_sub(1);
        let line = self.lines.saturating_sub(1);
        let furthest = self.runs.iter().max().map_or(0, |start| start + last * self.step + run);
        let furthest = furthest + line * self.line_step;
        assert!(furthest <= self.input.len(), "{furthest} bytes of {}", self.input.len());
        let end = line * self.out_line + last * self.out_step + outputs;
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
