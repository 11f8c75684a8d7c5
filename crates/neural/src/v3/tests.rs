use std::collections::HashMap;
use std::num::NonZeroUsize;

use candle_core::{DType, Device, Tensor, Var};
use colorizer::cell_color::CellSource as _;
use colorizer::cells::Cells;
use gameboy::{Buttons, Cartridge, GameBoy, Model};

use super::*;
use crate::kernels::KernelChoice;
use crate::ops::Products;
use crate::threads;

/// Cells of the demo after so many frames.
fn cells(frames: usize) -> Cells {
    let rom = include_bytes!("../../../../roms/chromaboy-demo.gb").to_vec();
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Dmg);
    gb.record_provenance();
    for frame in 0..frames {
        let is_start = frame % 60 < 4;
        gb.set_buttons(if is_start { Buttons::START } else { Buttons::RIGHT });
        gb.run_frame();
    }
    Cells::of(gb.frame()).expect("provenance")
}

/// Some values for all tensors, small enough that nothing overflows.
fn parameters() -> HashMap<String, Var> {
    let mut state = 1u32;
    let mut value = |fan_in: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / (1 << 23) as f32 - 1.0) * (3.0 / fan_in as f32).sqrt()
    };
    tensors()
        .map(|(name, shape)| {
            let fan_in: usize = shape[1..].iter().product::<usize>().max(16);
            let values: Vec<f32> = (0..shape.iter().product()).map(|_| value(fan_in)).collect();
            let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("a tensor");
            (name, Var::from_tensor(&tensor).expect("a variable"))
        })
        .collect()
}

/// A picture to look like, and pins of some cells.
fn hints(cells: &Cells, count: usize) -> Hints {
    let seen = (0..cells.grid().len() + cells.objects().len()).rev();
    let pins = seen.filter_map(|cell| {
        let tile = *cells.tile(cell)?;
        let number = cell % COLORS;
        Some(Pin { layer: cells.layer(cell), tile, index: cell as u8 & 3, color: number as u8 })
    });
    let like = Box::new(std::array::from_fn(|color| color as f32 / 4560.0));
    Hints { pins: pins.take(count).collect(), like: Some(like) }
}

fn logits(frames: &[&Cells], parameters: &HashMap<String, Var>) -> Logits {
    logits_by(frames, &vec![&Hints::default(); frames.len()], parameters)
}

fn logits_by(frames: &[&Cells], hints: &[&Hints], parameters: &HashMap<String, Var>) -> Logits {
    let batch = Batch::new(frames, hints, &Device::Cpu).expect("a batch");
    forward(&batch, Products::F32, |name| Ok(parameters[name].as_tensor())).expect("logits")
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().and_then(|tensor| tensor.to_vec1()).expect("values")
}

