//! What the CPU, DMA and the boot ROM reach: VRAM, OAM and the registers.

use super::registers::{Lock, PaletteRam};
use super::{LINE_DOTS, MODE_3_DOT, Ppu, Stage, VRAM_SIZE};
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

    /// Video RAM, all banks that this console has.
    pub fn vram(&self) -> &[u8] {
        &self.vram[..self.vram_len()]
    }

    /// As [`vram`](Self::vram), to be written.
    pub fn vram_mut(&mut self) -> &mut [u8] {
        let len = self.vram_len();
        &mut self.vram[..len]
    }

    fn vram_len(&self) -> usize {
        if self.model.is_cgb() { VRAM_SIZE } else { VRAM_SIZE / 2 }
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
        if let Some(byte) = self.oam_mut().get_mut(addr as usize & 0xFF) {
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

    pub fn palette_lock(&self) -> Lock {
        if self.mode == 3 { Lock::Locked } else { Lock::Open }
    }

    fn read_palette(&self, ram: &PaletteRam) -> u8 {
        if self.palette_lock() == Lock::Locked { 0xFF } else { ram.read_data() }
    }

    fn read_stat(&self) -> u8 {
        0x80 | self.stat_enable.bits() | (self.is_coincident as u8) << 2 | self.mode
    }

    /// The first line has no mode 2: mode 0 is read until mode 3 begins.
    pub fn switch_on(&mut self, interrupts: &mut Interrupts) {
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
    pub fn switch_off(&mut self) {
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
