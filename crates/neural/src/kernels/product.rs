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
