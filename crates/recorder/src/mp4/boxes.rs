//! Boxes of the ISO base media file format (ISO/IEC 14496-12) and of `QuickTime`, whose sections are named.

use super::track::{Codec, Track};
use crate::{FRAME_TICKS, TICKS_PER_SECOND};

/// Neither scaled nor turned (8.2.2).
const UNITY: [u32; 9] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000];
/// A sample that others do not need, and one that needs no other (8.8.3.1).
const DEPENDENT: u32 = 0x0101_0000;
const INDEPENDENT: u32 = 0x0200_0000;

/// Bytes of a box being written, big-endian.
#[derive(Debug, Default)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    fn u8(&mut self, value: u8) -> &mut Self {
        self.0.push(value);
        self
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.slice(&value.to_be_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.slice(&value.to_be_bytes())
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.slice(&value.to_be_bytes())
    }

    fn slice(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn zeros(&mut self, count: usize) -> &mut Self {
        self.0.resize(self.0.len() + count, 0);
        self
    }

    /// A box with what `body` writes (4.2).
    fn boxed(&mut self, kind: [u8; 4], body: impl FnOnce(&mut Self)) -> &mut Self {
        let start = self.0.len();
        self.u32(0).slice(&kind);
        body(self);
        let size = (self.0.len() - start) as u32;
        self.0[start..start + 4].copy_from_slice(&size.to_be_bytes());
        self
    }

    /// A box with version and flags.
    fn full(
        &mut self,
        kind: [u8; 4],
        version: u8,
        flags: u32,
        body: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.boxed(kind, |out| {
            out.u32((version as u32) << 24 | flags);
            body(out);
        })
    }
}

/// The first box (4.3).
pub fn ftyp(is_quicktime: bool) -> Vec<u8> {
    let mut out = Bytes::default();
    let brands: &[&[u8; 4]] =
        if is_quicktime { &[b"qt  "] } else { &[b"isom", b"iso5", b"avc1", b"mp41"] };
    out.boxed(*b"ftyp", |out| {
        out.slice(brands[0]).u32(0x200);
        for brand in brands {
            out.slice(*brand);
        }
    });
    out.0
}

/// What the film holds (8.2.1): where its samples are, or, while it grows, that they come in
/// fragments.
pub fn moov(tracks: &[Track], frames: u64, is_growing: bool) -> Vec<u8> {
    let mut out = Bytes::default();
    let duration = if is_growing { 0 } else { frames * FRAME_TICKS as u64 };
    out.boxed(*b"moov", |out| {
        out.full(*b"mvhd", 1, 0, |out| {
            out.zeros(16).u32(TICKS_PER_SECOND).u64(duration).u32(0x10000).u16(0x100).zeros(10);
            for value in UNITY {
                out.u32(value);
            }
            out.zeros(24).u32(tracks.len() as u32 + 1);
        });
        for (number, track) in (1..).zip(tracks) {
            trak(out, number, track, is_growing);
        }
        if is_growing {
            out.boxed(*b"mvex", |out| {
                for number in 1..=tracks.len() as u32 {
                    out.full(*b"trex", 0, 0, |out| {
                        out.u32(number).u32(1).zeros(12);
                    });
                }
            });
        }
    });
    out.0
}

