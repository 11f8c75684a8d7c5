mod scenes;

use gameboy::{Buttons, Cartridge, GameBoy, Layer, Model, PIXELS, WIDTH};

use super::*;
use crate::cells::Tile;
use crate::{Colorizer, Oklab};

const COLORS: usize = 8;

/// Gives each tile and index a color of its own, with a small part that depends on how often it
/// was asked: what a network says changes a little with what is around a cell.
struct ByTile {
    palette: Vec<[u8; 3]>,
    asked: u32,
    noise: f32,
}

impl ByTile {
    fn new(noise: f32) -> Self {
        let palette = (0..COLORS as u32).map(|i| [64 + 16 * i as u8, 200 - 20 * i as u8, 90]);
        Self { palette: palette.collect(), asked: 0, noise }
    }

    /// In colors that are not alike, so that no surface is [joined](regions::join).
    fn in_corners() -> Self {
        Self { palette: corners().to_vec(), ..Self::new(0.0) }
    }
}

fn hash(tile: &Tile) -> u32 {
    tile.iter().fold(7, |hash, &index| hash.wrapping_mul(31).wrapping_add(index as u32))
}

impl CellSource for ByTile {
    fn palette(&self) -> &[[u8; 3]] {
        &self.palette
    }

    fn logits(&mut self, cells: &Cells, _: &Hints, out: &mut Vec<f32>) -> Result<(), SourceError> {
        self.asked += 1;
        out.clear();
        let objects = cells.objects().iter().map(|object| Some(object.tile));
        for (cell, tile) in cells.grid().iter().copied().chain(objects).enumerate() {
            for index in 0..4 {
                let best = tile.map_or(0, |tile| hash(&tile) as usize + index);
                for color in 0..COLORS {
                    let seed = (cell as u32 * 977 + color as u32 * 31 + index as u32) ^ self.asked;
                    let noise = (seed.wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0;
                    let own = if color == best % COLORS { 5.0 } else { 0.0 };
                    out.push(own + self.noise * noise);
                }
            }
        }
        Ok(())
    }
}

fn demo() -> GameBoy {
    let rom = include_bytes!("../../../../roms/chromaboy-demo.gb").to_vec();
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Dmg);
    gb.record_provenance();
    gb
}

/// Plays the demo and gives each frame with its picture and the number of its scene.
fn play(source: ByTile, frames: usize, mut show: impl FnMut(&Frame, &RgbaFrame, u32)) -> u64 {
    let (mut gb, mut colorizer) = (demo(), InlineCells::new(source, Style::Vivid));
    let mut picture = RgbaFrame::new();
    for number in 0..frames {
        let is_start = number % 200 < 4;
        gb.set_buttons(if is_start { Buttons::START } else { Buttons::RIGHT });
        gb.run_frame();
        colorizer.colorize(gb.frame(), &mut picture);
        show(gb.frame(), &picture, colorizer.scene());
    }
    assert_eq!(colorizer.failure(), None);
    colorizer.asked()
}

/// The shade of each index of the background, as far as it is seen; a fade changes them.
fn bgp(frame: &Frame) -> [Option<u8>; 4] {
    let mut bgp = [None; 4];
    let shades = frame.shades().expect("shades");
    for (pixel, &shade) in frame.provenance().expect("provenance").iter().zip(shades) {
        if pixel.layer() != Layer::Object {
            bgp[pixel.color_index() as usize] = Some(shade);
        }
    }
    bgp
}

