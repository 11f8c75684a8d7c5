//! A film that is written on a thread of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use crate::film::{FilmError, FilmSettings, Summary, create};

/// Frames that may wait.
const WAITING: usize = 32;

/// A picture and its sound.
type Shown = (Vec<[u8; 4]>, Vec<[f32; 2]>);

/// A [`Film`](crate::Film) on a thread of its own, so that frames are encoded while the next are made.
#[derive(Debug)]
pub struct Reel {
    frames: Option<SyncSender<Shown>>,
    thread: Option<JoinHandle<Result<Summary, FilmError>>>,
    bytes: Arc<AtomicU64>,
}

impl Reel {
    /// Begins a film.
    ///
    /// # Errors
    /// As [`create`].
    pub fn create(path: &Path, settings: &FilmSettings) -> Result<Self, FilmError> {
        let (path, settings) = (path.to_path_buf(), *settings);
        let (frames, shown) = sync_channel::<Shown>(WAITING);
        let (begun, has_begun) = sync_channel(1);
        let bytes = Arc::<AtomicU64>::default();
        let written = Arc::clone(&bytes);
        let work = move || {
            // Some encoders cannot leave the thread where they were made.
            let mut film = match create(&path, &settings) {
                Ok(film) => film,
                Err(error) => {
                    // Whoever waits is told.
                    let _ = begun.send(Some(error));
                    return Err(FilmError::Empty);
                }
            };
            let _ = begun.send(None);
            for (picture, sound) in shown {
                film.frame(&picture, &sound)?;
                written.store(film.bytes(), Ordering::Relaxed);
            }
            film.finish()
        };
        let thread = thread::Builder::new().name("film".to_owned()).spawn(work);
        let thread = thread.map_err(|error| FilmError::Encoder(format!("no thread: {error}")))?;
        match has_begun.recv() {
            Ok(Some(error)) => Err(error),
            Ok(None) | Err(_) => Ok(Self { frames: Some(frames), thread: Some(thread), bytes }),
        }
    }

    /// Adds a frame, as soon as there is room for it. Returns whether the film still takes any; if not,
    /// [`finish`](Self::finish) says why.
    pub fn frame(&self, picture: Vec<[u8; 4]>, sound: Vec<[f32; 2]>) -> bool {
        self.frames.as_ref().is_some_and(|frames| frames.send((picture, sound)).is_ok())
    }

    /// Bytes that were written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Waits until the film is whole.
    ///
    /// # Errors
    /// Whatever stopped it.
    pub fn finish(mut self) -> Result<Summary, FilmError> {
        self.frames = None;
        let failed = || FilmError::Encoder("the encoder failed".to_owned());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(failed()),
        }
    }
}

/// What was made is kept.
impl Drop for Reel {
    fn drop(&mut self) {
        self.frames = None;
        if let Some(thread) = self.thread.take() {
            // Whoever wants to know calls `finish`.
            let _ = thread.join();
        }
    }
}
