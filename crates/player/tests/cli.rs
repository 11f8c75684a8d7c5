//! The program without its window: what it writes, and what it says about bad input.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use image::RgbImage;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A folder for a test's files.
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

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file in the temporary folder");
        path
    }
}

/// The program, with no display and none of the user's folders.
fn chromaboy() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chromaboy"));
    for variable in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "RUST_LOG"] {
        command.env_remove(variable);
    }
    command
}

fn colorize(input: &Path, output: &Path) -> Command {
    let mut command = chromaboy();
    command.arg("colorize").arg(input).arg("-o").arg(output);
    command
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb")
}

/// 32 KiB that do nothing for ever, with a right header checksum.
fn idle_rom() -> Vec<u8> {
    let mut rom = vec![0; 0x8000];
    rom[0x100..0x102].copy_from_slice(&[0x18, 0xFE]);
    rom[0x14D] = rom[0x134..0x14D].iter().fold(0, |sum: u8, byte| sum.wrapping_sub(byte + 1));
    rom
}

fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).expect("a new entry");
    zip.write_all(bytes).expect("written");
    zip.finish().expect("a zip").into_inner()
}

fn open(path: &Path) -> RgbImage {
    image::open(path).expect("a picture").into_rgb8()
}

fn is_grey(image: &RgbImage) -> bool {
    image.pixels().all(|pixel| pixel.0.iter().all(|channel| *channel == pixel.0[0]))
}

