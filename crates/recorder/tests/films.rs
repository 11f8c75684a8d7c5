//! Films as other programs see them: decoded by ffmpeg.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use colorizer::{Colorizer, Palette, RgbaFrame};
use gameboy::{Cartridge, GameBoy, Model};
use recorder::{Film, FilmError, FilmSettings, create};

const SETTINGS: FilmSettings = FilmSettings { width: 160, height: 144, scale: 1, replaces: false };

/// Whether ffmpeg is there. In CI it must be.
fn has_ffmpeg() -> bool {
    let is_there =
        Command::new("ffprobe").arg("-version").output().is_ok_and(|out| out.status.success());
    assert!(is_there || std::env::var_os("CI").is_none(), "no ffmpeg on the path");
    if !is_there {
        eprintln!("skipped: no ffmpeg on the path");
    }
    is_there
}

/// What a program prints.
fn output(program: &str, args: &[&str], path: &Path, more: &[&str]) -> Vec<u8> {
    let out = Command::new(program).args(args).arg(path).args(more).output().expect("the program");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Facts of the first stream of a kind, each on a line.
fn facts(path: &Path, stream: &str, entries: &str) -> Vec<String> {
    let args =
        ["-v", "error", "-count_frames", "-select_streams", stream, "-show_entries", entries];
    let args = [&args[..], &["-of", "default=nw=1:nk=1"]].concat();
    let text = String::from_utf8(output("ffprobe", &args, path, &[])).expect("text");
    text.lines().map(str::to_owned).collect()
}

/// The pictures, RGB, one after the other.
fn pictures(path: &Path) -> Vec<u8> {
    let raw = ["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    output("ffmpeg", &["-v", "error", "-i"], path, &raw)
}

/// The sound, pairs of 16 bits.
fn sound(path: &Path) -> Vec<i16> {
    let raw = output("ffmpeg", &["-v", "error", "-i"], path, &["-f", "s16le", "-ac", "2", "-"]);
    raw.as_chunks().0.iter().map(|&bytes| i16::from_le_bytes(bytes)).collect()
}

/// A frame of the demo: its picture and its sound.
type Shown = (Vec<[u8; 4]>, Vec<[f32; 2]>);

/// The demo, after its beginning.
fn demo(frames: usize) -> Vec<Shown> {
    let rom = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb"));
    let cartridge = Cartridge::from_bytes(rom.expect("the demo")).expect("a game");
    let mut gb = GameBoy::new(cartridge, Model::Cgb);
    let (mut palette, mut out) = (Palette::GREEN_LCD, RgbaFrame::new());
    let mut shown = Vec::new();
    for number in 0..frames + 200 {
        gb.run_frame();
        if number >= 200 {
            palette.colorize(gb.frame(), &mut out);
            shown.push((out.pixels().to_vec(), gb.samples().to_vec()));
        }
    }
    shown
}

fn record(path: &Path, settings: &FilmSettings, frames: &[Shown]) {
    let mut film = create(path, settings).expect("a film");
    for (picture, sound) in frames {
        film.frame(picture, sound).expect("a frame");
    }
    let summary = film.finish().expect("the end");
    assert_eq!(summary.frames, frames.len() as u64);
    assert_eq!(summary.bytes, fs::metadata(path).expect("the film").len());
}

fn rgb(picture: &[[u8; 4]]) -> Vec<u8> {
    picture.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect()
}

fn folder() -> (tempfile::TempDir, impl Fn(&str) -> PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_path_buf();
    (folder, move |name: &str| root.join(name))
}

#[test]
fn the_usual_film_has_the_consoles_rate_and_crisp_pixels() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path) = folder();
    let (path, frames) = (path("demo.mp4"), demo(400));
    let settings = FilmSettings { scale: 4, ..SETTINGS };
    record(&path, &settings, &frames);
    let entries = "stream=codec_name,width,height,pix_fmt,color_space,r_frame_rate,avg_frame_rate,nb_read_frames";
    let expected = ["h264", "640", "576", "yuv420p", "bt709", "262144/4389", "262144/4389", "400"];
    assert_eq!(facts(&path, "v:0", entries), expected);
    let heard = facts(&path, "a:0", "stream=codec_name,profile,sample_rate,channels");
    assert_eq!(heard, ["aac", "LC", "48000", "2"]);
    // The table of samples is in front.
    let bytes = fs::read(&path).expect("the film");
    let place = |kind: &[u8]| bytes.windows(4).position(|window| window == kind).expect("a box");
    assert!(place(b"moov") < place(b"mdat") && !bytes.windows(4).any(|window| window == b"moof"));

    let decoded = pictures(&path);
    let size = 640 * 576 * 3;
    assert_eq!(decoded.len(), size * frames.len());
    let mut psnr: Vec<f64> = Vec::new();
    for (decoded, (picture, _)) in decoded.chunks_exact(size).zip(&frames) {
        let mut squares = 0u64;
        for (at, pixel) in decoded.chunks_exact(3).enumerate() {
            let wanted = picture[at / 640 / 4 * 160 + at % 640 / 4];
            let square = |i: usize| (pixel[i].abs_diff(wanted[i]) as u64).pow(2);
            squares += square(0) + square(1) + square(2);
        }
        psnr.push(10.0 * (255.0f64.powi(2) * size as f64 / squares.max(1) as f64).log10());
    }
    psnr.sort_by(f64::total_cmp);
    assert!(psnr[psnr.len() / 100] >= 40.0, "{:.1} dB at worst", psnr[0]);
    println!("PSNR: {:.1} dB at worst, {:.1} in the middle", psnr[0], psnr[psnr.len() / 2]);
}

