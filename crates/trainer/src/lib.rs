//! Capture, training and evaluation of the colourizer's networks.

pub mod capture;
pub mod cli;
mod random;
mod shade;
pub mod train;
