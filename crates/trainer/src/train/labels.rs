//! The colors that the cells of a frame have in truth.

use std::collections::BTreeMap;

use colorizer::cells::Cells;
use dataset::Sample;

/// The cells of a frame, and the color of each of their indices that is seen.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The cells.
    pub cells: Cells,
    /// By cell, then by index.
    pub colors: Vec<Label>,
}

/// The color of an index of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// A place in the grid, or beyond it, counted on, an object.
    pub cell: u16,
    /// The index, 0-3.
    pub index: u8,
    /// RGB555.
    pub color: u16,
    /// Pixels that show it.
    pub pixels: u16,
}

impl Labels {
    /// Of a frame that was captured with its scene; `None` of others.
    pub fn of(sample: &Sample) -> Option<Self> {
        let planes = sample.planes.as_ref()?;
        let cells = Cells::of(&planes.to_frame(&sample.colors)?)?;
        let mut counts = BTreeMap::<(u16, u8), BTreeMap<u16, u16>>::new();
        let keys = cells.of_pixels().iter().zip(planes.indices.iter());
        for ((&cell, &index), &color) in keys.zip(sample.colors.iter()) {
            *counts.entry((cell, index)).or_default().entry(color & 0x7FFF).or_default() += 1;
        }
        let label = |((cell, index), colors): (_, BTreeMap<u16, u16>)| {
            // A game that changes its palettes between lines may show several: most pixels count.
            let (color, pixels) = colors.into_iter().max_by_key(|&(_, pixels)| pixels)?;
            Some(Label { cell, index, color, pixels })
        };
        let colors = counts.into_iter().filter_map(label).collect();
        Some(Self { cells, colors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gameboy::{Cartridge, GameBoy, Model};

    #[test]
    fn the_demo_is_painted_by_its_labels() {
        let rom = include_bytes!("../../../../roms/chromaboy-demo.gb").to_vec();
        let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Cgb);
        gb.record_provenance();
        for _ in 0..400 {
            gb.run_frame();
        }
        let sample = Sample::from_frame(400, gb.frame()).expect("colors with provenance");
        let labels = Labels::of(&sample).expect("a scene");
        let pixels: u32 = labels.colors.iter().map(|label| label.pixels as u32).sum();
        assert!(labels.colors.len() > 100);
        let planes = sample.planes.as_ref().expect("provenance");
        let right =
            labels.cells.of_pixels().iter().zip(planes.indices.iter()).zip(&sample.colors[..]);
        let right = right.filter(|&((&cell, &index), &color)| {
            let key = |label: &Label| (label.cell, label.index);
            let found = labels.colors.binary_search_by_key(&(cell, index), key);
            found.is_ok_and(|at| labels.colors[at].color == color)
        });
        assert_eq!(right.count(), pixels as usize);
        assert_eq!(pixels as usize, sample.colors.len());
        assert!(Labels::of(&Sample { planes: None, ..sample }).is_none());
    }
}
