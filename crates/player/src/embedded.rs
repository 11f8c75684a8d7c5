//! What the program carries inside.

/// The demo game of `roms/`.
pub const DEMO_ROM: &[u8] = include_bytes!("../../../roms/chromaboy-demo.gb");

/// The name of the demo: that of its save file and of the window.
pub const DEMO_NAME: &str = "chromaboy-demo";

/// The weights of V1.
pub const V1_WEIGHTS: &[u8] = include_bytes!("../../../models/v1.safetensors");
