//! Files that are the old one or the new one, whatever happens.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use tempfile::NamedTempFile;

/// Writes beside the file and renames, so that a crash or a full disk costs nothing that was there.
///
/// # Errors
/// If the new file cannot be written; the old one is as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut file = new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync(folder)
}

/// A file that others may read as far as the user lets them, which temporary ones are not.
#[cfg(unix)]
fn new_in(folder: &Path) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = fs::Permissions::from_mode(0o666);
    tempfile::Builder::new().permissions(permissions).tempfile_in(folder)
}

#[cfg(not(unix))]
fn new_in(folder: &Path) -> io::Result<NamedTempFile> {
    NamedTempFile::new_in(folder)
}

/// Renames a file that is of no use, so that it is never overwritten, and reports it.
///
/// Returns whether there is none of its name any longer.
pub fn set_aside(path: &Path, reason: &anyhow::Error) -> bool {
    let aside = unused_name(path);
    let (file, shown) = (path.display(), aside.display());
    match fs::rename(path, &aside) {
        Ok(()) => log::warn!("{file} is kept as {shown} and a new one begun: {reason:#}"),
        Err(err) => log::warn!("{file} is left as it is, and nothing saved: {reason:#} ({err})"),
    }
    !path.exists()
}

/// `FILE.bad`, or `FILE.2.bad` and so on where that exists.
fn unused_name(path: &Path) -> PathBuf {
    let with = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let first = with(".bad");
    let mut others = (2..).map(|number: u32| with(&format!(".{number}.bad")));
    if first.exists() { others.find(|name| !name.exists()).unwrap_or(first) } else { first }
}

/// The folder that a file is in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder of the user's data, where the system has a place for it.
pub fn data_folder(name: &str) -> Option<PathBuf> {
    Some(ProjectDirs::from("", "", "chromaboy")?.data_dir().join(name))
}

/// A rename outlives a power cut only once its folder is on disk too.
#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders cannot be opened as files here; the file system keeps renames in order.
#[cfg(not(unix))]
fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}
