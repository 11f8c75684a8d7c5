use std::collections::HashMap;
use std::num::NonZeroUsize;

use safetensors::serialize;

use super::*;
use crate::testing::{assert_close, noise, noise_tensor, values};
use crate::{v0, v1, v2};

mod files;
mod real;

const NETWORKS: [fn() -> Network; 3] = [v0::network, v1::network, v2::network];

fn options(threads: usize, kernel: KernelChoice, precision: Precision) -> Options {
    Options { threads: NonZeroUsize::new(threads).expect("not zero"), kernel, precision }
}

/// All cores' worth of f32.
fn exact(threads: usize) -> Options {
    options(threads, KernelChoice::Auto, Precision::F32)
}

fn kernels() -> impl Iterator<Item = KernelChoice> {
    KernelChoice::NAMED.into_iter().filter(|choice| choice.is_available())
}

fn mean_squared_error(first: &[f32], second: &[f32]) -> f64 {
    let squares = first.iter().zip(second).map(|(a, b)| ((a - b) as f64).powi(2));
    squares.sum::<f64>() / first.len() as f64
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

#[test]
fn the_engine_agrees_with_the_graph() -> Result<()> {
    for network in NETWORKS.map(|network| network()) {
        for kernel in kernels() {
            let model = model(&network, options(1, kernel, Precision::F32));
            for (batch, height, width) in [(1, 144, 160), (2, 8, 16), (3, 24, 8), (1, 40, 56)] {
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

#[test]
fn sides_that_are_no_multiples_of_8_are_rounded_up() -> Result<()> {
    for network in NETWORKS.map(|network| network()) {
        let model = model(&network, exact(1));
        for (height, width) in [(21, 30), (1, 1), (17, 9)] {
            let input = noise_tensor(&[1, 1, height, width], 7)?;
            let (fast, graph) = (model.forward(&input)?, model.forward_graph(&input)?);
            assert_eq!(fast.dims(), [1, 2, height.next_multiple_of(8), width.next_multiple_of(8)]);
            assert_close(&values(&fast)?, &values(&graph)?, 1e-5);
        }
    }
    Ok(())
}

#[test]
fn threads_and_batches_change_nothing() -> Result<()> {
    let input = noise_tensor(&[5, 1, 144, 160], 7)?;
    for network in NETWORKS.map(|network| network()) {
        for precision in Precision::NAMED {
            let one = model(&network, options(1, KernelChoice::Auto, precision));
            let expected = values(&one.forward_undoubled(&input)?)?;
            let three = model(&network, options(3, KernelChoice::Auto, precision));
            assert_close(&values(&three.forward_undoubled(&input)?)?, &expected, 2e-6);
            let single = one.forward_undoubled(&input.narrow(0, 4, 1)?)?;
            assert_eq!(values(&single)?, expected[expected.len() / 5 * 4..]);
        }
    }
    Ok(())
}

/// Sums of bytes are exact, so kernels differ only where the `f32` before them rounded apart.
#[test]
fn bytes_are_near_the_graph_by_every_kernel() -> Result<()> {
    let input = Tensor::new(&calibration::pictures()[..HEIGHT * WIDTH], &Device::Cpu)?;
    let input = input.reshape((1, 1, HEIGHT, WIDTH))?;
    for network in NETWORKS.map(|network| network()) {
        for kernel in kernels() {
            let model = model(&network, options(1, kernel, Precision::Int8));
            let graph = values(&model.forward_graph(&input)?)?;
            let error = mean_squared_error(&values(&model.forward(&input)?)?, &graph);
            let power = mean_squared_error(&graph, &vec![0.0; graph.len()]);
            eprintln!("{} {kernel}: {error:e} of {power:e}", network.name());
            assert!(error < power / 300.0, "{} {kernel}: {error} of {power}", network.name());
        }
    }
    Ok(())
}

#[test]
fn halves_are_near_the_graph_by_every_kernel() -> Result<()> {
    let input = Tensor::new(&calibration::pictures()[..HEIGHT * WIDTH], &Device::Cpu)?;
    let input = input.reshape((1, 1, HEIGHT, WIDTH))?;
    for network in NETWORKS.map(|network| network()) {
        for kernel in kernels() {
            let model = model(&network, options(1, kernel, Precision::Bf16));
            let graph = values(&model.forward_graph(&input)?)?;
            let error = mean_squared_error(&values(&model.forward(&input)?)?, &graph);
            let power = mean_squared_error(&graph, &vec![0.0; graph.len()]);
            eprintln!("{} {kernel}: {error:e} of {power:e}", network.name());
            // The 8 bits of a number are exact to a 512th, and errors of many add up.
            assert!(error < power / 2e4, "{} {kernel}: {error} of {power}", network.name());
        }
    }
    Ok(())
}

#[test]
fn a_seeded_network_gives_what_it_always_gave() -> Result<()> {
    let input = noise_tensor(&[1, 1, 8, 8], 9)?;
    // Its seeds and its biases are those for which the values were computed elsewhere.
    let mut tensors = HashMap::new();
    for (seed, layer) in v1::LAYERS.iter().enumerate() {
        let deviation = (2.0 / (9 * layer.inputs) as f64).sqrt();
        let weight = (noise_tensor(&layer.weight_shape(), seed as u32)? * deviation)?;
        tensors.insert(format!("{}.weight", layer.name), weight);
        tensors
            .insert(format!("{}.bias", layer.name), (noise_tensor(&[layer.outputs], 100)? * 0.1)?);
    }
    let model = Model::new(v1::network(), tensors, &Device::Cpu, exact(1)).expect("V1");
    assert_close(&values(&model.forward_undoubled(&input)?)?, &GOLDEN, 1e-5);
    Ok(())
}

/// By the definition of the layers, in `f64`, with `NumPy`.
const GOLDEN: [f32; 32] = [
    -0.063388, -0.085635, -0.090273, -0.063045, -0.053170, -0.069963, -0.087388, -0.063950,
    -0.059008, -0.065947, -0.075264, -0.062098, -0.052214, -0.048263, -0.052485, -0.054490,
    -0.010631, 0.011875, 0.005132, 0.004780, 0.000396, 0.007117, -0.003468, 0.002894, -0.004228,
    0.003522, -0.010247, 0.004649, 0.005596, -0.009182, -0.015735, -0.013792,
];

#[test]
fn strange_inputs_are_errors() -> Result<()> {
    let model = model(&v1::network(), exact(1));
    let error = model.forward(&noise_tensor(&[1, 3, 8, 8], 1)?).expect_err("colours");
    assert!(error.to_string().contains("V1 takes one channel, not 3"), "{error}");
    assert!(model.forward(&noise_tensor(&[8, 8], 1)?).is_err());
    assert!(model.forward(&noise_tensor(&[1, 1, 0, 8], 1)?).is_err());
    let half = noise_tensor(&[1, 1, 8, 8], 1)?.to_dtype(DType::F16)?;
    assert!(model.forward(&half).is_err());
    Ok(())
}

/// A network of what the article's do not have: joined channels, a doubling that another value
/// needs too, 1x1 and odd numbers of channels.
#[test]
fn skips_are_joined_and_added() -> Result<()> {
    use crate::layer::Activation::{Relu, Tanh};
    use crate::network::Conv;
    let (mut network, input) = Network::new("skips");
    let first = network.conv(Conv::new("a", input, 1, 12).activation(Relu));
    let low = network.conv(Conv::new("b", first, 12, 20).stride(2).activation(Relu));
    let up = network.double(low);
    let sum = network.conv(Conv::new("c", up, 20, 12).plus(first).activation(Tanh));
    let joined = network.concat(sum, up);
    let mixed = network.conv(Conv::new("d", joined, 32, 48).activation(Relu));
    let narrow = network.conv(Conv::new("e", mixed, 48, 12).kernel(1).plus(sum).activation(Relu));
    network.conv(Conv::new("f", narrow, 12, 3).kernel(7));
    let input = noise_tensor(&[1, 1, 26, 22], 3)?;
    for kernel in kernels() {
        let tensors = seeded(&network);
        let options = options(2, kernel, Precision::F32);
        let model = Model::new(network.clone(), tensors, &Device::Cpu, options).expect("a model");
        let (fast, graph) = (model.forward(&input)?, model.forward_graph(&input)?);
        assert_eq!(fast.dims(), [1, 3, 26, 22]);
        assert_close(&values(&fast)?, &values(&graph)?, 1e-5);
    }
    Ok(())
}
