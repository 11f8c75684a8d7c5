//! Cells of a picture of which nothing is known but its shades.

use std::collections::HashSet;

use gameboy::{HEIGHT, PIXELS, WIDTH};

use super::{COLUMNS, Cells, SIDE, Tile};

/// The shades of a picture.
type Shades = [u8; PIXELS];

/// How much of the first column and of the first row of cells is beyond the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offset {
    x: usize,
    y: usize,
}

impl Cells {
    /// The cells of a picture without provenance, such as another emulator's, by its shades.
    ///
    /// Where the grid lies is recovered: there most cells of it are like others. All cells are taken
    /// for the background's, with shades as color indices; objects are parts of the cells that they
    /// cover, and the window's grid is not known apart. [`map_place`](Self::map_place) says the same
    /// of all.
    pub fn of_shades(shades: &Shades) -> Self {
        let offset = offset(shades);
        let rows = (HEIGHT + offset.y).div_ceil(SIDE);
        let mut tiles = vec![None::<Tile>; rows * COLUMNS];
        let mut of_pixel = Box::new([0; PIXELS]);
        for (pixel, &shade) in shades.iter().enumerate() {
            let (x, y) = (pixel % WIDTH + offset.x, pixel / WIDTH + offset.y);
            let cell = y / SIDE * COLUMNS + x / SIDE;
            of_pixel[pixel] = cell as u16;
            tiles[cell].get_or_insert([0; SIDE * SIDE])[y % SIDE * SIDE + x % SIDE] = shade & 3;
        }
        Self { grid: tiles, map: Vec::new(), window_row: rows, objects: Vec::new(), of_pixel }
    }
}

/// Where most cells are like others; of several places the first. Plain cells, which are like others
/// anywhere, do not count.
fn offset(shades: &Shades) -> Offset {
    let places = (0..SIDE * SIDE).map(|at| Offset { x: at % SIDE, y: at / SIDE });
    let scored = places.map(|offset| (repetitions(shades, offset), offset));
    let better = |best: (usize, Offset), next: (usize, Offset)| {
        if next.0 > best.0 { next } else { best }
    };
    scored.fold((0, Offset { x: 0, y: 0 }), better).1
}

/// Of the whole cells that are not plain, how many in a million are like one before them.
fn repetitions(shades: &Shades, offset: Offset) -> usize {
    let first = |offset: usize| (SIDE - offset) % SIDE;
    let mut seen = HashSet::<u128>::new();
    let (mut repeated, mut all) = (0, 0);
    for top in (first(offset.y)..=HEIGHT - SIDE).step_by(SIDE) {
        for left in (first(offset.x)..=WIDTH - SIDE).step_by(SIDE) {
            let rows = (top..top + SIDE).flat_map(|y| &shades[y * WIDTH + left..][..SIDE]);
            let tile = rows.fold(0u128, |tile, &shade| tile << 2 | (shade & 3) as u128);
            let plain = (0..4).any(|shade| tile == u128::MAX / 3 * shade);
            if !plain {
                all += 1;
                repeated += !seen.insert(tile) as usize;
            }
        }
    }
    repeated * 1_000_000 / all.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of a few tiles in a grid that begins there.
    fn picture(offset: Offset) -> Shades {
        std::array::from_fn(|pixel| {
            let (x, y) = (pixel % WIDTH + offset.x, pixel / WIDTH + offset.y);
            let mixed = |x: usize| (x as u32 + 1).wrapping_mul(0x9E37_79B1) >> 13;
            let tile = mixed((x / SIDE * 29) ^ mixed(y / SIDE) as usize) % 5;
            (mixed((y % SIDE * SIDE + x % SIDE) ^ (tile as usize * 977)) & 3) as u8
        })
    }

    #[test]
    fn the_grid_is_found_wherever_it_lies() {
        for at in 0..SIDE * SIDE {
            let expected = Offset { x: at % SIDE, y: at / SIDE };
            assert_eq!(offset(&picture(expected)), expected);
        }
    }

    #[test]
    fn cells_hold_the_shades_of_their_pixels() {
        let shades = picture(Offset { x: 3, y: 6 });
        let cells = Cells::of_shades(&shades);
        assert_eq!((cells.rows(), cells.objects().len()), (19, 0));
        for (pixel, &shade) in shades.iter().enumerate() {
            let (x, y) = (pixel % WIDTH + 3, pixel / WIDTH + 6);
            let cell = cells.of_pixels()[pixel] as usize;
            assert_eq!(cell, y / SIDE * COLUMNS + x / SIDE);
            let tile = cells.tile(cell).expect("it is seen");
            assert_eq!(tile[y % SIDE * SIDE + x % SIDE], shade);
        }
        assert_eq!(cells.map_place(5), cells.map_place(100));
    }

    #[test]
    fn a_plain_picture_has_a_grid_too() {
        let cells = Cells::of_shades(&[2; PIXELS]);
        assert_eq!(cells.rows(), 18);
        assert_eq!(cells.tile(20), None, "the last column is beyond the picture");
    }
}