#[test]
fn the_lossless_film_is_exact() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path) = folder();
    let (path, frames) = (path("demo.mov"), demo(200));
    record(&path, &SETTINGS, &frames);
    let entries = "stream=codec_name,r_frame_rate,nb_read_frames";
    assert_eq!(facts(&path, "v:0", entries), ["png", "262144/4389", "200"]);
    assert_eq!(facts(&path, "a:0", "stream=codec_name,sample_rate"), ["pcm_s16le", "48000"]);
    let wanted: Vec<u8> = frames.iter().flat_map(|(picture, _)| rgb(picture)).collect();
    assert!(pictures(&path) == wanted, "pixels differ");
    let samples = frames.iter().flat_map(|(_, sound)| sound.as_flattened());
    let wanted: Vec<i16> = samples.map(|&value| (value * 32767.0).round() as i16).collect();
    let given = sound(&path);
    assert!(given == wanted, "{} samples instead of {}", given.len(), wanted.len());
}

/// A game whose screen is white. Every 60 frames it is black and two pulse channels sound, from a
/// `VBlank` on for six frames. Every eight such times the screen is off for a while, which makes
/// for a longer frame.
fn flashes_and_beeps() -> Vec<u8> {
    let on = [
        0x3E, 0xFF, 0xE0, 0x47, 0xAF, 0xE0, 0x10, // BGP: black; NR10 = 0
        0x3E, 0x80, 0xE0, 0x11, 0xE0, 0x16, // NR11 and NR21: half of each period
        0x3E, 0xF0, 0xE0, 0x12, 0xE0, 0x17, // NR12 and NR22: loud
        0x3E, 0x87, 0xE0, 0x14, 0xE0, 0x19, // NR14 and NR24: begin
    ];
    let off = [
        0xAF, 0xE0, 0x47, // BGP: white
        0xE0, 0x12, 0xE0, 0x17, // NR12 and NR22: silent
    ];
    let screen_off = [
        0x0E, 0x08, // LD C,8
        0xAF, 0xE0, 0x40, // LCDC = 0
        0x11, 0x2F, 0x04, 0x1B, 0x7A, 0xB3, 0x20, 0xFB, // 1071 times 28 dots
        0x3E, 0x91, 0xE0, 0x40, // LCDC
    ];
    let mut code = vec![0xF3, 0x3E, 0x80, 0xE0, 0x26, 0x3E, 0x77, 0xE0, 0x24]; // DI, NR52, NR50
    code.extend([0x3E, 0x33, 0xE0, 0x25, 0xAF, 0xE0, 0x47, 0x0E, 0x08]); // NR51, BGP, LD C,8
    let again = 0x50 + code.len() as u8;
    code.extend([0x06, 60]); // LD B,60
    code.extend([0xF0, 0x44, 0xFE, 0x90, 0x20, 0xFA]); // until LY is 144
    code.extend([0x78, 0xFE, 60, 0x20, on.len() as u8]); // unless B is 60
    code.extend(on);
    code.extend([0x78, 0xFE, 54, 0x20, off.len() as u8]); // unless B is 54
    code.extend(off);
    // DEC B and, where that is 0, DEC C; unless that is 0 as well
    code.extend([0x05, 0x20, 3 + screen_off.len() as u8, 0x0D, 0x20, screen_off.len() as u8]);
    code.extend(screen_off);
    code.extend([0xF0, 0x44, 0xFE, 0x90, 0x28, 0xFA]); // while LY is 144
    code.extend([0x78, 0xA7, 0xC2, again + 2, 0x01, 0xC3, again, 0x01]);
    let mut rom = vec![0; 0x8000];
    rom[0x100..0x104].copy_from_slice(&[0x00, 0xC3, 0x50, 0x01]);
    rom[0x150..][..code.len()].copy_from_slice(&code);
    rom
}

