//! Files that are not what they should be.

use super::*;

fn refusal(bytes: &[u8]) -> String {
    let error = Model::from_bytes(bytes, &Device::Cpu, exact(1));
    error.expect_err("not a network's weights").to_string()
}

#[test]
fn files_are_recognized_by_their_tensors_or_their_name() {
    for network in NETWORKS.map(|network| network()) {
        let found = Model::from_bytes(&bytes(&seeded(&network)), &Device::Cpu, exact(1));
        assert_eq!(found.expect("a network").network(), &network);
    }
    let named = |name: &str| {
        let metadata = HashMap::from([("network".to_string(), name.to_string())]);
        refusal(&serialize(&seeded(&v1::network()), Some(metadata)).expect("a file"))
    };
    let shape = "these are not the weights of V0: tensor conv1.weight has shape [32, 1, 3, 3], \
                 not [8, 1, 3, 3]";
    assert_eq!(named("V0"), shape);
    assert_eq!(named("V9"), "these are weights of \"V9\", but the networks are V0, V1 and V2");
}

#[test]
fn counts_of_batches_are_passed_over() {
    let mut tensors = seeded(&v2::network());
    let count = Tensor::new(7i64, &Device::Cpu).expect("a tensor");
    tensors.insert("midlevel_resnet.1.num_batches_tracked".into(), count);
    Model::from_bytes(&bytes(&tensors), &Device::Cpu, exact(1)).expect("V2");
}

#[test]
fn files_of_something_else_are_refused() {
    let tensors = HashMap::from([("wte".to_string(), noise_tensor(&[3], 1).expect("a tensor"))]);
    let message = "these are not the weights of V0, V1 or V2: none of them has a tensor wte of \
                   this shape";
    assert_eq!(refusal(&bytes(&tensors)), message);
    let message = "these are not the weights of V0, V1 or V2: the file holds no tensors";
    assert_eq!(refusal(&bytes(&HashMap::new())), message);
}

#[test]
fn other_weights_are_named() {
    let mut tensors = seeded(&v1::network());
    tensors.remove("conv3.bias");
    let missing = "these are not the weights of V1: tensor conv3.bias is missing";
    assert_eq!(refusal(&bytes(&tensors)), missing);

    let mut tensors = seeded(&v1::network());
    let wide = noise_tensor(&[32, 32, 5, 5], 1).expect("a tensor");
    tensors.insert("conv2.weight".into(), wide);
    let shape = "these are not the weights of V1: tensor conv2.weight has shape [32, 32, 5, 5], \
                 not [32, 32, 3, 3]";
    assert_eq!(refusal(&bytes(&tensors)), shape);

    let mut tensors = seeded(&v1::network());
    tensors.insert("conv13.weight".into(), Tensor::new(&[0f32], &Device::Cpu).expect("a tensor"));
    let unexpected = "these are not the weights of V1: it has no tensor conv13.weight";
    assert_eq!(refusal(&bytes(&tensors)), unexpected);

    let mut tensors = seeded(&v1::network());
    let half = tensors["conv1.bias"].to_dtype(DType::F16).expect("a tensor");
    tensors.insert("conv1.bias".into(), half);
    assert_eq!(refusal(&bytes(&tensors)), "tensor conv1.bias of the weights has type F16, not F32");

    let mut tensors = seeded(&v1::network());
    let mut bad = noise(64, 1);
    bad[63] = f32::NAN;
    tensors.insert("conv3.bias".into(), Tensor::new(bad, &Device::Cpu).expect("a tensor"));
    let not_finite = "tensor conv3.bias of the weights holds a value that is NaN or infinite";
    assert_eq!(refusal(&bytes(&tensors)), not_finite);
}

#[test]
fn damaged_files_are_refused() {
    let whole = bytes(&seeded(&v1::network()));
    for cut in [0, 7, 100, whole.len() - 1] {
        let message = refusal(&whole[..cut]);
        assert!(
            message.starts_with("the weights are not a complete safetensors file"),
            "{message}"
        );
        assert!(!message.contains('\n'), "{message}");
    }
}
