//! The core in `RetroArch`, which runs without screen, sound and pads. In CI it must be there.

#![cfg(target_os = "linux")]

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use colorizer::cell_color::Style;
use colorizer::{Colorizer, Palette, RgbaFrame};
use gameboy::{Cartridge, GameBoy, Model};
use neural::{DeviceChoice, FrameColorizer, Timing};
use tempfile::TempDir;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../roms/chromaboy-demo.gb");
const INFO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/chromaboy_libretro.info");
const FRAMES: usize = 600;

/// Whether the programs are there that are needed.
fn is_possible() -> bool {
    let is_there = |program: &str, ask: &str| {
        Command::new(program).arg(ask).output().is_ok_and(|output| output.status.success())
    };
    let is_there = is_there("retroarch", "--version") && is_there("ffmpeg", "-version");
    assert!(is_there || std::env::var_os("CI").is_none(), "no retroarch or no ffmpeg on the path");
    if !is_there {
        eprintln!("skipped: no retroarch or no ffmpeg on the path");
    }
    is_there
}

/// A folder for `RetroArch`, with the core in it.
struct Setup {
    folder: TempDir,
    /// Where it listens to commands.
    port: u16,
}

impl Setup {
    fn new(settings: &[&str], options: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["cores", "states", "saves", "system"] {
            fs::create_dir(path(name)).expect("a folder");
        }
        let here = std::env::current_exe().expect("this program");
        let core = here.with_file_name("libchromaboy_libretro.so");
        fs::copy(core, path("cores/chromaboy_libretro.so")).expect("the core");
        fs::copy(INFO, path("cores/chromaboy_libretro.info")).expect("what is to be known of it");
        // It is free again when this is done, and nobody else takes it so soon.
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = socket.local_addr().expect("its number").port();
        let mut config: Vec<String> = ["video", "input", "audio", "menu", "joypad", "midi"]
            .map(|kind| format!("{kind}_driver = \"null\""))
            .into();
        for (key, name) in [
            ("libretro_directory", "cores"),
            ("libretro_info_path", "cores"),
            ("system_directory", "system"),
            ("savestate_directory", "states"),
            ("savefile_directory", "saves"),
            ("core_options_path", "options.cfg"),
        ] {
            config.push(format!("{key} = {:?}", path(name).display().to_string()));
        }
        config.extend([
            "global_core_options = \"true\"".to_owned(),
            "config_save_on_exit = \"false\"".to_owned(),
            "video_gpu_record = \"false\"".to_owned(),
            "network_cmd_enable = \"true\"".to_owned(),
            format!("network_cmd_port = \"{port}\""),
        ]);
        config.extend(settings.iter().map(|line| (*line).to_owned()));
        fs::write(path("retroarch.cfg"), config.join("\n")).expect("a file");
        let record = "vcodec = ffv1\nacodec = flac\npix_fmt = bgr0\nthreads = 1\n";
        fs::write(path("record.cfg"), record).expect("a file");
        let options = options.iter().map(|(key, value)| format!("{key} = \"{value}\"\n"));
        fs::write(path("options.cfg"), options.collect::<String>()).expect("a file");
        Self { folder, port }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, game: &Path) -> Command {
        let mut command = Command::new("retroarch");
        command.arg("--verbose").arg("-c").arg(self.path("retroarch.cfg"));
        command.arg("-L").arg(self.path("cores/chromaboy_libretro.so")).arg(game);
        command.env("HOME", self.folder.path()).env("XDG_CONFIG_HOME", self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs so many frames, and gives them: RGB, one after the other.
    fn film(&self, game: &Path, size: [usize; 2]) -> Vec<u8> {
        let (film, shot) = (self.path("film.mkv"), self.path("shot.png"));
        let mut command = self.command(game);
        command.arg("-r").arg(&film).arg("--recordconfig").arg(self.path("record.cfg"));
        command.arg(format!("--size={}x{}", size[0], size[1]));
        command.arg(format!("--max-frames={FRAMES}")).arg("--max-frames-ss");
        command.arg(format!("--max-frames-ss-path={}", shot.display()));
        let output = command.output().expect("RetroArch");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(shot.exists(), "{said}");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-i"]).arg(&film).args([
            "-map",
            "0:v",
            "-fps_mode",
            "passthrough",
        ]);
        ffmpeg.args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
        let frames = ffmpeg.output().expect("ffmpeg").stdout;
        assert_eq!(frames.len(), size[0] * size[1] * 3 * FRAMES, "{said}");
        frames
    }
}