/// Runs a command that must fail with status 1 and one line, which contains `words`.
fn assert_refused(command: &mut Command, words: &[&str]) {
    let output = command.assert().failure().code(1).get_output().clone();
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said.lines().count(), 1, "one line, not: {said}");
    assert!(said.starts_with("chromaboy: "), "{said}");
    for word in words {
        assert!(said.contains(word), "{said:?} does not contain {word:?}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn the_demo_is_colored() {
    let bench = Bench::new();
    let output = bench.path("demo.png");
    colorize(&demo(), &output).assert().success();
    let image = open(&output);
    assert_eq!(image.dimensions(), (160, 144));
    assert!(!is_grey(&image));
}

/// A file with one color: the lightest index of the empty tile of the background.
fn chosen_color(game: &str, color: &str) -> String {
    let tile = "0".repeat(32);
    format!(
        "version = 1\ngame = \"{game}\"\ntitle = \"DEMO\"\n\n[[color]]\nlayer = \"background\"\n\
         tile = \"{tile}\"\nindex = 0\ncolor = \"{color}\"\n"
    )
}

#[test]
fn chosen_colors_are_imported_merged_and_exported() {
    let bench = Bench::new();
    let digest = Sha256::digest(fs::read(demo()).expect("the demo"));
    let game = digest.iter().fold(String::new(), |game, byte| format!("{game}{byte:02x}"));
    let colors = |command: &str, rest: &[&Path]| {
        let mut colors = chromaboy();
        for variable in ["XDG_DATA_HOME", "HOME"] {
            colors.env(variable, bench.path("home"));
        }
        colors.args(["colors", command]).arg(demo()).args(rest);
        colors
    };
    let says = |command: &str, rest: &[&Path]| {
        let output = colors(command, rest).assert().success().get_output().clone();
        String::from_utf8(output.stdout).expect("text")
    };
    let out = bench.path("out.toml");
    assert!(says("list", &[]).ends_with("0 colors\n"));
    assert_refused(&mut colors("export", &[Path::new("-o"), &out]), &["no colors were chosen"]);

    let red = bench.file("red.toml", chosen_color(&game, "#FF0000"));
    let blue = bench.file("blue.toml", chosen_color(&game, "#0000FF"));
    let foreign = bench.file("foreign.toml", chosen_color(&"ab".repeat(32), "#00FF00"));
    let damaged = bench.file("damaged.toml", chosen_color(&game, "red"));
    assert!(says("import", &[&red]).ends_with(": 1 color\n"));
    assert!(says("list", &[]).starts_with("#FF0000 for index 0 of a tile of the background\n"));
    assert!(says("merge", &[&red]).contains("0 new, 0 changed, 0 locked"));
    assert!(says("merge", &[&blue]).contains("0 new, 1 changed, 0 locked"));
    assert_refused(&mut colors("merge", &[&foreign]), &["another game", "--any-game"]);
    assert_refused(&mut colors("import", &[&damaged]), &["damaged.toml", "color 1", "red"]);
    assert!(says("list", &[]).starts_with("#0000FF"), "what was refused changed nothing");
    assert!(says("merge", &[&foreign, Path::new("--any-game")]).contains("1 changed"));

    colors("export", &[Path::new("-o"), &out]).assert().success();
    let exported = fs::read_to_string(&out).expect("a file");
    assert!(exported.contains("color = \"#00FF00\"") && exported.contains(&game), "{exported}");
}

#[test]
fn the_benchmark_prints_a_line_for_each_figure() {
    let bench = Bench::new();
    let game = bench.file("idle.gb", idle_rom());
    let mut command = chromaboy();
    command.args(["bench", "--frames", "10", "--rounds", "3", "--colored", "2"]);
    command.args(["--weights", "v1", "--device", "cpu", "--threads", "1"]).arg(&game).arg(demo());
    let output = command.assert().success().get_output().clone();
    let said = String::from_utf8(output.stdout).expect("text");
    let begins = [
        "emulation of idle on dmg: ",
        "emulation of chromaboy-demo on cgb: ",
        "recombination, ",
        "network, V1 on CPU, 1 thread, f32: ",
        "network, V1 on CPU, 1 thread, bf16: ",
        "network, V1 on CPU, 1 thread, int8: ",
        "pipeline of idle, V1 on CPU, 1 thread, f32: ",
    ];
    assert_eq!(said.lines().count(), begins.len(), "{said}");
    for (line, begin) in said.lines().zip(begins) {
        assert!(line.starts_with(begin), "{said}");
    }
    assert!(output.stderr.is_empty());
}

#[test]
fn the_benchmark_speaks_json() {
    let mut command = chromaboy();
    command.args(["bench", "--json", "--provenance", "--frames", "10", "--rounds", "2"]);
    command.args(["--colored", "2", "--only", "emulation", "--only", "network", "--device", "cpu"]);
    command.args(["--weights", "v1"]);
    let output = command.assert().success().get_output().clone();
    let lines = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    let lines: Vec<serde_json::Value> = lines.map(|line| line.expect("JSON")).collect();
    let (pace, networks) = lines.split_first().expect("the demo's pace");
    assert_eq!((pace["model"].as_str(), pace["rounds"].as_u64()), (Some("dmg"), Some(2)));
    assert!(pace["fps"]["median"].as_f64().expect("a number") > 0.0);
    let precision = |network: &serde_json::Value| {
        let description = network["description"].as_str().expect("words");
        description.rsplit(' ').next().expect("a word").to_owned()
    };
    let runs: Vec<_> =
        networks.iter().map(|network| (network["threads"].as_u64(), precision(network))).collect();
    let cores = std::thread::available_parallelism().expect("their number").get() as u64;
    let expected = (1..=cores)
        .flat_map(|threads| ["f32", "bf16", "int8"].map(|name| (Some(threads), name.to_owned())));
    assert_eq!(runs, expected.collect::<Vec<_>>());
    assert!(networks.iter().all(|network| network["ms"]["min"].as_f64() > Some(0.0)), "{lines:?}");
}

#[test]
fn the_benchmark_of_a_palette_needs_no_network() {
    let mut command = chromaboy();
    command.args(["bench", "--frames", "2", "--colored", "2", "--colorizer", "palette"]);
    let output = command.assert().success().get_output().clone();
    let said = String::from_utf8(output.stdout).expect("text");
    let stages: Vec<_> = said.lines().filter_map(|line| line.split([' ', ',']).next()).collect();
    assert_eq!(stages, ["emulation", "recombination"]);
}

#[test]
fn the_benchmark_names_weights_of_no_network() {
    let bench = Bench::new();
    let weights = bench.file("text.safetensors", "these are no weights at all");
    let mut command = chromaboy();
    command.args(["bench", "--only", "network", "--weights"]).arg(weights);
    assert_refused(&mut command, &["text.safetensors"]);
}

#[test]
fn the_benchmark_refuses_what_is_no_game() {
    let bench = Bench::new();
    let mut command = chromaboy();
    assert_refused(command.arg("bench").arg(bench.path("none.gb")), &["none.gb"]);
}

#[test]
fn side_by_side_has_grey_to_the_left() {
    let bench = Bench::new();
    let (single, both) = (bench.path("single.png"), bench.path("both.png"));
    colorize(&demo(), &single).args(["--scale", "2"]).assert().success();
    colorize(&demo(), &both).args(["--scale", "2", "--side-by-side"]).assert().success();
    let (single, both) = (open(&single), open(&both));
    assert_eq!(single.dimensions(), (320, 288));
    assert_eq!(both.dimensions(), (640, 288));
    let half = |x| image::imageops::crop_imm(&both, x, 0, 320, 288).to_image();
    assert!(is_grey(&half(0)));
    assert_eq!(half(320), single);
}

#[test]
fn a_palette_needs_no_network() {
    let bench = Bench::new();
    let output = bench.path("demo.png");
    let weights = bench.file("weights.safetensors", "nothing that is read");
    colorize(&demo(), &output)
        .args(["--colorizer", "palette", "--palette", "grey", "--weights"])
        .arg(weights)
        .assert()
        .success();
    assert!(is_grey(&open(&output)));
}

#[test]
fn on_the_color_the_game_keeps_its_own_colors() {
    let bench = Bench::new();
    let output = bench.path("demo.png");
    let assert = colorize(&demo(), &output).args(["--model", "cgb"]).assert().success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(said.contains("their own colors"), "{said}");
    assert!(!is_grey(&open(&output)));
}

#[test]
fn pictures_of_any_size_are_colored() {
    let bench = Bench::new();
    let gradient = RgbImage::from_fn(77, 45, |x, y| image::Rgb([(x * 3) as u8, (y * 5) as u8, 99]));
    for name in ["in.png", "in.jpg", "in.bmp", "in.gif"] {
        let input = bench.path(name);
        gradient.save(&input).expect("a picture");
        let output = bench.path("out.png");
        colorize(&input, &output).arg("--side-by-side").assert().success();
        let image = open(&output);
        assert_eq!(image.dimensions(), (154, 45), "{name}");
        assert!(!is_grey(&image), "{name}");
        assert!(is_grey(&image::imageops::crop_imm(&image, 0, 0, 77, 45).to_image()), "{name}");
    }
}

#[test]
fn buttons_change_the_game() {
    let bench = Bench::new();
    let buttons = bench.file("buttons.txt", "# past the title\n200 start\n206 none\n300 right\n");
    let (without, with) = (bench.path("without.png"), bench.path("with.png"));
    colorize(&demo(), &without).assert().success();
    colorize(&demo(), &with).arg("--buttons").arg(buttons).assert().success();
    assert_ne!(open(&without), open(&with));
}

#[test]
fn a_zip_is_opened() {
    let bench = Bench::new();
    let rom = fs::read(demo()).expect("the demo");
    let (plain, zipped) = (bench.path("plain.png"), bench.path("zipped.png"));
    colorize(&demo(), &plain).assert().success();
    colorize(&bench.file("game.zip", zip("folder/Game.GBC", &rom)), &zipped).assert().success();
    assert_eq!(open(&plain), open(&zipped));
}

#[test]
fn a_wrong_header_checksum_is_only_warned_of() {
    let bench = Bench::new();
    let mut rom = idle_rom();
    rom[0x14D] ^= 1;
    let assert = colorize(&bench.file("game.gb", rom), &bench.path("out.png"))
        .args(["--frames", "5"])
        .assert()
        .success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(said.contains("header checksum"), "{said}");
}

#[test]
fn files_that_are_no_games_are_refused() {
    let bench = Bench::new();
    let mut mapper = idle_rom();
    mapper[0x147] = 0xFD;
    let mut truncated = idle_rom();
    truncated[0x148] = 2;
    truncated.extend_from_slice(&[0; 100]);
    let cases: [(PathBuf, &[&str]); 6] = [
        (bench.path("nothing.gb"), &["cannot open", "nothing.gb"]),
        (bench.folder.path().to_owned(), &["is a directory"]),
        (bench.file("empty.gb", ""), &["empty.gb is empty"]),
        (bench.file("short.gb", &idle_rom()[..0x1000]), &["short.gb", "truncated", "4096"]),
        (bench.file("cut.gb", truncated), &["cut.gb", "truncated"]),
        (bench.file("tamagotchi.gb", mapper), &["tamagotchi.gb", "TAMA5"]),
    ];
    for (input, words) in cases {
        assert_refused(&mut colorize(&input, &bench.path("out.png")), words);
        assert_refused(chromaboy().arg(&input), words);
        assert_refused(chromaboy().arg("play").arg(&input), words);
    }
}

#[test]
fn zips_that_hold_no_game_are_refused() {
    let bench = Bench::new();
    let good = zip("game.gb", &idle_rom());
    let mut encrypted = good.clone();
    // Bit 0 of the flags, in the file's own header and in the directory's.
    encrypted[6] |= 1;
    let directory = good.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("an entry");
    encrypted[directory + 8] |= 1;
    let mut damaged = good.clone();
    damaged[40..50].fill(0xAA);
    let cases: [(Vec<u8>, &str); 4] = [
        (zip("read.me", b"no game"), "holds no .gb or .gbc file"),
        (encrypted, "encrypted"),
        (damaged, "damaged"),
        (good[..good.len() - 30].to_vec(), "damaged"),
    ];
    for (bytes, words) in cases {
        let input = bench.file("game.zip", bytes);
        assert_refused(&mut colorize(&input, &bench.path("out.png")), &["game.zip", words]);
    }
}

#[test]
fn damaged_pictures_are_refused() {
    let bench = Bench::new();
    let input = bench.file("in.png", b"\x89PNG\r\n\x1a\n and nothing more");
    assert_refused(&mut colorize(&input, &bench.path("out.png")), &["in.png", "damaged"]);
}

#[test]
fn weights_of_no_network_are_refused() {
    let bench = Bench::new();
    let cases: [(PathBuf, &[&str]); 3] = [
        (bench.path("nothing.safetensors"), &["cannot open"]),
        (bench.file("empty.safetensors", ""), &["is empty"]),
        (bench.file("text.safetensors", "these are no weights at all"), &["text.safetensors"]),
    ];
    for (weights, words) in cases {
        let mut command = colorize(&demo(), &bench.path("out.png"));
        assert_refused(command.arg("--weights").arg(&weights), words);
    }
}

#[test]
fn a_tensor_that_differs_is_named() {
    let bench = Bench::new();
    let header = br#"{"conv1.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(&[0; 4]);
    let weights = bench.file("other.safetensors", bytes);
    let mut command = colorize(&demo(), &bench.path("out.png"));
    assert_refused(command.arg("--weights").arg(weights), &["other.safetensors", "conv1.weight"]);
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let bench = Bench::new();
    let output = bench.path("no/such/folder/out.png");
    assert_refused(&mut colorize(&demo(), &output), &["cannot write", "out.png"]);
}

#[test]
fn bad_buttons_are_refused_by_line() {
    let bench = Bench::new();
    let cases = [
        (bench.path("nothing.txt"), "cannot read"),
        (bench.file("name.txt", "1 a\n2 jump\n"), "line 2"),
        (bench.file("binary.txt", [0xFF, 0xFE, 0x00]), "cannot read"),
    ];
    for (buttons, words) in cases {
        let mut command = colorize(&demo(), &bench.path("out.png"));
        assert_refused(command.arg("--buttons").arg(buttons), &[words]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_the_headless_command_is_named() {
    assert_refused(&mut chromaboy(), &["no display", "DISPLAY", "chromaboy colorize"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_display_that_does_not_answer_is_refused() {
    assert_refused(chromaboy().env("DISPLAY", ":98765"), &["DISPLAY", "chromaboy colorize"]);
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_device_that_was_not_built_in_is_named() {
    let bench = Bench::new();
    let mut command = colorize(&demo(), &bench.path("out.png"));
    assert_refused(command.args(["--device", "cuda"]), &["--features cuda"]);
}

#[test]
fn instructions_that_the_processor_lacks_are_named() {
    let other = if cfg!(target_arch = "x86_64") { "neon" } else { "avx2" };
    let mut command = chromaboy();
    command.args(["bench", "--only", "network", "--kernel", other]);
    assert_refused(&mut command, &[&format!("this processor has no {other} instructions")]);
}

#[test]
fn wrong_usage_has_status_2() {
    for args in [&["--scale", "0"][..], &["--palette", "none"], &["colorize"], &["--frames", "x"]] {
        chromaboy().args(args).assert().failure().code(2);
    }
}

#[test]
fn help_lists_every_key_and_examples() {
    let assert = chromaboy().arg("--help").assert().success();
    let help = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    for words in ["Tab", "Escape", "Examples:", "[default: grey]", "colorize"] {
        assert!(help.contains(words), "{words} is missing in: {help}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_output_is_no_error() {
    let mut help = std::process::Command::new(env!("CARGO_BIN_EXE_chromaboy"))
        .arg("--help")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program");
    drop(help.stdout.take());
    let output = help.wait_with_output().expect("an end");
    assert!(output.status.success(), "{output:?}");
}
