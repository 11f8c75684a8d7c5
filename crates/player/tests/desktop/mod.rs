//! A display, and the program in a window on it.

#![allow(dead_code, reason = "no test uses all of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use image::RgbImage;
use tempfile::TempDir;

pub const SCALE: u32 = 3;
pub const WIDTH: u32 = 160 * SCALE;
pub const HEIGHT: u32 = 144 * SCALE;
/// What has not happened by then will not.
const PATIENCE: Duration = Duration::from_mins(1);

/// A display of its own.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    pub fn start() -> Self {
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

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn run(&self, program: &str, args: &[&str]) -> Output {
        Command::new(program).args(args).env("DISPLAY", &self.name).output().expect(program)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.server.kill().expect("Xvfb was running");
        self.server.wait().expect("Xvfb ended");
    }
}

/// The folder of somebody who has been welcomed.
pub fn home() -> TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("chromaboy");
    std::fs::create_dir(&data).expect("a folder");
    std::fs::write(data.join("remembered.toml"), "is_welcomed = true").expect("a file");
    home
}

/// The program, playing the demo on a display.
pub struct Player<'a> {
    display: &'a Display,
    program: Child,
    window: String,
    /// All that the program keeps.
    pub home: TempDir,
}

impl<'a> Player<'a> {
    /// Starts the program, whose window may come later.
    pub fn spawn(display: &'a Display, args: &[&str]) -> Self {
        Self::spawn_at(display, home(), args)
    }

    /// Starts the program with what an earlier one kept.
    pub fn spawn_at(display: &'a Display, home: TempDir, args: &[&str]) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_chromaboy"))
            .args(["--mute", "--scale", &SCALE.to_string()])
            .args(args)
            .env("DISPLAY", &display.name)
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        Self { display, program, window: String::new(), home }
    }

    /// Starts the program and gives its window the keys.
    pub fn start(display: &'a Display, args: &[&str]) -> Self {
        Self::spawn(display, args).with_window()
    }

    /// As [`start`](Self::start), with what an earlier program kept.
    pub fn start_at(display: &'a Display, home: TempDir, args: &[&str]) -> Self {
        Self::spawn_at(display, home, args).with_window()
    }

    fn with_window(self) -> Self {
        let mut player = self;
        let display = player.display;
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

    pub fn press(&self, key: &str) {
        let output = self.display.run("xdotool", &["key", key]);
        assert!(output.status.success(), "{output:?}");
    }

    pub fn key_down(&self, key: &str) {
        let output = self.display.run("xdotool", &["keydown", key]);
        assert!(output.status.success(), "{output:?}");
    }

    pub fn key_up(&self, key: &str) {
        let output = self.display.run("xdotool", &["keyup", key]);
        assert!(output.status.success(), "{output:?}");
    }

    pub fn hold(&self, key: &str, time: Duration) {
        self.key_down(key);
        sleep(time);
        self.key_up(key);
    }

    pub fn title(&self) -> String {
        let output = self.display.run("xdotool", &["getwindowname", &self.window]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What is in the window, once it has this width.
    pub fn screenshot(&self, width: u32) -> Option<RgbImage> {
        let png = self.display.run("import", &["-window", &self.window, "png:-"]).stdout;
        let image = image::load_from_memory(&png).ok()?.into_rgb8();
        (image.dimensions() == (width, HEIGHT)).then_some(image)
    }

    pub fn wait_for_picture(&self, what: &str, is_it: impl Fn(&RgbImage) -> bool) -> RgbImage {
        wait_for(what, || self.screenshot(WIDTH).filter(|image| is_it(image)))
    }

    /// The picture, once it stands still.
    pub fn still(&self) -> RgbImage {
        wait_for("a still picture", || {
            let first = self.screenshot(WIDTH)?;
            sleep(Duration::from_millis(150));
            (self.screenshot(WIDTH)? == first).then_some(first)
        })
    }

    /// Pauses, and waits until the title says so.
    pub fn pause(&self) -> RgbImage {
        self.press("p");
        wait_for("the pause", || self.title().contains("paused").then_some(()));
        self.still()
    }

    pub fn go_on(&self) {
        self.press("p");
        wait_for("the game", || (!self.title().contains("paused")).then_some(()));
    }

    /// Pauses where there is something in color to be seen: the demo fades from white.
    pub fn pause_in_color(&self) -> RgbImage {
        wait_for("a paused picture in color", || {
            self.wait_for_picture("a colored picture", |image| !is_grey(image));
            let picture = self.pause();
            let pixels = || picture.pixels().step_by(7);
            let colored = pixels().filter(|pixel| pixel.0.iter().any(|c| *c != pixel.0[0])).count();
            if colored > pixels().count() / 3 {
                return Some(picture);
            }
            self.go_on();
            None
        })
    }

    pub fn ended(self) -> Output {
        self.ended_at().0
    }

    /// Also what it has kept.
    pub fn ended_at(mut self) -> (Output, TempDir) {
        wait_for("the end", || self.program.try_wait().expect("its status"));
        (self.program.wait_with_output().expect("its output"), self.home)
    }
}

pub fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(100));
    }
}

pub fn is_grey(image: &RgbImage) -> bool {
    image.pixels().all(|pixel| pixel.0.iter().all(|channel| *channel == pixel.0[0]))
}

pub fn is_display_wanted() -> bool {
    let is_wanted = std::env::var_os("CHROMABOY_XVFB").is_some();
    if !is_wanted {
        eprintln!("skipped: CHROMABOY_XVFB is not set");
    }
    is_wanted
}
