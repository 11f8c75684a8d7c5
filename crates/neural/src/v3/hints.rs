//! What is known of a game's colors, as the network is given it.

use candle_core::{Device, Result, Tensor};
use colorizer::cells::{CellLayer, Tile};

use super::batch::{FEATURES, describe};
use super::{COLORS, INDICES};

/// What the network is told of a picture that the game should look like: for each color the square
/// root of its share, and whether there is such a picture at all.
pub const LIKE: usize = COLORS + 1;
/// What it is told of a pin besides the cell: which index, and which color.
pub const PIN: usize = INDICES + COLORS;
/// Added to the score of a pin of another frame, so that nothing of it is left.
const OTHER: f32 = -1e9;

/// Hints in the colors of the network's palette.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// Colors of some cells.
    pub pins: Vec<Pin>,
    /// The share of each color in a picture that the game should look like.
    pub like: Option<Box<[f32; COLORS]>>,
}

/// The color of one index of a cell, wherever the cell is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The cell's layer.
    pub layer: CellLayer,
    /// What it shows.
    pub tile: Tile,
    /// The color index in the tile, 0-3.
    pub index: u8,
    /// The color, by its number.
    pub color: u8,
}

/// The hints of the frames of a batch.
#[derive(Clone, Debug)]
pub struct HintBatch {
    /// (frames, 1, 1, [`LIKE`]), where any frame has such a hint.
    pub like: Option<Tensor>,
    pub pins: Option<Pins>,
}

/// The pins of all frames, as many for each.
#[derive(Clone, Debug)]
pub struct Pins {
    /// (1, pins, 1, features).
    pub tiles: Tensor,
    /// (1, pins, 1, [`PIN`]).
    pub colors: Tensor,
    /// What is added to the scores of a frame's pins: 0, or [`OTHER`] where a frame has fewer:
    /// (frames, 1, pins of a frame).
    pub mask: Tensor,
    /// What is added to the scores of all pins for each object: (objects, pins).
    pub object_mask: Option<Tensor>,
}

impl HintBatch {
    /// Of these hints for frames with so many objects.
    pub fn of(hints: &[&Hints], objects: &[usize], device: &Device) -> Result<Self> {
        let like = if hints.iter().any(|hints| hints.like.is_some()) {
            let values: Vec<f32> = hints.iter().flat_map(|hints| like(hints)).collect();
            Some(Tensor::from_vec(values, (hints.len(), 1, 1, LIKE), device)?)
        } else {
            None
        };
        Ok(Self { like, pins: Pins::of(hints, objects, device)? })
    }
}

/// What a frame with these hints is told of a picture.
pub fn like(hints: &Hints) -> [f32; LIKE] {
    let mut values = [0.0; LIKE];
    if let Some(shares) = &hints.like {
        for (value, share) in values.iter_mut().zip(shares.iter()) {
            *value = share.sqrt();
        }
        values[COLORS] = 1.0;
    }
    values
}

impl Pins {
    fn of(hints: &[&Hints], objects: &[usize], device: &Device) -> Result<Option<Self>> {
        let most = hints.iter().map(|hints| hints.pins.len()).max().unwrap_or(0);
        if most == 0 {
            return Ok(None);
        }
        let count = hints.len() * most;
        let mut tiles = vec![0.0; count * FEATURES];
        let mut colors = vec![0f32; count * PIN];
        let mut mask = vec![OTHER; count];
        for (frame, hints) in hints.iter().enumerate() {
            for (number, pin) in hints.pins.iter().enumerate() {
                let at = frame * most + number;
                describe(&pin.tile, pin.layer, &mut tiles[at * FEATURES..][..FEATURES]);
                let color = &mut colors[at * PIN..][..PIN];
                color[pin.index as usize & 3] = 1.0;
                color[INDICES + pin.color as usize] = 1.0;
                mask[at] = 0.0;
            }
        }
        let object_mask: Vec<f32> = objects
            .iter()
            .enumerate()
            .flat_map(|(frame, &objects)| {
                let own = frame * most..(frame + 1) * most;
                let of_pin = |pin: usize| if own.contains(&pin) { mask[pin] } else { OTHER };
                let row: Vec<f32> = (0..count).map(of_pin).collect();
                std::iter::repeat_n(row, objects).flatten().collect::<Vec<_>>()
            })
            .collect();
        let objects = objects.iter().sum::<usize>();
        let object_mask = (objects > 0)
            .then(|| Tensor::from_vec(object_mask, (objects, count), device))
            .transpose()?;
        Ok(Some(Self {
            tiles: Tensor::from_vec(tiles, (1, count, 1, FEATURES), device)?,
            colors: Tensor::from_vec(colors, (1, count, 1, PIN), device)?,
            mask: Tensor::from_vec(mask, (hints.len(), 1, most), device)?,
            object_mask,
        }))
    }
}