/// However often the source changes its mind, a cell that stands or scrolls keeps its colors.
#[test]
fn no_cell_flips_while_it_scrolls() {
    let mut before: Option<(Cells, Frame, RgbaFrame, u32)> = None;
    let (mut compared, mut scrolled, mut scenes) = (0u64, 0u64, 0);
    play(ByTile::new(30.0), 1500, |frame, picture, scene| {
        let cells = Cells::of(frame).expect("provenance");
        scenes = scene;
        let is_as_before = |old: &&(_, Frame, _, u32)| old.3 == scene && bgp(&old.1) == bgp(frame);
        if let Some((old_cells, old, old_picture, _)) = before.as_ref().filter(is_as_before) {
            let provenance = frame.provenance().expect("provenance");
            for (at, pixel) in provenance.iter().enumerate() {
                let (x, y) = (at % WIDTH, at / WIDTH);
                let [now, then] = [frame, old].map(|frame| frame.scroll()[y]);
                let moved = now.scx.wrapping_sub(then.scx) as i8;
                let Some(x) = x.checked_add_signed(moved as isize).filter(|&x| x < WIDTH) else {
                    continue;
                };
                if now.scy != then.scy || moved.abs() > 7 || pixel.layer() == Layer::Object {
                    continue;
                }
                let was = y * WIDTH + x;
                let of = |cells: &Cells, at: usize| {
                    let cell = cells.of_pixels()[at] as usize;
                    cells.grid().get(cell).copied().flatten()
                };
                let shade = |frame: &Frame, at: usize| frame.shades().expect("shades")[at];
                let (tile, shown) = (of(&cells, at), shade(frame, at));
                if tile.is_none() || tile != of(old_cells, was) || shown != shade(old, was) {
                    continue;
                }
                compared += 1;
                scrolled += (moved != 0) as u64;
                let now = picture.pixel(at % WIDTH, y);
                assert_eq!(now, old_picture.pixel(x, y), "line {y}, moved by {moved}");
            }
        }
        before = Some((cells, frame.clone(), picture.clone(), scene));
    });
    // From nothing to the title, and from there to the level.
    assert_eq!(scenes, 2);
    assert!(compared > 1_000_000 && scrolled > 100_000, "{compared} pixels, {scrolled} moved");
}

/// However much the source wavers, a surface of one tile does not fall to pieces.
#[test]
fn cells_side_by_side_of_one_tile_look_alike() {
    let (mut compared, mut differing) = (0_u32, 0);
    play(ByTile::new(30.0), 600, |frame, picture, _| {
        let cells = Cells::of(frame).expect("provenance");
        let of_pixels = cells.of_pixels();
        let of = |at: usize| cells.grid().get(of_pixels[at] as usize).copied().flatten();
        let shades = frame.shades().expect("shades");
        let provenance: Vec<_> = frame.provenance().expect("provenance").iter().collect();
        for at in (0..PIXELS - 1).filter(|at| at % WIDTH != WIDTH - 1) {
            let is_seam = of_pixels[at] != of_pixels[at + 1];
            if !is_seam || of(at).is_none() || of(at) != of(at + 1) || shades[at] != shades[at + 1]
            {
                continue;
            }
            if provenance[at].color_index() == provenance[at + 1].color_index() {
                compared += 1;
                let [left, right] = [at, at + 1].map(|at| picture.pixels()[at]);
                differing += (left != right) as u32;
            }
        }
    });
    // Two surfaces that scroll together, each painted before, stay as they are.
    assert!(compared > 100_000 && differing < compared / 50, "{differing} of {compared}");
}

/// Once tiles are known, the source is hardly asked.
#[test]
fn most_frames_need_no_source() {
    let frames = 1500;
    let asked = play(ByTile::new(0.5), frames, |_, _, _| ());
    assert!(asked < frames as u64 / 3, "{asked} of {frames}");
}

/// A frame as it would be with another BGP.
fn with_bgp(frame: &Frame, bgp: [u8; 4]) -> Frame {
    let provenance = frame.provenance().expect("provenance");
    let shades = frame.shades().expect("shades").iter().zip(provenance.iter());
    let shades = shades.map(|(&shade, pixel)| match pixel.layer() {
        Layer::Object => shade,
        Layer::Background | Layer::Window => bgp[pixel.color_index() as usize],
    });
    let shades: Vec<u8> = shades.collect();
    let memory = frame.memory().expect("memory").clone();
    Frame::from_shades(shades[..].try_into().expect("a screen")).with_origin(
        provenance.clone(),
        *frame.scroll(),
        *frame.window(),
        memory,
    )
}

fn of_background(frame: &Frame) -> Vec<usize> {
    let pixels = frame.provenance().expect("provenance").iter().enumerate();
    pixels.filter(|(_, pixel)| pixel.layer() != Layer::Object).map(|(at, _)| at).collect()
}

