//! Capture, training and evaluation of the colourizer's networks.

pub mod capture;
pub mod cli;
pub mod evaluate;
pub mod footage;
pub mod import;
mod random;
pub mod script;
mod shade;
mod split;
pub mod train;
