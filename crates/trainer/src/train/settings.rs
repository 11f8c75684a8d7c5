//! What a run is asked for.

use std::f64::consts::PI;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::optimizer::Rule;

/// When to stop; the learning rate falls towards that end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// After so many batches.
    Steps(u64),
    /// After this time: what is learned then depends on the machine.
    Time(Duration),
}

/// The settings of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What all random choices follow from.
    pub seed: u64,
    /// When to stop.
    pub limit: Limit,
    /// The optimizer.
    pub rule: Rule,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Batches over which the rate rises from 0.
    pub warm_up: u64,
    /// The gradient's greatest norm; a longer one is scaled down.
    pub clip: f64,
    /// Examples of a batch.
    pub batch: usize,
    /// Lines of the part of a frame that an example shows: a multiple of 8, at most 144.
    pub crop_height: usize,
    /// Columns of that part: a multiple of 8, at most 160.
    pub crop_width: usize,
    /// Batches between validations, each of which also saves.
    pub validate_every: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            limit: Limit::Steps(4000),
            rule: Rule::AdamW,
            learning_rate: 2e-3,
            warm_up: 100,
            clip: 1.0,
            batch: 8,
            crop_height: 112,
            crop_width: 128,
            validate_every: 200,
        }
    }
}

impl Settings {
    /// The learning rate of a step: rising linearly at first, then falling as half a cosine to a
    /// hundredth of its height when `done` is 1.
    pub fn learning_rate_at(&self, step: u64, done: f64) -> f64 {
        let warm = ((step + 1) as f64 / self.warm_up.max(1) as f64).min(1.0);
        let fall = 0.01 + 0.99 * 0.5 * (1.0 + (PI * done.clamp(0.0, 1.0)).cos());
        self.learning_rate * warm * fall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let settings = Settings { learning_rate: 1.0, warm_up: 10, ..Settings::default() };
        assert!((settings.learning_rate_at(0, 0.0) - 0.1).abs() < 1e-9);
        assert!((settings.learning_rate_at(9, 0.0) - 1.0).abs() < 1e-9);
        assert!((settings.learning_rate_at(500, 0.5) - 0.505).abs() < 1e-9);
        assert!((settings.learning_rate_at(900, 1.0) - 0.01).abs() < 1e-9);
    }
}
