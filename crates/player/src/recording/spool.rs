//! What waits for a film: in memory, and beyond a bound on disk.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use recorder::movie::Step;

/// Bytes that may wait in memory.
const MOST_IN_MEMORY: usize = 16 << 20;
/// What a step takes there, besides a state that it loads.
const STEP_BYTES: usize = 64;

/// A queue of steps, and of other things that come between them, rarely.
pub fn spool<T>() -> (Spool<T>, Spooled<T>) {
    bounded(MOST_IN_MEMORY)
}

fn bounded<T>(most: usize) -> (Spool<T>, Spooled<T>) {
    let queue = Queue {
        parts: VecDeque::new(),
        bytes: 0,
        most,
        file: None,
        read: 0,
        written: 0,
        is_over: false,
        is_closed: false,
    };
    let shared = Arc::new(Shared { queue: Mutex::new(queue), has_changed: Condvar::new() });
    (Spool(Arc::clone(&shared)), Spooled(shared))
}

/// The end where things are put in.
pub struct Spool<T>(Arc<Shared<T>>);

/// The end where they come out, in the same order.
pub struct Spooled<T>(Arc<Shared<T>>);

/// What comes out.
#[derive(Debug, PartialEq)]
pub enum Item<T> {
    /// A step.
    Step(Step),
    /// Something else.
    Other(T),
}

struct Shared<T> {
    queue: Mutex<Queue<T>>,
    has_changed: Condvar,
}

struct Queue<T> {
    parts: VecDeque<Part<T>>,
    /// About how much memory they take.
    bytes: usize,
    most: usize,
    /// Without a name, so that nobody has to remove it.
    file: Option<File>,
    /// How far the file has been read, and written.
    read: u64,
    written: u64,
    is_over: bool,
    /// Nobody takes anything any longer.
    is_closed: bool,
}

enum Part<T> {
    Item(Item<T>),
    /// So many steps that lie in the file.
    OnDisk(u64),
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Spool<T> {
    /// Puts a step in.
    pub fn step(&self, step: Step) {
        let mut queue = self.0.lock();
        if queue.is_closed {
            return;
        }
        if queue.bytes >= queue.most {
            match queue.write(&step) {
                Ok(()) => {
                    drop(queue);
                    self.0.has_changed.notify_one();
                    return;
                }
                // Memory may be short as well, but nothing is lost yet.
                Err(err) => log::warn!("a film waits in memory: no temporary file: {err}"),
            }
        }
        queue.bytes += size(&step);
        queue.parts.push_back(Part::Item(Item::Step(step)));
        drop(queue);
        self.0.has_changed.notify_one();
    }

    /// Puts something else in.
    pub fn other(&self, other: T) {
        self.0.lock().parts.push_back(Part::Item(Item::Other(other)));
        self.0.has_changed.notify_one();
    }
}

/// What is left is of no use.
impl<T> Drop for Spooled<T> {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.is_closed = true;
        queue.parts.clear();
        queue.file = None;
    }
}

/// Nothing more is to come.
impl<T> Drop for Spool<T> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.has_changed.notify_one();
    }
}

impl<T> Spooled<T> {
    /// Waits for the next; `None` at the end.
    ///
    /// # Errors
    /// If what lies on disk cannot be read again.
    pub fn next(&self) -> io::Result<Option<Item<T>>> {
        let mut queue = self.0.lock();
        loop {
            match queue.parts.pop_front() {
                Some(Part::Item(item)) => {
                    if let Item::Step(step) = &item {
                        queue.bytes -= size(step);
                    }
                    return Ok(Some(item));
                }
                Some(Part::OnDisk(count)) => {
                    if count > 1 {
                        queue.parts.push_front(Part::OnDisk(count - 1));
                    }
                    return queue.read().map(|step| Some(Item::Step(step)));
                }
                None if queue.is_over => return Ok(None),
                None => {
                    let wait = self.0.has_changed.wait(queue);
                    queue = wait.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

fn size(step: &Step) -> usize {
    match step {
        Step::Load(state) => STEP_BYTES + state.len(),
        Step::Frame(_) | Step::Tilt(_) | Step::Reset => STEP_BYTES,
    }
}

impl<T> Queue<T> {
    fn write(&mut self, step: &Step) -> io::Result<()> {
        let bytes = step.to_bytes();
        let record = [&(bytes.len() as u32).to_le_bytes()[..], &bytes].concat();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::Start(self.written))?;
        file.write_all(&record)?;
        self.written += record.len() as u64;
        match self.parts.back_mut() {
            Some(Part::OnDisk(count)) => *count += 1,
            _ => self.parts.push_back(Part::OnDisk(1)),
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<Step> {
        let file = self.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut len = [0; 4];
        file.read_exact(&mut len)?;
        let mut bytes = vec![0; u32::from_le_bytes(len) as usize];
        file.read_exact(&mut bytes)?;
        self.read += 4 + bytes.len() as u64;
        if self.read == self.written {
            file.set_len(0)?;
            (self.read, self.written) = (0, 0);
        }
        Step::from_bytes(&bytes).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use gameboy::Buttons;

    use super::*;

    #[test]
    fn all_comes_out_in_order_wherever_it_waited() {
        let steps = |from: u8| {
            (from..200).map(|n| match n % 5 {
                0 => Step::Load(vec![n; 300]),
                1 => Step::Tilt([n as f32, -1.0]),
                2 => Step::Reset,
                _ => Step::Frame(Buttons::from_bits_truncate(n)),
            })
        };
        // All in memory, some of it, and nothing.
        for most in [1 << 20, 1000, 0] {
            let (spool, spooled) = bounded(most);
            for (number, step) in steps(0).enumerate() {
                spool.step(step);
                if number % 50 == 0 {
                    spool.other(number);
                }
                assert!(spool.0.lock().bytes <= most + STEP_BYTES + 300);
            }
            // Some come out before the others go in.
            let mut wanted = Vec::new();
            for (number, step) in steps(0).enumerate() {
                wanted.push(Item::Step(step));
                if number % 50 == 0 {
                    wanted.push(Item::Other(number));
                }
            }
            let next = || spooled.next().expect("a spool that can be read");
            for item in wanted.drain(..120) {
                assert_eq!(next(), Some(item));
            }
            spool.step(Step::Reset);
            drop(spool);
            wanted.push(Item::Step(Step::Reset));
            for item in wanted {
                assert_eq!(next(), Some(item));
            }
            assert_eq!(next(), None);
            assert_eq!(spooled.0.lock().written, 0);
        }
    }

    #[test]
    fn nothing_is_kept_for_nobody() {
        let (spool, spooled) = bounded::<()>(0);
        spool.step(Step::Reset);
        drop(spooled);
        spool.step(Step::Reset);
        assert!(spool.0.lock().parts.is_empty() && spool.0.lock().file.is_none());
    }

    #[test]
    fn whoever_waits_is_woken() {
        let (spool, spooled) = bounded::<()>(0);
        let waiting = std::thread::spawn(move || [spooled.next(), spooled.next()].map(Result::ok));
        spool.step(Step::Reset);
        drop(spool);
        let come = waiting.join().expect("no panic");
        assert_eq!(come, [Some(Some(Item::Step(Step::Reset))), Some(None)]);
    }
}
