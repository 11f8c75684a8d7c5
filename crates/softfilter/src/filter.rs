//! Pictures in, pictures out.

use colorizer::{Colorizer, RgbaFrame, weaken};
use gameboy::{Frame, HEIGHT, WIDTH};
use neural::{DeviceChoice, FrameColorizer};

use crate::shade_reader::ShadeReader;

/// The networks whose weights are built in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// The article's, for any picture.
    V1,
    /// Colors for the cells of games.
    #[default]
    V3,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which network colors.
    pub network: Network,
    /// Of the colors, in percent.
    pub strength: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self { network: Network::default(), strength: 100 }
    }
}

impl Network {
    fn weights(self) -> &'static [u8] {
        match self {
            Self::V1 => include_bytes!("../../../models/v1.safetensors"),
            Self::V3 => include_bytes!("../../../models/v3.safetensors"),
        }
    }
}

/// How pixels are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFormat {
    /// RRRRRGGGGGGBBBBB.
    Rgb565,
    /// 0x00RRGGBB.
    Xrgb8888,
}

/// A picture as a frontend has it.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// Its bytes, at least as many as `height` rows of `stride` take, but for what is behind the last
    /// pixel.
    pub bytes: &'a [u8],
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes from row to row.
    pub stride: usize,
    /// Its pixels.
    pub format: PixelFormat,
}

impl PixelFormat {
    /// Bytes of a pixel.
    pub fn size(self) -> usize {
        match self {
            Self::Rgb565 => 2,
            Self::Xrgb8888 => 4,
        }
    }
}

/// The color of a pixel, RGBA, by how many bytes it has.
fn rgba(pixel: &[u8]) -> [u8; 4] {
    match pixel.len() {
        2 => {
            let pixel = u16::from_ne_bytes([pixel[0], pixel[1]]);
            let wide = |value: u16, bits: u32| {
                let value = value & ((1 << bits) - 1);
                (value << (8 - bits) | value >> (2 * bits - 8)) as u8
            };
            [wide(pixel >> 11, 5), wide(pixel >> 5, 6), wide(pixel, 5), 0xFF]
        }
        4 => {
            let pixel = u32::from_ne_bytes([pixel[0], pixel[1], pixel[2], pixel[3]]);
            let [_, r, g, b] = pixel.to_be_bytes();
            [r, g, b, 0xFF]
        }
        _ => [0; 4],
    }
}

impl Picture<'_> {
    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let row = self.width * self.format.size();
        self.bytes.chunks(self.stride.max(1)).take(self.height).filter_map(move |r| r.get(..row))
    }

    fn colors(&self) -> impl Iterator<Item = [u8; 4]> {
        let size = self.format.size();
        self.rows().flat_map(move |row| row.chunks_exact(size).map(rgba))
    }

    /// Writes it as it is to `out`, whose rows are `stride` bytes apart.
    pub fn copy(&self, out: &mut [u8], stride: usize) {
        self.write(self.colors(), out, stride);
    }

    /// Writes these colors as pixels of the same format.
    fn write(&self, mut colors: impl Iterator<Item = [u8; 4]>, out: &mut [u8], stride: usize) {
        let size = self.format.size();
        for row in out.chunks_mut(stride.max(1)) {
            for (pixel, [r, g, b, _]) in
                row.chunks_exact_mut(size).take(self.width).zip(&mut colors)
            {
                match self.format {
                    PixelFormat::Xrgb8888 => {
                        pixel.copy_from_slice(&u32::from_be_bytes([0, r, g, b]).to_ne_bytes());
                    }
                    PixelFormat::Rgb565 => {
                        let [r, g, b] = [r >> 3, g >> 2, b >> 3].map(u16::from);
                        pixel.copy_from_slice(&(r << 11 | g << 5 | b).to_ne_bytes());
                    }
                }
            }
        }
    }
}

/// Colors pictures of a Game Boy.
#[derive(Debug)]
pub struct Filter {
    colorizer: FrameColorizer,
    strength: u8,
    shades: ShadeReader,
    picture: RgbaFrame,
}

impl Filter {
    /// With a network.
    ///
    /// # Errors
    /// Why it cannot be had, in one line.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let device = DeviceChoice::Cpu.open().map_err(|error| error.to_string())?;
        let how = neural::Settings::default();
        let colorizer = FrameColorizer::new(settings.network.weights(), &device, &how);
        Ok(Self {
            colorizer: colorizer.map_err(|error| error.to_string())?,
            strength: settings.strength,
            shades: ShadeReader::default(),
            picture: RgbaFrame::new(),
        })
    }

    /// Writes a picture of the same size and format to `out`, whose rows are `stride` bytes apart.
    pub fn paint(&mut self, picture: &Picture<'_>, out: &mut [u8], stride: usize) {
        let colors: Vec<[u8; 4]> = picture.colors().collect();
        let painted = self.colored(picture, &colors).map_or(&colors[..], RgbaFrame::pixels);
        picture.write(painted.iter().copied(), out, stride);
    }

    /// A picture in color, where it is one of an original Game Boy.
    fn colored(&mut self, picture: &Picture<'_>, colors: &[[u8; 4]]) -> Option<&RgbaFrame> {
        if (picture.width, picture.height) != (WIDTH, HEIGHT) {
            return None;
        }
        let shades = self.shades.read(colors)?;
        self.colorizer.colorize(&Frame::from_shades(&shades), &mut self.picture);
        if self.strength < 100 {
            weaken(self.picture.pixels_mut(), colors, self.strength);
        }
        Some(&self.picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_read_and_those_of_no_game_boy_pass() {
        let mut filter = Filter::new(Settings::default()).expect("V3");
        let rgb565: Vec<u8> =
            [0xF800_u16, 0x07E0, 0x001F, 0x8410].iter().flat_map(|p| p.to_ne_bytes()).collect();
        let (width, height, format) = (2, 2, PixelFormat::Rgb565);
        let picture = Picture { bytes: &rgb565, width, height, stride: 4, format };
        let mut out = [0xAA; 2 * 6];
        filter.paint(&picture, &mut out, 6);
        let rest = [0xAA; 2];
        assert_eq!(out[..6], [&rgb565[..4], &rest].concat());
        assert_eq!(out[6..], [&rgb565[4..], &rest].concat());
        assert_eq!(rgba(&rgb565[6..]), [0x84, 0x82, 0x84, 0xFF]);
    }
}
