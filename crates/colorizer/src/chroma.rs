//! The colour of a frame without its lightness.

use gameboy::{HEIGHT, WIDTH};

/// Why a [`Chroma`] could not be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The screen is not a whole multiple of the planes.
    #[error("chroma of {width}x{height} does not divide the screen of 160x144")]
    Size {
        /// Columns asked for.
        width: usize,
        /// Lines asked for.
        height: usize,
    },
}

/// The a* and b* planes of CIELAB for one frame, row by row, in CIELAB units (about -128 to 127).
///
/// The planes may be smaller than the screen, by a whole factor in each direction: each value
/// then covers a block of pixels, as nearest-neighbor upsampling would spread it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chroma {
    width: usize,
    height: usize,
    a: Vec<f32>,
    b: Vec<f32>,
}

impl Chroma {
    /// Neutral chroma (all zero) of the screen's size, 160x144.
    pub fn new() -> Self {
        Self::zeroed(WIDTH, HEIGHT)
    }

    /// Neutral chroma of `width` x `height` values.
    ///
    /// # Errors
    /// [`Error::Size`] unless `width` divides 160 and `height` divides 144.
    pub fn with_size(width: usize, height: usize) -> Result<Self, Error> {
        check(width, height)?;
        Ok(Self::zeroed(width, height))
    }

    /// Makes these planes neutral ones of `width` x `height`, unless they have that size already;
    /// then they are left as they are.
    ///
    /// # Errors
    /// [`Error::Size`] unless `width` divides 160 and `height` divides 144.
    pub fn set_size(&mut self, width: usize, height: usize) -> Result<(), Error> {
        check(width, height)?;
        if (width, height) != (self.width, self.height) {
            *self = Self::zeroed(width, height);
        }
        Ok(())
    }

    /// Columns: 160 or a divisor of it.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Lines: 144 or a divisor of it.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The a* plane (green to red), `width * height` values.
    pub fn a(&self) -> &[f32] {
        &self.a
    }

    /// The b* plane (blue to yellow), `width * height` values.
    pub fn b(&self) -> &[f32] {
        &self.b
    }

    /// Both planes, a* and b*, to be written.
    pub fn planes_mut(&mut self) -> (&mut [f32], &mut [f32]) {
        (&mut self.a, &mut self.b)
    }

    /// Becomes equal to `other`, in the memory it has where that is enough.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        (self.width, self.height) = (other.width, other.height);
        self.a.clone_from(&other.a);
        self.b.clone_from(&other.b);
    }

    /// a* and b* of the screen's pixel in column `x` and line `y`.
    ///
    /// # Panics
    /// If `x` is not below 160 or `y` not below 144.
    pub fn at(&self, x: usize, y: usize) -> [f32; 2] {
        assert!(x < WIDTH && y < HEIGHT, "pixel ({x}, {y}) is outside 160x144");
        let index = y * self.height / HEIGHT * self.width + x * self.width / WIDTH;
        [self.a[index], self.b[index]]
    }

    fn zeroed(width: usize, height: usize) -> Self {
        Self { width, height, a: vec![0.0; width * height], b: vec![0.0; width * height] }
    }
}

impl Default for Chroma {
    fn default() -> Self {
        Self::new()
    }
}

fn check(width: usize, height: usize) -> Result<(), Error> {
    let divides = |part: usize, whole: usize| part != 0 && whole.is_multiple_of(part);
    if divides(width, WIDTH) && divides(height, HEIGHT) {
        Ok(())
    } else {
        Err(Error::Size { width, height })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "planes are moved, not computed")]
mod tests {
    use super::*;

    #[test]
    fn small_planes_cover_blocks_of_the_screen() {
        let mut chroma = Chroma::with_size(80, 72).expect("half the screen");
        let (a, b) = chroma.planes_mut();
        a[81] = 5.0;
        b[80 * 72 - 1] = -7.0;
        for (x, y) in [(2, 2), (3, 2), (2, 3), (3, 3)] {
            assert_eq!(chroma.at(x, y), [5.0, 0.0]);
        }
        assert_eq!(chroma.at(4, 2), [0.0, 0.0]);
        assert_eq!(chroma.at(159, 143), [0.0, -7.0]);
    }

    #[test]
    fn odd_sizes_are_refused() {
        for (width, height) in [(0, 72), (80, 0), (79, 72), (320, 288), (80, 71)] {
            assert_eq!(Chroma::with_size(width, height).err(), Some(Error::Size { width, height }));
        }
    }

    #[test]
    fn set_size_keeps_planes_of_that_size() {
        let mut chroma = Chroma::new();
        chroma.planes_mut().0[0] = 1.0;
        chroma.set_size(160, 144).expect("the screen");
        assert_eq!(chroma.a()[0], 1.0);
        chroma.set_size(40, 36).expect("a quarter");
        assert_eq!((chroma.width(), chroma.height(), chroma.a().len()), (40, 36, 1440));
        assert_eq!(chroma.a()[0], 0.0);
    }
}
