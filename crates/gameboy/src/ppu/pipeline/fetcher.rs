//! The background fetcher: the tile, its low and its high byte, two dots each (Pan Docs, "Pixel
//! FIFO").

use super::{LEFT_OF_SCREEN, Pipeline};
use crate::frame::TileRow;
use crate::ppu::Ppu;
use crate::ppu::registers::Lcdc;
use crate::ppu::tiles::{TILE, data_at};

/// Dots of the fetcher before a row of eight pixels may be pushed.
pub const FETCH_DOTS: u8 = 6;

impl Pipeline {
    pub fn is_in_window(&self) -> bool {
        self.in_window
    }

    /// Takes note that whole rows of tiles have left the FIFO, and that the one fetched last,
    /// `fetched`, has been pushed.
    pub fn pass_tiles(&mut self, tiles: usize, fetched: TileRow, lcdc: Lcdc) {
        // Row after row, so the FIFO is as full as before.
        self.background_left = (tiles * TILE) as u8;
        self.shift(self.background_left);
        if lcdc.contains(Lcdc::LOW_TILE_DATA) {
            self.low_tile_data = fetched.high;
        }
        self.fetched = fetched;
        self.window_column = self.window_column.wrapping_add(tiles as u8 - 1);
        self.push_row();
    }

    fn push_row(&mut self) {
        self.background = self.fetched.flipped();
        self.background_left = 8;
        self.fetch_dot = 0;
        self.window_column = self.window_column.wrapping_add(1);
    }
}

impl Ppu {
    /// The fetcher's work of some dots, in which at most the last empties the FIFO. The pixels
    /// of these dots have been shifted out already.
    pub fn run_fetcher(&mut self, dots: u8) {
        let start = self.pipeline.fetch_dot;
        let end = (start + dots).min(FETCH_DOTS);
        let at_dot = |dot: u8| (start..end).contains(&dot);
        let first = self.pipeline.position - (dots - 1) as i16;
        let position = |dot: u8| first + (dot - start) as i16;
        if at_dot(0) {
            self.fetch_tile(position(0));
        }
        if at_dot(1) {
            self.leave_window(position(1));
        }
        if at_dot(2) {
            self.pipeline.fetched.low = self.fetch_tile_data(0);
        }
        if at_dot(4) {
            self.pipeline.fetched.high = self.fetch_tile_data(1);
        }
        self.pipeline.fetch_dot = end;
        if end == FETCH_DOTS && self.pipeline.background_left == 0 {
            self.pipeline.push_row();
        }
    }

    /// Reads the tile map. The pixel of `position` comes next.
    fn fetch_tile(&mut self, position: i16) {
        let addr = self.map_row() + self.map_column(position) as usize;
        let number = self.vram[addr];
        let attributes = if self.cgb_mode { self.vram[0x2000 + addr] } else { 0 };
        let is_window = self.pipeline.in_window;
        self.pipeline.fetched = TileRow { number, attributes, is_window, ..TileRow::EMPTY };
    }

    /// The line of the background or the window that is fetched.
    pub fn map_line(&self) -> u8 {
        if self.pipeline.in_window { self.window_line } else { self.line.wrapping_add(self.scy) }
    }

    /// Where in VRAM its row of 32 tiles begins.
    pub fn map_row(&self) -> usize {
        let in_window = self.pipeline.in_window;
        let high_map = if in_window { Lcdc::WINDOW_HIGH_MAP } else { Lcdc::BG_HIGH_MAP };
        let map = if self.lcdc.contains(high_map) { 0x1C00 } else { 0x1800 };
        map + (self.map_line() as usize >> 3) * 32
    }

    /// Which tile of the row is fetched, 0-31, while the pixel of `position` comes next.
    pub fn map_column(&self, position: i16) -> u8 {
        if self.pipeline.in_window {
            return self.pipeline.window_column & 31;
        }
        let from_left = (position - LEFT_OF_SCREEN).max(0) as u8 + self.pipeline.fine_scroll;
        (self.scx >> 3).wrapping_add(from_left >> 3) & 31
    }

    /// The tile that number 0 of a tile map stands for, see [`data_at`].
    pub fn zero_tile(&self) -> u8 {
        if self.lcdc.contains(Lcdc::LOW_TILE_DATA) { 0 } else { 0x80 }
    }

    /// The window may be switched off in the middle of a line.
    fn leave_window(&mut self, position: i16) {
        if self.leaves_window() {
            self.pipeline.in_window = false;
            self.fetch_tile(position);
        }
    }

    pub fn leaves_window(&self) -> bool {
        self.pipeline.in_window && !self.lcdc.contains(Lcdc::WINDOW_ENABLE)
    }

    fn fetch_tile_data(&mut self, plane: usize) -> u8 {
        let TileRow { number, attributes, .. } = self.pipeline.fetched;
        let at = data_at(number, self.zero_tile(), attributes, self.map_line());
        self.pipeline.fetched.data_at = at as u16;
        let data = self.vram[at | plane];
        if self.tile_data_changes {
            return self.changing_tile_data(data);
        }
        if self.lcdc.contains(Lcdc::LOW_TILE_DATA) {
            self.pipeline.low_tile_data = data;
        }
        data
    }

    /// While LCDC's bit for tile data falls, the CGB reads the number of the tile for its data;
    /// while it rises, the last byte that was read from the low tiles.
    fn changing_tile_data(&mut self, data: u8) -> u8 {
        if !self.lcdc.contains(Lcdc::LOW_TILE_DATA) {
            return self.pipeline.low_tile_data;
        }
        self.pipeline.low_tile_data = data;
        match self.pipeline.fetched.number {
            number @ 0..=0x7F => number,
            _ => data,
        }
    }
}
