//! OAM and the choice of the ten objects of a line (Pan Docs, "Object Attribute Memory").

use serde::{Deserialize, Serialize};

use super::registers::Attributes;
use crate::memory::Ram;

pub const OAM_SIZE: usize = 0xA0;
const OBJECTS_PER_LINE: usize = 10;

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

    fn read(oam: &Ram<OAM_SIZE>, index: usize) -> Self {
        let entry = &oam[4 * index..4 * index + 4];
        Self {
            y: entry[0],
            x: entry[1],
            tile: entry[2],
            attributes: Attributes::from_bits_retain(entry[3]),
            index: index as u8,
        }
    }
}

/// The objects of one line, from left to right; at the same X, in the order of OAM.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LineObjects {
    objects: [Object; OBJECTS_PER_LINE],
    count: u8,
    next: u8,
}

impl LineObjects {
    pub fn none() -> Self {
        Self { objects: [Object::NONE; OBJECTS_PER_LINE], count: 0, next: 0 }
    }

    pub fn scan(oam: &Ram<OAM_SIZE>, line: u8, height: u8) -> Self {
        let mut found = Self::none();
        // All at once first: on most lines there are few objects, or none.
        let mut on_line = 0_u64;
        for (index, entry) in oam.chunks_exact(4).enumerate() {
            let is_on_line = (line + 16).wrapping_sub(entry[0]) < height;
            on_line |= (is_on_line as u64) << index;
        }
        while on_line != 0 && (found.count as usize) < OBJECTS_PER_LINE {
            found.insert(Object::read(oam, on_line.trailing_zeros() as usize));
            on_line &= on_line - 1;
        }
        found
    }

    fn insert(&mut self, object: Object) {
        let mut at = self.count as usize;
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
        let found = LineObjects::scan(&oam, 7, 8);
        let tiles: Vec<u8> =
            found.objects[..found.count as usize].iter().map(|object| object.tile).collect();
        assert_eq!(tiles, [3, 7, 1, 2, 5, 6, 9, 0, 4, 8]);
        assert_eq!(LineObjects::scan(&oam, 8, 8).count, 0);
        assert_eq!(LineObjects::scan(&oam, 8, 16).count, 10);
    }
}
