//! The PPU: its timing, interrupts and registers (Pan Docs, "Rendering").
//!
//! It is advanced lazily. [`Ppu::catch_up`] brings it to the present before anything that the
//! CPU could notice: an access to its registers or memories, and [`Ppu::next_event`].
//!
//! Dots are counted from the moment at which LY takes the number of the line.

mod access;
mod oam_bug;
mod objects;
mod pipeline;
mod registers;
#[cfg(test)]
mod tests;
mod tiles;
mod writes;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::frame::{Frame, HEIGHT, ProvenanceMap, Raster, Scroll, VideoMemory};
use crate::interrupts::{Interrupt, Interrupts};
use crate::memory::Ram;
use crate::model::Model;
pub use oam_bug::OamAccess;
pub use objects::OAM_SIZE;
use objects::{LineObjects, ObjectsByLine};
use pipeline::Pipeline;
use registers::{Lcdc, PaletteRam, StatEnable};
pub use writes::WriteDots;

pub const VRAM_SIZE: usize = 0x4000;
const LINE_DOTS: u16 = 456;
const LINES: u8 = 154;
const LAST_LINE: u8 = LINES - 1;
const VBLANK_LINE: u8 = HEIGHT as u8;

const OAM_SCAN_DOT: u16 = 1;
const VRAM_LOCK_DOT: u16 = 77;
const MODE_3_DOT: u16 = 81;
const PIPELINE_DOT: u16 = 85;
/// The line on which the LCD comes on takes longer to begin (gbmicrotest `int_hblank_nops_scx1`).
const FIRST_LINE_PIPELINE_DOT: u16 = 87;
/// STAT reads mode 0 this many dots before its interrupt is requested.
const HBLANK_INTERRUPT_DELAY: u16 = 1;
/// Mode 3 is cut off here, should a game stall it for longer than the line lasts.
const LAST_DRAWING_DOT: u16 = LINE_DOTS - HBLANK_INTERRUPT_DELAY - 1;
const WHITE: u16 = 0x7FFF;

/// What happens next on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    LineStart,
    OamScan,
    VramLock,
    Mode3,
    Pipeline,
    Drawing,
    HBlankInterrupt,
    LineEnd,
    VBlank,
    /// Line 153: LY turns to 0 while LYC still compares with 153, then with nothing, then with 0.
    Line153Compare,
    Line153NoCompare,
    Line153Zero,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ppu {
    model: Model,
    /// Whether the Color's functions are on, see KEY0.
    cgb_mode: bool,
    vram: Ram<VRAM_SIZE>,
    oam: Ram<OAM_SIZE>,

    lcdc: Lcdc,
    stat_enable: StatEnable,
    scy: u8,
    scx: u8,
    ly: u8,
    lyc: u8,
    bgp: u8,
    obp0: u8,
    obp1: u8,
    wy: u8,
    wx: u8,
    vbk: u8,
    opri: u8,
    bg_palettes: PaletteRam,
    object_palettes: PaletteRam,

    /// The dot, since power-on, that the PPU has been brought to.
    clock: u64,
    line: u8,
    dot: u16,
    line_dots: u16,
    stage: Stage,
    stage_dot: u16,
    mode: u8,
    interrupt_mode: Option<u8>,
    compared_line: Option<u8>,
    is_coincident: bool,
    /// Every source of the STAT interrupt, or-ed: the interrupt is requested when it rises.
    stat_signal: bool,
    oam_read_lock: bool,
    oam_write_lock: bool,
    vram_read_lock: bool,
    vram_write_lock: bool,

    #[serde(skip, default = "ObjectsByLine::stale")]
    objects_by_line: ObjectsByLine,
    objects: LineObjects,
    pipeline: Pipeline,
    wy_reached: bool,
    window_line: u8,
    /// WX, or LCDC's bit for tile data, is being written at this dot.
    wx_changes: bool,
    tile_data_changes: bool,
    /// The byte of OAM that DMA writes.
    oam_dma_at: Option<u8>,

    /// How often an HBlank has begun, for HDMA.
    hblanks: u64,
    vblanks: u64,
    /// The dot at which the latest VBlank began.
    vblank_clock: u64,
    /// The first frame after the LCD is switched on is not shown.
    blank_frame: bool,
    #[serde(skip, default = "Frame::shaded")]
    drawn: Frame,
    #[serde(skip, default = "Frame::shaded")]
    shown: Frame,
}

