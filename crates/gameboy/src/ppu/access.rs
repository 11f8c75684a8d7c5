//! What the CPU, DMA and the boot ROM reach: VRAM, OAM and the registers.

use super::registers::{Lcdc, Lock, PaletteRam, StatEnable};
use super::{LINE_DOTS, MODE_3_DOT, Ppu, Stage, VBLANK_LINE};
use crate::interrupts::Interrupts;

/// The dot of line 0 at which the LCD comes on.
const SWITCH_ON_DOT: u16 = 4;

impl Ppu {
    pub fn read_vram(&self, addr: u16) -> u8 {
        if self.vram_read_lock { 0xFF } else { self.vram[self.vram_at(addr)] }
    }

    pub fn write_vram(&mut self, addr: u16, value: u8) {
        if !self.vram_write_lock {
            let at = self.vram_at(addr);
            self.vram[at] = value;
        }
    }

    /// VRAM as DMA and a debugger see it.
    pub fn peek_vram(&self, addr: u16) -> u8 {
        self.vram[self.vram_at(addr)]
    }

    fn vram_at(&self, addr: u16) -> usize {
        (self.vbk as usize & 1) * 0x2000 + (addr as usize & 0x1FFF)
    }

    pub fn read_oam(&self, addr: u16) -> u8 {
        if self.oam_read_lock { 0xFF } else { self.peek_oam(addr) }
    }

    pub fn write_oam(&mut self, addr: u16, value: u8) {
        if !self.oam_write_lock {
            // The DMG opens OAM for the last dots of mode 2, when most of the scan is over.
            self.scan_objects();
            self.poke_oam(addr, value);
        }
    }

    pub fn is_oam_locked(&self) -> bool {
        self.oam_read_lock
    }

    pub fn peek_oam(&self, addr: u16) -> u8 {
        self.oam.get(addr as usize & 0xFF).copied().unwrap_or(0xFF)
    }

    /// OAM as DMA writes it.
    pub fn poke_oam(&mut self, addr: u16, value: u8) {
        if let Some(byte) = self.oam.get_mut(addr as usize & 0xFF) {
            *byte = value;
        }
    }

    /// Takes note of the byte of OAM that DMA writes now, which is all that the PPU can read of
    /// OAM until DMA has ended.
    pub fn set_oam_dma(&mut self, at: Option<u8>) {
        if at.is_some() != self.oam_dma_at.is_some() {
            self.scan_objects();
        }
        self.oam_dma_at = at;
    }

    /// Registers 0xFF40-0xFF4B but DMA, VBK and the palettes of the CGB.
    pub fn read_register(&self, addr: u16) -> u8 {
        match addr {
            0xFF40 => self.lcdc.bits(),
            0xFF41 => self.read_stat(),
            0xFF42 => self.scy,
            0xFF43 => self.scx,
            0xFF44 => self.ly,
            0xFF45 => self.lyc,
            0xFF47 => self.bgp,
            0xFF48 => self.obp0,
            0xFF49 => self.obp1,
            0xFF4A => self.wy,
            0xFF4B => self.wx,
            0xFF4F if self.model.is_cgb() => 0xFE | self.vbk,
            0xFF68 if self.model.is_cgb() => self.bg_palettes.read_index(),
            0xFF69 if self.cgb_mode => self.read_palette(&self.bg_palettes),
            0xFF6A if self.model.is_cgb() => self.object_palettes.read_index(),
            0xFF6B if self.cgb_mode => self.read_palette(&self.object_palettes),
            0xFF6C if self.cgb_mode => 0xFE | self.opri,
            _ => 0xFF,
        }
    }

    pub fn write_register(&mut self, addr: u16, value: u8, interrupts: &mut Interrupts) {
        match addr {
            0xFF40 => self.write_lcdc(value, interrupts),
            0xFF41 => self.write_stat(value, interrupts),
            0xFF42 => self.scy = value,
            0xFF43 => self.scx = value,
            0xFF45 => {
                self.lyc = value;
                if self.is_on() {
                    self.update_stat(interrupts);
                }
            }
            0xFF47 => self.bgp = value,
            0xFF48 => self.obp0 = value,
            0xFF49 => self.obp1 = value,
            0xFF4A => self.write_wy(value),
            0xFF4B => self.wx = value,
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

    /// The colours that the CGB's boot ROM chooses for a game of the DMG: four each for the
    /// background and the two object palettes, from index 0 up, in RGB555.
    pub fn set_compatibility_palettes(&mut self, background: [u16; 4], objects: [[u16; 4]; 2]) {
        for index in 0..4 {
            self.bg_palettes.set_color(0, index, background[index as usize]);
            self.object_palettes.set_color(0, index, objects[0][index as usize]);
            self.object_palettes.set_color(1, index, objects[1][index as usize]);
        }
        self.opri = 1;
        // The boot ROM leaves the indices behind the colours that it wrote.
        self.bg_palettes.write_index(0x88);
        self.object_palettes.write_index(0x90);
    }

    /// Leaves the Color's mode, as writing KEY0 in the boot ROM does.
    pub fn set_cgb_mode(&mut self, cgb_mode: bool) {
        self.cgb_mode = cgb_mode;
    }

    fn palette_lock(&self) -> Lock {
        if self.mode == 3 { Lock::Locked } else { Lock::Open }
    }

    fn read_palette(&self, ram: &PaletteRam) -> u8 {
        if self.palette_lock() == Lock::Locked { 0xFF } else { ram.read_data() }
    }

    fn read_stat(&self) -> u8 {
        0x80 | self.stat_enable.bits() | (self.is_coincident as u8) << 2 | self.mode
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

    fn write_lcdc(&mut self, value: u8, interrupts: &mut Interrupts) {
        let was_on = self.is_on();
        self.lcdc = Lcdc::from_bits_retain(value);
        match (was_on, self.is_on()) {
            (false, true) => self.switch_on(interrupts),
            (true, false) => self.switch_off(),
            _ => {}
        }
    }

    /// The first line has no mode 2: mode 0 is read until mode 3 begins.
    fn switch_on(&mut self, interrupts: &mut Interrupts) {
        self.line = 0;
        self.ly = 0;
        self.dot = SWITCH_ON_DOT;
        self.line_dots = LINE_DOTS;
        self.wy_reached = self.wy == 0;
        self.window_line = 0xFF;
        self.objects.skip_line();
        self.mode = 0;
        self.interrupt_mode = None;
        self.blank_frame = true;
        self.compare(Some(0), interrupts);
        self.go_to(Stage::Mode3, MODE_3_DOT);
    }

    /// LY and the mode read 0. The coincidence bit and the interrupt's signal stay as they are
    /// until the LCD comes on again (mooneye `stat_lyc_onoff`).
    fn switch_off(&mut self) {
        self.line = 0;
        self.ly = 0;
        self.dot = 0;
        self.mode = 0;
        self.interrupt_mode = None;
        self.oam_read_lock = false;
        self.oam_write_lock = false;
        self.vram_read_lock = false;
        self.vram_write_lock = false;
        self.go_to(Stage::LineStart, 0);
        self.blank();
    }
}
