//! The file of a save, and the thread that writes it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::cartridge_file::Origin;
use crate::files::{self, data_folder, folder_of};

/// Where a game's battery RAM is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    path: PathBuf,
}

impl Storage {
    /// Next to the game if a save is there already or files can be made there, else in the user's
    /// folder of data. `None` where there is neither, with a warning.
    pub fn find(origin: &Origin) -> Option<Self> {
        let beside = origin.path.as_ref().map(|game| game.with_extension("sav"));
        let path = beside
            .filter(|save| save.exists() || is_writable(folder_of(save)))
            .or_else(|| Some(data_folder("saves")?.join(format!("{}.sav", origin.name))));
        if path.is_none() {
            log::warn!("found no folder for {}.sav; the game will not be saved", origin.name);
        }
        path.map(Self::new)
    }

    /// In the file `path`.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The saved bytes, if there are any.
    ///
    /// # Errors
    /// If there is a file that cannot be read.
    pub fn read(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// Renames a file that is of no use, as [`files::set_aside`] does.
    pub fn set_aside(&self, reason: &anyhow::Error) -> bool {
        files::set_aside(&self.path, reason)
    }

    /// Replaces the file as a whole: whatever happens, there is the old save or the new one.
    ///
    /// # Errors
    /// If the new file cannot be written.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        files::replace(&self.path, bytes)
    }
}

/// A thread that writes to a [`Storage`], as disks may take their time. Dropping it waits until
/// all is written.
#[derive(Debug)]
pub struct Writer {
    /// `None` once the thread is to end.
    queue: Option<Sender<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn new(storage: Storage) -> Self {
        let (queue, saves) = channel();
        let thread = std::thread::spawn(move || write_all(&storage, &saves));
        Self { queue: Some(queue), thread: Some(thread) }
    }

    /// Hands over a save to be written.
    pub fn write(&self, bytes: Vec<u8>) {
        if let Some(queue) = &self.queue {
            // The thread ends only after the queue is closed.
            let _ = queue.send(bytes);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write_all(storage: &Storage, saves: &Receiver<Vec<u8>>) {
    while let Ok(mut bytes) = saves.recv() {
        // Only the newest counts where the disk fell behind.
        while let Ok(newer) = saves.try_recv() {
            bytes = newer;
        }
        if let Err(err) = storage.write(&bytes) {
            log::error!("cannot write the save {}: {err}", storage.path.display());
        }
    }
}

/// Permissions do not tell (a read-only file system, another user's folder): trying does.
fn is_writable(folder: &Path) -> bool {
    let probe = folder.join(format!(".chromaboy-{}", std::process::id()));
    let is_writable = File::create(&probe).is_ok();
    if is_writable && let Err(err) = fs::remove_file(&probe) {
        log::warn!("cannot remove {}: {err}", probe.display());
    }
    is_writable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saves_are_replaced_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let storage = Storage::new(folder.path().join("new/game.sav"));
        assert_eq!(storage.read().expect("nothing yet"), None);
        for bytes in [vec![1; 100], vec![2; 7]] {
            storage.write(&bytes).expect("written");
            assert_eq!(storage.read().expect("readable"), Some(bytes));
        }
        let files = fs::read_dir(folder.path().join("new")).expect("the folder").count();
        assert_eq!(files, 1, "no temporary file is left");
    }

    #[test]
    fn the_writer_has_written_when_it_is_gone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let storage = Storage::new(folder.path().join("game.sav"));
        let writer = Writer::new(storage.clone());
        for value in 0..50 {
            writer.write(vec![value; 1000]);
        }
        drop(writer);
        assert_eq!(storage.read().expect("readable"), Some(vec![49; 1000]));
    }

    #[test]
    fn useless_files_are_kept_under_names_of_their_own() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let storage = Storage::new(folder.path().join("game.sav"));
        for (content, name) in [(1, "game.sav.bad"), (2, "game.sav.2.bad"), (3, "game.sav.3.bad")] {
            storage.write(&[content]).expect("written");
            assert!(storage.set_aside(&anyhow::anyhow!("a test")));
            assert_eq!(storage.read().expect("readable"), None);
            assert_eq!(fs::read(folder.path().join(name)).expect(name), [content]);
        }
    }

    #[test]
    fn saves_lie_next_to_the_game() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let origin = Origin { path: Some(folder.path().join("a.b.gb")), name: "a.b".to_owned() };
        let expected = Storage::new(folder.path().join("a.b.sav"));
        assert_eq!(Storage::find(&origin), Some(expected));
    }
}
