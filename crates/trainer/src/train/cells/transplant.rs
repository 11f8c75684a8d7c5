//! Weights of V3 for another palette.

use std::collections::HashMap;

use candle_core::{Context as _, Device, Result, Tensor};
use colorizer::Oklab;
use neural::v3::{CHANNELS, COLORS, INDICES, PALETTE};

use super::super::palette::Palette;

/// Layers whose outputs are [`COLORS`] for each index.
const OUTPUTS: [&str; 4] = ["grid.1.weight", "grid.1.bias", "object.1.weight", "object.1.bias"];
/// Layers of whose inputs some are [`COLORS`], and where those begin.
const INPUTS: [(&str, usize); 2] =
    [("like.0.weight", 0), ("pin.value.0.weight", CHANNELS + INDICES)];

/// Makes weights of V3 that have a palette of their own those of another: each color is taken for
/// the one of theirs that it is nearest to. Without a palette they stay as they are.
///
/// # Errors
/// If a tensor has not the shape that it must have.
pub fn transplant(
    tensors: &HashMap<String, Tensor>,
    to: &Palette,
) -> Result<HashMap<String, Tensor>> {
    let mut tensors = tensors.clone();
    let Some(palette) = tensors.remove(PALETTE) else { return Ok(tensors) };
    let from: Vec<Oklab> = palette
        .to_vec2::<f32>()?
        .iter()
        .map(|color| Oklab::from_srgb([0, 1, 2].map(|channel| color[channel].round() as u8)))
        .collect();
    let nearest = to.to_srgb().into_iter().map(|color| {
        let color = Oklab::from_srgb(color);
        let distances = from.iter().map(|other| other.squared_distance(color)).enumerate();
        distances.min_by(|(_, x), (_, y)| x.total_cmp(y)).map_or(0, |(at, _)| at as u32)
    });
    let nearest: Vec<u32> = nearest.collect();
    for name in OUTPUTS {
        let tensor = tensors.get(name).context("a layer of V3")?;
        let rows = (0..INDICES as u32)
            .flat_map(|index| nearest.iter().map(move |color| index * COLORS as u32 + color));
        let rows = Tensor::from_iter(rows, &Device::Cpu)?;
        tensors.insert(name.to_owned(), tensor.index_select(&rows, 0)?);
    }
    for (name, first) in INPUTS {
        let tensor = tensors.get(name).context("a layer of V3")?;
        let first = first as u32;
        let after = first + COLORS as u32..tensor.dim(1)? as u32;
        let columns = (0..first).chain(nearest.iter().map(|color| first + color)).chain(after);
        let columns = Tensor::from_iter(columns, &Device::Cpu)?;
        tensors.insert(name.to_owned(), tensor.index_select(&columns, 1)?);
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use neural::v3;

    use super::super::super::corpus::Corpus;
    use super::*;

    #[test]
    fn colors_keep_what_was_learned_of_those_like_them() -> Result<()> {
        let to = Palette::of(&Corpus::default(), COLORS);
        // All of the new palette are black; the last of the old one is.
        let mut old = vec![255f32; COLORS * 3];
        old[COLORS * 3 - 3..].fill(0.0);
        let mut tensors = HashMap::new();
        for (name, shape) in v3::tensors() {
            let values: Vec<f32> = (0..shape.iter().product()).map(|i: usize| i as f32).collect();
            tensors.insert(name, Tensor::from_vec(values, shape, &Device::Cpu)?);
        }
        let untouched = transplant(&tensors, &to)?;
        let whole =
            |values: Vec<f32>| values.iter().map(|&value| value as usize).collect::<Vec<_>>();
        assert_eq!(whole(untouched["grid.1.bias"].to_vec1()?)[5], 5);
        tensors.insert(PALETTE.into(), Tensor::from_vec(old, (COLORS, 3), &Device::Cpu)?);
        let new = transplant(&tensors, &to)?;
        assert!(!new.contains_key(PALETTE) && new.len() == tensors.len() - 1);
        let bias = whole(new["grid.1.bias"].to_vec1()?);
        let last = |index: usize| index * COLORS + COLORS - 1;
        assert!((0..4 * COLORS).all(|at| bias[at] == last(at / COLORS)), "{bias:?}");
        for (name, first) in INPUTS {
            let values = |tensors: &HashMap<String, Tensor>| -> Result<Vec<usize>> {
                Ok(whole(tensors[name].get(0)?.flatten_all()?.to_vec1()?))
            };
            let (was, is) = (values(&tensors)?, values(&new)?);
            assert_eq!(was.len(), is.len());
            for at in 0..is.len() {
                let color = (first..first + COLORS).contains(&at);
                assert_eq!(is[at], was[if color { first + COLORS - 1 } else { at }], "{name} {at}");
            }
        }
        Ok(())
    }
}
