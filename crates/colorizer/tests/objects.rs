//! Palettes on frames that the console drew.

use colorizer::{Colorizer, Palette, RgbaFrame};
use gameboy::{Cartridge, GameBoy, Model};

/// Shows an object of each palette on an empty background, all in shade 1.
const PROGRAM: &[u8] = &[
    0xF0, 0x44, 0xFE, 0x90, 0x20, 0xFA, // wait: ldh a, [LY]; cp 144; jr nz, wait
    0xAF, 0xE0, 0x40, // xor a; ldh [LCDC], a
    0x21, 0x00, 0x80, // ld hl, 0x8000
    0xAF, 0x22, 0xCB, 0x6C, 0x28, 0xFA, // clear: xor a; ld [hl+], a; bit 5, h; jr z, clear
    0x21, 0x10, 0x80, 0x06, 0x08, // ld hl, 0x8010; ld b, 8
    0x3E, 0xFF, 0x22, 0xAF, 0x22, // tile: ld a, 0xFF; ld [hl+], a; xor a; ld [hl+], a
    0x05, 0x20, 0xF8, // dec b; jr nz, tile
    0x21, 0x00, 0xFE, 0x06, 0xA0, // ld hl, 0xFE00; ld b, 160
    0xAF, 0x22, 0x05, 0x20, 0xFB, // oam: xor a; ld [hl+], a; dec b; jr nz, oam
    0x21, 0x00, 0xFE, // ld hl, 0xFE00
    0x3E, 0x10, 0x22, 0x3E, 0x08, 0x22, 0x3E, 0x01, 0x22, 0xAF, 0x22, // 16, 8, tile 1, OBP0
    0x3E, 0x10, 0x22, 0x3E, 0x18, 0x22, 0x3E, 0x01, 0x22, 0x3E, 0x10, 0x22, // 16, 24, 1, OBP1
    0x3E, 0xE4, 0xE0, 0x47, 0xE0, 0x48, 0xE0, 0x49, // ld a, 0xE4; to BGP, OBP0, OBP1
    0x3E, 0x93, 0xE0, 0x40, // ld a, 0x93; ldh [LCDC], a
    0x18, 0xFE, // jr @
];

fn console() -> GameBoy {
    let mut rom = vec![0; 0x8000];
    rom[0x100..0x103].copy_from_slice(&[0xC3, 0x50, 0x01]);
    rom[0x150..0x150 + PROGRAM.len()].copy_from_slice(PROGRAM);
    GameBoy::new(Cartridge::from_bytes(rom).expect("a small cartridge"), Model::Dmg)
}

fn paint(console: &GameBoy) -> RgbaFrame {
    let mut out = RgbaFrame::new();
    Palette::RED.clone().colorize(console.frame(), &mut out);
    out
}

#[test]
fn objects_are_painted_from_their_own_sets_where_provenance_is_recorded() {
    let mut console = console();
    console.record_provenance();
    for _ in 0..10 {
        console.run_frame();
    }
    let picture = paint(&console);
    assert_eq!(picture.pixel(0, 0), Palette::RED.object(0)[1]);
    assert_eq!(picture.pixel(16, 7), Palette::RED.object(1)[1]);
    assert_eq!(picture.pixel(8, 0), Palette::RED.background()[0]);

    console.stop_provenance();
    console.run_frame();
    let picture = paint(&console);
    for x in [0, 16] {
        assert_eq!(picture.pixel(x, 0), Palette::RED.background()[1]);
    }
}
