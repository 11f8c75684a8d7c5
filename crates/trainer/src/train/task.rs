//! What a run learns, apart from how it goes on.

use std::collections::HashMap;

use candle_core::{Tensor, Var};

use super::Error;
use super::plot::Picture;
use super::validate::Validation;

/// A network with the examples that it learns from, and what it is judged by.
pub trait Task {
    /// The loss of a step's batch, which follows from the settings' seed and nothing else.
    fn loss(&mut self, step: u64) -> Result<Tensor, Error>;

    /// The variables by name, in a fixed order.
    fn variables(&self) -> &[(String, Var)];

    /// Everything of the network that a checkpoint must hold.
    fn tensors(&self) -> candle_core::Result<HashMap<String, Tensor>>;

    /// Takes over those of the network's tensors that are given.
    fn take(&mut self, tensors: &HashMap<String, Tensor>) -> candle_core::Result<()>;

    /// A file of the network's own kind that holds any tensors, such as a checkpoint.
    fn pack(&self, tensors: &HashMap<String, Tensor>) -> Result<Vec<u8>, Error>;

    /// The network of these [`tensors`](Self::tensors), as others will use it.
    fn judge(&self, tensors: HashMap<String, Tensor>) -> Result<Box<dyn Judge + '_>, Error>;
}

/// Weights that are judged.
pub trait Judge {
    /// The file of weights.
    fn file(&self) -> &[u8];

    /// The scores on frames that were not learned from.
    fn validate(&self) -> Result<Validation, Error>;

    /// What the weights make of some of these frames.
    fn sheet(&self) -> Result<Picture, Error>;
}
