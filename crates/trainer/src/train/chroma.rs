//! V0, V1 and V2: a* and b* of each pixel, from its lightness.

use std::collections::HashMap;

use candle_core::{Device, Tensor, Var};

use super::Error;
use super::batch::Batch;
use super::corpus::Corpus;
use super::network::Network;
use super::plot::Picture;
use super::samples;
use super::settings::Settings;
use super::task::{Judge, Task};
use super::validate::{Validation, Validator};

/// A network of pixels and its examples.
#[derive(Debug)]
pub struct Chroma<'a> {
    corpus: &'a Corpus,
    settings: &'a Settings,
    device: Device,
    network: Network,
}

/// Weights of such a network.
#[derive(Debug)]
struct Judged<'a> {
    corpus: &'a Corpus,
    file: Vec<u8>,
    validator: Validator<'a>,
}

impl<'a> Chroma<'a> {
    /// With initial weights by the settings.
    pub fn new(
        corpus: &'a Corpus,
        settings: &'a Settings,
        device: &Device,
    ) -> candle_core::Result<Self> {
        let network = Network::new(settings, device)?;
        Ok(Self { corpus, settings, device: device.clone(), network })
    }
}

impl Task for Chroma<'_> {
    fn loss(&mut self, step: u64) -> Result<Tensor, Error> {
        let batch = Batch::of_step(self.corpus, self.settings, step);
        let (input, target) = batch.tensors(&self.device)?;
        Ok((self.network.forward(&input)? - target)?.sqr()?.mean_all()?)
    }

    fn variables(&self) -> &[(String, Var)] {
        self.network.variables()
    }

    fn tensors(&self) -> candle_core::Result<HashMap<String, Tensor>> {
        self.network.tensors()
    }

    fn take(&mut self, tensors: &HashMap<String, Tensor>) -> candle_core::Result<()> {
        self.network.take(tensors)
    }

    fn pack(&self, tensors: &HashMap<String, Tensor>) -> Result<Vec<u8>, Error> {
        Ok(neural::save(self.network.description(), self.network.scaling(), tensors)?)
    }

    fn judge(&self, tensors: HashMap<String, Tensor>) -> Result<Box<dyn Judge + '_>, Error> {
        let mut weights = self.network.fold(tensors)?;
        let file = self.pack(&weights)?;
        let description = self.network.description();
        self.network.scaling().make_signed(description, &mut weights)?;
        let validator = Validator::new(description, weights, self.settings)?;
        Ok(Box::new(Judged { corpus: self.corpus, file, validator }))
    }
}

impl Judge for Judged<'_> {
    fn file(&self) -> &[u8] {
        &self.file
    }

    fn validate(&self) -> Result<Validation, Error> {
        self.validator.validate(self.corpus)
    }

    fn sheet(&self) -> Result<Picture, Error> {
        Ok(samples::sheet(self.corpus, &self.validator)?)
    }
}
