//! The console's insides, drawn for those who want to know them.

use colorizer::lab::srgb_to_lab;
use colorizer::{GREY_LEVELS, rgb555_to_srgb};
use gameboy::{Frame, GameBoy, HEIGHT, Layer, Model, PIXELS, Provenance, VideoMemory, WIDTH};

use crate::font;
use crate::picture::Picture;

/// What is shown beside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebugView {
    /// The tiles of VRAM, both banks.
    Tiles,
    /// The tile map at 0x9800, and the part of it that is seen.
    LowMap,
    /// The tile map at 0x9C00.
    HighMap,
    /// The palettes.
    Palettes,
    /// Where each pixel comes from.
    Origins,
    /// a* and b* of the colors.
    Planes,
}

/// The console's insides after a frame.
#[derive(Clone, Debug)]
pub struct Snapshot {
    model: Model,
    memory: Option<VideoMemory>,
    /// VRAM, both banks.
    vram: Vec<u8>,
    lcdc: u8,
    scroll: [u8; 2],
    /// BGP, OBP0 and OBP1.
    shade_palettes: [u8; 3],
    color_palettes: [[[u16; 4]; 8]; 2],
    provenance: Vec<Provenance>,
}

/// Bytes of a bank of VRAM.
const BANK: usize = 0x2000;
const PAPER: [u8; 4] = [24, 24, 24, 0xFF];
const MARK: [u8; 4] = [0xFF, 0x40, 0x40, 0xFF];
/// Pixels between the picture and what is beside it.
const GAP: usize = 4;
/// Pixels of a line of text above it.
const HEAD: usize = 8;
const INK: [u8; 3] = [0xFF; 3];

impl Snapshot {
    /// Of a console that has just run a frame.
    pub fn of(gb: &GameBoy) -> Self {
        let frame: &Frame = gb.frame();
        let memory = frame.memory().cloned();
        let vram = memory.as_ref().map(VideoMemory::to_bytes).unwrap_or_default();
        Self {
            model: gb.model(),
            memory,
            vram,
            lcdc: gb.peek(0xFF40),
            scroll: [gb.peek(0xFF43), gb.peek(0xFF42)],
            shade_palettes: [0xFF47, 0xFF48, 0xFF49].map(|register| gb.peek(register)),
            color_palettes: gb.color_palettes(),
            provenance: frame.provenance().map(|map| map.iter().collect()).unwrap_or_default(),
        }
    }
}

impl DebugView {
    /// All of them, in the order in which they follow each other.
    pub const ALL: [Self; 6] =
        [Self::Tiles, Self::LowMap, Self::HighMap, Self::Palettes, Self::Origins, Self::Planes];

    /// The view after this one; none after the last.
    pub fn next(view: Option<Self>) -> Option<Self> {
        let Some(view) = view else { return Some(Self::ALL[0]) };
        let at = Self::ALL.iter().position(|other| *other == view).unwrap_or_default();
        Self::ALL.get(at + 1).copied()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Tiles => "tiles",
            Self::LowMap => "tile map 9800",
            Self::HighMap => "tile map 9C00",
            Self::Palettes => "palettes",
            Self::Origins => "layer, tile and index",
            Self::Planes => "a* and b*",
        }
    }

    /// The size of [`picture`](Self::picture) beside a game's picture of that size.
    pub fn size(self, [width, height]: [usize; 2]) -> [usize; 2] {
        let [panel_width, panel_height] = self.panel_size();
        [width + GAP + panel_width, height.max(panel_height + HEAD)]
    }

    fn panel_size(self) -> [usize; 2] {
        match self {
            Self::Tiles => [256 + GAP, 192],
            Self::LowMap | Self::HighMap => [256, 256],
            Self::Palettes => [160, 136],
            Self::Origins => [WIDTH, HEIGHT],
            Self::Planes => [WIDTH, 2 * HEIGHT],
        }
    }

    /// The game's picture with the view beside it.
    pub fn picture(self, game: &Picture, snapshot: &Snapshot) -> Picture {
        let panel = match self {
            Self::Tiles => snapshot.tiles(),
            Self::LowMap => snapshot.map(0x1800),
            Self::HighMap => snapshot.map(0x1C00),
            Self::Palettes => snapshot.palettes(),
            Self::Origins => snapshot.origins(),
            Self::Planes => planes(game),
        };
        let [width, height] = self.size([game.width(), game.height()]);
        let mut picture = Picture::new(width, height, vec![PAPER; width * height]);
        picture.put(game, [0, 0]);
        picture.put(&panel, [game.width() + GAP, HEAD]);
        font::write_text(&mut picture, [game.width() + GAP, 0], self.name(), INK);
        picture
    }
}

