//! Pictures of 160x144 pixels: frames and reference pictures, and how they are compared.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use gameboy::{Frame, HEIGHT, PIXELS, Pixels, WIDTH};

/// Red, green and blue, 0-255.
type Rgb = [u8; 3];

/// The four shades as the reference pictures show them, lightest first.
const SHADES: [u8; 4] = [0xFF, 0xAA, 0x55, 0x00];

/// A picture in 8-bit RGB, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture(Vec<Rgb>);

/// What makes two pictures equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same colours.
    Colors,
    /// The same order of brightness: for references in another palette.
    Shades,
}

impl Comparison {
    /// How many pixels differ, in words, or `None` where the pictures are equal.
    pub fn difference(self, found: &Picture, expected: &Picture) -> Option<String> {
        let count = match self {
            Self::Colors => differing(&found.0, &expected.0),
            Self::Shades => differing(&found.ranks(), &expected.ranks()),
        };
        (count > 0).then(|| format!("{count} pixels differ"))
    }
}

fn differing<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

impl Picture {
    /// What a frame shows: shades as four greys, colours with their five bits spread over eight.
    pub fn of(frame: &Frame) -> Self {
        let spread = |value: u16| ((value & 0x1F) << 3 | (value & 0x1F) >> 2) as u8;
        Self(match frame.pixels() {
            Pixels::Shades(shades) => {
                shades.iter().map(|&shade| [SHADES[shade as usize & 3]; 3]).collect()
            }
            Pixels::Colors(colors) => {
                colors.iter().map(|&color| [0, 5, 10].map(|bit| spread(color >> bit))).collect()
            }
        })
    }

    /// Reads a PNG of 160x144 pixels.
    ///
    /// # Errors
    ///
    /// Where the file is missing, is no PNG or has another size.
    pub fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("no {}", path.display()))?;
        let mut decoder = png::Decoder::new(BufReader::new(file));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let mut bytes = vec![0; reader.output_buffer_size().context("the picture is too large")?];
        let info = reader.next_frame(&mut bytes)?;
        let is_screen = (info.width as usize, info.height as usize) == (WIDTH, HEIGHT);
        ensure!(is_screen, "{} is {}x{}", path.display(), info.width, info.height);
        let pixels = bytes[..info.buffer_size()].chunks_exact(info.color_type.samples());
        let rgb = |pixel: &[u8]| match *pixel {
            [grey] | [grey, _] => Ok([grey; 3]),
            [red, green, blue] | [red, green, blue, _] => Ok([red, green, blue]),
            _ => bail!("{} has {} samples a pixel", path.display(), pixel.len()),
        };
        let pixels = pixels.map(rgb).collect::<Result<Vec<_>>>()?;
        ensure!(pixels.len() == PIXELS, "{} holds {} pixels", path.display(), pixels.len());
        Ok(Self(pixels))
    }

    /// Whether every pixel has the same color.
    pub fn is_uniform(&self) -> bool {
        self.0.iter().all(|pixel| pixel == &self.0[0])
    }

    /// Writes this picture, another one, and in red where they differ, side by side as a PNG.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn write_beside(&self, expected: &Self, path: &Path) -> Result<()> {
        let rows = self.0.chunks(WIDTH).zip(expected.0.chunks(WIDTH));
        let bytes: Vec<u8> = rows
            .flat_map(|(found, expected)| {
                let marks = found.iter().zip(expected).map(|(a, b)| mark(*a, a == b));
                let marks: Vec<_> = marks.collect();
                [found, expected, &marks].concat()
            })
            .flatten()
            .collect();
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let file = BufWriter::new(File::create(path)?);
        let mut encoder = png::Encoder::new(file, 3 * WIDTH as u32, HEIGHT as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&bytes)?;
        Ok(())
    }

    /// For each pixel the place of its brightness among those of the picture, darkest first.
    fn ranks(&self) -> Vec<usize> {
        let levels: BTreeSet<_> = self.0.iter().copied().map(brightness).collect();
        let levels: Vec<_> = levels.into_iter().collect();
        let rank = |&pixel: &Rgb| levels.partition_point(|&level| level < brightness(pixel));
        self.0.iter().map(rank).collect()
    }
}

/// The luma of ITU-R BT.601 in thousandths.
fn brightness(pixel: Rgb) -> u32 {
    let [red, green, blue] = pixel.map(u32::from);
    299 * red + 587 * green + 114 * blue
}

fn mark(pixel: Rgb, same: bool) -> Rgb {
    if same { pixel.map(|value| 0xC0 | value >> 2) } else { [0xFF, 0, 0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(colors: [Rgb; 3]) -> Picture {
        Picture((0..PIXELS).map(|index| colors[index % 3]).collect())
    }

    #[test]
    fn shades_are_compared_by_their_order() {
        let grey = picture([[0; 3], [0x55; 3], [0xFF; 3]]);
        let green = picture([[15, 56, 15], [48, 98, 48], [155, 188, 15]]);
        let turned = picture([[15, 56, 15], [155, 188, 15], [48, 98, 48]]);
        assert_eq!(Comparison::Shades.difference(&grey, &green), None);
        assert!(Comparison::Colors.difference(&grey, &green).is_some());
        let words = format!("{} pixels differ", PIXELS / 3 * 2);
        assert_eq!(Comparison::Shades.difference(&grey, &turned), Some(words));
    }

    #[test]
    fn what_is_written_is_read_as_three_panels() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a/b.png");
        let found = picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
        found.write_beside(&picture([[0; 3]; 3]), &path)?;
        let error = Picture::read(&path).expect_err("it is three screens wide");
        assert!(error.to_string().ends_with("is 480x144"), "{error}");
        Ok(())
    }
}
