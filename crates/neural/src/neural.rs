//! A network as a source of chroma.

use std::num::NonZeroUsize;
use std::path::Path;

use candle_core::{Device, Tensor};
use colorizer::{Chroma, ChromaSource, Luma, SourceError};
use gameboy::{Frame, HEIGHT, WIDTH};

use crate::device::describe;
use crate::model::{Error, Model, Options};
use crate::weights;

/// a* and b* at the network's output of 1.
const SCALE: f32 = 128.0;

/// A network as a [`ChromaSource`]: lightness in, a* and b* out, at the resolution that the
/// network computes (V1 and V2 double it at their end).
#[derive(Debug)]
pub struct Neural {
    model: Model,
    device: Device,
    luma: Luma,
}

impl Neural {
    /// Loads a safetensors file with the weights of V0, V1 or V2 onto `device`. The CPU leaves one
    /// core free; [`with_options`](Self::with_options) chooses otherwise.
    ///
    /// # Errors
    /// If the file is not a network's weights.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        Self::from_bytes(weights::read(path.as_ref())?, device)
    }

    /// As [`load`](Self::load), from the bytes of such a file.
    ///
    /// # Errors
    /// If the bytes are not a network's weights.
    pub fn from_bytes(bytes: impl AsRef<[u8]>, device: &Device) -> Result<Self, Error> {
        Self::with_options(bytes, device, Options::default())
    }

    /// As [`from_bytes`](Self::from_bytes), with these options for the CPU.
    ///
    /// # Errors
    /// If the bytes are not a network's weights, or the options cannot be had.
    pub fn with_options(
        bytes: impl AsRef<[u8]>,
        device: &Device,
        options: Options,
    ) -> Result<Self, Error> {
        let model = Model::from_bytes(bytes.as_ref(), device, options)?;
        Ok(Self { model, device: device.clone(), luma: Luma::black() })
    }

    /// As [`from_bytes`](Self::from_bytes), with this many threads on the CPU.
    ///
    /// # Errors
    /// If the bytes are not a network's weights, or the system refuses a thread.
    pub fn with_threads(
        bytes: impl AsRef<[u8]>,
        device: &Device,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        Self::with_options(bytes, device, Options { threads, ..Options::default() })
    }

    /// The network itself.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The network and where it runs, such as `V1 on CPU, 1 thread, int8`.
    pub fn description(&self) -> String {
        let name = self.model.network().name();
        if !self.device.is_cpu() {
            return format!("{name} on {}", describe(&self.device));
        }
        let Options { threads, precision, .. } = self.model.options();
        let plural = if threads.get() == 1 { "" } else { "s" };
        format!("{name} on CPU, {threads} thread{plural}, {precision}")
    }

    /// a* and b* in CIELAB units for a picture of any size, from its lightness `l` (0-100), row
    /// by row.
    ///
    /// Sides that are not multiples of 8 are filled up by repeating the last line and column.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If there are not `width * height` values.
    pub fn predict(
        &self,
        l: &[f32],
        width: usize,
        height: usize,
    ) -> candle_core::Result<(Vec<f32>, Vec<f32>)> {
        assert_eq!(l.len(), width * height, "a picture of {width}x{height}");
        if l.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let (wide, high) = (width.next_multiple_of(8), height.next_multiple_of(8));
        let pixel = |i: usize| l[(i / wide).min(height - 1) * width + (i % wide).min(width - 1)];
        let padded = (0..wide * high).map(pixel).collect();
        let [a, b] = self.planes(padded, wide, high)?;
        let shift = self.model.doublings();
        let whole = |plane: Vec<f32>| {
            let at = |i: usize| ((i / width) >> shift) * (wide >> shift) + ((i % width) >> shift);
            (0..width * height).map(|i| plane[at(i)]).collect()
        };
        Ok((whole(a), whole(b)))
    }

    /// The planes before the network's last doublings. The sides of `l` are multiples of 8.
    fn planes(
        &self,
        mut l: Vec<f32>,
        width: usize,
        height: usize,
    ) -> candle_core::Result<[Vec<f32>; 2]> {
        for value in &mut l {
            *value /= 100.0;
        }
        let input = Tensor::from_vec(l, (1, 1, height, width), &self.device)?;
        let output = self.model.forward_undoubled(&input)?.squeeze(0)?;
        let plane = |i| -> candle_core::Result<Vec<f32>> {
            (output.get(i)?.flatten_all()? * SCALE as f64)?.to_vec1()
        };
        Ok([plane(0)?, plane(1)?])
    }
}

impl ChromaSource for Neural {
    fn chroma(&mut self, frame: &Frame, out: &mut Chroma) -> Result<(), SourceError> {
        self.luma.update(frame);
        let [a, b] = self.planes(self.luma.values().to_vec(), WIDTH, HEIGHT)?;
        out.set_size(WIDTH >> self.model.doublings(), HEIGHT >> self.model.doublings())?;
        let planes = out.planes_mut();
        planes.0.copy_from_slice(&a);
        planes.1.copy_from_slice(&b);
        Ok(())
    }
}
