//! The dot of its M-cycle at which a write to a register reaches the PPU.
//!
//! The parts of the PPU see a new value at different dots, some of them while old and new bits
//! are still mixed. Found with the mealybug tests, which change registers at each dot of mode 3
//! (The Comprehensive Game Boy PPU Documentation).

use super::registers::{Lcdc, StatEnable};
use super::{Ppu, VBLANK_LINE};
use crate::interrupts::Interrupts;

/// When in an M-cycle a write takes place.
#[derive(Clone, Copy, Debug)]
pub struct WriteDots {
    /// The dot at which a read in this M-cycle would see the PPU.
    pub read: u64,
    pub dots_per_m_cycle: u64,
}

impl WriteDots {
    /// `quarters` of an M-cycle before a read.
    fn before(self, quarters: u64) -> u64 {
        self.read - quarters * self.dots_per_m_cycle / 4
    }

    /// A quarter of an M-cycle after a read.
    fn after(self) -> u64 {
        self.read + self.dots_per_m_cycle / 4
    }
}

impl Ppu {
    /// Brings the PPU to the dots at which it sees parts of a write, and a quarter of an M-cycle
    /// beyond `write.read` at most.
    pub fn write_register(
        &mut self,
        addr: u16,
        value: u8,
        write: WriteDots,
        interrupts: &mut Interrupts,
    ) {
        match addr {
            0xFF40 => self.write_lcdc(value, write, interrupts),
            0xFF42 | 0xFF43 => self.write_scroll(addr, value, write, interrupts),
            0xFF47..=0xFF49 => self.write_dmg_palette(addr, value, write, interrupts),
            0xFF4B => self.write_wx(value, write, interrupts),
            _ => {
                self.catch_up(write.read, interrupts);
                self.write_at_rest(addr, value, interrupts);
            }
        }
    }

    fn write_at_rest(&mut self, addr: u16, value: u8, interrupts: &mut Interrupts) {
        match addr {
            0xFF41 => self.write_stat(value, interrupts),
            0xFF45 => {
                self.lyc = value;
                if self.is_on() {
                    self.update_stat(interrupts);
                }
            }
            0xFF4A => self.write_wy(value),
            0xFF4F if self.cgb_mode => self.vbk = value & 1,
            0xFF68 if self.cgb_mode => self.bg_palettes.write_index(value),
            0xFF69 if self.cgb_mode => self.bg_palettes.write_data(value, self.palette_lock()),
            0xFF6A if self.cgb_mode => self.object_palettes.write_index(value),
            0xFF6B if self.cgb_mode => {
                self.object_palettes.write_data(value, self.palette_lock());
            }
            0xFF6C if self.cgb_mode => self.opri = value & 1,
            _ => {}
        }
    }

    fn write_stat(&mut self, value: u8, interrupts: &mut Interrupts) {
        // The DMG behaves as if all sources were enabled for a moment (Pan Docs, "STAT bug").
        if !self.model.is_cgb() && self.is_on() {
            self.stat_enable = StatEnable::all();
            self.update_stat(interrupts);
        }
        self.stat_enable = StatEnable::from_bits_truncate(value);
        if self.is_on() {
            self.update_stat(interrupts);
        }
    }

    fn write_wy(&mut self, value: u8) {
        self.wy = value;
        if self.is_on() && self.line == value && self.line < VBLANK_LINE {
            self.wy_reached = true;
        }
    }

    fn write_scroll(
        &mut self,
        addr: u16,
        value: u8,
        write: WriteDots,
        interrupts: &mut Interrupts,
    ) {
        self.catch_up(write.before(if self.model.is_cgb() { 0 } else { 2 }), interrupts);
        if addr == 0xFF42 {
            self.scy = value;
        } else {
            self.scx = value;
        }
    }

    /// While WX changes, it does not start the window a dot late.
    fn write_wx(&mut self, value: u8, write: WriteDots, interrupts: &mut Interrupts) {
        self.catch_up(write.read, interrupts);
        self.wx = value;
        self.wx_changes = true;
        self.catch_up(write.after(), interrupts);
        self.wx_changes = false;
    }

    /// On the DMG, old and new bits are both there for a dot.
    fn write_dmg_palette(
        &mut self,
        addr: u16,
        value: u8,
        write: WriteDots,
        interrupts: &mut Interrupts,
    ) {
        if !self.model.is_cgb() {
            self.catch_up(write.before(2), interrupts);
            *self.dmg_palette(addr) |= value;
        }
        self.catch_up(write.before(1), interrupts);
        *self.dmg_palette(addr) = value;
    }

    fn dmg_palette(&mut self, addr: u16) -> &mut u8 {
        match addr {
            0xFF47 => &mut self.bgp,
            0xFF48 => &mut self.obp0,
            _ => &mut self.obp1,
        }
    }

    fn write_lcdc(&mut self, value: u8, write: WriteDots, interrupts: &mut Interrupts) {
        let value = Lcdc::from_bits_retain(value);
        let stays_on = self.is_on() && value.contains(Lcdc::LCD_ENABLE);
        match (stays_on, self.model.is_cgb()) {
            (true, false) => self.change_lcdc_on_dmg(value, write, interrupts),
            (true, true) => self.change_lcdc_on_cgb(value, write, interrupts),
            (false, _) => self.switch_lcd(value, write, interrupts),
        }
    }

    fn switch_lcd(&mut self, value: Lcdc, write: WriteDots, interrupts: &mut Interrupts) {
        self.catch_up(write.read, interrupts);
        let was_on = self.is_on();
        self.lcdc = value;
        match (was_on, self.is_on()) {
            (false, true) => self.switch_on(interrupts),
            (true, false) => self.switch_off(),
            _ => {}
        }
    }

    /// The background fetcher sees the new bits a dot before the others.
    fn change_lcdc_on_dmg(&mut self, value: Lcdc, write: WriteDots, interrupts: &mut Interrupts) {
        let late = Lcdc::BG_ENABLE | Lcdc::OBJ_ENABLE | Lcdc::OBJ_TALL | Lcdc::WINDOW_ENABLE;
        self.catch_up(write.before(2), interrupts);
        self.lcdc = (value - late) | (self.lcdc & late);
        self.catch_up(write.before(1), interrupts);
        self.lcdc = value;
    }

    /// While the bit for tile data changes, the fetcher reads something else; the height of
    /// objects comes last.
    fn change_lcdc_on_cgb(&mut self, value: Lcdc, write: WriteDots, interrupts: &mut Interrupts) {
        self.catch_up(write.before(1), interrupts);
        self.tile_data_changes = (self.lcdc ^ value).contains(Lcdc::LOW_TILE_DATA);
        self.catch_up(write.read, interrupts);
        self.tile_data_changes = false;
        self.lcdc = (value - Lcdc::OBJ_TALL) | (self.lcdc & Lcdc::OBJ_TALL);
        self.catch_up(write.after(), interrupts);
        self.lcdc = value;
    }
}
