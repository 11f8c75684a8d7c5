//! Frames as the network is given them.

use candle_core::{Device, Result, Tensor};
use colorizer::cells::{COLUMNS, CellLayer, Cells, ObjectCell, Tile};

use super::INDICES;
use super::hints::{HintBatch, Hints};

/// Values of a cell: for each of its pixels which index it has, and which layer it is of.
pub const FEATURES: usize = 64 * INDICES + 3;

/// Pixels from one object to the next one that touches it.
const TOUCH: u16 = 8;

/// The cells of some frames.
#[derive(Clone, Debug)]
pub struct Batch {
    /// (frames, rows, columns, features); frames of fewer rows are filled up with unseen cells.
    pub(super) grid: Tensor,
    /// 1 where a cell is seen, else 0: (frames, rows, columns, 1).
    pub(super) seen: Tensor,
    /// The share of each seen cell in the mean of its frame: (frames, 1, 1, 1).
    pub(super) share: Tensor,
    pub(super) objects: Option<Objects>,
    pub(super) hints: HintBatch,
}

/// The objects of all frames.
#[derive(Clone, Debug)]
pub(super) struct Objects {
    /// (1, objects, 1, features).
    pub tiles: Tensor,
    /// The cell under each, counted through the grids of all frames.
    pub ground: Tensor,
    /// In each row equal shares for the objects that touch one, itself among them.
    pub near: Tensor,
}

impl Batch {
    /// Of these frames, of each of whose games something may be known.
    ///
    /// # Errors
    /// If the device has no memory for them.
    ///
    /// # Panics
    /// If there are not as many hints as frames.
    pub fn new(frames: &[&Cells], hints: &[&Hints], device: &Device) -> Result<Self> {
        assert_eq!(frames.len(), hints.len(), "hints for each frame");
        let rows = Self::rows(frames);
        let shape = (frames.len(), rows, COLUMNS);
        let cells = frames.len() * rows * COLUMNS;
        let mut grid = vec![0.0; cells * FEATURES];
        let mut seen = vec![0f32; cells];
        let mut share = Vec::with_capacity(frames.len());
        for (number, frame) in frames.iter().enumerate() {
            let first = number * rows * COLUMNS;
            for (cell, tile) in frame.grid().iter().enumerate() {
                let Some(tile) = tile else { continue };
                describe(
                    tile,
                    frame.layer(cell),
                    &mut grid[(first + cell) * FEATURES..][..FEATURES],
                );
                seen[first + cell] = 1.0;
            }
            let count = frame.grid().iter().flatten().count();
            share.push(1.0 / count.max(1) as f32);
        }
        let (frame_count, rows, columns) = shape;
        let objects: Vec<usize> = frames.iter().map(|frame| frame.objects().len()).collect();
        let share = Tensor::from_vec(share, (frames.len(), 1, 1, 1), device)?;
        Ok(Self {
            share,
            grid: Tensor::from_vec(grid, (frame_count, rows, columns, FEATURES), device)?,
            seen: Tensor::from_vec(seen, (frame_count, rows, columns, 1), device)?,
            objects: Objects::of(frames, rows, device)?,
            hints: HintBatch::of(hints, &objects, device)?,
        })
    }

    /// The rows that each grid of a batch has: those of the frame with most, at least one.
    pub fn rows(frames: &[&Cells]) -> usize {
        frames.iter().map(|frame| frame.rows()).max().unwrap_or(0).max(1)
    }
}

impl Objects {
    fn of(frames: &[&Cells], rows: usize, device: &Device) -> Result<Option<Self>> {
        let count: usize = frames.iter().map(|frame| frame.objects().len()).sum();
        if count == 0 {
            return Ok(None);
        }
        let mut tiles = vec![0.0; count * FEATURES];
        let mut ground = Vec::with_capacity(count);
        let mut near = vec![0.0; count * count];
        let mut first = 0;
        for (number, frame) in frames.iter().enumerate() {
            for (i, object) in frame.objects().iter().enumerate() {
                let at = first + i;
                describe(&object.tile, CellLayer::Object, &mut tiles[at * FEATURES..][..FEATURES]);
                ground.push((number * rows * COLUMNS + object.ground) as u32);
                let touches = |other: &ObjectCell| touch(object, other);
                let touching: Vec<_> = frame.objects().iter().map(touches).collect();
                let share = 1.0 / touching.iter().filter(|&&touches| touches).count() as f32;
                let row = &mut near[at * count + first..][..touching.len()];
                for (value, touches) in row.iter_mut().zip(touching) {
                    *value = if touches { share } else { 0.0 };
                }
            }
            first += frame.objects().len();
        }
        Ok(Some(Self {
            tiles: Tensor::from_vec(tiles, (1, count, 1, FEATURES), device)?,
            ground: Tensor::from_vec(ground, count, device)?,
            near: Tensor::from_vec(near, (count, count), device)?,
        }))
    }
}

/// Whether objects touch, or nearly.
pub fn touch(one: &ObjectCell, other: &ObjectCell) -> bool {
    one.top.abs_diff(other.top) <= TOUCH && one.left.abs_diff(other.left) <= TOUCH
}

/// Writes the features of a cell into zeros.
pub fn describe(tile: &Tile, layer: CellLayer, features: &mut [f32]) {
    features[layer as usize] = 1.0;
    for (pixel, &index) in features[3..].chunks_exact_mut(INDICES).zip(tile) {
        pixel[index as usize & 3] = 1.0;
    }
}
