//! The head of a record: it says what follows and how long it is.

pub const HEAD: usize = 24;
pub const MAX_PAYLOAD: u32 = 262_144;

const SAMPLE_MARK: [u8; 4] = *b"\xF5CBS";
const END_MARK: [u8; 4] = *b"\xF5CBE";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    Sample { frame: u64, length: u32, checksum: u32 },
    End { samples: u64 },
}

impl Head {
    pub fn to_bytes(self) -> [u8; HEAD] {
        let (mark, number, length, checksum) = match self {
            Self::Sample { frame, length, checksum } => (SAMPLE_MARK, frame, length, checksum),
            Self::End { samples } => (END_MARK, samples, 0, 0),
        };
        let mut bytes = [0; HEAD];
        bytes[..4].copy_from_slice(&mark);
        bytes[4..12].copy_from_slice(&number.to_le_bytes());
        bytes[12..16].copy_from_slice(&length.to_le_bytes());
        bytes[16..20].copy_from_slice(&checksum.to_le_bytes());
        let own = crc32fast::hash(&bytes[..20]);
        bytes[20..].copy_from_slice(&own.to_le_bytes());
        bytes
    }

    /// The head in `bytes`, or `None` where there is none or it is damaged.
    pub fn parse(bytes: &[u8; HEAD]) -> Option<Self> {
        // The mark is looked at first: it makes the search for a head cheap.
        if bytes[0] != SAMPLE_MARK[0] || u32_at(bytes, 20) != crc32fast::hash(&bytes[..20]) {
            return None;
        }
        let number = u32_at(bytes, 4) as u64 | (u32_at(bytes, 8) as u64) << 32;
        let (length, checksum) = (u32_at(bytes, 12), u32_at(bytes, 16));
        if bytes.starts_with(&SAMPLE_MARK) {
            Some(Self::Sample { frame: number, length, checksum })
        } else if bytes.starts_with(&END_MARK) && length == 0 {
            Some(Self::End { samples: number })
        } else {
            None
        }
    }
}

fn u32_at(bytes: &[u8; HEAD], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
