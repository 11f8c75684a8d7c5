//! Surfaces that go on from cell to cell.

use rustc_hash::FxHashMap;

use super::memory::{Colors, INDICES};
use crate::cells::{COLUMNS, Cells, SIDE, Tile};
use crate::{Oklab, rgb555_to_srgb};

/// Colors no farther from each other than that, in `OKLab`, are of one surface where they meet.
const ALIKE: f32 = 0.13;
/// Pixels of one index on both sides of the border between two cells with which they are one region.
const TOUCHING: usize = 4;

/// Colors of one hue, which differ by no more than that angle and are no farther from each other in
/// `OKLab`, are of one surface too, if it is so large, in pixels.
const HUE: f32 = 0.8;
const RELATED: f32 = 0.26;
const LARGE: u32 = 512;
/// Colors with less chroma have no hue.
const LEAST_CHROMA: f32 = 0.03;

/// Whether two colors, RGB555, are so much alike that where they meet they are meant to be one.
fn are_alike(x: u16, y: u16) -> bool {
    let [x, y] = [x, y].map(|color| Oklab::from_srgb(rgb555_to_srgb(color)));
    x.squared_distance(y) < ALIKE * ALIKE
}

/// Whether one of these colors, RGB555, is a lighter or darker, duller or stronger form of the other.
fn are_related(x: u16, y: u16) -> bool {
    let [x, y] = [x, y].map(|color| Oklab::from_srgb(rgb555_to_srgb(color)));
    let (product, turn) = (x.a * y.a + x.b * y.b, x.a * y.b - x.b * y.a);
    let has_hue = |color: Oklab| color.a.hypot(color.b) > LEAST_CHROMA;
    has_hue(x)
        && has_hue(y)
        && turn.atan2(product).abs() < HUE
        && x.squared_distance(y) < RELATED * RELATED
}

/// Gives new cells of the grid the color of their region, where it is like their own, or `may_be`
/// that of an index of a cell as well.
///
/// A region is what pixels of one color index make up across the borders of cells, such as a sky in
/// which clouds are tiles of their own. Its color is that of most of its pixels. Without this the sky
/// within a cloud's tiles could be of a slightly other blue, and one would see the tiles.
pub fn join(
    cells: &Cells,
    colors: &mut [Option<Colors>],
    is_new: &[bool],
    may_be: impl Fn(usize, usize, u16) -> bool,
) {
    let mut regions = Regions::of(cells);
    let mut pixels = FxHashMap::<(usize, u16), u32>::default();
    for (cell, tile) in cells.grid().iter().enumerate() {
        let (Some(tile), Some(colors)) = (tile, &colors[cell]) else { continue };
        let mut counts = [0; INDICES];
        for &index in tile {
            counts[index as usize & 3] += 1;
        }
        for (index, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let region = regions.root(cell * INDICES + index);
            *pixels.entry((region, colors[index])).or_default() += count;
        }
    }
    let mut most = FxHashMap::<usize, (u32, u16)>::default();
    for ((region, color), count) in pixels {
        let most = most.entry(region).or_default();
        *most = (count, color).max(*most);
    }
    for (cell, colors) in colors.iter_mut().enumerate().filter(|(cell, _)| is_new[*cell]) {
        let Some(colors) = colors else { continue };
        for (index, color) in colors.iter_mut().enumerate() {
            let Some(&(count, other)) = most.get(&regions.root(cell * INDICES + index)) else {
                continue;
            };
            if are_alike(*color, other)
                || count >= LARGE && are_related(*color, other)
                || may_be(cell, index, other)
            {
                *color = other;
            }
        }
    }
}

/// Which indices of which cells make up a region: a forest of disjoint sets (Tarjan, 1975).
struct Regions {
    parents: Vec<usize>,
}

impl Regions {
    fn of(cells: &Cells) -> Self {
        let grid = cells.grid();
        let mut regions = Self { parents: (0..grid.len() * INDICES).collect() };
        for (cell, tile) in grid.iter().enumerate() {
            let Some(tile) = tile else { continue };
            let right = cell + 1;
            if !right.is_multiple_of(COLUMNS) {
                regions.connect(cells, [cell, right], tile, |i| [i * SIDE + SIDE - 1, i * SIDE]);
            }
            let below = cell + COLUMNS;
            regions.connect(cells, [cell, below], tile, |i| [(SIDE - 1) * SIDE + i, i]);
        }
        regions
    }

