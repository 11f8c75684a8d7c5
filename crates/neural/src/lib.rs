//! Neural colourizers on candle: networks, weights, CPU kernels.
//!
//! [`Neural`] is what the player needs: a [`colorizer::ChromaSource`] made from a file of
//! weights. [`v1::V1`] is the network itself; [`ops`] and [`layer`] are the pieces that training
//! builds on.
//!
//! ```no_run
//! use neural::{DeviceChoice, Neural};
//!
//! let device = DeviceChoice::Auto.open()?;
//! let network = Neural::load("models/v1.safetensors", &device)?;
//! println!("{}", network.description());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod checkpoint;
mod conv;
mod device;
mod kernels;
pub mod layer;
mod neural;
pub mod ops;
#[cfg(test)]
mod testing;
pub mod threads;
pub mod v1;
mod weights;

pub use device::{DeviceChoice, Error as DeviceError, describe};
pub use neural::{Error, Neural};
pub use weights::Error as WeightsError;
