//! Pictures of any size: read, put side by side, enlarged, written.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufWriter, Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use colorizer::cell_color::nearest_rgb555;
use colorizer::lab::{Lab, lab_to_srgb, srgb_to_lab};
use colorizer::{GREY_LEVELS, Palette, RgbaFrame, rgb555_to_srgb, weaken};
use gameboy::{Frame, HEIGHT, PIXELS, WIDTH};
use image::{DynamicImage, ImageFormat, ImageReader, Rgba, RgbaImage};

/// C* in CIELAB from which on one sees a color.
const LEAST_CHROMA: f32 = 5.0;

/// Opaque pixels, row by row from the top left, 8-bit sRGB and 255.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 4]>,
}

/// The lightness of a picture: L* of CIELAB, 0-100, row by row from the top left.
#[derive(Clone, Debug, PartialEq)]
pub struct Lightness {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// Whether these bytes begin as a picture does that [`Lightness::from_bytes`] reads.
pub fn is_picture(bytes: &[u8]) -> bool {
    matches!(
        image::guess_format(bytes),
        Ok(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::Bmp)
    )
}

/// The colors of a PNG, JPEG, GIF or BMP, each with its share of what is opaque in the picture,
/// to the five bits of each channel that the Game Boy Color has.
///
/// # Errors
/// If the bytes are damaged, or nothing of the picture has a color.
pub fn shares_of_colors(bytes: &[u8]) -> Result<Vec<([u8; 3], f32)>> {
    let image = decode(bytes)?;
    let mut counts = BTreeMap::<u16, u32>::new();
    for Rgba([r, g, b, alpha]) in image.pixels() {
        if *alpha >= 0x80 {
            *counts.entry(nearest_rgb555([*r, *g, *b])).or_default() += 1;
        }
    }
    let is_colored = |&color: &u16| srgb_to_lab(rgb555_to_srgb(color)).chroma() > LEAST_CHROMA;
    if !counts.keys().any(is_colored) {
        bail!("the picture has no colors");
    }
    let total = counts.values().sum::<u32>() as f32;
    let share = |(color, count)| (rgb555_to_srgb(color), count as f32 / total);
    Ok(counts.into_iter().map(share).collect())
}

fn decode(bytes: &[u8]) -> Result<RgbaImage> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    Ok(reader.decode().context("the picture is damaged")?.into_rgba8())
}

impl Picture {
    /// A picture from its pixels.
    ///
    /// # Panics
    /// Unless there are `width * height` pixels.
    pub fn new(width: usize, height: usize, pixels: Vec<[u8; 4]>) -> Self {
        assert_eq!(pixels.len(), width * height, "pixels of a {width}x{height} picture");
        Self { width, height, pixels }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All pixels.
    pub fn pixels(&self) -> &[[u8; 4]] {
        &self.pixels
    }

    /// The pixels, row by row.
    pub fn rows(&self) -> impl Iterator<Item = &[[u8; 4]]> {
        self.pixels.chunks_exact(self.width)
    }

    /// The pixels, row by row, to be written.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [[u8; 4]]> {
        self.pixels.chunks_exact_mut(self.width)
    }

    /// The pixel of a column and a row, to be written; `None` beside the picture.
    pub fn pixel_mut(&mut self, x: usize, y: usize) -> Option<&mut [u8; 4]> {
        if x < self.width { self.pixels.get_mut(y * self.width + x) } else { None }
    }

    /// The console's screen.
    pub fn from_frame(frame: &RgbaFrame) -> Self {
        Self::new(WIDTH, HEIGHT, frame.pixels().to_vec())
    }

    /// A PNG, JPEG, GIF or BMP in the middle of black, as large as it fits in.
    ///
    /// # Errors
    /// If the bytes are damaged.
    pub fn fitted(bytes: &[u8], width: usize, height: usize) -> Result<Self> {
        let image = DynamicImage::from(decode(bytes)?).thumbnail(width as u32, height as u32);
        let image = image.into_rgba8();
        let (wide, high) = (image.width() as usize, image.height() as usize);
        let [left, top] = [(width - wide) / 2, (height - high) / 2];
        let mut picture = Self::new(width, height, vec![[0, 0, 0, 0xFF]; width * height]);
        for (y, row) in picture.rows_mut().skip(top).take(high).enumerate() {
            for (x, pixel) in row[left..][..wide].iter_mut().enumerate() {
                let [r, g, b] = on_white(image.get_pixel(x as u32, y as u32).0);
                *pixel = [r, g, b, 0xFF];
            }
        }
        Ok(picture)
    }

