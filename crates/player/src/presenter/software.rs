//! Drawing by the processor, on any system that opens windows.

use std::num::NonZeroU32;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use softbuffer::{Context, SoftBufferError, Surface};
use winit::dpi::PhysicalSize;
use winit::window::Window;

use super::Presenter;
use super::layout::{Span, place};
use crate::picture::Picture;

/// Writes pixels into the window's own memory.
pub struct Software {
    surface: Surface<Arc<Window>, Arc<Window>>,
    size: [usize; 2],
}

impl Software {
    /// For `window`, at its present size.
    ///
    /// # Errors
    /// If the system gives no such surface.
    pub fn open(window: &Arc<Window>) -> Result<Self> {
        let context = Context::new(Arc::clone(window)).map_err(failed)?;
        let surface = Surface::new(&context, Arc::clone(window)).map_err(failed)?;
        let mut software = Self { surface, size: [0; 2] };
        software.resize(window.inner_size())?;
        Ok(software)
    }
}

impl Presenter for Software {
    fn resize(&mut self, size: PhysicalSize<u32>) -> Result<()> {
        self.size = [size.width as usize, size.height as usize];
        match (NonZeroU32::new(size.width), NonZeroU32::new(size.height)) {
            (Some(width), Some(height)) => self.surface.resize(width, height).map_err(failed),
            _ => Ok(()),
        }
    }

    fn draw(&mut self, picture: &Picture) -> Result<()> {
        // A minimized window has no pixels.
        if self.size.contains(&0) {
            return Ok(());
        }
        let mut buffer = self.surface.buffer_mut().map_err(failed)?;
        paint(picture, self.size, &mut buffer);
        buffer.present().map_err(failed)
    }

    fn name(&self) -> String {
        "processor".to_owned()
    }
}

/// Fills the surface: rows of `0x00RRGGBB`.
fn paint(picture: &Picture, [width, height]: [usize; 2], surface: &mut [u32]) {
    let [across, down] = place([picture.width(), picture.height()], [width, height]);
    surface.fill(0);
    let mut rows = surface.chunks_exact_mut(width).skip(down.start).take(down.length);
    for pixels in picture.rows() {
        let Some(first) = rows.next() else { return };
        paint_row(pixels, across, first);
        for other in rows.by_ref().take(down.scale - 1) {
            other.copy_from_slice(first);
        }
    }
}

fn paint_row(pixels: &[[u8; 4]], across: Span, row: &mut [u32]) {
    let covered = row[across.start..across.start + across.length].chunks_mut(across.scale);
    for (covered, &[r, g, b, _]) in covered.zip(pixels) {
        covered.fill(u32::from_be_bytes([0, r, g, b]));
    }
}

// softbuffer's error can carry window handles, which may not leave their thread.
#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` calls")]
fn failed(err: SoftBufferError) -> anyhow::Error {
    anyhow!("cannot draw into the window: {err}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_become_squares_amid_black() {
        let picture = Picture::new(2, 1, vec![[1, 2, 3, 255], [4, 5, 6, 255]]);
        let mut surface = [7; 18];
        paint(&picture, [6, 3], &mut surface);
        let (a, b) = (0x010203, 0x040506);
        assert_eq!(surface, [[a, a, a, b, b, b]; 3].concat()[..]);

        let mut surface = [7; 15];
        paint(&picture, [5, 3], &mut surface);
        let black = [0; 5];
        assert_eq!(surface, [[a, a, b, b, 0], [a, a, b, b, 0], black].concat()[..]);
    }

    #[test]
    fn a_small_window_shows_a_part() {
        let picture = Picture::new(2, 2, vec![[1, 2, 3, 255]; 4]);
        let mut surface = [7; 1];
        paint(&picture, [1, 1], &mut surface);
        assert_eq!(surface, [0x010203]);
    }
}
