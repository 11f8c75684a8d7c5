//! One slot each way between the painter and the source's thread.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gameboy::Frame;

use super::Stats;
use crate::guard::Guard;
use crate::{Chroma, ChromaSource, SlidingWindow};

/// A frame to colour.
#[derive(Debug)]
pub struct Job {
    pub frame: Frame,
    /// Which frame it is of all.
    pub number: u64,
    /// Counts the resets before this frame.
    pub generation: u64,
}

/// What became of a job.
#[derive(Debug)]
pub struct Answer {
    pub job: Job,
    /// `None` where the source failed.
    pub chroma: Option<Chroma>,
}

/// The slots; clones share them. The lock is never held while the source works.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    slots: Mutex<Slots>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Slots {
    job: Option<Job>,
    answer: Option<Answer>,
    spare: Option<Chroma>,
    working: bool,
    closed: bool,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    colored: u64,
    skipped: u64,
    network: SlidingWindow,
    failure: Option<String>,
}

impl Mailbox {
    /// Puts `job` in its slot, in place of any that waits there.
    pub fn send(&self, job: Job) {
        let mut slots = self.lock();
        if !slots.closed && slots.job.replace(job).is_some() {
            slots.counts.skipped += 1;
        }
        self.shared.changed.notify_all();
    }

    /// The newest answer, once.
    pub fn take_answer(&self) -> Option<Answer> {
        self.lock().answer.take()
    }

    /// Gives planes back for a later answer.
    pub fn recycle(&self, chroma: Chroma) {
        self.lock().spare = Some(chroma);
    }

    /// Tells the thread to end.
    pub fn close(&self) {
        let mut slots = self.lock();
        slots.closed = true;
        slots.job = None;
        self.shared.changed.notify_all();
    }

    /// Closes the mailbox, with a failure as the last answer.
    pub fn fail(&self, message: &str) {
        log::error!("no colour: {message}");
        self.lock().counts.failure = Some(message.to_owned());
        self.close();
    }

    /// Puts the counts of the thread's side into `stats`.
    pub fn add_to(&self, stats: &mut Stats) {
        let counts = &self.lock().counts;
        stats.colored = counts.colored;
        stats.skipped = counts.skipped;
        stats.network = counts.network.spread();
        stats.failure.clone_from(&counts.failure);
    }

    /// The thread: answers jobs by `source` until the mailbox is closed.
    pub fn serve(&self, source: impl ChromaSource) {
        let mut source = Guard::new(source);
        let mut generation = 0;
        while let Some((job, mut chroma)) = self.next_job() {
            if job.generation != generation {
                generation = job.generation;
                source.reset();
            }
            let start = Instant::now();
            let chroma = source.chroma(&job.frame, &mut chroma).then_some(chroma);
            self.answer(Answer { job, chroma }, start.elapsed(), source.failure());
        }
    }

    /// Waits for a job; with it come planes to write to.
    fn next_job(&self) -> Option<(Job, Chroma)> {
        let mut slots = self.lock();
        loop {
            if slots.closed {
                return None;
            }
            if let Some(job) = slots.job.take() {
                slots.working = true;
                return Some((job, slots.spare.take().unwrap_or_default()));
            }
            slots = self.wait(slots);
        }
    }

    fn answer(&self, answer: Answer, took: Duration, failure: Option<&str>) {
        let mut slots = self.lock();
        slots.working = false;
        slots.counts.network.record(took);
        slots.counts.colored += u64::from(answer.chroma.is_some());
        if slots.counts.failure.is_none() {
            slots.counts.failure = failure.map(str::to_owned);
        }
        if let Some(Answer { chroma: Some(unseen), .. }) = slots.answer.replace(answer) {
            slots.spare = Some(unseen);
        }
        self.shared.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        // The slots are whole after every statement: a panic elsewhere leaves nothing half done.
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, slots: MutexGuard<'a, Slots>) -> MutexGuard<'a, Slots> {
        self.shared.changed.wait(slots).unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Mailbox {
    /// Waits until every job is answered.
    pub fn wait_until_idle(&self) {
        let mut slots = self.lock();
        while slots.job.is_some() || slots.working {
            slots = self.wait(slots);
        }
    }
}