impl Ppu {
    pub fn new(model: Model, cgb_mode: bool) -> Self {
        let frame = if model.is_cgb() { Frame::colored() } else { Frame::shaded() };
        Self {
            model,
            cgb_mode,
            vram: Ram::zeroed(),
            oam: Ram::zeroed(),
            lcdc: Lcdc::empty(),
            stat_enable: StatEnable::empty(),
            scy: 0,
            scx: 0,
            ly: 0,
            lyc: 0,
            bgp: 0,
            obp0: 0,
            obp1: 0,
            wy: 0,
            wx: 0,
            vbk: 0,
            opri: 0,
            bg_palettes: PaletteRam::new(WHITE),
            object_palettes: PaletteRam::new(WHITE),
            clock: 0,
            line: 0,
            dot: 0,
            line_dots: LINE_DOTS,
            stage: Stage::LineStart,
            stage_dot: 0,
            mode: 0,
            interrupt_mode: None,
            compared_line: None,
            is_coincident: false,
            stat_signal: false,
            oam_read_lock: false,
            oam_write_lock: false,
            vram_read_lock: false,
            vram_write_lock: false,
            objects_by_line: ObjectsByLine::stale(),
            objects: LineObjects::none(),
            pipeline: Pipeline::new(Lcdc::empty()),
            wy_reached: false,
            window_line: 0xFF,
            wx_changes: false,
            tile_data_changes: false,
            oam_dma_at: None,
            hblanks: 0,
            vblanks: 0,
            vblank_clock: 0,
            blank_frame: false,
            shown: frame.clone(),
            drawn: frame,
        }
    }

    /// Puts the PPU where the boot ROM leaves it: in VBlank, `dot` dots into `line`.
    pub fn skip_boot(&mut self, line: u8, dot: u16) {
        self.lcdc = Lcdc::from_bits_retain(0x91);
        self.bgp = 0xFC;
        self.obp0 = 0xFF;
        self.obp1 = 0xFF;
        self.line = line;
        self.ly = line;
        self.mode = 1;
        self.interrupt_mode = Some(1);
        self.go_to(Stage::LineStart, 0);
        let mut discarded = Interrupts::default();
        self.catch_up(dot as u64, &mut discarded);
        self.clock = 0;
    }

    /// The last whole picture.
    pub fn frame(&self) -> &Frame {
        &self.shown
    }

    /// How often VBlank has begun since power-on, by which a caller notices a new picture.
    pub fn vblanks(&self) -> u64 {
        self.vblanks
    }

    pub fn vblank_clock(&self) -> u64 {
        self.vblank_clock
    }

    pub fn hblanks(&self) -> u64 {
        self.hblanks
    }

    /// Whether HDMA may transfer a block at once: in HBlank, or with the LCD off.
    pub fn is_in_hblank(&self) -> bool {
        !self.is_on() || (self.line < VBLANK_LINE && self.mode == 0 && self.stage == Stage::LineEnd)
    }

    pub fn color_palettes(&self) -> [[[u16; 4]; 8]; 2] {
        [&self.bg_palettes, &self.object_palettes]
            .map(|ram| std::array::from_fn(|palette| ram.colors(palette as u8)))
    }

    pub fn is_on(&self) -> bool {
        self.lcdc.contains(Lcdc::LCD_ENABLE)
    }

    pub fn record_provenance(&mut self) {
        for frame in [&mut self.drawn, &mut self.shown] {
            if frame.provenance.is_none() {
                frame.provenance = Some(Box::new(ProvenanceMap::EMPTY));
                frame.memory = Some(Box::new(VideoMemory::EMPTY));
            }
        }
    }

