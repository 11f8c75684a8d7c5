//! Capture, training and evaluation of the colourizer's networks.
