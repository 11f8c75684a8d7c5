//! Capturing from the demo game must give the same bytes for the same seed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dataset::{Reader, Sample, session_files};
use gameboy::{Buttons, Cartridge, GameBoy, Model};
use tempfile::TempDir;
use trainer::capture::{Likeness, Options, Start, Summary, capture, rom_files};

const FEW: Options =
    Options { seconds: 18, every: 15, max: 12, seed: 1, sessions: 2, starts: Vec::new() };

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

/// The demo on the Color after ten seconds, two of them after Start.
fn state(directory: &Path) -> PathBuf {
    let cartridge = Cartridge::from_bytes(fs::read(demo()).expect("the demo")).expect("a ROM");
    let mut gb = GameBoy::new(cartridge, Model::Cgb);
    for frame in 0..600 {
        gb.set_buttons(if (480..490).contains(&frame) { Buttons::START } else { Buttons::empty() });
        gb.run_frame();
    }
    let path = directory.join("level.state");
    fs::write(&path, gb.save_state()).expect("a file");
    path
}

#[test]
fn a_state_is_a_start_of_its_own() {
    let output = directory();
    let from = Start::default().from_state(&state(output.path())).expect("a state");
    let once = Options { seconds: 4, sessions: 1, starts: vec![from], ..FEW };
    let summary = capture(&demo(), output.path(), &once).expect("colors");
    let first = &samples(&fs::read(&summary.files[0]).expect("a file"))[0];
    assert_eq!(summary.files[0].file_name(), Some("chromaboy-demo-level-1.cbds".as_ref()));
    // What it shows at once is reached from power-on only later.
    let at_power_on = samples(&FIRST.0[0].1);
    assert!(!Likeness::Exact.are_near(&first.colors, &at_power_on[0].colors));
    let (source, _) = header(&summary.files[0]);
    assert!(source.ends_with("every 15 frames, from the state level"), "{source}");
}

/// As the player keeps it.
#[test]
fn a_state_may_be_a_picture() {
    let output = directory();
    let raw = state(output.path());
    let bytes = fs::read(&raw).expect("the state");
    let picture = dataset::write_state(&bytes, &[0; 160 * 144 * 4]).expect("a PNG");
    let path = output.path().join("level.state.png");
    fs::write(&path, &picture).expect("written");
    let captured = |path: &Path, name: &str| {
        let from = Start::default().from_state(path).expect("a state");
        let once = Options { seconds: 4, sessions: 1, starts: vec![from], ..FEW };
        let folder = output.path().join(name);
        let summary = capture(&demo(), &folder, &once).expect("colors");
        samples(&fs::read(&summary.files[0]).expect("a file"))
    };
    assert!(captured(&path, "picture") == captured(&raw, "raw"));
    fs::write(&path, &picture[..100]).expect("written");
    assert!(Start::default().from_state(&path).is_err());
}

fn header(path: &Path) -> (String, u64) {
    let file = fs::read(path).expect("a file");
    let reader = Reader::new(&file[..]).expect("a session");
    (reader.session().source.clone(), reader.session().seed)
}

#[test]
fn a_movie_is_played_and_then_the_seed_goes_on() {
    let output = directory();
    let movie = output.path().join("intro.txt");
    fs::write(&movie, "480 start\n490 none\n600 none\n").expect("a file");
    let starts = vec![Start::default().with_movie(&movie).expect("a movie")];
    let alone = Options { seconds: 0, sessions: 1, starts: starts.clone(), ..FEW };
    let summary = capture(&demo(), output.path(), &alone).expect("colors");
    assert_eq!(summary.played, 600);
    let longer = Options { seconds: 3, sessions: 2, starts, ..FEW };
    let summary = capture(&demo(), output.path(), &longer).expect("colors");
    assert!(summary.played > 2 * 600, "{summary:?}");
    let names: Vec<_> = files(output.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[0], "chromaboy-demo-intro-1.cbds");
}

#[test]
fn what_is_no_start_is_named_in_one_line() {
    let output = directory();
    let at = |name: &str, text: &[u8]| {
        let path = output.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let movie = Start::default().with_movie(&at("bad.txt", b"1 jump")).expect_err("no button");
    assert!(movie.to_string().ends_with("bad.txt: line 1: \"jump\" is not a button"), "{movie}");
    let binary = Start::default().with_movie(&at("binary.txt", &[0xFF, 0xFE])).expect_err("bytes");
    assert!(binary.to_string().contains("binary.txt") && !binary.to_string().contains('\n'));
    let start = Start::default().from_state(&at("no.state", b"hello")).expect("a file");
    let options = Options { starts: vec![start], ..FEW };
    let error = capture(&demo(), output.path(), &options).expect_err("no state").to_string();
    assert!(error.ends_with("no.state: this is not a save state of Chromaboy"), "{error}");
    assert!(Start::default().from_state(&output.path().join("missing")).is_err());
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
