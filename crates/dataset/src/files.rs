use std::io;
use std::path::{Path, PathBuf};

/// The extension of session files.
pub const EXTENSION: &str = "cbds";

/// The session files that `paths` name: files as they are, directories by the session files
/// directly in them, sorted by name.
///
/// # Errors
/// Where a path does not exist or a directory cannot be listed.
pub fn session_files<P: AsRef<Path>>(paths: &[P]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let path = path.as_ref();
        if path.metadata().map_err(|error| naming(path, &error))?.is_dir() {
            files.extend(listed(path).map_err(|error| naming(path, &error))?);
        } else {
            files.push(path.to_path_buf());
        }
    }
    Ok(files)
}

fn listed(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in directory.read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn naming(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
