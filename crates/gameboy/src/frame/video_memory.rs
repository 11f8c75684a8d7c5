//! What pictures are made from.

/// Bytes of both banks of VRAM; the original Game Boy uses the first half.
const VRAM: usize = 0x4000;
const BANK: usize = VRAM / 2;
const OAM: usize = 0xA0;
const TILE: usize = 16;
const TILES: u16 = 384;

/// VRAM and OAM as they stood when the last line had been drawn.
///
/// What a game changes while lines are drawn is not in it: what each pixel came from is told by its
/// [`Provenance`](super::Provenance).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoMemory {
    pub(crate) vram: [u8; VRAM],
    pub(crate) oam: [u8; OAM],
    pub(crate) object_height: u8,
}

/// Where an object lies (Pan Docs, "Object Attribute Memory").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectPosition {
    /// The line of the screen at which it begins, from -16.
    pub top: i16,
    /// The column of the screen at which it begins, from -8.
    pub left: i16,
}

/// Where the window was drawn in a line (Pan Docs, "Window").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowLine {
    /// The column of the screen at which it begins, WX - 7: from -7.
    pub left: i16,
    /// The line of the window.
    pub line: u8,
}

impl VideoMemory {
    /// Bytes of [`to_bytes`](Self::to_bytes).
    pub const BYTES: usize = VRAM + OAM + 1;

    pub(crate) const EMPTY: Self = Self { vram: [0; VRAM], oam: [0; OAM], object_height: 8 };

    /// The color indices of a tile, row by row and from left to right: 0-383 count the tiles of
    /// VRAM from 0x8000, 384-767 those of bank 1. Others are read as if they began anew.
    pub fn tile(&self, tile: u16) -> [u8; 64] {
        let tile = tile % (2 * TILES);
        let at = (tile / TILES) as usize * BANK + (tile % TILES) as usize * TILE;
        let data = &self.vram[at..at + TILE];
        std::array::from_fn(|pixel| {
            let (row, column) = (pixel / 8, pixel % 8);
            let bit = |byte: u8| byte >> (7 - column) & 1;
            bit(data[2 * row + 1]) << 1 | bit(data[2 * row])
        })
    }

    /// Where the object of this entry of OAM lies, 0-39. Others are read as if they began anew.
    pub fn object(&self, number: u8) -> ObjectPosition {
        let at = 4 * (number as usize % (OAM / 4));
        ObjectPosition { top: self.oam[at] as i16 - 16, left: self.oam[at + 1] as i16 - 8 }
    }

    /// Lines of an object: 8 or 16.
    pub fn object_height(&self) -> u8 {
        self.object_height
    }

    /// VRAM (both banks), OAM, and the height of objects.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.vram[..], &self.oam, &[self.object_height]].concat()
    }

    /// Takes apart what [`to_bytes`](Self::to_bytes) made. `None` where it is not that.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (vram, rest) = bytes.split_first_chunk()?;
        let (oam, height) = rest.split_first_chunk()?;
        match height {
            &[object_height @ (8 | 16)] => Some(Self { vram: *vram, oam: *oam, object_height }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_objects_and_bytes() {
        let mut memory = VideoMemory { object_height: 16, ..VideoMemory::EMPTY };
        memory.vram[BANK + 2 * TILE + 2..][..2].copy_from_slice(&[0b1100_0000, 0b1010_0000]);
        let tile = memory.tile(384 + 2);
        assert_eq!(tile[..8], [0; 8]);
        assert_eq!(tile[8..16], [3, 1, 2, 0, 0, 0, 0, 0]);
        assert_eq!(memory.tile(2), [0; 64]);

        memory.oam[4..6].copy_from_slice(&[16, 7]);
        assert_eq!(memory.object(1), ObjectPosition { top: 0, left: -1 });
        assert_eq!(memory.object(0), ObjectPosition { top: -16, left: -8 });

        let bytes = memory.to_bytes();
        assert_eq!(bytes.len(), VideoMemory::BYTES);
        assert_eq!(VideoMemory::from_bytes(&bytes), Some(memory));
        assert_eq!(VideoMemory::from_bytes(&bytes[1..]), None);
        assert_eq!(VideoMemory::from_bytes(&[bytes, vec![0]].concat()), None);
    }
}
