//! How many frames of a game were seen a moment before, by the number of frames remembered.
//!
//!     cargo run --release -p colorizer --example reuse -- GAMES...
//!
//! Each game is played for a minute as the original Game Boy runs it, by buttons at random; games
//! for the Color alone are left out. A line gives the share of frames that 1, 8 and 64 entries
//! find.

use std::num::NonZeroUsize;

use colorizer::{Chroma, ChromaSource, Colorizer, Inline, RgbaFrame, SourceError};
use gameboy::{Buttons, Cartridge, Frame, GameBoy, Model, Support};

const ENTRIES: [usize; 3] = [1, 8, 64];
const FRAMES: u32 = 3600;
/// Frames for which a choice of buttons is held.
const HOLD: u32 = 12;

/// Knows no colours, but when it is asked.
struct Grey;

impl ChromaSource for Grey {
    fn chroma(&mut self, _: &Frame, _: &mut Chroma) -> Result<(), SourceError> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sums = [0.0; ENTRIES.len()];
    let mut games = 0.0;
    for path in std::env::args().skip(1) {
        let cartridge = Cartridge::from_bytes(std::fs::read(&path)?)?;
        if cartridge.header().support() == Support::CgbOnly {
            continue;
        }
        let shares = play(cartridge);
        println!("{:5.1} {:5.1} {:5.1} %  {path}", shares[0], shares[1], shares[2]);
        games += 1.0;
        for (sum, share) in sums.iter_mut().zip(shares) {
            *sum += share;
        }
    }
    let [one, eight, many] = sums.map(|sum| sum / games);
    println!("{one:5.1} {eight:5.1} {many:5.1} %  mean of {games} games");
    Ok(())
}

/// The share of frames found, in percent, for each number of entries.
fn play(cartridge: Cartridge) -> [f64; ENTRIES.len()] {
    let mut gb = GameBoy::new(cartridge, Model::Dmg);
    let mut caches = ENTRIES
        .map(|entries| Inline::new(Grey).with_cache(NonZeroUsize::new(entries).expect("not zero")));
    let mut out = RgbaFrame::new();
    let mut random: u32 = 1;
    for frame in 0..FRAMES {
        if frame % HOLD == 0 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let pair =
                [random >> 24, random >> 16].map(|bits| Buttons::from_bits_retain(1 << (bits & 7)));
            gb.set_buttons(pair[0] | pair[1]);
        }
        gb.run_frame();
        for cache in &mut caches {
            cache.colorize(gb.frame(), &mut out);
        }
    }
    caches.map(|cache| cache.reused() as f64 * 100.0 / f64::from(FRAMES))
}
