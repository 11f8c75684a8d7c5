//! V3 as the player has it: with its memory, in a style, and told of the game.

use std::collections::HashMap;

use colorizer::cell_color::{CellSource as _, Hints, Memory, Pin, Style};
use colorizer::cells::{CellLayer, Cells, Tile};
use colorizer::rgb555_to_srgb;
use dataset::Sample;
use gameboy::PIXELS;
use neural::v3::Painter;

use super::games::Game;
use super::method::shade;
use super::{Error, Told};
use crate::train::labels::Labels;

/// Pins that a player is supposed to set.
pub const PINS: usize = 8;

/// V3 with what it remembers of a game.
#[derive(Debug)]
pub struct CellMethod {
    painter: Painter,
    style: Style,
    told: Told,
    hints: Hints,
    memory: Memory,
}

impl CellMethod {
    pub fn new(painter: Painter, style: Style, told: Told) -> Self {
        let memory = Memory::of(&painter, style);
        Self { painter, style, told, hints: Hints::default(), memory }
    }

    /// Forgets the game before, and is told of this one.
    pub fn begin(&mut self, game: &Game) {
        self.hints = match self.told {
            Told::Nothing | Told::Picture => Hints::default(),
            Told::Like => Hints {
                like: game.reference.as_ref().map(shares).unwrap_or_default(),
                ..Hints::default()
            },
            Told::Pins => Hints { pins: pins(&game.opening), ..Hints::default() },
        };
        self.memory = Memory::of(&self.painter, self.style);
        self.memory.set_hints(&self.hints);
    }

    /// The colors of a frame's pixels.
    pub fn paint(&mut self, sample: &Sample) -> Result<Vec<[u8; 3]>, Error> {
        let (cells, indices) = self.cells(sample).ok_or(Error::NoCells)?;
        if self.told != Told::Picture {
            self.memory.notice_cut(&cells);
        }
        let mut known = self.memory.recall(&cells);
        if known.open > 0 {
            let mut logits = Vec::new();
            let answer = self.painter.logits(&cells, &self.hints, &mut logits);
            answer.map_err(|error| Error::Network(error.to_string()))?;
            self.memory.learn(&cells, &logits);
            known = self.memory.recall(&cells);
        }
        let color = |(&cell, &index): (&u16, &u8)| {
            let colors = known.colors[cell as usize].unwrap_or_default();
            rgb555_to_srgb(colors[index as usize & 3])
        };
        Ok(cells.of_pixels().iter().zip(indices.iter()).map(color).collect())
    }

    /// The cells of a frame, and the index that each pixel has in its cell.
    fn cells(&self, sample: &Sample) -> Option<(Cells, Box<[u8; PIXELS]>)> {
        if self.told == Told::Picture {
            let shades: Box<[u8; PIXELS]> = Box::new(std::array::from_fn(|i| shade(sample, i) & 3));
            return Some((Cells::of_shades(&shades), shades));
        }
        let planes = sample.planes.as_ref()?;
        let frame = planes.to_frame(&sample.colors)?;
        Some((Cells::of(&frame)?, planes.indices.clone()))
    }
}

/// What is added to the name of a network.
pub fn way(style: Style, told: Told) -> String {
    let style = match style {
        Style::Safe => "safe",
        Style::Vivid => "vivid",
    };
    let told = match told {
        Told::Nothing => String::new(),
        Told::Like => ", like".to_owned(),
        Told::Pins => format!(", {PINS} pins"),
        Told::Picture => ", picture".to_owned(),
    };
    format!(" {style}{told}")
}

/// The colors of a frame with their shares.
fn shares(sample: &Sample) -> Vec<([u8; 3], f32)> {
    let mut counts = HashMap::<u16, u32>::new();
    for &color in sample.colors.iter() {
        *counts.entry(color & 0x7FFF).or_default() += 1;
    }
    let total = sample.colors.len() as f32;
    let mut shares: Vec<_> = counts.into_iter().collect();
    shares.sort_unstable();
    shares.into_iter().map(|(color, count)| (rgb555_to_srgb(color), count as f32 / total)).collect()
}

/// The true colors of those indices of cells that cover most pixels of these frames.
fn pins(opening: &[Sample]) -> Vec<Pin> {
    let mut covered = HashMap::<(CellLayer, Tile, u8), HashMap<u16, u32>>::new();
    for labels in opening.iter().filter_map(Labels::of) {
        for label in &labels.colors {
            let cell = label.cell as usize;
            let Some(tile) = labels.cells.tile(cell) else { continue };
            let colors = covered.entry((labels.cells.layer(cell), *tile, label.index)).or_default();
            *colors.entry(label.color).or_default() += label.pixels as u32;
        }
    }
    let mut covered: Vec<_> = covered.into_iter().collect();
    let pixels = |colors: &HashMap<u16, u32>| colors.values().sum::<u32>();
    // Cells that cover as much are told apart, so that every run takes the same.
    covered.sort_by_key(|(cell, colors)| (std::cmp::Reverse(pixels(colors)), *cell));
    covered.truncate(PINS);
    let pin = |((layer, tile, index), colors): (_, HashMap<u16, u32>)| {
        let (color, _) = colors.into_iter().max_by_key(|&(color, pixels)| (pixels, color))?;
        Some(Pin { layer, tile, index, color })
    };
    covered.into_iter().filter_map(pin).collect()
}
