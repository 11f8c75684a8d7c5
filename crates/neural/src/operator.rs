//! The engine as an operation of candle.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape};

use crate::engine::Engine;
use crate::ops::contiguous_slice;

/// From (N, 1, H, W) to (N, C, H', W').
#[derive(Debug)]
pub struct Operator(pub Arc<Engine>);

impl CustomOp1 for Operator {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (batch, channels, height, width) = layout.shape().dims4()?;
        if channels != 1 {
            candle_core::bail!("{} takes one channel, not {channels}", self.name());
        }
        if batch * height * width == 0 {
            candle_core::bail!("{} takes a picture, not {height}x{width} pixels", self.name());
        }
        let (output, height, width) = self.0.run(contiguous_slice(storage, layout)?, height, width);
        let channels = self.0.channels();
        Ok((CpuStorage::F32(output), (batch, channels, height, width).into()))
    }
}
