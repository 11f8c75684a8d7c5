//! MP4, and `QuickTime`'s container, which it came from.
//!
//! While a film grows it is a fragmented file: each second is whole in itself, so that whatever ends the
//! program leaves all but the last of them. When it is finished it is written anew with one table of all
//! samples in front, as players on the web want it, and takes the place of the first.

mod boxes;
mod quiet;
mod sound;
mod track;
mod video;
mod yuv;

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use self::boxes::Run;
use self::sound::Sound;
use self::track::{Chunk, Track};
use self::video::Video;
pub use self::video::{indexed, write_png};
use crate::film::{Film, FilmError, FilmSettings, Output, Summary, beside, check, put};
use crate::soundtrack::Soundtrack;

/// Frames of a fragment: a second.
const FRAGMENT: usize = 60;

/// A film in this container.
pub struct Mp4 {
    output: Output,
    settings: FilmSettings,
    is_quicktime: bool,
    video: Video,
    sound: Sound,
    soundtrack: Soundtrack,
    /// Pictures, and sound; none until the first picture tells how it is encoded.
    tracks: Vec<Track>,
    /// What comes into the next fragment.
    pictures: Samples,
    sounds: Samples,
    fragments: u32,
    frames: u64,
    bytes: u64,
}

/// Samples that are not written yet.
#[derive(Default)]
struct Samples {
    data: Vec<u8>,
    /// The size of each, and whether it needs no other.
    sizes: Vec<(u32, bool)>,
}

impl Mp4 {
    /// H.264 and AAC.
    pub fn lossy(path: &Path, settings: &FilmSettings) -> Result<Self, FilmError> {
        Self::new(path, settings, Video::h264(settings)?, Sound::aac()?)
    }

    /// PNG and PCM.
    pub fn lossless(path: &Path, settings: &FilmSettings) -> Result<Self, FilmError> {
        Self::new(path, settings, Video::png(settings), Sound::Pcm)
    }

    fn new(
        path: &Path,
        settings: &FilmSettings,
        video: Video,
        sound: Sound,
    ) -> Result<Self, FilmError> {
        Ok(Self {
            output: Output::create(path)?,
            settings: *settings,
            is_quicktime: matches!(sound, Sound::Pcm),
            video,
            sound,
            soundtrack: Soundtrack::new(),
            tracks: Vec::new(),
            pictures: Samples::default(),
            sounds: Samples::default(),
            fragments: 0,
            frames: 0,
            bytes: 0,
        })
    }

    /// Writes what came since the last fragment.
    fn flush(&mut self) -> Result<(), FilmError> {
        if self.pictures.sizes.is_empty() && self.sounds.data.is_empty() {
            return Ok(());
        }
        let mut out = Vec::new();
        if self.tracks.is_empty() {
            let priming = self.sound.priming();
            self.tracks = vec![
                Track::pictures(self.video.codec()),
                Track::sound(self.sound.codec(), self.sound.pairs(), priming),
            ];
            out = boxes::ftyp(self.is_quicktime);
            out.extend(boxes::moov(&self.tracks, 0, true));
        }
        self.fragments += 1;
        let taken = [std::mem::take(&mut self.pictures), std::mem::take(&mut self.sounds)];
        let runs = self.runs(&taken);
        let data: usize = taken.iter().map(|samples| samples.data.len()).sum();
        out.extend(boxes::fragment(self.fragments, &runs, data));
        let first = self.bytes + out.len() as u64;
        for samples in &taken {
            out.extend_from_slice(&samples.data);
        }
        // In one go: a fragment is there or not.
        let written = self.output.file.write_all(&out);
        written.map_err(|source| self.output.error(source, self.written()))?;
        self.bytes += out.len() as u64;
        for (run, samples) in runs.iter().zip(&taken) {
            let track = &mut self.tracks[run.track as usize - 1];
            let count = run.uniform.map_or(run.samples.len() as u32, |(_, count)| count);
            if count == 0 {
                continue;
            }
            track.chunks.push(Chunk {
                offset: first + run.offset as u64,
                bytes: samples.data.len() as u64,
                samples: count,
            });
            if let Some(keys) = &mut track.keys {
                let numbers = (run.before as u32..).zip(&run.samples);
                keys.extend(numbers.filter(|(_, (_, is_key))| *is_key).map(|(number, _)| number));
            }
            track.sizes.extend(run.samples.iter().map(|(size, _)| size));
        }
        Ok(())
    }

