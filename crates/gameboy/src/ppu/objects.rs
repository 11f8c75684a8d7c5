//! OAM and the choice of the ten objects of a line (Pan Docs, "Object Attribute Memory").

use serde::{Deserialize, Serialize};

use super::registers::Attributes;
use super::{Ppu, Stage};
use crate::frame::HEIGHT;
use crate::memory::Ram;

pub const OAM_SIZE: usize = 0xA0;
const OBJECTS_PER_LINE: usize = 10;
const OBJECTS: u8 = 40;
/// The dot at which the scan begins, and how many each entry takes.
const SCAN_DOT: u16 = 1;
const SCAN_DOTS: u16 = 2;

/// One of the 40 entries of OAM.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Object {
    /// Line of the screen plus 16.
    pub y: u8,
    /// Column of the screen plus 8.
    pub x: u8,
    pub tile: u8,
    pub attributes: Attributes,
    /// Place in OAM, 0-39.
    pub index: u8,
}

impl Object {
    const NONE: Self =
        Self { y: 0, x: 0xFF, tile: 0, attributes: Attributes::empty(), index: 0xFF };

    fn read(oam: &Ram<OAM_SIZE>, index: u8) -> Self {
        let at = 4 * index.min(OBJECTS - 1) as usize;
        let entry = &oam[at..at + 4];
        Self {
            y: entry[0],
            x: entry[1],
            tile: entry[2],
            attributes: Attributes::from_bits_retain(entry[3]),
            index,
        }
    }
}

/// Which entries of OAM lie on each line of the screen: found for all lines at once, since OAM
/// seldom changes more than once a frame.
#[derive(Clone, Debug)]
pub struct ObjectsByLine {
    /// A bit for each entry.
    lines: [u64; HEIGHT],
    /// The height of the objects for which the lines hold; 0 where they do not.
    height: u8,
}

impl ObjectsByLine {
    pub fn stale() -> Self {
        Self { lines: [0; HEIGHT], height: 0 }
    }

    /// OAM changes.
    fn expire(&mut self) {
        self.height = 0;
    }

    fn on_line(&mut self, oam: &Ram<OAM_SIZE>, line: u8, height: u8) -> u64 {
        if self.height != height {
            self.find(oam, height);
        }
        self.lines.get(line as usize).copied().unwrap_or(0)
    }

    fn find(&mut self, oam: &Ram<OAM_SIZE>, height: u8) {
        self.height = height;
        self.lines.fill(0);
        for (index, entry) in oam.chunks_exact(4).enumerate() {
            let bottom = (entry[0] as usize + height as usize).saturating_sub(16);
            let top = (entry[0] as usize).saturating_sub(16);
            for line in &mut self.lines[top.min(HEIGHT)..bottom.min(HEIGHT)] {
                *line |= 1 << index;
            }
        }
    }
}

/// The objects of one line, from left to right; at the same X, in the order of OAM.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LineObjects {
    objects: [Object; OBJECTS_PER_LINE],
    count: u8,
    next: u8,
    /// Entries that the scan is done with.
    scanned: u8,
    /// The Y and X that the scan read last.
    latest: [u8; 2],
}

impl LineObjects {
    pub fn none() -> Self {
        Self {
            objects: [Object::NONE; OBJECTS_PER_LINE],
            count: 0,
            next: 0,
            scanned: 0,
            latest: [0; 2],
        }
    }

    /// Begins a new line.
    pub fn restart(&mut self) {
        (self.count, self.next, self.scanned) = (0, 0, 0);
    }

    /// Leaves a line without a scan, and so without objects.
    pub fn skip_line(&mut self) {
        self.restart();
        self.scanned = OBJECTS;
    }

    /// Scans the entries up to `end`, of which those in `on_line` lie on the line.
    fn scan(&mut self, oam: &Ram<OAM_SIZE>, end: u8, on_line: u64) {
        if self.scanned >= end {
            return;
        }
        let mut found = on_line & ((1 << end) - (1 << self.scanned));
        while found != 0 && (self.count as usize) < OBJECTS_PER_LINE {
            self.insert(Object::read(oam, found.trailing_zeros() as u8));
            found &= found - 1;
        }
        let last = Object::read(oam, end - 1);
        self.latest = [last.y, last.x];
        self.scanned = end;
    }