#[test]
fn fades_and_flashes_keep_the_hue() {
    let mut colorizer = InlineCells::new(ByTile::new(0.0), Style::Vivid);
    let (mut gb, mut usual, mut faded) = (demo(), RgbaFrame::new(), RgbaFrame::new());
    for _ in 0..300 {
        gb.run_frame();
        colorizer.colorize(gb.frame(), &mut usual);
    }
    let mut compared = 0;
    // To white and back, to black and back, and a flash.
    for bgp in
        [[0, 0, 1, 2], [0, 0, 0, 1], [0; 4], [1, 2, 3, 3], [2, 3, 3, 3], [3; 4], [3, 2, 1, 0]]
    {
        for _ in 0..6 {
            colorizer.colorize(&with_bgp(gb.frame(), bgp), &mut faded);
        }
        for at in of_background(gb.frame()) {
            let [now, then] = [&faded, &usual]
                .map(|picture| Oklab::from_srgb(picture.pixel(at % WIDTH, at / WIDTH)));
            let [chroma, full] = [now, then].map(|color| color.a.hypot(color.b));
            assert!(chroma <= full + 0.01, "{now:?} of {then:?}");
            // What is nearly black or white has no hue to speak of.
            if chroma > 0.03 {
                compared += 1;
                let turn = (now.a * then.b - now.b * then.a) / (chroma * full);
                assert!(turn.abs() < 0.15, "{now:?} of {then:?}");
            }
        }
    }
    assert!(compared > 10_000, "{compared} pixels");
    colorizer.colorize(gb.frame(), &mut faded);
    assert_eq!(faded, usual, "and back");
}

/// The demo fades to white between its title and the game: all colors become lighter together, and
/// none of them another.
#[test]
fn the_fade_of_the_demo_keeps_the_hue() {
    let mut colorizer = InlineCells::new(ByTile::new(0.0), Style::Vivid);
    let (mut gb, mut usual, mut faded) = (demo(), RgbaFrame::new(), RgbaFrame::new());
    for _ in 0..120 {
        gb.run_frame();
        colorizer.colorize(gb.frame(), &mut usual);
    }
    gb.set_buttons(Buttons::START);
    let (full, cells) = (bgp(gb.frame()), Cells::of(gb.frame()).expect("provenance"));
    let (mut levels, mut compared, mut last) = (0, 0, usual.clone());
    loop {
        gb.run_frame();
        colorizer.colorize(gb.frame(), &mut faded);
        let now = bgp(gb.frame());
        if gb.frame().shades().is_some_and(|shades| shades.iter().all(|&shade| shade == 0)) {
            break;
        }
        // The prompt blinks meanwhile, and the LCD may be switched off.
        assert!(Cells::of(gb.frame()).is_some_and(|now| now.rows() == cells.rows()));
        levels += (faded != last) as u32;
        last = faded.clone();
        if now == full {
            continue;
        }
        for at in of_background(gb.frame()) {
            let [now, then] = [&faded, &usual]
                .map(|picture| Oklab::from_srgb(picture.pixel(at % WIDTH, at / WIDTH)));
            let [chroma, full] = [now, then].map(|color| color.a.hypot(color.b));
            assert!(now.l > then.l, "{now:?} of {then:?}");
            if chroma > 0.03 {
                compared += 1;
                let turn = (now.a * then.b - now.b * then.a) / (chroma * full);
                assert!(turn.abs() < 0.15, "{now:?} of {then:?}");
            }
        }
    }
    assert!(levels >= 2 && compared > 10_000, "{levels} levels, {compared} pixels");
    assert!(faded.pixels().iter().all(|pixel| *pixel == [0xFF; 4]), "white in the end");
}

/// A game that inverts its palette and its tiles looks as it would without.
#[test]
fn inverted_palettes_come_out_right() {
    let mut gb = demo();
    for _ in 0..300 {
        gb.run_frame();
    }
    let paint = |frame: &Frame| {
        let (mut colorizer, mut out) =
            (InlineCells::new(ByTile::new(0.0), Style::Vivid), RgbaFrame::new());
        for _ in 0..40 {
            colorizer.colorize(frame, &mut out);
        }
        out
    };
    let frame = gb.frame();
    let invert = |pixel: gameboy::Provenance| match pixel.layer() {
        Layer::Object => pixel,
        layer => gameboy::Provenance::new(layer, 3 - pixel.color_index(), 0, pixel.tile()),
    };
    let pixels: Vec<_> = frame.provenance().expect("provenance").iter().map(invert).collect();
    let provenance = gameboy::ProvenanceMap::from_pixels(pixels[..].try_into().expect("a screen"));
    let mut memory = frame.memory().expect("memory").to_bytes();
    // The background's tiles, as this game has them.
    for byte in &mut memory[0x800..0x1800] {
        *byte = !*byte;
    }
    let memory = gameboy::VideoMemory::from_bytes(&memory).expect("all bytes");
    let shades = frame.shades().expect("shades").try_into().expect("a screen");
    let inverted = Frame::from_shades(shades);
    let inverted = inverted.with_origin(provenance, *frame.scroll(), *frame.window(), memory);
    let (plain, inverted) = (paint(frame), paint(&inverted));
    let background = of_background(frame);
    let same = background
        .iter()
        .filter(|&&at| {
            plain.pixel(at % WIDTH, at / WIDTH) == inverted.pixel(at % WIDTH, at / WIDTH)
        })
        .count();
    assert!(same * 100 > background.len() * 95, "{same} of {}", background.len());
}

