//! Weights that training begins with.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use candle_core::{Device, Tensor};
use neural::checkpoint::Checkpoint;

use super::settings::{NetworkChoice, Settings};

/// `ResNet`-18's parts as torchvision names them, and as V2 does.
const PARTS: [(&str, &str); 4] = [
    ("conv1.", "midlevel_resnet.0."),
    ("bn1.", "midlevel_resnet.1."),
    ("layer1.", "midlevel_resnet.4."),
    ("layer2.", "midlevel_resnet.5."),
];

/// The weights of the network that `settings` choose, from the bytes of a file of them, scaled as is
/// trained.
///
/// # Errors
/// If the file does not hold weights of this network.
pub fn finetune(bytes: &[u8], settings: &Settings) -> anyhow::Result<HashMap<String, Tensor>> {
    let Some(wanted) = settings.network.description() else {
        return Ok(neural::load_v3(bytes, &Device::Cpu)?);
    };
    let (network, mut tensors) = neural::load(bytes, &Device::Cpu)?;
    if network.name() != wanted.name() {
        bail!("these are weights of {}, not of {}", network.name(), wanted.name());
    }
    settings.scaling().make_from_signed(&network, &mut tensors)?;
    Ok(tensors)
}

/// What V2 has of a `ResNet`-18 with the tensor names of torchvision: a safetensors file or a
/// checkpoint of `PyTorch`. The filters of its first convolution are summed over red, green and
/// blue, since V2 sees lightness only.
///
/// # Errors
/// If the file is not that, or the settings choose another network.
pub fn pretrained(path: &Path, settings: &Settings) -> anyhow::Result<HashMap<String, Tensor>> {
    if settings.network != NetworkChoice::V2 {
        bail!("only V2 can begin with the weights of a ResNet-18");
    }
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    encoder(&bytes).with_context(|| path.display().to_string())
}

fn encoder(bytes: &[u8]) -> anyhow::Result<HashMap<String, Tensor>> {
    let theirs = if Checkpoint::is_likely(bytes) {
        let bytes = Checkpoint::from_bytes(bytes)?.to_safetensors()?;
        candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?
    } else {
        candle_core::safetensors::load_buffer(bytes, &Device::Cpu)
            .context("not a complete safetensors file")?
    };
    let mut tensors = HashMap::new();
    let encoder = |(name, _): &(String, Vec<usize>)| name.starts_with("midlevel_resnet.");
    for (name, shape) in neural::v2::network().tensors().filter(encoder) {
        let their_name = PARTS
            .iter()
            .find_map(|(theirs, ours)| {
                name.strip_prefix(ours).map(|rest| format!("{theirs}{rest}"))
            })
            .with_context(|| format!("no name for {name}"))?;
        let Some(tensor) = theirs.get(&their_name) else {
            bail!("these are not the weights of a ResNet-18: tensor {their_name} is missing");
        };
        let tensor = if their_name == "conv1.weight" && tensor.dims().get(1) == Some(&3) {
            tensor.sum_keepdim(1)?
        } else {
            tensor.clone()
        };
        if tensor.dims() != shape {
            let found = tensor.dims();
            bail!("tensor {their_name} has shape {found:?}, which is not a ResNet-18's");
        }
        tensors.insert(name, tensor.to_dtype(candle_core::DType::F32)?);
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::DType;

    fn resnet() -> HashMap<String, Tensor> {
        let v2 = neural::v2::network();
        let mut tensors = HashMap::new();
        for (name, mut shape) in v2.tensors() {
            let part = PARTS.iter().find(|(_, ours)| name.starts_with(ours));
            let Some((theirs, ours)) = part else { continue };
            let name = name.replacen(ours, theirs, 1);
            if name == "conv1.weight" {
                shape[1] = 3;
            }
            tensors.insert(name, Tensor::ones(shape, DType::F32, &Device::Cpu).expect("a tensor"));
        }
        tensors.insert("fc.bias".into(), Tensor::ones(9, DType::F32, &Device::Cpu).expect("ones"));
        tensors
    }

    #[test]
    fn the_filters_of_the_three_colors_are_summed() -> anyhow::Result<()> {
        let bytes = safetensors::serialize(resnet(), None)?;
        let ours = encoder(&bytes)?;
        let stem = &ours["midlevel_resnet.0.weight"];
        assert_eq!(stem.dims(), [64, 1, 7, 7]);
        let (least, greatest) = (stem.min_all()?, stem.max_all()?);
        assert!((least.to_vec0::<f32>()? - 3.0).abs() < 1e-6);
        assert!((greatest.to_vec0::<f32>()? - 3.0).abs() < 1e-6);
        assert_eq!(ours["midlevel_resnet.5.0.downsample.0.weight"].dims(), [128, 64, 1, 1]);
        assert!(ours.keys().all(|name| name.starts_with("midlevel_resnet.")));
        Ok(())
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut tensors = resnet();
        tensors.remove("layer2.1.bn2.running_var");
        let bytes = safetensors::serialize(tensors, None).expect("tensors");
        let error = encoder(&bytes).expect_err("incomplete").to_string();
        assert!(error.contains("tensor layer2.1.bn2.running_var is missing"), "{error}");
    }
}
