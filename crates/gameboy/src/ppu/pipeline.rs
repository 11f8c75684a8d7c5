//! Mode 3, dot by dot: the two FIFOs, the fetching of objects and the mixing of pixels
//! (Pan Docs, "Pixel FIFO").

mod fetcher;
mod mixer;
mod window;

use serde::{Deserialize, Serialize};

use super::Ppu;
use super::objects::Object;
use super::registers::{Attributes, Lcdc};
use super::tiles::TILE;
use crate::frame::{TileRow, WIDTH};
use fetcher::FETCH_DOTS;

/// Where the line begins: eight pixels that only fill the FIFO, then eight that lie left of the
/// screen.
const FIRST_POSITION: i16 = -16;
const LEFT_OF_SCREEN: i16 = -8;
/// How far the fetcher must have come before an object is fetched.
const OBJECT_FETCH_READY: u8 = 5;
const OBJECT_FETCH_DOTS: u8 = 6;
const OBJECT_LOW_DOTS_LEFT: u8 = 3;

/// A pixel of an object that waits to be mixed; colour index 0 stands for none.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct ObjectPixel {
    color_index: u8,
    palette: u8,
    behind_background: bool,
    oam_index: u8,
    tile: u16,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pipeline {
    /// The column that the next pixel belongs to.
    position: i16,
    background: TileRow,
    background_left: u8,
    /// A ring of the eight columns from `object_head` on.
    objects: [ObjectPixel; 8],
    object_head: u8,
    /// Columns from there on that an object may have put a pixel into.
    object_columns: u8,
    /// The row that the fetcher is at work on.
    fetched: TileRow,
    fetch_dot: u8,
    /// Rows of tiles pushed since the window began.
    window_column: u8,
    /// How many pixels of the first tile were dropped.
    fine_scroll: u8,
    in_window: bool,
    /// The window has begun, and none of its pixels has left the FIFO yet.
    window_begins: bool,
    /// A pixel of colour 0 comes before the next one of the background FIFO.
    inserts_pixel: bool,
    /// Whether the window was switched on when the line began.
    had_window: bool,
    /// Dots for which the pipeline only waits.
    stall: u8,
    /// The last byte that was fetched from 0x8000-0x8FFF.
    low_tile_data: u8,
    /// Dots until the object at hand is fetched.
    object_dots: u8,
    object_low: u8,
}

impl Pipeline {
    /// At the beginning of a line, with LCDC as it is then.
    pub fn new(lcdc: Lcdc) -> Self {
        Self {
            position: FIRST_POSITION,
            background: TileRow::EMPTY,
            background_left: 8,
            objects: [ObjectPixel::default(); 8],
            object_head: 0,
            object_columns: 0,
            fetched: TileRow::EMPTY,
            fetch_dot: 0,
            window_column: 0,
            fine_scroll: 0,
            in_window: false,
            window_begins: false,
            inserts_pixel: false,
            had_window: lcdc.contains(Lcdc::WINDOW_ENABLE),
            stall: 0,
            low_tile_data: 0,
            object_dots: 0,
            object_low: 0,
        }
    }

    /// Dots that the line takes at least to its end.
    pub fn least_dots_left(&self) -> u64 {
        (WIDTH as i16 - self.position.max(LEFT_OF_SCREEN)).max(1) as u64
    }

    pub fn is_at_end(&self) -> bool {
        self.position >= WIDTH as i16
    }

    /// Whether a whole row of a tile lies in the background FIFO for the screen, the fetcher has
    /// yet to begin with the next one, and no pixels of objects wait.
    pub fn is_at_tile(&self) -> bool {
        self.background_left == 8
            && self.fetch_dot == 0
            && self.object_columns == 0
            && self.position >= 0
    }

    /// The row in the background FIFO.
    pub fn background(&self) -> TileRow {
        self.background
    }

    /// The column that the next pixel belongs to; it is negative left of the screen.
    pub fn position(&self) -> i16 {
        self.position
    }

    /// The column of the screen that the next pixel belongs to.
    pub fn column(&self) -> usize {
        self.position.max(0) as usize
    }

    /// Takes pixels out of both FIFOs.
    pub fn shift(&mut self, pixels: u8) {
        for column in 0..pixels.min(self.object_columns) {
            self.objects[(self.object_head + column) as usize & 7] = ObjectPixel::default();
        }
        self.object_columns = self.object_columns.saturating_sub(pixels);
        self.object_head = (self.object_head + pixels) & 7;
        self.background_left -= pixels - self.inserts_pixel as u8;
        self.inserts_pixel = false;
        self.window_begins = false;
        self.position += pixels as i16;
    }

    /// Whether a dot may bring something else than a pixel of each FIFO.
    fn is_disturbed(&self) -> bool {
        self.object_dots > 0 || self.stall > 0 || self.inserts_pixel
    }

