use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use candle_core::safetensors::load;
use safetensors::serialize;

use super::*;
use crate::testing::{assert_close, noise, noise_tensor, values};
use crate::threads;

fn pool(count: usize) -> Arc<ThreadPool> {
    threads::pool(NonZeroUsize::new(count).expect("not zero")).expect("threads")
}

/// Small seeded weights, by which values neither vanish nor saturate.
fn seeded() -> HashMap<String, Tensor> {
    let mut tensors = HashMap::new();
    for (seed, layer) in LAYERS.iter().enumerate() {
        let deviation = (2.0 / (9 * layer.inputs) as f64).sqrt();
        let weight = noise_tensor(&layer.weight_shape(), seed as u32).expect("weights");
        let weight = (weight * deviation).expect("weights");
        let bias = (noise_tensor(&[layer.outputs], 100).expect("biases") * 0.1).expect("biases");
        tensors.insert(format!("{}.weight", layer.name), weight);
        tensors.insert(format!("{}.bias", layer.name), bias);
    }
    tensors
}

fn bytes(tensors: &HashMap<String, Tensor>) -> Vec<u8> {
    serialize(tensors, None).expect("a file in memory")
}

fn network(threads: usize) -> V1 {
    V1::from_bytes(bytes(&seeded()), &Device::Cpu, pool(threads)).expect("V1")
}

fn refusal(bytes: Vec<u8>) -> String {
    V1::from_bytes(bytes, &Device::Cpu, pool(1)).expect_err("not V1's weights").to_string()
}

#[test]
fn the_fast_path_agrees_with_the_graph() -> Result<()> {
    let network = network(2);
    for (batch, height, width) in [(1, 144, 160), (2, 8, 16), (3, 24, 8)] {
        let input = noise_tensor(&[batch, 1, height, width], 7)?.abs()?;
        let graph = network.forward_graph(&input)?;
        let fast = network.forward(&input)?;
        assert_eq!(fast.dims(), [batch, 2, height, width]);
        assert_close(&values(&fast)?, &values(&graph)?, 1e-5);
    }
    Ok(())
}

#[test]
fn sides_that_are_no_multiples_of_8_are_rounded_up() -> Result<()> {
    let network = network(1);
    let input = noise_tensor(&[1, 1, 21, 30], 7)?;
    let (fast, graph) = (network.forward(&input)?, network.forward_graph(&input)?);
    assert_eq!(fast.dims(), [1, 2, 24, 32]);
    assert_close(&values(&fast)?, &values(&graph)?, 1e-5);
    Ok(())
}

#[test]
fn threads_change_nothing() -> Result<()> {
    let input = noise_tensor(&[1, 1, 144, 160], 7)?;
    assert_eq!(values(&network(1).forward(&input)?)?, values(&network(3).forward(&input)?)?);
    Ok(())
}

#[test]
fn a_seeded_network_gives_what_it_always_gave() -> Result<()> {
    let input = noise_tensor(&[1, 1, 8, 8], 9)?;
    let output = values(&network(1).forward_half(&input)?)?;
    assert_close(&output, &GOLDEN, 1e-5);
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
    let network = network(1);
    let error = network.forward(&noise_tensor(&[1, 3, 8, 8], 1)?).expect_err("colours");
    assert!(error.to_string().contains("V1 takes one channel, not 3"), "{error}");
    assert!(network.forward(&noise_tensor(&[8, 8], 1)?).is_err());
    Ok(())
}

#[test]
fn other_weights_are_named() {
    let mut tensors = seeded();
    tensors.remove("conv3.bias");
    let missing = "these are not the weights of V1: tensor conv3.bias is missing";
    assert_eq!(refusal(bytes(&tensors)), missing);

    let mut tensors = seeded();
    let wide = noise_tensor(&[32, 32, 5, 5], 1).expect("a tensor");
    tensors.insert("conv2.weight".into(), wide);
    let shape = "these are not the weights of V1: tensor conv2.weight has shape [32, 32, 5, 5], \
                 not [32, 32, 3, 3]";
    assert_eq!(refusal(bytes(&tensors)), shape);

    let mut tensors = seeded();
    tensors.insert("conv13.weight".into(), Tensor::new(&[0f32], &Device::Cpu).expect("a tensor"));
    let unexpected = "these are not the weights of V1: it has no tensor conv13.weight";
    assert_eq!(refusal(bytes(&tensors)), unexpected);

    let mut tensors = seeded();
    let half = tensors["conv1.bias"].to_dtype(DType::F16).expect("a tensor");
    tensors.insert("conv1.bias".into(), half);
    assert_eq!(refusal(bytes(&tensors)), "tensor conv1.bias of the weights has type F16, not F32");

    let mut tensors = seeded();
    let mut bad = noise(64, 1);
    bad[63] = f32::NAN;
    tensors.insert("conv3.bias".into(), Tensor::new(bad, &Device::Cpu).expect("a tensor"));
    let not_finite = "tensor conv3.bias of the weights holds a value that is NaN or infinite";
    assert_eq!(refusal(bytes(&tensors)), not_finite);
}

#[test]
fn damaged_files_are_refused() {
    let whole = bytes(&seeded());
    for cut in [0, 7, 100, whole.len() - 1] {
        let message = refusal(whole[..cut].to_vec());
        assert!(
            message.starts_with("the weights are not a complete safetensors file"),
            "{message}"
        );
        assert!(!message.contains('\n'), "{message}");
    }
    let error = V1::load("no/such/file", &Device::Cpu, pool(1)).expect_err("no file");
    assert!(error.to_string().starts_with("cannot read the weights no/such/file: "), "{error}");
}

/// The `PyTorch` checkpoint and what `PyTorch` made of it, where the environment names their
/// folder.
#[test]
fn pytorch_gives_the_same() -> Result<()> {
    let Some(folder) = std::env::var_os("CHROMABOY_CHECKPOINTS").map(PathBuf::from) else {
        eprintln!("skipped: CHROMABOY_CHECKPOINTS is not set");
        return Ok(());
    };
    let checkpoint = folder.join("v1-random.zip.pth.tar");
    let tensors = candle_core::pickle::read_all_with_key(checkpoint, Some("state_dict"))?;
    let tensors: HashMap<_, _> =
        tensors.into_iter().filter(|(name, _)| name.starts_with("conv")).collect();
    let network = V1::from_bytes(bytes(&tensors), &Device::Cpu, pool(2)).expect("V1");
    let expected = load(folder.join("expected.safetensors"), &Device::Cpu)?;
    let wanted = values(&expected["v1_output"])?;
    let input = &expected["input"];
    assert_close(&values(&network.forward_graph(input)?)?, &wanted, 1e-4);
    assert_close(&values(&network.forward(input)?)?, &wanted, 1e-4);
    Ok(())
}
