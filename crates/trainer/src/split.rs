//! How frames are divided between training and validation.

use std::collections::BTreeSet;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::random::Random;

/// One frame in so many is for validation.
const VALIDATED: usize = 10;

/// Which frames of the games learned from are kept for validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// A tenth of all frames, chosen by the seed: how well scenes are remembered.
    Frames,
    /// The last tenth of each game's frames: how well scenes that come later are colored.
    Later,
}

/// How many of a game's frames are its later scenes.
pub fn later(frames: usize) -> usize {
    frames / VALIDATED
}

/// The frames that [`Split::Frames`] keeps for validation, as game and place in it, of games with
/// `counts` frames: a tenth, rounded up.
pub fn drawn(counts: &[usize], seed: u64) -> BTreeSet<(usize, usize)> {
    let games = counts.iter().enumerate();
    let mut places: Vec<_> =
        games.flat_map(|(game, &count)| (0..count).map(move |place| (game, place))).collect();
    // Another sequence than that of the first weights, which begins at the seed itself.
    shuffle(&mut places, &mut Random::new(!seed));
    places.truncate(places.len().div_ceil(VALIDATED));
    places.into_iter().collect()
}

/// Any order is as likely as any other.
pub fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for i in (1..items.len()).rev() {
        items.swap(i, random.below(i as u32 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_all_frames_is_drawn_by_the_seed() {
        let counts = [5, 0, 20];
        assert_eq!(drawn(&counts, 1).len(), 3);
        assert_eq!(drawn(&counts, 1), drawn(&counts, 1));
        assert!((2..9).any(|seed| drawn(&counts, seed) != drawn(&counts, 1)));
        assert!(drawn(&counts, 1).iter().all(|&(game, place)| place < counts[game]));
        assert_eq!(drawn(&[1], 1).len(), 1);
        assert_eq!((later(9), later(10), later(19)), (0, 1, 1));
    }
}
