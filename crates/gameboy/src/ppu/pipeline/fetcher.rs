//! The background fetcher: the tile, its low and its high byte, two dots each (Pan Docs, "Pixel
//! FIFO").

use super::{LEFT_OF_SCREEN, TileRow};
use crate::ppu::registers::{Attributes, Lcdc};
use crate::ppu::{Ppu, VRAM_SIZE};

/// Dots of the fetcher before a row of eight pixels may be pushed.
pub const FETCH_DOTS: u8 = 6;

impl Ppu {
    /// The fetcher's work of some dots, in which at most the last empties the FIFO. The pixels
    /// of these dots have been shifted out already.
    pub fn run_fetcher(&mut self, dots: u8) {
        let start = self.pipeline.fetch_dot;
        let end = (start + dots).min(FETCH_DOTS);
        for dot in start..end {
            let pixels_ahead = dots - 1 - (dot - start);
            match dot {
                0 => self.fetch_tile(pixels_ahead),
                1 => self.leave_window(pixels_ahead),
                2 => self.pipeline.fetched.low = self.fetch_tile_data(0),
                4 => self.pipeline.fetched.high = self.fetch_tile_data(1),
                _ => {}
            }
        }
        self.pipeline.fetch_dot = end;
        if end == FETCH_DOTS && self.pipeline.background_left == 0 {
            self.push_row();
        }
    }

    /// The same from the first dot to the last of an undisturbed tile, whose eight pixels have
    /// been shifted out.
    pub fn fetch_row(&mut self) {
        self.fetch_tile(7);
        self.leave_window(6);
        let at = self.tile_data_at();
        let (low, high) = (self.vram[at], self.vram[at | 1]);
        self.pipeline.fetched.low = low;
        self.pipeline.fetched.high = high;
        if self.lcdc.contains(Lcdc::LOW_TILE_DATA) {
            self.pipeline.low_tile_data = high;
        }
        self.push_row();
    }

    fn push_row(&mut self) {
        let mut row = self.pipeline.fetched;
        if row.attributes & Attributes::X_FLIP.bits() != 0 {
            row.low = row.low.reverse_bits();
            row.high = row.high.reverse_bits();
        }
        self.pipeline.background = row;
        self.pipeline.background_left = 8;
        self.pipeline.fetch_dot = 0;
        self.pipeline.window_column = self.pipeline.window_column.wrapping_add(1);
    }

    fn fetch_tile(&mut self, pixels_ahead: u8) {
        let in_window = self.pipeline.in_window;
        let (high_map, column, row) = if in_window {
            (Lcdc::WINDOW_HIGH_MAP, self.pipeline.window_column, self.window_line)
        } else {
            let position = self.pipeline.position - pixels_ahead as i16;
            let from_left = (position - LEFT_OF_SCREEN).max(0) as u8 + self.pipeline.fine_scroll;
            let column = (self.scx >> 3).wrapping_add(from_left >> 3);
            (Lcdc::BG_HIGH_MAP, column, self.line.wrapping_add(self.scy))
        };
        let map = if self.lcdc.contains(high_map) { 0x1C00 } else { 0x1800 };
        let addr = map + (row as usize >> 3) * 32 + (column as usize & 31);
        self.pipeline.fetched = TileRow {
            number: self.vram[addr],
            attributes: if self.cgb_mode { self.vram[0x2000 + addr] } else { 0 },
            is_window: in_window,
            ..TileRow::default()
        };
    }

    /// The window may be switched off in the middle of a line.
    fn leave_window(&mut self, pixels_ahead: u8) {
        if self.pipeline.in_window && !self.lcdc.contains(Lcdc::WINDOW_ENABLE) {
            self.pipeline.in_window = false;
            self.fetch_tile(pixels_ahead);
        }
    }

    fn fetch_tile_data(&mut self, plane: usize) -> u8 {
        let addr = self.tile_data_at() | plane;
        let data = self.vram[addr];
        if self.tile_data_changes {
            return self.changing_tile_data(data);
        }
        if self.lcdc.contains(Lcdc::LOW_TILE_DATA) {
            self.pipeline.low_tile_data = data;
        }
        data
    }

    /// Where the low byte of the row lies in VRAM; the high one follows it.
    fn tile_data_at(&mut self) -> usize {
        let fetched = &mut self.pipeline.fetched;
        let number = fetched.number;
        let tile = if self.lcdc.contains(Lcdc::LOW_TILE_DATA) {
            number as u16
        } else {
            (256 + number as i8 as i16) as u16
        };
        let bank = (fetched.attributes & Attributes::BANK.bits() != 0) as u16;
        fetched.tile = tile + 384 * bank;
        let line =
            if fetched.is_window { self.window_line } else { self.line.wrapping_add(self.scy) };
        let flip = if fetched.attributes & Attributes::Y_FLIP.bits() != 0 { 7 } else { 0 };
        (0x2000 * bank as usize + tile as usize * 16 + 2 * (line & 7 ^ flip) as usize)
            & (VRAM_SIZE - 1)
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
