//! A network as a source of chroma.

use std::num::NonZeroUsize;
use std::path::Path;

use candle_core::{Device, Tensor};
use colorizer::{Chroma, ChromaSource, Luma, SourceError};
use gameboy::{Frame, HEIGHT, WIDTH};

use crate::device::describe;
use crate::v1::{NAME, V1};
use crate::{threads, weights};

/// a* and b* at the network's output of 1.
const SCALE: f32 = 128.0;

/// Why a network cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The weights are not the network's.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// The system gives no threads.
    #[error("cannot start the network's threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// V1 as a [`ChromaSource`]: lightness in, a* and b* out, at half the screen's resolution (the
/// network doubles it at its end).
#[derive(Debug)]
pub struct Neural {
    network: V1,
    device: Device,
    threads: NonZeroUsize,
    luma: Luma,
}

impl Neural {
    /// Loads a safetensors file with V1's weights onto `device`. The CPU leaves one core free;
    /// [`with_threads`](Self::with_threads) chooses otherwise.
    ///
    /// # Errors
    /// If the file is not V1's weights.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        Self::from_bytes(weights::read(path.as_ref())?, device)
    }

    /// As [`load`](Self::load), from the bytes of such a file.
    ///
    /// # Errors
    /// If the bytes are not V1's weights.
    pub fn from_bytes(bytes: Vec<u8>, device: &Device) -> Result<Self, Error> {
        Self::with_threads(bytes, device, threads::default_threads())
    }

    /// As [`from_bytes`](Self::from_bytes), with this many threads on the CPU.
    ///
    /// # Errors
    /// If the bytes are not V1's weights, or the system refuses a thread.
    pub fn with_threads(
        bytes: Vec<u8>,
        device: &Device,
        threads: NonZeroUsize,
    ) -> Result<Self, Error> {
        let network = V1::from_bytes(bytes, device, threads::pool(threads)?)?;
        Ok(Self { network, device: device.clone(), threads, luma: Luma::black() })
    }

    /// The network and where it runs, such as `V1 on CPU, 1 thread`.
    pub fn description(&self) -> String {
        match (self.device.is_cpu(), self.threads.get()) {
            (true, 1) => format!("{NAME} on CPU, 1 thread"),
            (true, threads) => format!("{NAME} on CPU, {threads} threads"),
            (false, _) => format!("{NAME} on {}", describe(&self.device)),
        }
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
        let [a, b] = self.half_planes(padded, wide, high)?;
        let whole = |half: Vec<f32>| {
            (0..width * height).map(|i| half[i / width / 2 * (wide / 2) + i % width / 2]).collect()
        };
        Ok((whole(a), whole(b)))
    }

    /// The planes at half the size of `l`, whose sides are multiples of 8.
    fn half_planes(
        &self,
        mut l: Vec<f32>,
        width: usize,
        height: usize,
    ) -> candle_core::Result<[Vec<f32>; 2]> {
        for value in &mut l {
            *value /= 100.0;
        }
        let input = Tensor::from_vec(l, (1, 1, height, width), &self.device)?;
        let output = self.network.forward_half(&input)?.squeeze(0)?;
        let plane = |i| -> candle_core::Result<Vec<f32>> {
            (output.get(i)?.flatten_all()? * SCALE as f64)?.to_vec1()
        };
        Ok([plane(0)?, plane(1)?])
    }
}

impl ChromaSource for Neural {
    fn chroma(&mut self, frame: &Frame, out: &mut Chroma) -> Result<(), SourceError> {
        self.luma.update(frame);
        let [a, b] = self.half_planes(self.luma.values().to_vec(), WIDTH, HEIGHT)?;
        out.set_size(WIDTH / 2, HEIGHT / 2)?;
        let planes = out.planes_mut();
        planes.0.copy_from_slice(&a);
        planes.1.copy_from_slice(&b);
        Ok(())
    }
}
