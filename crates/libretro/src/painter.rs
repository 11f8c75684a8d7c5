//! From frames to pixels for a frontend.

use std::path::{Path, PathBuf};
use std::{fs, io};

use colorizer::{Colorizer, RgbaFrame, ScreenColors, weaken};
use gameboy::{Frame, HEIGHT, WIDTH};
use neural::{FrameColorizer, Options};

use crate::options::Settings;

/// Files of weights larger than this are none.
const LARGEST_WEIGHTS: u64 = 256 << 20;

/// How pixels are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PixelFormat {
    /// 0RRRRRGGGGGBBBBB.
    #[default]
    Rgb1555,
    /// 0x00RRGGBB.
    Xrgb8888,
}

/// A picture for a frontend.
#[derive(Debug)]
pub struct Picture<'a> {
    /// Its bytes, row by row.
    pub bytes: &'a [u8],
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Paints frames by what the player chose.
#[derive(Debug, Default)]
pub struct Painter {
    /// `None` until it is needed first, and where it cannot be had.
    network: Option<FrameColorizer>,
    screen: ScreenColors,
    raw: RgbaFrame,
    color: RgbaFrame,
    bytes: Vec<u8>,
}

impl Painter {
    /// Loads the network that is asked for, whose files lie in `folder`. Returns what it is called.
    ///
    /// # Errors
    /// Why it cannot be had, in one line. The one before stays.
    pub fn load(&mut self, settings: &Settings, folder: Option<&Path>) -> Result<String, String> {
        let weights = weights(&settings.weights, folder)?;
        let device = settings.device.open().map_err(|err| err.to_string())?;
        let mut options = Options { precision: settings.precision, ..Options::default() };
        if let Some(threads) = settings.threads {
            options.threads = threads;
        }
        let how = neural::Settings { timing: settings.timing, style: settings.style, options };
        let network = FrameColorizer::new(&weights, &device, &how);
        let network = network.map_err(|err| format!("{}: {err}", settings.weights))?;
        let description = network.description().to_owned();
        self.network = Some(network);
        Ok(description)
    }

    /// Whether there is a network.
    pub fn has_network(&self) -> bool {
        self.network.is_some()
    }

    /// What went wrong with the network.
    pub fn failure(&self) -> Option<String> {
        self.network.as_ref()?.failure()
    }

    /// Forgets earlier frames.
    pub fn reset(&mut self) {
        if let Some(network) = &mut self.network {
            network.reset();
        }
    }

    /// The picture of a frame.
    pub fn paint(
        &mut self,
        frame: &Frame,
        settings: &Settings,
        format: PixelFormat,
    ) -> Picture<'_> {
        let mut palette = settings.palette;
        if frame.colors().is_some() && settings.correction {
            self.screen.colorize(frame, &mut self.raw);
        } else {
            palette.colorize(frame, &mut self.raw);
        }
        let network = self.network.as_mut().filter(|_| settings.color && frame.shades().is_some());
        let shown = match network {
            Some(network) => {
                network.colorize(frame, &mut self.color);
                if settings.strength < 100 {
                    weaken(self.color.pixels_mut(), self.raw.pixels(), settings.strength);
                }
                &self.color
            }
            None => &self.raw,
        };
        self.bytes.clear();
        let rows = self.raw.pixels().chunks_exact(WIDTH).zip(shown.pixels().chunks_exact(WIDTH));
        for (raw, shown) in rows {
            let beside = if settings.side_by_side { raw } else { &[] };
            for &[r, g, b, _] in beside.iter().chain(shown) {
                match format {
                    PixelFormat::Xrgb8888 => {
                        let pixel = u32::from_be_bytes([0, r, g, b]);
                        self.bytes.extend(pixel.to_ne_bytes());
                    }
                    PixelFormat::Rgb1555 => {
                        let [r, g, b] = [r, g, b].map(|channel| (channel >> 3) as u16);
                        self.bytes.extend((r << 10 | g << 5 | b).to_ne_bytes());
                    }
                }
            }
        }
        Picture { bytes: &self.bytes, width: width(settings), height: HEIGHT }
    }
}

/// Columns of the pictures.
pub fn width(settings: &Settings) -> usize {
    if settings.side_by_side { 2 * WIDTH } else { WIDTH }
}

/// The names of the files of weights in a folder.
pub fn weights_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let is_weights = |path: &PathBuf| path.extension().is_some_and(|end| end == "safetensors");
    let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = paths.filter(is_weights).filter_map(stem).collect();
    names.sort();
    // More than a frontend takes nobody has.
    names.truncate(100);
    names
}

fn weights(name: &str, folder: Option<&Path>) -> Result<Vec<u8>, String> {
    let path = folder.map(|folder| folder.join(format!("{name}.safetensors")));
    match (name, path) {
        ("v3", _) => Ok(include_bytes!("../../../models/v3.safetensors").to_vec()),
        ("v1", _) => Ok(include_bytes!("../../../models/v1.safetensors").to_vec()),
        (_, None) => Err(format!("{name}: the frontend has no system folder to look in")),
        (_, Some(path)) => {
            let read = || -> io::Result<Vec<u8>> {
                if fs::metadata(&path)?.len() > LARGEST_WEIGHTS {
                    return Err(io::Error::other("too large for weights"));
                }
                fs::read(&path)
            };
            read().map_err(|err| format!("{}: {err}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use gameboy::PIXELS;

    use super::*;

    #[test]
    fn pictures_have_the_format_and_the_view_that_are_asked_for() {
        let mut painter = Painter::default();
        let mut shades = [0; PIXELS];
        shades[1] = 3;
        let frame = Frame::from_shades(&shades);
        let mut settings = Settings { color: false, ..Settings::default() };
        let picture = painter.paint(&frame, &settings, PixelFormat::Xrgb8888);
        assert_eq!((picture.width, picture.height, picture.bytes.len()), (160, 144, PIXELS * 4));
        let pixels: Vec<u32> =
            picture.bytes.as_chunks().0.iter().map(|&bytes| u32::from_ne_bytes(bytes)).collect();
        assert_eq!(pixels[..3], [0x00FF_FFFF, 0, 0x00FF_FFFF]);
        settings.side_by_side = true;
        let picture = painter.paint(&frame, &settings, PixelFormat::Rgb1555);
        assert_eq!((picture.width, picture.bytes.len()), (320, PIXELS * 4));
        let pixels: Vec<u16> =
            picture.bytes.as_chunks().0.iter().map(|&bytes| u16::from_ne_bytes(bytes)).collect();
        assert_eq!((pixels[..3].to_vec(), pixels[161]), (vec![0x7FFF, 0, 0x7FFF], 0));
    }

    #[test]
    fn what_cannot_be_loaded_is_told_and_what_was_stays() {
        let mut painter = Painter::default();
        let named = |weights: &str| Settings { weights: weights.to_owned(), ..Settings::default() };
        assert!(painter.load(&named("v1"), None).expect("V1").starts_with("V1 on "));
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("wrong.safetensors"), "nothing").expect("a file");
        assert_eq!(weights_in(folder.path()), ["wrong"]);
        assert!(painter.load(&named("wrong"), Some(folder.path())).is_err());
        assert!(painter.load(&named("missing"), Some(folder.path())).is_err());
        assert!(painter.load(&named("missing"), None).is_err());
        assert!(painter.has_network());
    }
}
