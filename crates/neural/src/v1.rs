//! V1, the article's best network (`ColorCNN_v1_small`): twelve 3x3 convolutions.
//!
//! | | channels | output | then |
//! |---|---|---|---|
//! | conv1 | 1 to 32 | 144x160 | ReLU |
//! | conv2 | 32 to 32, stride 2 | 72x80 | ReLU |
//! | conv3 | 32 to 64 | 72x80 | ReLU |
//! | conv4 | 64 to 64, stride 2 | 36x40 | ReLU |
//! | conv5 | 64 to 128 | 36x40 | ReLU |
//! | conv6 | 128 to 128, stride 2 | 18x20 | ReLU |
//! | conv7 | 128 to 256 | 18x20 | ReLU |
//! | conv8 | 256 to 128 | 18x20 | ReLU |
//! | conv9 | 128 to 64 | 18x20 | ReLU, nearest x2 |
//! | conv10 | 64 to 32 | 36x40 | ReLU, nearest x2 |
//! | conv11 | 32 to 16 | 72x80 | ReLU |
//! | conv12 | 16 to 2 | 72x80 | tanh, nearest x2 |

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Module, Result, Shape, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, VarBuilder};
use rayon::ThreadPool;

use crate::conv::{self, Geometry};
use crate::layer::{Activation, Layer, Sampling, pack_weights};
use crate::ops::contiguous_slice;
use crate::weights::{self, Error};

/// The network's name in messages.
pub const NAME: &str = "V1";

/// The layers, first to last.
pub const LAYERS: [Layer; 12] = [
    layer("conv1", 1, 32, Sampling::Same),
    layer("conv2", 32, 32, Sampling::Halved),
    layer("conv3", 32, 64, Sampling::Same),
    layer("conv4", 64, 64, Sampling::Halved),
    layer("conv5", 64, 128, Sampling::Same),
    layer("conv6", 128, 128, Sampling::Halved),
    layer("conv7", 128, 256, Sampling::Same),
    layer("conv8", 256, 128, Sampling::Same),
    layer("conv9", 128, 64, Sampling::Same),
    layer("conv10", 64, 32, Sampling::Doubled),
    layer("conv11", 32, 16, Sampling::Doubled),
    Layer { activation: Activation::Tanh, ..layer("conv12", 16, 2, Sampling::Same) },
];

const fn layer(name: &'static str, inputs: usize, outputs: usize, sampling: Sampling) -> Layer {
    Layer { name, inputs, outputs, sampling, activation: Activation::Relu }
}

/// V1 with its weights on a device.
///
/// As a [`Module`] it maps L*/100, of shape (N, 1, H, W), to a*/128 and b*/128, of shape
/// (N, 2, H, W) where H and W are multiples of 8 (others are rounded up to them). Lines and
/// columns come in pairs of equal values: [`forward_half`](Self::forward_half) gives each once.
///
/// On the CPU the network runs as one custom operation with its own kernels, elsewhere as
/// candle's graph.
#[derive(Clone)]
pub struct V1 {
    graph: Vec<Conv2d>,
    packed: Arc<Packed>,
    pool: Arc<ThreadPool>,
}

impl V1 {
    /// Loads the weights from a safetensors file; `pool` is where the CPU computes.
    ///
    /// # Errors
    /// Whatever is wrong with the file, naming the first tensor that is not V1's.
    pub fn load(
        path: impl AsRef<Path>,
        device: &Device,
        pool: Arc<ThreadPool>,
    ) -> std::result::Result<Self, Error> {
        Self::from_bytes(weights::read(path.as_ref())?, device, pool)
    }

