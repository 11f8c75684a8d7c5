//! Tiles, and where they lie.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::cells::{COLUMNS, CellLayer, Cells, ObjectCell, Tile};

/// Rows and columns of the tile map beside those on the screen whose places are remembered. What is
/// farther away has scrolled out, and a game that scrolls on draws other parts of its world there.
const AROUND: u8 = 3;

/// Rows and columns of a tile map.
pub const MAP_SIDE: usize = 32;

/// A bit for each column of each row of the background's tile map.
pub type View = [u32; MAP_SIDE];

/// Which tile it is, and on which layer; objects also differ by palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    pub layer: CellLayer,
    pub palette: u8,
    pub tile: u128,
}

/// A tile where it lies in its map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub kind: Kind,
    pub at: [u8; 2],
}

pub fn place(cells: &Cells, cell: usize, tile: &Tile) -> Place {
    let layer = cells.layer(cell);
    Place { kind: Kind { layer, palette: 0, tile: packed(tile) }, at: cells.map_place(cell) }
}

/// What of the background's tile map is on the screen, or little beside it.
pub fn view(cells: &Cells) -> View {
    let mut view = [0; MAP_SIDE];
    for row in 0..cells.window_row().min(cells.rows()) {
        let [y, x] = cells.map_place(row * COLUMNS);
        let columns = (1u32 << (COLUMNS + 2 * AROUND as usize)) - 1;
        let columns = columns.rotate_left(x.wrapping_sub(AROUND) as u32);
        for around in 0..=2 * AROUND {
            let y = y.wrapping_add(around).wrapping_sub(AROUND);
            view[y as usize % MAP_SIDE] |= columns;
        }
    }
    view
}

/// Where a tile map has cells beside one.
pub fn beside([x, y]: [u8; 2]) -> [[u8; 2]; 4] {
    let beside = [
        [x.wrapping_sub(1), y],
        [x.wrapping_add(1), y],
        [x, y.wrapping_sub(1)],
        [x, y.wrapping_add(1)],
    ];
    beside.map(|at| at.map(|axis| axis & 0x1F))
}

/// A number for the tiles around a cell of the grid.
pub fn surroundings(cells: &Cells, cell: usize) -> u64 {
    let grid = cells.grid();
    let column = cell % COLUMNS;
    let beside = [
        cell.checked_sub(COLUMNS),
        Some(cell + COLUMNS),
        cell.checked_sub(1).filter(|_| column > 0),
        Some(cell + 1).filter(|_| column + 1 < COLUMNS),
    ];
    let tiles = beside.map(|cell| cell.and_then(|cell| grid.get(cell).copied().flatten()));
    let mut hasher = FxHasher::default();
    tiles.map(|tile| tile.map(|tile| packed(&tile))).hash(&mut hasher);
    hasher.finish()
}

/// The cells of the grid, and their places, by what goes together: those that lie side by side in
/// their map and have the same tile.
pub fn patches(cells: &Cells) -> Vec<Vec<(usize, Place)>> {
    let tiles = cells.grid().iter().enumerate();
    let mut left: FxHashMap<Place, usize> =
        tiles.filter_map(|(cell, tile)| Some((place(cells, cell, tile.as_ref()?), cell))).collect();
    let mut patches = Vec::new();
    for (cell, tile) in cells.grid().iter().enumerate() {
        let Some(tile) = tile else { continue };
        let first = place(cells, cell, tile);
        let mut next: Vec<_> = left.remove(&first).map(|cell| (cell, first)).into_iter().collect();
        let mut patch = Vec::new();
        while let Some((cell, place)) = next.pop() {
            patch.push((cell, place));
            for at in beside(place.at) {
                let place = Place { at, ..place };
                next.extend(left.remove(&place).map(|cell| (cell, place)));
            }
        }
        if !patch.is_empty() {
            patches.push(patch);
        }
    }
    patches
}

pub fn kind_of(object: &ObjectCell) -> Kind {
    let palette = object.palette;
    Kind { layer: CellLayer::Object, palette, tile: packed(&object.tile) }
}

/// Whether all pixels of a tile have the same index.
pub fn is_plain(tile: u128) -> bool {
    (0..4).any(|index| tile == u128::MAX / 3 * index)
}

/// Two bits for each pixel.
pub fn packed(tile: &Tile) -> u128 {
    tile.as_chunks().0.iter().fold(0, |packed, &row| {
        // Each pair of pixels, then each pair of those, and then the two halves of the row.
        let row = u64::from_be_bytes(row) & 0x0303_0303_0303_0303;
        let row = (row | row >> 6) & 0x000F_000F_000F_000F;
        let row = (row | row >> 12) & 0x0000_00FF_0000_00FF;
        packed << 16 | ((row | row >> 24) & 0xFFFF) as u128
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_packed_pixel_by_pixel() {
        let tile: Tile = std::array::from_fn(|pixel| (pixel * pixel / 3 + pixel / 8) as u8 & 3);
        let expected = tile.iter().fold(0, |packed: u128, &index| packed << 2 | index as u128);
        assert_eq!(packed(&tile), expected);
    }
}