/// In a thread, frames come at once, and have their colors once the source has answered.
#[test]
fn in_the_background_colors_come_when_they_are_known() {
    let mut colorizer = BackgroundCells::new(ByTile::new(0.0), Style::Vivid);
    let (mut gb, mut out, mut grey) = (demo(), RgbaFrame::new(), RgbaFrame::new());
    for _ in 0..200 {
        gb.run_frame();
    }
    crate::Palette::GREY.clone().colorize(gb.frame(), &mut grey);
    colorizer.colorize(gb.frame(), &mut out);
    assert_eq!(out, grey, "nothing is known yet");
    colorizer.wait();
    colorizer.colorize(gb.frame(), &mut out);
    let (mut inline, mut expected) =
        (InlineCells::new(ByTile::new(0.0), Style::Vivid), RgbaFrame::new());
    inline.colorize(gb.frame(), &mut expected);
    assert_eq!(out, expected);
    let stats = colorizer.stats();
    assert_eq!((stats.frames, stats.late, stats.colored), (2, 1, 1));
    assert_eq!(stats.fresh + stats.reused, 1);
    assert_eq!(stats.failure, None);
}

#[test]
fn a_source_that_fails_leaves_grey() {
    struct Failing;
    impl CellSource for Failing {
        fn palette(&self) -> &[[u8; 3]] {
            &[[1, 2, 3]]
        }

        fn logits(&mut self, _: &Cells, _: &Hints, _: &mut Vec<f32>) -> Result<(), SourceError> {
            Err("out of paint".into())
        }
    }
    let mut colorizer = BackgroundCells::new(Failing, Style::Vivid);
    let (mut gb, mut out, mut grey) = (demo(), RgbaFrame::new(), RgbaFrame::new());
    for _ in 0..3 {
        gb.run_frame();
        colorizer.colorize(gb.frame(), &mut out);
        colorizer.wait();
    }
    crate::Palette::GREY.clone().colorize(gb.frame(), &mut grey);
    assert_eq!(out, grey);
    assert_eq!(colorizer.stats().failure.as_deref(), Some("out of paint"));
}

/// Without provenance cells are recovered from the shades: what of the demo is no object, and
/// not covered by one, has one color for each index of its cell.
#[test]
fn without_provenance_cells_are_recovered() {
    let mut gb = demo();
    for _ in 0..300 {
        gb.run_frame();
    }
    let shades = gb.frame().shades().expect("shades").try_into().expect("a screen");
    let frame = Frame::from_shades(shades);
    let mut out = RgbaFrame::new();
    let mut colorizer = InlineCells::new(ByTile::new(0.0), Style::Vivid);
    colorizer.colorize(&frame, &mut out);
    assert_eq!((colorizer.failure(), colorizer.asked()), (None, 1));
    let cells = Cells::of(gb.frame()).expect("provenance");
    let mut colors = std::collections::HashMap::new();
    let (mut same, mut other) = (0, 0);
    for (at, &cell) in cells.of_pixels().iter().enumerate() {
        let (color, shade) = (out.pixel(at % WIDTH, at / WIDTH), shades[at]);
        let first = *colors.entry((cell, shade)).or_insert(color);
        *(if first == color { &mut same } else { &mut other }) += 1;
    }
    assert!(same > 20 * other, "{same} and {other}");
    assert!(colors.values().any(|&[r, g, b]| r != g || g != b));
}

/// As [`ByTile`], but what is pinned it gives to all tiles that begin with the same row.
struct Following(ByTile);

impl CellSource for Following {
    fn palette(&self) -> &[[u8; 3]] {
        self.0.palette()
    }

    fn logits(
        &mut self,
        cells: &Cells,
        hints: &Hints,
        out: &mut Vec<f32>,
    ) -> Result<(), SourceError> {
        self.0.logits(cells, hints, out)?;
        for (cell, logits) in out.chunks_exact_mut(4 * COLORS).enumerate() {
            let Some(tile) = cells.tile(cell) else { continue };
            for pin in hints.pins.iter().filter(|pin| pin.tile[..8] == tile[..8]) {
                // The last color of the palette stands for whatever is pinned.
                logits[pin.index as usize * COLORS + COLORS - 1] = 40.0;
            }
        }
        Ok(())
    }
}

