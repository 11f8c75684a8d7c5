//! What a run is asked for.

use std::f64::consts::{PI, TAU};
use std::time::Duration;

use clap::ValueEnum;
use neural::ops::Products;
use neural::{Network as Description, Scaling, v0, v1, v2};
use serde::{Deserialize, Serialize};

use super::optimizer::Rule;
use crate::random::Random;
use crate::split::Split;

/// Which network learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum NetworkChoice {
    /// The article's first.
    V0,
    /// The article's best.
    #[default]
    V1,
    /// The article's on `ResNet`-18.
    V2,
    /// Colors for cells, by the Game Boy's recipe alone.
    V3,
}

impl NetworkChoice {
    /// What it computes, if that is a picture from a picture.
    pub fn description(self) -> Option<Description> {
        match self {
            Self::V0 => Some(v0::network()),
            Self::V1 => Some(v1::network()),
            Self::V2 => Some(v2::network()),
            Self::V3 => None,
        }
    }
}

/// Where examples come from and how they are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Recipe {
    /// As the article: the lightness of color frames, all frames once an epoch.
    #[default]
    Article,
    /// For what a Game Boy shows: color indices through random shade maps, games drawn alike.
    Gameboy,
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// After so many times the number of frames.
    Epochs(u64),
    /// After so many batches.
    Steps(u64),
    /// After this time: what is learned then depends on the machine.
    Time(Duration),
}

/// How the learning rate changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Not at all.
    #[default]
    Constant,
    /// It falls as half a cosine to a hundredth at the run's end.
    Cosine,
    /// It falls to a tenth after each third of the run.
    Step,
}

/// The first weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Init {
    /// `PyTorch`'s: weights and biases uniform within 1 / sqrt(fan-in).
    #[default]
    #[value(name = "pytorch")]
    PyTorch,
    /// He's: normal with variance 2 / fan-in, biases 0. The last layer's are a hundredth of that,
    /// so that what is learned begins at grey instead of with its own noise.
    He,
}

/// Batch normalization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalization {
    /// Where the network has it: V0 and V1 nowhere.
    #[default]
    AsDescribed,
    /// Behind every convolution with `ReLU`, folded into the weights when they are saved.
    WhileTraining,
}

/// How exactly the CPU multiplies while a network learns. All that is kept is of 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Numbers of 32 bits.
    #[default]
    F32,
    /// Factors of 16 bits, sums of 32: several times as fast on processors with AMX.
    Bf16,
}

impl Precision {
    /// `Bf16` where the processor has instructions for it.
    pub fn fastest() -> Self {
        match Products::fastest() {
            Products::Bf16 => Self::Bf16,
            Products::F32 => Self::F32,
        }
    }

    /// The products of convolutions.
    pub fn products(self) -> Products {
        match self {
            Self::F32 => Products::F32,
            Self::Bf16 => Products::Bf16,
        }
    }
}

/// The settings of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The network.
    pub network: NetworkChoice,
    /// The article's `lab_version`: 1 for a*/128 and b*/128, 2 for the same from 0 to 1.
    pub lab_version: u32,
    /// Where examples come from.
    pub recipe: Recipe,
    /// The frames for validation.
    pub split: Split,
    /// What all random choices follow from.
    pub seed: u64,
    /// When to stop.
    pub limit: Limit,
    /// The optimizer.
    pub rule: Rule,
    /// What the optimizer adds to the deviations that it divides by.
    pub epsilon: f64,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// How the rate changes.
    pub schedule: Schedule,
    /// Batches over which the rate rises from 0.
    pub warm_up: u64,
    /// The gradient's greatest norm; a longer one is scaled down.
    pub clip: Option<f64>,
    /// If given, what is validated and saved is the mean of the weights, of which each step keeps
    /// this share.
    pub average: Option<f64>,
    /// Batch normalization.
    pub normalization: Normalization,
    /// The weight of the newest batch in the moments that a normalization has when it is saved.
    pub norm_momentum: f64,
    /// The first weights.
    pub init: Init,
    /// SHA-256 of the weights that training begins with instead.
    pub start: Option<String>,
    /// How exactly the CPU multiplies.
    #[serde(default)]
    pub precision: Precision,
    /// Examples of a batch.
    pub batch: usize,
    /// Lines of the part of a frame that an example shows: a multiple of 8, at most 144.
    pub crop_height: usize,
    /// Columns of that part: a multiple of 8, at most 160.
    pub crop_width: usize,
    /// Batches between validations, each of which also saves; an epoch's if not given.
    pub validate_every: Option<u64>,
    /// Validations between sample pictures.
    pub samples_every: u64,
}