    /// As [`load`](Self::load), from the bytes of such a file.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes, naming the first tensor that is not V1's.
    pub fn from_bytes(
        bytes: Vec<u8>,
        device: &Device,
        pool: Arc<ThreadPool>,
    ) -> std::result::Result<Self, Error> {
        weights::check(&bytes, NAME, &LAYERS)?;
        let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, device)?;
        Ok(Self::new(&weights, pool)?)
    }

    /// Takes the tensors `conv1.weight`, `conv1.bias` ... `conv12.bias` from `weights`.
    ///
    /// # Errors
    /// If one is missing or has another shape.
    pub fn new(weights: &VarBuilder<'_>, pool: Arc<ThreadPool>) -> Result<Self> {
        let graph: Vec<Conv2d> =
            LAYERS.iter().map(|layer| graph_layer(layer, weights)).collect::<Result<_>>()?;
        let packed = Arc::new(Packed::new(&graph)?);
        Ok(Self { graph, packed, pool })
    }

    /// The output before its last doubling: (N, 2, H/2, W/2), a*/128 and b*/128.
    ///
    /// # Errors
    /// If the input is not (N, 1, H, W), contiguous and `f32`.
    pub fn forward_half(&self, lightness: &Tensor) -> Result<Tensor> {
        if !lightness.device().is_cpu() {
            return self.forward_graph_half(lightness);
        }
        let op = Engine { packed: Arc::clone(&self.packed) };
        self.pool.install(|| lightness.contiguous()?.apply_op1_no_bwd(&op))
    }

    /// The same as the [`Module`]'s forward, by candle's own operations on any device.
    ///
    /// # Errors
    /// If the input is not (N, 1, H, W) and `f32`.
    pub fn forward_graph(&self, lightness: &Tensor) -> Result<Tensor> {
        double(&self.forward_graph_half(lightness)?)
    }

    fn forward_graph_half(&self, lightness: &Tensor) -> Result<Tensor> {
        let mut xs = lightness.clone();
        for (layer, conv) in LAYERS.iter().zip(&self.graph) {
            if layer.sampling == Sampling::Doubled {
                xs = double(&xs)?;
            }
            xs = xs.apply(conv)?;
            xs = match layer.activation {
                Activation::None => xs,
                Activation::Relu => xs.relu()?,
                Activation::Tanh => xs.tanh()?,
            };
        }
        Ok(xs)
    }
}

impl Module for V1 {
    fn forward(&self, lightness: &Tensor) -> Result<Tensor> {
        double(&self.forward_half(lightness)?)
    }
}

impl fmt::Debug for V1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V1")
            .field("threads", &self.pool.current_num_threads())
            .finish_non_exhaustive()
    }
}

fn graph_layer(layer: &Layer, weights: &VarBuilder<'_>) -> Result<Conv2d> {
    let stride = if layer.sampling == Sampling::Halved { 2 } else { 1 };
    let config = Conv2dConfig { padding: 1, stride, ..Conv2dConfig::default() };
    candle_nn::conv2d(layer.inputs, layer.outputs, 3, config, weights.pp(layer.name))
}

fn double(xs: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = xs.dims4()?;
    xs.upsample_nearest2d(height * 2, width * 2)
}

struct Packed {
    /// Weights and biases of each layer.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Packed {
    fn new(graph: &[Conv2d]) -> Result<Self> {
        let pack = |(layer, conv): (&Layer, &Conv2d)| {
            let weights = conv.weight().flatten_all()?.to_vec1()?;
            let bias = match conv.bias() {
                Some(bias) => bias.to_vec1()?,
                None => vec![0.0; layer.outputs],
            };
            Ok((pack_weights(&weights, layer.inputs, layer.outputs), bias))
        };
        Ok(Self { layers: LAYERS.iter().zip(graph).map(pack).collect::<Result<_>>()? })
    }
}

/// The whole network on the CPU, up to the last doubling.
struct Engine {
    packed: Arc<Packed>,
}

impl CustomOp1 for Engine {
    fn name(&self) -> &'static str {
        "v1"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (batch, channels, mut height, mut width) = layout.shape().dims4()?;
        if channels != 1 {
            candle_core::bail!("V1 takes one channel, not {channels}");
        }
        // With one channel, channels first and channels last are the same.
        let mut xs = contiguous_slice(storage, layout)?.to_vec();
        for (layer, (weights, bias)) in LAYERS.iter().zip(&self.packed.layers) {
            let Layer { inputs, outputs, sampling, .. } = *layer;
            let geometry = Geometry { height, width, inputs, outputs, sampling };
            xs = conv::forward(&geometry, &xs, weights, bias, layer.activation);
            (height, width) = (geometry.output_height(), geometry.output_width());
        }
        let planes = channels_first(&xs, batch, height * width);
        Ok((CpuStorage::F32(planes), (batch, 2, height, width).into()))
    }
}

/// Separates the pairs of each pixel into two planes per picture.
fn channels_first(pairs: &[f32], batch: usize, pixels: usize) -> Vec<f32> {
    let mut planes = Vec::with_capacity(pairs.len());
    for picture in 0..batch {
        let picture = &pairs[picture * pixels * 2..][..pixels * 2];
        planes.extend(picture.iter().step_by(2));
        planes.extend(picture.iter().skip(1).step_by(2));
    }
    planes
}

#[cfg(test)]
mod tests;
