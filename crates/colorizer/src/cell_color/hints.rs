//! What is known of a game's colors before a source looks.

use crate::cells::{CellLayer, Tile};

/// What a player has told of a game's colors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// Colors of some cells.
    pub pins: Vec<Pin>,
    /// The colors of a picture that the game should look like, each with its share of the picture.
    /// Empty where there is none.
    pub like: Vec<([u8; 3], f32)>,
}

/// The color that one index of a cell is to have, wherever the cell is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pin {
    /// The cell's layer.
    pub layer: CellLayer,
    /// What it shows.
    pub tile: Tile,
    /// The color index in the tile, 0-3.
    pub index: u8,
    /// RGB555.
    pub color: u16,
}

impl Hints {
    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        self.pins.is_empty() && self.like.is_empty()
    }
}
