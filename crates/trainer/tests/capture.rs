//! Capturing from the demo game must give the same bytes for the same seed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dataset::{Reader, Sample, session_files};
use tempfile::TempDir;
use trainer::capture::{Likeness, Options, Summary, capture, rom_files};

const FEW: Options = Options { seconds: 18, every: 15, max: 12, seed: 1, sessions: 2 };

type Files = Vec<(String, Vec<u8>)>;

/// What the demo gives by [`FEW`].
static FIRST: LazyLock<(Files, Summary)> = LazyLock::new(|| {
    let output = directory();
    let summary = capture(&demo(), output.path(), &FEW).expect("the demo has colors");
    (files(output.path()), summary)
});

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb")
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// The names and bytes of the session files in a directory.
fn files(directory: &Path) -> Files {
    let paths = session_files(&[directory]).expect("a directory");
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read(path).expect("a file"))).collect()
}

fn samples(bytes: &[u8]) -> Vec<Sample> {
    let reader = Reader::new(bytes).expect("a session");
    reader.collect::<Result<_, _>>().expect("no damage")
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (second, third) = (directory(), directory());
    capture(&demo(), second.path(), &FEW).expect("the demo has colors");
    capture(&demo(), third.path(), &Options { seed: 6, ..FEW }).expect("as before");
    assert_eq!(FIRST.0.len(), FIRST.1.files.len());
    assert_eq!(FIRST.0, files(second.path()));
    assert_ne!(FIRST.0[0].1, files(third.path())[0].1);
}

#[test]
fn what_is_kept_is_colored_distinct_and_capped() {
    let (files, summary) = &*FIRST;
    let kept: Vec<_> = files.iter().flat_map(|(_, file)| samples(file)).collect();
    assert_eq!(kept.len(), summary.kept);
    assert!((2..=FEW.max).contains(&kept.len()), "{summary:?}");
    for (i, sample) in kept.iter().enumerate() {
        assert_eq!(sample.frame % 15, 0);
        assert!(sample.colors.iter().any(|color| color & 31 != color >> 10));
        assert!(
            kept[..i]
                .iter()
                .all(|before| !Likeness::Exact.are_near(&before.colors, &sample.colors))
        );
    }
}

#[test]
fn a_later_seed_adds_only_what_is_new() {
    let output = directory();
    capture(&demo(), output.path(), &Options { sessions: 1, max: 6, ..FEW }).expect("colors");
    let later = Options { seed: 9, ..FEW };
    let summary = capture(&demo(), output.path(), &later).expect("colors");
    let all: Vec<_> = files(output.path()).iter().flat_map(|(_, file)| samples(file)).collect();
    assert!(all.len() > summary.kept && all.len() <= FEW.max, "{summary:?}");
    for (i, sample) in all.iter().enumerate() {
        assert!(
            all[..i].iter().all(|before| !Likeness::Exact.are_near(&before.colors, &sample.colors))
        );
    }
}

#[test]
fn the_session_names_its_game() {
    let (name, bytes) = &FIRST.0[0];
    let reader = Reader::new(&bytes[..]).expect("a session");
    assert_eq!(name, "chromaboy-demo-1.cbds");
    assert_eq!((reader.session().game.as_str(), reader.session().seed), ("chromaboy-demo", 1));
}

#[test]
fn what_has_no_colors_is_refused_in_one_line() {
    let output = directory();
    let mut monochrome = vec![0; 0x8000];
    monochrome[0x100..0x102].copy_from_slice(&[0x18, 0xFE]);
    for (name, rom) in [("grey.gb", monochrome), ("empty.gb", vec![]), ("noise.gb", vec![7; 99])] {
        let path = output.path().join(name);
        fs::write(&path, rom).expect("a file");
        let error = capture(&path, output.path(), &FEW).expect_err(name).to_string();
        assert!(error.contains(name) && !error.contains('\n'), "{error}");
    }
    assert!(session_files(&[output.path()]).expect("a directory").is_empty());
}

#[test]
fn directories_stand_for_the_games_in_them() {
    let games = directory();
    for name in ["b.gbc", "a.gb", "c.GB", "notes.txt"] {
        fs::write(games.path().join(name), "").expect("a file");
    }
    let roms = rom_files(&[games.path()]).expect("a directory");
    assert_eq!(roms, ["a.gb", "b.gbc", "c.GB"].map(|name| games.path().join(name)));
    assert!(rom_files(&[games.path().join("missing")]).is_err());
}
