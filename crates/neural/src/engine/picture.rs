//! Where the values of a network lie while it is computed.

use std::ops::Range;

use crate::kernels::aligned::Aligned;

/// Sides are rounded up to this, so that Winograd's last tiles read zeros beyond the picture.
const TILE: usize = 4;

/// The shape of a picture with a halo of zeros, all channels of a pixel together (NHWC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Lines.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Channels.
    pub channels: usize,
    /// Lines and columns of zeros on each side.
    pub halo: usize,
}

impl Shape {
    /// Values from one line to the next.
    pub fn line(&self) -> usize {
        (self.width.next_multiple_of(TILE) + 2 * self.halo) * self.channels
    }

    /// The place of the pixel that lies so far from the halo's upper left one.
    pub fn at(&self, y: usize, x: usize) -> usize {
        y * self.line() + x * self.channels
    }

    /// The place of the picture's first line, halo included.
    pub fn top(&self) -> usize {
        self.at(self.halo, 0)
    }

    /// The pixels of a line without the halo.
    pub fn inner(&self) -> Range<usize> {
        let first = self.halo * self.channels;
        first..first + self.width * self.channels
    }

    /// Values of all lines.
    pub fn len(&self) -> usize {
        (self.height.next_multiple_of(TILE) + 2 * self.halo) * self.line()
    }
}

/// A picture. What lies beyond its sides is never written, and stays 0.
#[derive(Debug, Default)]
pub struct Picture {
    values: Aligned,
}

impl Picture {
    /// Zeros.
    pub fn new(shape: &Shape) -> Self {
        Self { values: Aligned::zeros(shape.len()) }
    }

    /// All values, halo included.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The picture's lines, each with its halo.
    pub fn lines_mut(&mut self, shape: &Shape) -> &mut [f32] {
        &mut self.values[shape.top()..][..shape.height * shape.line()]
    }

    /// The pixels of one line, without the halo.
    pub fn pixels(&self, shape: &Shape, y: usize) -> &[f32] {
        &self.values[shape.at(y + shape.halo, shape.halo)..][..shape.width * shape.channels]
    }
}
