//! The mean of a network's weights over its steps.

use std::collections::HashMap;

use candle_core::{DType, Result, Tensor};

/// An exponential moving average of tensors.
#[derive(Debug)]
pub struct Average {
    keep: f64,
    tensors: HashMap<String, Tensor>,
}

impl Average {
    /// Begins with `tensors`. Each step keeps a share `keep` of the average.
    pub fn new(keep: f64, tensors: HashMap<String, Tensor>) -> Self {
        Self { keep, tensors }
    }

    /// Blends in the tensors of step number `step`, counted from 1. The first steps count for
    /// more, so that the initial weights are soon forgotten.
    pub fn add(&mut self, tensors: &HashMap<String, Tensor>, step: u64) -> Result<()> {
        let keep = self.keep.min((1.0 + step as f64) / (10.0 + step as f64));
        for (name, average) in &mut self.tensors {
            let Some(tensor) = tensors.get(name) else { continue };
            debug_assert_eq!(tensor.dtype(), DType::F32);
            *average = ((&*average * keep)? + (tensor * (1.0 - keep))?)?;
        }
        Ok(())
    }

    /// The average.
    pub fn tensors(&self) -> &HashMap<String, Tensor> {
        &self.tensors
    }

    /// Replaces the average.
    pub fn set(&mut self, tensors: HashMap<String, Tensor>) {
        self.tensors = tensors;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn each_step_keeps_its_share() -> Result<()> {
        let tensors = |value: f32| -> Result<HashMap<String, Tensor>> {
            Ok(HashMap::from([("x".to_string(), Tensor::new(&[value], &Device::Cpu)?)]))
        };
        let mut average = Average::new(0.75, tensors(0.0)?);
        average.add(&tensors(1.0)?, 1)?;
        let first = average.tensors()["x"].to_vec1::<f32>()?[0];
        assert!((first - 9.0 / 11.0).abs() < 1e-6, "{first}");
        average.add(&tensors(2.0)?, 1000)?;
        let second = average.tensors()["x"].to_vec1::<f32>()?[0];
        assert!((second - (0.75 * first + 0.5)).abs() < 1e-6, "{second}");
        Ok(())
    }
}
