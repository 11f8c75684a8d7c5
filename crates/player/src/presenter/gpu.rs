//! Drawing by the graphics card.

use std::sync::Arc;

use anyhow::{Context, Result};
use pixels::wgpu::{Color, DeviceType};
use pixels::{Pixels, PixelsBuilder, SurfaceTexture};
use winit::dpi::PhysicalSize;
use winit::window::Window;

use super::Presenter;
use crate::picture::Picture;

/// A texture, enlarged by whole factors.
pub struct Gpu {
    pixels: Pixels<'static>,
    buffer: [usize; 2],
    size: PhysicalSize<u32>,
}

impl Gpu {
    /// For `window`, at its present size.
    ///
    /// # Errors
    /// Without a driver for Vulkan, Metal or Direct3D.
    pub fn open(window: &Arc<Window>) -> Result<Self> {
        let size = window.inner_size();
        let buffer = [gameboy::WIDTH, gameboy::HEIGHT];
        let texture =
            SurfaceTexture::new(size.width.max(1), size.height.max(1), Arc::clone(window));
        let pixels = PixelsBuilder::new(buffer[0] as u32, buffer[1] as u32, texture)
            .clear_color(Color::BLACK)
            .build()
            .context("no driver for Vulkan, Metal or Direct3D answers")?;
        Ok(Self { pixels, buffer, size })
    }

    /// Whether the driver only imitates a graphics card on the processor.
    pub fn is_processor(&self) -> bool {
        self.pixels.adapter().get_info().device_type == DeviceType::Cpu
    }
}

impl Presenter for Gpu {
    fn resize(&mut self, size: PhysicalSize<u32>) -> Result<()> {
        self.size = size;
        if size.width > 0 && size.height > 0 {
            self.pixels.resize_surface(size.width, size.height)?;
        }
        Ok(())
    }

    fn draw(&mut self, picture: &Picture) -> Result<()> {
        // A minimized window has no pixels.
        if self.size.width == 0 || self.size.height == 0 {
            return Ok(());
        }
        let buffer = [picture.width(), picture.height()];
        if buffer != std::mem::replace(&mut self.buffer, buffer) {
            self.pixels.resize_buffer(buffer[0] as u32, buffer[1] as u32)?;
        }
        self.pixels.frame_mut().copy_from_slice(picture.pixels().as_flattened());
        self.pixels.render().context("cannot draw by the graphics card")
    }

    fn name(&self) -> String {
        self.pixels.adapter().get_info().name
    }
}
