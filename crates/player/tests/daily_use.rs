//! What one does with an emulator every day, done by keys in its window.
//!
//! Needs Xvfb, xdotool and `import` of `ImageMagick`; runs where `CHROMABOY_XVFB` is set.

#![cfg(target_os = "linux")]

mod desktop;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use desktop::{Display, HEIGHT, Player, WIDTH, is_display_wanted, is_grey, wait_for};
use image::{RgbImage, imageops};

const ARGS: [&str; 4] = ["--renderer", "software", "--device", "cpu"];

/// Files of these ends, wherever they lie under a folder.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let found = paths.flat_map(|path| if path.is_dir() { files(&path, end) } else { vec![path] });
    let mut found: Vec<_> = found.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    found.sort();
    found
}

/// Without the line at the foot where messages stand.
fn upper(image: &RgbImage) -> RgbImage {
    imageops::crop_imm(image, 0, 0, WIDTH, HEIGHT - 36).to_image()
}

#[test]
fn every_view_is_shown_in_its_turn() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    let player = Player::start(&display, &ARGS);
    let color = player.pause_in_color();
    player.press("F2");
    wait_for("both pictures", || player.screenshot(2 * WIDTH));
    player.press("F2");
    let split = player.wait_for_picture("a split picture", |image| *image != color);
    let half = |image: &RgbImage, left| {
        imageops::crop_imm(image, left, 0, WIDTH / 2 - 8, HEIGHT).to_image()
    };
    assert!(is_grey(&half(&split, 0)));
    assert_eq!(half(&split, WIDTH / 2 + 8), half(&color, WIDTH / 2 + 8));
    player.press("F2");
    let raw = player.wait_for_picture("a grey picture", is_grey);
    assert_eq!(half(&raw, 0), half(&split, 0));
    player.press("F2");
    player.wait_for_picture("the colored picture", |image| *image == color);
    player.press("F10");
    assert!(player.ended().status.success());
}

#[test]
fn states_and_screenshots_are_kept_and_come_back() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    let player = Player::start(&display, &ARGS);
    let saved = player.pause_in_color();
    player.press("F7");
    let state = wait_for("the state", || files(player.home.path(), "1.state.png").pop());
    player.press("F12");
    let shot = wait_for("the screenshot", || files(player.home.path(), "-1.png").pop());
    let shot = wait_for("all of it", || image::open(&shot).ok()).into_rgb8();
    assert_eq!(shot.dimensions(), (160, 144));
    let enlarged = imageops::resize(&shot, WIDTH, HEIGHT, imageops::FilterType::Nearest);
    assert_eq!(upper(&enlarged), upper(&saved));
    let thumbnail = image::open(state).expect("a picture").into_rgb8();
    assert_eq!(thumbnail, shot);

    // The colors go on settling; the console's picture is exact. That of a state is of its next frame.
    player.press("Tab");
    player.wait_for_picture("a grey picture", is_grey);
    player.press("n");
    sleep(Duration::from_millis(500));
    let saved = player.still();
    player.go_on();
    player.hold("Return", Duration::from_millis(200));
    wait_for("another picture", || {
        player.screenshot(WIDTH).filter(|image| upper(image) != upper(&saved))
    });
    player.pause();
    player.press("F8");
    player.wait_for_picture("the saved picture", |image| upper(image) == upper(&saved));
    player.press("F10");
    assert!(player.ended().status.success());
}

#[test]
fn the_game_goes_on_where_it_was_left() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    // Without a network, whose colors come when they come.
    let args = ["--renderer", "software", "--colorizer", "palette"];
    let player = Player::start(&display, &args);
    player.wait_for_picture("the title", |image| {
        let dark = image.pixels().filter(|pixel| pixel.0[0] < 0x80).count();
        dark > (WIDTH * HEIGHT / 4) as usize
    });
    player.press("F10");
    let (output, home) = player.ended_at();
    assert!(output.status.success());
    let left = last_session(home.path());

    // A console that is switched on shows its logo first.
    let args = [&args[..], &["--resume", "--frames", "5"]].concat();
    let (output, home) = Player::spawn_at(&display, home, &args).ended_at();
    assert!(output.status.success());
    let resumed = last_session(home.path());
    let differing = left.pixels().zip(resumed.pixels()).filter(|(left, now)| left != now).count();
    assert!(differing < 160 * 144 / 4, "{differing} pixels differ");
}

/// The picture of what is gone on with.
fn last_session(home: &Path) -> RgbImage {
    let state = files(home, "auto.state.png").pop().expect("the state of the end");
    image::open(state).expect("a picture").into_rgb8()
}

#[test]
fn time_goes_back_and_fast_and_frame_by_frame() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    let player = Player::start(&display, &ARGS);
    let title = player.pause_in_color();
    player.go_on();
    // Back to where the title fades in from white, or to the logo of the console's start.
    player.key_down("r");
    wait_for("the rewinding", || player.title().contains("rewinding").then_some(()));
    let early = player.wait_for_picture("what came before", is_grey);
    player.key_up("r");
    assert_ne!(early, title);
    let before = player.pause_in_color();
    // Something moves within a second of single frames.
    for _ in 0..60 {
        player.press("n");
    }
    player.wait_for_picture("another frame", |image| *image != before);
    assert!(player.title().contains("paused"));
    player.go_on();
    for (key, says) in [("f", "fast-forward"), ("g", "slow motion, 50 %")] {
        player.press(key);
        wait_for(says, || player.title().contains(says).then_some(()));
        player.press(key);
        wait_for("the usual pace", || (!player.title().contains(says)).then_some(()));
    }
    player.press("F10");
    assert!(player.ended().status.success());
}

#[test]
fn weights_and_keys_are_changed_in_the_menu() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    let player = Player::start(&display, &ARGS);
    wait_for("V3", || player.title().contains("V3 on CPU").then_some(()));
    player.wait_for_picture("a colored picture", |image| !is_grey(image));
    // Color, Weights, V1.
    for key in ["Escape", "Down", "Down", "Down", "Down", "Return"] {
        player.press(key);
    }
    for key in ["Down", "Down", "Return", "Down", "Return"] {
        player.press(key);
    }
    for key in ["Escape", "Escape", "Escape"] {
        player.press(key);
    }
    wait_for("V1", || player.title().contains("V1 on CPU").then_some(()));

    // Controls: the row of pause, which is bound to T.
    player.press("F1");
    for _ in 0..35 {
        player.press("Down");
    }
    player.press("Return");
    player.press("t");
    let config = player.home.path().join("chromaboy/config.toml");
    wait_for("the setting", || {
        fs::read_to_string(&config).ok().filter(|text| text.contains("pause = [\"T\"]"))
    });
    player.press("Escape");
    player.press("t");
    wait_for("the pause", || player.title().contains("paused").then_some(()));
    player.press("F10");
    let (output, home) = player.ended_at();
    assert!(output.status.success());

    // Both are as they were left.
    let player = Player::start_at(&display, home, &ARGS);
    wait_for("V1", || player.title().contains("V1 on CPU").then_some(()));
    player.press("t");
    wait_for("the pause", || player.title().contains("paused").then_some(()));
    player.press("F10");
    assert!(player.ended().status.success());
}
