//! The time of one picture of 144x160, for each network, precision, kernel and number of threads.

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use divan::{Bencher, black_box};
use neural::network::Network;
use neural::{KernelChoice, Model, Options, Precision, v0, v1, v2};

/// What is measured: kernel, precision and threads.
const CASES: [(KernelChoice, Precision, usize); 12] = [
    (KernelChoice::Amx, Precision::Bf16, 1),
    (KernelChoice::Amx, Precision::Bf16, 2),
    (KernelChoice::Amx, Precision::Int8, 1),
    (KernelChoice::Amx, Precision::Int8, 2),
    (KernelChoice::Avx512, Precision::F32, 1),
    (KernelChoice::Avx512, Precision::F32, 2),
    (KernelChoice::Avx512, Precision::Int8, 1),
    (KernelChoice::Avx512, Precision::Int8, 2),
    (KernelChoice::Avx2, Precision::F32, 1),
    (KernelChoice::Avx2, Precision::F32, 2),
    (KernelChoice::Neon, Precision::F32, 1),
    (KernelChoice::Portable, Precision::F32, 1),
];

fn main() {
    divan::main();
}

#[divan::bench(args = names())]
fn v0_picture(bencher: Bencher<'_, '_>, case: &str) {
    picture(bencher, &v0::network(), case);
}

#[divan::bench(args = names())]
fn v1_picture(bencher: Bencher<'_, '_>, case: &str) {
    picture(bencher, &v1::network(), case);
}

#[divan::bench(args = names())]
fn v2_picture(bencher: Bencher<'_, '_>, case: &str) {
    picture(bencher, &v2::network(), case);
}

/// The cases of this processor, such as `avx2 f32 1`.
fn names() -> impl Iterator<Item = String> {
    let available = CASES.into_iter().filter(|(kernel, ..)| kernel.is_available());
    available.map(|(kernel, precision, threads)| format!("{kernel} {precision} {threads}"))
}

fn picture(bencher: Bencher<'_, '_>, network: &Network, case: &str) {
    let mut words = case.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let options = Options {
        kernel: word().parse().expect("a kernel"),
        precision: word().parse().expect("a precision"),
        threads: word().parse().expect("a number of threads"),
    };
    let model = Model::new(network.clone(), weights(network), &Device::Cpu, options);
    let model = model.expect("a network");
    let input = Tensor::rand(0f32, 1.0, (1, 1, 144, 160), &Device::Cpu).expect("a picture");
    bencher.bench(|| model.forward_undoubled(black_box(&input)).expect("an output"));
}

/// They do not matter for the time, as long as values neither vanish nor overflow.
fn weights(network: &Network) -> HashMap<String, Tensor> {
    let tensor = |(name, shape): (String, Vec<usize>)| {
        let fan_in: usize = shape[1..].iter().product();
        let (mean, deviation) =
            if shape.len() == 1 { (1.0, 0.1) } else { (0.0, (2.0 / fan_in as f32).sqrt()) };
        let tensor = Tensor::randn(mean, deviation, shape, &Device::Cpu).expect("weights");
        (name, tensor)
    };
    network.tensors().map(tensor).collect()
}
