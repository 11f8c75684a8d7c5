use std::hint::black_box;

use gameboy::Model;
use safeboy::{Gameboy, GameboyCallbacks, RunnableInstanceFunctions, RunningGameboy};

use super::Emulator;

/// Where the boot ROM hands over: `ld a, model; ldh [$50], a`, and the next address is 0x0100.
const HAND_OVER: u8 = 0xFC;

pub struct SameBoy(Gameboy);

/// Takes the samples.
struct Listener;

impl SameBoy {
    pub fn new(rom: &[u8], model: Model) -> Self {
        let kind = if model.is_cgb() { safeboy::Model::CgbE } else { safeboy::Model::DmgB };
        let mut game_boy = Gameboy::new(kind);
        game_boy.set_callbacks(Some(Box::new(Listener)));
        game_boy.set_rendering_enabled(true);
        game_boy.set_sample_rate(gameboy::SAMPLE_RATE);
        game_boy.load_boot_rom(&boot_rom(model));
        game_boy.load_rom(rom);
        Self(game_boy)
    }
}

impl Emulator for SameBoy {
    fn run_frame(&mut self) {
        self.0.run_frame();
        black_box(self.0.get_pixel_buffer_pixels());
    }
}

impl GameboyCallbacks for Listener {
    fn apu_sample(&mut self, _: &mut RunningGameboy, left: i16, right: i16) {
        black_box((left, right));
    }
}

/// `safeboy` brings no boot ROM. This one sets what games rely on, without a logo: the stack,
/// LCDC and BGP, the sound on, on the CGB the mode that the header asks for, and A.
fn boot_rom(model: Model) -> Vec<u8> {
    let mut boot_rom = vec![0; if model.is_cgb() { 0x900 } else { 0x100 }];
    let mut program = vec![0x31, 0xFE, 0xFF];
    for (register, value) in [(0x26, 0x80), (0x25, 0xF3), (0x24, 0x77), (0x47, 0xFC)] {
        program.extend([0x3E, value, 0xE0, register]);
    }
    if model.is_cgb() {
        // ld a, [$0143]; ldh [KEY0], a
        program.extend([0xFA, 0x43, 0x01, 0xE0, 0x4C]);
    }
    // LCDC comes last, so that the PPU starts with all set.
    program.extend([0x3E, 0x91, 0xE0, 0x40]);
    program.extend([0xC3, HAND_OVER, 0x00]);
    boot_rom[..program.len()].copy_from_slice(&program);
    let a = if model.is_cgb() { 0x11 } else { 0x01 };
    boot_rom[usize::from(HAND_OVER)..0x100].copy_from_slice(&[0x3E, a, 0xE0, 0x50]);
    boot_rom
}
