//! APNG (Portable Network Graphics, third edition).
//!
//! The number of pictures stands before them, so that it is written once all are there; the delays are
//! exact to a hundred-thousandth of a second, and what is lost is made up.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::{Clock, change, part};
use crate::film::{
    Film, FilmError, FilmSettings, Output, Summary, at, beside, check, enlarged, put,
};

/// Units in a second: delays of up to a second fit into 16 bits.
const UNITS: u64 = 50_000;
/// The longest delay of a picture.
const MOST: u64 = 60_000;

/// A lossless clip, of 24 bits a pixel.
pub struct Apng {
    path: PathBuf,
    part: PathBuf,
    out: BufWriter<File>,
    settings: FilmSettings,
    clock: Clock,
    shown: Vec<[u8; 4]>,
    next: Option<Vec<[u8; 4]>>,
    frames: u64,
    pictures: u32,
    sequence: u32,
    bytes: u64,
}

impl Apng {
    pub fn create(path: &Path, settings: &FilmSettings) -> Result<Self, FilmError> {
        let part = beside(path);
        let out = BufWriter::new(Output::create(&part)?.file);
        let mut clip = Self {
            path: path.to_path_buf(),
            part,
            out,
            settings: *settings,
            clock: Clock::new(UNITS),
            shown: Vec::new(),
            next: None,
            frames: 0,
            pictures: 0,
            sequence: 0,
            bytes: 0,
        };
        clip.write_header().map_err(|source| at(&clip.part, source))?;
        Ok(clip)
    }

    fn size(&self) -> [u32; 2] {
        [self.settings.width, self.settings.height].map(|side| side as u32 * self.settings.scale)
    }

    fn write_header(&mut self) -> io::Result<()> {
        self.out.write_all(b"\x89PNG\r\n\x1A\n")?;
        let [width, height] = self.size();
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        // 8 bits of red, green and blue, deflated, not interlaced.
        header.extend([8, 2, 0, 0, 0]);
        self.chunk(*b"IHDR", &header)?;
        self.chunk(*b"acTL", &[0; 8])
    }

    fn chunk(&mut self, kind: [u8; 4], data: &[u8]) -> io::Result<()> {
        let mut check = crc32fast::Hasher::new();
        check.update(&kind);
        check.update(data);
        self.out.write_all(&(data.len() as u32).to_be_bytes())?;
        self.out.write_all(&kind)?;
        self.out.write_all(data)?;
        self.out.write_all(&check.finalize().to_be_bytes())?;
        self.bytes += data.len() as u64 + 12;
        Ok(())
    }

    fn number(&mut self) -> [u8; 4] {
        self.sequence += 1;
        (self.sequence - 1).to_be_bytes()
    }

    fn write(&mut self, until: u64) -> Result<(), FilmError> {
        let Some(next) = self.next.take() else { return Ok(()) };
        let width = self.size()[0] as usize;
        let whole = [0, 0, width, self.size()[1] as usize];
        let area = if self.shown.is_empty() {
            whole
        } else {
            change(&self.shown, &next, width).unwrap_or([0, 0, 1, 1])
        };
        let pixels = part(&next, width, area);
        let [left, top, w, h] = area.map(|side| side as u32);
        let delay = self.clock.until(until);
        self.clock.pass(delay);
        self.shown = next;
        let data = deflated(&pixels, [w, h])?;
        self.write_picture(&data, [w, h, left, top], delay.min(u16::MAX as u64) as u16).map_err(
            |error| FilmError::File { path: self.part.clone(), error, frames: self.frames },
        )
    }

    fn write_picture(&mut self, data: &[u8], area: [u32; 4], delay: u16) -> io::Result<()> {
        let mut control = self.number().to_vec();
        for side in area {
            control.extend(side.to_be_bytes());
        }
        control.extend(delay.to_be_bytes());
        control.extend((UNITS as u16).to_be_bytes());
        // It stays, and takes the place of what was there.
        control.extend([0, 0]);
        self.chunk(*b"fcTL", &control)?;
        self.pictures += 1;
        if self.pictures == 1 {
            return self.chunk(*b"IDAT", data);
        }
        let numbered = [&self.number()[..], data].concat();
        self.chunk(*b"fdAT", &numbered)
    }

    /// Completes the file, and tells how large it is.
    fn complete(mut self) -> io::Result<u64> {
        self.chunk(*b"IEND", &[])?;
        let mut file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        // The second chunk: how many pictures there are, played again and again.
        let mut control = *b"acTL\0\0\0\0\0\0\0\0";
        control[4..8].copy_from_slice(&self.pictures.to_be_bytes());
        file.seek(SeekFrom::Start(8 + 25 + 4))?;
        file.write_all(&control)?;
        file.write_all(&crc32fast::hash(&control).to_be_bytes())?;
        file.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Film for Apng {
    fn frame(&mut self, picture: &[[u8; 4]], _: &[[f32; 2]]) -> Result<(), FilmError> {
        check(picture, &self.settings)?;
        let picture = enlarged(picture, &self.settings);
        let is_long = self.clock.until(self.frames + 1) > MOST;
        if is_long || self.next.as_ref().is_none_or(|next| *next != picture) {
            self.write(self.frames)?;
            self.next = Some(picture);
        }
        self.frames += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary, FilmError> {
        if self.frames == 0 {
            let _ = std::fs::remove_file(&self.part);
            return Err(FilmError::Empty);
        }
        self.write(self.frames)?;
        let (path, part, frames) = (self.path.clone(), self.part.clone(), self.frames);
        let bytes = self.complete();
        let bytes = bytes.map_err(|error| FilmError::File { path: part.clone(), error, frames })?;
        put(&part, &path)?;
        Ok(Summary { frames, bytes })
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// The data of a picture as a PNG has it.
fn deflated(pixels: &[[u8; 4]], [width, height]: [u32; 2]) -> Result<Vec<u8>, FilmError> {
    let failed = |error: png::EncodingError| FilmError::Encoder(error.to_string());
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let rgb: Vec<u8> = pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&rgb).map_err(failed)?;
    writer.finish().map_err(failed)?;
    // The chunks of data, one after the other.
    let (mut data, mut rest) = (Vec::new(), &file[8..]);
    loop {
        let mut head = [0; 8];
        if rest.read_exact(&mut head).is_err() {
            return Ok(data);
        }
        let [a, b, c, d, kind @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if &kind == b"IDAT" {
            data.extend_from_slice(rest.get(..length).unwrap_or_default());
        }
        rest = rest.get(length + 4..).unwrap_or_default();
    }
}
