//! Sound as samples.

use syom::{EncodeOptions, Encoder};

use super::track::Codec;
use crate::film::FilmError;

/// Bits of AAC in a second.
const BITRATE: u32 = 160_000;
/// Pairs of a sample of AAC-LC, and those that its decoder needs before it is heard right.
const AAC_PAIRS: u32 = 1024;

/// An encoder.
pub enum Sound {
    Aac { encoder: Box<Encoder>, config: Vec<u8> },
    Pcm,
}

impl Sound {
    pub fn aac() -> Result<Self, FilmError> {
        let options = EncodeOptions::raw().with_bitrate_bps(BITRATE);
        let encoder = Encoder::new(gameboy::SAMPLE_RATE, 2, &options).map_err(failed)?;
        let config = encoder.asc().to_vec();
        Ok(Self::Aac { encoder: Box::new(encoder), config })
    }

    pub fn codec(&self) -> Codec {
        match self {
            Self::Aac { config, .. } => Codec::Aac { config: config.clone() },
            Self::Pcm => Codec::Pcm,
        }
    }

    /// Pairs of a sample.
    pub fn pairs(&self) -> u32 {
        match self {
            Self::Aac { .. } => AAC_PAIRS,
            Self::Pcm => 1,
        }
    }

    /// Pairs at the beginning that are not to be heard.
    pub fn priming(&self) -> u64 {
        match self {
            Self::Aac { .. } => AAC_PAIRS as u64,
            Self::Pcm => 0,
        }
    }

    /// Appends sound to `out`, and the size of each sample to `sizes`.
    pub fn encode(
        &mut self,
        sound: &[[f32; 2]],
        out: &mut Vec<u8>,
        sizes: &mut Vec<(u32, bool)>,
    ) -> Result<(), FilmError> {
        match self {
            Self::Aac { encoder, .. } => {
                let side = |side: usize| -> Vec<f32> {
                    sound.iter().map(|pair| pair[side].clamp(-1.0, 1.0)).collect()
                };
                let [left, right] = [side(0), side(1)];
                let fed = encoder.feed(&[&left, &right], |frame| {
                    add(frame.au, out, sizes);
                    Ok(())
                });
                fed.map(drop).map_err(failed)
            }
            Self::Pcm => {
                for value in sound.as_flattened() {
                    let value = (value.clamp(-1.0, 1.0) * i16::MAX as f32).round() as i16;
                    out.extend_from_slice(&value.to_le_bytes());
                }
                Ok(())
            }
        }
    }

    /// Appends what is still held back. Returns pairs at the end that are not to be heard.
    pub fn finish(
        &mut self,
        out: &mut Vec<u8>,
        sizes: &mut Vec<(u32, bool)>,
    ) -> Result<u64, FilmError> {
        let Self::Aac { encoder, .. } = self else { return Ok(0) };
        if encoder.samples() == 0 {
            return Ok(0);
        }
        let finished = encoder.finish(|frame| {
            add(frame.au, out, sizes);
            Ok(())
        });
        finished.map(|info| info.remainder).map_err(failed)
    }
}

fn add(unit: &[u8], out: &mut Vec<u8>, sizes: &mut Vec<(u32, bool)>) {
    out.extend_from_slice(unit);
    sizes.push((unit.len() as u32, true));
}

fn failed(error: impl std::fmt::Display) -> FilmError {
    FilmError::Encoder(error.to_string())
}
