//! `chromaboy dataset` and `chromaboy evaluate` as a user types them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use image::{Rgb, RgbImage};
use tempfile::TempDir;

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A folder of pictures at 320x288, in which each is of other colors.
    fn pictures(&self) -> PathBuf {
        let folder = self.path("land");
        fs::create_dir(&folder).expect("a folder");
        for number in 0..3 {
            let color = |x: u32, y: u32| match (x / 16 + y / 16 * (number + 1)) % 3 {
                0 => Rgb([255, 0, 0]),
                1 => Rgb([0, 0, 255]),
                _ => Rgb([255, 255, 255]),
            };
            let path = folder.join(format!("{number}.png"));
            RgbImage::from_fn(320, 288, color).save(path).expect("a picture");
        }
        folder
    }
}

fn run(arguments: &[&str], paths: &[&Path]) -> Output {
    chromaboy(arguments).args(paths).output().expect("it runs")
}

fn chromaboy(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chromaboy"));
    command.env_remove("RUST_LOG").args(arguments);
    command
}

/// The one line that a failed command has for the user.
fn failure(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn pictures_become_a_dataset_that_is_counted_and_shown() {
    let bench = Bench::new();
    let (data, sheet) = (bench.path("data"), bench.path("sheet.png"));
    let imported = run(&["dataset", "import"], &[&bench.pictures(), Path::new("-o"), &data]);
    assert!(imported.status.success(), "{imported:?}");
    let text = String::from_utf8_lossy(&imported.stdout).into_owned();
    assert!(text.starts_with("land: 3 frames of 3 kept; "), "{text}");

    let stats = run(&["dataset", "stats", "--json"], &[&data]);
    let stats: serde_json::Value = serde_json::from_slice(&stats.stdout).expect("JSON");
    let game = &stats["games"][0];
    assert_eq!((&stats["frames"], &game["game"]), (&3.into(), &"land".into()));
    assert_eq!((&game["imported"], &game["colors"]), (&3.into(), &3.into()));
    assert_eq!((&game["duplicates"], &game["damaged"]), (&0.into(), &0.into()));
    let table = run(&["dataset", "stats"], &[&data]);
    assert!(String::from_utf8_lossy(&table.stdout).ends_with("3 frames of 1 games\n"));

    let shown = run(&["dataset", "show"], &[&data, Path::new("-o"), &sheet]);
    assert!(shown.status.success(), "{shown:?}");
    let sheet = image::open(&sheet).expect("a picture").into_rgb8();
    assert_eq!((sheet.width(), sheet.height()), (3 * 162 - 2, 144));
    assert_eq!(sheet.get_pixel(0, 0).0, [255, 0, 0]);
}

#[test]
fn a_film_without_ffmpeg_is_refused_with_a_hint() {
    let bench = Bench::new();
    let film = bench.path("play.mp4");
    fs::write(&film, "whatever").expect("a file");
    let data = bench.path("data");
    let output = chromaboy(&["dataset", "import"])
        .args([&film, Path::new("-o"), &data])
        .env("PATH", "")
        .output()
        .expect("it runs");
    let text = failure(&output);
    assert!(text.contains("play.mp4: films are read by the program ffmpeg"), "{text}");
}

#[test]
fn a_full_disk_is_one_line() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        println!("skipped: there is no /dev/full");
        return;
    }
    #[cfg(unix)]
    {
        let bench = Bench::new();
        let (pictures, data) = (bench.pictures(), bench.path("data"));
        let output = Path::new("-o");
        run(&["dataset", "import"], &[&pictures, output, &data]);
        let text = failure(&run(&["dataset", "show"], &[&data, output, full]));
        assert!(text.contains("/dev/full: No space left on device"), "{text}");
        // A session whose file is on the full disk while it is written: the one before survives.
        let session = data.join("land.cbds");
        let before = fs::read(&session).expect("the session");
        std::os::unix::fs::symlink(full, data.join("land.cbds.new")).expect("a link");
        let text = failure(&run(&["dataset", "import"], &[&pictures, output, &data]));
        assert!(text.contains("land.cbds: No space left on device"), "{text}");
        assert_eq!(fs::read(&session).expect("the session"), before);
        assert!(!data.join("land.cbds.new").exists());
    }
}

#[test]
fn what_cannot_be_done_is_said_in_one_line() {
    let bench = Bench::new();
    let (empty, missing) = (bench.path("empty"), bench.path("missing"));
    fs::create_dir(&empty).expect("a folder");
    let out = Path::new("-o");
    let report = bench.path("report.md");
    let weights = Path::new("--weights");
    for (arguments, paths, expected) in [
        (["dataset", "stats"], vec![&*empty], "no session file in"),
        (["dataset", "stats"], vec![&*missing], "missing: "),
        (["dataset", "show"], vec![&*empty, out, &*report], "no frame in"),
        (["dataset", "import"], vec![&*empty, out, &*report], "no PNG or JPEG in this folder"),
        (["dataset", "capture"], vec![&*empty, out, &*report], "no .gb or .gbc file in"),
    ] {
        let text = failure(&run(&arguments, &paths));
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    let text = failure(&run(&["evaluate"], &[&empty, weights, &missing, out, &report]));
    assert!(text.contains("missing: "), "{text}");
    let text = failure(&run(&["evaluate"], &[&empty, weights, &missing, out, &empty]));
    assert!(text.contains("the report is Markdown, call it .md"), "{text}");
}

#[test]
fn a_state_belongs_to_one_game() {
    let bench = Bench::new();
    let state = bench.path("level.state");
    fs::write(&state, "no state").expect("a file");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb");
    let other = bench.path("other.gb");
    fs::copy(&demo, &other).expect("a copy");
    let (from, out, data) = (Path::new("--from"), Path::new("-o"), bench.path("data"));
    let capture = ["dataset", "capture"];
    let text = failure(&run(&capture, &[&demo, &other, from, &state, out, &data]));
    assert!(text.contains("--from is a state of one game, but 2 games are given"), "{text}");
    let output = run(&capture, &[&demo, from, &state, out, &data]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("level.state: this is not a save state of Chromaboy"), "{text}");
}