    fn runs(&self, taken: &[Samples; 2]) -> Vec<Run> {
        let mut offset = 0;
        let mut runs = Vec::new();
        for (number, (samples, track)) in (1..).zip(taken.iter().zip(&self.tracks)) {
            let uniform = track.codec.sample_bytes();
            runs.push(Run {
                track: number,
                before: track.samples(),
                delta: track.delta,
                samples: if uniform.is_some() { Vec::new() } else { samples.sizes.clone() },
                uniform: uniform.map(|bytes| (bytes, samples.data.len() as u32 / bytes)),
                offset,
            });
            offset += samples.data.len();
        }
        runs
    }

    /// Frames that are in the file.
    fn written(&self) -> u64 {
        self.tracks.first().map_or(0, Track::samples)
    }

    /// Writes the film anew, the table first.
    fn rewrite(&mut self, part: &Path) -> io::Result<u64> {
        let head = boxes::ftyp(self.is_quicktime);
        let frames = self.written();
        // What the table says of places does not change its size.
        let table = boxes::moov(&self.tracks, frames, false).len();
        let data: u64 =
            self.tracks.iter().flat_map(|track| &track.chunks).map(|chunk| chunk.bytes).sum();
        let mut places: Vec<(u64, u64, usize, usize)> = Vec::new();
        for (number, track) in self.tracks.iter().enumerate() {
            let chunks = track.chunks.iter().enumerate();
            places.extend(chunks.map(|(i, chunk)| (chunk.offset, chunk.bytes, number, i)));
        }
        places.sort_unstable();
        let mut tracks = self.tracks.clone();
        let mut offset = (head.len() + table) as u64 + 16;
        for &(_, bytes, track, chunk) in &places {
            tracks[track].chunks[chunk].offset = offset;
            offset += bytes;
        }
        let mut out = BufWriter::new(File::create(part)?);
        out.write_all(&head)?;
        out.write_all(&boxes::moov(&tracks, frames, false))?;
        // The size in 64 bits (4.2).
        out.write_all(&1u32.to_be_bytes())?;
        out.write_all(b"mdat")?;
        out.write_all(&(data + 16).to_be_bytes())?;
        for (from, bytes, ..) in places {
            self.output.file.seek(SeekFrom::Start(from))?;
            io::copy(&mut (&self.output.file).take(bytes), &mut out)?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(offset)
    }
}

impl Film for Mp4 {
    fn frame(&mut self, picture: &[[u8; 4]], sound: &[[f32; 2]]) -> Result<(), FilmError> {
        check(picture, &self.settings)?;
        let is_key = self.video.encode(picture, &self.settings, &mut self.pictures.data)?;
        let before: usize = self.pictures.sizes.iter().map(|(size, _)| *size as usize).sum();
        self.pictures.sizes.push(((self.pictures.data.len() - before) as u32, is_key));
        let sound = self.soundtrack.frame(sound);
        self.sound.encode(&sound, &mut self.sounds.data, &mut self.sounds.sizes)?;
        self.frames += 1;
        if self.pictures.sizes.len() >= FRAGMENT {
            self.flush()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary, FilmError> {
        let path = self.output.path.clone();
        if self.frames == 0 {
            // Nothing is lost with an empty file.
            let _ = fs::remove_file(&path);
            return Err(FilmError::Empty);
        }
        let rest = self.soundtrack.finish();
        self.sound.encode(&rest, &mut self.sounds.data, &mut self.sounds.sizes)?;
        let remainder = self.sound.finish(&mut self.sounds.data, &mut self.sounds.sizes)?;
        self.flush()?;
        self.tracks[1].remainder = remainder;
        let part = beside(&path);
        let bytes = self.rewrite(&part).map_err(|source| {
            // The film is whole as it is.
            let _ = fs::remove_file(&part);
            self.output.error(source, self.written())
        })?;
        put(&part, &path)?;
        Ok(Summary { frames: self.frames, bytes })
    }

    fn bytes(&self) -> u64 {
        self.bytes + (self.pictures.data.len() + self.sounds.data.len()) as u64
    }
}

/// A film that is given up is completed as far as it came.
impl Drop for Mp4 {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
