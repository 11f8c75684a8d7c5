//! Neural colourizers on candle: networks, weights, CPU kernels.
//!
//! [`FrameColorizer`] colors the frames of a running game by any file of weights, those of other
//! emulators as well. [`Neural`] and [`v3::Painter`] are what it is made of: a [`colorizer::ChromaSource`]
//! and a [`colorizer::cell_color::CellSource`]. [`Model`] is the network itself, made from a [description](network::Network) such as
//! [`v1::network`]; [`ops`] and [`layer`] are the pieces that training builds on.
//!
//! ```no_run
//! use neural::{DeviceChoice, Neural};
//!
//! let device = DeviceChoice::Auto.open()?;
//! let network = Neural::load("models/v1.safetensors", &device)?;
//! println!("{}", network.description());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod calibration;
pub mod checkpoint;
mod conv;
mod device;
mod engine;
mod frame_colorizer;
mod graph;
mod kernels;
pub mod layer;
mod model;
pub mod network;
mod neural;
mod operator;
pub mod ops;
mod precision;
mod scaling;
#[cfg(test)]
mod testing;
pub mod threads;
pub mod v0;
pub mod v1;
pub mod v2;
pub mod v3;
mod weights;

pub use device::{DeviceChoice, Error as DeviceError, describe};
pub use engine::MissingTensor;
pub use frame_colorizer::{FrameColorizer, Settings, Timing};
pub use kernels::{Error as KernelError, KernelChoice};
pub use model::{Error, Model, Options};
pub use network::Network;
pub use neural::Neural;
pub use precision::{Error as PrecisionError, Precision};
pub use scaling::Scaling;
pub use weights::{
    Error as WeightsError, identify, is_v3, load, load_v3, metadata, save, save_v3, scaling,
};
