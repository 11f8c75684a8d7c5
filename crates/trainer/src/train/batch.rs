//! Examples drawn from the corpus.

use candle_core::{Device, Result, Tensor};
use colorizer::{GREY_LEVELS, lab::srgb_to_lab};
use gameboy::{HEIGHT, WIDTH};

use super::corpus::{Corpus, Game, Picture};
use super::settings::Settings;
use super::shade::ShadeMaps;
use crate::random::Random;

/// A game with fewer frames than this is drawn less often, in proportion.
const FULL_GAME: usize = 20;

/// Inputs and targets of one step.
#[derive(Debug)]
pub struct Batch {
    examples: usize,
    height: usize,
    width: usize,
    /// L*/100, one channel.
    input: Vec<f32>,
    /// a*/128 and b*/128, the means of 2x2 pixels.
    target: Vec<f32>,
}

/// Part of a picture, possibly mirrored.
struct View<'a> {
    picture: &'a Picture,
    left: usize,
    top: usize,
    is_mirrored: bool,
    width: usize,
}

impl View<'_> {
    fn pixel(&self, x: usize, y: usize) -> usize {
        let x = if self.is_mirrored { self.width - 1 - x } else { x };
        (self.top + y) * WIDTH + self.left + x
    }
}

/// L*/100 of the four shades.
pub fn lightness() -> [f32; 4] {
    GREY_LEVELS.map(|grey| srgb_to_lab([grey; 3]).l / 100.0)
}

impl Batch {
    /// Draws a batch: games alike, frames alike within a game, then a part of the frame, perhaps
    /// mirrored, and shade maps. Colours are never changed.
    pub fn draw(corpus: &Corpus, settings: &Settings, random: &mut Random) -> Self {
        let (height, width) = (settings.crop_height, settings.crop_width);
        let mut batch = Self {
            examples: settings.batch,
            height,
            width,
            input: Vec::with_capacity(settings.batch * height * width),
            target: Vec::with_capacity(settings.batch * height * width / 2),
        };
        for _ in 0..settings.batch {
            let game = draw_game(corpus, random);
            let picture = &game.training[random.below(game.training.len() as u32) as usize];
            // Even offsets keep the 2x2 blocks of the target on those of the screen.
            let left = 2 * random.below(((WIDTH - width) / 2 + 1) as u32) as usize;
            let top = 2 * random.below(((HEIGHT - height) / 2 + 1) as u32) as usize;
            let view = View { picture, left, top, is_mirrored: random.one_in(2), width };
            batch.push(&view, random);
        }
        batch
    }

    /// Input (N, H, W, 1) and target (N, H/2, W/2, 2).
    pub fn tensors(self) -> Result<(Tensor, Tensor)> {
        let (n, h, w) = (self.examples, self.height, self.width);
        let input = Tensor::from_vec(self.input, (n, h, w, 1), &Device::Cpu)?;
        let target = Tensor::from_vec(self.target, (n, h / 2, w / 2, 2), &Device::Cpu)?;
        Ok((input, target))
    }

    fn push(&mut self, view: &View<'_>, random: &mut Random) {
        let lightness = lightness();
        let maps = ShadeMaps::draw(random);
        let is_true = view.picture.has_shades() && random.one_in(2);
        for y in 0..self.height {
            for x in 0..self.width {
                let pixel = view.pixel(x, y);
                let shade = if is_true {
                    view.picture.shade(pixel)
                } else {
                    view.picture.mapped_shade(pixel, maps)
                };
                self.input.push(lightness[shade as usize]);
            }
        }
        for y in (0..self.height).step_by(2) {
            for x in (0..self.width).step_by(2) {
                let block = [(0, 0), (1, 0), (0, 1), (1, 1)]
                    .map(|(dx, dy)| view.picture.chroma(view.pixel(x + dx, y + dy)));
                self.target.push(block.iter().map(|ab| ab[0]).sum::<f32>() / 4.0);
                self.target.push(block.iter().map(|ab| ab[1]).sum::<f32>() / 4.0);
            }
        }
    }
}

fn draw_game<'a>(corpus: &'a Corpus, random: &mut Random) -> &'a Game {
    let weight = |game: &Game| game.training.len().min(FULL_GAME) as u32;
    let mut ticket = random.below(corpus.games.iter().map(weight).sum());
    for game in &corpus.games {
        match ticket.checked_sub(weight(game)) {
            Some(rest) => ticket = rest,
            None => return game,
        }
    }
    unreachable!("the ticket is below the sum of all weights")
}
