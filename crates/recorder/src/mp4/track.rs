//! What is known of the samples of a track.

use crate::{FRAME_TICKS, TICKS_PER_SECOND};

/// How samples are encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codec {
    /// ISO/IEC 14496-10.
    H264 { width: u16, height: u16, sps: Vec<u8>, pps: Vec<u8> },
    /// A whole PNG each.
    Png { width: u16, height: u16 },
    /// ISO/IEC 14496-3, with its `AudioSpecificConfig`.
    Aac { config: Vec<u8> },
    /// Pairs of 16 bits, little-endian.
    Pcm,
}

impl Codec {
    /// Bytes of each sample, where all have as many.
    pub fn sample_bytes(&self) -> Option<u32> {
        matches!(self, Self::Pcm).then_some(4)
    }
}

/// Samples that lie together in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub offset: u64,
    pub bytes: u64,
    pub samples: u32,
}

/// One kind of samples, and where they are.
#[derive(Clone, Debug)]
pub struct Track {
    pub codec: Codec,
    /// Units of time in a second, and how many of them a sample lasts.
    pub timescale: u32,
    pub delta: u32,
    /// The size of each sample; none where all have one size.
    pub sizes: Vec<u32>,
    /// The samples that need no other, where not all are so.
    pub keys: Option<Vec<u32>>,
    pub chunks: Vec<Chunk>,
    /// Units at the beginning that are not to be heard.
    pub priming: u64,
    /// Units at the end that are not to be heard.
    pub remainder: u64,
}

impl Track {
    /// Pictures, one for each frame of the console.
    pub fn pictures(codec: Codec) -> Self {
        let keys = matches!(codec, Codec::H264 { .. }).then(Vec::new);
        Self { keys, ..Self::new(codec, TICKS_PER_SECOND, FRAME_TICKS) }
    }

    /// Sound, of which a sample is so many pairs.
    pub fn sound(codec: Codec, pairs: u32, priming: u64) -> Self {
        Self { priming, ..Self::new(codec, gameboy::SAMPLE_RATE, pairs) }
    }

    fn new(codec: Codec, timescale: u32, delta: u32) -> Self {
        let (sizes, chunks) = (Vec::new(), Vec::new());
        Self { codec, timescale, delta, sizes, keys: None, chunks, priming: 0, remainder: 0 }
    }

    /// How many samples there are.
    pub fn samples(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.samples as u64).sum()
    }

    /// Width and height of pictures.
    pub fn size(&self) -> Option<[u16; 2]> {
        match self.codec {
            Codec::H264 { width, height, .. } | Codec::Png { width, height } => {
                Some([width, height])
            }
            Codec::Aac { .. } | Codec::Pcm => None,
        }
    }

    /// How long it is seen or heard, in [`TICKS_PER_SECOND`].
    pub fn shown(&self) -> u64 {
        let units =
            (self.samples() * self.delta as u64).saturating_sub(self.priming + self.remainder);
        (units as u128 * TICKS_PER_SECOND as u128 / self.timescale as u128) as u64
    }
}
