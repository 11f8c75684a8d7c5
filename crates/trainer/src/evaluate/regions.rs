//! Which pixels must have one color, within a frame and from one frame to the next.

use std::collections::HashMap;

use dataset::Sample;
use gameboy::{HEIGHT, Layer, PIXELS, WIDTH};

use super::games::Frame;

const CELL: usize = 8;
/// The background's map is so many pixels wide and high.
const MAP: usize = 256;

/// The regions of one tile and one color index: connected pixels of one layer, tile, palette and
/// color index. The Game Boy Color shows each in one color.
#[derive(Debug)]
pub struct Regions {
    /// The region of each pixel.
    numbers: Vec<u32>,
    count: usize,
}

impl Regions {
    /// `None` where the provenance is not known.
    pub fn of(sample: &Sample) -> Option<Self> {
        let planes = sample.planes.as_ref()?;
        let key =
            |i: usize| (planes.layers[i], planes.tiles[i], planes.palettes[i], planes.indices[i]);
        let mut regions = Self { numbers: vec![u32::MAX; PIXELS], count: 0 };
        for start in 0..PIXELS {
            if regions.numbers[start] == u32::MAX {
                regions.fill(start, |a, b| key(a) == key(b));
                regions.count += 1;
            }
        }
        Some(regions)
    }

    fn fill(&mut self, start: usize, are_alike: impl Fn(usize, usize) -> bool) {
        let mut waiting = vec![start];
        self.numbers[start] = self.count as u32;
        while let Some(at) = waiting.pop() {
            for next in neighbors(at) {
                if self.numbers[next] == u32::MAX && are_alike(start, next) {
                    self.numbers[next] = self.count as u32;
                    waiting.push(next);
                }
            }
        }
    }

    /// The sum over all pixels of the squared distance, in a* and b*, from the mean of their
    /// region.
    pub fn spread(&self, chroma: &[[f32; 2]]) -> f64 {
        let mut sums = vec![[0.0f64; 4]; self.count];
        for (&number, &[a, b]) in self.numbers.iter().zip(chroma) {
            let (a, b, sum) = (a as f64, b as f64, &mut sums[number as usize]);
            *sum = [sum[0] + 1.0, sum[1] + a, sum[2] + b, sum[3] + a * a + b * b];
        }
        let spread = |[n, a, b, square]: [f64; 4]| (square - (a * a + b * b) / n).max(0.0);
        sums.into_iter().map(spread).sum()
    }
}

fn neighbors(at: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (at % WIDTH, at / WIDTH);
    let all = [
        (x > 0).then(|| at - 1),
        (x + 1 < WIDTH).then_some(at + 1),
        (y > 0).then(|| at - WIDTH),
        (y + 1 < HEIGHT).then_some(at + WIDTH),
    ];
    all.into_iter().flatten()
}

/// The whole cells of the background in a frame, by their place in the scrolled map, and the
/// chroma that each was painted in.
#[derive(Clone, Debug)]
pub struct Cells {
    session: usize,
    cells: HashMap<(usize, usize), Cell>,
}

#[derive(Clone, Debug)]
struct Cell {
    /// The true colors: those of the same thing are the same.
    colors: Vec<u16>,
    tile: u16,
    palette: u8,
    chroma: [f32; 2],
}

impl Cells {
    /// From the a* and b* of a frame's pixels. `None` where the provenance is not known.
    pub fn of(frame: &Frame, chroma: &[[f32; 2]]) -> Option<Self> {
        let scroll = &frame.sample.planes.as_ref()?.scroll;
        let mut cells = HashMap::new();
        for y in 0..=HEIGHT - CELL {
            let first = scroll[y];
            let is_steady = scroll[y..y + CELL].iter().all(|line| *line == first);
            if !is_steady || !(y + first.scy as usize).is_multiple_of(CELL) {
                continue;
            }
            let left = (CELL - first.scx as usize % CELL) % CELL;
            for x in (left..=WIDTH - CELL).step_by(CELL) {
                let place = ((x + first.scx as usize) % MAP, (y + first.scy as usize) % MAP);
                if let Some(cell) = Cell::new(&frame.sample, chroma, x, y) {
                    cells.insert(place, cell);
                }
            }
        }
        Some(Self { session: frame.session, cells })
    }

    /// How far the chroma of each cell that is there again, unchanged, has moved.
    pub fn moves(&self, later: &Self) -> Vec<f32> {
        if self.session != later.session {
            return Vec::new();
        }
        let pairs =
            self.cells.iter().filter_map(|(place, cell)| Some((cell, later.cells.get(place)?)));
        pairs.filter(|(old, new)| old.is_same(new)).map(|(old, new)| old.distance(new)).collect()
    }
}

