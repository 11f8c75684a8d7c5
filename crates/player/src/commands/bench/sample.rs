//! Figures that were measured more than once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Values in ascending order; never empty.
#[derive(Clone, Debug)]
pub struct Sample {
    values: Vec<f64>,
}

impl Sample {
    /// # Panics
    /// Where there are no values.
    pub fn new(mut values: Vec<f64>) -> Self {
        assert!(!values.is_empty(), "nothing was measured");
        values.sort_by(f64::total_cmp);
        Self { values }
    }

    pub fn min(&self) -> f64 {
        self.values[0]
    }

    pub fn max(&self) -> f64 {
        self.values[self.values.len() - 1]
    }

    /// The middle value: half of the others are no larger.
    pub fn median(&self) -> f64 {
        self.values[self.values.len() / 2]
    }

    pub fn to_json(&self) -> Value {
        json!({ "median": self.median(), "min": self.min(), "max": self.max() })
    }
}

/// How long `work` takes.
pub fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// How many a second there are, if so many take that long.
pub fn rate(count: u32, took: Duration) -> f64 {
    f64::from(count) / took.as_secs_f64().max(1e-9)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values are chosen, not computed")]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let sample = Sample::new(vec![9.0, 1.0, 2.0]);
        assert_eq!([sample.min(), sample.median(), sample.max()], [1.0, 2.0, 9.0]);
        assert_eq!(
            Sample::new(vec![4.0]).to_json(),
            json!({"median": 4.0, "min": 4.0, "max": 4.0})
        );
    }
}
