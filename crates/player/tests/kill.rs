//! The program is killed while a game writes its battery RAM. What was saved last is whole.
//!
//! Needs Xvfb; runs where `CHROMABOY_XVFB` is set. `CHROMABOY_KILLS` is how often it is killed.

#![cfg(target_os = "linux")]

mod desktop;

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use desktop::{Display, home, is_display_wanted};

/// Kills, unless the environment says otherwise.
const KILLS: u32 = 20;
/// Bytes that the game fills with its count.
const FILLED: usize = 256;

/// An MBC1 with 8 KiB of battery RAM. Twelve times a second its program opens the RAM, fills 256
/// bytes with the count that is in them and one more, and closes it.
fn counting_game() -> Vec<u8> {
    #[rustfmt::skip]
    let program = [
        0x3E, 0x0A, 0xEA, 0x00, 0x00, // start: ld a, $0A; ld [$0000], a
        0x21, 0x00, 0xA0,             // ld hl, $A000
        0x7E, 0x3C, 0x47,             // ld a, [hl]; inc a; ld b, a
        0x78, 0x22,                   // fill: ld a, b; ld [hl+], a
        0x7C, 0xFE, 0xA1, 0x20, 0xF9, // ld a, h; cp $A1; jr nz, fill
        0xAF, 0xEA, 0x00, 0x00,       // xor a; ld [$0000], a
        0x11, 0x00, 0x30,             // ld de, $3000
        0x1B, 0x7A, 0xB3, 0x20, 0xFB, // wait: dec de; ld a, d; or e; jr nz, wait
        0x18, 0xE0,                   // jr start
    ];
    let mut rom = vec![0; 0x8000];
    rom[0x147..0x14A].copy_from_slice(&[0x03, 0x00, 0x02]);
    rom[0x100..0x103].copy_from_slice(&[0xC3, 0x50, 0x01]);
    rom[0x150..0x150 + program.len()].copy_from_slice(&program);
    rom[0x14D] = rom[0x134..0x14D].iter().fold(0, |sum: u8, byte| sum.wrapping_sub(byte + 1));
    rom
}

/// The count in a save, if all of it is the same.
fn count(save: &[u8]) -> Option<u8> {
    let filled = save.get(..FILLED)?;
    let is_whole = save.len() == 0x2000 && filled.iter().all(|byte| *byte == filled[0]);
    is_whole.then_some(filled[0])
}

#[test]
fn no_save_is_lost_or_torn() {
    if !is_display_wanted() {
        return;
    }
    let kills =
        std::env::var("CHROMABOY_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let display = Display::start();
    let home = home();
    let (game, save) = (home.path().join("game.gb"), home.path().join("game.sav"));
    fs::write(&game, counting_game()).expect("written");
    let (mut last, mut progress) = (None, 0_u32);
    let mut random = 0x2545_F491_u32;
    for kill in 0..kills {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut program = Command::new(env!("CARGO_BIN_EXE_chromaboy"))
            .args(["--mute", "--renderer", "software", "--colorizer", "palette"])
            .arg(&game)
            .env("DISPLAY", display.name())
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        sleep(Duration::from_millis(500 + (random >> 22) as u64));
        program.kill().expect("it was running");
        program.wait().expect("it ended");
        let Ok(bytes) = fs::read(&save) else {
            assert!(last.is_none(), "the save is gone after kill {kill}");
            continue;
        };
        let count = count(&bytes).unwrap_or_else(|| panic!("torn at kill {kill}: {bytes:?}"));
        if let Some(last) = last.replace(count) {
            let more = count.wrapping_sub(last);
            assert!(more < 128, "kill {kill} went back from {last} to {count}");
            progress += more as u32;
        }
        assert!(!home.path().join("game.sav.bad").exists());
    }
    assert!(progress >= kills, "the game came {progress} further in {kills} runs");
}
