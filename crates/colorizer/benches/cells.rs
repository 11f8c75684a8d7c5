//! A frame by the colors of its cells, all of them known: what a frame costs while the network is
//! not asked.

use colorizer::RgbaFrame;
use colorizer::cell_color::{CellPainter, Style};
use divan::Bencher;
use gameboy::{Buttons, Cartridge, Frame, GameBoy, Model};

fn main() {
    divan::main();
}

/// A frame of the demo's game.
fn frame() -> Frame {
    let rom = include_bytes!("../../../roms/chromaboy-demo.gb").to_vec();
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Dmg);
    gb.record_provenance();
    for number in 0..600 {
        gb.set_buttons(if number % 64 < 8 { Buttons::START } else { Buttons::RIGHT });
        gb.run_frame();
    }
    gb.frame().clone()
}

/// Knows all cells of the frame.
fn painter(frame: &Frame) -> CellPainter {
    let palette: [[u8; 3]; 96] = std::array::from_fn(|i| [i as u8 * 2; 3]);
    let mut painter = CellPainter::new(&palette, Style::Vivid);
    while let Some(scene) = painter.look(frame).filter(|scene| scene.open() > 0) {
        let cells = scene.into_cells();
        let logits = (cells.grid().len() + cells.objects().len()) * 4 * palette.len();
        let logits: Vec<f32> = (0..logits).map(|i| (i % 97 * 5) as f32).collect();
        painter.learn(&cells, &logits);
    }
    painter
}

#[divan::bench]
fn look(bencher: Bencher<'_, '_>) {
    let frame = frame();
    let mut painter = painter(&frame);
    bencher.bench_local(|| painter.look(&frame));
}

#[divan::bench]
fn paint(bencher: Bencher<'_, '_>) {
    let (frame, mut out) = (frame(), RgbaFrame::new());
    let mut painter = painter(&frame);
    let scene = painter.look(&frame).expect("a frame of shades");
    bencher.bench_local(|| painter.paint(&frame, &scene, &mut out));
}
