//! One slot each way between a painter and its source's thread.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{SlidingWindow, Stats};

/// What a thread does with what it is sent.
pub trait Worker {
    /// What it is sent.
    type Task;
    /// What it makes of that.
    type Product: Default;

    /// Whether `out`, which holds an earlier product, is now that of `task`.
    fn work(&mut self, task: &Self::Task, out: &mut Self::Product) -> bool;

    /// Forgets earlier tasks.
    fn reset(&mut self);

    /// What went wrong first, in one line.
    fn failure(&self) -> Option<&str>;
}

/// A task of a frame.
#[derive(Debug)]
pub struct Job<T> {
    pub task: T,
    /// Which frame it is of all.
    pub number: u64,
    /// Counts the resets before this frame.
    pub generation: u64,
}

/// What became of a job.
#[derive(Debug)]
pub struct Answer<T, P> {
    pub job: Job<T>,
    /// `None` where the worker failed.
    pub product: Option<P>,
}

/// The slots; clones share them. The lock is never held while the worker works.
#[derive(Debug)]
pub struct Mailbox<T, P> {
    shared: Arc<Shared<T, P>>,
}

#[derive(Debug)]
struct Shared<T, P> {
    slots: Mutex<Slots<T, P>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Slots<T, P> {
    job: Option<Job<T>>,
    answer: Option<Answer<T, P>>,
    spare: Option<P>,
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

impl<T, P> Default for Mailbox<T, P> {
    fn default() -> Self {
        let slots = Slots {
            job: None,
            answer: None,
            spare: None,
            working: false,
            closed: false,
            counts: Counts::default(),
        };
        Self { shared: Arc::new(Shared { slots: Mutex::new(slots), changed: Condvar::new() }) }
    }
}

impl<T, P> Clone for Mailbox<T, P> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T, P: Default> Mailbox<T, P> {
    /// Puts `job` in its slot, in place of any that waits there.
    pub fn send(&self, job: Job<T>) {
        let mut slots = self.lock();
        if !slots.closed && slots.job.replace(job).is_some() {
            slots.counts.skipped += 1;
        }
        self.shared.changed.notify_all();
    }

    /// The newest answer, once.
    pub fn take_answer(&self) -> Option<Answer<T, P>> {
        self.lock().answer.take()
    }

    /// Whether nothing was sent that is not answered, and no answer waits to be taken.
    pub fn is_idle(&self) -> bool {
        let slots = self.lock();
        slots.job.is_none() && !slots.working && slots.answer.is_none()
    }

    /// Gives a product back for a later answer.
    pub fn recycle(&self, product: P) {
        self.lock().spare = Some(product);
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

    /// The thread: answers jobs by `worker` until the mailbox is closed.
    pub fn serve(&self, mut worker: impl Worker<Task = T, Product = P>) {
        let mut generation = 0;
        while let Some((job, mut product)) = self.next_job() {
            if job.generation != generation {
                generation = job.generation;
                worker.reset();
            }
            let start = Instant::now();
            let product = worker.work(&job.task, &mut product).then_some(product);
            self.answer(Answer { job, product }, start.elapsed(), worker.failure());
        }
    }

    /// Waits for a job; with it comes a product to write to.
    fn next_job(&self) -> Option<(Job<T>, P)> {
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

    fn answer(&self, answer: Answer<T, P>, took: Duration, failure: Option<&str>) {
        let mut slots = self.lock();
        slots.working = false;
        slots.counts.network.record(took);
        slots.counts.colored += u64::from(answer.product.is_some());
        if slots.counts.failure.is_none() {
            slots.counts.failure = failure.map(str::to_owned);
        }
        if let Some(Answer { product: Some(unseen), .. }) = slots.answer.replace(answer) {
            slots.spare = Some(unseen);
        }
        self.shared.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Slots<T, P>> {
        // The slots are whole after every statement: a panic elsewhere leaves nothing half done.
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, slots: MutexGuard<'a, Slots<T, P>>) -> MutexGuard<'a, Slots<T, P>> {
        self.shared.changed.wait(slots).unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl<T, P: Default> Mailbox<T, P> {
    /// Waits until every job is answered.
    pub fn wait_until_idle(&self) {
        let mut slots = self.lock();
        while slots.job.is_some() || slots.working {
            slots = self.wait(slots);
        }
    }
}
