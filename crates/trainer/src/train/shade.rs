//! From colour indices to shades, as a monochrome game's palettes would do it.

use crate::random::Random;

/// The shade of each colour index, for background and window, and for objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShadeMaps {
    /// BGP in words.
    pub background: [u8; 4],
    /// OBP0 and OBP1 in words; index 0 is transparent and never seen.
    pub object: [u8; 4],
}

/// The order in which nearly all tiles are drawn: a higher index is darker.
pub const IDENTITY: ShadeMaps = ShadeMaps { background: [0, 1, 2, 3], object: [0, 1, 2, 3] };

/// Other background palettes of monochrome games: one shade lighter or darker, and more contrast.
const SHIFTED: [[u8; 4]; 6] =
    [[0, 0, 1, 2], [1, 2, 3, 3], [0, 0, 1, 3], [0, 2, 3, 3], [0, 1, 3, 3], [0, 0, 2, 3]];
/// Object palettes: as the background's, lighter by one, and inverted.
const OBJECT: [[u8; 4]; 4] = [[0, 1, 2, 3], [0, 0, 1, 3], [0, 0, 2, 3], [0, 3, 2, 1]];

impl ShadeMaps {
    /// Maps for one frame: the identity most of the time, else shifted, inverted, or any order.
    pub fn draw(random: &mut Random) -> Self {
        let background = match random.below(20) {
            0..12 => IDENTITY.background,
            12..16 => random.pick(&SHIFTED),
            16..19 => [3, 2, 1, 0],
            _ => any_order(random),
        };
        let object = match random.below(10) {
            0..6 => IDENTITY.object,
            _ => random.pick(&OBJECT),
        };
        Self { background, object }
    }
}

fn any_order(random: &mut Random) -> [u8; 4] {
    let mut order = [0, 1, 2, 3];
    for i in (1..4).rev() {
        order.swap(i, random.below(i as u32 + 1) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_is_most_common_and_others_occur() {
        let mut random = Random::new(3);
        let maps: Vec<_> = (0..2000).map(|_| ShadeMaps::draw(&mut random)).collect();
        let share = |map: [u8; 4]| {
            maps.iter().filter(|maps| maps.background == map).count() as f64 / maps.len() as f64
        };
        assert!((0.55..0.65).contains(&share([0, 1, 2, 3])));
        assert!((0.10..0.20).contains(&share([3, 2, 1, 0])));
        assert!(SHIFTED.iter().all(|&map| share(map) > 0.01));
        assert!(maps.iter().any(|maps| maps.object == [0, 3, 2, 1]));
    }
}
