//! The weights that the library carries inside.

/// What is used where nothing is asked for.
pub const DEFAULT: &str = "v3";

/// A safetensors file by its name, or `None` if there is none of that name.
pub fn weights(name: &str) -> Option<&'static [u8]> {
    match name {
        "v1" => Some(include_bytes!("../../../models/v1.safetensors")),
        "v3" => Some(include_bytes!("../../../models/v3.safetensors")),
        _ => None,
    }
}
