//! What a source is trusted with in a game, and what is asked again in another scene.

use std::collections::BTreeSet;

use super::*;
use crate::TileSet;
use crate::cells::Tile;

/// Another source, sure of all tiles but so many in eight, of which it says the same more quietly.
struct PartlySure {
    source: ByTile,
    unsure: u32,
    how_sure: f32,
    tiles: TileSet,
}

impl CellSource for PartlySure {
    fn palette(&self) -> &[[u8; 3]] {
        self.source.palette()
    }

    fn tiles(&self) -> TileSet {
        self.tiles.clone()
    }

    fn logits(
        &mut self,
        cells: &Cells,
        hints: &Hints,
        out: &mut Vec<f32>,
    ) -> Result<(), SourceError> {
        self.source.logits(cells, hints, out)?;
        for (cell, logits) in out.chunks_exact_mut(4 * COLORS).enumerate() {
            let is_unsure = cells.tile(cell).is_none_or(|tile| hash(tile) % 8 < self.unsure);
            for logit in logits {
                *logit *= if is_unsure { self.how_sure } else { 5.0 };
            }
        }
        Ok(())
    }
}

/// In a game that the source mostly knows it is trusted throughout, so that a surface does not fall
/// apart into what it is sure of and what not; but what it only guesses it is not trusted with.
#[test]
fn in_a_familiar_game_all_is_trusted() {
    let mut gb = demo();
    for _ in 0..300 {
        gb.run_frame();
    }
    let is_trusted = |unsure: u32, how_sure: f32, tiles: &TileSet| {
        let paint = |style: Style| {
            let source =
                PartlySure { source: ByTile::new(0.0), unsure, how_sure, tiles: tiles.clone() };
            let (mut colorizer, mut out) = (InlineCells::new(source, style), RgbaFrame::new());
            colorizer.colorize(gb.frame(), &mut out);
            out
        };
        paint(Style::Safe) == paint(Style::Vivid)
    };
    let none = TileSet::default();
    assert!(is_trusted(1, 0.6, &none));
    assert!(!is_trusted(1, 0.05, &none), "a guess");
    assert!(!is_trusted(8, 0.3, &none), "a strange game");

    let cells = Cells::of(gb.frame()).expect("provenance");
    let count = cells.grid().len() + cells.objects().len();
    let hashes: BTreeSet<u32> =
        (0..count).filter_map(|cell| TileSet::hash(cells.tile(cell)?)).collect();
    assert!(is_trusted(8, 0.3, &hashes.iter().copied().collect()), "it learned from the game");
    let few = hashes.iter().copied().take(hashes.len() / 4).collect();
    assert!(!is_trusted(8, 0.3, &few), "tiles that other games have, too");
}

/// A source to which a plain tile is something else in each scene.
struct ByScene(ByTile);

impl CellSource for ByScene {
    fn palette(&self) -> &[[u8; 3]] {
        self.0.palette()
    }

    fn logits(
        &mut self,
        cells: &Cells,
        hints: &Hints,
        out: &mut Vec<f32>,
    ) -> Result<(), SourceError> {
        self.0.logits(cells, hints, out)?;
        let tiles: BTreeSet<Tile> = cells.grid().iter().copied().flatten().collect();
        for (cell, logits) in out.chunks_exact_mut(4 * COLORS).enumerate() {
            if cells.tile(cell).is_some_and(|tile| TileSet::hash(tile).is_none()) {
                for index in logits.chunks_exact_mut(COLORS) {
                    index.fill(0.0);
                    index[tiles.len() % COLORS] = 5.0;
                }
            }
        }
        Ok(())
    }
}

#[test]
fn a_plain_tile_is_what_it_is_in_its_scene() {
    let (mut title, (level, _)) = (demo(), level());
    (0..300).for_each(|_| title.run_frame());
    let paint = |colorizer: &mut InlineCells<ByScene>, frame: &Frame| {
        let mut out = RgbaFrame::new();
        for _ in 0..8 {
            colorizer.colorize(frame, &mut out);
        }
        out
    };
    let fresh = || InlineCells::new(ByScene(ByTile::new(0.0)), Style::Vivid);
    let (mut colorizer, mut other) = (fresh(), fresh());
    let first = paint(&mut colorizer, title.frame());
    let second = paint(&mut colorizer, level.frame());
    assert_eq!(second, paint(&mut other, level.frame()));
    assert_eq!(first, paint(&mut colorizer, title.frame()), "and the same when it is back");
    // Nothing more to ask in a scene that is known.
    let asked = colorizer.asked();
    paint(&mut colorizer, title.frame());
    assert_eq!(colorizer.asked(), asked);
}
