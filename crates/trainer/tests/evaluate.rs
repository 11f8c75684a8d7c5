//! A report must say what is so: a network of zeros is grey, and nothing bleeds in it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor, safetensors};
use colorizer::cell_color::Style;
use dataset::{Planes, Sample, Session, Writer};
use gameboy::{HEIGHT, Layer, PIXELS, Scroll, WIDTH};
use serde_json::json;
use tempfile::TempDir;
use trainer::evaluate::{Error, Input, Options, Part, Told, evaluate};
use trainer::train::sha256;

/// Cells of four tiles, in another order for each number.
fn sample(number: usize, colors: [u16; 4]) -> Sample {
    let tile = |i: usize| (i % WIDTH / 8 + i / WIDTH / 8 * number) % 4;
    let planes = Planes {
        indices: Box::new(std::array::from_fn(|i| tile(i) as u8)),
        layers: Box::new([Layer::Background; PIXELS]),
        palettes: Box::new([0; PIXELS]),
        tiles: Box::new(std::array::from_fn(|i| tile(i) as u16)),
        scroll: Box::new([Scroll::default(); HEIGHT]),
        scene: None,
    };
    let picture =
        Sample::from_colors(number as u64, Box::new(std::array::from_fn(|i| colors[tile(i)])));
    Sample { planes: Some(planes), ..picture }
}

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn session(&self, game: &str, samples: &[Sample]) -> PathBuf {
        let session = Session { game: game.into(), ..Session::default() };
        let mut writer = Writer::new(Vec::new(), &session).expect("a header");
        for sample in samples {
            writer.write(sample).expect("in range");
        }
        let path = self.path(&format!("{game}.cbds"));
        fs::write(&path, writer.finish().expect("the end")).expect("a file");
        path
    }

    /// V1 with all weights zero, which predicts no color anywhere.
    fn zeros(&self) -> PathBuf {
        let tensors: HashMap<_, _> = neural::v1::network()
            .tensors()
            .map(|(name, shape)| {
                (name, Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("zeros"))
            })
            .collect();
        let path = self.path("run/zeros.safetensors");
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        safetensors::save(&tensors, &path).expect("a file");
        path
    }

    fn options(&self) -> Options {
        let red = [0x7FFF, 0x001F, 0x0010, 0x0000];
        let blue = [0x7FFF, 0x7C00, 0x4000, 0x0000];
        let frames = |colors| (0..25).map(|number| sample(number, colors)).collect::<Vec<_>>();
        Options {
            sessions: vec![
                self.session("red|land", &frames(red)),
                self.session("blue", &frames(blue)),
            ],
            weights: vec![self.zeros()],
            unseen: Vec::new(),
            input: Input::Shades,
            styles: vec![Style::Safe],
            told: vec![Told::Nothing],
            part: Part::Later,
            frames: 40,
            pictures: None,
            folds: Vec::new(),
            play: Vec::new(),
            play_seconds: 4,
        }
    }

    fn report(&self, options: &Options) -> String {
        let path = self.path("report.md");
        evaluate(options, &path, |_| ()).expect("a report");
        fs::read_to_string(path).expect("the report")
    }

    fn error(&self, options: &Options) -> String {
        let error: Error = evaluate(options, &self.path("r.md"), |_| ()).expect_err("bad input");
        let text = error.to_string();
        assert!(!text.contains('\n'), "{text}");
        text
    }
}

/// The cells of the first row that begins with `name` after the heading.
fn row<'a>(report: &'a str, heading: &str, name: &str) -> Vec<&'a str> {
    let section = report.split(heading).nth(1).expect("the heading");
    let line = section.lines().find(|line| line.starts_with(&format!("| {name}")));
    line.expect("the row")
        .split('|')
        .map(str::trim)
        .skip(2)
        .filter(|cell| !cell.is_empty())
        .collect()
}

fn numbers(cells: &[&str]) -> Vec<Option<f64>> {
    cells.iter().map(|cell| cell.parse().ok()).collect()
}

#[test]
fn a_network_of_zeros_is_all_grey() {
    let bench = Bench::new();
    let report = bench.report(&bench.options());
    let grey = row(&report, "## Means over games", "all grey");
    assert_eq!(grey, row(&report, "## Means over games", "zeros"));
    let figures = numbers(&grey);
    let [mse, delta_e, p95, colorful, bleed, flips] = figures[..6] else { panic!("{grey:?}") };
    assert!(mse > Some(0.05) && delta_e > Some(10.0) && p95 > delta_e, "{grey:?}");
    assert_eq!((colorful, bleed, flips), (Some(0.0), Some(0.0), Some(0.0)));
    // There is no unseen game.
    assert_eq!(figures[6..], [None; 6]);
    let tint = numbers(&row(&report, "## Means over games", "best tint"));
    assert!(tint[0] < mse && tint[3] > Some(0.0), "{tint:?}");
    let boot = numbers(&row(&report, "## Means over games", "boot palette"));
    assert!(boot[1] < delta_e, "{boot:?}");
}

