//! What a cell shows.

use gameboy::{Provenance, VideoMemory};

use super::SIDE;

/// The 64 color indices of a tile as VRAM holds it, row by row and not mirrored.
pub type Tile = [u8; SIDE * SIDE];

/// Stands for a pixel that is not seen.
const UNSEEN: u8 = 0xFF;

/// What was seen of a cell.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The tile that its first pixel came from.
    tile: u16,
    indices: Tile,
}

impl Drawn {
    /// A cell of this tile, of which nothing was seen yet.
    pub fn of(tile: u16) -> Self {
        Self { tile, indices: [UNSEEN; SIDE * SIDE] }
    }

    /// Notes the pixel at `place` of the cell, counted row by row as it is shown.
    pub fn add(&mut self, place: usize, pixel: Provenance) {
        self.indices[place] = pixel.color_index();
    }

    /// The tile, if what was seen agrees with it, mirrored or not. Where the game has changed it
    /// meanwhile, or shows several, what was seen, and index 0 elsewhere.
    pub fn tile(&self, memory: &VideoMemory) -> Tile {
        let tile = memory.tile(self.tile);
        let is_seen = |mirror: usize| {
            let mut pairs = self.indices.iter().enumerate();
            pairs.all(|(place, &seen)| seen == UNSEEN || seen == tile[place ^ mirror])
        };
        // A place's row is in its upper three bits and its column in the lower: bits turned over
        // mirror it.
        if [0, 0o07, 0o70, 0o77].into_iter().any(is_seen) {
            tile
        } else {
            self.indices.map(|seen| if seen == UNSEEN { 0 } else { seen })
        }
    }
}
