//! What the program carries inside.

/// The demo game of `roms/`.
pub const DEMO_ROM: &[u8] = include_bytes!("../../../roms/chromaboy-demo.gb");

/// The name of the demo: that of its save file and of the window.
pub const DEMO_NAME: &str = "chromaboy-demo";

/// Weights of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// The article's best.
    V1,
    /// Colors for cells.
    V3,
}

impl Weights {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::V1, Self::V3];

    /// What they are called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V3 => "v3",
        }
    }

    /// What is to be known of them.
    pub fn card(self) -> &'static str {
        match self {
            Self::V1 => include_str!("../../../models/v1.md"),
            Self::V3 => include_str!("../../../models/v3.md"),
        }
    }

    /// A safetensors file.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::V1 => include_bytes!("../../../models/v1.safetensors"),
            Self::V3 => include_bytes!("../../../models/v3.safetensors"),
        }
    }
}
