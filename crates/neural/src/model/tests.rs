use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use candle_core::safetensors::load;
use safetensors::serialize;

use super::*;
use crate::testing::{assert_close, noise, noise_tensor, values};
use crate::{v0, v1, v2};

const NETWORKS: [fn() -> Network; 3] = [v0::network, v1::network, v2::network];

fn options(threads: usize, kernel: KernelChoice) -> Options {
    Options { threads: NonZeroUsize::new(threads).expect("not zero"), kernel }
}

fn kernels() -> impl Iterator<Item = KernelChoice> {
    KernelChoice::NAMED.into_iter().filter(|choice| choice.kernel().is_ok())
}

/// Small seeded weights, by which values neither vanish nor saturate.
fn seeded(network: &Network) -> HashMap<String, Tensor> {
    let mut tensors = HashMap::new();
    for (seed, (name, shape)) in network.tensors().enumerate() {
        let fan_in: usize = shape[1..].iter().product();
        let noise = noise_tensor(&shape, seed as u32 / 2).expect("weights");
        let (factor, mean) = match shape.len() {
            1 if name.ends_with("running_var") => (0.5, 1.0),
            1 if name.ends_with(".weight") => (0.2, 1.0),
            1 => (0.1, 0.0),
            _ => (f64::sqrt(2.0 / fan_in as f64), 0.0),
        };
        tensors.insert(name, noise.affine(factor, mean).expect("weights"));
    }
    tensors
}

fn bytes(tensors: &HashMap<String, Tensor>) -> Vec<u8> {
    serialize(tensors, None).expect("a file in memory")
}

fn model(network: &Network, options: Options) -> Model {
    Model::from_bytes(&bytes(&seeded(network)), &Device::Cpu, options).expect("a model")
}

fn refusal(bytes: &[u8]) -> String {
    let error = Model::from_bytes(bytes, &Device::Cpu, options(1, KernelChoice::Auto));
    error.expect_err("not a network's weights").to_string()
}

#[test]
fn the_engine_agrees_with_the_graph() -> Result<()> {
    for network in NETWORKS.map(|network| network()) {
        for kernel in kernels() {
            let model = model(&network, options(1, kernel));
            for (batch, height, width) in [(1, 144, 160), (2, 8, 16), (3, 24, 8)] {
                let input = noise_tensor(&[batch, 1, height, width], 7)?.abs()?;
                let graph = model.forward_graph(&input)?;
                let fast = model.forward(&input)?;
                assert_eq!(fast.dims(), [batch, 2, height, width]);
                eprintln!("{} {kernel} {height}x{width}", network.name());
                assert_close(&values(&fast)?, &values(&graph)?, 1e-5);
            }
        }
    }
    Ok(())
}
