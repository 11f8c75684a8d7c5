use std::fs;

use candle_core::safetensors::load;
use candle_core::{Device, Module};
use dataset::{Planes, Sample};
use gameboy::{Layer, PIXELS, Scroll, WIDTH};
use neural::{Model, Options};

use super::corpus::Picture;
use super::*;

/// Left half of index 0 and blue, right half of index 3 and orange, with an object.
fn sample() -> Sample {
    let is_left = |i: usize| i % WIDTH < WIDTH / 2;
    Sample {
        frame: 0,
        colors: Box::new(std::array::from_fn(|i| if is_left(i) { 0x7E80 } else { 0x02DF })),
        planes: Some(Planes {
            indices: Box::new(std::array::from_fn(|i| if is_left(i) { 0 } else { 3 })),
            layers: Box::new(std::array::from_fn(|i| {
                if i < 8 { Layer::Object } else { Layer::Background }
            })),
            palettes: Box::new([0; PIXELS]),
            tiles: Box::new([0; PIXELS]),
            scroll: Box::new([Scroll::default(); 144]),
        }),
        shades: None,
    }
}

fn corpus() -> Corpus {
    let picture = Picture::new(&sample());
    let game = |name: &str, is_held_out| Game {
        name: name.to_string(),
        training: if is_held_out { Vec::new() } else { vec![picture.clone(); 2] },
        validation: vec![picture.clone()],
        is_held_out,
    };
    let games = vec![game("seen", false), game("unseen", true)];
    Corpus { games, ..Corpus::default() }
}

fn settings(steps: u64) -> Settings {
    Settings {
        limit: Limit::Steps(steps),
        batch: 2,
        crop_height: 16,
        crop_width: 32,
        warm_up: 2,
        validate_every: 2,
        ..Settings::default()
    }
}

#[test]
fn the_loss_falls_on_one_batch() -> Result<(), Error> {
    let corpus = corpus();
    let batch = Batch::draw(&corpus, &settings(1), &mut Random::new(5));
    let (input, target) = batch.tensors()?;
    let mut network = Network::new(&mut Random::new(1))?;
    let mut optimizer = Optimizer::new(Rule::AdamW, network.variables());
    let mut losses = Vec::new();
    for _ in 0..12 {
        let loss = (network.forward(&input)? - &target)?.sqr()?.mean_all()?;
        losses.push(loss.to_vec0::<f32>()?);
        optimizer.step(&network.variables(), &loss.backward()?, 2e-3, 1.0)?;
    }
    assert!(losses[11] < losses[0] / 2.0, "{losses:?}");
    Ok(())
}

#[test]
fn folded_weights_are_v1_and_agree() -> Result<(), Error> {
    let corpus = corpus();
    let mut network = Network::new(&mut Random::new(1))?;
    let (input, _) = Batch::draw(&corpus, &settings(1), &mut Random::new(5)).tensors()?;
    // The first batch's moments are the running ones as they are.
    let expected = network.forward(&input)?.permute((0, 3, 1, 2))?;
    let description = neural::v1::network();
    let v1 = Model::new(description, network.fold()?, &Device::Cpu, Options::default())?;
    let input = input.permute((0, 3, 1, 2))?.contiguous()?;
    let difference =
        (v1.forward_undoubled(&input)? - expected)?.abs()?.max_all()?.to_vec0::<f32>()?;
    assert!(difference < 1e-4, "{difference}");
    assert_eq!(v1.forward(&input)?.dims(), [2, 2, 16, 32]);
    Ok(())
}

#[test]
fn resumed_runs_end_at_the_same_weights() {
    let folder = tempfile::tempdir().expect("a folder");
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let (corpus, settings) = (corpus(), settings(5));
    let mut steps = Vec::new();
    train(&corpus, &settings, &whole, |progress| steps.push(progress.step)).expect("a run");
    assert_eq!(steps, [2, 4, 5]);

    let mut training = Training::start(&corpus, &settings, &parts).expect("a run");
    for _ in 0..2 {
        training.step().expect("a step");
    }
    training.validate().expect("a validation");
    // This step is lost, as in a crash.
    training.step().expect("a step");
    drop(training);
    train(&corpus, &settings, &parts, |_| {}).expect("a resumed run");

    let read = |folder: &Path| fs::read(folder.join("last.safetensors")).expect("weights");
    let tensors =
        |folder: &Path| load(folder.join("last.safetensors"), &Device::Cpu).expect("weights");
    assert_eq!(read(&whole).len(), read(&parts).len());
    for (name, tensor) in tensors(&whole) {
        let other = &tensors(&parts)[&name];
        let values = |tensor: &Tensor| {
            tensor.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values")
        };
        assert_eq!(values(&tensor), values(other), "{name}");
    }
    let metrics = fs::read_to_string(parts.join("metrics.csv")).expect("metrics");
    assert_eq!(metrics.lines().count(), 4, "{metrics}");
    let other = Settings { seed: 9, ..settings };
    let error = train(&corpus, &other, &parts, |_| {}).expect_err("other settings");
    assert!(error.to_string().contains("holds a run with other settings or data"), "{error}");
}

#[test]
fn a_perfect_prediction_would_score_zero_and_grey_scores_the_chroma() -> Result<(), Error> {
    let network = Network::new(&mut Random::new(1))?;
    let mut weights = network.state()?;
    weights.clear();
    for layer in neural::v1::LAYERS {
        let zeros = |shape: &[usize]| Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu);
        weights.insert(format!("{}.weight", layer.name), zeros(&layer.weight_shape())?);
        weights.insert(format!("{}.bias", layer.name), zeros(&[layer.outputs])?);
    }
    let corpus = corpus();
    let validation = validate::validate(&corpus, &weights)?;
    assert!(validation.later.grey > 0.01);
    assert!((validation.later.loss - validation.later.grey).abs() < 1e-9);
    assert!(validation.later.colorfulness < 1e-6);
    assert_eq!((validation.later.frames, validation.unseen.frames), (1, 1));
    Ok(())
}

#[test]
fn too_little_data_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = train(&Corpus::default(), &settings(1), folder.path(), |_| {}).expect_err("none");
    let message = "0 frames for training and 0 of later scenes are too few";
    assert_eq!(error.to_string(), message);
}
