//! The losses of a run so far.

use std::collections::HashMap;

use candle_core::{Result, Tensor};

use super::checkpoint::{numbers, take_numbers};

/// The loss of every batch and of every validation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Of each step, first to last.
    pub losses: Vec<f64>,
    /// Steps done at a validation, and its loss.
    pub validations: Vec<(u64, f64)>,
}

impl History {
    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.losses.len() as u64
    }

    /// The mean loss of the steps since the last validation.
    pub fn mean_since_validation(&self) -> f64 {
        let first = self.validations.last().map_or(0, |(step, _)| *step) as usize;
        let losses = &self.losses[first.min(self.losses.len())..];
        losses.iter().sum::<f64>() / losses.len().max(1) as f64
    }

    /// The least loss of a validation.
    pub fn best(&self) -> Option<f64> {
        self.validations.iter().map(|(_, loss)| *loss).min_by(f64::total_cmp)
    }

    /// Whether there were steps since the last validation.
    pub fn has_unvalidated(&self) -> bool {
        self.validations.last().is_none_or(|(step, _)| *step < self.steps())
    }

    /// Adds the losses to a checkpoint.
    pub fn save(&self, tensors: &mut HashMap<String, Tensor>) -> Result<()> {
        let steps: Vec<f64> = self.validations.iter().map(|(step, _)| *step as f64).collect();
        let losses: Vec<f64> = self.validations.iter().map(|(_, loss)| *loss).collect();
        tensors.insert("losses".to_string(), numbers(&self.losses)?);
        tensors.insert("validation_steps".to_string(), numbers(&steps)?);
        tensors.insert("validation_losses".to_string(), numbers(&losses)?);
        Ok(())
    }

    /// Takes the losses back from a checkpoint.
    pub fn restore(tensors: &mut HashMap<String, Tensor>) -> Result<Self> {
        let losses = take_numbers(tensors, "losses")?;
        let steps = take_numbers(tensors, "validation_steps")?;
        let validated = take_numbers(tensors, "validation_losses")?;
        let validations = steps.iter().map(|&step| step as u64).zip(validated).collect();
        Ok(Self { losses, validations })
    }
}
