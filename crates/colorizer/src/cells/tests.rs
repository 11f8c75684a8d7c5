use gameboy::{Buttons, Cartridge, GameBoy, Model, ProvenanceMap, Scroll, VideoMemory, WindowLine};

use super::*;

const SCROLL: Scroll = Scroll { scx: 3, scy: 4 };
const WINDOW: WindowLine = WindowLine { left: 20, line: 0 };
const WINDOW_TOP: usize = 10;
/// Where entry 2 of OAM lies.
const OBJECT: ObjectPosition = ObjectPosition { top: 60, left: 50 };

/// Memory in which every row of a tile is its number in the low plane, and the high plane is full.
fn memory(object_height: u8) -> VideoMemory {
    let mut bytes = vec![0; VideoMemory::BYTES];
    for (at, byte) in bytes[..0x1800].iter_mut().enumerate() {
        *byte = if at % 2 == 0 { (at / 16) as u8 } else { 0xFF };
    }
    let oam = 0x4000 + 4 * 2;
    bytes[oam..oam + 2].copy_from_slice(&[(OBJECT.top + 16) as u8, (OBJECT.left + 8) as u8]);
    bytes[VideoMemory::BYTES - 1] = object_height;
    VideoMemory::from_bytes(&bytes).expect("all bytes")
}

/// The provenance of a pixel at `place` of a tile.
fn pixel(memory: &VideoMemory, layer: Layer, tile: u16, place: usize) -> Provenance {
    Provenance::new(layer, memory.tile(tile)[place], 0, tile)
}

/// A background of tile 5, a window of tile 6, and an object of tile 8 and, below it, 9.
fn frame(object_height: u8, mirror: usize) -> Frame {
    let memory = memory(object_height);
    let pixels: Vec<Provenance> = (0..PIXELS)
        .map(|at| {
            let (x, y) = (at % WIDTH, at / WIDTH);
            let (row, column) = (y as i16 - OBJECT.top, x as i16 - OBJECT.left);
            if (0..object_height as i16).contains(&row) && (0..8).contains(&column) {
                let place = (row % 8 * 8 + column) as usize ^ mirror;
                let tile = 8 + (row / 8) as u16;
                pixel(&memory, Layer::Object, tile, place).of_object(2)
            } else if y >= WINDOW_TOP && x >= WINDOW.left as usize {
                let place = (y - WINDOW_TOP) % 8 * 8 + (x - WINDOW.left as usize) % 8;
                pixel(&memory, Layer::Window, 6, place)
            } else {
                let place = (y + SCROLL.scy as usize) % 8 * 8 + (x + SCROLL.scx as usize) % 8;
                pixel(&memory, Layer::Background, 5, place)
            }
        })
        .collect();
    let pixels: &[Provenance; PIXELS] = pixels[..].try_into().expect("a screen");
    let window = std::array::from_fn(|y| {
        let line = y.checked_sub(WINDOW_TOP)? as u8;
        Some(WindowLine { line, ..WINDOW })
    });
    let provenance = ProvenanceMap::from_pixels(pixels);
    Frame::from_shades(&[0; PIXELS]).with_origin(provenance, [SCROLL; HEIGHT], window, memory)
}

fn at(x: usize, y: usize) -> usize {
    y * WIDTH + x
}

#[test]
fn background_and_window_have_grids_of_their_own() {
    let cells = Cells::of(&frame(8, 0)).expect("provenance");
    // Lines 0-3 show half a row of the map.
    assert_eq!(cells.window_row(), 19 + GAP);
    assert_eq!(cells.rows(), 19 + GAP + 17);
    let of = |x, y| cells.of_pixels()[at(x, y)] as usize;
    assert_eq!((of(0, 0), of(4, 3), of(5, 3), of(159, 3)), (0, 0, 1, 20));
    assert_eq!((of(0, 4), of(19, 143)), (COLUMNS, 18 * COLUMNS + 2));
    let window = cells.window_row() * COLUMNS;
    assert_eq!((of(20, 10), of(27, 17), of(28, 17)), (window, window, window + 1));
    assert_eq!(of(20, 18), window + COLUMNS);
    assert_eq!((cells.map_place(0), cells.map_place(COLUMNS + 2)), ([0, 0], [1, 2]));
    assert_eq!(cells.map_place(window + COLUMNS + 1), [1, 1]);

    let memory = memory(8);
    assert_eq!(cells.grid()[0], Some(memory.tile(5)));
    assert_eq!(cells.grid()[window], Some(memory.tile(6)));
    assert_eq!(cells.grid()[10 * COLUMNS + 10], None, "under the window");
    assert!(cells.grid()[19 * COLUMNS..window].iter().all(Option::is_none), "the gap");
}

#[test]
fn objects_are_cells_wherever_they_are() {
    let cells = Cells::of(&frame(8, 0)).expect("provenance");
    let [object] = cells.objects() else { panic!("{:?}", cells.objects()) };
    assert_eq!((object.top, object.left), (OBJECT.top, OBJECT.left));
    assert_eq!(object.tile, memory(8).tile(8));
    // Its middle is at column 54 and line 64: the window's fifth column and seventh row.
    assert_eq!(object.ground, (cells.window_row() + 6) * COLUMNS + 4);
    let number = cells.grid().len();
    let of = |x, y| cells.of_pixels()[at(x, y)] as usize;
    assert_eq!((of(50, 60), of(57, 67)), (number, number));
    assert!(of(58, 60) < number && of(50, 68) < number);
}

