use std::fs;
use std::path::PathBuf;

use candle_core::Module;
use dataset::{Planes, Sample};
use gameboy::{HEIGHT, Layer, PIXELS, Scroll, WIDTH};
use neural::{Model, Options};
use tempfile::TempDir;

use super::batch::{Batch, batches_per_epoch};
use super::corpus::Picture;
use super::network::Network;
use super::optimizer::Optimizer;
use super::validate::Validator;
use super::*;

/// Left half of index 0 and blue, right half of index 3 and orange, with an object. Frames of
/// other numbers are a little different.
fn sample(number: u16) -> Sample {
    let is_left = |i: usize| i % WIDTH < WIDTH / 2 + number as usize;
    let blue = 0x7E80 - (number << 10);
    Sample {
        frame: number as u64,
        colors: Box::new(std::array::from_fn(|i| if is_left(i) { blue } else { 0x02DF })),
        planes: Some(Planes {
            indices: Box::new(std::array::from_fn(|i| if is_left(i) { 0 } else { 3 })),
            layers: Box::new(std::array::from_fn(|i| {
                if i < 8 { Layer::Object } else { Layer::Background }
            })),
            palettes: Box::new([0; PIXELS]),
            tiles: Box::new([0; PIXELS]),
            scroll: Box::new([Scroll::default(); HEIGHT]),
            scene: None,
        }),
        shades: None,
    }
}

fn corpus() -> Corpus {
    let picture = |number| Picture::new(&sample(number));
    let game = |name: &str, is_held_out| Game {
        name: name.to_string(),
        training: if is_held_out { Vec::new() } else { (0..5).map(picture).collect() },
        validation: vec![picture(6)],
        is_held_out,
    };
    let games = vec![game("seen", false), game("unseen", true)];
    Corpus { games, ..Corpus::default() }
}