/// The demo in the middle of a level, and a cell of its background of which others are like it in
/// their first row only.
fn level() -> (GameBoy, Pin) {
    let mut gb = demo();
    for _ in 0..300 {
        gb.run_frame();
    }
    let cells = Cells::of(gb.frame()).expect("provenance");
    let tiles: Vec<Tile> = cells.grid().iter().copied().flatten().collect();
    let is_like = |one: &Tile, other: &Tile| one != other && one[..8] == other[..8];
    let tile = tiles.iter().find(|tile| tiles.iter().any(|other| is_like(tile, other)));
    let tile = *tile.expect("tiles that are alike");
    let pin = Pin { layer: CellLayer::Background, tile, index: tile[0], color: 0x001F };
    (gb, pin)
}

/// What a pixel shows: its tile and index, where it is the background's.
fn shown(painter: &CellPainter, frame: &Frame) -> Vec<Option<(Tile, u8)>> {
    let mut shown = vec![None; PIXELS];
    painter.for_each_pixel(frame, |pixel, layer, tile, index| {
        shown[pixel] = (layer == CellLayer::Background).then_some((*tile, index));
    });
    shown
}

#[test]
fn pins_hold_and_what_is_alike_follows() {
    let (gb, pin) = level();
    let frame = gb.frame();
    let mut colorizer = BackgroundCells::new(Following(ByTile::in_corners()), Style::Vivid);
    let paint = |colorizer: &mut BackgroundCells| {
        let mut out = RgbaFrame::new();
        for _ in 0..8 {
            colorizer.colorize(frame, &mut out);
            colorizer.wait();
        }
        colorizer.colorize(frame, &mut out);
        out
    };
    let before = paint(&mut colorizer);
    colorizer.set_hints(Hints { pins: vec![pin], like: Vec::new() });
    let mut at_once = RgbaFrame::new();
    colorizer.colorize(frame, &mut at_once);
    let after = paint(&mut colorizer);
    let follower = corners()[COLORS - 1];
    let (mut pinned, mut followed, mut kept) = (0, 0, 0);
    for (pixel, shown) in shown(colorizer.painter(), frame).into_iter().enumerate() {
        let at = |picture: &RgbaFrame| picture.pixel(pixel % WIDTH, pixel / WIDTH);
        match shown {
            Some((tile, index)) if (tile, index) == (pin.tile, pin.index) => {
                assert_eq!((at(&at_once), at(&after)), ([255, 0, 0], [255, 0, 0]));
                pinned += 1;
            }
            Some((tile, index)) if tile[..8] == pin.tile[..8] && index == pin.index => {
                assert_eq!((at(&at_once), at(&after)), (at(&before), follower));
                followed += 1;
            }
            _ => {
                assert_eq!((at(&at_once), at(&after)), (at(&before), at(&before)));
                kept += 1;
            }
        }
    }
    assert!(pinned > 0 && followed > 0 && kept > 0, "{pinned}, {followed}, {kept}");
    colorizer.set_hints(Hints::default());
    assert_eq!(paint(&mut colorizer), before, "undone");
}

#[test]
fn a_pixel_tells_what_it_shows() {
    let (gb, pin) = level();
    let frame = gb.frame();
    let mut painter = CellPainter::new(&[], Style::Vivid);
    let pixel = shown(&painter, frame)
        .iter()
        .position(|shown| *shown == Some((pin.tile, pin.index)))
        .expect("a pixel of it");
    let grey = painter.pin_at(frame, pixel).expect("a cell");
    assert_eq!((grey.layer, grey.tile, grey.index), (pin.layer, pin.tile, pin.index));
    let shades = frame.shades().expect("shades");
    assert_eq!(crate::rgb555_to_srgb(grey.color)[0] >> 3, GREY_LEVELS[shades[pixel] as usize] >> 3);
    // Nothing else is painted over.
    let (mut grey, mut out) = (RgbaFrame::new(), RgbaFrame::new());
    crate::Palette::GREY.clone().colorize(frame, &mut grey);
    out.clone_from(&grey);
    painter.paint_pins(frame, &mut out);
    assert_eq!(out, grey);
    painter.set_hints(&Hints { pins: vec![pin], like: Vec::new() });
    painter.paint_pins(frame, &mut out);
    let shown = shown(&painter, frame);
    for (at, shown) in shown.into_iter().enumerate() {
        let is_pinned = shown == Some((pin.tile, pin.index));
        let (now, then) = (out.pixel(at % WIDTH, at / WIDTH), grey.pixel(at % WIDTH, at / WIDTH));
        assert_eq!(now, if is_pinned { [255, 0, 0] } else { then });
    }
}

