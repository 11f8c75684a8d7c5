use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use colorizer::cell_color::CellSource as _;
use dataset::Sample;
use gameboy::{Cartridge, GameBoy, Model};
use tempfile::tempdir;

use super::super::{Event, Limit, NetworkChoice, Place, Precision, Schedule, train};
use super::*;

/// Frames of the demo: every fifth is for validation.
fn corpus() -> Corpus {
    let rom = include_bytes!("../../../../../roms/chromaboy-demo.gb").to_vec();
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Cgb);
    gb.record_provenance();
    let mut game = Game { name: "demo".into(), ..Game::default() };
    for number in 0..800 {
        gb.run_frame();
        if number >= 200 && number % 60 == 0 {
            let sample = Sample::from_frame(number, gb.frame()).expect("colors with provenance");
            let picture = Frame::with_labels(&sample).expect("a scene");
            let part = if number % 300 == 0 { &mut game.validation } else { &mut game.training };
            part.push(picture);
        }
    }
    Corpus { games: vec![game], ..Corpus::default() }
}

fn settings(steps: u64) -> Settings {
    Settings {
        network: NetworkChoice::V3,
        batch: 2,
        limit: Limit::Steps(steps),
        schedule: Schedule::Constant,
        learning_rate: 1e-3,
        warm_up: 4,
        validate_every: Some(steps),
        ..Settings::of(Recipe::Gameboy)
    }
}

/// Trains, and gives the losses of the steps and the last score.
fn run(corpus: &Corpus, settings: &Settings, folder: &Path) -> Result<(Vec<f64>, Score), Error> {
    let stop = AtomicBool::new(false);
    let place = Place { folder, device: Device::Cpu, start: HashMap::new(), stop: &stop };
    let (mut losses, mut score) = (Vec::new(), Score::default());
    train(corpus, settings, &place, |event| match event {
        Event::Step { loss, .. } => losses.push(loss),
        Event::Validated(progress) => score = progress.validation.seen,
    })?;
    Ok((losses, score))
}

#[test]
fn the_demo_is_learned() -> Result<(), Error> {
    let folder = tempdir().expect("a folder");
    let (losses, score) = run(&corpus(), &settings(40), folder.path())?;
    assert!(losses[39] < losses[0] / 3.0, "{losses:?}");
    assert!(score.frames > 0 && score.loss < score.grey / 2.0, "{score:?}");
    let bytes = fs::read(folder.path().join("best.safetensors")).expect("weights");
    let painter = Painter::from_bytes(&bytes, &Device::Cpu).expect("V3");
    assert_eq!(painter.palette().len(), COLORS);
    let (tiles, corpus) = (painter.tiles(), corpus());
    let labels = corpus.games[0].training[0].labels().expect("cells");
    let known = labels.cells.grid().iter().flatten().filter_map(|tile| tiles.contains(tile));
    let known: Vec<bool> = known.collect();
    assert!(known.len() > 20 && known.iter().all(|known| *known), "tiles that it learned from");
    Ok(())
}

#[test]
fn factors_of_16_bits_learn_alike() -> Result<(), Error> {
    let corpus = corpus();
    let losses = |precision| {
        let folder = tempdir().expect("a folder");
        let settings = Settings { precision, ..settings(8) };
        run(&corpus, &settings, folder.path()).map(|(losses, _)| losses)
    };
    let (exact, rounded) = (losses(Precision::F32)?, losses(Precision::Bf16)?);
    assert!(exact[7] < exact[0] / 1.2, "{exact:?}");
    for (exact, rounded) in exact.iter().zip(&rounded) {
        assert!((exact - rounded).abs() < 0.02 * exact, "{exact} and {rounded}");
    }
    assert_ne!(exact, rounded);
    Ok(())
}

#[test]
fn a_run_that_goes_on_is_as_one_that_never_stopped() -> Result<(), Error> {
    let (corpus, [once, twice]) = (corpus(), [(); 2].map(|()| tempdir().expect("a folder")));
    run(&corpus, &Settings { validate_every: Some(3), ..settings(6) }, once.path())?;
    for steps in [3, 6] {
        let settings = Settings { validate_every: Some(3), ..settings(steps) };
        run(&corpus, &settings, twice.path())?;
    }
    let weights = |folder: &Path| fs::read(folder.join("last.safetensors")).expect("weights");
    assert!(weights(once.path()) == weights(twice.path()));
    Ok(())
}

#[test]
fn the_articles_recipe_is_refused() {
    let settings = Settings { recipe: Recipe::Article, ..settings(1) };
    let folder = tempdir().expect("a folder");
    let error = run(&corpus(), &settings, folder.path()).expect_err("no color indices");
    assert_eq!(error.to_string(), "V3 learns by --recipe gameboy");
}

#[test]
fn maps_are_orders_that_leave_what_is_before_the_first() {
    let mut random = Random::new(1);
    let mut changed = [0; 2];
    for _ in 0..400 {
        for first in [0, 1] {
            let map = index_map(&mut random, first);
            let mut sorted = map;
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3]);
            assert!(first == 0 || map[0] == 0);
            changed[first] += (map != sorted) as usize;
        }
    }
    assert!(changed.iter().all(|count| (50..150).contains(count)), "{changed:?}");
}
