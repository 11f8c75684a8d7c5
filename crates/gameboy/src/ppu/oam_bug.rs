//! The corruption of OAM when the CPU drives an address of OAM's page onto the bus in mode 2
//! (Pan Docs, "OAM Corruption Bug"; blargg `oam_bug`). Only consoles before the CGB have it.
//!
//! OAM is 20 rows of four words. What happens depends on the row that the scan reads in the same
//! M-cycle, not on the CPU's address.

use super::{OAM_SIZE, Ppu};
use crate::memory::Ram;

const ROW_BYTES: usize = 8;
const ROWS: usize = OAM_SIZE / ROW_BYTES;
/// The dot at which the scan moves on to row 1; each row takes four.
const SECOND_ROW_DOT: u16 = 3;
const MODE_2: u8 = 2;

/// What the CPU does to the bus. A change of a 16-bit register counts as a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OamAccess {
    Read,
    Write,
}

impl Ppu {
    /// Corrupts OAM if the scan is under way and this model has the bug.
    pub fn disturb_oam(&mut self, access: OamAccess) {
        if self.model.is_cgb() {
            return;
        }
        let Some(row) = self.scanned_row() else {
            return;
        };
        self.scan_objects();
        match access {
            OamAccess::Read => corrupt_by_read(self.oam_mut(), row),
            OamAccess::Write => corrupt_by_write(self.oam_mut(), row),
        }
    }

    /// The row that the scan reads, unless it is the first, which nothing precedes.
    fn scanned_row(&self) -> Option<usize> {
        if !self.is_on() || self.mode != MODE_2 || self.dot < SECOND_ROW_DOT {
            return None;
        }
        let row = 1 + (self.dot - SECOND_ROW_DOT) as usize / 4;
        (row < ROWS).then_some(row)
    }
}

fn corrupt_by_write(oam: &mut Ram<OAM_SIZE>, row: usize) {
    let (own, first, third) = (word(oam, row, 0), word(oam, row - 1, 0), word(oam, row - 1, 2));
    copy_row(oam, row - 1, row);
    set_word(oam, row, (own ^ third) & (first ^ third) ^ third);
}

/// The row before takes the damage and is copied over its neighbors. How many, and which formula
/// holds, changes with the row; every fourth one differs between consoles as well, and is here
/// as on the DMG that SameBoy's author measured.
fn corrupt_by_read(oam: &mut Ram<OAM_SIZE>, row: usize) {
    let own = word(oam, row, 0);
    let (first, third) = (word(oam, row - 1, 0), word(oam, row - 1, 2));
    match row % 4 {
        0 => {
            let damaged = fourth_row_damage(oam, row);
            set_word(oam, row - 1, damaged);
            copy_row(oam, row - 1, row - 2);
            copy_row(oam, row - 1, row - 4);
        }
        2 => {
            let above = word(oam, row - 2, 0);
            set_word(oam, row - 1, first & (above | own | third) | above & own & third);
            copy_row(oam, row - 1, row - 2);
        }
        _ => set_word(oam, row - 1, first | own & third),
    }
    copy_row(oam, row - 1, row);
    if row == 16 {
        copy_row(oam, row, 0);
    }
}

fn fourth_row_damage(oam: &Ram<OAM_SIZE>, row: usize) -> u16 {
    let own = word(oam, row, 0);
    let (first, third) = (word(oam, row - 1, 0), word(oam, row - 1, 2));
    let (above, far) = (word(oam, row - 2, 0), word(oam, row - 4, 0));
    let any = own | third | above | far;
    match row {
        4 => first & any | own & third & above & far,
        8 => {
            let second = !word(oam, row - 1, 1) & word(oam, row - 2, 1);
            first & (any | second) | third & above & far
        }
        12 => first & any | third & above & far,
        _ => first | own & third & above & far,
    }
}

fn word(oam: &Ram<OAM_SIZE>, row: usize, column: usize) -> u16 {
    let at = row * ROW_BYTES + 2 * column;
    u16::from_le_bytes([oam[at], oam[at + 1]])
}

fn set_word(oam: &mut Ram<OAM_SIZE>, row: usize, value: u16) {
    let at = row * ROW_BYTES;
    oam[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

fn copy_row(oam: &mut Ram<OAM_SIZE>, from: usize, to: usize) {
    let from = from * ROW_BYTES;
    oam.copy_within(from..from + ROW_BYTES, to * ROW_BYTES);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered() -> Ram<OAM_SIZE> {
        let mut oam = Ram::zeroed();
        for (at, byte) in oam.iter_mut().enumerate() {
            *byte = at as u8;
        }
        oam
    }

    #[test]
    fn a_write_copies_the_row_before_but_its_first_word() {
        let mut oam = numbered();
        corrupt_by_write(&mut oam, 3);
        let (own, first, third) = (0x1918, 0x1110, 0x1514);
        assert_eq!(word(&oam, 3, 0), (own ^ third) & (first ^ third) ^ third);
        assert_eq!(oam[26..32], numbered()[18..24]);
        assert_eq!(oam[..24], numbered()[..24]);
    }

    #[test]
    fn a_read_makes_a_row_equal_to_the_one_before() {
        for row in 1..ROWS {
            let mut oam = numbered();
            corrupt_by_read(&mut oam, row);
            let at = row * ROW_BYTES;
            assert_eq!(oam[at..at + 8], oam[at - 8..at], "row {row}");
            assert_eq!(oam[at + 8..], numbered()[at + 8..], "row {row}");
        }
    }
}
