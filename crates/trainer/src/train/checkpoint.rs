//! What a run must remember in order to go on.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor, bail};

/// Removes a tensor that a checkpoint must hold.
pub fn take(tensors: &mut HashMap<String, Tensor>, name: &str) -> Result<Tensor> {
    match tensors.remove(name) {
        Some(tensor) => Ok(tensor),
        None => bail!("the checkpoint lacks the tensor {name}"),
    }
}

/// Adds tensors with this before their names.
pub fn put_all(
    checkpoint: &mut HashMap<String, Tensor>,
    prefix: &str,
    tensors: HashMap<String, Tensor>,
) {
    let named = tensors.into_iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor));
    checkpoint.extend(named);
}

/// Removes all tensors with this before their names, of which the checkpoint must have those that
/// `like` has, in the same shapes.
pub fn take_all(
    checkpoint: &mut HashMap<String, Tensor>,
    prefix: &str,
    like: &HashMap<String, Tensor>,
) -> Result<HashMap<String, Tensor>> {
    let mut tensors = HashMap::new();
    for (name, like) in like {
        let tensor = take(checkpoint, &format!("{prefix}{name}"))?;
        if tensor.dims() != like.dims() {
            let (found, expected) = (tensor.dims(), like.dims());
            bail!("the checkpoint's tensor {name} has shape {found:?}, not {expected:?}");
        }
        tensors.insert(name.clone(), tensor);
    }
    Ok(tensors)
}

/// Numbers as a tensor of a checkpoint; none at all are one that is not a number.
pub fn numbers(values: &[f64]) -> Result<Tensor> {
    // Tensors without values cannot be made.
    Tensor::new(if values.is_empty() { &[f64::NAN] } else { values }, &Device::Cpu)
}

/// What [`numbers`] was given.
pub fn take_numbers(tensors: &mut HashMap<String, Tensor>, name: &str) -> Result<Vec<f64>> {
    let values: Vec<f64> = take(tensors, name)?.to_vec1()?;
    Ok(if matches!(values[..], [only] if only.is_nan()) { Vec::new() } else { values })
}
