//! Pictures and films must become the frames that were filmed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use colorizer::rgb555_to_srgb;
use dataset::{Reader, Sample};
use gameboy::{HEIGHT, WIDTH};
use image::{Rgb, RgbImage};
use tempfile::TempDir;
use trainer::import::{Options, Summary, import};

const COLORS: [u16; 4] = [0x7F94, 0x0340, 0x01B0, 0x2402];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// Squares whose order depends on `number`.
fn color(number: usize, x: usize, y: usize) -> u16 {
    COLORS[(x / 8 + y / 8 * (number + 1) + number / 4) % 4]
}

fn picture(number: usize, width: usize, height: usize) -> RgbImage {
    RgbImage::from_fn(width as u32, height as u32, |x, y| {
        let (x, y) = (x as usize * WIDTH / width, y as usize * HEIGHT / height);
        Rgb(rgb555_to_srgb(color(number, x, y)))
    })
}

fn pictures(folder: &Path, count: usize, width: usize, height: usize) {
    for number in 0..count {
        let path = folder.join(format!("shot{number}.png"));
        picture(number, width, height).save(path).expect("a picture");
    }
}

fn samples(summary: &Summary) -> Vec<Sample> {
    let bytes = fs::read(summary.file.as_ref().expect("a file")).expect("a session");
    let reader = Reader::new(&bytes[..]).expect("a session");
    assert_eq!(reader.session().game, summary.game);
    reader.collect::<Result<_, _>>().expect("no damage")
}

/// Whether a sample is the picture of this number.
fn is_picture(sample: &Sample, number: usize) -> bool {
    let at = |i: usize| color(number, i % WIDTH, i / WIDTH);
    sample.colors.iter().enumerate().all(|(i, &color)| color == at(i))
}

