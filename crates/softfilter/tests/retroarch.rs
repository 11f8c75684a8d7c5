//! The filter in `RetroArch`, over another core. In CI both must be there.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gameboy::PIXELS;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../roms/chromaboy-demo.gb");
const FILTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Chromaboy.filt");
const FRAMES: usize = 900;

/// Where Debian has the core of Gambatte, if it is there.
fn gambatte() -> Option<PathBuf> {
    let places = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
    let path = |place| format!("/usr/lib/{place}/libretro/gambatte_libretro.so").into();
    let core = places.map(path).into_iter().find(|path: &PathBuf| path.exists());
    let is_there = |program: &str, ask: &str| {
        Command::new(program).arg(ask).output().is_ok_and(|output| output.status.success())
    };
    let core =
        core.filter(|_| is_there("retroarch", "--version") && is_there("ffmpeg", "-version"));
    assert!(core.is_some() || std::env::var_os("CI").is_none(), "no RetroArch with Gambatte");
    if core.is_none() {
        eprintln!("skipped: no RetroArch with Gambatte, or no ffmpeg on the path");
    }
    core
}

/// What a frame shows after [`FRAMES`] of them, RGB, with the filter or without.
fn last_frame(core: &Path, folder: &Path, filter: Option<&Path>) -> Vec<u8> {
    let path = |name: &str| folder.join(name);
    let drivers = ["video", "input", "audio", "menu", "joypad", "midi"];
    let mut config: Vec<String> =
        drivers.map(|kind| format!("{kind}_driver = \"null\"")).into_iter().collect();
    config.extend([
        "config_save_on_exit = \"false\"".to_owned(),
        "video_gpu_record = \"false\"".to_owned(),
        "video_post_filter_record = \"true\"".to_owned(),
        "global_core_options = \"true\"".to_owned(),
        format!("core_options_path = {:?}", path("options.cfg").display().to_string()),
    ]);
    config
        .extend(filter.map(|filter| format!("video_filter = {:?}", filter.display().to_string())));
    fs::write(path("retroarch.cfg"), config.join("\n")).expect("a file");
    let options = "gambatte_gb_colorization = \"disabled\"\ngambatte_gb_hwmode = \"GB\"\n";
    fs::write(path("options.cfg"), options).expect("a file");
    let record = "vcodec = ffv1\nacodec = flac\npix_fmt = bgr0\nthreads = 1\n";
    fs::write(path("record.cfg"), record).expect("a file");
    let film = path("film.mkv");
    let mut command = Command::new("retroarch");
    command.arg("--verbose").arg("-c").arg(path("retroarch.cfg")).arg("-L").arg(core).arg(DEMO);
    command.arg("-r").arg(&film).arg("--recordconfig").arg(path("record.cfg"));
    command.arg("--size=160x144").arg(format!("--max-frames={FRAMES}"));
    command.env("HOME", folder).env("XDG_CONFIG_HOME", folder).stdin(Stdio::null());
    let output = command.output().expect("RetroArch");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-i"]).arg(&film);
    ffmpeg.args(["-map", "0:v", "-fps_mode", "passthrough", "-f", "rawvideo"]);
    ffmpeg.args(["-pix_fmt", "rgb24", "-"]);
    let mut frames = ffmpeg.output().expect("ffmpeg").stdout;
    assert!(frames.len() >= PIXELS * 3, "no frames: {said}");
    assert!(frames.len().is_multiple_of(PIXELS * 3), "{} bytes: {said}", frames.len());
    frames.split_off(frames.len() - PIXELS * 3)
}

fn colored(frame: &[u8]) -> usize {
    frame.as_chunks::<3>().0.iter().filter(|rgb| rgb[0].abs_diff(rgb[2]) > 24).count()
}

#[test]
fn another_cores_picture_gets_colors() {
    let Some(core) = gambatte() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let library = std::env::current_exe().expect("this program");
    let library = library.with_file_name("libchromaboy_filter.so");
    fs::copy(library, folder.path().join("chromaboy_filter.so")).expect("the filter");
    let filter = folder.path().join("Chromaboy.filt");
    fs::copy(FILTER, &filter).expect("its settings");
    let plain = last_frame(&core, folder.path(), None);
    assert_eq!(colored(&plain), 0);
    let painted = last_frame(&core, folder.path(), Some(&filter));
    assert!(colored(&painted) > PIXELS / 3, "{} of {PIXELS} pixels", colored(&painted));
}
