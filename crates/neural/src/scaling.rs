//! What a network's output stands for.

use std::collections::HashMap;

use candle_core::{Result, Tensor};

use crate::layer::Activation;
use crate::network::Network;

/// How a* and b* are scaled, which the article's checkpoints call `lab_version`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// Version 1: a*/128 and b*/128, from -1 to 1. V0 and V1 end in tanh.
    #[default]
    Signed,
    /// Version 2: (a*/128 + 1) / 2 and the same of b*, from 0 to 1. V0 and V1 end in the logistic
    /// sigmoid where they ended in tanh.
    Unit,
}

impl Scaling {
    /// The scaling of this `lab_version`.
    pub fn from_version(version: &str) -> Option<Self> {
        match version {
            "1" => Some(Self::Signed),
            "2" => Some(Self::Unit),
            _ => None,
        }
    }

    /// The `lab_version`.
    pub fn version(self) -> u32 {
        match self {
            Self::Signed => 1,
            Self::Unit => 2,
        }
    }

    /// A value of a*/128 or b*/128 as the network is to give it.
    pub fn scale(self, signed: f32) -> f32 {
        match self {
            Self::Signed => signed,
            Self::Unit => signed.midpoint(1.0),
        }
    }

    /// Changes the tensors of `network` so that what it computes is [`Signed`](Self::Signed).
    ///
    /// With s the sigmoid, 2 s(x) - 1 is tanh(x / 2): halving the last weights and biases makes
    /// the network with tanh give the same colors. Where nothing follows the last convolution,
    /// they are doubled, and 1 is taken from the biases.
    ///
    /// # Errors
    /// If a tensor of the last convolution cannot be computed with.
    pub fn make_signed(
        self,
        network: &Network,
        tensors: &mut HashMap<String, Tensor>,
    ) -> Result<()> {
        let (factor, offset) = self.last_layer(network);
        change_last(network, tensors, factor, offset)
    }

    /// The inverse of [`make_signed`](Self::make_signed).
    ///
    /// # Errors
    /// If a tensor of the last convolution cannot be computed with.
    pub fn make_from_signed(
        self,
        network: &Network,
        tensors: &mut HashMap<String, Tensor>,
    ) -> Result<()> {
        let (factor, offset) = self.last_layer(network);
        change_last(network, tensors, 1.0 / factor, -offset / factor)
    }

    /// What the last weights and biases are multiplied by, and what is added to the biases.
    fn last_layer(self, network: &Network) -> (f64, f64) {
        let last = network.convs().last().map(|conv| conv.activation);
        match (self, last) {
            (Self::Signed, _) => (1.0, 0.0),
            (Self::Unit, Some(Activation::Tanh)) => (0.5, 0.0),
            (Self::Unit, _) => (2.0, -1.0),
        }
    }
}

fn change_last(
    network: &Network,
    tensors: &mut HashMap<String, Tensor>,
    factor: f64,
    offset: f64,
) -> Result<()> {
    let Some(last) = network.convs().last() else { return Ok(()) };
    for (tensor, offset) in [("weight", 0.0), ("bias", offset)] {
        if let Some(tensor) = tensors.get_mut(&format!("{}.{tensor}", last.name)) {
            *tensor = tensor.affine(factor, offset)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_back() {
        for scaling in [Scaling::Signed, Scaling::Unit] {
            assert_eq!(Scaling::from_version(&scaling.version().to_string()), Some(scaling));
        }
        assert_eq!(Scaling::from_version("3"), None);
    }

    #[test]
    fn the_unit_scale_goes_from_zero_to_one() {
        for (signed, unit) in [(-1.0, 0.0), (0.0, 0.5), (0.5, 0.75), (1.0, 1.0)] {
            assert!((Scaling::Unit.scale(signed) - unit).abs() < 1e-9);
        }
        assert!((Scaling::Signed.scale(-0.3) + 0.3).abs() < 1e-9);
    }
}
