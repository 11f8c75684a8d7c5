//! What a picture consists of: the cells of the background and of the window, and objects.

mod grid;
mod recovered;
mod tile;

use gameboy::{Frame, HEIGHT, Layer, ObjectPosition, PIXELS, Provenance, VideoMemory, WIDTH};

use grid::Layout;
use tile::Drawn;
pub use tile::Tile;

/// Cells of a row of the grid: those of a screen that begins in the middle of one.
pub const COLUMNS: usize = WIDTH / SIDE + 1;
/// Empty rows between the background's and the window's.
pub const GAP: usize = 2;
/// Pixels of the side of a cell.
pub const SIDE: usize = 8;
/// Objects of 8x16 are two cells.
const OBJECT_CELLS: usize = 2 * 40;

/// The cells of a frame.
///
/// Background and window lie in one grid of [`COLUMNS`] columns, as they lie on the screen: the
/// rows of the background, and, where there is a window, [`GAP`] empty rows and the window's. A new
/// row of the background begins where the screen comes to a row of the tile map that it did not
/// show before, or to another part of it by its scroll. So what scrolls keeps its cells and their
/// neighbors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    grid: Vec<Option<Tile>>,
    /// For each row of the grid, its row of the tile map and the column that it begins with. Empty
    /// where that is not known.
    map: Vec<[u8; 2]>,
    window_row: usize,
    objects: Vec<ObjectCell>,
    of_pixel: Box<[u16; PIXELS]>,
}

/// What a cell is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellLayer {
    /// The background.
    Background,
    /// The window.
    Window,
    /// An object.
    Object,
}

/// An object of which some pixel is seen, or one half of it where it is 8x16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectCell {
    /// What it shows.
    pub tile: Tile,
    /// Its palette: on the original Game Boy 0 for OBP0 and 1 for OBP1.
    pub palette: u8,
    /// The line of the screen at which it begins.
    pub top: i16,
    /// The column of the screen at which it begins.
    pub left: i16,
    /// The cell of the grid that lies under its middle, or under what of the screen is next to it.
    pub ground: usize,
}

impl Cells {
    /// Takes a frame apart. `None` where its provenance was not recorded.
    pub fn of(frame: &Frame) -> Option<Self> {
        let (provenance, memory) = (frame.provenance()?, frame.memory()?);
        let layout = Layout::of(frame);
        let mut parts = Parts::new(&layout, memory);
        for y in 0..HEIGHT {
            let line = provenance.line(y);
            for (x, pixel) in line.into_iter().enumerate() {
                parts.add(x, y, pixel);
            }
        }
        Some(parts.finish())
    }

    /// The same cells with other color indices: those of the grid by the first map, those of objects
    /// by the one of their palette. Which cell a pixel belongs to does not change.
    #[must_use]
    pub fn mapped(mut self, grid: [u8; 4], objects: [[u8; 4]; 2]) -> Self {
        let map = |tile: &mut Tile, map: [u8; 4]| *tile = tile.map(|index| map[index as usize & 3]);
        for tile in self.grid.iter_mut().flatten() {
            map(tile, grid);
        }
        for object in &mut self.objects {
            map(&mut object.tile, objects[object.palette as usize & 1]);
        }
        self
    }

    /// What the cells of the grid show, row by row; `None` where nothing of a cell is seen.
    pub fn grid(&self) -> &[Option<Tile>] {
        &self.grid
    }

    /// Where in the tile map a cell of the grid lies: row and column, 0-31. Of the window, row and
    /// column of the window; of [recovered](Self::of_shades) cells 0.
    pub fn map_place(&self, cell: usize) -> [u8; 2] {
        let Some(&[row, first]) = self.map.get(cell / COLUMNS) else { return [0; 2] };
        [row, first.wrapping_add((cell % COLUMNS) as u8) & 0x1F]
    }

    /// The layer of a cell, counted through the grid and then the objects.
    pub fn layer(&self, cell: usize) -> CellLayer {
        if cell >= self.grid.len() {
            CellLayer::Object
        } else if cell / COLUMNS >= self.window_row {
            CellLayer::Window
        } else {
            CellLayer::Background
        }
    }