    /// The columns left of the row in the background FIFO, up to the left edge of the screen if
    /// that is among them.
    fn columns_of_row(&self) -> i16 {
        let columns = self.background_left as i16;
        if self.position < 0 { columns.min(-self.position) } else { columns }
    }

    /// Whether a damaged save state left the positions in range.
    pub fn is_sound(&self) -> bool {
        (FIRST_POSITION..=WIDTH as i16).contains(&self.position)
            && self.background_left <= 8
            && self.object_head < 8
            && self.fetch_dot <= FETCH_DOTS
    }
}

impl Ppu {
    /// Advances mode 3 by one dot or more, but at most `limit`, and returns by how many.
    pub fn draw_dots(&mut self, limit: u64) -> u64 {
        if self.pipeline.position == FIRST_POSITION && limit >= TILE as u64 && self.is_start_clear()
        {
            return self.fill_fifo();
        }
        let columns = (self.undisturbed_columns() as u64).min(limit);
        if columns >= TILE as u64 && self.pipeline.is_at_tile() && !self.leaves_window() {
            return self.draw_tiles(columns as usize / TILE) as u64;
        }
        let run = columns.min(self.pipeline.columns_of_row() as u64);
        if run == 0 {
            return self.fetch_object_at_once(limit).unwrap_or_else(|| self.draw_dot());
        }
        self.emit(run as u8);
        self.run_fetcher(run as u8);
        run
    }

    /// Whether neither an object nor the window begins before a row of a tile has been fetched.
    fn is_start_clear(&self) -> bool {
        let end = self.pushed_position();
        let object = self.objects.next_x(0).filter(|_| self.fetches_objects());
        !self.pipeline.is_disturbed()
            && self.pipeline.background_left == 8
            && self.pipeline.fetch_dot == 0
            && object.is_none_or(|x| x as i16 + LEFT_OF_SCREEN >= end)
            && self.is_clear_of_window(end)
    }

    /// Where the first row that the fetcher pushes begins: the fine scroll drops some of the
    /// pixels before.
    fn pushed_position(&self) -> i16 {
        -((self.scx & 7) as i16)
    }

    /// The first eight dots at once.
    fn fill_fifo(&mut self) -> u64 {
        let fine_scroll = self.scx & 7;
        self.pipeline.fine_scroll = fine_scroll;
        self.pipeline.position = LEFT_OF_SCREEN;
        self.pipeline.background_left -= fine_scroll;
        self.pipeline.shift(TILE as u8 - fine_scroll);
        self.run_fetcher(TILE as u8);
        TILE as u64
    }

    /// Advances by one dot, and returns that.
    fn draw_dot(&mut self) -> u64 {
        self.start_window();
        self.insert_pixel();
        if self.pipeline.stall > 0 {
            self.pipeline.stall -= 1;
        } else if !self.fetch_object() {
            self.shift_pixel();
            self.run_fetcher(1);
        }
        1
    }

    /// In how many columns from here on pixels only leave the FIFOs, with neither an object nor
    /// the window in between.
    fn undisturbed_columns(&self) -> i16 {
        let pipeline = &self.pipeline;
        let position = pipeline.position;
        if position < LEFT_OF_SCREEN || pipeline.is_disturbed() {
            return 0;
        }
        let mut pixels = WIDTH as i16 - position;
        if self.fetches_objects()
            && let Some(x) = self.objects.next_x((position - LEFT_OF_SCREEN) as u8)
        {
            pixels = pixels.min(x as i16 + LEFT_OF_SCREEN - position);
        }
        pixels.min(self.pixels_to_window())
    }

    /// The CGB fetches objects even while they are switched off.
    fn fetches_objects(&self) -> bool {
        self.lcdc.contains(Lcdc::OBJ_ENABLE) || self.model.is_cgb()
    }

    /// Stalls the pipeline while an object at this column is fetched. Returns whether this dot
    /// went into that.
    fn fetch_object(&mut self) -> bool {
        if !self.fetches_objects() {
            // The DMG gives up an object that it has not fetched yet.
            self.pipeline.object_dots = 0;
            return false;
        }
        // Objects at X = 0 are found as soon as the line begins.
        let x = (self.pipeline.position - LEFT_OF_SCREEN).max(0) as u8;
        if self.pipeline.object_dots > 0 {
            self.pipeline.object_dots -= 1;
            self.fetch_object_row(x);
            if self.pipeline.object_dots > 0 {
                return true;
            }
        }
        if self.objects.at(x).is_none() {
            return false;
        }
        if self.pipeline.fetch_dot < OBJECT_FETCH_READY || self.pipeline.background_left == 0 {
            self.run_fetcher(1);
        } else {
            self.pipeline.object_dots = OBJECT_FETCH_DOTS;
        }
        true
    }