#[test]
fn sound_and_picture_stay_together_for_ten_minutes() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path) = folder();
    let settings = FilmSettings { width: 16, height: 16, ..SETTINGS };
    let total = 35_837usize;
    for name in ["long.mp4", "long.mov"] {
        let path = path(name);
        let mut film = create(&path, &settings).expect("a film");
        let cartridge = Cartridge::from_bytes(flashes_and_beeps()).expect("a game");
        let mut gb = GameBoy::new(cartridge, Model::Dmg);
        for _ in 0..total {
            gb.run_frame();
            // All of the screen is alike: a corner of it tells as much.
            let value = 255 - 85 * gb.frame().shades().expect("shades")[0];
            film.frame(&[[value, value, value, 255]; 256], gb.samples()).expect("a frame");
        }
        film.finish().expect("the end");
        let seen = pictures(&path);
        assert_eq!(seen.len(), total * 768);
        let heard = sound(&path);
        let begins = |values: &mut dyn Iterator<Item = bool>, quiet: usize| {
            let (mut begins, mut since) = (Vec::new(), quiet);
            for (at, is_on) in values.enumerate() {
                if is_on && since >= quiet {
                    begins.push(at);
                }
                since = if is_on { 0 } else { since + 1 };
            }
            begins
        };
        let flashes = begins(&mut seen.chunks_exact(768).map(|picture| picture[100] < 128), 10);
        let beeps = begins(&mut heard.chunks_exact(2).map(|pair| pair[0] > 4000), 4000);
        assert_eq!((flashes.len(), beeps.len()), (total / 60, total / 60), "{name}");
        for (flash, beep) in flashes.iter().zip(&beeps) {
            let [seen, heard] = [*flash as f64 * 4389.0 / 262_144.0, *beep as f64 / 48_000.0];
            assert!((seen - heard).abs() < 4389.0 / 262_144.0, "{name}: {seen} s and {heard} s");
        }
    }
}

#[test]
fn what_was_cut_off_can_be_played() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path) = folder();
    let frames = demo(330);
    for name in ["cut.mp4", "cut.mov"] {
        let mut film = create(&path(name), &SETTINGS).expect("a film");
        for (picture, sound) in &frames {
            film.frame(picture, sound).expect("a frame");
        }
        let bytes = fs::read(path(name)).expect("what is written");
        let kept = path(&format!("kept-{name}"));
        fs::write(&kept, &bytes).expect("a copy");
        assert_eq!(pictures(&kept).len(), 300 * 160 * 144 * 3, "five seconds are whole");
        // In the middle of a second.
        fs::write(&kept, &bytes[..bytes.len() - 100]).expect("a copy");
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-i"]).arg(&kept);
        ffmpeg.args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
        let out = ffmpeg.output().expect("ffmpeg");
        assert!(out.stdout.len() >= 240 * 160 * 144 * 3, "{name}: {} bytes", out.stdout.len());
    }
}

