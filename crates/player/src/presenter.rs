//! From a picture to the window.

mod gpu;
pub mod layout;
mod software;

use std::sync::Arc;

use anyhow::Result;
use winit::dpi::PhysicalSize;
use winit::window::Window;

use crate::cli::RendererChoice;
use crate::picture::Picture;
use gpu::Gpu;
use software::Software;

/// Draws pictures into a window: as large as whole pixels allow, in the middle of black.
pub trait Presenter {
    /// Draws by the window's new size from now on.
    ///
    /// # Errors
    /// If the system has no surface of that size.
    fn resize(&mut self, size: PhysicalSize<u32>) -> Result<()>;

    /// Fills the window.
    ///
    /// # Errors
    /// If the system does not show it.
    fn draw(&mut self, picture: &Picture) -> Result<()>;

    /// What draws, in a few words.
    fn name(&self) -> String;
}

/// The presenter of `choice`; automatically, the graphics card where there is one.
///
/// # Errors
/// If the window can be drawn to in no way that was asked for.
pub fn open(window: &Arc<Window>, choice: RendererChoice) -> Result<Box<dyn Presenter>> {
    let gpu = match choice {
        RendererChoice::Software => None,
        RendererChoice::Gpu => return Ok(Box::new(Gpu::open(window)?)),
        RendererChoice::Auto => automatic_gpu(window),
    };
    Ok(match gpu {
        Some(gpu) => Box::new(gpu),
        None => Box::new(Software::open(window)?),
    })
}

fn automatic_gpu(window: &Arc<Window>) -> Option<Gpu> {
    let gpu = Gpu::open(window)
        .inspect_err(|err| log::warn!("drawing without the graphics card: {err:#}"))
        .ok()?;
    // Such a "card" takes ten times the time that drawing directly does.
    (!gpu.is_processor()).then_some(gpu)
}
