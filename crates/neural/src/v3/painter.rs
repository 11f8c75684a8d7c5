//! V3 at work.

use std::collections::HashMap;

use candle_core::{Context as _, Device, Tensor};
use colorizer::SourceError;
use colorizer::cell_color::CellSource;
use colorizer::cells::Cells;

use super::{Batch, COLORS, INDICES, PALETTE, forward};
use crate::weights::{self, Error};

/// V3 with its weights.
#[derive(Debug)]
pub struct Painter {
    tensors: HashMap<String, Tensor>,
    palette: Vec<[u8; 3]>,
    device: Device,
}

impl Painter {
    /// From a safetensors file of weights.
    ///
    /// # Errors
    /// If the bytes are not that, or the device cannot take them.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self, Error> {
        let tensors = weights::load_v3(bytes, device)?;
        let palette = tensors.get(PALETTE).context("a palette")?.to_vec2::<f32>()?;
        let color = |color: &Vec<f32>| [0, 1, 2].map(|i| color[i].round() as u8);
        let palette = palette.iter().map(color).collect();
        Ok(Self { tensors, palette, device: device.clone() })
    }

    /// The color of each index of each cell, first of the grid and then of the objects.
    ///
    /// # Errors
    /// If the device fails.
    pub fn colors(&self, cells: &Cells) -> candle_core::Result<Vec<[[u8; 3]; INDICES]>> {
        let logits = self.logits_of(cells)?;
        let of_cell = |cell: &[f32]| {
            let best = |index: usize| best(&cell[index * COLORS..][..COLORS]);
            std::array::from_fn(|index| self.palette[best(index)])
        };
        Ok(logits.chunks_exact(INDICES * COLORS).map(of_cell).collect())
    }

    fn logits_of(&self, cells: &Cells) -> candle_core::Result<Vec<f32>> {
        let batch = Batch::new(&[cells], &self.device)?;
        let parameter = |name: &str| self.tensors.get(name).context("a tensor of the network");
        let logits = forward(&batch, parameter)?;
        let mut values = logits.grid.flatten_all()?.to_vec1()?;
        if let Some(objects) = logits.objects {
            values.extend(objects.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(values)
    }

    /// The picture of a frame: its `cells`, and the color index of each pixel.
    ///
    /// # Errors
    /// If the device fails.
    pub fn paint(
        &self,
        cells: &Cells,
        indices: impl Iterator<Item = u8>,
    ) -> candle_core::Result<Vec<[u8; 3]>> {
        let colors = self.colors(cells)?;
        let pixels = cells.of_pixels().iter().zip(indices);
        Ok(pixels.map(|(&cell, index)| colors[cell as usize][index as usize & 3]).collect())
    }
}

impl CellSource for Painter {
    fn palette(&self) -> &[[u8; 3]] {
        &self.palette
    }

    fn logits(&mut self, cells: &Cells, out: &mut Vec<f32>) -> Result<(), SourceError> {
        *out = self.logits_of(cells)?;
        Ok(())
    }
}

fn best(logits: &[f32]) -> usize {
    let better = |best: usize, i: usize| if logits[i] > logits[best] { i } else { best };
    (0..logits.len()).fold(0, better)
}
