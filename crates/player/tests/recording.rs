//! Films and input movies as the program makes them, decoded by ffmpeg.
//!
//! What is pressed in the window needs Xvfb and xdotool as well, and runs where `CHROMABOY_XVFB` is
//! set.

#![cfg(target_os = "linux")]

mod desktop;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use colorizer::{Colorizer, Palette, RgbaFrame};
use desktop::{Display, HEIGHT, Player, is_display_wanted, wait_for};
use gameboy::{Buttons, Cartridge, GameBoy, Model};
use image::imageops;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../roms/chromaboy-demo.gb");
const ARGS: [&str; 4] = ["--renderer", "software", "--device", "cpu"];

/// Whether ffmpeg is there. In CI it must be.
fn has_ffmpeg() -> bool {
    let ffprobe = Command::new("ffprobe").arg("-version").output();
    let is_there = ffprobe.is_ok_and(|out| out.status.success());
    assert!(is_there || std::env::var_os("CI").is_none(), "no ffmpeg on the path");
    if !is_there {
        eprintln!("skipped: no ffmpeg on the path");
    }
    is_there
}

fn chromaboy(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chromaboy"));
    let home = desktop::home();
    command.env("HOME", home.path()).env("XDG_DATA_HOME", home.path());
    command.env("XDG_CONFIG_HOME", home.path());
    command.args(args).output().expect("the program")
}

fn succeed(args: &[&str]) {
    let output = chromaboy(args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Exit status 1, and one line that says this.
fn fail(args: &[&str], said: &str) {
    let output = chromaboy(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
    assert!(stderr.contains(said), "{stderr}");
}

/// The pictures, RGB, one after the other.
fn pictures(path: &Path) -> Vec<u8> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-i"]).arg(path);
    ffmpeg.args(["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
    let out = ffmpeg.output().expect("ffmpeg");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Frames in a file, counted.
fn frames(path: &Path) -> usize {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-count_frames", "-select_streams", "v:0"]);
    ffprobe.args(["-show_entries", "stream=nb_read_frames", "-of", "default=nw=1:nk=1"]).arg(path);
    let out = ffprobe.output().expect("ffprobe");
    String::from_utf8_lossy(&out.stdout).trim().parse().unwrap_or(0)
}

/// Files of this end in a folder.
fn films(folder: &Path, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.to_string_lossy().ends_with(end)).collect()
}

#[test]
fn a_lossless_film_is_what_the_console_showed() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let [film, buttons] = ["demo.mov", "buttons.txt"].map(|name| folder.path().join(name));
    fs::write(&buttons, "100 start\n110 none\n160 right+a\n").expect("a file");
    let [shown, script] = [&film, &buttons].map(|path| path.to_str().expect("a name"));
    let args = ["record", DEMO, "--frames", "300", "--buttons", script, "--source", "raw"];
    succeed(&[&args[..], &["--palette", "grey", "-o", shown]].concat());

    let cartridge = Cartridge::from_bytes(fs::read(DEMO).expect("the demo")).expect("a game");
    let mut gb = GameBoy::new(cartridge, Model::Dmg);
    let (mut palette, mut picture) = (Palette::GREY, RgbaFrame::new());
    let mut wanted = Vec::new();
    for frame in 0..300 {
        gb.set_buttons(match frame {
            100..110 => Buttons::START,
            160.. => Buttons::RIGHT | Buttons::A,
            _ => Buttons::empty(),
        });
        gb.run_frame();
        palette.colorize(gb.frame(), &mut picture);
        wanted.extend(picture.pixels().iter().flat_map(|&[r, g, b, _]| [r, g, b]));
    }
    assert!(pictures(&film) == wanted);
}

#[test]
fn what_is_played_is_filmed_and_can_be_rendered_again() {
    if !is_display_wanted() || !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a name").to_owned();
    let [live, movie, rendered] = ["live.mov", "played.cbm", "rendered.mov"].map(path);
    let display = Display::start();
    // V1 colors a frame by nothing but that frame, so that the film of a movie has its colors.
    let args = ["--weights", "v1", "--record", &live, "--record-source", "side-by-side"];
    let args = [&ARGS[..], &args, &["--movie-record", &movie]].concat();
    let player = Player::start(&display, &args);
    player.hold("Return", Duration::from_millis(300));
    player.hold("Right", Duration::from_millis(500));
    player.press("F7");
    player.hold("x", Duration::from_millis(300));
    player.press("F8");
    player.hold("r", Duration::from_millis(600));
    player.hold("Left", Duration::from_millis(500));
    player.press("F5");
    sleep(Duration::from_secs(1));
    player.press("F10");
    let ended = player.ended();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));

    succeed(&["render", &movie, "--weights", "v1", "--source", "side-by-side", "-o", &rendered]);
    let [live, rendered] = [&live, &rendered].map(|path| pictures(Path::new(path)));
    assert!(live.len() > 120 * 320 * 144 * 3, "{} bytes", live.len());
    assert!(live == rendered, "{} and {} bytes", live.len(), rendered.len());
    let halves = live.chunks_exact(320 * 3).map(|row| row.split_at(160 * 3));
    let (grey, color): (Vec<_>, Vec<_>) = halves.unzip();
    let is_grey = |row: &&[u8]| row.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]);
    assert!(grey.iter().all(is_grey) && !color.iter().all(is_grey));
    fail(&["render", &movie, "-o", &path("live.mov")], "there is such a file already");

    let mut rom = fs::read(DEMO).expect("the demo");
    rom[0x7fff] ^= 1;
    let (other, film) = (path("other.gb"), path("other.mp4"));
    fs::write(&other, rom).expect("a file");
    fail(&["render", &movie, "--rom", &other, "-o", &film], "another game");
    fail(&["record", &other, "--movie", &movie, "-o", &film], "another game");
    fail(&[&other, "--movie-play", &movie], "another game");
    assert!(!Path::new(&film).exists());
}