impl Settings {
    /// The settings of a recipe where nothing else is asked for.
    pub fn of(recipe: Recipe) -> Self {
        let article = Self {
            network: NetworkChoice::V1,
            lab_version: 1,
            recipe: Recipe::Article,
            split: Split::Frames,
            seed: 1,
            limit: Limit::Epochs(30),
            rule: Rule::RmsProp,
            epsilon: 1e-8,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            warm_up: 0,
            clip: None,
            average: None,
            normalization: Normalization::AsDescribed,
            norm_momentum: 0.1,
            init: Init::PyTorch,
            start: None,
            precision: Precision::F32,
            batch: 8,
            crop_height: 128,
            crop_width: 144,
            validate_every: None,
            samples_every: 1,
        };
        match recipe {
            Recipe::Article => article,
            Recipe::Gameboy => Self {
                recipe,
                split: Split::Later,
                limit: Limit::Steps(4000),
                rule: Rule::AdamW,
                learning_rate: 5e-4,
                schedule: Schedule::Cosine,
                warm_up: 100,
                clip: Some(1.0),
                normalization: Normalization::WhileTraining,
                norm_momentum: 0.03,
                init: Init::He,
                crop_height: 112,
                crop_width: 128,
                validate_every: Some(200),
                samples_every: 5,
                ..article
            },
        }
    }

    /// What the network's output stands for while it learns.
    pub fn scaling(&self) -> Scaling {
        if self.lab_version == 2 { Scaling::Unit } else { Scaling::Signed }
    }

    /// The learning rate of a step when a share `done` of the run is over.
    pub fn learning_rate_at(&self, step: u64, done: f64) -> f64 {
        let warm = ((step + 1) as f64 / self.warm_up.max(1) as f64).min(1.0);
        let done = done.clamp(0.0, 1.0);
        let share = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine => 0.01 + 0.99 * 0.5 * (1.0 + (PI * done).cos()),
            Schedule::Step => 0.1f64.powi((done * 3.0).min(2.0) as i32),
        };
        self.learning_rate * warm * share
    }
}

impl Init {
    /// The weights of a convolution with this many inputs to each sum.
    pub fn weights(self, count: usize, fan_in: usize, random: &mut Random) -> Vec<f32> {
        match self {
            Self::PyTorch => uniform(count, fan_in, random),
            Self::He => {
                let deviation = (2.0 / fan_in as f64).sqrt();
                (0..count).map(|_| (normal(random) * deviation) as f32).collect()
            }
        }
    }

    /// What the last layer's weights are multiplied by.
    pub fn last_factor(self) -> f64 {
        match self {
            Self::PyTorch => 1.0,
            Self::He => 0.01,
        }
    }

    /// Its biases.
    pub fn biases(self, count: usize, fan_in: usize, random: &mut Random) -> Vec<f32> {
        match self {
            Self::PyTorch => uniform(count, fan_in, random),
            Self::He => vec![0.0; count],
        }
    }
}

/// Between 0 and 1, neither of them included.
fn unit(random: &mut Random) -> f64 {
    ((random.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

fn uniform(count: usize, fan_in: usize, random: &mut Random) -> Vec<f32> {
    let bound = 1.0 / (fan_in as f64).sqrt();
    (0..count).map(|_| ((unit(random) * 2.0 - 1.0) * bound) as f32).collect()
}

/// A normal number by Box and Muller.
fn normal(random: &mut Random) -> f64 {
    let (u, v) = (unit(random), unit(random));
    (-2.0 * u.ln()).sqrt() * (TAU * v).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let settings =
            Settings { learning_rate: 1.0, warm_up: 10, ..Settings::of(Recipe::Gameboy) };
        assert!((settings.learning_rate_at(0, 0.0) - 0.1).abs() < 1e-9);
        assert!((settings.learning_rate_at(9, 0.0) - 1.0).abs() < 1e-9);
        assert!((settings.learning_rate_at(500, 0.5) - 0.505).abs() < 1e-9);
        assert!((settings.learning_rate_at(900, 1.0) - 0.01).abs() < 1e-9);
    }

    #[test]
    fn the_rate_is_constant_or_falls_in_steps() {
        let rates = |schedule| {
            let settings =
                Settings { learning_rate: 1.0, schedule, ..Settings::of(Recipe::Article) };
            [0.0, 0.3, 0.4, 0.7, 1.0].map(|done| settings.learning_rate_at(5, done))
        };
        assert!(rates(Schedule::Constant).iter().all(|rate| (rate - 1.0).abs() < 1e-9));
        for (found, expected) in rates(Schedule::Step).into_iter().zip([1.0, 1.0, 0.1, 0.01, 0.01])
        {
            assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        }
    }

    #[test]
    fn initial_weights_have_the_variance_that_is_asked_for() {
        let variance = |init: Init| {
            let weights = init.weights(20_000, 50, &mut Random::new(1));
            weights.iter().map(|w| (w * w) as f64).sum::<f64>() / 20_000.0
        };
        assert!((variance(Init::He) - 2.0 / 50.0).abs() < 0.002);
        assert!((variance(Init::PyTorch) - 1.0 / 150.0).abs() < 0.0005);
    }
}