    /// Connects the indices that two cells have on both sides of their border.
    fn connect(
        &mut self,
        cells: &Cells,
        [cell, other]: [usize; 2],
        tile: &Tile,
        border: impl Fn(usize) -> [usize; 2],
    ) {
        let Some(Some(beside)) = cells.grid().get(other) else { return };
        let mut touching = [0; INDICES];
        for [here, there] in (0..SIDE).map(border) {
            touching[tile[here] as usize & 3] += (tile[here] == beside[there]) as usize;
        }
        for index in (0..INDICES).filter(|&index| touching[index] >= TOUCHING) {
            let [x, y] = [cell, other].map(|cell| self.root(cell * INDICES + index));
            self.parents[x.max(y)] = x.min(y);
        }
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.parents[node] != node {
            self.parents[node] = self.parents[self.parents[node]];
            node = self.parents[node];
        }
        node
    }
}

#[cfg(test)]
mod tests {
    use gameboy::WIDTH;

    use super::*;

    /// A light sky over four rows of cells, in it a cloud of one cell at (2, 1), the dark sea below.
    fn landscape() -> Cells {
        Cells::of_shades(&std::array::from_fn(|pixel| match (pixel % WIDTH, pixel / WIDTH) {
            (16..24, 10..14) => 1,
            (_, 0..32) => 0,
            _ => 3,
        }))
    }

    const CLOUD: usize = COLUMNS + 2;
    const SEA: usize = 4 * COLUMNS + 2;
    const SKY: u16 = 0x7E8C;
    const NEARLY_SKY: u16 = 0x7E6E;

    fn colors(cells: &Cells) -> Vec<Option<Colors>> {
        let mut colors = vec![Some([SKY, 0x7FFF, 0, 0x3000]); cells.grid().len()];
        colors[CLOUD] = Some([NEARLY_SKY, 0x7BDE, 0, NEARLY_SKY]);
        colors
    }

    #[test]
    fn the_sky_around_a_cloud_is_that_of_all_other_cells() {
        let cells = landscape();
        let mut joined = colors(&cells);
        join(&cells, &mut joined, &vec![true; cells.grid().len()], |_, _, _| false);
        assert_eq!(joined[CLOUD], Some([SKY, 0x7BDE, 0, NEARLY_SKY]), "the rest is no part of it");
        joined[CLOUD] = colors(&cells)[CLOUD];
        assert_eq!(joined, colors(&cells), "nor does a single cell change all others");
    }

    #[test]
    fn a_darker_sky_is_still_the_sky() {
        let (light, dark) = (0x7F2E, 0x7E43);
        assert!(!are_alike(light, dark) && are_related(light, dark));
        assert!(!are_related(light, 0x7FFF), "white has no hue");
        assert!(!are_related(light, 0x2FFB), "grass");
        let cells = landscape();
        let mut joined = colors(&cells);
        for colors in joined.iter_mut().flatten() {
            colors[0] = light;
        }
        joined[CLOUD] = Some([dark, 0x7BDE, 0, 0]);
        join(&cells, &mut joined, &vec![true; cells.grid().len()], |_, _, _| false);
        assert_eq!(joined[CLOUD], Some([light, 0x7BDE, 0, 0]));
    }

    #[test]
    fn what_was_painted_before_stays() {
        let cells = landscape();
        let mut is_new = vec![true; cells.grid().len()];
        is_new[CLOUD] = false;
        let mut joined = colors(&cells);
        join(&cells, &mut joined, &is_new, |_, _, _| true);
        assert_eq!(joined, colors(&cells));
    }

    #[test]
    fn colors_that_are_meant_to_differ_do() {
        let cells = landscape();
        let mut joined = colors(&cells);
        for (at, color) in [(CLOUD, [0x001F, 0x7FFF, 0, 0]), (SEA, [0, 0, 0, 0x7C00])] {
            joined[at] = Some(color);
        }
        let before = joined.clone();
        join(&cells, &mut joined, &vec![true; cells.grid().len()], |_, _, _| false);
        assert_eq!(joined, before);
        let may_be = |cell, index, color| (cell, index, color) == (CLOUD, 0, SKY);
        join(&cells, &mut joined, &vec![true; cells.grid().len()], may_be);
        assert_eq!(joined[CLOUD], Some([SKY, 0x7FFF, 0, 0]));
        assert_eq!(joined[SEA], before[SEA]);
    }
}
