//! The shades that a game's color indices have when nothing fades.

use gameboy::{Frame, Layer, Provenance};

/// The palettes of the original Game Boy: BGP, OBP0 and OBP1.
pub const PALETTES: usize = 3;
/// Frames for which another palette must last to be the usual one.
const LASTS: u32 = 30;
/// Palettes that are counted at a time.
const MOST: usize = 16;

/// The shade of each color index.
pub type Shades = [u8; 4];

/// The palettes that last: BGP, OBP0 and OBP1 without fades and flashes.
#[derive(Clone, Debug)]
pub struct Settled {
    palettes: [Lasting; PALETTES],
}

/// A palette that lasts, and others that may come to.
#[derive(Clone, Debug)]
struct Lasting {
    shades: Shades,
    /// By how many shades all that is seen now is darker, or at its end.
    shift: i8,
    /// Others, with the frames that they were seen in.
    others: Vec<(Shades, u32)>,
}

/// What a pixel's palette is called among the three.
pub fn palette_of(pixel: Provenance) -> usize {
    match pixel.layer() {
        Layer::Background | Layer::Window => 0,
        Layer::Object => 1 + (pixel.palette() & 1) as usize,
    }
}

impl Settled {
    /// As games have them mostly: a higher index is darker.
    pub fn new() -> Self {
        let lasting = Lasting { shades: [0, 1, 2, 3], shift: 0, others: Vec::new() };
        Self { palettes: [lasting.clone(), lasting.clone(), lasting] }
    }

    /// Looks at the palettes of a frame of the original Game Boy.
    pub fn observe(&mut self, frame: &Frame) {
        let (Some(provenance), Some(shades)) = (frame.provenance(), frame.shades()) else { return };
        let mut counts = [[[0u32; 4]; 4]; PALETTES];
        for (pixel, &shade) in provenance.iter().zip(shades) {
            counts[palette_of(pixel)][pixel.color_index() as usize][shade as usize & 3] += 1;
        }
        for (palette, counts) in self.palettes.iter_mut().zip(counts) {
            palette.observe(&counts);
        }
    }

    /// The shade of each color index of a palette, 0-2.
    pub fn shades(&self, palette: usize) -> Shades {
        self.palettes[palette].shades
    }

    /// By how many shades all that is seen of a palette is darker than usual now; less than 0 where
    /// it is lighter. 0 also where it is something else than darker or lighter.
    pub fn shift(&self, palette: usize) -> i8 {
        self.palettes[palette].shift
    }

    /// For each color index of a palette its place in the order from light to dark. Indices of the
    /// same shade are in their own order. Index 0 of objects, which is clear, stays the first.
    pub fn ranks(&self, palette: usize) -> [u8; 4] {
        let shades = self.shades(palette);
        let mut order = [0u8, 1, 2, 3];
        let first = (palette > 0) as usize;
        order[first..].sort_by_key(|&index| shades[index as usize]);
        let mut ranks = [0; 4];
        for (rank, &index) in order.iter().enumerate() {
            ranks[index as usize] = rank as u8;
        }
        ranks
    }
}

impl Default for Settled {
    fn default() -> Self {
        Self::new()
    }
}

impl Lasting {
    /// Takes note of how many pixels of each index have each shade.
    fn observe(&mut self, counts: &[[u32; 4]; 4]) {
        self.shift = 0;
        let seen = counts.iter().map(|shades| shades.iter().sum::<u32>());
        if seen.sum::<u32>() == 0 {
            return;
        }
        // What is not seen may well be as it was.
        let shades: Shades = std::array::from_fn(|index| {
            let most = (0..4).max_by_key(|&shade| (counts[index][shade], 3 - shade)).unwrap_or(0);
            if counts[index][most] > 0 { most as u8 } else { self.shades[index] }
        });
        if shades == self.shades {
            self.others.clear();
            return;
        }
        let at = self.others.iter().position(|(other, _)| *other == shades).unwrap_or_else(|| {
            if self.others.len() == MOST {
                self.others.remove(0);
            }
            self.others.push((shades, 0));
            self.others.len() - 1
        });
        self.others[at].1 += 1;
        // A screen of one shade is a fade that takes its time, not a way to show anything.
        let is_plain = shades.iter().all(|&shade| shade == shades[0]);
        if self.others[at].1 >= LASTS && !is_plain {
            self.shades = shades;
            self.others.clear();
        }
        self.shift = shift(counts, self.shades);
    }
}

