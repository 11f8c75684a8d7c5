//! What the console takes of the heap: less than a megabyte, and nothing while it runs.

use std::path::{Path, PathBuf};
use std::{env, fs};

use allocation_counter::measure;
use gameboy::{Buttons, Cartridge, GameBoy, Model};

const MEGABYTE: usize = 1_000_000;
const FRAMES: u32 = 300;

/// The demo, and the games of the folder that `CHROMABOY_HOMEBREW` names.
fn roms() -> Vec<PathBuf> {
    let mut roms = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb")];
    match env::var_os("CHROMABOY_HOMEBREW") {
        Some(folder) => {
            let entries = fs::read_dir(folder).expect("the folder of the games");
            let files = entries.map(|entry| entry.expect("an entry").path());
            roms.extend(files.filter(|file| file.extension().is_some_and(|kind| kind != "json")));
        }
        None => eprintln!("CHROMABOY_HOMEBREW is not set: with the demo only"),
    }
    roms
}

fn start(rom: &[u8], model: Model) -> GameBoy {
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("a cartridge"), model);
    gb.record_provenance();
    gb
}

#[test]
fn run_frame_allocates_nothing() {
    for path in roms() {
        let rom = fs::read(&path).expect("a ROM");
        for model in [Model::Dmg, Model::Cgb] {
            let mut gb = start(&rom, model);
            let allocated = measure(|| {
                for frame in 0..FRAMES {
                    let pressed = frame % 16 < 8;
                    gb.set_buttons(if pressed { Buttons::START } else { Buttons::A });
                    gb.run_frame();
                }
            });
            assert_eq!(allocated.count_total, 0, "{} on {model:?}", path.display());
        }
    }
}

#[test]
fn a_console_takes_less_than_a_megabyte_besides_the_rom() {
    for path in roms() {
        let rom = fs::read(&path).expect("a ROM");
        for model in [Model::Dmg, Model::Cgb] {
            let mut console = None;
            let heap = measure(|| console = Some(start(&rom, model)));
            let rom_bytes = console.as_ref().map_or(0, |gb| gb.cartridge().rom().len());
            let heap = usize::try_from(heap.bytes_current).expect("more than nothing");
            assert!(heap > rom_bytes, "the ROM was not counted");
            let taken = heap - rom_bytes + size_of::<GameBoy>();
            assert!(taken < MEGABYTE, "{taken} bytes for {} on {model:?}", path.display());
        }
    }
}

/// The largest RAM that a cartridge can have is 128 KiB.
#[test]
fn the_largest_cartridge_ram_leaves_it_below_a_megabyte() {
    let mut rom = vec![0; 0x8000];
    // MBC5 with RAM and battery; 16 banks of RAM.
    (rom[0x147], rom[0x149]) = (0x1B, 0x04);
    let mut console = None;
    let heap = measure(|| console = Some(start(&rom, Model::Cgb)));
    let taken = usize::try_from(heap.bytes_current).expect("more than nothing") - rom.len();
    assert!(taken + size_of::<GameBoy>() < MEGABYTE, "{taken} bytes");
}
