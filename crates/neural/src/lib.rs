//! Neural colourizers on candle: networks, weights, CPU kernels.