#[test]
fn objects_in_doubt_are_settled_in_the_end() {
    let mut gb = demo();
    // Its level, with the hero.
    (0..900).for_each(|_| gb.run_frame());
    let mut colorizer = InlineCells::new(Scaled(ByTile::new(0.0), 0.02), Style::Safe);
    for _ in 0..100 {
        colorizer.colorize(gb.frame(), &mut RgbaFrame::new());
    }
    assert!((5..=20).contains(&colorizer.asked()), "{}", colorizer.asked());
}

/// What the source is not sure of keeps about the lightness of its shade, and one calm color.
#[test]
fn safe_colors_are_those_that_are_sure() {
    let (gb, _) = level();
    let frame = gb.frame();
    let paint = |sure: f32| {
        let mut out = RgbaFrame::new();
        let mut colorizer = InlineCells::new(Scaled(ByTile::in_corners(), sure), Style::Safe);
        colorizer.colorize(frame, &mut out);
        out
    };
    let (sure, unsure) = (paint(10.0), paint(0.02));
    let shades = frame.shades().expect("shades");
    let mut colors = std::collections::BTreeSet::new();
    for at in of_background(frame) {
        let [r, g, b] = unsure.pixel(at % WIDTH, at / WIDTH);
        let grey = Oklab::from_srgb([GREY_LEVELS[shades[at] as usize]; 3]);
        let color = Oklab::from_srgb([r, g, b]);
        assert!((color.l - grey.l).abs() < 0.12, "{color:?} for {grey:?}");
        colors.insert([r, g, b]);
    }
    assert!(colors.len() <= 4, "{colors:?}");
    for at in of_background(frame) {
        assert!(corners().contains(&sure.pixel(at % WIDTH, at / WIDTH)));
    }
}

/// Colors that are nothing like each other.
fn corners() -> [[u8; 3]; COLORS] {
    std::array::from_fn(|i| [0, 1, 2].map(|channel| if i >> channel & 1 == 1 { 0xFF } else { 0 }))
}

/// Another source, with its logits times this.
struct Scaled(ByTile, f32);

impl CellSource for Scaled {
    fn palette(&self) -> &[[u8; 3]] {
        self.0.palette()
    }

    fn logits(
        &mut self,
        cells: &Cells,
        hints: &Hints,
        out: &mut Vec<f32>,
    ) -> Result<(), SourceError> {
        self.0.logits(cells, hints, out)?;
        for logit in out {
            *logit *= self.1;
        }
        Ok(())
    }
}

#[test]
fn what_was_known_is_known_another_time() {
    let (gb, _) = level();
    let (frame, key) = (gb.frame(), [7; 32]);
    let mut source = ByTile::in_corners();
    let mut painter = CellPainter::new(source.palette(), Style::Safe);
    let (mut out, mut logits) = (RgbaFrame::new(), Vec::new());
    // Often enough to be sure.
    for _ in 0..6 {
        let mut scene = painter.look(frame).expect("provenance");
        source.logits(scene.cells(), &Hints::default(), &mut logits).expect("logits");
        painter.learn(scene.cells(), &logits);
        painter.recall(&mut scene);
        painter.paint(frame, &scene, &mut out);
    }
    let bytes = painter.save(key);

    let mut other = CellPainter::new(source.palette(), Style::Safe);
    assert!(other.look(frame).expect("provenance").unknown() > 0);
    assert_eq!(other.restore(&bytes, [8; 32]), Err(MemoryError::Other));
    for at in [0, 3, 8, 11, 12, 40, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert_eq!(other.restore(&damaged, key), Err(MemoryError::Damaged), "byte {at}");
        assert_eq!(other.restore(&bytes[..at], key), Err(MemoryError::Damaged), "{at} bytes");
    }
    assert!(other.look(frame).expect("provenance").unknown() > 0);
    assert_eq!(other.restore(&bytes, key), Ok(()));
    let (scene, mut again) = (other.look(frame).expect("provenance"), RgbaFrame::new());
    assert_eq!(scene.unknown(), 0);
    assert!(scene.open() > 0, "another scene may be another");
    other.paint(frame, &scene, &mut again);
    assert_eq!(again, out);
    assert_eq!(other.save(key), bytes);
}