    /// Copies another picture into this one, with its top left corner there; what lies beside this
    /// one is left out.
    pub fn put(&mut self, other: &Self, [left, top]: [usize; 2]) {
        for (row, from) in self.rows_mut().skip(top).zip(other.rows()) {
            for (pixel, from) in row.iter_mut().skip(left).zip(from) {
                *pixel = *from;
            }
        }
    }

    /// This picture with another of the same height to its right.
    pub fn beside(&self, right: &Self) -> Self {
        let rows = self.rows().zip(right.rows()).flat_map(|(left, right)| [left, right]);
        Self::new(self.width + right.width, self.height, rows.flatten().copied().collect())
    }

    /// Goes from `raw`, a picture of the same size, so much of the way to this one, in percent.
    pub fn weaken(&mut self, raw: &Self, percent: u8) {
        weaken(&mut self.pixels, &raw.pixels, percent);
    }

    /// Half as wide and half as high: each pixel the mean of four.
    pub fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mean = |place: usize| {
            let at = place / width * 2 * self.width + place % width * 2;
            let four = [at, at + 1, at + self.width, at + self.width + 1];
            std::array::from_fn(|channel| {
                let sum: u32 = four.iter().map(|&at| self.pixels[at][channel] as u32).sum();
                (sum / 4) as u8
            })
        };
        Self::new(width, height, (0..width * height).map(mean).collect())
    }

    /// Every pixel as a square of `scale * scale` pixels.
    pub fn enlarged(&self, scale: usize) -> Self {
        let rows = self.rows().flat_map(|row| std::iter::repeat_n(row, scale));
        let pixels = rows.flatten().flat_map(|&pixel| std::iter::repeat_n(pixel, scale));
        Self::new(self.width * scale, self.height * scale, pixels.collect())
    }

    /// Writes the picture as PNG.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_png(&self, path: &Path) -> Result<()> {
        let failed = || format!("cannot write {}", path.display());
        let (width, height) = (self.width as u32, self.height as u32);
        let image = RgbaImage::from_raw(width, height, self.pixels.concat())
            .ok_or_else(|| anyhow!("{width}x{height} is too large a picture"))?;
        let mut file = BufWriter::new(fs::File::create(path).with_context(failed)?);
        image.write_to(&mut file, ImageFormat::Png).with_context(failed)?;
        file.flush().with_context(failed)
    }
}

impl Lightness {
    /// A picture's lightness from its values.
    ///
    /// # Panics
    /// Unless there are `width * height` values.
    pub fn new(width: usize, height: usize, values: Vec<f32>) -> Self {
        assert_eq!(values.len(), width * height, "values of a {width}x{height} picture");
        Self { width, height, values }
    }