#[test]
fn a_tall_object_is_two_cells() {
    let cells = Cells::of(&frame(16, 0)).expect("provenance");
    let found: Vec<_> = cells
        .objects()
        .iter()
        .map(|object| (object.top, object.tile == memory(16).tile(8)))
        .collect();
    assert_eq!(found, [(60, true), (68, false)]);
    assert_eq!(cells.objects()[1].tile, memory(16).tile(9));
}

#[test]
fn mirrored_tiles_are_known_again_and_changed_ones_are_as_seen() {
    for mirror in [0o07, 0o70, 0o77] {
        let cells = Cells::of(&frame(8, mirror)).expect("provenance");
        assert_eq!(cells.objects()[0].tile, memory(8).tile(8), "{mirror:o}");
    }
    // Rotated by a column it is another tile.
    let cells = Cells::of(&frame(8, 1)).expect("provenance");
    let seen: Tile = std::array::from_fn(|place| memory(8).tile(8)[place ^ 1]);
    assert_eq!(cells.objects()[0].tile, seen);
}

#[test]
fn rows_begin_anew_where_the_screen_is_split() {
    let mut scroll = [Scroll::default(); HEIGHT];
    for line in &mut scroll[40..] {
        line.scx = 100;
    }
    let provenance = ProvenanceMap::from_pixels(&[Provenance::default(); PIXELS]);
    let frame = Frame::from_shades(&[0; PIXELS]);
    let frame = frame.with_origin(provenance, scroll, [None; HEIGHT], memory(8));
    let cells = Cells::of(&frame).expect("provenance");
    assert_eq!((cells.rows(), cells.window_row()), (18, 18));
    let row = |y: usize| cells.of_pixels()[at(0, y)] as usize;
    assert_eq!((row(39), row(40), row(143)), (4 * COLUMNS, 5 * COLUMNS, 17 * COLUMNS));
    // 100 is half a cell: all 21 columns are seen.
    assert_eq!(cells.of_pixels()[at(159, 40)] as usize, 5 * COLUMNS + 20);
    assert_eq!(cells.map_place(5 * COLUMNS + 20), [5, (100 / 8 + 20) % 32]);
}

#[test]
fn rows_that_come_again_are_the_same_and_there_is_an_end_to_them() {
    let rows = |scroll: [Scroll; HEIGHT]| {
        let provenance = ProvenanceMap::from_pixels(&[Provenance::default(); PIXELS]);
        let frame = Frame::from_shades(&[0; PIXELS]);
        let frame = frame.with_origin(provenance, scroll, [None; HEIGHT], memory(8));
        Cells::of(&frame).expect("provenance").rows()
    };
    // Every line shows one of two rows.
    let wave = std::array::from_fn(|y: usize| Scroll { scx: 0, scy: (y % 2 * 8 + 256 - y) as u8 });
    assert_eq!(rows(wave), 2);
    // Every line shows another part of its row.
    let road = std::array::from_fn(|y: usize| Scroll { scx: (y * 29) as u8, scy: 0 });
    assert!((19..=40).contains(&rows(road)), "{}", rows(road));
}

#[test]
fn indices_are_mapped_by_layer_and_palette() {
    let cells = Cells::of(&frame(8, 0)).expect("provenance");
    let (grid, object) = ([3, 2, 1, 0], [0, 3, 3, 1]);
    let mapped = cells.clone().mapped(grid, [object, [0; 4]]);
    assert_eq!(mapped.of_pixels(), cells.of_pixels());
    let of = |tile: Tile, map: [u8; 4]| tile.map(|index| map[index as usize]);
    assert_eq!(mapped.objects()[0].tile, of(cells.objects()[0].tile, object));
    for (mapped, cell) in mapped.grid().iter().zip(cells.grid()) {
        assert_eq!(*mapped, cell.map(|tile| of(tile, grid)));
    }
}

#[test]
fn without_provenance_there_are_no_cells() {
    assert_eq!(Cells::of(&Frame::from_shades(&[0; PIXELS])), None);
}

/// On both consoles, each pixel of the demo has the color index that its cell shows there.
#[test]
fn the_demo_consists_of_its_cells() {
    let rom = include_bytes!("../../../../roms/chromaboy-demo.gb");
    for model in [Model::Dmg, Model::Cgb] {
        let cartridge = Cartridge::from_bytes(rom.to_vec()).expect("the demo");
        let mut gb = GameBoy::new(cartridge, model);
        gb.record_provenance();
        let mut objects = 0;
        for number in 0..900 {
            let pressed = number % 40 < 8;
            gb.set_buttons(if pressed { Buttons::A | Buttons::RIGHT } else { Buttons::RIGHT });
            gb.run_frame();
            if number % 10 != 0 {
                continue;
            }
            let cells = Cells::of(gb.frame()).expect("provenance");
            objects += cells.objects().len();
            let provenance = gb.frame().provenance().expect("provenance");
            for (cell, pixel) in cells.of_pixels().iter().zip(provenance.iter()) {
                let cell = *cell as usize;
                let tile = match cell.checked_sub(cells.grid().len()) {
                    Some(object) => cells.objects()[object].tile,
                    None => cells.grid()[cell].expect("a cell that is seen"),
                };
                assert!(tile.contains(&pixel.color_index()), "frame {number}");
                let is_object = cell >= cells.grid().len();
                assert_eq!(is_object, pixel.layer() == Layer::Object, "frame {number}");
            }
        }
        assert!(objects > 100, "{objects} objects on {model:?}");
    }
}
