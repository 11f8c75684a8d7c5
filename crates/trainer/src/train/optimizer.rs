//! `RMSprop` and `AdamW`, as `PyTorch` defines them.

use std::collections::HashMap;

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var, bail};
use serde::{Deserialize, Serialize};

use super::checkpoint::take;

/// How variables follow their gradients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Decoupled weight decay of 0.01, betas 0.9 and 0.999.
    #[default]
    #[value(name = "adamw")]
    AdamW,
    /// Smoothing 0.99, no momentum.
    #[value(name = "rmsprop")]
    RmsProp,
}

/// A rule with its memory.
#[derive(Debug)]
pub struct Optimizer {
    rule: Rule,
    epsilon: f32,
    steps: u64,
    /// Per variable the running means of gradients and of their squares.
    moments: Vec<(String, Vec<f32>, Vec<f32>)>,
}

impl Optimizer {
    /// `epsilon` is added to the deviations that gradients are divided by.
    pub fn new(rule: Rule, epsilon: f64, variables: &[(String, Var)]) -> Self {
        let zeros = |(name, variable): &(String, Var)| {
            let count = variable.elem_count();
            (name.clone(), vec![0.0; count], vec![0.0; count])
        };
        Self {
            rule,
            epsilon: epsilon as f32,
            steps: 0,
            moments: variables.iter().map(zeros).collect(),
        }
    }

    /// Moves the variables, given to [`new`](Self::new) in the same order, against the gradients,
    /// which are scaled down together to a norm of `clip` where theirs is greater, if there is one.
    pub fn step(
        &mut self,
        variables: &[(String, Var)],
        gradients: &GradStore,
        rate: f64,
        clip: Option<f64>,
    ) -> Result<()> {
        let gradients: Vec<Vec<f32>> = variables
            .iter()
            .map(|(_, variable)| match gradients.get(variable) {
                Some(gradient) => gradient.flatten_all()?.to_vec1(),
                None => Ok(vec![0.0; variable.elem_count()]),
            })
            .collect::<Result<_>>()?;
        let scale = clip.map_or(1.0, |clip| {
            let squares: f64 = gradients.iter().flatten().map(|&g| g as f64 * g as f64).sum();
            (clip / (squares.sqrt() + 1e-6)).min(1.0) as f32
        });
        self.steps += 1;
        for (i, (_, variable)) in variables.iter().enumerate() {
            let mut values: Vec<f32> = variable.flatten_all()?.to_vec1()?;
            // Weight decay pulls on weights only, not on what scales or shifts a channel.
            let decay = if variable.rank() > 1 { 0.01 } else { 0.0 };
            self.update(i, &mut values, &gradients[i], scale, rate, decay);
            variable.set(&Tensor::from_vec(values, variable.shape(), variable.device())?)?;
        }
        Ok(())
    }

    fn update(
        &mut self,
        index: usize,
        values: &mut [f32],
        gradient: &[f32],
        scale: f32,
        rate: f64,
        decay: f64,
    ) {
        let (_, first, second) = &mut self.moments[index];
        let (rule, epsilon) = (self.rule, self.epsilon);
        let steps = self.steps.min(1_000_000) as i32;
        let corrections = (1.0 - 0.9f64.powi(steps), 1.0 - 0.999f64.powi(steps));
        let adam_rate = (rate / corrections.0) as f32;
        let (root, shrink) = (corrections.1.sqrt() as f32, (1.0 - rate * decay) as f32);
        for i in 0..values.len() {
            let g = gradient[i] * scale;
            match rule {
                Rule::AdamW => {
                    first[i] = 0.9 * first[i] + 0.1 * g;
                    second[i] = 0.999 * second[i] + 0.001 * g * g;
                    let deviation = second[i].sqrt() / root + epsilon;
                    values[i] = values[i] * shrink - adam_rate * first[i] / deviation;
                }
                Rule::RmsProp => {
                    second[i] = 0.99 * second[i] + 0.01 * g * g;
                    values[i] -= rate as f32 * g / (second[i].sqrt() + epsilon);
                }
            }
        }
    }

    /// Adds the memory to a checkpoint.
    pub fn save(&self, tensors: &mut HashMap<String, Tensor>) -> Result<()> {
        for (name, first, second) in &self.moments {
            let tensor = |values: &Vec<f32>| Tensor::new(values.as_slice(), &Device::Cpu);
            tensors.insert(format!("first.{name}"), tensor(first)?);
            tensors.insert(format!("second.{name}"), tensor(second)?);
        }
        tensors.insert("steps".to_string(), Tensor::new(&[self.steps as f64], &Device::Cpu)?);
        Ok(())
    }

    /// Takes the memory back from a checkpoint.
    pub fn restore(&mut self, tensors: &mut HashMap<String, Tensor>) -> Result<()> {
        for (name, first, second) in &mut self.moments {
            for (memory, part) in [(first, "first"), (second, "second")] {
                let values: Vec<f32> = take(tensors, &format!("{part}.{name}"))?.to_vec1()?;
                if values.len() != memory.len() {
                    let (found, expected) = (values.len(), memory.len());
                    bail!("the checkpoint has {found} values of {part}.{name}, not {expected}");
                }
                *memory = values;
            }
        }
        self.steps = take(tensors, "steps")?.to_vec1::<f64>()?.first().map_or(0, |&s| s as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minimizes (x - 3)^2 / 2 from 0 and returns x after each step.
    fn descend(rule: Rule, rate: f64, steps: usize) -> Result<Vec<f32>> {
        let x = Var::new(&[0f32], &Device::Cpu)?;
        let variables = vec![("x".to_string(), x.clone())];
        let mut optimizer = Optimizer::new(rule, 1e-8, &variables);
        let mut path = Vec::new();
        for _ in 0..steps {
            let loss = ((x.as_tensor() - 3.0)?.sqr()? * 0.5)?.sum_all()?;
            optimizer.step(&variables, &loss.backward()?, rate, None)?;
            path.push(x.to_vec1::<f32>()?[0]);
        }
        Ok(path)
    }

    #[test]
    fn rmsprop_takes_pytorchs_steps() -> Result<()> {
        // By hand: v1 = 0.01 * 9, x1 = 0.1 * 3 / 0.3 = 1; v2 = 0.99 v1 + 0.01 * 4,
        // x2 = 1 + 0.1 * 2 / sqrt(0.1291).
        let path = descend(Rule::RmsProp, 0.1, 2)?;
        assert!((path[0] - 1.0).abs() < 1e-5, "{path:?}");
        assert!((path[1] - 1.556_63).abs() < 1e-4, "{path:?}");
        Ok(())
    }

    #[test]
    fn adam_takes_steps_of_the_rate_and_arrives() -> Result<()> {
        let path = descend(Rule::AdamW, 0.1, 200)?;
        assert!((path[0] - 0.1).abs() < 1e-5, "{path:?}");
        assert!((path[199] - 3.0).abs() < 0.1, "{}", path[199]);
        Ok(())
    }

    #[test]
    fn long_gradients_are_cut() -> Result<()> {
        let x = Var::new(&[0f32], &Device::Cpu)?;
        let variables = vec![("x".to_string(), x.clone())];
        let mut optimizer = Optimizer::new(Rule::RmsProp, 1e-8, &variables);
        let loss = (x.as_tensor() * 1e6)?.sum_all()?;
        optimizer.step(&variables, &loss.backward()?, 0.0, Some(2.0))?;
        let (_, _, second) = &optimizer.moments[0];
        assert!((second[0] - 0.04).abs() < 1e-4, "{second:?}");
        Ok(())
    }
}
