//! Where on the line the window begins (Pan Docs, "Window").

use crate::frame::WindowLine;
use crate::ppu::Ppu;
use crate::ppu::registers::Lcdc;

/// The column at which the window begins where WX is 0, by the lower three bits of SCX.
const BEGIN_AT_WX_0: [i16; 8] = [-7, -1, -2, -3, -4, -5, -6, -6];
/// The first column at which the window may begin a dot late.
const FIRST_LATE: i16 = -5;

impl Ppu {
    /// How many pixels may be shifted out before the window must be looked at again.
    pub fn pixels_to_window(&self) -> i16 {
        let position = self.pipeline.position;
        let pixels = self.wx as i16 - 7 - position;
        match (self.waits_for_window(), pixels) {
            (true, -1) => 0,
            (true, _) if self.wx == 0 && position < 0 => 0,
            (true, 0..) => pixels,
            (false, 0..) if self.may_insert_pixel() => pixels,
            _ => i16::MAX,
        }
    }

    /// Whether the window begins, or a pixel is inserted, at `position` or to the right of it, if
    /// at all.
    pub fn is_clear_of_window(&self, position: i16) -> bool {
        let may_change = self.waits_for_window() || self.may_insert_pixel();
        !may_change || (self.wx != 0 && self.wx as i16 - 7 >= position)
    }

    fn waits_for_window(&self) -> bool {
        !self.pipeline.in_window && self.wy_reached && self.lcdc.contains(Lcdc::WINDOW_ENABLE)
    }

    pub fn start_window(&mut self) {
        if !self.waits_for_window() || !self.is_at_window() {
            return;
        }
        self.pipeline.in_window = true;
        self.pipeline.window_begins = true;
        self.pipeline.background_left = 0;
        self.pipeline.fetch_dot = 0;
        self.pipeline.window_column = 0;
        self.window_line = self.window_line.wrapping_add(1);
        let (left, line) = (self.pipeline.position, self.window_line);
        self.drawn.window[self.line as usize] = Some(WindowLine { left, line });
        if self.wx == 0 && self.scx & 7 != 0 {
            self.pipeline.stall = 1;
        }
    }

    /// The window may begin a dot late, where it was switched on only now.
    fn is_at_window(&self) -> bool {
        let position = self.pipeline.position;
        match self.wx as i16 - 7 - position {
            _ if self.wx == 0 => position == BEGIN_AT_WX_0[self.scx as usize & 7],
            0 => true,
            -1 => !self.wx_changes && position >= FIRST_LATE,
            _ => false,
        }
    }

    /// The DMG inserts a pixel of colour 0 where WX is reached while a tile begins, if the window
    /// has begun before, or was switched on and off again.
    pub fn insert_pixel(&mut self) {
        if self.may_insert_pixel()
            && !self.pipeline.window_begins
            && self.pipeline.fetch_dot == 0
            && self.wx as i16 - 7 == self.pipeline.position
        {
            self.pipeline.inserts_pixel = true;
        }
    }

    fn may_insert_pixel(&self) -> bool {
        !self.model.is_cgb() && self.wy_reached && self.pipeline.had_window
    }
}