fn error(source: &Path, options: &Options) -> String {
    let error = import(source, folder().path(), options).expect_err("bad input").to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn enlarged_pictures_come_back_in_order() {
    let (frames, output) = (folder(), folder());
    // shot10 and shot11 come last, not after shot1.
    pictures(frames.path(), 12, 320, 288);
    let options = Options { game: Some("land".into()), ..Options::default() };
    let summary = import(frames.path(), output.path(), &options).expect("pictures");
    let samples = samples(&summary);
    assert_eq!((summary.looked, summary.kept), (12, samples.len()), "{summary:?}");
    assert!(samples.len() >= 4, "{summary:?}");
    for sample in &samples {
        assert!(is_picture(sample, sample.frame as usize), "frame {}", sample.frame);
        assert!(sample.planes.is_none());
    }
    assert!(samples.windows(2).all(|pair| pair[0].frame < pair[1].frame));
    let file = summary.file.expect("a file");
    let name = file.file_name().expect("a name").to_string_lossy();
    assert!(name.starts_with("land-") && name.ends_with(".cbds"), "{name}");
}

#[test]
fn every_nth_is_taken_up_to_the_cap_and_duplicates_are_not() {
    let (frames, output) = (folder(), folder());
    pictures(frames.path(), 9, 160, 144);
    let options = Options { every: Some(3), ..Options::default() };
    let summary = import(frames.path(), output.path(), &options).expect("pictures");
    let taken: Vec<_> = samples(&summary).iter().map(|sample| sample.frame).collect();
    assert_eq!((summary.looked, &taken[..]), (3, &[0, 3, 6][..]));
    let capped = Options { max: 1, ..options };
    assert_eq!(import(frames.path(), output.path(), &capped).expect("pictures").kept, 1);

    picture(0, 160, 144).save(frames.path().join("shot9.png")).expect("a picture");
    RgbImage::from_pixel(160, 144, Rgb([200, 0, 0]))
        .save(frames.path().join("shot10.png"))
        .expect("red");
    let all = import(frames.path(), output.path(), &Options::default()).expect("pictures");
    assert_eq!((all.duplicates >= 1, all.plain), (true, 1), "{all:?}");
}

#[test]
fn a_jpeg_is_nearly_what_it_shows() {
    let (frames, output) = (folder(), folder());
    let path = frames.path().join("one.jpg");
    picture(1, 480, 432).save(&path).expect("a picture");
    let summary = import(&path, output.path(), &Options::default()).expect("a picture");
    let sample = &samples(&summary)[0];
    let near = |i: usize| {
        let (is, was) = (sample.colors[i], color(1, i % WIDTH, i / WIDTH));
        [0, 5, 10].iter().all(|c| (is >> c & 31).abs_diff(was >> c & 31) <= 2)
    };
    let exact = (0..WIDTH * HEIGHT).filter(|&i| near(i)).count();
    assert!(exact > WIDTH * HEIGHT * 9 / 10, "{exact} pixels");
}

#[test]
fn damaged_pictures_are_skipped_and_counted() {
    let (frames, output) = (folder(), folder());
    pictures(frames.path(), 3, 160, 144);
    let mut half = fs::read(frames.path().join("shot1.png")).expect("a picture");
    half.truncate(half.len() / 2);
    fs::write(frames.path().join("shot1.png"), half).expect("a file");
    fs::write(frames.path().join("none.jpg"), "no picture").expect("a file");
    let summary = import(frames.path(), output.path(), &Options::default()).expect("two are left");
    assert_eq!((summary.damaged, summary.kept), (2, 2), "{summary:?}");
}

#[test]
fn bad_sources_are_named_in_one_line() {
    let frames = folder();
    assert!(error(&frames.path().join("missing"), &Options::default()).contains("missing"));
    assert!(error(frames.path(), &Options::default()).ends_with("no PNG or JPEG in this folder"));
    fs::write(frames.path().join("bad.png"), "no picture").expect("a file");
    let text = error(frames.path(), &Options::default());
    assert!(text.contains("none of the 1 pictures can be read"), "{text}");
    picture(0, 200, 150).save(frames.path().join("odd.png")).expect("a picture");
    let text = error(frames.path(), &Options::default());
    assert!(text.ends_with("odd.png: 200x150 is neither 160x144 nor that enlarged"), "{text}");
    for name in ["", "a/b", "..\\a"] {
        let options = Options { game: Some(name.into()), ..Options::default() };
        assert!(error(frames.path(), &options).contains("cannot be called"));
    }
}

/// A film of `count` pictures at 320x288, or `None` where there is no ffmpeg.
fn film(folder: &Path, count: usize) -> Option<PathBuf> {
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        println!("skipped: there is no ffmpeg on the PATH");
        return None;
    }
    pictures(folder, count, 320, 288);
    let film = folder.join("film.mov");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-framerate", "30", "-i"])
        .arg(folder.join("shot%d.png"))
        .args(["-c:v", "png"])
        .arg(&film)
        .status()
        .expect("ffmpeg runs");
    assert!(status.success());
    Some(film)
}

#[test]
fn every_nth_frame_of_a_film_is_taken() {
    let (frames, output) = (folder(), folder());
    let Some(film) = film(frames.path(), 12) else { return };
    let options = Options { every: Some(5), ..Options::default() };
    let summary = import(&film, output.path(), &options).expect("a film");
    let samples = samples(&summary);
    assert_eq!((summary.looked, summary.game.as_str()), (3, "film"));
    assert!(samples.len() >= 2, "{summary:?}");
    for sample in &samples {
        assert!(is_picture(sample, sample.frame as usize), "frame {}", sample.frame);
    }
    // A cap reached early leaves the rest of the film unread.
    let one = Options { max: 1, ..options };
    assert_eq!(import(&film, output.path(), &one).expect("a film").looked, 1);
}

#[test]
fn what_is_no_film_is_named_in_one_line() {
    let frames = folder();
    if film(frames.path(), 1).is_none() {
        return;
    }
    let path = frames.path().join("notes.mp4");
    fs::write(&path, "no film").expect("a file");
    let text = error(&path, &Options::default());
    assert!(text.contains("notes.mp4: ffmpeg cannot read it: "), "{text}");
}
