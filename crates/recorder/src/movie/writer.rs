//! Writing a movie while it is played.

use std::io::{self, Write};

use gameboy::Buttons;
use serde::Serialize;

use super::{End, Event, Header, MAGIC, VERSION, part_check};

/// Frames whose events are written together.
const TOGETHER: u64 = 60;

/// Writes what happens, a second at a time: what ends the program leaves all but the last.
#[derive(Debug)]
pub struct MovieWriter<W> {
    out: W,
    events: Vec<Event>,
    /// Frames that are not written yet, and all.
    new: u64,
    frames: u64,
    check: u32,
}

impl<W: Write> MovieWriter<W> {
    /// Begins a movie.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(mut out: W, header: &Header) -> io::Result<Self> {
        out.write_all(&MAGIC)?;
        out.write_all(&[VERSION])?;
        write_part(&mut out, b'H', header)?;
        Ok(Self { out, events: Vec::new(), new: 0, frames: 0, check: 0 })
    }

    /// A frame ran with these buttons held, and showed what has this
    /// [check](super::picture_check).
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn frame(&mut self, held: Buttons, check: u32) -> io::Result<()> {
        self.check = check;
        self.frames += 1;
        self.new += 1;
        match self.events.last_mut() {
            Some(Event::Frames { held: bits, count }) if *bits == held.bits() => *count += 1,
            _ => self.events.push(Event::Frames { held: held.bits(), count: 1 }),
        }
        if self.new >= TOGETHER { self.flush() } else { Ok(()) }
    }

    /// Something else happened.
    pub fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// How many frames it has.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    fn flush(&mut self) -> io::Result<()> {
        self.new = 0;
        write_part(&mut self.out, b'E', &std::mem::take(&mut self.events))?;
        self.out.flush()
    }

    /// Completes the movie.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        write_part(&mut self.out, b'Z', &End { frames: self.frames, check: self.check })?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// In one go, so that it is there or not.
fn write_part(out: &mut impl Write, kind: u8, body: &impl Serialize) -> io::Result<()> {
    let body = postcard::to_allocvec(body).map_err(io::Error::other)?;
    let check = part_check(kind, &body).to_le_bytes();
    out.write_all(&[&[kind], &(body.len() as u32).to_le_bytes()[..], &body, &check].concat())
}