#[test]
fn unseen_games_stand_apart_and_games_count_alike() {
    let bench = Bench::new();
    let options = Options { unseen: vec!["blue".into()], ..bench.options() };
    let report = bench.report(&options);
    let means = row(&report, "## Means over games", "all grey");
    let seen = row(&report, "## ab-MSE by game", r"red\|land");
    // The escaped bar splits the name.
    assert_eq!((means[0], seen[1]), (seen[2], "2"));
    let unseen = row(&report, "## ab-MSE by game", "blue (unseen)");
    assert_eq!((means[6], unseen[0]), (unseen[1], "25"));
    assert!(numbers(&means)[6] > numbers(&means)[0], "blue is further from grey: {means:?}");
}

#[test]
fn games_held_out_and_losses_are_those_of_the_run() {
    let bench = Bench::new();
    let options = bench.options();
    let beside = |name: &str, text: &str| {
        fs::write(options.weights[0].with_file_name(name), text).expect("a file");
    };
    beside("config.json", r#"{"games":[{"game":"blue","held_out":true}]}"#);
    beside("metrics.csv", "step,epoch,training_loss,validation_loss\n1,15,1,0.5\n2,20,1,0.25\n");
    let report = bench.report(&options);
    assert!(report.contains("| blue (unseen) |"));
    assert_eq!(row(&report, "## Training", "zeros"), ["0.50000", "-", "0.25000", "20.0"]);
}

#[test]
fn the_pictures_lie_beside_the_report() {
    let bench = Bench::new();
    let report = bench.report(&bench.options());
    for name in ["blue.png", "red_land.png"] {
        assert!(report.contains(&format!("](report/{name})")));
        let picture = image::open(bench.path("report").join(name)).expect("a picture").into_rgb8();
        // Grey, the network and the truth.
        assert_eq!((picture.width(), picture.height()), (3 * 320 + 2 * 4, 288));
        assert_eq!(picture.get_pixel(2, 2).0, [255; 3]);
    }
}

#[test]
fn games_of_like_names_have_pictures_of_their_own() {
    let bench = Bench::new();
    let sessions = ["a b", "a_b", "A|B"].map(|game| bench.session(game, &[sample(0, [0; 4])]));
    let options = Options { sessions: sessions.to_vec(), part: Part::All, ..bench.options() };
    let report = bench.report(&options);
    for name in ["A_B.png", "a_b_.png", "a_b__.png"] {
        assert!(report.contains(&format!("](report/{name})")), "{report}");
        assert!(bench.path("report").join(name).exists());
    }
}

#[test]
fn pictures_are_of_the_games_that_are_named() {
    let bench = Bench::new();
    let of = |games: &[&str]| {
        let pictures = Some(games.iter().map(|&game| game.into()).collect());
        bench.report(&Options { pictures, ..bench.options() })
    };
    assert!(of(&["blue"]).contains("](report/blue.png)"));
    assert!(!bench.path("report/red_land.png").exists());
    let none = of(&[]);
    assert!(!none.contains(".png") && !none.contains("## Pictures"), "{none}");
}

#[test]
fn the_truth_is_the_last_picture() {
    let bench = Bench::new();
    bench.report(&bench.options());
    let picture = image::open(bench.path("report/blue.png")).expect("a picture").into_rgb8();
    let colors: Vec<[u8; 3]> = (0..3).map(|x| picture.get_pixel(x * 324 + 20, 2).0).collect();
    assert_eq!(colors[0], colors[1]);
    let [r, g, b] = colors[2];
    assert!(b > 100 && r == 0 && g == 0, "{colors:?}");
}

#[test]
fn imported_pictures_have_neither_bleed_nor_flips() {
    let bench = Bench::new();
    let alone = |number| Sample { planes: None, ..sample(number, [0x7FFF, 0x001F, 0x0010, 0]) };
    let options = bench.options();
    let sessions = vec![bench.session("filmed", &[alone(1), alone(2)])];
    let report = bench.report(&Options { sessions, part: Part::All, ..options });
    let grey = row(&report, "## Means over games", "all grey");
    assert_eq!(grey[4..6], ["-", "-"]);
    assert!(numbers(&grey)[0] > Some(0.01));
}

#[test]
fn damaged_samples_are_counted() {
    let bench = Bench::new();
    let options = bench.options();
    let path = &options.sessions[0];
    let mut bytes = fs::read(path).expect("the session");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(path, bytes).expect("a file");
    assert!(bench.report(&options).contains("1 damaged samples were left out."));
}

#[test]
fn bad_input_is_named_in_one_line() {
    let bench = Bench::new();
    let options = bench.options();
    let unknown = Options { unseen: vec!["green".into()], ..options.clone() };
    assert_eq!(bench.error(&unknown), "the dataset has no game \"green\"; it has blue, red|land");
    let named = Options { pictures: Some(vec!["green".into()]), ..options.clone() };
    assert_eq!(bench.error(&named), bench.error(&unknown));
    let none = Options { sessions: Vec::new(), ..options.clone() };
    assert_eq!(bench.error(&none), "there is no frame in the dataset");
    let empty = Options { sessions: vec![bench.session("empty", &[])], ..options.clone() };
    assert_eq!(bench.error(&empty), "there is no frame in the dataset");
    let other = bench.path("notes.txt");
    fs::write(&other, "no weights").expect("a file");
    let wrong = Options { weights: vec![other.clone()], ..options.clone() };
    assert!(bench.error(&wrong).contains("notes.txt: "));
    let wrong = Options { sessions: vec![other], ..options.clone() };
    assert!(bench.error(&wrong).ends_with("not a captured session: the magic bytes are missing"));
    let missing = Options { weights: vec![bench.path("missing")], ..options };
    assert!(bench.error(&missing).contains("missing: "));
    assert!(!Path::new(&bench.path("r.md")).exists());
}

#[test]
fn frames_that_the_runs_kept_are_looked_at() {
    let bench = Bench::new();
    let options = Options { part: Part::Validation, ..bench.options() };
    let hashes: Vec<String> =
        options.sessions.iter().map(|path| sha256(path).expect("a session")).collect();
    let config = |hashes: &[String]| {
        let sessions: Vec<_> = hashes.iter().map(|sha256| json!({ "sha256": sha256 })).collect();
        let config = json!({
            "settings": { "split": "frames", "seed": 3 },
            "sessions": sessions,
            "games": [{ "game": "blue", "held_out": false }],
        });
        fs::write(bench.path("run/config.json"), config.to_string()).expect("a file");
    };
    config(&hashes);
    let report = bench.report(&options);
    assert!(report.contains("drew for validation (5 frames)"), "{report}");
    // Another dataset, and then none that is known.
    config(&hashes[..1]);
    assert!(bench.report(&options).contains("the last tenth of their frames (4 frames)"));
    fs::remove_file(bench.path("run/config.json")).expect("the config");
    assert!(bench.report(&options).contains("the last tenth of their frames (4 frames)"));
}

#[test]
fn each_game_is_judged_by_the_run_that_held_it_out() {
    let bench = Bench::new();
    let options = bench.options();
    let fold = |name: &str, held_out: &str| {
        let folder = bench.path(name);
        fs::create_dir_all(&folder).expect("a folder");
        let games = ["red|land", "blue"];
        let games = games.map(|game| json!({"game": game, "held_out": game == held_out}));
        let config = json!({"games": games}).to_string();
        fs::write(folder.join("config.json"), config).expect("a file");
        let weights = folder.join("best.safetensors");
        fs::copy(bench.zeros(), &weights).expect("a file");
        weights
    };
    let folds = vec![fold("first", "red|land"), fold("second", "blue")];
    let report = bench.report(&Options { folds, ..options.clone() });
    let grey = row(&report, "## Cross-validation", "all grey");
    assert!(numbers(&grey)[1] > Some(10.0), "{grey:?}");
    let blue = row(&report, "E of each game", "blue");
    assert_eq!(blue[0], "25");
    // Of red land the escaped bar splits the name.
    assert_eq!(row(&report, "E of each game", r"red\|land")[1], "25");
    // A run that learned from all judges none.
    let folds = vec![fold("third", "")];
    assert!(bench.error(&Options { folds, ..options }).contains("held out"));
}

#[test]
fn a_game_is_played_without_flips_where_nothing_has_a_color() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb");
    let options = Options { play: vec![demo], play_seconds: 9, ..bench.options() };
    let report = bench.report(&options);
    assert!(row(&report, "## Play", "chromaboy-demo")[0].starts_with("0.00 ("), "{report}");
    let strip = bench.path("report").join("chromaboy-demo-zeros-strip.png");
    let size = fs::metadata(strip).expect("a strip").len();
    assert!(size > 1000, "two pictures take {size} bytes");
    let not_a_game = bench.path("not-a-game.gb");
    fs::write(&not_a_game, [0; 99]).expect("a file");
    let error = bench.error(&Options { play: vec![not_a_game], ..options });
    assert!(error.contains("not-a-game.gb"), "{error}");
}