fn trak(out: &mut Bytes, number: u32, track: &Track, is_growing: bool) {
    let media = if is_growing { 0 } else { track.samples() * track.delta as u64 };
    let shown = if is_growing { 0 } else { track.shown() };
    let [width, height] = track.size().unwrap_or_default();
    let volume = if track.size().is_some() { 0 } else { 0x100 };
    out.boxed(*b"trak", |out| {
        // Enabled, and in the movie (8.3.2).
        out.full(*b"tkhd", 1, 3, |out| {
            out.zeros(16).u32(number).u32(0).u64(shown).zeros(8).u16(0).u16(0).u16(volume).u16(0);
            for value in UNITY {
                out.u32(value);
            }
            out.u32((width as u32) << 16).u32((height as u32) << 16);
        });
        if track.priming > 0 {
            out.boxed(*b"edts", |out| {
                out.full(*b"elst", 1, 0, |out| {
                    out.u32(1).u64(shown).u64(track.priming).u32(0x10000);
                });
            });
        }
        out.boxed(*b"mdia", |out| {
            out.full(*b"mdhd", 1, 0, |out| {
                // No language.
                out.zeros(16).u32(track.timescale).u64(media).u16(0x55C4).u16(0);
            });
            let kind = if track.size().is_some() { b"vide" } else { b"soun" };
            out.full(*b"hdlr", 0, 0, |out| {
                out.u32(0).slice(kind).zeros(12).u8(0);
            });
            out.boxed(*b"minf", |out| {
                if track.size().is_some() {
                    out.full(*b"vmhd", 0, 1, |out| {
                        out.zeros(8);
                    });
                } else {
                    out.full(*b"smhd", 0, 0, |out| {
                        out.zeros(4);
                    });
                }
                out.boxed(*b"dinf", |out| {
                    out.full(*b"dref", 0, 0, |out| {
                        // In this file (8.7.2).
                        out.u32(1).full(*b"url ", 0, 1, |_| ());
                    });
                });
                stbl(out, track, is_growing);
            });
        });
    });
}

fn stbl(out: &mut Bytes, track: &Track, is_growing: bool) {
    out.boxed(*b"stbl", |out| {
        out.full(*b"stsd", 0, 0, |out| {
            out.u32(1);
            sample_entry(out, track);
        });
        if is_growing {
            for kind in [*b"stts", *b"stsc", *b"stco"] {
                out.full(kind, 0, 0, |out| {
                    out.u32(0);
                });
            }
            out.full(*b"stsz", 0, 0, |out| {
                out.zeros(8);
            });
            return;
        }
        let samples = track.samples() as u32;
        out.full(*b"stts", 0, 0, |out| {
            out.u32(1).u32(samples).u32(track.delta);
        });
        if let Some(keys) = &track.keys {
            out.full(*b"stss", 0, 0, |out| {
                out.u32(keys.len() as u32);
                for &key in keys {
                    out.u32(key + 1);
                }
            });
        }
        out.full(*b"stsc", 0, 0, |out| {
            let mut runs: Vec<(u32, u32)> = Vec::new();
            for (number, chunk) in (1..).zip(&track.chunks) {
                if runs.last().is_none_or(|&(_, samples)| samples != chunk.samples) {
                    runs.push((number, chunk.samples));
                }
            }
            out.u32(runs.len() as u32);
            for (first, samples) in runs {
                out.u32(first).u32(samples).u32(1);
            }
        });
        out.full(*b"stsz", 0, 0, |out| {
            if let Some(bytes) = track.codec.sample_bytes() {
                out.u32(bytes).u32(samples);
            } else {
                out.u32(0).u32(samples);
                for &size in &track.sizes {
                    out.u32(size);
                }
            }
        });
        out.full(*b"co64", 0, 0, |out| {
            out.u32(track.chunks.len() as u32);
            for chunk in &track.chunks {
                out.u64(chunk.offset);
            }
        });
    });
}

/// What the samples are (8.5.2, 12.1.3, 12.2.3).
fn sample_entry(out: &mut Bytes, track: &Track) {
    let kind = match track.codec {
        Codec::H264 { .. } => *b"avc1",
        Codec::Png { .. } => *b"png ",
        Codec::Aac { .. } => *b"mp4a",
        Codec::Pcm => *b"sowt",
    };
    out.boxed(kind, |out| {
        out.zeros(6).u16(1);
        match &track.codec {
            Codec::H264 { width, height, .. } | Codec::Png { width, height } => {
                out.zeros(16).u16(*width).u16(*height).u32(0x48_0000).u32(0x48_0000);
                out.u32(0).u16(1).zeros(32).u16(24).u16(0xFFFF);
            }
            Codec::Aac { .. } | Codec::Pcm => {
                out.zeros(8).u16(2).u16(16).u32(0).u32(track.timescale << 16);
            }
        }
        match &track.codec {
            Codec::H264 { sps, pps, .. } => {
                avc_configuration(out, sps, pps);
                // BT.709 throughout, limited range (12.1.5).
                out.boxed(*b"colr", |out| {
                    out.slice(b"nclx").u16(1).u16(1).u16(1).u8(0);
                });
            }
            Codec::Aac { config } => elementary_stream(out, config),
            Codec::Png { .. } | Codec::Pcm => {}
        }
    });
}

