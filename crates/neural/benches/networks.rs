//! The time of one picture of 144x160, for each network, kernel and number of threads.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use candle_core::{Device, Tensor};
use divan::{Bencher, black_box};
use neural::network::Network;
use neural::{KernelChoice, Model, Options, v0, v1, v2};

const KERNELS: [KernelChoice; 4] = KernelChoice::NAMED;
const BATCH: usize = 8;

fn main() {
    divan::main();
}

/// Weights do not matter for the time, as long as values neither vanish nor overflow.
fn model(network: &Network, kernel: KernelChoice, threads: usize) -> Option<Model> {
    kernel.kernel_is_there().then(|| {
        let tensors: HashMap<String, Tensor> = network
            .tensors()
            .map(|(name, shape)| {
                let fan_in: usize = shape[1..].iter().product();
                let deviation = if shape.len() == 1 { 0.1 } else { (1.0 / fan_in as f32).sqrt() };
                let tensor = Tensor::randn(0f32, deviation, shape, &Device::Cpu).expect("weights");
                (name, tensor.abs().expect("weights"))
            })
            .collect();
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let options = Options { threads, kernel };
        Model::new(network.clone(), tensors, &Device::Cpu, options).expect("a network")
    })
}
