//! OAM DMA (Pan Docs, "OAM DMA Transfer") and the CGB's VRAM DMA ("LCD VRAM DMA Transfers").

use serde::{Deserialize, Serialize};

use crate::bus::Bus;

const OAM_DMA_BYTES: u8 = 160;
/// M-cycles from the write to DMA until the first byte moves.
const OAM_DMA_DELAY: u8 = 2;
const HDMA_BLOCK: u16 = 16;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OamDma {
    dma: u8,
    delay: u8,
    /// The page that is copied; `dma` may name the next one already.
    source: u8,
    /// Bytes moved, while a transfer runs.
    moved: Option<u8>,
    /// The byte on the bus.
    byte: u8,
}

impl OamDma {
    pub fn new() -> Self {
        Self { dma: 0xFF, delay: 0, source: 0, moved: None, byte: 0xFF }
    }

    /// Whether a transfer runs or is about to.
    pub fn is_active(&self) -> bool {
        (self.delay > 0) | self.moved.is_some()
    }

    pub fn locks_oam(&self) -> bool {
        self.moved.is_some()
    }

    pub fn read_dma(&self) -> u8 {
        self.dma
    }

    pub fn write_dma(&mut self, value: u8) {
        self.dma = value;
        self.delay = OAM_DMA_DELAY;
    }

    /// The value that the register holds after the boot ROM.
    pub fn set_dma(&mut self, value: u8) {
        self.dma = value;
    }
}

/// HDMA1-5.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hdma {
    source: u16,
    destination: u16,
    /// Blocks of 16 bytes still to copy, less one; bit 7 set when no transfer is under way.
    hdma5: u8,
    hblanks: u64,
    is_due: bool,
}

impl Hdma {
    pub fn new() -> Self {
        Self { source: 0xFFF0, destination: 0x1FF0, hdma5: 0xFF, hblanks: 0, is_due: false }
    }

    pub fn waits_for_hblank(&self) -> bool {
        self.hdma5 & 0x80 == 0
    }

    pub fn is_due(&self) -> bool {
        self.is_due
    }

    pub fn read_hdma5(&self) -> u8 {
        self.hdma5
    }

    /// Takes note of how often an HBlank has begun.
    pub fn notice_hblanks(&mut self, hblanks: u64) {
        if hblanks != self.hblanks {
            self.hblanks = hblanks;
            self.is_due = self.waits_for_hblank();
        }
    }
}

impl Bus {
    pub fn tick_oam_dma(&mut self) {
        if self.oam_dma.delay > 0 {
            self.oam_dma.delay -= 1;
            if self.oam_dma.delay == 0 {
                // Echo RAM and what lies above it read as work RAM.
                let page = self.oam_dma.dma;
                self.oam_dma.source = if page >= 0xE0 { page - 0x20 } else { page };
                self.oam_dma.moved = Some(0);
            }
        }
        match self.oam_dma.moved {
            Some(moved) if moved < OAM_DMA_BYTES => {
                let addr = u16::from_be_bytes([self.oam_dma.source, moved]);
                self.oam_dma.byte = self.read_memory(addr);
                self.catch_up_ppu();
                self.ppu.set_oam_dma(Some(moved));
                self.ppu.poke_oam(moved as u16, self.oam_dma.byte);
                self.oam_dma.moved = Some(moved + 1);
            }
            Some(_) => {
                self.oam_dma.moved = None;
                self.catch_up_ppu();
                self.ppu.set_oam_dma(None);
            }
            None => {}
        }
    }

    /// What the CPU reads from the bus that OAM DMA occupies, if `addr` lies there.
    pub fn oam_dma_conflict(&self, addr: u16) -> Option<u8> {
        self.oam_dma.moved?;
        let source = self.data_bus((self.oam_dma.source as u16) << 8)?;
        (self.data_bus(addr) == Some(source)).then_some(self.oam_dma.byte)
    }

