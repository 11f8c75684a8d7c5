//! A network with its weights on a device.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use candle_core::{DType, Device, Module, Result, Tensor};
use gameboy::{HEIGHT, WIDTH};

use crate::engine::{Engine, MissingTensor, Weights};
use crate::graph::{self, Graph};
use crate::kernels::{self, KernelChoice};
use crate::network::{Network, Value};
use crate::operator::Operator;
use crate::precision::Precision;
use crate::{calibration, threads, weights};

/// Why a network cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The weights are not the network's.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// A tensor is missing that was not read from a file.
    #[error(transparent)]
    Tensor(#[from] MissingTensor),
    /// The processor lacks instructions that were asked for.
    #[error(transparent)]
    Kernel(#[from] kernels::Error),
    /// The system gives no threads.
    #[error("cannot start the network's threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// How a network runs on the CPU. On other devices nothing of it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads that compute; by default all cores but one, at least one.
    pub threads: NonZeroUsize,
    /// Instructions.
    pub kernel: KernelChoice,
    /// How exactly.
    pub precision: Precision,
}

impl Default for Options {
    fn default() -> Self {
        let threads = threads::default_threads();
        Self { threads, kernel: KernelChoice::Auto, precision: Precision::Auto }
    }
}

/// A network with its weights on a device.
///
/// As a [`Module`] it maps L*/100, of shape (N, 1, H, W), to a*/128 and b*/128, of shape
/// (N, 2, H, W) where H and W are multiples of 8 (others are rounded up to them).
///
/// On the CPU the network runs as one custom operation with kernels of its own, elsewhere as
/// candle's graph.
#[derive(Clone)]
pub struct Model {
    network: Network,
    graph: Graph,
    engine: Option<Arc<Engine>>,
    output: Value,
    doublings: u32,
    options: Options,
}

impl Model {
    /// Loads the weights of V0, V1 or V2: the bytes of a safetensors file, or of a
    /// [checkpoint of PyTorch](crate::checkpoint).
    ///
    /// # Errors
    /// Whatever is wrong with the bytes, naming the first tensor that does not fit; or if the
    /// options cannot be had.
    pub fn from_bytes(
        bytes: &[u8],
        device: &Device,
        options: Options,
    ) -> std::result::Result<Self, Error> {
        let (network, tensors) = weights::load(bytes, device)?;
        Self::new(network, tensors, device, options)
    }

    /// A network with these tensors, which lie on `device`.
    ///
    /// # Errors
    /// If one is missing or has another size, or if the options cannot be had.
    pub fn new(
        network: Network,
        tensors: HashMap<String, Tensor>,
        device: &Device,
        options: Options,
    ) -> std::result::Result<Self, Error> {
        let (engine, precision) = match device {
            Device::Cpu => {
                let (engine, precision) = engine(&network, &tensors, options)?;
                (Some(Arc::new(engine)), precision)
            }
            _ => (None, Precision::F32),
        };
        let options = Options { precision, ..options };
        let (output, doublings) = network.undoubled_output();
        let graph = Graph::new(network.clone(), tensors);
        Ok(Self { network, graph, engine, output, doublings, options })
    }

    /// The network that it runs.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// How it runs; the precision is the one that `Auto` has found.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How often the [output](Self::forward_undoubled) is yet to be doubled.
    pub fn doublings(&self) -> u32 {
        self.doublings
    }

    /// The output before the doublings at the network's end, if it has any: V1's and V2's is half
    /// as high and wide as the input, V0's is as large as the input.
    ///
    /// # Errors
    /// If the input is not (N, 1, H, W) and `f32`.
    pub fn forward_undoubled(&self, lightness: &Tensor) -> Result<Tensor> {
        match &self.engine {
            Some(engine) if lightness.device().is_cpu() => {
                lightness.contiguous()?.apply_op1_no_bwd(&Operator(Arc::clone(engine)))
            }
            _ => self.graph.forward(lightness, self.output),
        }
    }

    /// The same as the [`Module`]'s forward, by candle's own operations on any device.
    ///
    /// # Errors
    /// If the input is not (N, 1, H, W) and `f32`.
    pub fn forward_graph(&self, lightness: &Tensor) -> Result<Tensor> {
        self.finish(self.graph.forward(lightness, self.output)?)
    }

    fn finish(&self, mut output: Tensor) -> Result<Tensor> {
        for _ in 0..self.doublings {
            output = graph::double(&output)?;
        }
        Ok(output)
    }
}

impl Module for Model {
    fn forward(&self, lightness: &Tensor) -> Result<Tensor> {
        self.finish(self.forward_undoubled(lightness)?)
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("network", &self.network.name())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// The engine and its precision, which is never `Auto`.
fn engine(
    network: &Network,
    tensors: &HashMap<String, Tensor>,
    options: Options,
) -> std::result::Result<(Engine, Precision), Error> {
    let kernel = options.kernel.kernel()?;
    let pool = match options.threads.get() {
        1 => None,
        _ => Some(threads::pool(options.threads)?),
    };
    let values = |tensor: &Tensor| tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1();
    let copy = |(name, tensor): (&String, &Tensor)| Ok((name.clone(), values(tensor)?));
    let values = tensors.iter().map(copy).collect::<Result<_>>().map_err(weights::Error::from)?;
    let values = Weights::new(values);
    let engine = match options.precision {
        Precision::Auto | Precision::F32 => Engine::new(network, &values, kernel, pool)?,
        Precision::Bf16 => Engine::with_halves(network, &values, kernel, pool)?,
        Precision::Int8 => {
            let pictures = calibration::pictures();
            let calibration = (&pictures[..], HEIGHT, WIDTH);
            Engine::with_bytes(network, &values, kernel, pool, calibration)?
        }
    };
    let precision = match options.precision {
        Precision::Auto => Precision::F32,
        precision => precision,
    };
    Ok((engine, precision))
}

#[cfg(test)]
mod tests;
