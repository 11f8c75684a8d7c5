//! Examples drawn from the corpus.

use candle_core::{Device, Result, Tensor};
use colorizer::{GREY_LEVELS, lab::srgb_to_lab};
use gameboy::{HEIGHT, WIDTH};
use neural::Scaling;

use super::corpus::{Corpus, Game, Picture};
use super::settings::{Recipe, Settings};
use super::shade::ShadeMaps;
use crate::random::Random;
use crate::split::shuffle;

/// A game with fewer frames than this is drawn less often, in proportion.
const FULL_GAME: usize = 20;

/// Inputs and targets of one step.
#[derive(Debug)]
pub struct Batch {
    height: usize,
    width: usize,
    scaling: Scaling,
    /// L*/100, one channel.
    input: Vec<f32>,
    /// For each example the plane of a* and the plane of b*, in the network's scaling.
    target: Vec<f32>,
}

/// Part of a picture, possibly mirrored.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The frame.
    pub picture: &'a Picture,
    left: usize,
    top: usize,
    is_mirrored: bool,
    width: usize,
    height: usize,
}

/// What a view's lightness is made from.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// L* of the true colors.
    Colors,
    /// The shades that the original Game Boy shows, or the color indices where those are unknown.
    Shades,
    /// The color indices through these maps.
    Mapped(ShadeMaps),
}

impl<'a> View<'a> {
    /// Somewhere in the picture.
    fn draw(picture: &'a Picture, settings: &Settings, random: &mut Random) -> Self {
        let (height, width) = (settings.crop_height, settings.crop_width);
        // Even offsets keep the 2x2 blocks of V1's output on those of the screen.
        let left = 2 * random.below(((WIDTH - width) / 2 + 1) as u32) as usize;
        let top = 2 * random.below(((HEIGHT - height) / 2 + 1) as u32) as usize;
        Self { picture, left, top, is_mirrored: random.one_in(2), width, height }
    }

    /// The middle of the picture.
    pub fn center(picture: &'a Picture, height: usize, width: usize) -> Self {
        let (left, top) = ((WIDTH - width) / 2, (HEIGHT - height) / 2);
        Self { picture, left, top, is_mirrored: false, width, height }
    }

    /// The pixels in the picture, row by row.
    pub fn pixels(self) -> impl Iterator<Item = usize> {
        (0..self.height).flat_map(move |y| (0..self.width).map(move |x| self.pixel(x, y)))
    }

    /// L*/100 of each pixel.
    pub fn lightness(self, input: Input) -> impl Iterator<Item = f32> {
        let lightness = lightness();
        let picture = self.picture;
        self.pixels().map(move |pixel| match input {
            Input::Colors => picture.lightness(pixel),
            Input::Shades => lightness[picture.shade(pixel) as usize],
            Input::Mapped(maps) => lightness[picture.mapped_shade(pixel, maps) as usize],
        })
    }

    fn pixel(&self, x: usize, y: usize) -> usize {
        let x = if self.is_mirrored { self.width - 1 - x } else { x };
        (self.top + y) * WIDTH + self.left + x
    }
}

/// L*/100 of the four shades.
fn lightness() -> [f32; 4] {
    GREY_LEVELS.map(|grey| srgb_to_lab([grey; 3]).l / 100.0)
}

impl Batch {
    /// The batch of a step, which follows from the settings' seed and nothing else.
    ///
    /// By the article's recipe, all frames are drawn once in an epoch, in an order of its own. By
    /// the other, games are drawn alike, and frames alike within a game. Then a part of the frame
    /// is chosen, perhaps mirrored, and shade maps. Colors are never changed.
    pub fn of_step(corpus: &Corpus, settings: &Settings, step: u64) -> Self {
        // A generator per step: a resumed run needs nothing of those before.
        let mut random = Random::new(settings.seed.wrapping_add(step << 20));
        let mut batch = Self {
            height: settings.crop_height,
            width: settings.crop_width,
            scaling: settings.scaling(),
            input: Vec::new(),
            target: Vec::new(),
        };
        match settings.recipe {
            Recipe::Article => {
                for (game, place) in of_epoch(corpus, settings, step) {
                    let picture = &corpus.games[game].training[place];
                    let view = View::draw(picture, settings, &mut random);
                    batch.push(view, Input::Colors);
                }
            }
            Recipe::Gameboy => {
                for _ in 0..settings.batch {
                    let game = draw_game(corpus, &mut random);
                    let place = random.below(game.training.len() as u32) as usize;
                    let view = View::draw(&game.training[place], settings, &mut random);
                    let maps = ShadeMaps::draw(&mut random);
                    let is_true = view.picture.has_shades() && random.one_in(2);
                    batch.push(view, if is_true { Input::Shades } else { Input::Mapped(maps) });
                }
            }
        }
        batch
    }

    /// Input (N, 1, H, W) and target (N, 2, H, W).
    pub fn tensors(self, device: &Device) -> Result<(Tensor, Tensor)> {
        let (height, width) = (self.height, self.width);
        let examples = self.input.len() / (height * width);
        let input = Tensor::from_vec(self.input, (examples, 1, height, width), device)?;
        let target = Tensor::from_vec(self.target, (examples, 2, height, width), device)?;
        Ok((input, target))
    }

    fn push(&mut self, view: View<'_>, input: Input) {
        self.input.extend(view.lightness(input));
        for plane in 0..2 {
            let chroma = |pixel| self.scaling.scale(view.picture.chroma(pixel)[plane]);
            self.target.extend(view.pixels().map(chroma));
        }
    }
}

/// The batches of an epoch: that many times the batch are all training frames.
pub fn batches_per_epoch(corpus: &Corpus, settings: &Settings) -> u64 {
    corpus.training_frames().div_ceil(settings.batch).max(1) as u64
}

/// The game and the place in it of each example; the last batch of an epoch may be smaller.
fn of_epoch(corpus: &Corpus, settings: &Settings, step: u64) -> Vec<(usize, usize)> {
    let batches = batches_per_epoch(corpus, settings);
    let mut places = corpus.places();
    let seed = settings.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(step / batches);
    shuffle(&mut places, &mut Random::new(seed));
    let first = (step % batches) as usize * settings.batch;
    places.into_iter().skip(first).take(settings.batch).collect()
}

/// A game that was learned from: all alike but for those of few frames.
pub fn draw_game<'a>(corpus: &'a Corpus, random: &mut Random) -> &'a Game {
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
