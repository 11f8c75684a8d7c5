//! LCDC, STAT and the palette registers (Pan Docs, "LCD Control", "LCD Status Registers" and
//! "Palettes").

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use crate::memory::Ram;

bitflags! {
    /// LCDC, 0xFF40.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Lcdc: u8 {
        const BG_ENABLE = 0x01;
        const OBJ_ENABLE = 0x02;
        const OBJ_TALL = 0x04;
        const BG_HIGH_MAP = 0x08;
        const LOW_TILE_DATA = 0x10;
        const WINDOW_ENABLE = 0x20;
        const WINDOW_HIGH_MAP = 0x40;
        const LCD_ENABLE = 0x80;
    }

    /// The enable bits of STAT, 0xFF41.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct StatEnable: u8 {
        const HBLANK = 0x08;
        const VBLANK = 0x10;
        const OAM_SCAN = 0x20;
        const LYC = 0x40;
    }

    /// The attributes of an object, or of a background tile of the CGB.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Attributes: u8 {
        const CGB_PALETTE = 0x07;
        const BANK = 0x08;
        const DMG_PALETTE = 0x10;
        const X_FLIP = 0x20;
        const Y_FLIP = 0x40;
        const PRIORITY = 0x80;
    }
}

impl Attributes {
    pub fn palette(self) -> u8 {
        self.bits() & Self::CGB_PALETTE.bits()
    }
}

impl Lcdc {
    pub fn object_height(self) -> u8 {
        if self.contains(Self::OBJ_TALL) { 16 } else { 8 }
    }
}

/// Eight palettes of four RGB555 colours, behind an index register that counts up by itself:
/// BCPS and BCPD, or OCPS and OCPD.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaletteRam {
    bytes: Ram<64>,
    colors: [u16; 32],
    index: u8,
}

impl PaletteRam {
    pub fn new(fill: u16) -> Self {
        let mut ram = Self { bytes: Ram::zeroed(), colors: [fill; 32], index: 0 };
        for pair in ram.bytes.chunks_exact_mut(2) {
            pair.copy_from_slice(&fill.to_le_bytes());
        }
        ram
    }

    pub fn color(&self, palette: u8, index: u8) -> u16 {
        self.colors[(palette as usize * 4 + index as usize) & 31]
    }

    /// The four colours of a palette.
    pub fn colors(&self, palette: u8) -> [u16; 4] {
        let (palettes, _) = self.colors.as_chunks::<4>();
        palettes[palette as usize & 7]
    }

    pub fn set_color(&mut self, palette: u8, index: u8, color: u16) {
        let at = (palette as usize * 4 + index as usize) & 31;
        self.bytes[2 * at..2 * at + 2].copy_from_slice(&color.to_le_bytes());
        self.colors[at] = color & 0x7FFF;
    }

    pub fn read_index(&self) -> u8 {
        0x40 | self.index
    }

    pub fn write_index(&mut self, value: u8) {
        self.index = value & 0xBF;
    }

    pub fn read_data(&self) -> u8 {
        self.bytes[self.index as usize & 0x3F]
    }

    /// While the PPU draws, the data is lost but the index still counts.
    pub fn write_data(&mut self, value: u8, lock: Lock) {
        let at = self.index as usize & 0x3F;
        if lock == Lock::Open {
            self.bytes[at] = value;
            let pair = at & !1;
            self.colors[pair / 2] =
                u16::from_le_bytes([self.bytes[pair], self.bytes[pair + 1]]) & 0x7FFF;
        }
        if self.index & 0x80 != 0 {
            self.index = 0x80 | (self.index + 1) & 0x3F;
        }
    }
}

/// Whether the PPU keeps the CPU out of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    Open,
    Locked,
}