impl Snapshot {
    fn blank(view: DebugView) -> Picture {
        let [width, height] = view.panel_size();
        Picture::new(width, height, vec![PAPER; width * height])
    }

    /// The color of an index without any palette.
    fn plain(index: u8) -> [u8; 4] {
        opaque([GREY_LEVELS[index as usize & 3]; 3])
    }

    fn tiles(&self) -> Picture {
        let mut picture = Self::blank(DebugView::Tiles);
        let Some(memory) = &self.memory else { return picture };
        let banks = if self.model.is_cgb() { 2 } else { 1 };
        for tile in 0..384 * banks {
            let (bank, tile_of_bank) = (tile / 384, tile % 384);
            let left = bank * (128 + GAP) + tile_of_bank % 16 * 8;
            self.draw_tile(&mut picture, [left, tile_of_bank / 16 * 8], memory, tile as u16, None);
        }
        picture
    }

    /// Draws a tile, in the colors of a palette or none, flipped as its attributes say.
    fn draw_tile(
        &self,
        picture: &mut Picture,
        [left, top]: [usize; 2],
        memory: &VideoMemory,
        tile: u16,
        attributes: Option<u8>,
    ) {
        let flags = attributes.unwrap_or_default();
        for (pixel, index) in memory.tile(tile).into_iter().enumerate() {
            let (x, y) = (pixel % 8, pixel / 8);
            let x = if flags & 0x20 == 0 { x } else { 7 - x };
            let y = if flags & 0x40 == 0 { y } else { 7 - y };
            let color = match attributes {
                Some(flags) => self.background_color(flags & 7, index),
                None => Self::plain(index),
            };
            if let Some(pixel) = picture.pixel_mut(left + x, top + y) {
                *pixel = color;
            }
        }
    }

    fn background_color(&self, palette: u8, index: u8) -> [u8; 4] {
        if self.model.is_cgb() {
            let color = self.color_palettes[0][palette as usize & 7][index as usize & 3];
            opaque(rgb555_to_srgb(color))
        } else {
            Self::plain(self.shade_palettes[0] >> (2 * index) & 3)
        }
    }

    fn map(&self, at: usize) -> Picture {
        let mut picture = Self::blank(DebugView::LowMap);
        let Some(memory) = &self.memory else { return picture };
        for cell in 0..32 * 32 {
            let number = self.vram[at + cell];
            let flags = if self.model.is_cgb() { self.vram[BANK + at + cell] } else { 0 };
            // Pan Docs, "VRAM Tile Data": LCDC.4 chooses where numbers count from.
            let tile =
                if self.lcdc & 0x10 == 0 { 256 + (number as i8) as i16 } else { number.into() };
            let tile = tile as u16 + if flags & 0x08 == 0 { 0 } else { 384 };
            self.draw_tile(&mut picture, [cell % 32 * 8, cell / 32 * 8], memory, tile, Some(flags));
        }
        // LCDC.3: the map of the background, of which the frame's last scroll shows a part.
        if (self.lcdc & 0x08 != 0) == (at == 0x1C00) {
            let [scx, scy] = self.scroll.map(usize::from);
            let across = (0..WIDTH).flat_map(|x| [[x, 0], [x, HEIGHT - 1]]);
            let down = (0..HEIGHT).flat_map(|y| [[0, y], [WIDTH - 1, y]]);
            for [x, y] in across.chain(down) {
                if let Some(pixel) = picture.pixel_mut((scx + x) % 256, (scy + y) % 256) {
                    *pixel = MARK;
                }
            }
        }
        picture
    }

    fn palettes(&self) -> Picture {
        let mut picture = Self::blank(DebugView::Palettes);
        if self.model.is_cgb() {
            for (side, (name, palettes)) in
                ["background", "objects"].into_iter().zip(self.color_palettes).enumerate()
            {
                let left = side * 80;
                font::write_text(&mut picture, [left, 0], name, INK);
                for (row, colors) in palettes.into_iter().enumerate() {
                    let colors = colors.map(|color| opaque(rgb555_to_srgb(color)));
                    swatches(&mut picture, [left, 10 + row * 15], colors);
                }
            }
        } else {
            for (row, (name, register)) in
                ["BGP", "OBP0", "OBP1"].into_iter().zip(self.shade_palettes).enumerate()
            {
                let top = row * 24;
                let text = format!("{name} {register:02X}");
                font::write_text(&mut picture, [0, top], &text, INK);
                let colors = [0, 1, 2, 3].map(|index| Self::plain(register >> (2 * index) & 3));
                swatches(&mut picture, [0, top + 9], colors);
            }
        }
        picture
    }

