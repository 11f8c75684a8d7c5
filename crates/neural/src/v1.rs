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

use crate::layer::{Activation, Layer, Sampling, layer};
use crate::network::Network;

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

/// V1's description.
pub fn network() -> Network {
    let (mut network, last) = Network::chain("V1", &LAYERS);
    network.double(last);
    network
}