    pub fn stop_provenance(&mut self) {
        for frame in [&mut self.drawn, &mut self.shown] {
            (frame.provenance, frame.memory) = (None, None);
        }
    }

    /// Takes the pictures over from the PPU that a save state replaces: they are not part of it.
    pub fn adopt_frames(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.drawn, &mut other.drawn);
        std::mem::swap(&mut self.shown, &mut other.shown);
    }

    /// Whether this is a PPU of `model` brought to one of the dots `now`, and all that indexes
    /// memory is in range: a damaged save state may not be.
    pub fn is_sound(&self, model: Model, now: RangeInclusive<u64>) -> bool {
        self.model == model
            && now.contains(&self.clock)
            && self.line < LINES
            && self.line_dots <= LINE_DOTS
            && match self.stage {
                // It ends with the line of pixels, whenever that is.
                Stage::Drawing => {
                    self.line < VBLANK_LINE
                        && self.dot < LAST_DRAWING_DOT
                        && !self.pipeline.is_at_end()
                }
                _ => (self.dot..=LINE_DOTS).contains(&self.stage_dot),
            }
            && self.pipeline.is_sound()
    }

    pub fn catch_up(&mut self, now: u64, interrupts: &mut Interrupts) {
        if !self.is_on() {
            self.clock = self.clock.max(now);
            return;
        }
        while self.clock < now {
            if self.stage == Stage::Drawing {
                self.draw(now);
                continue;
            }
            let dots = ((self.stage_dot - self.dot) as u64).min(now - self.clock);
            self.dot += dots as u16;
            self.clock += dots;
            if self.dot == self.stage_dot {
                self.enter_stage(interrupts);
            }
        }
    }

    /// The dot by which [`Self::catch_up`] must be called again, since it may then request an
    /// interrupt or, if `hblank` asks for it, begin an HBlank. It may be called too early.
    pub fn next_event(&self, hblank: Watch) -> u64 {
        if !self.is_on() {
            return u64::MAX;
        }
        if hblank == Watch::Ignored
            && let Some(dots) = self.quiet_dots()
        {
            return self.clock + dots;
        }
        self.clock
            + match self.stage {
                Stage::Drawing => self.pipeline.least_dots_left(),
                _ => (self.stage_dot - self.dot).max(1) as u64,
            }
    }

    /// Dots up to VBlank, or to the line before the one that LYC waits for, where STAT asks for
    /// nothing else. `None` near that line, which [`Self::next_event`] takes stage by stage.
    fn quiet_dots(&self) -> Option<u64> {
        let to_vblank = self.dots_to_vblank();
        if self.stat_enable.is_empty() {
            return Some(to_vblank);
        }
        if self.stat_enable != StatEnable::LYC {
            return None;
        }
        if self.lyc >= LINES {
            return Some(to_vblank);
        }
        // Line 153 also compares with 0, and line 0 still does.
        let awaited = if self.lyc == 0 { LAST_LINE } else { self.lyc };
        let lines = (awaited as u16 + LINES as u16 - self.line as u16) % LINES as u16;
        if lines < 2 || (self.lyc == 0 && self.line == 0) {
            return None;
        }
        let rest_of_line = (self.line_dots - self.dot) as u64;
        let to_awaited = rest_of_line + (lines as u64 - 2) * LINE_DOTS as u64;
        Some(to_awaited.max(1).min(to_vblank))
    }

    fn dots_to_vblank(&self) -> u64 {
        let in_line = (self.line_dots - self.dot) as u64;
        let lines = match self.line {
            VBLANK_LINE if self.dot < OAM_SCAN_DOT => return (OAM_SCAN_DOT - self.dot) as u64,
            line if line < VBLANK_LINE => VBLANK_LINE - line - 1,
            line => LINES - line - 1 + VBLANK_LINE,
        };
        in_line + lines as u64 * LINE_DOTS as u64 + OAM_SCAN_DOT as u64
    }

    fn go_to(&mut self, stage: Stage, dot: u16) {
        self.stage = stage;
        self.stage_dot = dot;
    }

    fn enter_stage(&mut self, interrupts: &mut Interrupts) {
        match self.stage {
            Stage::LineStart => self.start_line(interrupts),
            Stage::OamScan => self.start_oam_scan(interrupts),
            Stage::VramLock => self.lock_vram(),
            Stage::Mode3 => self.start_mode_3(interrupts),
            Stage::Pipeline => self.stage = Stage::Drawing,
            Stage::Drawing => {}
            Stage::HBlankInterrupt => {
                self.interrupt_mode = Some(0);
                self.update_stat(interrupts);
                self.hblanks += 1;
                self.go_to(Stage::LineEnd, self.line_dots);
            }
            Stage::LineEnd => self.end_line(interrupts),
            Stage::VBlank => self.start_vblank_line(interrupts),
            Stage::Line153Compare => {
                if !self.model.is_cgb() {
                    self.ly = 0;
                }
                self.compare(Some(LAST_LINE), interrupts);
                self.go_to(Stage::Line153NoCompare, 7);
            }
            Stage::Line153NoCompare => {
                self.ly = 0;
                let still = self.model.is_cgb().then_some(LAST_LINE);
                self.compare(still, interrupts);
                self.go_to(Stage::Line153Zero, 11);
            }
            Stage::Line153Zero => {
                self.compare(Some(0), interrupts);
                self.go_to(Stage::LineEnd, self.line_dots);
            }
        }
    }

    fn start_line(&mut self, interrupts: &mut Interrupts) {
        self.ly = self.line;
        if self.line >= VBLANK_LINE {
            self.compared_line = None;
            // Entering VBlank also triggers the OAM scan's interrupt.
            if self.line == VBLANK_LINE
                && !self.stat_signal
                && self.stat_enable.contains(StatEnable::OAM_SCAN)
            {
                interrupts.request(Interrupt::Stat);
            }
            self.go_to(Stage::VBlank, OAM_SCAN_DOT);
            return;
        }
        self.oam_read_lock = true;
        if self.line > 0 {
            self.compared_line = None;
            self.interrupt_mode = Some(2);
            self.mode = 0;
            self.update_stat(interrupts);
        } else {
            self.compared_line = Some(0);
        }
        self.go_to(Stage::OamScan, OAM_SCAN_DOT);
    }

    fn start_oam_scan(&mut self, interrupts: &mut Interrupts) {
        self.mode = 2;
        self.objects.restart();
        self.oam_write_lock = true;
        self.interrupt_mode = Some(2);
        self.compare(Some(self.line), interrupts);
        // The interrupt of mode 2 is a pulse.
        self.interrupt_mode = None;
        self.update_stat(interrupts);
        if self.line == self.wy {
            self.wy_reached = true;
        }
        self.go_to(Stage::VramLock, VRAM_LOCK_DOT);
    }

    fn lock_vram(&mut self) {
        self.vram_read_lock = !self.model.is_cgb();
        self.oam_write_lock = self.model.is_cgb();
        self.go_to(Stage::Mode3, MODE_3_DOT);
    }

    fn start_mode_3(&mut self, interrupts: &mut Interrupts) {
        self.mode = 3;
        self.interrupt_mode = None;
        self.update_stat(interrupts);
        self.oam_read_lock = true;
        self.oam_write_lock = true;
        self.vram_read_lock = true;
        self.vram_write_lock = true;
        self.scan_objects();
        self.pipeline = Pipeline::new(self.lcdc);
        self.drawn.scroll[self.line as usize] = Scroll { scx: self.scx, scy: self.scy };
        self.drawn.window[self.line as usize] = None;
        if let Some(provenance) = &mut self.drawn.provenance {
            provenance.begin_line(self.line as usize);
        }
        let is_first_line = self.blank_frame && self.line == 0;
        self.go_to(
            Stage::Pipeline,
            if is_first_line { FIRST_LINE_PIPELINE_DOT } else { PIPELINE_DOT },
        );
    }

    fn draw(&mut self, now: u64) {
        while self.clock < now {
            let line_left = LAST_DRAWING_DOT - self.dot;
            let dots = self.draw_dots((now - self.clock).min(line_left as u64));
            self.clock += dots;
            self.dot += dots as u16;
            // A line that never ends would be a corrupt state: every stall is finite.
            if self.pipeline.is_at_end() || self.dot >= LAST_DRAWING_DOT {
                self.start_hblank();
                return;
            }
        }
    }

    fn start_hblank(&mut self) {
        self.mode = 0;
        self.oam_read_lock = false;
        self.oam_write_lock = false;
        self.vram_read_lock = false;
        self.vram_write_lock = false;
        self.go_to(Stage::HBlankInterrupt, self.dot + HBLANK_INTERRUPT_DELAY);
    }

    fn end_line(&mut self, interrupts: &mut Interrupts) {
        self.line_dots = LINE_DOTS;
        self.dot = 0;
        self.line = (self.line + 1) % LINES;
        self.go_to(Stage::LineStart, 0);
        if self.line == 0 {
            self.wy_reached = false;
            self.window_line = 0xFF;
            self.mode = 0;
            self.interrupt_mode = None;
        }
        self.start_line(interrupts);
    }

    fn start_vblank_line(&mut self, interrupts: &mut Interrupts) {
        if self.line == VBLANK_LINE {
            self.mode = 1;
            self.interrupt_mode = Some(1);
            interrupts.request(Interrupt::VBlank);
            self.show_frame();
        }
        if self.line == LAST_LINE {
            self.go_to(Stage::Line153Compare, 3);
        } else {
            self.compare(Some(self.line), interrupts);
            self.go_to(Stage::LineEnd, self.line_dots);
        }
    }

    fn show_frame(&mut self) {
        self.vblanks += 1;
        self.vblank_clock = self.clock;
        if self.blank_frame {
            self.blank_frame = false;
            self.blank();
        } else {
            if let Some(memory) = &mut self.drawn.memory {
                (memory.vram, memory.oam) = (*self.vram, *self.oam);
                memory.object_height = self.lcdc.object_height();
            }
            std::mem::swap(&mut self.drawn, &mut self.shown);
        }
    }

    /// Shows the picture of a screen that is off.
    fn blank(&mut self) {
        match &mut self.shown.raster {
            Raster::Shades(shades) => shades.fill(0),
            Raster::Colors(colors) => colors.fill(WHITE),
        }
        if let Some(provenance) = &mut self.shown.provenance {
            **provenance = ProvenanceMap::EMPTY;
        }
        if let Some(memory) = &mut self.shown.memory {
            **memory = VideoMemory::EMPTY;
        }
        self.shown.scroll.fill(Scroll { scx: self.scx, scy: self.scy });
        self.shown.window.fill(None);
    }

    fn compare(&mut self, line: Option<u8>, interrupts: &mut Interrupts) {
        self.compared_line = line;
        self.update_stat(interrupts);
    }

    fn update_stat(&mut self, interrupts: &mut Interrupts) {
        self.is_coincident = self.compared_line == Some(self.lyc);
        let source = match self.interrupt_mode {
            Some(0) => StatEnable::HBLANK,
            Some(1) => StatEnable::VBLANK,
            Some(2) => StatEnable::OAM_SCAN,
            _ => StatEnable::empty(),
        };
        let signal = self.stat_enable.intersects(source)
            || (self.stat_enable.contains(StatEnable::LYC) && self.is_coincident);
        if signal && !self.stat_signal {
            interrupts.request(Interrupt::Stat);
        }
        self.stat_signal = signal;
    }
}

/// Whether someone waits for the next HBlank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    Ignored,
    Watched,
}