/// V1 colors a frame by nothing but that frame.
const EXACT: [(&str, &str); 3] =
    [("chromaboy_timing", "exact"), ("chromaboy_weights", "v1"), ("chromaboy_model", "dmg")];

/// The demo's frames as `chromaboy record` paints them.
fn recorded(weights: Option<&str>, model: Model) -> Vec<u8> {
    frames_of(Path::new(DEMO), weights, model)
}

/// A game's frames as `chromaboy record` paints them.
fn frames_of(game: &Path, weights: Option<&str>, model: Model) -> Vec<u8> {
    let rom = fs::read(game).expect("the game");
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("a game"), model);
    gb.record_provenance();
    let mut colorizer: Box<dyn Colorizer> = match weights {
        None => Box::new(Palette::GREY),
        Some(name) => {
            let path = format!("{}/../../models/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
            let device = DeviceChoice::Cpu.open().expect("the CPU");
            let settings = neural::Settings {
                timing: Timing::Exact,
                style: Style::Safe,
                ..neural::Settings::default()
            };
            let bytes = fs::read(path).expect("weights");
            Box::new(FrameColorizer::new(&bytes, &device, &settings).expect("a network"))
        }
    };
    let mut picture = RgbaFrame::new();
    let mut frames = Vec::new();
    for _ in 0..FRAMES {
        gb.run_frame();
        colorizer.colorize(gb.frame(), &mut picture);
        frames.extend(picture.pixels().iter().flat_map(|&[r, g, b, _]| [r, g, b]));
    }
    frames
}

/// Pixels that have a color.
fn colored(frames: &[u8]) -> usize {
    frames.as_chunks::<3>().0.iter().filter(|rgb| rgb[0].abs_diff(rgb[2]) > 24).count()
}

fn same(left: &[u8], right: &[u8]) {
    let size = 160 * 144 * 3;
    let first = left.chunks(size).zip(right.chunks(size)).position(|(left, right)| left != right);
    assert!(first.is_none() && left.len() == right.len(), "they differ from frame {first:?} on");
}

#[test]
fn frames_are_those_of_a_recording() {
    if !is_possible() {
        return;
    }
    let demo = Path::new(DEMO);
    for weights in ["v1", "v3"] {
        let exact = [&EXACT[..1], &[("chromaboy_weights", weights), EXACT[2]]].concat();
        let film = Setup::new(&[], &exact).film(demo, [160, 144]);
        assert!(colored(&film) > film.len() / 30, "{weights}");
        same(&film, &recorded(Some(weights), Model::Dmg));
    }
    // A game with colors of its own has those.
    let cgb = Setup::new(&[], &[("chromaboy_model", "cgb")]).film(demo, [160, 144]);
    assert!(colored(&cgb) > cgb.len() / 30);
    same(&cgb, &recorded(None, Model::Cgb));
}

/// Of the material that lies beside the repository, where it is known.
#[test]
fn a_game_of_the_game_boy_color_has_its_own_colors() {
    let Some(folder) = std::env::var_os("CHROMABOY_HOMEBREW") else {
        eprintln!("skipped: CHROMABOY_HOMEBREW names no folder of games");
        return;
    };
    if !is_possible() {
        return;
    }
    for name in ["rc-shuriken.gbc", "luna.gbc"] {
        let game = Path::new(&folder).join(name);
        let film = Setup::new(&[], &[]).film(&game, [160, 144]);
        assert!(colored(&film) > film.len() / 100, "{name}");
        same(&film, &frames_of(&game, None, Model::Cgb));
    }
}

