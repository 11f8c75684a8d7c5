//! V3 at work.

use std::collections::HashMap;

use candle_core::{Context as _, Device, Tensor};
use colorizer::cell_color::{self, CellSource};
use colorizer::cells::Cells;
use colorizer::{Oklab, SourceError, TileSet, rgb555_to_srgb};

use super::engine::Engine;
use super::{Batch, COLORS, Hints, INDICES, NAME, PALETTE, Pin, TILES, forward};
use crate::device::describe;
use crate::model::{Error, Options};
use crate::ops::Products;
use crate::precision::Precision;
use crate::{threads, weights};

/// The network learned to follow a handful of pins, and each takes time.
const MOST_PINS: usize = 32;

/// V3 with its weights.
#[derive(Debug)]
pub struct Painter {
    network: Computing,
    palette: Vec<[u8; 3]>,
    tiles: TileSet,
    options: Options,
    /// What was told last, and the same in the colors of the palette.
    told: (cell_color::Hints, Hints),
}

/// How the network is computed.
#[derive(Debug)]
enum Computing {
    /// On the CPU.
    Engine(Box<Engine>),
    /// Elsewhere, by candle.
    Graph(HashMap<String, Tensor>, Device),
}

impl Painter {
    /// From a safetensors file of weights. The CPU leaves one core free;
    /// [`with_options`](Self::with_options) chooses otherwise.
    ///
    /// # Errors
    /// If the bytes are not that, or the device cannot take them.
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<Self, Error> {
        Self::with_options(bytes, device, Options::default())
    }

    /// As [`from_bytes`](Self::from_bytes), with these options for the CPU. It computes in `f32`,
    /// whatever precision they ask for.
    ///
    /// # Errors
    /// As there, or if the options cannot be had.
    pub fn with_options(bytes: &[u8], device: &Device, options: Options) -> Result<Self, Error> {
        let tensors = weights::load_v3(bytes, device)?;
        let palette = || tensors.get(PALETTE).context("a palette")?.to_vec2::<f32>();
        let color = |color: &Vec<f32>| [0, 1, 2].map(|i| color[i].round() as u8);
        let palette = palette().map_err(weights::Error::from)?.iter().map(color).collect();
        let tiles = tensors.get(TILES).map(Tensor::to_vec1::<u32>).transpose();
        let tiles = tiles.map_err(weights::Error::from)?.into_iter().flatten().collect();
        let network = if device.is_cpu() {
            let (kernel, pool) = (options.kernel.kernel()?, threads::pool(options.threads)?);
            let engine = Engine::new(&tensors, kernel, pool).map_err(weights::Error::from)?;
            Computing::Engine(Box::new(engine))
        } else {
            Computing::Graph(tensors, device.clone())
        };
        Ok(Self { network, palette, tiles, options, told: Default::default() })
    }

    /// The network and where it runs, such as `V3 on CPU, 1 thread, f32`.
    pub fn description(&self) -> String {
        match &self.network {
            Computing::Graph(_, device) => format!("{NAME} on {}", describe(device)),
            Computing::Engine(_) => {
                let threads = self.options.threads;
                let plural = if threads.get() == 1 { "" } else { "s" };
                format!("{NAME} on CPU, {threads} thread{plural}, {}", Precision::F32)
            }
        }
    }

    /// The color of each index of each cell, first of the grid and then of the objects.
    ///
    /// # Errors
    /// If the device fails.
    pub fn colors(
        &mut self,
        cells: &Cells,
        hints: &Hints,
    ) -> candle_core::Result<Vec<[[u8; 3]; INDICES]>> {
        let mut logits = Vec::new();
        self.compute(cells, hints, &mut logits)?;
        let of_cell = |cell: &[f32]| {
            let best = |index: usize| best(&cell[index * COLORS..][..COLORS]);
            std::array::from_fn(|index| self.palette[best(index)])
        };
        Ok(logits.chunks_exact(INDICES * COLORS).map(of_cell).collect())
    }

    /// What was told of a game in the colors of the network: of the pins the latest 32,
    /// more than it learned to follow.
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

    fn compute(
        &mut self,
        cells: &Cells,
        hints: &Hints,
        out: &mut Vec<f32>,
    ) -> candle_core::Result<()> {
        match &mut self.network {
            Computing::Engine(engine) => engine.logits(cells, hints, out),
            Computing::Graph(tensors, device) => {
                let batch = Batch::new(&[cells], &[hints], device)?;
                let parameter = |name: &str| tensors.get(name).context("a tensor of the network");
                let logits = forward(&batch, Products::F32, parameter)?;
                *out = logits.grid.flatten_all()?.to_vec1()?;
                if let Some(objects) = logits.objects {
                    out.extend(objects.flatten_all()?.to_vec1::<f32>()?);
                }
            }
        }
        Ok(())
    }

    /// The picture of a frame: its `cells`, and the color index of each pixel.
    ///
    /// # Errors
    /// If the device fails.
    pub fn paint(
        &mut self,
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

    fn tiles(&self) -> TileSet {
        self.tiles.clone()
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
        let told = self.told.1.clone();
        self.compute(cells, &told, out)?;
        Ok(())
    }
}

fn best(logits: &[f32]) -> usize {
    let better = |best: usize, i: usize| if logits[i] > logits[best] { i } else { best };
    (0..logits.len()).fold(0, better)
}
