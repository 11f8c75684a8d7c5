//! The program in its window, driven by keys and judged by what is on the screen.
//!
//! Needs Xvfb, xdotool and `import` of `ImageMagick`; runs where `CHROMABOY_XVFB` is set.

#![cfg(target_os = "linux")]

mod desktop;

use colorizer::lab::srgb_to_lab;
use image::{RgbImage, imageops};

use desktop::{Display, HEIGHT, Player, SCALE, WIDTH, is_display_wanted, is_grey, wait_for};

/// The largest difference in lightness L*, of 100.
fn lightness_difference(left: &RgbImage, right: &RgbImage) -> f32 {
    assert_eq!(left.dimensions(), right.dimensions());
    let differences = left
        .pixels()
        .zip(right.pixels())
        .map(|(left, right)| (srgb_to_lab(left.0).l - srgb_to_lab(right.0).l).abs());
    differences.fold(0.0, f32::max)
}

#[test]
fn tab_changes_color_and_nothing_else() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    let player = Player::start(&display, &["--renderer", "software", "--weights", "v1"]);

    let color = player.pause_in_color();
    player.press("Tab");
    let raw = player.wait_for_picture("a grey picture", is_grey);
    assert_ne!(raw, color);
    let difference = lightness_difference(&raw, &color);
    assert!(difference < 2.0, "the lightness differs by {difference}");

    player.press("Tab");
    player.press("F2");
    let both = wait_for("both pictures", || {
        player
            .screenshot(2 * WIDTH)
            .filter(|image| imageops::crop_imm(image, WIDTH, 0, WIDTH, HEIGHT).to_image() == color)
    });
    assert_eq!(imageops::crop_imm(&both, 0, 0, WIDTH, HEIGHT).to_image(), raw);

    player.press("F10");
    let output = player.ended();
    assert!(output.status.success(), "{output:?}");
}

/// Whether this could be a letter of the figures: white beside black, in the top left corner.
fn has_figures(image: &RgbImage) -> bool {
    // The left edge of the first line and the row below the table's first line are paper.
    let is_paper = |x: u32, y: u32| image.get_pixel(x * SCALE, y * SCALE).0 == [0; 3];
    let is_ink = |x: u32, y: u32| image.get_pixel(x * SCALE, y * SCALE).0 == [0xFF; 3];
    (0..50).all(|y| is_paper(0, y)) && (1..9).any(|x| (1..6).any(|y| is_ink(x, y)))
}

#[test]
fn f3_shows_figures_and_hides_them() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    for renderer in ["software", "gpu"] {
        let player = Player::start(&display, &["--renderer", renderer]);
        player.wait_for_picture("a colored picture", |image| !is_grey(image));
        player.press("F3");
        player.wait_for_picture("figures", has_figures);
        player.press("F3");
        player.wait_for_picture("no figures", |image| !has_figures(image));
        player.press("F10");
        let output = player.ended();
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn without_its_network_the_game_goes_on_in_a_palette() {
    if !is_display_wanted() {
        return;
    }
    let weights = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(weights.path(), "these are no weights").expect("written");
    let display = Display::start();
    let player = Player::start(
        &display,
        &["--renderer", "software", "--weights", &weights.path().to_string_lossy()],
    );
    wait_for("the title", || player.title().contains("no network").then_some(()));
    player.wait_for_picture("a grey picture", |image| {
        is_grey(image) && image.pixels().any(|pixel| pixel != image.get_pixel(0, 0))
    });
    player.press("F10");
    let output = player.ended();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<_> = said.lines().filter(|line| line.contains("network")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains("palette grey"), "{said}");
}

#[test]
fn a_count_of_frames_ends_the_program_with_figures() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    let player = Player::spawn(&display, &["--frames", "120", "--stats"]);
    let output = player.ended();
    assert!(output.status.success(), "{output:?}");
    let figures = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(figures.contains("emulated: 120 frames"), "{figures}");
    for line in ["drawn: ", "colored: ", "ms, the latest frames: emulate ", "sound: "] {
        assert!(figures.lines().any(|figure| figure.starts_with(line)), "{figures}");
    }
}
