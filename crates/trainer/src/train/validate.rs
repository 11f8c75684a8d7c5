//! How well folded weights do on frames that were not learned from.

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use gameboy::{HEIGHT, PIXELS, WIDTH};
use neural::{Model, Options, threads, v1};

use super::Error;
use super::batch::lightness;
use super::corpus::{Corpus, Game, Picture};

/// The scores on later scenes and on games held out.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// Later scenes of the games learned from.
    pub later: Score,
    /// Games held out.
    pub unseen: Score,
}

/// Means over games, and within a game over its frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The mean squared error of a*/128 and b*/128 over all pixels.
    pub loss: f64,
    /// The same for a picture without colour.
    pub grey: f64,
    /// Mean chroma of the prediction by that of the truth.
    pub colorfulness: f64,
    /// Frames.
    pub frames: usize,
}

/// Sums over the pixels of frames.
#[derive(Clone, Copy, Default)]
struct Sums {
    error: f64,
    grey: f64,
    chroma: f64,
    true_chroma: f64,
}

pub fn validate(corpus: &Corpus, weights: &HashMap<String, Tensor>) -> Result<Validation, Error> {
    let options = Options { threads: threads::available(), ..Options::default() };
    let network = Model::new(v1::network(), weights.clone(), &Device::Cpu, options)?;
    Ok(Validation {
        later: score(&network, corpus.later())?,
        unseen: score(&network, corpus.unseen())?,
    })
}

fn score<'a>(network: &Model, games: impl Iterator<Item = &'a Game>) -> Result<Score, Error> {
    let mut score = Score::default();
    let mut count = 0.0;
    for game in games.filter(|game| !game.validation.is_empty()) {
        let mut sums = Sums::default();
        for picture in &game.validation {
            sums.add(network, picture)?;
        }
        let values = (game.validation.len() * PIXELS * 2) as f64;
        score.loss += sums.error / values;
        score.grey += sums.grey / values;
        score.colorfulness += sums.chroma / sums.true_chroma.max(1e-9);
        score.frames += game.validation.len();
        count += 1.0;
    }
    if count > 0.0 {
        score.loss /= count;
        score.grey /= count;
        score.colorfulness /= count;
    }
    Ok(score)
}

impl Sums {
    fn add(&mut self, network: &Model, picture: &Picture) -> candle_core::Result<()> {
        let lightness = lightness();
        let input = (0..PIXELS).map(|i| lightness[picture.shade(i) as usize]).collect();
        let input = Tensor::from_vec(input, (1, 1, HEIGHT, WIDTH), &Device::Cpu)?;
        let output: Vec<f32> = network.forward_undoubled(&input)?.flatten_all()?.to_vec1()?;
        let (a, b) = output.split_at(PIXELS / 4);
        for i in 0..PIXELS {
            let half = i / WIDTH / 2 * (WIDTH / 2) + i % WIDTH / 2;
            self.add_pixel([a[half], b[half]], picture.chroma(i));
        }
        Ok(())
    }

    fn add_pixel(&mut self, found: [f32; 2], truth: [f32; 2]) {
        let square = |[a, b]: [f32; 2]| (a * a + b * b) as f64;
        self.error += square([found[0] - truth[0], found[1] - truth[1]]);
        self.grey += square(truth);
        self.chroma += square(found).sqrt();
        self.true_chroma += square(truth).sqrt();
    }
}
