//! V2, the article's network on `ResNet`-18 (`ColorCNN_v2`), with a stem of one channel.
//!
//! | | channels | output | then |
//! |---|---|---|---|
//! | stem, 7x7 | 1 to 64, stride 2 | 72x80 | norm, `ReLU` |
//! | max-pool 3x3 | 64, stride 2 | 36x40 | |
//! | layer 1 | two residual blocks of 64 | 36x40 | |
//! | layer 2 | two residual blocks of 128, the first with stride 2 | 18x20 | |
//! | upsample.0 | 128 to 128 | 18x20 | norm, `ReLU`, nearest x2 |
//! | upsample.4 | 128 to 64 | 36x40 | norm, `ReLU` |
//! | upsample.7 | 64 to 64 | 36x40 | norm, `ReLU`, nearest x2 |
//! | upsample.11 | 64 to 32 | 72x80 | norm, tanh |
//! | upsample.14 | 32 to 2 | 72x80 | nearest x2 |
//!
//! A residual block is two 3x3 convolutions with normalizations, the first with `ReLU`, to which
//! the block's input is added (through a 1x1 convolution where its shape differs) before the
//! second `ReLU`. The tensors have the names of the article's checkpoints.

use crate::layer::Activation::{Relu, Tanh};
use crate::network::{Conv, Network, Value};

/// V2's description.
pub fn network() -> Network {
    let (mut network, input) = Network::new("V2");
    let stem = Conv::new("midlevel_resnet.0", input, 1, 64).kernel(7).stride(2).no_bias();
    let stem = network.conv(stem.norm("midlevel_resnet.1").activation(Relu));
    let mut xs = network.max_pool(stem);
    for (name, inputs, outputs) in [
        ("midlevel_resnet.4.0", 64, 64),
        ("midlevel_resnet.4.1", 64, 64),
        ("midlevel_resnet.5.0", 64, 128),
        ("midlevel_resnet.5.1", 128, 128),
    ] {
        xs = block(&mut network, name, xs, inputs, outputs);
    }
    decoder(&mut network, xs);
    network
}

fn block(network: &mut Network, name: &str, input: Value, inputs: usize, outputs: usize) -> Value {
    let stride = outputs / inputs;
    let named = |part: &str| format!("{name}.{part}");
    let first = Conv::new(named("conv1"), input, inputs, outputs).stride(stride).no_bias();
    let first = network.conv(first.norm(named("bn1")).activation(Relu));
    let mut skip = input;
    if stride != 1 {
        let across = Conv::new(named("downsample.0"), input, inputs, outputs).kernel(1);
        let across = across.stride(stride).no_bias().norm(named("downsample.1"));
        skip = network.conv(across);
    }
    let second = Conv::new(named("conv2"), first, outputs, outputs).no_bias();
    network.conv(second.norm(named("bn2")).plus(skip).activation(Relu))
}

fn decoder(network: &mut Network, input: Value) -> Value {
    let xs = Conv::new("upsample.0", input, 128, 128).norm("upsample.1").activation(Relu);
    let xs = network.conv(xs);
    let xs = network.double(xs);
    let xs = Conv::new("upsample.4", xs, 128, 64).norm("upsample.5").activation(Relu);
    let xs = network.conv(xs);
    let xs = Conv::new("upsample.7", xs, 64, 64).norm("upsample.8").activation(Relu);
    let xs = network.conv(xs);
    let xs = network.double(xs);
    let xs = Conv::new("upsample.11", xs, 64, 32).norm("upsample.12").activation(Tanh);
    let xs = network.conv(xs);
    let xs = network.conv(Conv::new("upsample.14", xs, 32, 2));
    network.double(xs)
}
