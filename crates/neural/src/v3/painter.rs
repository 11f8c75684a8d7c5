//! V3 at work.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use candle_core::{Context as _, Device, Tensor};
use colorizer::cell_color::{self, CellSource};
use colorizer::cells::Cells;
use colorizer::{Oklab, SourceError, rgb555_to_srgb};
use rayon::ThreadPool;

use super::{Batch, COLORS, Hints, INDICES, NAME, PALETTE, Pin, forward};
use crate::device::describe;
use crate::model::Error;
use crate::{threads, weights};

/// The network learned to follow a handful of pins, and each takes time.
const MOST_PINS: usize = 32;

/// V3 with its weights.
#[derive(Debug)]
pub struct Painter {
    tensors: HashMap<String, Tensor>,
    palette: Vec<[u8; 3]>,
    device: Device,
    /// On the CPU.
    pool: Option<Arc<ThreadPool>>,
    /// What was told last, and the same in the colors of the palette.
    told: (cell_color::Hints, Hints),
}

impl Painter {
    /// From a safetensors file of weights. The CPU leaves one core free;
    /// [`with_threads`](Self::with_threads) chooses otherwise.
    ///
    /// # Errors
    /// If the bytes are not that, or the device cannot take them.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self, Error> {
        Self::with_threads(bytes, device, threads::default_threads())
    }

    /// As [`from_bytes`](Self::from_bytes), with this many threads on the CPU.
    ///
    /// # Errors
    /// As there, or if the system refuses a thread.
    pub fn with_threads(
        bytes: &[u8],
        device: &Device,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let tensors = weights::load_v3(bytes, device)?;
        let palette = || tensors.get(PALETTE).context("a palette")?.to_vec2::<f32>();
        let color = |color: &Vec<f32>| [0, 1, 2].map(|i| color[i].round() as u8);
        let palette = palette().map_err(weights::Error::from)?.iter().map(color).collect();
        let pool = device.is_cpu().then(|| threads::pool(threads)).transpose()?;
        Ok(Self { tensors, palette, device: device.clone(), pool, told: Default::default() })
    }

    /// The network and where it runs, such as `V3 on CPU, 1 thread`.
    pub fn description(&self) -> String {
        match &self.pool {
            None => format!("{NAME} on {}", describe(&self.device)),
            Some(pool) => {
                let threads = pool.current_num_threads();
                format!("{NAME} on CPU, {threads} thread{}", if threads == 1 { "" } else { "s" })
            }
        }
    }

    /// The color of each index of each cell, first of the grid and then of the objects.
    ///
    /// # Errors
    /// If the device fails.
    pub fn colors(
        &self,
        cells: &Cells,
        hints: &Hints,
    ) -> candle_core::Result<Vec<[[u8; 3]; INDICES]>> {
        let logits = self.logits_of(cells, hints)?;
        let of_cell = |cell: &[f32]| {
            let best = |index: usize| best(&cell[index * COLORS..][..COLORS]);
            std::array::from_fn(|index| self.palette[best(index)])
        };
        Ok(logits.chunks_exact(INDICES * COLORS).map(of_cell).collect())
    }

    /// What was told of a game in the colors of the network: of the pins the latest
    /// [`MOST_PINS`].
    pub fn hints(&self, told: &cell_color::Hints) -> Hints {
        let pin = |pin: &cell_color::Pin| Pin {
            layer: pin.layer,
            tile: pin.tile,
            index: pin.index,
            color: self.nearest(rgb555_to_srgb(pin.color)) as u8,
        };
        let mut like = Box::new([0.0; COLORS]);
        for &(color, share) in &told.like {
            like[self.nearest(color)] += share;
        }
        let like = (!told.like.is_empty()).then_some(like);
        let first = told.pins.len().saturating_sub(MOST_PINS);
        Hints { pins: told.pins[first..].iter().map(pin).collect(), like }
    }

    fn nearest(&self, color: [u8; 3]) -> usize {
        let color = Oklab::from_srgb(color);
        let distance = |other: [u8; 3]| Oklab::from_srgb(other).squared_distance(color);
        let distances = self.palette.iter().map(|&other| distance(other)).enumerate();
        distances.min_by(|(_, x), (_, y)| x.total_cmp(y)).map_or(0, |(at, _)| at)
    }

    fn logits_of(&self, cells: &Cells, hints: &Hints) -> candle_core::Result<Vec<f32>> {
        match &self.pool {
            Some(pool) => pool.install(|| self.compute(cells, hints)),
            None => self.compute(cells, hints),
        }
    }

    fn compute(&self, cells: &Cells, hints: &Hints) -> candle_core::Result<Vec<f32>> {
        let batch = Batch::new(&[cells], &[hints], &self.device)?;
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
        hints: &Hints,
        indices: impl Iterator<Item = u8>,
    ) -> candle_core::Result<Vec<[u8; 3]>> {
        let colors = self.colors(cells, hints)?;
        let pixels = cells.of_pixels().iter().zip(indices);
        Ok(pixels.map(|(&cell, index)| colors[cell as usize][index as usize & 3]).collect())
    }
}

impl CellSource for Painter {
    fn palette(&self) -> &[[u8; 3]] {
        &self.palette
    }

    fn logits(
        &mut self,
        cells: &Cells,
        hints: &cell_color::Hints,
        out: &mut Vec<f32>,
    ) -> Result<(), SourceError> {
        if self.told.0 != *hints {
            self.told = (hints.clone(), self.hints(hints));
        }
        *out = self.logits_of(cells, &self.told.1)?;
        Ok(())
    }
}

fn best(logits: &[f32]) -> usize {
    let better = |best: usize, i: usize| if logits[i] > logits[best] { i } else { best };
    (0..logits.len()).fold(0, better)
}
