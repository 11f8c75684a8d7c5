//! How long `run_frame` takes: sound on, no buttons, with and without provenance.
//!
//! `cargo bench -p gameboy`. The demo is always there; more games come from the folders that
//! `CHROMABOY_HOMEBREW` and `CHROMABOY_TEST_ROMS` name.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fmt, fs};

use divan::Bencher;
use divan::counter::ItemsCount;
use gameboy::{Cartridge, GameBoy, Model, Support};

const WARM_UP: u32 = 300;
/// A second of the console's time: the items per second that are printed are frames.
const FRAMES: u32 = 60;

const HOMEBREW: [&str; 6] = [
    "libbet.gb",
    "corrib75.gb",
    "crossconnect.gbc",
    "grind-boy.gbc",
    "aevilia.gbc",
    "gbcspelunky.gbc",
];
/// Many objects and a change of registers on nearly every line; a CPU that never rests.
const TEST_ROMS: [&str; 2] = ["dmg-acid2/dmg-acid2.gb", "blargg/cpu_instrs/cpu_instrs.gb"];

static GAMES: LazyLock<Vec<Game>> = LazyLock::new(games);

fn main() {
    divan::main();
}

#[divan::bench(args = GAMES.iter())]
fn provenance_off(bencher: Bencher<'_, '_>, game: &Game) {
    run(bencher, &game.gb);
}

#[divan::bench(args = GAMES.iter())]
fn provenance_on(bencher: Bencher<'_, '_>, game: &Game) {
    let mut gb = game.gb.clone();
    gb.record_provenance();
    run(bencher, &gb);
}

fn run(bencher: Bencher<'_, '_>, gb: &GameBoy) {
    bencher.counter(ItemsCount::new(FRAMES)).with_inputs(|| gb.clone()).bench_refs(|gb| {
        for _ in 0..FRAMES {
            gb.run_frame();
        }
    });
}

/// A console that has played a game for a while.
struct Game {
    title: String,
    gb: GameBoy,
}

impl fmt::Display for Game {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

fn games() -> Vec<Game> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../roms/chromaboy-demo.gb");
    let mut roms = vec![demo];
    roms.extend(named_by("CHROMABOY_HOMEBREW", &HOMEBREW));
    roms.extend(named_by("CHROMABOY_TEST_ROMS", &TEST_ROMS));
    roms.iter().flat_map(|rom| on_each_model(rom)).collect()
}

fn named_by(folder: &str, files: &[&str]) -> Vec<PathBuf> {
    let folder = env::var_os(folder).map(PathBuf::from);
    folder.iter().flat_map(|folder| files.iter().map(|file| folder.join(file))).collect()
}

fn on_each_model(rom: &Path) -> Vec<Game> {
    let bytes = fs::read(rom).unwrap_or_else(|err| panic!("{}: {err}", rom.display()));
    let cartridge = Cartridge::from_bytes(bytes).expect("a cartridge");
    let models: &[Model] = match cartridge.header().support() {
        Support::CgbOnly => &[Model::Cgb],
        _ => &[Model::Dmg, Model::Cgb],
    };
    models.iter().map(|&model| Game::new(rom, cartridge.clone(), model)).collect()
}

impl Game {
    fn new(rom: &Path, cartridge: Cartridge, model: Model) -> Self {
        let stem = rom.file_stem().unwrap_or_default().to_string_lossy();
        let mut gb = GameBoy::new(cartridge, model);
        for _ in 0..WARM_UP {
            gb.run_frame();
        }
        Self { title: format!("{stem} {model:?}"), gb }
    }
}
