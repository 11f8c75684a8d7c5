//! Where the values of a network lie while it is computed.

use std::ops::Range;

use crate::kernels::aligned::Aligned;
use crate::kernels::product::Number;

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

/// How a value is held.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Format {
    /// As it is.
    #[default]
    F32,
    /// As bytes: whole multiples, from 0 to 255, of this number.
    Bytes(f32),
    /// As 16 bits, of which `f32` has more.
    Halves,
}

impl Format {
    /// The numbers, where they are narrow, and what an input of 1 stands for.
    pub fn narrow(self) -> Option<(Number, f32)> {
        match self {
            Self::F32 => None,
            Self::Bytes(scale) => Some((Number::Int8, scale)),
            Self::Halves => Some((Number::Bf16, 1.0)),
        }
    }
}

/// A picture. What lies beyond its sides is never written, and stays 0.
#[derive(Debug, Default)]
pub struct Picture {
    floats: Aligned,
    /// Of values that are held as narrow numbers.
    bytes: Aligned<u8>,
}

/// Bytes beyond the last line: kernels read runs that are filled up to a cache line.
const SPARE: usize = 64;

/// The values of a picture or of a part.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// As they are.
    F32(&'a [f32]),
    /// As narrow numbers, and what 1 stands for.
    Narrow(&'a [u8], Number, f32),
}

impl Picture {
    /// Zeros.
    pub fn new(shape: &Shape, format: Format) -> Self {
        match format.narrow() {
            None => Self { floats: Aligned::zeros(shape.len()), bytes: Aligned::default() },
            Some((number, _)) => {
                let bytes = Aligned::zeros(shape.len() * number.size() + SPARE);
                Self { floats: Aligned::default(), bytes }
            }
        }
    }

    /// All values, halo included.
    pub fn values(&self, format: Format) -> Values<'_> {
        match format.narrow() {
            None => Values::F32(&self.floats),
            Some((number, scale)) => Values::Narrow(&self.bytes, number, scale),
        }
    }

    /// The picture's lines, each with its halo, where values are held as they are.
    pub fn lines_mut(&mut self, shape: &Shape) -> &mut [f32] {
        &mut self.floats[shape.top()..][..shape.height * shape.line()]
    }

    /// The picture's lines, each with its halo, where values are narrow numbers.
    pub fn narrow_lines_mut(&mut self, shape: &Shape, number: Number) -> &mut [u8] {
        let size = number.size();
        &mut self.bytes[shape.top() * size..][..shape.height * shape.line() * size]
    }

    /// The pixels of one line, without the halo, where values are held as they are.
    pub fn pixels(&self, shape: &Shape, y: usize) -> &[f32] {
        &self.floats[shape.at(y + shape.halo, shape.halo)..][..shape.width * shape.channels]
    }
}

impl<'a> Values<'a> {
    /// The values as they are.
    ///
    /// # Panics
    /// If they are narrow numbers.
    pub fn floats(self) -> &'a [f32] {
        match self {
            Self::F32(values) => values,
            Self::Narrow(..) => panic!("narrow numbers where f32 are needed"),
        }
    }
}