/// ISO/IEC 14496-15, 5.3.3.1.
fn avc_configuration(out: &mut Bytes, sps: &[u8], pps: &[u8]) {
    out.boxed(*b"avcC", |out| {
        let profile = sps.get(1..4).unwrap_or(&[100, 0, 31]);
        // Lengths of four bytes, one of each parameter set.
        out.u8(1).slice(profile).u8(0xFF).u8(0xE1);
        out.u16(sps.len() as u16).slice(sps).u8(1).u16(pps.len() as u16).slice(pps);
        if profile[0] >= 100 {
            // 4:2:0 of 8 bits.
            out.u8(0xFD).u8(0xF8).u8(0xF8).u8(0);
        }
    });
}

/// ISO/IEC 14496-14, 5.6, and 14496-1, 7.2.6: descriptors within each other.
fn elementary_stream(out: &mut Bytes, config: &[u8]) {
    let length = config.len() as u8;
    out.full(*b"esds", 0, 0, |out| {
        out.u8(3).u8(23 + length).u16(0).u8(0);
        // AAC, a stream of sound.
        out.u8(4).u8(15 + length).u8(0x40).u8(0x15).zeros(3).u32(0).u32(0);
        out.u8(5).u8(length).slice(config);
        out.u8(6).u8(1).u8(2);
    });
}

/// Samples of a track that come in a fragment.
#[derive(Debug, Default)]
pub struct Run {
    /// The number of the track, from 1.
    pub track: u32,
    /// Samples of the track before.
    pub before: u64,
    /// How long a sample lasts.
    pub delta: u32,
    /// Size and whether no other sample is needed, of each; of samples of one size nothing.
    pub samples: Vec<(u32, bool)>,
    /// The size of each and their number, where they have one size.
    pub uniform: Option<(u32, u32)>,
    /// Bytes before those of the run in the fragment's data.
    pub offset: usize,
}

/// A fragment (8.8.4 to 8.8.8) without its data, which is to follow, and the header of that.
pub fn fragment(number: u32, runs: &[Run], data: usize) -> Vec<u8> {
    // The sizes of the boxes do not depend on where the data lies.
    let size = moof(number, runs, 0).len();
    let mut out = moof(number, runs, size as u32 + 8);
    out.extend_from_slice(&(data as u32 + 8).to_be_bytes());
    out.extend_from_slice(b"mdat");
    out
}

fn moof(number: u32, runs: &[Run], first: u32) -> Vec<u8> {
    let mut out = Bytes::default();
    out.boxed(*b"moof", |out| {
        out.full(*b"mfhd", 0, 0, |out| {
            out.u32(number);
        });
        for run in runs {
            out.boxed(*b"traf", |out| {
                // Offsets from this box; duration, and size where there is one.
                let flags = 0x02_0008 | if run.uniform.is_some() { 0x10 } else { 0 };
                out.full(*b"tfhd", 0, flags, |out| {
                    out.u32(run.track).u32(run.delta);
                    if let Some((size, _)) = run.uniform {
                        out.u32(size);
                    }
                });
                out.full(*b"tfdt", 1, 0, |out| {
                    out.u64(run.before * run.delta as u64);
                });
                let offset = first + run.offset as u32;
                match run.uniform {
                    Some((_, count)) => out.full(*b"trun", 0, 0x001, |out| {
                        out.u32(count).u32(offset);
                    }),
                    None => out.full(*b"trun", 0, 0x601, |out| {
                        out.u32(run.samples.len() as u32).u32(offset);
                        for &(size, is_key) in &run.samples {
                            out.u32(size).u32(if is_key { INDEPENDENT } else { DEPENDENT });
                        }
                    }),
                };
            });
        }
    });
    out.0
}
