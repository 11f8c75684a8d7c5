//! The eight buttons and P1/JOYP (Pan Docs, "Joypad Input").

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use crate::interrupts::{Interrupt, Interrupts};

bitflags! {
    /// The buttons that are held down. Bits 0-3 are the action buttons and bits 4-7 the
    /// directions, each nibble in the order of P1/JOYP.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub struct Buttons: u8 {
        /// The A button.
        const A = 0x01;
        /// The B button.
        const B = 0x02;
        /// Select.
        const SELECT = 0x04;
        /// Start.
        const START = 0x08;
        /// Right on the directional pad.
        const RIGHT = 0x10;
        /// Left on the directional pad.
        const LEFT = 0x20;
        /// Up on the directional pad.
        const UP = 0x40;
        /// Down on the directional pad.
        const DOWN = 0x80;
    }
}

const SELECT_DIRECTIONS: u8 = 0x10;
const SELECT_ACTIONS: u8 = 0x20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Joypad {
    held: Buttons,
    /// Bits 4-5 of P1: a zero selects the row.
    selection: u8,
}

impl Joypad {
    pub fn new() -> Self {
        Self { held: Buttons::empty(), selection: 0 }
    }

    /// The post-boot selection differs: the CGB's boot ROM leaves both rows deselected.
    pub fn deselect(&mut self) {
        self.selection = SELECT_ACTIONS | SELECT_DIRECTIONS;
    }

    pub fn set_held(&mut self, held: Buttons, interrupts: &mut Interrupts) {
        let before = self.lines();
        self.held = held;
        self.request_on_fall(before, interrupts);
    }

    pub fn read_p1(&self) -> u8 {
        0xC0 | self.selection | self.lines()
    }

    pub fn write_p1(&mut self, value: u8, interrupts: &mut Interrupts) {
        let before = self.lines();
        self.selection = value & (SELECT_ACTIONS | SELECT_DIRECTIONS);
        self.request_on_fall(before, interrupts);
    }

    /// Whether a selected button is held, which ends STOP.
    pub fn is_any_line_low(&self) -> bool {
        self.lines() != 0x0F
    }

    fn lines(&self) -> u8 {
        let mut pressed = 0;
        if self.selection & SELECT_ACTIONS == 0 {
            pressed |= self.held.bits() & 0x0F;
        }
        if self.selection & SELECT_DIRECTIONS == 0 {
            pressed |= self.held.bits() >> 4;
        }
        !pressed & 0x0F
    }

    fn request_on_fall(&self, before: u8, interrupts: &mut Interrupts) {
        if before & !self.lines() != 0 {
            interrupts.request(Interrupt::Joypad);
        }
    }
}
