//! The C example, built as an emulator's author would, makes the pictures that the Rust example makes.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gameboy::PIXELS;

#[allow(dead_code, reason = "main is for the command line")]
#[path = "../../neural/examples/color_frames.rs"]
mod color_frames;

const STATIC: &str = "libchromaboy_colorizer.a";
#[cfg(target_os = "macos")]
const SHARED: &str = "libchromaboy_colorizer.dylib";
#[cfg(not(target_os = "macos"))]
const SHARED: &str = "libchromaboy_colorizer.so";

/// What the README says to link with the static library.
#[cfg(target_os = "linux")]
const SYSTEM_LIBRARIES: &[&str] = &["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];
#[cfg(not(target_os = "linux"))]
const SYSTEM_LIBRARIES: &[&str] = &["-lm"];

/// A library, which cargo lays beside the tests that it is built for.
fn library(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("the test's path");
    let path = tests.parent().expect("a folder").join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

fn compile(program: &Path, library: &[impl AsRef<OsStr>]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let output = Command::new(&compiler)
        .args(["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(root.join("include"))
        .arg(root.join("examples/color_frames.c"))
        .args(library)
        .arg("-o")
        .arg(program)
        .output()
        .unwrap_or_else(|error| panic!("no C compiler {}: {error}", compiler.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The pictures of a program that was given these frames, or that drew its own.
fn run(program: &Path, frames: Option<&[u8]>) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let pictures = folder.path().join("pictures.ppm");
    let mut command = Command::new(program);
    command.arg(&pictures);
    if let Some(frames) = frames {
        let path = folder.path().join("frames");
        fs::write(&path, frames).expect("the frames are written");
        command.arg(path);
    }
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read(pictures).expect("pictures")
}

/// Squares of all shades, three frames of them.
fn squares() -> Vec<u8> {
    (0..3 * PIXELS).map(|at| ((at / 16 + at / 160 / 16 + at / PIXELS) % 4) as u8).collect()
}

fn wanted(frames: &[u8]) -> Vec<u8> {
    let mut pictures = Vec::new();
    color_frames::color(frames, &mut pictures).expect("pictures");
    pictures
}

#[test]
fn with_the_shared_library_its_pictures_are_those_of_rust() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("color_frames");
    let library = library(SHARED);
    let found_in = format!("-Wl,-rpath,{}", library.parent().expect("a folder").display());
    compile(&program, &[library.as_os_str(), OsStr::new(&found_in)]);
    assert!(run(&program, Some(&squares())) == wanted(&squares()), "its pictures are others");
    let drawn: Vec<u8> = (0..16).flat_map(color_frames::draw).collect();
    assert!(run(&program, None) == wanted(&drawn), "it draws something else");
}

#[test]
fn with_the_static_library_its_pictures_are_those_of_rust() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("color_frames");
    let library = library(STATIC);
    let system = SYSTEM_LIBRARIES.iter().map(OsStr::new);
    compile(&program, &[library.as_os_str()].into_iter().chain(system).collect::<Vec<_>>());
    assert!(run(&program, Some(&squares())) == wanted(&squares()), "its pictures are others");
}

#[test]
fn nothing_else_is_exported() {
    let library = library(SHARED);
    let listed = Command::new("nm").args(["-g", "-P"]).arg(dynamic_flag()).arg(&library).output();
    let listed = listed.expect("nm, which comes with a C compiler");
    let listed = String::from_utf8(listed.stdout).expect("names");
    let defined = listed.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (name, kind) = (words.next()?, words.next()?);
        (!"UwvI".contains(kind)).then(|| name.trim_start_matches('_').to_owned())
    });
    let mut names: Vec<String> = defined.collect();
    names.sort();
    let wanted = [
        "chromaboy_colorizer_colorize",
        "chromaboy_colorizer_colorize_grey",
        "chromaboy_colorizer_description",
        "chromaboy_colorizer_failure",
        "chromaboy_colorizer_free",
        "chromaboy_colorizer_new",
        "chromaboy_colorizer_reset",
        "chromaboy_version",
    ];
    assert_eq!(names, wanted);
}

/// What makes `nm` list what a shared library exports: on macOS nothing does, nor has to.
fn dynamic_flag() -> &'static str {
    if cfg!(target_os = "macos") { "-g" } else { "-D" }
}