#[test]
fn the_option_changes_chroma_alone() {
    if !is_possible() {
        return;
    }
    let raw = [("chromaboy_color", "disabled"), EXACT[2]];
    let raw = Setup::new(&[], &raw).film(Path::new(DEMO), [160, 144]);
    assert_eq!(colored(&raw), 0);
    same(&raw, &recorded(None, Model::Dmg));
    // V1 keeps L*, which is Y of the light: where the color is in gamut both have the same.
    let color = recorded(Some("v1"), Model::Dmg);
    let light = |rgb: &[u8; 3]| {
        let linear = rgb.map(|channel| {
            let channel = channel as f64 / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    for (raw, color) in raw.as_chunks::<3>().0.iter().zip(color.as_chunks::<3>().0) {
        assert!((light(raw) - light(color)).abs() < 0.01, "{raw:?} became {color:?}");
    }
}

#[test]
fn running_ahead_and_rewinding_give_the_same_frames() {
    if !is_possible() {
        return;
    }
    let straight = recorded(Some("v1"), Model::Dmg);
    let frame = 160 * 144 * 3;
    let ahead =
        ["run_ahead_enabled = \"true\"", "run_ahead_frames = \"2\"", "rewind_enable = \"true\""];
    let film = Setup::new(&ahead[..2], &EXACT).film(Path::new(DEMO), [160, 144]);
    // It shows what is two frames ahead, once it has begun to.
    same(&film[100 * frame..(FRAMES - 2) * frame], &straight[102 * frame..]);
    let film = Setup::new(&ahead[2..], &EXACT).film(Path::new(DEMO), [160, 144]);
    same(&film, &straight);
}

/// `RetroArch` at play, that takes commands.
struct Playing {
    child: Child,
    socket: UdpSocket,
    port: u16,
}

impl Playing {
    fn say(&self, command: &str) {
        self.socket.send_to(command.as_bytes(), (Ipv4Addr::LOCALHOST, self.port)).expect("sent");
    }

    /// Says it again and again until it is done.
    fn until<T>(&self, command: &str, mut is_done: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            self.say(command);
            sleep(Duration::from_millis(200));
            if let Some(done) = is_done() {
                return done;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "waited in vain for {command}");
        }
    }

    /// A byte of the console's memory.
    fn byte(&self, address: &str) -> Option<String> {
        self.say(&format!("READ_CORE_MEMORY {address} 4"));
        let mut answer = [0; 256];
        let len = self.socket.recv(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer[..len]).trim().to_owned())
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        // It has ended as a rule.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn states_are_saved_and_loaded_by_command() {
    if !is_possible() {
        return;
    }
    let setup = Setup::new(&[], &[]);
    let child = setup.command(Path::new(DEMO)).stderr(Stdio::null()).spawn().expect("RetroArch");
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    socket.set_read_timeout(Some(Duration::from_millis(500))).expect("a socket");
    let mut playing = Playing { child, socket, port: setup.port };
    let state = || {
        let states = fs::read_dir(setup.path("states")).expect("the folder");
        let path = |entry: fs::DirEntry| entry.path();
        let mut states: Vec<_> = states.flatten().map(path).collect();
        while let Some(path) = states.pop() {
            if path.is_dir() {
                states.extend(
                    fs::read_dir(path).expect("a folder").flatten().map(|entry| entry.path()),
                );
            } else if path.to_string_lossy().ends_with(".state") {
                return Some(path);
            }
        }
        None
    };
    let state = playing.until("SAVE_STATE", state);
    playing.until("VERSION", || (fs::metadata(&state).ok()?.len() > 10_000).then_some(()));
    // Memories are shown, by the console's addresses.
    let read = playing.until("VERSION", || {
        let answer = playing.byte("c000")?;
        answer.starts_with("READ_CORE_MEMORY c000").then_some(answer)
    });
    assert!(!read.contains("-1"), "{read}");
    playing.say("LOAD_STATE");
    sleep(Duration::from_millis(500));
    assert!(playing.child.try_wait().expect("its status").is_none(), "a state ended it");
    playing.say("QUIT");
    sleep(Duration::from_millis(300));
    // Whoever is asked once may ask back.
    playing.say("QUIT");
    let begun = Instant::now();
    while playing.child.try_wait().expect("its status").is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not end");
        sleep(Duration::from_millis(100));
    }
}
