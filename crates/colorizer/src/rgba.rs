//! The picture a colorizer paints.

use gameboy::{HEIGHT, PIXELS, WIDTH};

const BYTES: usize = PIXELS * 4;

/// A picture of 160x144 opaque pixels, row by row from the top left, 8-bit sRGB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbaFrame {
    bytes: Box<[u8; BYTES]>,
}

impl RgbaFrame {
    /// A black picture.
    pub fn new() -> Self {
        let mut bytes = Box::new([0; BYTES]);
        for pixel in bytes.as_chunks_mut::<4>().0 {
            pixel[3] = 0xFF;
        }
        Self { bytes }
    }

    /// The 92,160 bytes of the picture: red, green, blue and 255 for each pixel.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..]
    }

    /// The bytes as [`as_bytes`](Self::as_bytes) orders them. Every fourth is to stay 255.
    pub fn as_bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..]
    }

    /// The pixels, row by row: red, green, blue, 255.
    pub fn pixels(&self) -> &[[u8; 4]] {
        self.bytes.as_chunks().0
    }

    /// The pixels, row by row. The fourth byte of each is to stay 255.
    pub fn pixels_mut(&mut self) -> &mut [[u8; 4]] {
        self.bytes.as_chunks_mut().0
    }

    /// Red, green and blue of the pixel in column `x` and line `y`.
    ///
    /// # Panics
    /// If `x` is not below 160 or `y` not below 144.
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        assert!(x < WIDTH && y < HEIGHT, "pixel ({x}, {y}) is outside 160x144");
        let [rgb @ .., _] = self.pixels()[y * WIDTH + x];
        rgb
    }
}

impl Default for RgbaFrame {
    fn default() -> Self {
        Self::new()
    }
}

/// An opaque pixel of this colour.
pub const fn opaque([r, g, b]: [u8; 3]) -> [u8; 4] {
    [r, g, b, 0xFF]
}

/// The 8-bit sRGB of an RGB555 colour (red in the low bits): each channel is `x << 3 | x >> 2`.
///
/// Bit 15 is ignored.
pub const fn rgb555_to_srgb(color: u16) -> [u8; 3] {
    const fn widen(channel: u16) -> u8 {
        let x = (channel & 0x1F) as u8;
        x << 3 | x >> 2
    }
    [widen(color), widen(color >> 5), widen(color >> 10)]
}

/// Takes colors so much of the way from `raw`, a picture of the same size, in percent: 100 leaves them, 0
/// leaves nothing of them.
pub fn weaken(colors: &mut [[u8; 4]], raw: &[[u8; 4]], percent: u8) {
    for (color, raw) in colors.as_flattened_mut().iter_mut().zip(raw.as_flattened()) {
        let (from, to) = (*raw as i32, *color as i32);
        *color = (from + (to - from) * percent.min(100) as i32 / 100) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_picture_is_black_and_opaque() {
        let picture = RgbaFrame::new();
        assert_eq!(picture.as_bytes().len(), 160 * 144 * 4);
        assert!(picture.pixels().iter().all(|pixel| *pixel == [0, 0, 0, 255]));
    }

    #[test]
    fn rgb555_reaches_both_ends() {
        assert_eq!(rgb555_to_srgb(0x0000), [0, 0, 0]);
        assert_eq!(rgb555_to_srgb(0xFFFF), [255, 255, 255]);
        assert_eq!(rgb555_to_srgb(0x32BF), [0xFF, 0xAD, 0x63]);
    }
}