    /// Scans the entries up to `end` while DMA keeps OAM: each seems to lie where the last one
    /// did that could be read.
    fn scan_blindly(&mut self, oam: &Ram<OAM_SIZE>, end: u8, line: u8, height: u8) {
        let [y, x] = self.latest;
        for index in self.scanned..end {
            self.find(Object { y, x, ..Object::read(oam, index) }, line, height);
        }
        self.scanned = self.scanned.max(end);
    }

    fn find(&mut self, object: Object, line: u8, height: u8) {
        let is_on_line = (line + 16).wrapping_sub(object.y) < height;
        if is_on_line && (self.count as usize) < OBJECTS_PER_LINE {
            self.insert(object);
        }
    }

    fn insert(&mut self, object: Object) {
        let mut at = (self.count as usize).min(OBJECTS_PER_LINE - 1);
        while at > 0 && self.objects[at - 1].x > object.x {
            self.objects[at] = self.objects[at - 1];
            at -= 1;
        }
        self.objects[at] = object;
        self.count += 1;
    }

    /// The next object that starts at column `x` (in OAM's count, 8 is the left edge), dropping
    /// those that were passed by.
    pub fn at(&mut self, x: u8) -> Option<Object> {
        let count = (self.count as usize).min(OBJECTS_PER_LINE);
        while (self.next as usize) < count {
            let object = self.objects[self.next as usize];
            if object.x >= x {
                return (object.x == x).then_some(object);
            }
            self.next += 1;
        }
        None
    }

    /// Where the next object at or right of `x` starts.
    pub fn next_x(&self, x: u8) -> Option<u8> {
        let count = (self.count as usize).min(OBJECTS_PER_LINE);
        let waiting = self.objects[..count].get(self.next as usize..)?;
        waiting.iter().map(|object| object.x).find(|next| *next >= x)
    }

    pub fn advance(&mut self) {
        self.next = self.next.saturating_add(1);
    }
}

impl Ppu {
    /// OAM, to be changed.
    pub fn oam_mut(&mut self) -> &mut Ram<OAM_SIZE> {
        self.objects_by_line.expire();
        &mut self.oam
    }

    /// Brings the scan to the present dot of mode 2.
    pub fn scan_objects(&mut self) {
        let end = match self.mode {
            2 => (self.dot.saturating_sub(SCAN_DOT) / SCAN_DOTS).min(OBJECTS as u16) as u8,
            3 if self.stage == Stage::Mode3 => OBJECTS,
            _ => return,
        };
        let height = self.lcdc.object_height();
        if self.oam_dma_at.is_none() {
            let on_line = self.objects_by_line.on_line(&self.oam, self.line, height);
            self.objects.scan(&self.oam, end, on_line);
        } else {
            self.objects.scan_blindly(&self.oam, end, self.line, height);
        }
    }

    /// The object as it is drawn: its tile and attributes are read from OAM only now, and DMA
    /// then shows the word it is at.
    pub fn as_dma_leaves(&self, object: Object) -> Object {
        let Some(at) = self.oam_dma_at else {
            return object;
        };
        let at = (at & 0xFE) as u16;
        Object {
            tile: self.peek_oam(at),
            attributes: Attributes::from_bits_retain(self.peek_oam(at + 1)),
            ..object
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_objects_in_the_order_of_x_then_oam() {
        let mut oam = Ram::zeroed();
        for index in 0..12 {
            let x = [80, 40, 40, 8][index % 4];
            oam[4 * index..4 * index + 4].copy_from_slice(&[16, x, index as u8, 0]);
        }
        let scanned = |line, height| {
            let mut objects = LineObjects::none();
            objects.scan(&oam, OBJECTS, ObjectsByLine::stale().on_line(&oam, line, height));
            objects
        };
        let found = scanned(7, 8);
        let tiles: Vec<u8> =
            found.objects[..found.count as usize].iter().map(|object| object.tile).collect();
        assert_eq!(tiles, [3, 7, 1, 2, 5, 6, 9, 0, 4, 8]);
        assert_eq!(scanned(8, 8).count, 0);
        assert_eq!(scanned(8, 16).count, 10);
    }
}