    /// What a cell shows, counted through the grid and then the objects; `None` where nothing of it
    /// is seen, or there is no such cell.
    pub fn tile(&self, cell: usize) -> Option<&Tile> {
        match cell.checked_sub(self.grid.len()) {
            Some(object) => self.objects.get(object).map(|object| &object.tile),
            None => self.grid[cell].as_ref(),
        }
    }

    /// Rows of the grid.
    pub fn rows(&self) -> usize {
        self.grid.len() / COLUMNS
    }

    /// The first row that is the window's; as many as there are rows where there is none.
    pub fn window_row(&self) -> usize {
        self.window_row
    }

    /// The objects, in the order of OAM.
    pub fn objects(&self) -> &[ObjectCell] {
        &self.objects
    }

    /// The cell of each pixel, row by row from the top left: a place in the grid, or beyond it,
    /// counted on, an object.
    pub fn of_pixels(&self) -> &[u16; PIXELS] {
        &self.of_pixel
    }
}

/// Cells while they are put together.
struct Parts<'a> {
    layout: &'a Layout,
    memory: &'a VideoMemory,
    grid: Vec<Option<Drawn>>,
    objects: Vec<Option<(Drawn, u8)>>,
    of_pixel: Box<[u16; PIXELS]>,
}

impl<'a> Parts<'a> {
    fn new(layout: &'a Layout, memory: &'a VideoMemory) -> Self {
        Self {
            layout,
            memory,
            grid: vec![None; layout.cells()],
            objects: vec![None; OBJECT_CELLS],
            of_pixel: Box::new([0; PIXELS]),
        }
    }

    fn add(&mut self, x: usize, y: usize, pixel: Provenance) {
        let (number, drawn, place) = if pixel.layer() == Layer::Object {
            let (number, place) = self.object(x, y, pixel);
            let (drawn, _) = self.objects[number]
                .get_or_insert_with(|| (Drawn::of(pixel.tile()), pixel.palette()));
            (self.grid.len() + number, drawn, place)
        } else {
            let (cell, place) = self.layout.cell(x, y);
            (cell, self.grid[cell].get_or_insert_with(|| Drawn::of(pixel.tile())), place)
        };
        drawn.add(place, pixel);
        self.of_pixel[y * WIDTH + x] = number as u16;
    }

    /// The cell of an object's pixel, and the place of the pixel in it.
    fn object(&self, x: usize, y: usize, pixel: Provenance) -> (usize, usize) {
        let ObjectPosition { top, left } = self.memory.object(pixel.object());
        let (row, column) = ((y as i16 - top) as usize, (x as i16 - left) as usize);
        let is_second = self.memory.object_height() == 16 && row / SIDE % 2 == 1;
        let number = 2 * pixel.object() as usize + is_second as usize;
        (number % OBJECT_CELLS, row % SIDE * SIDE + column % SIDE)
    }

    fn finish(mut self) -> Cells {
        let seen = |drawn: &Drawn| drawn.tile(self.memory);
        let grid: Vec<_> = self.grid.iter().map(|drawn| drawn.as_ref().map(seen)).collect();
        let mut numbers = [0; OBJECT_CELLS];
        let mut objects = Vec::new();
        for (number, object) in self.objects.iter().enumerate() {
            let Some((drawn, palette)) = object else { continue };
            numbers[number] = (grid.len() + objects.len()) as u16;
            let ObjectPosition { top, left } = self.memory.object((number / 2) as u8);
            let top = top + (number % 2 * SIDE) as i16;
            let middle = |start: i16, end: usize| {
                (start + SIDE as i16 / 2).clamp(0, end as i16 - 1) as usize
            };
            let (ground, _) = self.layout.cell(middle(left, WIDTH), middle(top, HEIGHT));
            objects.push(ObjectCell { tile: seen(drawn), palette: *palette, top, left, ground });
        }
        for cell in self.of_pixel.iter_mut() {
            if let Some(number) = (*cell as usize).checked_sub(grid.len()) {
                *cell = numbers[number];
            }
        }
        let (window_row, map) = (self.layout.window_row(), self.layout.map());
        Cells { grid, map, window_row, objects, of_pixel: self.of_pixel }
    }
}

#[cfg(test)]
mod tests;
