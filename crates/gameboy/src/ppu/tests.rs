use super::*;
use crate::frame::{Layer, ObjectPosition, WindowLine};

const AT_START: WriteDots = WriteDots { read: 4, dots_per_m_cycle: 4 };

/// A PPU with noise in VRAM and OAM, the LCD on, and registers drawn from `seed`.
fn noisy(model: Model, seed: u32) -> Ppu {
    let mut ppu = Ppu::new(model, model.is_cgb());
    ppu.vram = Ram::noise(seed);
    ppu.oam = Ram::noise(seed ^ 0x0A4D);
    let registers: Ram<8> = Ram::noise(seed ^ 0x5EED);
    let mut interrupts = Interrupts::default();
    let scroll_and_palettes = [0xFF42, 0xFF43, 0xFF47, 0xFF48, 0xFF49];
    for (register, value) in scroll_and_palettes.into_iter().zip(registers.iter()) {
        ppu.write_register(register, *value, AT_START, &mut interrupts);
    }
    ppu.write_register(0xFF4A, registers[5] & 0x3F, AT_START, &mut interrupts);
    ppu.write_register(0xFF4B, registers[6] % 170, AT_START, &mut interrupts);
    ppu.write_register(0xFF41, 0x78, AT_START, &mut interrupts);
    ppu.write_register(0xFF40, 0x80 | registers[7], AT_START, &mut interrupts);
    ppu.record_provenance();
    ppu
}

/// However the time is cut, the PPU draws the same: with one dot at a time it takes every pixel
/// through the FIFOs, with many it draws in runs.
#[test]
fn catching_up_at_once_equals_dot_by_dot() {
    for seed in 1..60 {
        let model = if seed % 2 == 0 { Model::Cgb } else { Model::Dmg };
        let mut at_once = noisy(model, seed);
        let mut dot_by_dot = at_once.clone();
        let (mut one, mut other) = (Interrupts::default(), Interrupts::default());
        for frame in 1..=2_u64 {
            let end = frame * 70_224;
            at_once.catch_up(end, &mut one);
            for dot in end - 70_224..end {
                dot_by_dot.catch_up(dot + 1, &mut other);
            }
            assert_eq!(at_once.dot, dot_by_dot.dot, "seed {seed}");
            assert_eq!(one.read_if(), other.read_if(), "seed {seed}");
        }
        assert!(at_once.vblanks() > 0);
        assert_eq!(at_once.frame().shades(), dot_by_dot.frame().shades(), "seed {seed}");
        assert_eq!(at_once.frame().colors(), dot_by_dot.frame().colors(), "seed {seed}");
        let differs = at_once.frame().provenance() != dot_by_dot.frame().provenance();
        assert!(!differs, "provenance, seed {seed}");
        assert_eq!(at_once.frame().window(), dot_by_dot.frame().window(), "seed {seed}");
        assert_eq!(at_once.frame().memory(), dot_by_dot.frame().memory(), "seed {seed}");
    }
}

/// The promise of `next_event`: nothing is requested before it.
#[test]
fn no_interrupt_comes_before_the_next_event() {
    for seed in 1..40 {
        let mut ppu = noisy(Model::Dmg, seed);
        let mut interrupts = Interrupts::default();
        // All sources of STAT, or LYC alone, or none.
        let stat = [0x78, 0x40, 0x00][seed as usize % 3];
        ppu.write_register(0xFF41, stat, AT_START, &mut interrupts);
        ppu.write_register(0xFF45, (seed * 37 % 156) as u8, AT_START, &mut interrupts);
        interrupts.write_ie(0x03);
        let mut requests = 0;
        while ppu.clock < 200_000 {
            let event = ppu.next_event(Watch::Ignored);
            assert!(event > ppu.clock);
            interrupts.write_if(0);
            // In strides, after each of which the event is as near as before.
            while ppu.clock + 1 < event {
                ppu.catch_up(
                    (ppu.clock + 1 + seed as u64 * 13 % 300).min(event - 1),
                    &mut interrupts,
                );
                assert_eq!(interrupts.requested(), 0, "seed {seed} dot {}", ppu.clock);
                assert!(ppu.next_event(Watch::Ignored) >= event || stat == 0x78, "seed {seed}");
            }
            ppu.catch_up(event, &mut interrupts);
            requests += interrupts.requested().count_ones();
        }
        assert!(requests > 0, "seed {seed}");
    }
}

#[test]
fn a_frame_knows_its_window_and_its_objects() {
    let mut ppu = Ppu::new(Model::Dmg, false);
    let mut interrupts = Interrupts::default();
    // An object of one color at line 30, column 50, and a window from line 10, column 20.
    ppu.vram[16..32].fill(0xFF);
    ppu.oam_mut()[4..8].copy_from_slice(&[30 + 16, 50 + 8, 1, 0]);
    for (register, value) in [(0xFF4A, 10), (0xFF4B, 20 + 7), (0xFF40, 0xB3)] {
        ppu.write_register(register, value, AT_START, &mut interrupts);
    }
    ppu.record_provenance();
    ppu.catch_up(3 * 70_224, &mut interrupts);
    let frame = ppu.frame();
    assert_eq!(frame.window()[9], None);
    assert_eq!(frame.window()[10], Some(WindowLine { left: 20, line: 0 }));
    assert_eq!(frame.window()[143], Some(WindowLine { left: 20, line: 133 }));

    let memory = frame.memory().expect("it was asked for");
    assert_eq!(memory.object(1), ObjectPosition { top: 30, left: 50 });
    assert_eq!((memory.tile(1), memory.tile(2)), ([3; 64], [0; 64]));
    let line = frame.provenance().expect("it was asked for").line(37);
    assert_eq!((line[57].layer(), line[57].object(), line[57].tile()), (Layer::Object, 1, 1));
    assert_eq!((line[58].layer(), line[58].object()), (Layer::Window, 0));
    assert_eq!(line[19].layer(), Layer::Background);
}
