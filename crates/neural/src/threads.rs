//! The threads that compute on the CPU.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// The number of threads that leaves one core to the emulator and the window.
pub fn default_threads() -> NonZeroUsize {
    NonZeroUsize::new(available().get() - 1).unwrap_or(NonZeroUsize::MIN)
}

/// The number of cores that this program may use, or 1 where the system does not say.
pub fn available() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A pool of so many threads.
///
/// # Errors
/// If the system refuses a thread.
pub fn pool(threads: NonZeroUsize) -> Result<Arc<ThreadPool>, ThreadPoolBuildError> {
    let name = |i| format!("network-{i}");
    let pool = ThreadPoolBuilder::new().num_threads(threads.get()).thread_name(name).build()?;
    Ok(Arc::new(pool))
}
