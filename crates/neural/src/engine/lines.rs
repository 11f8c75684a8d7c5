//! How the lines of a picture are shared out among threads.

use rayon::prelude::*;

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// This thread alone.
    One,
    /// This thread's rayon pool, which has so many.
    Pool(usize),
}

impl Threads {
    /// Their number.
    pub fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Pool(count) => count,
        }
    }

    /// Calls `work` for each chunk of so many values, with its number.
    ///
    /// A thread takes the next chunks when it is through with its own, so one that gets no
    /// processor holds up the others by one chunk at most; and one that finds none goes to sleep.
    pub fn each<T: Send>(
        self,
        values: &mut [T],
        chunk: usize,
        work: impl Fn(usize, &mut [T]) + Sync,
    ) {
        match self {
            Self::One => values.chunks_mut(chunk).enumerate().for_each(|(i, part)| work(i, part)),
            Self::Pool(_) => {
                values.par_chunks_mut(chunk).enumerate().for_each(|(i, part)| work(i, part));
            }
        }
    }
}