#[test]
fn keys_make_films_and_clips() {
    if !is_display_wanted() || !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let set = format!("record.folder={}", folder.path().display());
    let args = ["--set", &set, "--set", "record.clip-format=gif", "--set", "record.scale=1"];
    let args = [&ARGS[..], &["--colorizer", "palette"], &args[..]].concat();
    let display = Display::start();
    let player = Player::start(&display, &args);
    player.press("v");
    let unmarked = player.screenshot(desktop::WIDTH).expect("a picture");
    sleep(Duration::from_secs(2));
    let marked = player.screenshot(desktop::WIDTH).expect("a picture");
    assert_ne!(corner(&unmarked), corner(&marked));
    player.press("v");
    let film = wait_for("the film", || films(folder.path(), ".mp4").pop());
    wait_for("all of it", || (frames(&film) > 60).then_some(()));
    player.press("b");
    let clip = wait_for("the clip", || films(folder.path(), ".gif").pop());
    player.press("v");
    wait_for("a second film", || (films(folder.path(), ".mp4").len() == 2).then_some(()));
    player.press("F10");
    assert!(player.ended().status.success());
    assert!(films(folder.path(), ".mp4").iter().all(|film| frames(film) > 0));
    assert!(frames(&clip) > 1);
}

/// Where the mark of a recording is.
fn corner(image: &image::RgbImage) -> image::RgbImage {
    imageops::crop_imm(image, desktop::WIDTH / 2, 0, desktop::WIDTH / 2, HEIGHT / 8).to_image()
}

#[test]
fn a_killed_recording_can_be_played() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, source) in [("film.mp4", "color"), ("film.mov", "raw")] {
        let film = folder.path().join(name);
        let mut recording = Command::new(env!("CARGO_BIN_EXE_chromaboy"))
            .args(["record", "--frames", "1000000", "--source", source, "--weights", "v1", "-o"])
            .arg(&film)
            .env("XDG_DATA_HOME", folder.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let size = || fs::metadata(&film).map_or(0, |file| file.len());
        wait_for("some film", || (size() > 200_000).then_some(()));
        recording.kill().expect("it was running");
        recording.wait().expect("it ended");
        assert!(frames(&film) >= 60, "{name}: {} frames of {} bytes", frames(&film), size());
    }
}

#[test]
fn a_film_of_another_emulator_is_colored() {
    if !has_ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a name").to_owned();
    let [exact, film, shades, color] = ["exact.mov", "film.mp4", "shades.mov", "c.mov"].map(path);
    for film in [&exact, &film] {
        succeed(&["record", "--frames", "300", "--source", "raw", "-o", film]);
    }
    // What the encoder lost is found again.
    succeed(&["colorize", &film, "--colorizer", "palette", "-o", &shades]);
    assert!(pictures(Path::new(&exact)) == pictures(Path::new(&shades)));
    succeed(&["colorize", &film, "-o", &color]);
    let color = pictures(Path::new(&color));
    assert_eq!(color.len(), 300 * 160 * 144 * 3);
    let colored = color.chunks_exact(3).filter(|p| p[0].abs_diff(p[2]) > 24).count();
    assert!(colored > color.len() / 30, "{colored} pixels have a color");

    let out = path("out.mp4");
    fail(&["colorize", DEMO, "-o", &out], "chromaboy record");
    fail(&["colorize", &path("none.mp4"), "-o", &out], "none.mp4");
    fs::write(path("damaged.mp4"), "no film").expect("a file");
    fail(&["colorize", &path("damaged.mp4"), "-o", &out], "ffmpeg cannot read it");
    assert!(!Path::new(&out).exists());
}

#[test]
fn bad_input_is_told_in_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a name").to_owned();
    let record = |film: &str, said: &str| fail(&["record", "--frames", "9", "-o", film], said);
    record(&path("film.avi"), "mp4");
    record(&path("film"), "mp4");
    record(&path("no/film.mp4"), "No such file");
    fs::write(path("there.mp4"), "mine").expect("a file");
    record(&path("there.mp4"), "there is such a file already");
    assert_eq!(fs::read(path("there.mp4")).expect("the file"), b"mine");
    fs::write(path("damaged.cbm"), "CHROMABOY, but no movie").expect("a file");
    let film = path("film.mp4");
    fail(&["render", &path("damaged.cbm"), "-o", &film], "damaged.cbm");
    fail(&["render", &path("missing.cbm"), "-o", &film], "missing.cbm");
    assert!(!Path::new(&film).exists());
}