/// By how many shades all indices of a palette are darker than usual, of which so many pixels have
/// each shade.
fn shift(counts: &[[u32; 4]; 4], usual: Shades) -> i8 {
    let pairs = || {
        counts.iter().zip(usual).flat_map(|(counts, usual)| {
            let now = (0..4).filter(|&now: &usize| counts[now] > 0);
            now.map(move |now| (now as i8, usual as i8))
        })
    };
    // Nothing tells how far a fade has gone whose end all has reached.
    for (end, shift) in [(0, -3), (3, 3)] {
        if pairs().all(|(now, _)| now == end) && pairs().any(|(_, usual)| usual != end) {
            return shift;
        }
    }
    let is_it = |shift: &i8| pairs().all(|(now, usual)| now == (usual + shift).clamp(0, 3));
    [0, -1, 1, -2, 2].into_iter().find(is_it).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(shades: Shades) -> [[u32; 4]; 4] {
        shades.map(|shade| std::array::from_fn(|other| (other == shade as usize) as u32 * 9))
    }

    fn settled() -> Lasting {
        Settled::new().palettes[0].clone()
    }

    #[test]
    fn fades_and_flashes_do_not_last() {
        let mut palette = settled();
        for _ in 0..20 {
            for shades in [[0, 0, 1, 2], [0, 0, 0, 1], [3, 2, 1, 0], [0, 1, 2, 3]] {
                palette.observe(&counts(shades));
                palette.observe(&counts(shades));
            }
        }
        for _ in 0..600 {
            palette.observe(&counts([3; 4]));
        }
        assert_eq!(palette.shades, [0, 1, 2, 3]);
    }

    #[test]
    fn a_palette_that_lasts_settles() {
        let mut palette = settled();
        for _ in 0..LASTS {
            palette.observe(&counts([3, 2, 1, 0]));
        }
        assert_eq!(palette.shades, [3, 2, 1, 0]);
        let settled = Settled { palettes: [palette.clone(), palette.clone(), palette] };
        assert_eq!(settled.ranks(0), [3, 2, 1, 0]);
        assert_eq!(settled.ranks(1), [0, 3, 2, 1]);
    }

    #[test]
    fn fades_are_known_by_how_far_they_are() {
        let usual = [0, 1, 2, 3];
        let now = |shades| shift(&counts(shades), usual);
        assert_eq!([[0, 0, 1, 2], [0, 0, 0, 1], [0; 4]].map(now), [-1, -2, -3]);
        assert_eq!([[1, 2, 3, 3], [2, 3, 3, 3], [3; 4]].map(now), [1, 2, 3]);
        assert_eq!([usual, [3, 2, 1, 0], [0, 1, 3, 3]].map(now), [0; 3]);
        // What is not seen says nothing, and the lightest alone is as it always is.
        let mut seen = counts([0, 0, 1, 2]);
        (seen[1], seen[3]) = ([0; 4], [0; 4]);
        assert_eq!(shift(&seen, usual), -1);
        seen[2] = [0; 4];
        assert_eq!(shift(&seen, usual), 0);
    }

    #[test]
    fn what_is_not_seen_stays() {
        let mut palette = settled();
        let mut seen = counts([1, 1, 2, 3]);
        (seen[2], seen[3]) = ([0; 4], [0; 4]);
        for _ in 0..LASTS {
            palette.observe(&seen);
            palette.observe(&[[0; 4]; 4]);
        }
        assert_eq!(palette.shades, [1, 1, 2, 3]);
    }
}
