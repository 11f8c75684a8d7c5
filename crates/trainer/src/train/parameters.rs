//! What a network learns, and what it counts while it learns.

use std::collections::{BTreeMap, HashMap};

use candle_core::{Device, Result, Tensor, Var, bail};
use neural::Network;
use neural::network::{Bias, Conv, NORM_EPSILON};
use neural::ops::Moments;

use super::settings::Init;
use crate::random::Random;

/// The variables of a network and the running moments of its normalizations, by the names that
/// its files of weights have.
#[derive(Debug)]
pub struct Parameters {
    variables: Vec<(String, Var)>,
    places: HashMap<String, usize>,
    running: BTreeMap<String, Moments>,
    momentum: f32,
}

impl Parameters {
    /// Initial values. `momentum` is the weight of the newest batch in the running moments.
    pub fn new(
        network: &Network,
        init: Init,
        momentum: f32,
        random: &mut Random,
        device: &Device,
    ) -> Result<Self> {
        let mut parameters = Self {
            variables: Vec::new(),
            places: HashMap::new(),
            running: BTreeMap::new(),
            momentum,
        };
        for conv in network.convs() {
            parameters.add_conv(conv, init, random, device)?;
        }
        if let Some(last) = network.convs().last() {
            let weights = parameters.get(&last.name, "weight")?;
            let smaller = (weights * init.last_factor())?.detach();
            parameters.take(&HashMap::from([(format!("{}.weight", last.name), smaller)]))?;
        }
        Ok(parameters)
    }

    fn add_conv(
        &mut self,
        conv: &Conv,
        init: Init,
        random: &mut Random,
        device: &Device,
    ) -> Result<()> {
        let shape = [conv.outputs, conv.inputs, conv.kernel, conv.kernel];
        let (count, fan_in) = (shape.iter().product(), shape[1..].iter().product());
        let weights = init.weights(count, fan_in, random);
        self.add(format!("{}.weight", conv.name), weights, &shape, device)?;
        if conv.bias == Bias::Own {
            let bias = init.biases(conv.outputs, fan_in, random);
            self.add(format!("{}.bias", conv.name), bias, &[conv.outputs], device)?;
        }
        let Some(norm) = &conv.norm else { return Ok(()) };
        self.add(format!("{norm}.weight"), vec![1.0; conv.outputs], &[conv.outputs], device)?;
        self.add(format!("{norm}.bias"), vec![0.0; conv.outputs], &[conv.outputs], device)?;
        let (mean, variance) = (vec![0.0; conv.outputs], vec![1.0; conv.outputs]);
        self.running.insert(norm.clone(), Moments { mean, variance });
        Ok(())
    }

    fn add(
        &mut self,
        name: String,
        values: Vec<f32>,
        shape: &[usize],
        device: &Device,
    ) -> Result<()> {
        let variable = Var::from_tensor(&Tensor::from_vec(values, shape, device)?)?;
        self.places.insert(name.clone(), self.variables.len());
        self.variables.push((name, variable));
        Ok(())
    }

    /// The variables by name, in a fixed order.
    pub fn variables(&self) -> &[(String, Var)] {
        &self.variables
    }

    /// The variable of this name.
    pub fn get(&self, layer: &str, tensor: &str) -> Result<&Tensor> {
        let name = format!("{layer}.{tensor}");
        match self.places.get(&name) {
            Some(&place) => Ok(self.variables[place].1.as_tensor()),
            None => bail!("the network has no tensor {name}"),
        }
    }

    /// Blends the moments of a batch of `count` values a channel into the running ones, with the
    /// variance of a sample, as `PyTorch` has it.
    pub fn observe(&mut self, norm: &str, batch: &Moments, count: usize) {
        let Some(running) = self.running.get_mut(norm) else { return };
        let (momentum, of_sample) = (self.momentum, count as f32 / (count.max(2) - 1) as f32);
        for (running, batch) in running.mean.iter_mut().zip(&batch.mean) {
            *running += momentum * (batch - *running);
        }
        for (running, batch) in running.variance.iter_mut().zip(&batch.variance) {
            *running += momentum * (batch * of_sample - *running);
        }
    }

    /// All tensors of the network, on the CPU.
    pub fn tensors(&self) -> Result<HashMap<String, Tensor>> {
        let mut tensors = HashMap::new();
        for (name, variable) in &self.variables {
            let tensor = variable.as_detached_tensor().to_device(&Device::Cpu)?;
            // A variable is changed in place, and what was taken from it must not.
            tensors.insert(name.clone(), tensor.copy()?);
        }
        for (norm, moments) in &self.running {
            let tensor = |values: &Vec<f32>| Tensor::new(values.as_slice(), &Device::Cpu);
            tensors.insert(format!("{norm}.running_mean"), tensor(&moments.mean)?);
            tensors.insert(format!("{norm}.running_var"), tensor(&moments.variance)?);
        }
        Ok(tensors)
    }

    /// Takes over those of the network's tensors that are given.
    pub fn take(&mut self, tensors: &HashMap<String, Tensor>) -> Result<()> {
        for (name, variable) in &self.variables {
            if let Some(tensor) = tensors.get(name) {
                variable.set(&tensor.to_device(variable.device())?)?;
            }
        }
        for (norm, moments) in &mut self.running {
            let given = |tensor: &str| tensors.get(&format!("{norm}.{tensor}"));
            if let Some(mean) = given("running_mean") {
                moments.mean = mean.to_vec1()?;
            }
            if let Some(variance) = given("running_var") {
                moments.variance = variance.to_vec1()?;
            }
        }
        Ok(())
    }
}

/// The tensors of `plain`, with the normalizations that only `trained` has folded into them.
pub fn fold(
    plain: &Network,
    trained: &Network,
    mut tensors: HashMap<String, Tensor>,
) -> Result<HashMap<String, Tensor>> {
    for (plain, trained) in plain.convs().zip(trained.convs()) {
        let (None, Some(norm)) = (&plain.norm, &trained.norm) else { continue };
        let mut tensor = |name: String| match tensors.remove(&name) {
            Some(tensor) => Ok(tensor),
            None => bail!("the network has no tensor {name}"),
        };
        let deviation = (tensor(format!("{norm}.running_var"))? + NORM_EPSILON)?.sqrt()?;
        let factor = tensor(format!("{norm}.weight"))?.div(&deviation)?;
        let mean = tensor(format!("{norm}.running_mean"))?;
        let bias = (tensor(format!("{norm}.bias"))? - mean.mul(&factor)?)?;
        let weights = tensor(format!("{}.weight", plain.name))?;
        let weights = weights.broadcast_mul(&factor.reshape((plain.outputs, 1, 1, 1))?)?;
        tensors.insert(format!("{}.weight", plain.name), weights);
        tensors.insert(format!("{}.bias", plain.name), bias);
    }
    Ok(tensors)
}