    /// All the dots for which an object stalls the pipeline, if there are so many. What a dot at a
    /// time does is the same.
    fn fetch_object_at_once(&mut self, limit: u64) -> Option<u64> {
        let pipeline = &self.pipeline;
        let is_clear = !pipeline.is_disturbed()
            && pipeline.position >= LEFT_OF_SCREEN
            && pipeline.background_left > 0
            && self.fetches_objects()
            && self.pixels_to_window() > 0;
        let wait = OBJECT_FETCH_READY.saturating_sub(pipeline.fetch_dot);
        let dots = (wait + OBJECT_FETCH_DOTS) as u64;
        if !is_clear || dots > limit {
            return None;
        }
        let object = self.objects.at((pipeline.position - LEFT_OF_SCREEN) as u8)?;
        for _ in 0..wait {
            self.run_fetcher(1);
        }
        let object = self.as_dma_leaves(object);
        self.pipeline.object_low = self.read_object_row(object).0;
        self.overlay(object);
        self.objects.advance();
        Some(dots)
    }

    /// Reads the low byte of the row of the object at `x` and, at the end, the high one.
    fn fetch_object_row(&mut self, x: u8) {
        let dots_left = self.pipeline.object_dots;
        if dots_left != 0 && dots_left != OBJECT_LOW_DOTS_LEFT {
            return;
        }
        let Some(object) = self.objects.at(x) else {
            return;
        };
        let object = self.as_dma_leaves(object);
        if dots_left == OBJECT_LOW_DOTS_LEFT {
            self.pipeline.object_low = self.read_object_row(object).0;
        } else {
            self.overlay(object);
            self.objects.advance();
        }
    }

    fn overlay(&mut self, object: Object) {
        let (_, high, tile) = self.read_object_row(object);
        self.pipeline.low_tile_data = high;
        let low = self.pipeline.object_low;
        let palette = if self.cgb_mode {
            object.attributes.palette()
        } else {
            object.attributes.contains(Attributes::DMG_PALETTE) as u8
        };
        let by_oam_index = self.cgb_mode && self.opri & 1 == 0;
        for column in 0..8 {
            let color_index = color_index(low, high, column);
            let slot = self.pipeline.object_head.wrapping_add(column) as usize & 7;
            let slot = &mut self.pipeline.objects[slot];
            let wins = slot.color_index == 0 || (by_oam_index && object.index < slot.oam_index);
            if color_index != 0 && wins {
                self.pipeline.object_columns = 8;
                *slot = ObjectPixel {
                    color_index,
                    palette,
                    behind_background: object.attributes.contains(Attributes::PRIORITY),
                    oam_index: object.index,
                    tile,
                };
            }
        }
    }

    /// The low and high byte of the object's row on this line, flipped as it asks, and the tile.
    fn read_object_row(&self, object: Object) -> (u8, u8, u16) {
        let height = self.lcdc.object_height();
        let mut row = (self.line + 16).wrapping_sub(object.y) & (height - 1);
        if object.attributes.contains(Attributes::Y_FLIP) {
            row = height - 1 - row;
        }
        let first = if height == 16 { object.tile & 0xFE } else { object.tile };
        let tile = (first | row >> 3) as u16;
        let bank = (self.cgb_mode && object.attributes.contains(Attributes::BANK)) as usize;
        let addr = bank * 0x2000 + tile as usize * 16 + 2 * (row as usize & 7);
        let (mut low, mut high) = (self.vram[addr], self.vram[addr + 1]);
        if object.attributes.contains(Attributes::X_FLIP) {
            (low, high) = (low.reverse_bits(), high.reverse_bits());
        }
        (low, high, tile + 384 * bank as u16)
    }

    fn shift_pixel(&mut self) {
        if self.pipeline.background_left == 0 {
            return;
        }
        if self.pipeline.position < LEFT_OF_SCREEN {
            // The fine scroll: pixels are dropped until the counter equals SCX.
            if self.pipeline.position & 7 == (self.scx & 7) as i16 {
                self.pipeline.fine_scroll = self.scx & 7;
                self.pipeline.position = LEFT_OF_SCREEN;
            } else {
                self.pipeline.background_left -= 1;
                self.pipeline.position += 1;
                return;
            }
        }
        self.emit(1);
    }

    /// Takes `pixels` out of both FIFOs and, on the screen, mixes them.
    fn emit(&mut self, pixels: u8) {
        if self.pipeline.position >= 0 {
            self.mix(pixels);
        }
        self.pipeline.shift(pixels);
    }
}

fn color_index(low: u8, high: u8, column: u8) -> u8 {
    let bit = 7 - (column & 7);
    (high >> bit & 1) << 1 | low >> bit & 1
}
