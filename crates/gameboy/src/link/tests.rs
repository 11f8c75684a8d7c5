use super::*;
use crate::cartridge::Cartridge;
use crate::model::Model;

/// A program at 0x150, on a cartridge for either console.
fn console(program: &[u8], model: Model) -> GameBoy {
    let mut rom = vec![0; 0x8000];
    rom[0x100..0x103].copy_from_slice(&[0xC3, 0x50, 0x01]);
    rom[0x143] = 0x80;
    rom[0x150..0x150 + program.len()].copy_from_slice(program);
    GameBoy::new(Cartridge::from_bytes(rom).expect("a valid ROM"), model)
}

/// Exchanges the bytes from `first` on, with `sc` for SC, and stores what comes at 0xC000.
///
/// ```text
///         ld hl,$C000
///         ld b,first
///         ld a,wait ; dec a ; jr nz,-3
/// next:   ld a,b
///         ldh [SB],a
///         ld a,sc
///         ldh [SC],a
/// poll:   ldh a,[SC]
///         rlca
///         jr c,poll
///         ldh a,[SB]
///         ld [hl+],a
///         inc b
///         (pause)
///         jr next
/// ```
fn exchange(first: u8, sc: u8, pause: u8) -> Vec<u8> {
    let start = [0x21, 0x00, 0xC0, 0x06, first, 0x3E, pause, 0x3D, 0x20, 0xFD];
    let next = [
        0x78, 0xE0, 0x01, 0x3E, sc, 0xE0, 0x02, 0xF0, 0x02, 0x07, 0x38, 0xFB, 0xF0, 0x01, 0x22,
        0x04,
    ];
    let pause = [0x3E, pause, 0x3D, 0x20, 0xFD, 0x18];
    let back = (-((next.len() + pause.len() + 1) as i8)) as u8;
    [&start[..], &next, &pause, &[back]].concat()
}

fn received(console: &GameBoy) -> [u8; 8] {
    std::array::from_fn(|at| console.peek(0xC000 + at as u16))
}

fn counted(first: u8) -> [u8; 8] {
    std::array::from_fn(|at| first + at as u8)
}

#[test]
fn bytes_are_exchanged_both_ways() {
    for (model, clock) in [(Model::Dmg, 0x81), (Model::Cgb, 0x81), (Model::Cgb, 0x83)] {
        let driving = console(&exchange(0x30, clock, 0x80), model);
        let driven = console(&exchange(0x91, 0x80, 1), model);
        // Whichever console is named first.
        for (consoles, at) in [([&driving, &driven], 0), ([&driven, &driving], 1)] {
            let [one, other] = consoles.map(Clone::clone);
            let mut link = Link::new(one, other);
            for _ in 0..4 {
                link.run_frame();
            }
            let consoles = link.into_consoles();
            assert_eq!(received(&consoles[at]), counted(0x91), "{model:?} {clock:#x}");
            assert_eq!(received(&consoles[1 - at]), counted(0x30), "{model:?} {clock:#x}");
        }
    }
}

#[test]
fn without_a_partner_that_waits_the_bits_are_ones() {
    let idle = console(&[0x18, 0xFE], Model::Dmg);
    let mut link = Link::new(console(&exchange(0x30, 0x81, 0x80), Model::Dmg), idle);
    for _ in 0..4 {
        link.run_frame();
    }
    assert_eq!(received(&link.consoles()[0]), [0xFF; 8]);
}

#[test]
fn the_driven_console_is_interrupted_out_of_halt() {
    // ld a,8 ; ldh [IE],a ; ld a,$80 ; ldh [SC],a ; halt ; nop ; ldh a,[SB] ; ld [$C000],a ; jr @
    let waiting = [
        0x3E, 0x08, 0xE0, 0xFF, 0x3E, 0x80, 0xE0, 0x02, 0x76, 0x00, 0xF0, 0x01, 0xEA, 0x00, 0xC0,
        0x18, 0xFE,
    ];
    let driving = console(&exchange(0x5A, 0x81, 0x80), Model::Dmg);
    let mut link = Link::new(driving, console(&waiting, Model::Dmg));
    link.run_frame();
    assert_eq!(link.consoles()[1].peek(0xC000), 0x5A);
}

/// Writes `rp` to RP, and for ever what RP reads as to 0xC000.
fn infrared(rp: u8) -> [u8; 11] {
    [0x3E, rp, 0xE0, 0x56, 0xF0, 0x56, 0xEA, 0x00, 0xC0, 0x18, 0xF9]
}

#[test]
fn light_is_seen_while_reading_is_enabled() {
    for (sends, reads, seen) in
        [(0x01, 0xC0, 0xFC), (0x00, 0xC0, 0xFE), (0x01, 0x00, 0x3E), (0x00, 0xC1, 0xFD)]
    {
        let consoles = [sends, reads].map(|rp| console(&infrared(rp), Model::Cgb));
        let [one, other] = consoles;
        let mut link = Link::new(one, other);
        link.run_frame();
        assert_eq!(link.consoles()[1].peek(0xC000), seen, "{sends:#x} {reads:#x}");
        assert_eq!(link.into_consoles()[1].peek(0xFF56) & 2, if reads == 0xC1 { 0 } else { 2 });
    }
}

#[test]
fn two_runs_are_the_same() {
    let run = || {
        let driving = console(&exchange(0, 0x83, 7), Model::Cgb);
        let mut link = Link::new(driving, console(&exchange(0, 0x80, 1), Model::Dmg));
        for _ in 0..3 {
            link.run_frame();
        }
        link.into_consoles().map(|console| (console.dots(), console.save_state()))
    };
    assert_eq!(run(), run());
}

#[test]
fn frames_and_sound_of_both_are_of_one_time() {
    let idle = || console(&[0x18, 0xFE], Model::Dmg);
    let mut link = Link::new(idle(), idle());
    link.run_frame();
    let before = link.consoles()[0].dots();
    link.run_frame();
    assert_eq!(link.consoles()[0].dots().abs_diff(before + DOTS_PER_FRAME) / 24, 0);
    let lengths = link.consoles().each_ref().map(|console| console.samples().len());
    assert!(lengths[0].abs_diff(lengths[1]) <= 1 && lengths[0] > 700, "{lengths:?}");
}

#[test]
fn cartridges_take_part_in_infrared() {
    // ld a,$0E ; ld [$0000],a ; ld a,1 ; ld [$A000],a ; jr @
    let sending = [0x3E, 0x0E, 0xEA, 0x00, 0x00, 0x3E, 0x01, 0xEA, 0x00, 0xA0, 0x18, 0xFE];
    let mut rom = vec![0; 0x8000];
    rom[0x100..0x103].copy_from_slice(&[0xC3, 0x50, 0x01]);
    rom[0x147] = 0xFF;
    rom[0x150..0x150 + sending.len()].copy_from_slice(&sending);
    let huc1 = GameBoy::new(Cartridge::from_bytes(rom).expect("a valid ROM"), Model::Dmg);
    let mut link = Link::new(huc1, console(&infrared(0xC0), Model::Cgb));
    link.run_frame();
    assert_eq!(link.consoles()[1].peek(0xC000), 0xFC);
    // The sending one sees the other's light in its own register.
    let mut back = Link::new(link.consoles()[0].clone(), console(&infrared(0x01), Model::Cgb));
    assert_eq!(back.consoles()[0].peek(0xA000), 0xC0);
    back.run_frame();
    assert_eq!(back.consoles()[0].peek(0xA000), 0xC1);
}
