//! How long it takes to join lightness and chroma: `cargo bench -p colorizer`.
//!
//! The pixels are those of the demo; the chroma has hues all around, of which some are beyond
//! sRGB, at half the screen's resolution as the network gives it.

use std::f32::consts::TAU;
use std::path::Path;

use colorizer::lab::{Lab, lab_to_srgb};
use colorizer::{Chroma, Luma, RgbaFrame, recombine, recombine_shades};
use divan::Bencher;
use gameboy::{Cartridge, Frame, GameBoy, HEIGHT, Model, PIXELS, Pixels, WIDTH};

fn main() {
    divan::main();
}

/// What the player does: a frame of four shades.
#[divan::bench]
fn shades(bencher: Bencher<'_, '_>) {
    let (frame, chroma) = (demo(), chroma());
    let mut out = RgbaFrame::new();
    bencher.bench_local(|| recombine_shades(shades_of(&frame), &chroma, &mut out));
}

/// Any lightness.
#[divan::bench]
fn luma(bencher: Bencher<'_, '_>) {
    let (luma, chroma) = (Luma::of(&demo()), chroma());
    let mut out = RgbaFrame::new();
    bencher.bench_local(|| recombine(&luma, &chroma, &mut out));
}

/// What both are measured against: pixel by pixel, in double precision.
#[divan::bench(sample_count = 10)]
fn exact(bencher: Bencher<'_, '_>) {
    let (luma, chroma) = (Luma::of(&demo()), chroma());
    let mut out = RgbaFrame::new();
    bencher.bench_local(|| {
        for (i, pixel) in out.pixels_mut().iter_mut().enumerate() {
            let [a, b] = chroma.at(i % WIDTH, i / WIDTH);
            pixel[..3].copy_from_slice(&lab_to_srgb(Lab::new(luma.values()[i], a, b)));
        }
    });
}

fn demo() -> Frame {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb");
    let rom = std::fs::read(path).expect("the demo");
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("a cartridge"), Model::Dmg);
    for _ in 0..600 {
        gb.run_frame();
    }
    gb.frame().clone()
}

fn shades_of(frame: &Frame) -> &[u8; PIXELS] {
    let Pixels::Shades(shades) = frame.pixels() else { panic!("the console is not a Color") };
    shades
}

fn chroma() -> Chroma {
    let (width, height) = (WIDTH / 2, HEIGHT / 2);
    let mut chroma = Chroma::with_size(width, height).expect("half the screen");
    let (a, b) = chroma.planes_mut();
    for (i, (a, b)) in a.iter_mut().zip(b).enumerate() {
        let (x, y) = ((i % width) as f32 / width as f32, (i / width) as f32 / height as f32);
        let (size, angle) = (70.0 * y, TAU * x);
        (*a, *b) = (size * angle.cos(), size * angle.sin());
    }
    chroma
}