    /// Where a write of the CPU goes: elsewhere or nowhere if OAM DMA occupies that bus, since it
    /// drives the address.
    pub fn oam_dma_redirect(&mut self, addr: u16, value: u8) -> Option<u16> {
        let Some(byte) = self.oam_dma_conflict(addr) else {
            return Some(addr);
        };
        let at = self.oam_dma.moved.unwrap_or(0).saturating_sub(1);
        let source = u16::from_be_bytes([self.oam_dma.source, at]);
        let in_ram = source >= 0xA000;
        // Two drive the data bus at once, and OAM gets what comes of it.
        match (self.model.is_cgb(), in_ram) {
            (false, true) => self.ppu.poke_oam(at as u16, byte & value),
            (true, false) => self.ppu.poke_oam(at as u16, 0),
            _ => {}
        }
        (!in_ram).then_some(source)
    }

    fn data_bus(&self, addr: u16) -> Option<DataBus> {
        match addr {
            0x8000..=0x9FFF => Some(DataBus::Vram),
            0xC000..=0xFDFF if self.model.is_cgb() => Some(DataBus::Wram),
            0x0000..=0xFDFF => Some(DataBus::External),
            _ => None,
        }
    }

    pub fn write_hdma(&mut self, addr: u16, value: u8) {
        let hdma = &mut self.hdma;
        match addr {
            0xFF51 => hdma.source = (value as u16) << 8 | hdma.source & 0xF0,
            0xFF52 => hdma.source = hdma.source & 0xFF00 | (value & 0xF0) as u16,
            0xFF53 => hdma.destination = ((value & 0x1F) as u16) << 8 | hdma.destination & 0xF0,
            0xFF54 => hdma.destination = hdma.destination & 0x1F00 | (value & 0xF0) as u16,
            _ => self.start_hdma(value),
        }
    }

    /// Bit 7 chooses between a block per HBlank and all at once; clearing it while blocks are
    /// left stops the transfer.
    fn start_hdma(&mut self, value: u8) {
        self.catch_up_ppu();
        if value & 0x80 != 0 {
            self.hdma.hdma5 = value & 0x7F;
            self.hdma.is_due = self.ppu.is_in_hblank();
            self.schedule();
            if self.hdma.is_due {
                self.run_hdma_block();
            }
        } else if self.hdma.waits_for_hblank() {
            self.hdma.hdma5 = 0x80 | value;
            self.hdma.is_due = false;
        } else {
            for _ in 0..=value & 0x7F {
                self.copy_hdma_block();
            }
            self.hdma.hdma5 = 0xFF;
        }
    }

    pub fn run_hdma_block(&mut self) {
        self.hdma.is_due = false;
        self.copy_hdma_block();
        self.hdma.hdma5 = match self.hdma.hdma5 & 0x7F {
            0 => 0xFF,
            blocks => blocks - 1,
        };
        self.schedule();
    }

    /// The CPU stands still for 8 M-cycles a block, 16 at double speed: two bytes take 4 dots.
    fn copy_hdma_block(&mut self) {
        let bytes_per_m_cycle = if self.dots_per_m_cycle() == 4 { 2 } else { 1 };
        for offset in 0..HDMA_BLOCK {
            if offset % bytes_per_m_cycle == 0 {
                self.tick_m_cycle();
                self.catch_up_ppu();
            }
            let byte = match self.hdma.source {
                // VRAM as a source gives no useful data.
                0x8000..=0x9FFF | 0xE000.. => 0xFF,
                addr => self.read_memory(addr),
            };
            self.ppu.write_vram(0x8000 | self.hdma.destination, byte);
            self.hdma.source = self.hdma.source.wrapping_add(1);
            self.hdma.destination = (self.hdma.destination + 1) & 0x1FFF;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DataBus {
    /// Cartridge, and on the DMG work RAM.
    External,
    Vram,
    /// The CGB's own bus to work RAM.
    Wram,
}