fn furthest(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

#[test]
fn every_cell_has_logits() {
    let cells = cells(600);
    assert!(!cells.objects().is_empty());
    let logits = logits(&[&cells], &parameters());
    assert_eq!(logits.grid.dims(), [cells.grid().len(), INDICES, COLORS]);
    let objects = logits.objects.expect("objects");
    assert_eq!(objects.dims(), [cells.objects().len(), INDICES, COLORS]);
}

/// What a frame is answered does not depend on the frames beside it in a batch.
#[test]
fn frames_of_a_batch_do_not_mix() {
    let (first, second) = (cells(600), cells(60));
    let parameters = parameters();
    let together = logits(&[&first, &second], &parameters);
    let grid = values(&together.grid);
    for (number, frame) in [&first, &second].into_iter().enumerate() {
        let alone = logits(&[frame], &parameters);
        let own = values(&alone.grid);
        let at = number * Batch::rows(&[&first, &second]) * colorizer::cells::COLUMNS * LOGITS;
        let apart = furthest(&own, &grid[at..at + own.len()]);
        assert!(apart < 1e-4, "frame {number}: {apart}");
    }
    let objects = values(together.objects.as_ref().expect("objects"));
    let own = values(logits(&[&first], &parameters).objects.as_ref().expect("objects"));
    assert!(furthest(&own, &objects[..own.len()]) < 1e-4);
}

/// Hints are for their own frame.
#[test]
fn hints_of_a_batch_do_not_mix() {
    let (first, second) = (cells(600), cells(60));
    let parameters = parameters();
    let told = [hints(&first, 5), hints(&second, 2)];
    let together = logits_by(&[&first, &second], &[&told[0], &told[1]], &parameters);
    let grid = values(&together.grid);
    let rows = Batch::rows(&[&first, &second]) * colorizer::cells::COLUMNS * LOGITS;
    for (number, frame) in [&first, &second].into_iter().enumerate() {
        let own = values(&logits_by(&[frame], &[&told[number]], &parameters).grid);
        let apart = furthest(&own, &grid[number * rows..][..own.len()]);
        assert!(apart < 1e-4, "frame {number}: {apart}");
        let untold = values(&logits(&[frame], &parameters).grid);
        assert!(furthest(&own, &untold) > 1e-2, "frame {number}");
    }
    let objects = values(together.objects.as_ref().expect("objects"));
    let alone = logits_by(&[&first], &[&told[0]], &parameters);
    let own = values(alone.objects.as_ref().expect("objects"));
    assert!(furthest(&own, &objects[..own.len()]) < 1e-4);
}

/// The engine says of all cells that are seen what the graph does, by every kernel.
#[test]
fn the_engine_computes_the_same() {
    let parameters = parameters();
    let tensors: HashMap<_, _> = parameters
        .iter()
        .map(|(name, variable)| (name.clone(), variable.as_detached_tensor()))
        .collect();
    for (frames, pins, threads) in [(600, 0, 1), (60, 3, 2), (600, 7, 3), (330, 1, 1)] {
        let cells = cells(frames);
        let mut told = hints(&cells, pins);
        if pins == 1 {
            told.like = None;
        }
        let expected = logits_by(&[&cells], &[&told], &parameters);
        let grid = values(&expected.grid);
        let objects = expected.objects.as_ref().map(values).unwrap_or_default();
        for choice in KernelChoice::NAMED.into_iter().filter(|kernel| kernel.is_available()) {
            let pool = threads::pool(NonZeroUsize::new(threads).expect("threads")).expect("a pool");
            let kernel = choice.kernel().expect("a kernel that there is");
            let mut engine = engine::Engine::new(&tensors, kernel, pool).expect("V3");
            let mut logits = Vec::new();
            // The second time it finds what the first one left.
            for _ in 0..2 {
                engine.logits(&cells, &told, &mut logits);
            }
            assert_eq!(logits.len(), grid.len() + objects.len());
            let largest = grid.iter().fold(0.0f32, |most, value| most.max(value.abs()));
            for (cell, tile) in cells.grid().iter().enumerate() {
                let own = |values: &[f32]| values[cell * LOGITS..][..LOGITS].to_vec();
                match tile {
                    Some(_) => {
                        let apart = furthest(&own(&logits), &own(&grid)) / largest;
                        assert!(apart < 1e-4, "{choice:?}, cell {cell} of {frames}: {apart}");
                    }
                    None => assert!(own(&logits).iter().all(|&value| value == 0.0)),
                }
            }
            let apart = furthest(&logits[grid.len()..], &objects) / largest;
            assert!(apart < 1e-4, "{choice:?}, objects of {frames}: {apart}");
        }
    }
}

/// The gradient of a sum of logits, against differences.
#[test]
fn tiles_are_read_where_there_are_any() {
    let mut tensors: HashMap<_, _> = parameters()
        .into_iter()
        .map(|(name, variable)| (name, variable.as_detached_tensor()))
        .collect();
    let device = &Device::Cpu;
    let palette = Tensor::zeros((COLORS, 3), DType::F32, device).expect("a palette");
    tensors.insert(PALETTE.to_owned(), palette);
    let read = |tensors: &HashMap<String, Tensor>| {
        let bytes = crate::save_v3(tensors).expect("weights");
        Painter::from_bytes(&bytes, device).map(|painter| painter.tiles())
    };
    assert!(read(&tensors).expect("older weights").is_empty());
    let tiles = [3_000_000_000, 7u32];
    tensors.insert(TILES.to_owned(), Tensor::new(&tiles[..], device).expect("tiles"));
    assert_eq!(read(&tensors).expect("V3").hashes(), [7, 3_000_000_000]);
    tensors.insert(TILES.to_owned(), Tensor::new(&[1.0f32], device).expect("tiles"));
    let error = read(&tensors).expect_err("no numbers").to_string();
    assert!(error.ends_with("tensor tiles of the weights is not a list of U32"), "{error}");
}

#[test]
fn gradients_flow_to_every_tensor() {
    let cells = cells(600);
    let parameters = parameters();
    let told = hints(&cells, 6);
    let batch = Batch::new(&[&cells], &[&told], &Device::Cpu).expect("a batch");
    let loss = || {
        let logits = forward(&batch, Products::F32, |name| Ok(parameters[name].as_tensor()))
            .expect("logits");
        let sum = |tensor: &Tensor| tensor.sqr().and_then(|squares| squares.mean_all());
        let objects = logits.objects.expect("objects");
        (sum(&logits.grid).expect("a sum") + sum(&objects).expect("a sum")).expect("a sum")
    };
    let gradients = loss().backward().expect("gradients");
    for (name, variable) in &parameters {
        let gradient = values(gradients.get(variable).unwrap_or_else(|| panic!("{name}")));
        let original = values(variable.as_tensor());
        // Along the gradient, the loss must rise by its squared length.
        let length: f32 = gradient.iter().map(|value| value * value).sum::<f32>().sqrt();
        assert!(length > 0.0, "{name}");
        // Long enough that the loss, an f32, changes by much more than its rounding, and else short.
        let size = values(variable).iter().map(|v| v * v).sum::<f32>().sqrt().max(0.1);
        let step = (1e-3 * size).max(1e-4 / length);
        let moved = |by: f32| {
            let pairs = original.iter().zip(&gradient);
            let values: Vec<f32> = pairs.map(|(value, g)| value + by * g / length).collect();
            let tensor = Tensor::from_vec(values, variable.shape(), &Device::Cpu);
            variable.set(&tensor.expect("a tensor")).expect("the shape");
            loss().to_dtype(DType::F64).and_then(|loss| loss.to_scalar::<f64>()).expect("a loss")
        };
        let slope = (moved(step) - moved(-step)) / (2.0 * step as f64);
        moved(0.0);
        let error = (slope - length as f64).abs() / length as f64;
        assert!(error < 0.03, "{name}: slope {slope}, gradient {length}");
    }
}
