//! V0, the article's first network (`ColorCNN_v0`): nine 3x3 convolutions.
//!
//! | | channels | output | then |
//! |---|---|---|---|
//! | conv1 | 1 to 8, stride 2 | 72x80 | ReLU |
//! | conv2 | 8 to 8 | 72x80 | ReLU |
//! | conv3 | 8 to 16 | 72x80 | ReLU |
//! | conv4 | 16 to 16, stride 2 | 36x40 | ReLU |
//! | conv5 | 16 to 32 | 36x40 | ReLU |
//! | conv6 | 32 to 32, stride 2 | 18x20 | ReLU, nearest x2 |
//! | conv7 | 32 to 32 | 36x40 | ReLU, nearest x2 |
//! | conv8 | 32 to 16 | 72x80 | ReLU, nearest x2 |
//! | conv9 | 16 to 2 | 144x160 | tanh |

use crate::layer::{Activation, Layer, Sampling, layer};
use crate::network::Network;

/// The layers, first to last.
pub const LAYERS: [Layer; 9] = [
    layer("conv1", 1, 8, Sampling::Halved),
    layer("conv2", 8, 8, Sampling::Same),
    layer("conv3", 8, 16, Sampling::Same),
    layer("conv4", 16, 16, Sampling::Halved),
    layer("conv5", 16, 32, Sampling::Same),
    layer("conv6", 32, 32, Sampling::Halved),
    layer("conv7", 32, 32, Sampling::Doubled),
    layer("conv8", 32, 16, Sampling::Doubled),
    Layer { activation: Activation::Tanh, ..layer("conv9", 16, 2, Sampling::Doubled) },
];

/// V0's description.
pub fn network() -> Network {
    Network::chain("V0", &LAYERS).0
}
