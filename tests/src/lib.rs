//! Shared pieces of the end-to-end tests: the conformance suites and the homebrew games.
//!
//! The suites lie outside the repository, in the folder that the environment variable
//! [`TEST_ROMS`] names. Its `MANIFEST.json` says what exists and how each ROM is judged; the
//! files `tests/roms/*.toml` of the repository say what this console is known to get wrong.
//! The games lie in the folder that [`HOMEBREW`] names.

pub mod accuracy;
pub mod case;
pub mod homebrew;
pub mod input;
pub mod manifest;
pub mod picture;
pub mod program;
pub mod random;
pub mod suite;
pub mod verdict;

use std::env;
use std::path::{Path, PathBuf};

/// The environment variable that names the unpacked folder of the test ROMs.
pub const TEST_ROMS: &str = "CHROMABOY_TEST_ROMS";

/// The environment variable that names the folder of the homebrew games.
pub const HOMEBREW: &str = "CHROMABOY_HOMEBREW";

/// The folder that an environment variable names, or `None` where it is not set.
pub fn folder(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from)
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}
