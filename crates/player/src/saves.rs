//! Battery RAM on disk: `GAME.sav`.

mod storage;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gameboy::GameBoy;

use storage::{Storage, Writer};

use crate::cartridge_file::Origin;

/// A game that has closed its RAM, and not written it for so long, is done with it.
const CLOSED: Duration = Duration::from_millis(50);
/// A game that has not written its RAM for so long is done with it for now.
const QUIET: Duration = Duration::from_secs(1);
/// A game that never stops writing is saved this often all the same.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps the file of a game's battery RAM up to date.
///
/// The disk is written by a thread of its own. Dropping this waits for it.
#[derive(Debug)]
pub struct Saves {
    /// `None` where there is nothing to keep, or no place for it.
    writer: Option<Writer>,
    seen: u64,
    unsaved: Option<Unsaved>,
}

/// Writes of the game that are not on disk yet.
#[derive(Clone, Copy, Debug)]
struct Unsaved {
    since: Instant,
    last_write: Instant,
}

impl Saves {
    /// Puts the saved RAM of the game into `gb`, and sets the cartridge's clock by the host's.
    ///
    /// A file that does not fit is kept aside, with a warning.
    pub fn load(origin: &Origin, gb: &mut GameBoy) -> Self {
        let storage = if gb.battery_ram().is_some() { Storage::find(origin) } else { None };
        let writer = storage.filter(|storage| restore(storage, gb)).map(Writer::new);
        gb.set_clock(seconds_since_1970());
        Self { writer, seen: gb.cartridge().ram_generation(), unsaved: None }
    }

    /// Of a game whose saves are left alone.
    pub fn none(gb: &GameBoy) -> Self {
        Self { writer: None, seen: gb.cartridge().ram_generation(), unsaved: None }
    }

    /// Looks whether the game wrote to its RAM, and saves it once the game is done with that.
    pub fn update(&mut self, gb: &GameBoy, now: Instant) {
        let generation = gb.cartridge().ram_generation();
        if generation != std::mem::replace(&mut self.seen, generation) {
            let since = self.unsaved.map_or(now, |unsaved| unsaved.since);
            self.unsaved = Some(Unsaved { since, last_write: now });
        }
        let is_open = gb.cartridge().is_ram_open();
        if self.unsaved.is_some_and(|unsaved| unsaved.is_due(now, is_open)) {
            self.save(gb);
        }
    }

    /// Saves what is left at the end, and the time where the cartridge has a clock.
    pub fn finish(mut self, gb: &GameBoy) {
        let generation = gb.cartridge().ram_generation();
        if self.unsaved.is_some() || generation != self.seen || gb.cartridge().header().has_clock()
        {
            self.save(gb);
        }
    }

    fn save(&mut self, gb: &GameBoy) {
        self.unsaved = None;
        if let (Some(writer), Some(ram)) = (&self.writer, gb.battery_ram()) {
            writer.write(ram);
        }
    }
}

impl Unsaved {
    fn is_due(self, now: Instant, is_open: bool) -> bool {
        let quiet = if is_open { QUIET } else { CLOSED };
        now - self.last_write >= quiet || now - self.since >= PATIENCE
    }
}

/// Whether the file is free to be written from now on: nothing was in it, or the console has it
/// now, or it is kept aside.
fn restore(storage: &Storage, gb: &mut GameBoy) -> bool {
    let restored = match storage.read() {
        Ok(None) => return true,
        Ok(Some(bytes)) => gb.load_battery_ram(&bytes).map_err(anyhow::Error::from),
        Err(err) => Err(err.into()),
    };
    match restored {
        Ok(()) => true,
        Err(err) => storage.set_aside(&err),
    }
}

fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