fn settings(recipe: Recipe, steps: u64) -> Settings {
    Settings {
        network: NetworkChoice::V0,
        limit: Limit::Steps(steps),
        batch: 2,
        crop_height: 16,
        crop_width: 32,
        warm_up: 2,
        validate_every: Some(2),
        ..Settings::of(recipe)
    }
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn run(settings: &Settings, folder: &Path) -> Result<Vec<f64>, Error> {
    run_until(settings, folder, u64::MAX)
}

/// Presses Ctrl-C after so many steps. Returns the losses of the steps.
fn run_until(settings: &Settings, folder: &Path, last: u64) -> Result<Vec<f64>, Error> {
    let stop = AtomicBool::new(false);
    let place = Place { folder, device: Device::Cpu, start: HashMap::new(), stop: &stop };
    let mut losses = Vec::new();
    train(&corpus(), settings, &place, |event| {
        if let Event::Step { step, loss, .. } = event {
            losses.push(loss);
            stop.store(step >= last, Ordering::Relaxed);
        }
    })?;
    Ok(losses)
}

fn read(folder: &Path, file: &str) -> Vec<u8> {
    fs::read(folder.join(file)).expect(file)
}

/// The metrics without the column of seconds.
fn metrics(folder: &Path) -> Vec<Vec<String>> {
    let text = String::from_utf8(read(folder, "metrics.csv")).expect("text");
    let fields = |line: &str| {
        let fields = line.split(',').enumerate().filter(|(column, _)| *column != 2);
        fields.map(|(_, field)| field.to_string()).collect()
    };
    text.lines().map(fields).collect()
}

#[test]
fn the_loss_falls_on_one_batch() -> Result<(), Error> {
    let corpus = corpus();
    for network in [NetworkChoice::V0, NetworkChoice::V1, NetworkChoice::V2] {
        let settings = Settings { network, ..settings(Recipe::Gameboy, 1) };
        let (input, target) = Batch::of_step(&corpus, &settings, 5).tensors(&Device::Cpu)?;
        let mut network = Network::new(&settings, &Device::Cpu)?;
        let mut optimizer = Optimizer::new(Rule::AdamW, 1e-8, network.variables());
        let mut losses = Vec::new();
        for _ in 0..12 {
            let loss = (network.forward(&input)? - &target)?.sqr()?.mean_all()?;
            losses.push(loss.to_vec0::<f32>()?);
            optimizer.step(network.variables(), &loss.backward()?, 2e-3, Some(1.0))?;
        }
        assert!(losses[11] < losses[0] / 2.0, "{losses:?}");
    }
    Ok(())
}

/// What is saved is the plain network in either scaling, and gives what training saw. The first
/// batch's moments are the running ones when their momentum is 1.
#[test]
fn saved_weights_are_the_plain_network_and_agree() -> Result<(), Error> {
    let corpus = corpus();
    for network in [NetworkChoice::V0, NetworkChoice::V1, NetworkChoice::V2] {
        for lab_version in [1, 2] {
            let settings = Settings {
                network,
                lab_version,
                norm_momentum: 1.0,
                batch: 8,
                crop_height: 128,
                crop_width: 144,
                ..settings(Recipe::Gameboy, 1)
            };
            let mut network = Network::new(&settings, &Device::Cpu)?;
            let (input, _) = Batch::of_step(&corpus, &settings, 5).tensors(&Device::Cpu)?;
            let expected = network.forward(&input)?;
            let weights = network.fold(network.tensors()?)?;
            let file = neural::save(network.description(), network.scaling(), &weights)?;
            let model = Model::from_bytes(&file, &Device::Cpu, Options::default())?;
            let found = model.forward(&input)?;
            let found = if lab_version == 2 { ((found + 1.0)? * 0.5)? } else { found };
            let difference = (found - expected)?.abs()?.max_all()?.to_vec0::<f32>()?;
            // The running variance is that of a sample: with 18x16 pixels in the smallest layer
            // and a batch of 8, a little more than the batch's in each of up to 20 layers.
            assert!(difference < 2e-2, "{settings:?}: {difference}");
        }
    }
    Ok(())
}

#[test]
fn resumed_runs_are_bit_identical() {
    let folder = Folder::new();
    for recipe in [Recipe::Article, Recipe::Gameboy] {
        let settings = Settings { average: Some(0.9), ..settings(recipe, 7) };
        let (whole, parts) = (folder.path(&format!("{recipe:?}")), folder.path("parts"));
        let losses = run(&settings, &whole).expect("a run");
        // In the middle between two validations.
        let error = run_until(&settings, &parts, 3).expect_err("it was interrupted");
        assert_eq!(error.to_string(), "interrupted after step 3: go on with --resume");
        assert_eq!(run(&settings, &parts).expect("a resumed run"), losses[3..]);
        for file in ["last.safetensors", "best.safetensors", "losses.png"] {
            assert!(read(&whole, file) == read(&parts, file), "{file} of {recipe:?} differs");
        }
        assert_eq!(metrics(&whole), metrics(&parts));
        assert_eq!(metrics(&whole).len(), 5);
        fs::remove_dir_all(parts).expect("a folder");
    }
}

#[test]
fn a_run_may_be_made_longer() {
    let folder = Folder::new();
    let (whole, parts) = (folder.path("whole"), folder.path("parts"));
    run(&settings(Recipe::Article, 6), &whole).expect("a run");
    run(&settings(Recipe::Article, 4), &parts).expect("a run");
    run(&settings(Recipe::Article, 6), &parts).expect("the rest");
    assert!(read(&whole, "last.safetensors") == read(&parts, "last.safetensors"));
}

#[test]
fn work_after_the_last_checkpoint_is_done_again() {
    let folder = Folder::new();
    let (whole, parts) = (folder.path("whole"), folder.path("parts"));
    let settings = settings(Recipe::Gameboy, 4);
    run(&settings, &whole).expect("a run");
    run_until(&settings, &parts, 2).expect_err("it was interrupted");
    let line = "4,0.00,1,1e-3,9,9,9,9,9,9,9\n";
    let metrics_file = parts.join("metrics.csv");
    let text = fs::read_to_string(&metrics_file).expect("metrics") + line;
    fs::write(&metrics_file, text).expect("metrics");
    fs::write(parts.join("checkpoint.safetensors.new"), "half a checkp").expect("a file");
    run(&settings, &parts).expect("the rest");
    assert_eq!(metrics(&whole), metrics(&parts));
    assert!(read(&whole, "last.safetensors") == read(&parts, "last.safetensors"));
}

#[test]
fn a_run_of_other_settings_or_another_network_is_left_alone() {
    let folder = Folder::new();
    let path = folder.path("run");
    let before = settings(Recipe::Article, 2);
    run(&before, &path).expect("a run");
    let weights = read(&path, "last.safetensors");
    let others = [
        (Settings { network: NetworkChoice::V1, ..before.clone() }, "network"),
        (Settings { seed: 9, ..before.clone() }, "seed"),
        (Settings { learning_rate: 0.5, ..before.clone() }, "learning rate"),
    ];
    for (other, what) in others {
        let error = run(&other, &path).expect_err(what).to_string();
        assert!(error.contains(&format!("holds a run with another {what}")), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    assert!(read(&path, "last.safetensors") == weights);
}

#[test]
fn a_checkpoint_of_another_network_is_refused_in_one_line() {
    let folder = Folder::new();
    let (v0, v1) = (folder.path("v0"), folder.path("v1"));
    let v0_settings = settings(Recipe::Article, 1);
    let v1_settings = Settings { network: NetworkChoice::V1, ..v0_settings.clone() };
    run(&v0_settings, &v0).expect("a run");
    run(&v1_settings, &v1).expect("a run");
    fs::copy(v0.join("checkpoint.safetensors"), v1.join("checkpoint.safetensors")).expect("a copy");
    let error = run(&v1_settings, &v1).expect_err("V0 is not V1").to_string();
    assert!(error.contains("checkpoint.safetensors: ") && !error.contains('\n'), "{error}");
    fs::write(v1.join("checkpoint.safetensors"), "garbage").expect("a file");
    let error = run(&v1_settings, &v1).expect_err("damage").to_string();
    assert!(error.contains("checkpoint.safetensors: "), "{error}");

    let path = v0.join("last.safetensors");
    let error = format!(
        "{:#}",
        finetune(&read(&v0, "last.safetensors"), &v1_settings).expect_err("V0 is not V1")
    );
    assert!(error.ends_with("these are weights of V0, not of V1"), "{error}");
    let error = pretrained(&path, &v1_settings).expect_err("V1 has no ResNet").to_string();
    assert_eq!(error, "only V2 can begin with the weights of a ResNet-18");
}

/// Every write to `/dev/full` finds the disk full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_last_good_checkpoint() {
    let folder = Folder::new();
    let path = folder.path("run");
    run(&settings(Recipe::Article, 2), &path).expect("a run");
    let checkpoint = read(&path, "checkpoint.safetensors");
    let temporary = path.join("checkpoint.safetensors.new");
    std::os::unix::fs::symlink("/dev/full", &temporary).expect("a link");
    let error = run(&settings(Recipe::Article, 4), &path).expect_err("a full disk").to_string();
    assert!(error.contains("No space left on device") && !error.contains('\n'), "{error}");
    assert!(read(&path, "checkpoint.safetensors") == checkpoint);
    fs::remove_file(temporary).expect("the link");
    run(&settings(Recipe::Article, 4), &path).expect("there is space again");
}

#[test]
fn a_loss_that_is_no_number_keeps_the_last_good_checkpoint() {
    let folder = Folder::new();
    let path = folder.path("run");
    let settings = Settings { network: NetworkChoice::V2, ..settings(Recipe::Article, 4) };
    let settings = Settings { learning_rate: 1e38, ..settings };
    let error = run(&settings, &path).expect_err("it diverges").to_string();
    assert!(error.starts_with("the loss is not finite any more at step "), "{error}");
    assert!(error.ends_with("the last checkpoint is kept"), "{error}");
}

#[test]
fn finetuning_begins_with_the_weights() -> anyhow::Result<()> {
    let folder = Folder::new();
    let path = folder.path("run");
    run(&settings(Recipe::Gameboy, 2), &path)?;
    for lab_version in [1, 2] {
        let settings = Settings { lab_version, ..settings(Recipe::Article, 2) };
        let start = finetune(&read(&path, "last.safetensors"), &settings)?;
        let mut network = Network::new(&settings, &Device::Cpu)?;
        network.take(&start)?;
        let (input, _) = Batch::of_step(&corpus(), &settings, 0).tensors(&Device::Cpu)?;
        let file = read(&path, "last.safetensors");
        let model = Model::from_bytes(&file, &Device::Cpu, Options::default())?;
        let (found, expected) = (network.forward(&input)?, model.forward(&input)?);
        let expected = if lab_version == 2 { ((expected + 1.0)? * 0.5)? } else { expected };
        let difference = (found - expected)?.abs()?.max_all()?.to_vec0::<f32>()?;
        assert!(difference < 1e-4, "{difference}");
    }
    Ok(())
}

#[test]
fn an_epoch_shows_every_frame_once() -> Result<(), Error> {
    let corpus = corpus();
    let settings = Settings { batch: 2, ..settings(Recipe::Article, 1) };
    assert_eq!(batches_per_epoch(&corpus, &settings), 3);
    let size = 16 * 32;
    let frames = |epoch: u64| -> Result<Vec<Vec<f32>>, Error> {
        let mut targets = Vec::new();
        for step in 3 * epoch..3 * (epoch + 1) {
            let (_, target) = Batch::of_step(&corpus, &settings, step).tensors(&Device::Cpu)?;
            let target: Vec<f32> = target.flatten_all()?.to_vec1()?;
            targets.extend(target.chunks_exact(2 * size).map(<[f32]>::to_vec));
        }
        Ok(targets)
    };
    assert_eq!(frames(0)?.len(), 5);
    assert_eq!(frames(0)?, frames(0)?);
    assert_ne!(frames(0)?, frames(1)?);
    Ok(())
}

#[test]
fn a_tenth_of_all_frames_moves_to_validation() {
    let mut corpus = corpus();
    corpus.games[0].validation.clear();
    corpus.games[0].training = (0..25).map(|i| Picture::new(&sample(i))).collect();
    let colors = |pictures: &[Picture]| pictures.iter().map(|p| p.color(0)).collect::<Vec<_>>();
    let mut before = colors(&corpus.games[0].training);
    corpus.split_frames(1);
    assert_eq!((corpus.training_frames(), corpus.validation_frames()), (22, 3));
    let game = &corpus.games[0];
    let mut after = [colors(&game.training), colors(&game.validation)].concat();
    before.sort_unstable();
    after.sort_unstable();
    assert_eq!(before, after);
}

#[test]
fn a_network_without_weights_scores_as_grey() -> Result<(), Error> {
    for recipe in [Recipe::Article, Recipe::Gameboy] {
        let settings = settings(recipe, 1);
        let network = settings.network.description().expect("a network of pixels");
        let zeros = |shape: Vec<usize>| Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu);
        let weights = network.tensors().map(|(name, shape)| Ok((name, zeros(shape)?)));
        let weights = weights.collect::<Result<_, candle_core::Error>>()?;
        let validation = Validator::new(&network, weights, &settings)?.validate(&corpus())?;
        assert!(validation.seen.grey > 0.01);
        assert!((validation.seen.loss - validation.seen.grey).abs() < 1e-9);
        assert!(validation.seen.colorfulness < 1e-6);
        assert_eq!((validation.seen.frames, validation.unseen.frames), (1, 1));
    }
    Ok(())
}

#[test]
fn too_little_data_is_an_error() {
    let folder = Folder::new();
    let stop = AtomicBool::new(false);
    let place = || Place {
        folder: folder.0.path(),
        device: Device::Cpu,
        start: HashMap::new(),
        stop: &stop,
    };
    let settings = settings(Recipe::Article, 1);
    let error = train(&Corpus::default(), &settings, &place(), |_| {}).expect_err("none");
    assert_eq!(error.to_string(), "0 frames for training and 0 for validation are too few");
    let mut corpus = corpus();
    corpus.games[0].validation.clear();
    corpus.games[0].training.truncate(1);
    corpus.split_frames(1);
    let error = train(&corpus, &settings, &place(), |_| {}).expect_err("one");
    assert_eq!(error.to_string(), "0 frames for training and 1 for validation are too few");
}