impl Cell {
    /// `None` unless the cell is all background of one tile.
    fn new(sample: &Sample, chroma: &[[f32; 2]], x: usize, y: usize) -> Option<Self> {
        let planes = sample.planes.as_ref()?;
        let first = y * WIDTH + x;
        let pixels = || (0..CELL * CELL).map(|i| first + i / CELL * WIDTH + i % CELL);
        let is_whole = pixels().all(|i| {
            planes.layers[i] == Layer::Background
                && planes.tiles[i] == planes.tiles[first]
                && planes.palettes[i] == planes.palettes[first]
        });
        let mean = |channel: usize| {
            let sum: f32 = pixels().map(|i| chroma[i][channel]).sum();
            sum / (CELL * CELL) as f32
        };
        is_whole.then(|| Self {
            colors: pixels().map(|i| sample.colors[i]).collect(),
            tile: planes.tiles[first],
            palette: planes.palettes[first],
            chroma: [mean(0), mean(1)],
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.tile, self.palette) == (other.tile, other.palette) && self.colors == other.colors
    }

    fn distance(&self, other: &Self) -> f32 {
        (self.chroma[0] - other.chroma[0]).hypot(self.chroma[1] - other.chroma[1])
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use dataset::Planes;
    use gameboy::Scroll;

    /// Columns of cells of four tiles, each of one color, scrolled to the left by `scx`.
    pub fn columns(scx: u8) -> Sample {
        let column = |i: usize| (i % WIDTH + scx as usize) / CELL % 4;
        let planes = Planes {
            indices: Box::new(std::array::from_fn(|i| column(i) as u8)),
            layers: Box::new([Layer::Background; PIXELS]),
            palettes: Box::new([0; PIXELS]),
            tiles: Box::new(std::array::from_fn(|i| column(i) as u16)),
            scroll: Box::new([Scroll { scx, scy: 0 }; HEIGHT]),
            scene: None,
        };
        let colors = [0x7FFF, 0x001F, 0x03E0, 0x7C00];
        let colors = Box::new(std::array::from_fn(|i| colors[column(i)]));
        Sample { planes: Some(planes), ..Sample::from_colors(0, colors) }
    }

    fn painted(chroma: impl Fn(usize) -> [f32; 2]) -> Vec<[f32; 2]> {
        (0..PIXELS).map(chroma).collect()
    }

    #[test]
    fn one_chroma_in_each_region_is_no_spread() {
        let sample = columns(0);
        let regions = Regions::of(&sample).expect("provenance");
        assert_eq!(regions.count, WIDTH / CELL);
        let sharp = painted(|i| [(i % WIDTH / CELL) as f32, -3.0]);
        assert!(regions.spread(&sharp).abs() < 1e-3);
        // Half of each region is off by 2: each pixel is 1 from the mean.
        let bled = painted(|i| [if i % CELL < 4 { 2.0 } else { 0.0 }, 0.0]);
        assert!((regions.spread(&bled) - PIXELS as f64).abs() < 1e-3);
        assert!(Regions::of(&Sample { planes: None, ..sample }).is_none());
    }

    #[test]
    fn cells_are_followed_while_they_scroll() {
        let cells = |scx: u8, session, chroma: &dyn Fn(usize) -> [f32; 2]| {
            Cells::of(&Frame { sample: columns(scx), session }, &painted(chroma)).expect("planes")
        };
        let by_map = |scx: usize| move |i: usize| [((i % WIDTH + scx) / CELL) as f32, 0.0];
        let steady = cells(0, 0, &by_map(0)).moves(&cells(5, 0, &by_map(5)));
        // 20 columns, of which the first is cut off, and one has come in on the right.
        assert_eq!(steady.len(), 19 * 18);
        assert!(steady.iter().all(|&moved| moved < 1e-4));
        // Colors that stay on the screen change on the map.
        let by_screen = |i: usize| [(i % WIDTH) as f32, 0.0];
        let moved = cells(0, 0, &by_screen).moves(&cells(5, 0, &by_screen));
        assert!(moved.len() == 19 * 18 && moved.iter().all(|moved| (moved - 5.0).abs() < 1e-4));
        assert!(cells(0, 0, &by_screen).moves(&cells(0, 1, &by_screen)).is_empty());
        let changed = cells(0, 0, &by_screen).moves(&cells(8, 0, &by_screen));
        assert_eq!(changed.len(), 19 * 18);
    }
}
