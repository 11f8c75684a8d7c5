//! Movies replay exactly, and damage is told.

use std::fs;
use std::path::Path;

use gameboy::{Buttons, Cartridge, GameBoy, Model};
use proptest::prelude::*;
use recorder::movie::{Event, Header, Movie, MovieError, MovieWriter, Replay, picture_check};

fn demo() -> Cartridge {
    let rom = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb"));
    Cartridge::from_bytes(rom.expect("the demo")).expect("a game")
}

/// What is pressed in a frame.
fn held(frame: u32) -> Buttons {
    match frame / 20 % 5 {
        0 => Buttons::RIGHT,
        1 => Buttons::RIGHT | Buttons::A,
        2 => Buttons::START,
        3 => Buttons::LEFT,
        _ => Buttons::empty(),
    }
}

/// A session that begins with a state, goes back once, and ends with this check.
fn session() -> (Vec<u8>, u32) {
    let mut gb = GameBoy::new(demo(), Model::Dmg);
    (0..100).for_each(|_| gb.run_frame());
    let start = gb.save_state();
    let header = Header::new(gb.cartridge(), Model::Dmg, Some(&start), "demo.gb");
    let mut movie = MovieWriter::new(Vec::new(), &header).expect("a movie");
    let mut middle = None;
    for frame in 0..400 {
        if frame == 200 {
            middle = Some(gb.save_state());
        }
        if frame == 300 {
            let state = middle.take().expect("the state");
            gb.load_state(&state).expect("a state");
            movie.event(Event::load(&state));
        }
        if frame == 350 {
            gb.reset();
            movie.event(Event::Reset);
            movie.event(Event::Tilt([0.5, -0.25]));
            gb.set_tilt(0.5, -0.25);
        }
        gb.set_buttons(held(frame));
        gb.run_frame();
        movie.frame(held(frame), picture_check(gb.frame())).expect("a frame");
    }
    (movie.finish().expect("the end"), picture_check(gb.frame()))
}

fn play(movie: &Movie) -> Result<u32, MovieError> {
    let mut replay = Replay::new(movie.clone(), demo())?;
    while replay.run_frame()? {}
    assert_eq!(replay.frames(), movie.frames());
    Ok(picture_check(replay.console().frame()))
}

#[test]
fn a_movie_replays_exactly_twenty_times() {
    let (bytes, check) = session();
    let movie = Movie::from_bytes(&bytes).expect("a movie");
    assert!(movie.is_whole());
    assert_eq!(movie.frames(), 400);
    for _ in 0..20 {
        assert_eq!(play(&movie), Ok(check));
    }
    // A state in the middle changes nothing: what comes after it is the same.
    let mut steps = movie.clone().into_steps();
    let mut first = Replay::new(movie.clone(), demo()).expect("a replay").console().clone();
    for _ in 0..150 {
        steps.next().expect("a step").expect("no state").take(&mut first).expect("a frame");
    }
    let mut second = GameBoy::new(demo(), Model::Dmg);
    second.load_state(&first.save_state()).expect("a state");
    for step in steps {
        step.expect("a step").take(&mut second).expect("a frame");
    }
    assert_eq!(picture_check(second.frame()), check);
    assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
}

#[test]
fn another_game_is_refused() {
    let (bytes, _) = session();
    let mut rom = demo().rom().to_vec();
    rom[0x4000] ^= 1;
    let other = Cartridge::from_bytes(rom).expect("a game");
    let refused = Replay::new(Movie::from_bytes(&bytes).expect("a movie"), other);
    assert!(matches!(refused, Err(MovieError::Game(_))));
}

#[test]
fn what_was_cut_off_is_played_as_far_as_it_goes() {
    let (bytes, _) = session();
    let cut = Movie::from_bytes(&bytes[..bytes.len() - 20]).expect("a movie");
    assert!(!cut.is_whole() && cut.frames() >= 300, "{} frames", cut.frames());
    play(&cut).expect("no error");
    assert_eq!(Movie::from_bytes(&bytes[..9]), Err(MovieError::Empty));
    assert_eq!(Movie::from_bytes(b"PNG"), Err(MovieError::Other));
    let mut newer = bytes;
    newer[7] = 99;
    assert_eq!(Movie::from_bytes(&newer), Err(MovieError::Version(99)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No byte can be changed without being told, or leaving a shorter movie.
    #[test]
    fn damage_is_told(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        static SESSION: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| session().0);
        let mut bytes = SESSION.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let whole = Movie::from_bytes(&SESSION).expect("a movie");
        match Movie::from_bytes(&bytes) {
            Err(_) => {}
            Ok(movie) => prop_assert!(movie.frames() <= whole.frames() && !movie.is_whole()),
        }
    }
}
