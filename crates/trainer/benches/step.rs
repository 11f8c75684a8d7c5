//! Milliseconds of a step of training: batch 8, 144x160, on all cores or as many as are given.
//!
//!     cargo bench -p trainer --bench step -- [v0|v1|v2] [THREADS]
//!
//! `tests/parity/speed.py` measures the same in `PyTorch` and runs this beside it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use candle_core::Device;
use clap::ValueEnum as _;
use dataset::Sample;
use gameboy::PIXELS;
use neural::threads;
use trainer::train::{
    Corpus, Event, Game, Limit, NetworkChoice, Picture, Place, Recipe, Settings, train,
};

const STEPS: u64 = 12;
/// Steps that are not counted: memory is mapped for the first time.
const WARM_UP: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let network = words.iter().find_map(|word| NetworkChoice::from_str(word, true).ok());
    let count = words.iter().find_map(|word| word.parse().ok());
    let pool = threads::pool(count.and_then(NonZeroUsize::new).unwrap_or_else(threads::available))?;
    let settings = Settings {
        network: network.unwrap_or_default(),
        limit: Limit::Steps(STEPS),
        crop_height: 144,
        crop_width: 160,
        validate_every: Some(STEPS),
        ..Settings::of(Recipe::Article)
    };
    let folder = tempfile::tempdir()?;
    let stop = AtomicBool::new(false);
    let place =
        Place { folder: folder.path(), device: Device::Cpu, start: HashMap::new(), stop: &stop };
    let mut times = Vec::new();
    let mut before = Instant::now();
    let corpus = corpus();
    pool.install(|| {
        train(&corpus, &settings, &place, |event| {
            if let Event::Step { .. } = event {
                times.push(before.elapsed().as_secs_f64() * 1e3);
            }
            before = Instant::now();
        })
        .map_err(|error| error.to_string())
    })?;
    let mut counted = times.split_off(WARM_UP);
    counted.sort_by(f64::total_cmp);
    println!("{:.1}", counted[counted.len() / 2]);
    Ok(())
}

/// Frames of diagonal stripes.
fn corpus() -> Corpus {
    let color = |i: usize, shift: usize| ((i % 160 + i / 160 + shift) / 8 * 1234 % 0x8000) as u16;
    let picture = |shift: usize| {
        let colors: Box<[u16; PIXELS]> = Box::new(std::array::from_fn(|i| color(i, shift)));
        Picture::new(&Sample { frame: 0, colors, planes: None, shades: None })
    };
    let game = Game {
        name: "stripes".to_string(),
        training: (0..32).map(picture).collect(),
        validation: vec![picture(40)],
        is_held_out: false,
    };
    Corpus { games: vec![game], ..Corpus::default() }
}
