//! Nothing that a file or a program says makes the console panic, hang or change where it
//! should not.
//!
//! Each property is tried with a fixed number of seeded cases. `CHROMABOY_FUZZ_SECONDS` makes
//! each of them go on with further seeds for so many seconds; a failure names its case.

use std::env;
use std::fmt::Debug;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use gameboy::{Buttons, Cartridge, DOTS_PER_FRAME, GameBoy, Model};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tests::program::{CARTRIDGE_TYPES, Program};
use tests::random::Random;

/// A case that takes longer hangs.
const PATIENCE: Duration = Duration::from_mins(1);
/// A frame ends with the instruction at hand, of which a general-purpose DMA and a switch of
/// speed are the longest.
const LONGEST_FRAME: u64 = 2 * DOTS_PER_FRAME + 0x2_4000;
/// Magic, version, CRC-32 of the ROM, CRC-32 of what follows.
const STATE_CHECKSUM: usize = 10;
const STATE_BODY: usize = 14;

/// Tries a property with `cases` seeded cases, then with more while the time lasts.
fn check<T: Clone + Debug + Send + 'static>(
    cases: u32,
    strategy: impl Strategy<Value = T> + Send + 'static,
    property: fn(T),
) {
    let seconds = env::var("CHROMABOY_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    let (started, cases_begun) = channel();
    let runs = thread::spawn(move || {
        for seed in 0.. {
            let rng_seed = RngSeed::Fixed(seed);
            let failure_persistence = None;
            let config = Config { cases, rng_seed, failure_persistence, ..Config::default() };
            let run = |case: T| {
                // The watch has given up where it is not there.
                let _ = started.send(format!("{case:02x?}"));
                property(case);
                Ok(())
            };
            if let Err(failure) = TestRunner::new(config).run(&strategy, run) {
                panic!("seed {seed}: {failure}");
            }
            if Instant::now() >= end {
                break;
            }
        }
    });
    let mut current = String::new();
    loop {
        match cases_begun.recv_timeout(PATIENCE) {
            Ok(case) => current = case,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("hangs: {current:.1000}"),
        }
    }
    if let Err(panic) = runs.join() {
        std::panic::resume_unwind(panic);
    }
}

fn model() -> impl Strategy<Value = Model> {
    select(vec![Model::Dmg, Model::Cgb])
}

fn program() -> impl Strategy<Value = Program> {
    let cartridge_types = select(CARTRIDGE_TYPES.to_vec());
    let cgb_flag = select(vec![0x00, 0x80, 0xC0, 0x80]);
    (any::<u64>().no_shrink(), cartridge_types, (0..5_u8, 0..6_u8), cgb_flag).prop_map(
        |(seed, cartridge_type, sizes, cgb_flag)| Program { seed, cartridge_type, sizes, cgb_flag },
    )
}

fn console(program: &Program, model: Model) -> GameBoy {
    let cartridge = Cartridge::from_bytes(program.rom()).expect("the header fits the ROM");
    GameBoy::new(cartridge, model)
}

/// Runs frames with random buttons; each must end.
fn run(gb: &mut GameBoy, frames: usize, seed: u64) {
    let mut random = Random::new(seed);
    for _ in 0..frames {
        let start = gb.dots();
        gb.set_buttons(Buttons::from_bits_truncate(random.byte() & random.byte()));
        gb.run_frame();
        let dots = gb.dots() - start;
        assert!(dots <= LONGEST_FRAME, "a frame of {dots} dots");
        let in_range = |sample: &f32| (-1.0..=1.0).contains(sample);
        assert!(gb.samples().as_flattened().iter().all(in_range), "a sample is out of range");
    }
}

#[test]
fn any_bytes_are_a_cartridge_or_an_error() {
    let length = prop_oneof![0..0x200_usize, 0x7FF0..0x8010_usize, 0..0x2_0000_usize];
    check(200, (length, any::<u64>().no_shrink()), |(length, seed)| {
        let mut random = Random::new(seed);
        try_cartridge((0..length).map(|_| random.byte()).collect());
    });
}

#[test]
fn any_header_is_a_cartridge_or_an_error() {
    check(200, (vec(any::<u8>(), 0x50), 0..5_u8), |(header, banks)| {
        let mut rom = vec![0; 0x8000 << banks];
        rom[0x100..0x150].copy_from_slice(&header);
        try_cartridge(rom);
    });
}

fn try_cartridge(rom: Vec<u8>) {
    match Cartridge::from_bytes(rom) {
        Ok(cartridge) => {
            assert!(cartridge.header().title().chars().count() <= 16);
            for model in [Model::Dmg, Model::Cgb] {
                run(&mut GameBoy::new(cartridge.clone(), model), 2, 0);
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n')),
    }
}

#[test]
fn random_programs_end_their_frames() {
    check(150, (program(), model(), any::<u64>().no_shrink()), |(program, model, buttons)| {
        let mut gb = console(&program, model);
        run(&mut gb, 40, buttons);
        gb.reset();
        run(&mut gb, 2, buttons);
    });
}

#[test]
fn random_programs_continue_from_a_state() {
    check(60, (program(), model(), any::<u64>().no_shrink()), |(program, model, buttons)| {
        let mut gb = console(&program, model);
        run(&mut gb, 10, buttons);
        let mut other = console(&program, model);
        other.load_state(&gb.save_state()).expect("the state is of this game and model");
        run(&mut gb, 5, buttons);
        run(&mut other, 5, buttons);
        assert!(gb.save_state() == other.save_state(), "the loaded console runs differently");
        assert!(gb.samples() == other.samples(), "the loaded console sounds different");
    });
}

/// Frames end with a line; a state may be saved in the middle of one as well.
#[test]
fn states_are_saved_at_any_instruction() {
    check(60, (program(), model(), 0..40_000_u32), |(program, model, steps)| {
        let mut gb = console(&program, model);
        run(&mut gb, 2, 0);
        let end = gb.dots() + 2 * DOTS_PER_FRAME;
        for _ in 0..steps {
            gb.step();
            if gb.dots() > end {
                break;
            }
        }
        let mut other = console(&program, model);
        other.load_state(&gb.save_state()).expect("the state is of this game and model");
        run(&mut gb, 2, 0);
        run(&mut other, 2, 0);
        assert!(gb.save_state() == other.save_state(), "the loaded console runs differently");
    });
}

/// The same with a game that keeps the screen on.
#[test]
fn states_of_the_demo_are_saved_at_any_instruction() {
    let rom = include_bytes!("../../roms/chromaboy-demo.gb");
    let cartridge = Cartridge::from_bytes(rom.to_vec()).expect("the demo is a cartridge");
    for model in [Model::Dmg, Model::Cgb] {
        let mut gb = GameBoy::new(cartridge.clone(), model);
        run(&mut gb, 60, 0);
        for _ in 0..400 {
            for _ in 0..23 {
                gb.step();
            }
            let mut other = GameBoy::new(cartridge.clone(), model);
            other.load_state(&gb.save_state()).expect("the state is of this game and model");
            other.step();
            gb.step();
            assert!(gb.save_state() == other.save_state(), "the loaded console runs differently");
        }
    }
}

#[test]
fn a_damaged_state_is_an_error_or_runs() {
    let damage = vec((any::<prop::sample::Index>(), any::<u8>()), 1..12);
    let case = (program(), model(), damage, 0..3_u8);
    check(250, case, |(program, model, damage, kind)| {
        let mut gb = console(&program, model);
        run(&mut gb, 3, 0);
        let mut state = gb.save_state();
        // Small fields lie before and behind the large blocks of memory.
        let (first, length) = match kind {
            0 => (0, state.len()),
            1 => (STATE_BODY, 400),
            _ => (state.len().saturating_sub(2000), 2000),
        };
        for (index, value) in damage {
            let index = first + index.index(length);
            if let Some(byte) = state.get_mut(index) {
                *byte = value;
            }
        }
        if kind > 0 {
            sign(&mut state);
        }
        load_damaged(&mut gb, &state);
    });
}

#[test]
fn a_truncated_state_is_an_error() {
    check(60, (program(), model(), any::<prop::sample::Index>()), |(program, model, length)| {
        let mut gb = console(&program, model);
        run(&mut gb, 2, 0);
        let mut state = gb.save_state();
        state.truncate(length.index(state.len()));
        assert!(gb.load_state(&state).is_err());
        sign(&mut state);
        assert!(gb.load_state(&state).is_err());
        load_damaged(&mut gb, &state);
    });
}

/// Makes the checksum right again, so that the contents are looked at.
fn sign(state: &mut [u8]) {
    if let Some(body) = state.get(STATE_BODY..) {
        let checksum = crc32fast::hash(body);
        state[STATE_CHECKSUM..STATE_BODY].copy_from_slice(&checksum.to_le_bytes());
    }
}

fn load_damaged(gb: &mut GameBoy, state: &[u8]) {
    let before = gb.save_state();
    if gb.load_state(state).is_err() {
        assert!(gb.save_state() == before, "a rejected state has changed the console");
    }
    for _ in 0..3 {
        gb.run_frame();
    }
    gb.save_state();
}

#[test]
fn any_battery_ram_is_loaded_or_an_error() {
    let length = prop_oneof![0..0x60_usize, 0x1FF0..0x2060_usize, 0x7FF0..0x8060_usize];
    let case = (program(), length, any::<u64>().no_shrink());
    check(100, case, |(program, length, seed)| {
        let mut random = Random::new(seed);
        let bytes: Vec<_> = (0..length).map(|_| random.byte()).collect();
        let mut gb = console(&program, Model::Cgb);
        let before = gb.battery_ram();
        if gb.load_battery_ram(&bytes).is_err() {
            assert_eq!(gb.battery_ram(), before);
        }
        gb.set_clock(seed);
        run(&mut gb, 3, seed);
        if let Some(saved) = gb.battery_ram() {
            gb.load_battery_ram(&saved).expect("a console takes back what it saved");
        }
    });
}

#[test]
fn any_boot_rom_runs_or_is_an_error() {
    let length = prop_oneof![Just(0x100_usize), Just(0x900_usize), 0..0x1000_usize];
    let case = (program(), model(), length, any::<u64>().no_shrink());
    check(60, case, |(program, model, length, seed)| {
        let mut random = Random::new(seed);
        let boot: Vec<_> = (0..length).map(|_| random.byte()).collect();
        let cartridge = Cartridge::from_bytes(program.rom()).expect("the header fits the ROM");
        match GameBoy::with_boot_rom(cartridge, model, &boot) {
            Ok(mut gb) => run(&mut gb, 5, seed),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}
