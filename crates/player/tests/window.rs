//! The program in its window, driven by keys and judged by what is on the screen.
//!
//! Needs Xvfb, xdotool and `import` of `ImageMagick`; runs where `CHROMABOY_XVFB` is set.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use colorizer::lab::srgb_to_lab;
use image::{RgbImage, imageops};
use tempfile::TempDir;

const SCALE: u32 = 3;
const WIDTH: u32 = 160 * SCALE;
const HEIGHT: u32 = 144 * SCALE;
/// What has not happened by then will not.
const PATIENCE: Duration = Duration::from_mins(1);

/// A display of its own.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    fn start() -> Self {
        // A server starts anew when its last client leaves, and drops one that comes just then:
        // the program, while xdotool looks for its window.
        let mut server = Command::new("Xvfb")
            .args(["-noreset", "-displayfd", "1", "-screen", "0", "1280x720x24"])
            .args(["-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb");
        let mut number = String::new();
        let mut said = BufReader::new(server.stdout.take().expect("its output"));
        said.read_line(&mut number).expect("the number of the display");
        Self { server, name: format!(":{}", number.trim()) }
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        Command::new(program).args(args).env("DISPLAY", &self.name).output().expect(program)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.server.kill().expect("Xvfb was running");
        self.server.wait().expect("Xvfb ended");
    }
}

/// The program, playing the demo on a display.
struct Player<'a> {
    display: &'a Display,
    program: Child,
    window: String,
    _home: TempDir,
}

impl<'a> Player<'a> {
    /// Starts the program, whose window may come later.
    fn spawn(display: &'a Display, args: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let program = Command::new(env!("CARGO_BIN_EXE_chromaboy"))
            .args(["--mute", "--scale", &SCALE.to_string()])
            .args(args)
            .env("DISPLAY", &display.name)
            .env("XDG_DATA_HOME", home.path())
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        Self { display, program, window: String::new(), _home: home }
    }

    /// Starts the program and gives its window the keys.
    fn start(display: &'a Display, args: &[&str]) -> Self {
        let mut player = Self::spawn(display, args);
        let pid = player.program.id().to_string();
        player.window = wait_for("a window", || {
            let ended = player.program.try_wait().expect("its status");
            assert!(ended.is_none(), "it ended before it had a window: {ended:?}");
            let found = display.run("xdotool", &["search", "--onlyvisible", "--pid", &pid]);
            String::from_utf8_lossy(&found.stdout).lines().next().map(str::to_owned)
        });
        // A key that comes together with the focus may be taken for one that was held before.
        let focused = display.run("xdotool", &["windowfocus", "--sync", &player.window]);
        assert!(focused.status.success(), "{focused:?}");
        player
    }

    fn press(&self, key: &str) {
        let output = self.display.run("xdotool", &["key", key]);
        assert!(output.status.success(), "{output:?}");
    }

    fn title(&self) -> String {
        let output = self.display.run("xdotool", &["getwindowname", &self.window]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What is in the window, once it has this width.
    fn screenshot(&self, width: u32) -> Option<RgbImage> {
        let png = self.display.run("import", &["-window", &self.window, "png:-"]).stdout;
        let image = image::load_from_memory(&png).ok()?.into_rgb8();
        (image.dimensions() == (width, HEIGHT)).then_some(image)
    }

    fn wait_for_picture(&self, what: &str, is_it: impl Fn(&RgbImage) -> bool) -> RgbImage {
        wait_for(what, || self.screenshot(WIDTH).filter(|image| is_it(image)))
    }

    fn ended(mut self) -> Output {
        wait_for("the end", || self.program.try_wait().expect("its status"));
        self.program.wait_with_output().expect("its output")
    }
}

fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(100));
    }
}

fn is_grey(image: &RgbImage) -> bool {
    image.pixels().all(|pixel| pixel.0.iter().all(|channel| *channel == pixel.0[0]))
}

/// The largest difference in lightness L*, of 100.
fn lightness_difference(left: &RgbImage, right: &RgbImage) -> f32 {
    assert_eq!(left.dimensions(), right.dimensions());
    let differences = left
        .pixels()
        .zip(right.pixels())
        .map(|(left, right)| (srgb_to_lab(left.0).l - srgb_to_lab(right.0).l).abs());
    differences.fold(0.0, f32::max)
}

fn is_display_wanted() -> bool {
    let is_wanted = std::env::var_os("CHROMABOY_XVFB").is_some();
    if !is_wanted {
        eprintln!("skipped: CHROMABOY_XVFB is not set");
    }
    is_wanted
}

#[test]
fn tab_changes_color_and_nothing_else() {
    if !is_display_wanted() {
        return;
    }
    let display = Display::start();
    let player = Player::start(&display, &["--renderer", "software", "--weights", "v1"]);

    player.wait_for_picture("a colored picture", |image| !is_grey(image));
    player.press("p");
    wait_for("the pause", || player.title().contains("paused").then_some(()));
    let color = player.wait_for_picture("the colored picture", |image| !is_grey(image));
    player.press("Tab");
    let raw = player.wait_for_picture("a grey picture", is_grey);
    assert_ne!(raw, color);
    let difference = lightness_difference(&raw, &color);
    assert!(difference < 2.0, "the lightness differs by {difference}");

    player.press("F2");
    let both = wait_for("both pictures", || {
        player
            .screenshot(2 * WIDTH)
            .filter(|image| imageops::crop_imm(image, WIDTH, 0, WIDTH, HEIGHT).to_image() == color)
    });
    assert_eq!(imageops::crop_imm(&both, 0, 0, WIDTH, HEIGHT).to_image(), raw);

    player.press("Escape");
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
        player.press("Escape");
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
    player.press("Escape");
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