    /// The lightness of a PNG, JPEG, GIF or BMP; what is transparent counts as white.
    ///
    /// # Errors
    /// If the bytes are damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let image = decode(bytes)?;
        let values = image.pixels().map(|pixel| srgb_to_lab(on_white(pixel.0)).l).collect();
        Ok(Self::new(image.width() as usize, image.height() as usize, values))
    }

    /// The frame of shades that this is a picture of, whatever the four of them look like here, and
    /// how many pixels in a row show one of the console's.
    ///
    /// # Errors
    /// If its sides are not the same multiple of the console's.
    pub fn to_frame(&self) -> Result<(Frame, usize)> {
        let scale = self.width / WIDTH;
        if scale == 0 || [self.width, self.height] != [WIDTH * scale, HEIGHT * scale] {
            let (width, height) = (self.width, self.height);
            bail!(
                "V3 colors pictures of a Game Boy's screen, {WIDTH}x{HEIGHT} or a whole multiple of \
                 that, not {width}x{height}; V0, V1 and V2 color any"
            );
        }
        let at = |pixel: usize| {
            let (x, y) = (pixel % WIDTH * scale, pixel / WIDTH * scale);
            self.values[(y + scale / 2) * self.width + x + scale / 2]
        };
        let lightness: [f32; PIXELS] = std::array::from_fn(at);
        // Light to dark. An LCD's greens are nothing like greys, but they are four.
        let distinct: BTreeSet<_> = lightness.iter().map(|l| Reverse((l * 4.0) as u32)).collect();
        let distinct: Vec<f32> = distinct.into_iter().map(|Reverse(l)| l as f32 / 4.0).collect();
        let levels = match <[f32; 4]>::try_from(distinct) {
            Ok(four) => four,
            Err(_) => GREY_LEVELS.map(|grey| srgb_to_lab([grey; 3]).l),
        };
        let shade = |l: f32| {
            let apart = |shade: &usize| (levels[*shade] - l).abs();
            let nearest = |x: &usize, y: &usize| apart(x).total_cmp(&apart(y));
            (0..levels.len()).min_by(nearest).unwrap_or_default() as u8
        };
        Ok((Frame::from_shades(&lightness.map(shade)), scale))
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// L* of every pixel.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The picture in the four background colors of `palette`, each pixel by the nearest shade.
    pub fn to_palette(&self, palette: &Palette) -> Picture {
        let shades = GREY_LEVELS.map(|grey| srgb_to_lab([grey; 3]).l);
        let color = |&l: &f32| {
            let distance = |shade: &usize| -> f32 { (shades[*shade] - l).abs() };
            let shade =
                (0..4).min_by(|x, y| distance(x).total_cmp(&distance(y))).unwrap_or_default();
            let [r, g, b] = palette.background()[shade];
            [r, g, b, 0xFF]
        };
        Picture::new(self.width, self.height, self.values.iter().map(color).collect())
    }

    /// The picture in grey.
    pub fn to_picture(&self) -> Picture {
        let grey = |&l: &f32| {
            let [r, g, b] = lab_to_srgb(Lab::new(l, 0.0, 0.0));
            [r, g, b, 0xFF]
        };
        Picture::new(self.width, self.height, self.values.iter().map(grey).collect())
    }
}

fn on_white([r, g, b, alpha]: [u8; 4]) -> [u8; 3] {
    let alpha = alpha as u32;
    [r, g, b].map(|channel| ((channel as u32 * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];

    #[test]
    fn pictures_are_joined_row_by_row() {
        let left = Picture::new(1, 2, vec![RED, BLUE]);
        let right = Picture::new(2, 2, vec![BLUE, BLUE, RED, RED]);
        let both = Picture::new(3, 2, vec![RED, BLUE, BLUE, BLUE, RED, RED]);
        assert_eq!(left.beside(&right), both);
    }

    #[test]
    fn enlarged_pixels_are_squares() {
        let picture = Picture::new(2, 1, vec![RED, BLUE]).enlarged(2);
        assert_eq!(picture, Picture::new(4, 2, vec![RED, RED, BLUE, BLUE, RED, RED, BLUE, BLUE]));
    }

    #[test]
    fn a_picture_of_the_screen_is_a_frame_again() {
        let shades: [u8; PIXELS] = std::array::from_fn(|pixel| (pixel / 7 % 4) as u8);
        let greens: [[u8; 3]; 4] =
            [[0x9B, 0xBC, 0x0F], [0x8B, 0xAC, 0x0F], [0x30, 0x62, 0x30], [0x0F, 0x38, 0x0F]];
        let values = |scale: usize| {
            let at = |i: usize| (i % (WIDTH * scale) / scale, i / (WIDTH * scale) / scale);
            let shade = |(x, y): (usize, usize)| shades[y * WIDTH + x] as usize;
            let l = |i: usize| srgb_to_lab(greens[shade(at(i))]).l;
            (0..PIXELS * scale * scale).map(l).collect::<Vec<_>>()
        };
        for scale in [1, 3] {
            let picture = Lightness::new(WIDTH * scale, HEIGHT * scale, values(scale));
            let (frame, found) = picture.to_frame().expect("the console's screen");
            assert_eq!(found, scale);
            assert_eq!(frame.shades().expect("shades"), shades);
        }
        let other = Lightness::new(2, 2, vec![0.0; 4]).to_frame().expect_err("not a screen");
        assert!(other.to_string().contains("not 2x2"), "{other}");
    }

    #[test]
    fn transparency_counts_as_white() {
        assert_eq!(on_white([0, 0, 0, 0]), [255; 3]);
        assert_eq!(on_white([10, 20, 30, 255]), [10, 20, 30]);
        assert_eq!(on_white([0, 0, 0, 128]), [127; 3]);
    }
}
