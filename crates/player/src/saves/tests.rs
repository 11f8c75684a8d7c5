use gameboy::{Cartridge, Model};

use super::*;

/// An MBC1 with 8 KiB of battery RAM whose program increments the RAM's first byte for ever.
fn counting_game() -> GameBoy {
    let mut rom = vec![0; 0x8000];
    rom[0x147..0x14A].copy_from_slice(&[0x03, 0x00, 0x02]);
    rom[0x100..0x103].copy_from_slice(&[0xC3, 0x50, 0x01]);
    // ld a, $0A; ld [$0000], a; ld hl, $A000; inc [hl]; jr @-1
    let program = [0x3E, 0x0A, 0xEA, 0x00, 0x00, 0x21, 0x00, 0xA0, 0x34, 0x18, 0xFD];
    rom[0x150..0x150 + program.len()].copy_from_slice(&program);
    GameBoy::new(Cartridge::from_bytes(rom).expect("a cartridge"), Model::Dmg)
}

fn origin(folder: &tempfile::TempDir) -> Origin {
    Origin { path: Some(folder.path().join("game.gb")), name: "game".to_owned() }
}

#[test]
fn ram_is_saved_while_the_game_runs_and_at_the_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("game.sav");
    let mut gb = counting_game();
    let start = Instant::now();

    let mut saves = Saves::load(&origin(&folder), &mut gb);
    for second in 0..=5 {
        gb.run_frame();
        saves.update(&gb, start + Duration::from_secs(second));
    }
    // The game never rests; five seconds after the first write its RAM is saved anyway.
    let saved = gb.battery_ram();
    gb.run_frame();
    drop(saves);
    assert_eq!(std::fs::read(&file).ok(), saved);

    let saves = Saves::load(&origin(&folder), &mut gb);
    assert_eq!(gb.battery_ram(), saved, "the save was loaded");
    gb.run_frame();
    let last = gb.battery_ram();
    assert_ne!(last, saved);
    saves.finish(&gb);
    assert_eq!(std::fs::read(&file).ok(), last);
}

#[test]
fn an_untouched_game_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut gb = counting_game();
    Saves::load(&origin(&folder), &mut gb).finish(&gb);
    assert!(!folder.path().join("game.sav").exists());
}

#[test]
fn a_save_of_another_size_is_kept_aside() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("game.sav"), b"short").expect("written");
    let mut gb = counting_game();
    let saves = Saves::load(&origin(&folder), &mut gb);
    gb.run_frame();
    saves.finish(&gb);
    let aside = std::fs::read(folder.path().join("game.sav.bad")).expect("kept aside");
    assert_eq!(aside, b"short");
    let saved = std::fs::read(folder.path().join("game.sav")).expect("a new one");
    assert_eq!(saved.len(), 0x2000);
}
