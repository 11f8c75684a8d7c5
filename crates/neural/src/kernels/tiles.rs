//! What the kernels of Winograd's algorithm are given: a row of tiles.
//!
//! F(4x4, 3x3) computes 4x4 pixels of a 3x3 convolution from 6x6 pixels with 36 products instead
//! of 144: the tile and the weights are transformed, multiplied entry by entry (which, over the
//! channels, makes 36 matrix products), and the products are transformed back. (Lavin and Gray,
//! "Fast Algorithms for Convolutional Neural Networks", 2015.)

use crate::layer::Activation;

/// Lines and columns of a tile of the output.
pub const OUT: usize = 4;
/// Lines and columns of the input that such a tile depends on.
pub const IN: usize = 6;
/// Products of a tile.
pub const PRODUCTS: usize = IN * IN;

/// The squares of the points at which the polynomials are evaluated: besides 0 and infinity, plus
/// and minus the roots of these. 1/2 and 2 lose less to rounding than the usual 1 and 4.
pub const A2: f32 = 0.5;
/// See [`A2`].
pub const B2: f32 = 2.0;
/// The root of [`A2`].
pub const A: f32 = std::f32::consts::FRAC_1_SQRT_2;
/// The root of [`B2`].
pub const B: f32 = std::f32::consts::SQRT_2;

/// The transform of three weights in one direction.
pub fn transform_weights(g: [f64; 3]) -> [f64; IN] {
    let (a2, b2) = (A2 as f64, B2 as f64);
    let at = |point: f64, scale: f64| (g[0] + point * g[1] + point * point * g[2]) / scale;
    let (a, b) = (a2.sqrt(), b2.sqrt());
    let (scale_a, scale_b) = (2.0 * a2 * (a2 - b2), 2.0 * b2 * (b2 - a2));
    [g[0] / (a2 * b2), at(a, scale_a), at(-a, scale_a), at(b, scale_b), at(-b, scale_b), g[2]]
}

/// A row of tiles of which [`CHANNELS`] channels are to be transformed.
///
/// Entry `i` of tile `t` becomes `CHANNELS` values at `i * plane + t * CHANNELS`.
#[derive(Clone, Copy, Debug)]
pub struct InputTiles<'a> {
    /// From the first of the channels in the upper left pixel of the first tile on.
    pub input: &'a [f32],
    /// Distance of the next line.
    pub line: usize,
    /// Distance of the next pixel.
    pub step: usize,
    /// Number of tiles.
    pub tiles: usize,
    /// Distance of the next entry of the same tile in the output.
    pub plane: usize,
}

/// A row of tiles whose products are transformed back.
#[derive(Clone, Copy, Debug)]
pub struct OutputTiles<'a> {
    /// The products of the first tile's first entry on.
    pub products: &'a [f32],
    /// Distance of the next entry of the same tile.
    pub plane: usize,
    /// Channels, a multiple of 16, and distance of the next pixel.
    pub channels: usize,
    /// Number of pixels in a line of the output.
    pub width: usize,
    /// Number of lines of the output, at most [`OUT`].
    pub height: usize,
    /// Distance of the next line of the output.
    pub line: usize,
    /// What is added to the outputs.
    pub bias: &'a [f32],
    /// What else is added; it lies as the output does.
    pub plus: Option<&'a [f32]>,
    /// What comes last.
    pub activation: Activation,
}

/// Channels that a transform takes at once, on every processor.
pub const CHANNELS: usize = 16;

impl InputTiles<'_> {
    /// Checks that no kernel reads or writes outside of the slices.
    ///
    /// # Panics
    /// If one would.
    pub fn check(&self, out: &[f32]) {
        assert!(self.tiles > 0, "no tiles");
        let last = (IN - 1) * self.line + (self.tiles * OUT + IN - OUT - 1) * self.step;
        assert!(last + CHANNELS <= self.input.len(), "{last} values of {}", self.input.len());
        let last = (PRODUCTS - 1) * self.plane + (self.tiles - 1) * CHANNELS;
        assert!(last + CHANNELS <= out.len(), "{last} transformed values in {}", out.len());
    }
}

impl OutputTiles<'_> {
    /// Checks that no kernel reads or writes outside of the slices.
    ///
    /// # Panics
    /// If one would.
    pub fn check(&self, out: &[f32]) {
        assert_eq!(self.channels % CHANNELS, 0, "channels");
        assert!((1..=OUT).contains(&self.height), "{} lines", self.height);
        assert_eq!(self.bias.len(), self.channels, "biases");
        let tiles = self.width.div_ceil(OUT);
        let end = (PRODUCTS - 1) * self.plane + tiles * self.channels;
        assert!(end <= self.products.len(), "{end} products of {}", self.products.len());
        let end = (self.height - 1) * self.line + self.width * self.channels;
        assert!(end <= out.len(), "{end} outputs in {}", out.len());
        if let Some(plus) = self.plus {
            assert!(end <= plus.len(), "{end} values to add of {}", plus.len());
        }
    }
}
