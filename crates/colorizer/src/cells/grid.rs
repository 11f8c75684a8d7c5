//! Where on the screen the cells of background and window lie.

use gameboy::{Frame, HEIGHT, Scroll, WindowLine};

use super::{COLUMNS, GAP, SIDE};

/// Rows of the background at most. Games that move every line for itself have more, and show what
/// belongs together in some of them.
const MOST_ROWS: usize = 40;

/// The row of the grid that each line shows, and what of it.
#[derive(Debug)]
pub struct Layout {
    lines: [Line; HEIGHT],
    background_rows: usize,
    rows: usize,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    row: usize,
    scroll: Scroll,
    /// The column of the tile map that the row begins with.
    first: u8,
    /// Where the window begins, its line, and the row of the grid.
    window: Option<(WindowLine, usize)>,
}

/// A row of the background.
struct Begun {
    map_row: u8,
    /// SCX in its first line.
    scx: u8,
}

impl Begun {
    /// Whether a line of this SCX shows the same cells.
    fn is_near(&self, scx: u8) -> bool {
        (scx.wrapping_sub(self.scx) as i8).unsigned_abs() < SIDE as u8
    }
}

impl Layout {
    pub fn of(frame: &Frame) -> Self {
        let mut begun: Vec<Begun> = Vec::new();
        let mut lines =
            frame.scroll().map(|scroll| Line { row: 0, scroll, first: 0, window: None });
        for (y, line) in lines.iter_mut().enumerate() {
            let map_row = line.map_line(y) / SIDE as u8;
            let is_same =
                |begun: &Begun| begun.map_row == map_row && begun.is_near(line.scroll.scx);
            // The latest first: it is most often that one.
            let found = begun.iter().rposition(is_same).or_else(|| {
                let is_full = begun.len() == MOST_ROWS;
                is_full.then(|| begun.iter().rposition(|begun| begun.map_row == map_row)).flatten()
            });
            line.row = found.unwrap_or_else(|| {
                if begun.len() < MOST_ROWS {
                    begun.push(Begun { map_row, scx: line.scroll.scx });
                }
                begun.len() - 1
            });
            line.first = begun[line.row].scx / SIDE as u8;
        }
        let background_rows = begun.len();
        let mut rows = background_rows;
        for (line, window) in lines.iter_mut().zip(frame.window()) {
            let Some(window) = window else { continue };
            let row = background_rows + GAP + window.line as usize / SIDE;
            line.window = Some((*window, row));
            rows = rows.max(row + 1);
        }
        Self { lines, background_rows, rows }
    }

    /// Cells of the grid.
    pub fn cells(&self) -> usize {
        self.rows * COLUMNS
    }

    /// The first row of the window.
    pub fn window_row(&self) -> usize {
        if self.rows == self.background_rows { self.rows } else { self.background_rows + GAP }
    }

    /// For each row its row of the tile map, and the column that it begins with.
    pub fn map(&self) -> Vec<[u8; 2]> {
        let mut map = vec![[0; 2]; self.rows];
        for (y, line) in self.lines.iter().enumerate() {
            map[line.row] = [line.map_line(y) / SIDE as u8, line.first];
            if let Some((window, row)) = line.window {
                map[row] = [window.line / SIDE as u8, 0];
            }
        }
        map
    }

    /// The cell of a pixel of background or window, and the place of the pixel in it, row by row.
    pub fn cell(&self, x: usize, y: usize) -> (usize, usize) {
        let line = &self.lines[y];
        let (row, column, place) = match line.window {
            Some((window, row)) if x as i16 >= window.left => {
                let column = (x as i16 - window.left) as usize;
                let place = window.line as usize % SIDE * SIDE + column % SIDE;
                (row, column / SIDE, place)
            }
            _ => {
                let column = (x as u8).wrapping_add(line.scroll.scx);
                let place = line.map_line(y) as usize % SIDE * SIDE + column as usize % SIDE;
                // Lines of a row may be shifted against each other by some pixels.
                let from_first = (column / SIDE as u8).wrapping_sub(line.first) & 0x1F;
                let column = if from_first == 0x1F { 0 } else { from_first as usize };
                (line.row, column, place)
            }
        };
        (row * COLUMNS + column.min(COLUMNS - 1), place)
    }
}

impl Line {
    /// The line of the tile map.
    fn map_line(&self, y: usize) -> u8 {
        (y as u8).wrapping_add(self.scroll.scy)
    }
}