    /// Hue by layer, and within it by tile; lightness by index.
    fn origins(&self) -> Picture {
        let mut picture = Self::blank(DebugView::Origins);
        if self.provenance.len() != PIXELS {
            return picture;
        }
        for (pixel, from) in picture.rows_mut().flatten().zip(&self.provenance) {
            let base: [u16; 3] = match from.layer() {
                Layer::Background => [0x40, 0x80, 0xFF],
                Layer::Window => [0xFF, 0xC0, 0x40],
                Layer::Object => [0xFF, 0x60, 0xA0],
            };
            // Neighbouring tiles differ, and the same tile is the same everywhere.
            let shift = from.tile().wrapping_mul(0x9E37) >> 10;
            let light = 256 - 56 * from.color_index() as u16;
            let [r, g, b] = [base[0] ^ shift, base[1] ^ shift >> 1, base[2] ^ shift >> 2];
            *pixel = opaque([r, g, b].map(|channel| (channel.min(255) * light / 256) as u8));
        }
        picture
    }
}

/// a* above and b* below: grey for none, light for red and yellow, dark for green and blue.
fn planes(game: &Picture) -> Picture {
    let mut picture = Snapshot::blank(DebugView::Planes);
    let colors: Vec<_> = game
        .rows()
        .flat_map(|row| &row[row.len() - WIDTH..])
        .map(|&[r, g, b, _]| srgb_to_lab([r, g, b]))
        .collect();
    let planes = colors.iter().map(|lab| lab.a).chain(colors.iter().map(|lab| lab.b));
    for (pixel, value) in picture.rows_mut().flatten().zip(planes) {
        *pixel = opaque([(128.0 + value).clamp(0.0, 255.0) as u8; 3]);
    }
    picture
}

fn swatches(picture: &mut Picture, [left, top]: [usize; 2], colors: [[u8; 4]; 4]) {
    for (column, color) in colors.into_iter().enumerate() {
        for (x, y) in (0..12 * 17).map(|place| (place % 17, place / 17)) {
            if let Some(pixel) = picture.pixel_mut(left + column * 18 + x, top + y) {
                *pixel = color;
            }
        }
    }
}

fn opaque([r, g, b]: [u8; 3]) -> [u8; 4] {
    [r, g, b, 0xFF]
}

#[cfg(test)]
mod tests {
    use gameboy::Cartridge;

    use super::*;
    use crate::embedded;

    fn snapshot(model: Model) -> Snapshot {
        let cartridge = Cartridge::from_bytes(embedded::DEMO_ROM).expect("the demo");
        let mut gb = GameBoy::new(cartridge, model);
        gb.record_provenance();
        for _ in 0..300 {
            gb.run_frame();
        }
        Snapshot::of(&gb)
    }

    #[test]
    fn every_view_shows_something_of_either_console() {
        let game = Picture::new(WIDTH, HEIGHT, vec![[200, 30, 90, 0xFF]; PIXELS]);
        for model in [Model::Dmg, Model::Cgb] {
            let snapshot = snapshot(model);
            for view in DebugView::ALL {
                let picture = view.picture(&game, &snapshot);
                assert_eq!([picture.width(), picture.height()], view.size([WIDTH, HEIGHT]));
                let panel = picture.rows().skip(HEAD).flat_map(|row| &row[WIDTH + GAP..]);
                let colors: std::collections::BTreeSet<_> = panel.collect();
                let least = match view {
                    // The demo leaves that map empty.
                    DebugView::HighMap => 1,
                    // One color has one a* and one b*.
                    DebugView::Planes => 2,
                    _ => 3,
                };
                assert!(colors.len() >= least, "{view:?} on {model:?}");
            }
        }
    }

    #[test]
    fn views_follow_each_other_and_end() {
        let views =
            std::iter::successors(Some(DebugView::ALL[0]), |&view| DebugView::next(Some(view)));
        assert_eq!(views.collect::<Vec<_>>(), DebugView::ALL);
        assert_eq!(DebugView::next(None), Some(DebugView::ALL[0]));
    }
}
