//! The same weights, pictures and settings give PyTorch's losses, which `tests/parity/record.py`
//! has recorded.

use candle_core::{Device, Result, Tensor};
use neural::ops::Products;
use std::collections::HashMap;

use super::fast::Fast;
use super::network::Network;
use super::operations::Operations;
use super::optimizer::{Optimizer, Rule};
use super::plain::Plain;
use super::settings::{NetworkChoice, Recipe, Settings};

const LOSSES: &str = include_str!("../../../../tests/parity/losses.json");
const FAST: Fast = Fast { products: Products::F32 };
const PICTURES: usize = 16;
const BATCH: usize = 4;
const HEIGHT: usize = 32;
const WIDTH: usize = 40;

fn settings(network: NetworkChoice) -> Settings {
    Settings { network, ..Settings::of(Recipe::Article) }
}

fn recorded(name: &str) -> Vec<f64> {
    let runs: HashMap<String, Vec<f64>> = serde_json::from_str(LOSSES).expect("recorded losses");
    runs[name].clone()
}

/// Values between -1 and 1 by xorshift.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Noise within 1 / sqrt(fan-in) for convolutions, and 1 and 0 for normalizations.
fn set_weights(network: &mut Network) -> Result<()> {
    let mut tensors = HashMap::new();
    let mut bound = 0.0;
    let mut is_conv = true;
    for (i, (name, variable)) in network.variables().iter().enumerate() {
        let dims = variable.dims();
        if dims.len() == 4 {
            bound = (1.0 / (dims[1..].iter().product::<usize>() as f64).sqrt()) as f32;
            is_conv = true;
        } else if name.ends_with(".weight") {
            is_conv = false;
        }
        if is_conv {
            let values = noise(variable.elem_count(), i as u32 + 1);
            let values = values.iter().map(|value| value * bound).collect();
            tensors.insert(name.clone(), Tensor::from_vec(values, dims, &Device::Cpu)?);
        }
    }
    network.take(&tensors)
}

fn losses(settings: &Settings, operations: Box<dyn Operations>, steps: usize) -> Result<Vec<f64>> {
    let size = HEIGHT * WIDTH;
    let shape = |channels| (PICTURES, channels, HEIGHT, WIDTH);
    let inputs = Tensor::from_vec(noise(PICTURES * size, 1000), shape(1), &Device::Cpu)?;
    let scaling = settings.scaling();
    let targets = noise(PICTURES * 2 * size, 1001);
    let targets = targets.iter().map(|value| scaling.scale(value * 0.5)).collect();
    let targets = Tensor::from_vec(targets, shape(2), &Device::Cpu)?;
    let mut network = Network::with_operations(settings, &Device::Cpu, operations)?;
    set_weights(&mut network)?;
    let mut optimizer = Optimizer::new(settings.rule, settings.epsilon, network.variables());
    let mut losses = Vec::new();
    for step in 0..steps {
        let at = step * BATCH % PICTURES;
        let input = inputs.narrow(0, at, BATCH)?.contiguous()?;
        let output = network.forward(&input)?;
        let loss = (output - targets.narrow(0, at, BATCH)?)?.sqr()?.mean_all()?;
        losses.push(loss.to_vec0::<f32>()? as f64);
        let gradients = loss.backward()?;
        optimizer.step(network.variables(), &gradients, settings.learning_rate, settings.clip)?;
    }
    Ok(losses)
}

#[track_caller]
fn assert_parity(found: &[f64], expected: &[f64]) {
    let apart = |(found, expected): (&f64, &f64)| (found - expected).abs();
    let greatest = found.iter().zip(expected).map(apart).fold(0.0, f64::max);
    println!("losses differ by {greatest:.1e} at most");
    assert!(greatest <= 1e-4, "{greatest:e}\n{found:?}\n{expected:?}");
}

#[test]
fn fifty_steps_of_v0_are_pytorchs() -> Result<()> {
    let found = losses(&settings(NetworkChoice::V0), Box::new(FAST), 50)?;
    assert_parity(&found, &recorded("v0"));
    Ok(())
}

#[test]
fn fifty_steps_of_v1_are_pytorchs() -> Result<()> {
    let found = losses(&settings(NetworkChoice::V1), Box::new(FAST), 50)?;
    assert_parity(&found, &recorded("v1"));
    Ok(())
}

/// With `RMSprop`'s usual epsilon nobody can have these losses: gradients that are zero but for
/// rounding move weights as far as others, and `PyTorch`'s own losses in `f32` and in `f64` differ
/// by 0.009.
fn v2() -> Settings {
    Settings { epsilon: 1e-5, ..settings(NetworkChoice::V2) }
}

#[test]
fn fifty_steps_of_v2_are_pytorchs() -> Result<()> {
    let found = losses(&v2(), Box::new(FAST), 50)?;
    assert_parity(&found, &recorded("v2"));
    Ok(())
}

#[test]
fn fifty_steps_by_adamw_are_pytorchs() -> Result<()> {
    let settings = Settings { rule: Rule::AdamW, ..settings(NetworkChoice::V1) };
    assert_parity(&losses(&settings, Box::new(FAST), 50)?, &recorded("v1-adamw"));
    Ok(())
}

#[test]
fn fifty_steps_of_lab_version_2_are_pytorchs() -> Result<()> {
    let settings = Settings { lab_version: 2, ..settings(NetworkChoice::V1) };
    assert_parity(&losses(&settings, Box::new(FAST), 50)?, &recorded("v1-unit"));
    Ok(())
}

/// What runs on graphics cards, here on the CPU, where it is slow.
#[test]
fn candles_own_operations_give_the_same_losses() -> Result<()> {
    for (settings, name) in [(settings(NetworkChoice::V0), "v0"), (v2(), "v2")] {
        let found = losses(&settings, Box::new(Plain), 6)?;
        assert_parity(&found, &recorded(name));
    }
    Ok(())
}
