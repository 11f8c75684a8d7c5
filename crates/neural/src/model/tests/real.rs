//! Trained weights, real frames, and what `PyTorch` makes of them.

use std::path::{Path, PathBuf};

use candle_core::safetensors::load;
use colorizer::Luma;
use gameboy::{Buttons, Cartridge, GameBoy};

use super::*;

fn folder(variable: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: {variable} is not set");
    }
    folder
}

fn trained(options: Options) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/v1.safetensors");
    let bytes = std::fs::read(path).expect("the weights of this repository");
    Model::from_bytes(&bytes, &Device::Cpu, options).expect("V1")
}

fn tensor(pictures: &[f32]) -> Result<Tensor> {
    let count = pictures.len() / (HEIGHT * WIDTH);
    Tensor::from_slice(pictures, (count, 1, HEIGHT, WIDTH), &Device::Cpu)
}

#[test]
fn trained_weights_agree_with_the_graph() -> Result<()> {
    let input = tensor(&calibration::pictures()[..3 * HEIGHT * WIDTH])?;
    for kernel in kernels() {
        let model = trained(options(1, kernel, Precision::F32));
        let (fast, graph) = (model.forward(&input)?, model.forward_graph(&input)?);
        let difference = (fast - graph)?.abs()?.flatten_all()?.max(0)?.to_vec0::<f32>()?;
        eprintln!("{kernel}: {difference:e}");
        assert!(difference < 1e-5, "{kernel}: {difference}");
    }
    Ok(())
}

/// Lightness of frames of a game with random buttons, one every 5 seconds.
fn frames(path: &Path, count: usize) -> Vec<f32> {
    let rom = std::fs::read(path).expect("a game");
    let cartridge = Cartridge::from_bytes(rom).expect("a game");
    let mut console = GameBoy::new(cartridge, gameboy::Model::Dmg);
    let mut state = 1u32;
    let mut pictures = Vec::new();
    for frame in 0..count * 300 {
        if frame % 20 == 0 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            console.set_buttons(Buttons::from_bits_truncate((state >> 24) as u8));
        }
        console.run_frame();
        if frame % 300 == 299 {
            let luma = Luma::of(console.frame());
            pictures.extend(luma.values().iter().map(|l| l / 100.0));
        }
    }
    pictures
}

/// Frames that 8 bits were not calibrated on. Their limit is no goal: 1e-5 would be one, by which
/// they could be used by default, and some games miss it by far. 16 bits keep it here.
#[test]
fn narrow_numbers_are_near_on_real_frames() -> Result<()> {
    let Some(folder) = folder("CHROMABOY_HOMEBREW") else { return Ok(()) };
    assert_near(&folder, Precision::Int8, 1e-3)?;
    assert_near(&folder, Precision::Bf16, 1e-5)
}

fn assert_near(folder: &Path, precision: Precision, limit: f64) -> Result<()> {
    let exact = trained(exact(1));
    let narrow = trained(options(1, KernelChoice::Auto, precision));
    let mut errors = Vec::new();
    for game in ["corrib75.gb", "libbet.gb", "snake.gb", "testship.gb", "gb-corp.gb"] {
        let pictures = tensor(&frames(&folder.join(game), 4))?;
        let exact = values(&exact.forward_undoubled(&pictures)?)?;
        let narrow = values(&narrow.forward_undoubled(&pictures)?)?;
        let error = mean_squared_error(&exact, &narrow);
        let most = exact.iter().zip(&narrow).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        eprintln!("{game} {precision}: {error:e}, at most {most}");
        errors.push(error);
    }
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(mean < limit, "{precision}: {mean:e}");
    Ok(())
}

/// Checkpoints of `PyTorch`, and what `PyTorch` made of them: V1 in both formats, and the article's
/// own V0.
#[test]
fn pytorch_gives_the_same() -> Result<()> {
    let Some(folder) = folder("CHROMABOY_CHECKPOINTS") else { return Ok(()) };
    for (checkpoint, network, output) in [
        ("v1-random.zip.pth.tar", "V1", "v1_output"),
        ("v1-random.legacy.pth.tar", "V1", "v1_output"),
        ("v0-wario-land-3.pth.tar", "V0", "v0_output"),
    ] {
        let file = std::fs::read(folder.join(checkpoint)).expect("a checkpoint");
        let model = Model::from_bytes(&file, &Device::Cpu, exact(2)).expect("weights");
        assert_eq!(model.network().name(), network, "{checkpoint}");
        compare(&model, &folder, output)?;
    }
    Ok(())
}

fn compare(model: &Model, folder: &Path, output: &str) -> Result<()> {
    let expected = load(folder.join("expected.safetensors"), &Device::Cpu)?;
    let wanted = values(&expected[output])?;
    let input = &expected["input"];
    assert_close(&values(&model.forward_graph(input)?)?, &wanted, 1e-4);
    assert_close(&values(&model.forward(input)?)?, &wanted, 1e-4);
    Ok(())
}