#[test]
fn clips_show_each_picture_at_its_time() {
    if !has_ffmpeg() {
        return;
    }
    let (_folder, path) = folder();
    let frames = demo(120);
    for (name, is_exact) in [("clip.apng", true), ("clip.gif", false)] {
        let path = path(name);
        record(&path, &SETTINGS, &frames);
        // At the rate of the console every picture is seen again.
        let raw = ["-vf", "fps=262144/4389:round=near", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
        let decoded = output("ffmpeg", &["-v", "error", "-i"], &path, &raw);
        let shown = decoded.len() / (160 * 144 * 3);
        assert!(shown.abs_diff(frames.len()) <= 3, "{name}: {shown} frames");
        // Every picture of a GIF is one of the game's, of an APNG nearly every one at its very time.
        let all: Vec<Vec<u8>> = frames.iter().map(|(picture, _)| rgb(picture)).collect();
        let decoded: Vec<&[u8]> = decoded.chunks_exact(160 * 144 * 3).collect();
        let near = |at: usize, picture: &[u8]| {
            let around = at.saturating_sub(2)..(at + 3).min(all.len());
            all[around].iter().any(|shown| shown == picture)
        };
        let right = decoded.iter().enumerate().filter(|(at, picture)| near(*at, picture)).count();
        assert!(right + 2 >= shown, "{name}: {right} of {shown}");
        let at_its_time = decoded.iter().zip(&all).filter(|(x, y)| **x == y.as_slice()).count();
        assert!(!is_exact || at_its_time + 3 >= all.len(), "{name}: {at_its_time}");
    }
    let path = path("clip.webp");
    record(&path, &SETTINGS, &frames);
    let bytes = fs::read(&path).expect("the clip");
    let decoder = webp_animation::Decoder::new(&bytes).expect("a WebP");
    let mut ends: Vec<(i32, Vec<u8>)> = Vec::new();
    for frame in decoder {
        let pixels: Vec<u8> =
            frame.data().chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
        ends.push((frame.timestamp(), pixels));
    }
    let last = ends.last().expect("a picture").0;
    assert!((last - (120.0f64 * 4389.0 / 262.144).round() as i32).abs() <= 1, "{last} ms");
    for (number, (picture, _)) in frames.iter().enumerate() {
        let middle = ((number as f64 + 0.5) * 4389.0 / 262.144) as i32;
        let shown = ends.iter().find(|(end, _)| middle < *end).expect("a picture");
        assert!(shown.1 == rgb(picture), "frame {number}");
    }
}

#[test]
fn stills_are_numbered() {
    let (_folder, path) = folder();
    let frames = demo(3);
    let mut film = create(&path("still-%03d.png"), &SETTINGS).expect("stills");
    for (picture, sound) in &frames {
        film.frame(picture, sound).expect("a frame");
    }
    assert_eq!(film.finish().expect("the end").frames, 3);
    for number in 0..3 {
        let still = fs::read(path(&format!("still-00{number}.png"))).expect("a still");
        let mut reader = png::Decoder::new(std::io::Cursor::new(still)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("pixels");
        assert_eq!(reader.info().size(), (160, 144));
    }
    assert!(matches!(create(&path("still-%03d.png"), &SETTINGS), Err(FilmError::Exists(_))));
}

#[test]
fn bad_input_is_refused_and_nothing_replaced() {
    let (_folder, path) = folder();
    let error = |name: &str, settings: &FilmSettings| match create(&path(name), settings) {
        Ok(_) => panic!("{name} is made"),
        Err(error) => error.to_string(),
    };
    assert!(error("film.avi", &SETTINGS).contains(".mp4"));
    fs::write(path("there.mp4"), "mine").expect("a file");
    assert!(error("there.mp4", &SETTINGS).contains("already"));
    assert_eq!(fs::read(path("there.mp4")).expect("the file"), b"mine");
    assert!(error("no/such/folder/film.mp4", &SETTINGS).contains("no/such/folder"));
    assert!(error("big.mp4", &FilmSettings { scale: 99, ..SETTINGS }).contains("16"));
    let mut film = create(&path("size.mp4"), &SETTINGS).expect("a film");
    let error = film.frame(&[[0; 4]; 9], &[]).expect_err("nine pixels");
    assert!(error.to_string().contains("23040"), "{error}");
    assert!(matches!(film.finish(), Err(FilmError::Empty)));
    assert!(!path("size.mp4").exists());
}

/// A disk that is full: what came before can be played, and the error says so.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_what_was_written() {
    let film = create(Path::new("/dev/full"), &FilmSettings { replaces: true, ..SETTINGS });
    // The name tells of no format; through a link it does.
    assert!(film.is_err());
    let (_folder, path) = folder();
    std::os::unix::fs::symlink("/dev/full", path("full.mp4")).expect("a link");
    let settings = FilmSettings { replaces: true, ..SETTINGS };
    let mut film: Box<dyn Film> = create(&path("full.mp4"), &settings).expect("a film");
    let frames = demo(70);
    let errors = frames.iter().filter_map(|(picture, sound)| film.frame(picture, sound).err());
    let error = errors.map(|error| error.to_string()).next().expect("a full disk");
    assert!(error.contains("full.mp4"), "{error}");
}
