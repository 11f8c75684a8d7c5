//! How well weights do on frames that were not learned from.

use std::collections::HashMap;

use candle_core::{Device, Module as _, Tensor};
use gameboy::{HEIGHT, WIDTH};
use neural::{Model, Network, Options, threads};

use super::Error;
use super::batch::{Input, View};
use super::corpus::{Corpus, Game, Picture};
use super::settings::{Recipe, Settings};

/// The scores on frames of the games learned from, and on games held out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validation {
    /// Frames of the games learned from.
    pub seen: Score,
    /// Games held out.
    pub unseen: Score,
}

/// Means over frames: those of the article's recipe count alike, else games do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The mean over all pixels of the squared error of a*/128 and b*/128; of V3, which paints
    /// lightness too, of CIEDE2000.
    pub loss: f64,
    /// The same for a picture without color.
    pub grey: f64,
    /// Mean chroma of the prediction by that of the truth.
    pub colorfulness: f64,
    /// Frames.
    pub frames: usize,
}

/// Sums over the pixels of frames.
#[derive(Clone, Copy, Default)]
struct Sums {
    pixels: f64,
    error: f64,
    grey: f64,
    chroma: f64,
    true_chroma: f64,
}

/// A network as the player would run it, and what it is judged by.
#[derive(Debug)]
pub struct Validator<'a> {
    model: Model,
    settings: &'a Settings,
}

impl<'a> Validator<'a> {
    /// Of the tensors of `network`, signed and on the CPU.
    pub fn new(
        network: &Network,
        tensors: HashMap<String, Tensor>,
        settings: &'a Settings,
    ) -> Result<Self, Error> {
        let options = Options { threads: threads::available(), ..Options::default() };
        let model = Model::new(network.clone(), tensors, &Device::Cpu, options)?;
        Ok(Self { model, settings })
    }

    /// Both scores.
    pub fn validate(&self, corpus: &Corpus) -> Result<Validation, Error> {
        let (seen, unseen) = (self.score(corpus.seen())?, self.score(corpus.unseen())?);
        Ok(Validation { seen, unseen })
    }

    /// The part of a frame that counts.
    pub fn view<'p>(&self, picture: &'p Picture) -> View<'p> {
        match self.settings.recipe {
            Recipe::Article => {
                View::center(picture, self.settings.crop_height, self.settings.crop_width)
            }
            Recipe::Gameboy => View::center(picture, HEIGHT, WIDTH),
        }
    }

    /// L*/100 as the network is given it.
    pub fn lightness(&self, view: View<'_>) -> Vec<f32> {
        view.lightness(match self.settings.recipe {
            Recipe::Article => Input::Colors,
            Recipe::Gameboy => Input::Shades,
        })
        .collect()
    }

    /// a*/128 and b*/128 of each pixel, from the lightness of a part of these lines.
    pub fn predict(
        &self,
        lightness: Vec<f32>,
        height: usize,
    ) -> candle_core::Result<Vec<[f32; 2]>> {
        let width = lightness.len() / height;
        let input = Tensor::from_vec(lightness, (1, 1, height, width), &Device::Cpu)?;
        let output: Vec<f32> = self.model.forward(&input)?.flatten_all()?.to_vec1()?;
        let (a, b) = output.split_at(width * height);
        Ok(a.iter().zip(b).map(|(&a, &b)| [a, b]).collect())
    }

    /// The lines of the part of a frame that counts.
    pub fn height(&self) -> usize {
        match self.settings.recipe {
            Recipe::Article => self.settings.crop_height,
            Recipe::Gameboy => HEIGHT,
        }
    }

    fn score<'p>(&self, games: impl Iterator<Item = &'p Game>) -> Result<Score, Error> {
        let mut sums = Vec::new();
        let mut frames = 0;
        for game in games.filter(|game| !game.validation.is_empty()) {
            let mut sum = Sums::default();
            for picture in &game.validation {
                self.add(&mut sum, picture)?;
            }
            sums.push(sum);
            frames += game.validation.len();
        }
        if self.settings.recipe == Recipe::Article {
            sums = sums.into_iter().reduce(Sums::plus).into_iter().collect();
        }
        Ok(Score { frames, ..mean(&sums) })
    }

    fn add(&self, sums: &mut Sums, picture: &Picture) -> candle_core::Result<()> {
        let view = self.view(picture);
        let found = self.predict(self.lightness(view), self.height())?;
        for (pixel, found) in view.pixels().zip(found) {
            sums.add_pixel(found, picture.chroma(pixel));
        }
        Ok(())
    }
}

fn mean(sums: &[Sums]) -> Score {
    let count = sums.len().max(1) as f64;
    let mut score = Score::default();
    for sum in sums {
        score.loss += sum.error / (2.0 * sum.pixels) / count;
        score.grey += sum.grey / (2.0 * sum.pixels) / count;
        score.colorfulness += sum.chroma / sum.true_chroma.max(1e-9) / count;
    }
    score
}

impl Sums {
    fn add_pixel(&mut self, found: [f32; 2], truth: [f32; 2]) {
        let square = |[a, b]: [f32; 2]| (a * a + b * b) as f64;
        self.pixels += 1.0;
        self.error += square([found[0] - truth[0], found[1] - truth[1]]);
        self.grey += square(truth);
        self.chroma += square(found).sqrt();
        self.true_chroma += square(truth).sqrt();
    }

    fn plus(self, other: Self) -> Self {
        Self {
            pixels: self.pixels + other.pixels,
            error: self.error + other.error,
            grey: self.grey + other.grey,
            chroma: self.chroma + other.chroma,
            true_chroma: self.true_chroma + other.true_chroma,
        }
    }
}
