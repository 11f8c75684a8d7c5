//! Tiles that are known.

use rustc_hash::FxHashSet;

use crate::cells::Tile;

/// Tiles, each as a number of 32 bits, so that thousands of them take little room. Those that differ
/// only by the order of their color indices are one: a version of a game for the original Game Boy
/// often draws the tiles of the one in color with others.
///
/// Plain tiles, of one index alone, are in every game and in no set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TileSet {
    hashes: FxHashSet<u32>,
}

impl TileSet {
    /// The number of a tile; `None` of a plain one.
    ///
    /// It is the CRC-32 of the tile's pixels, the indices counted in the order in which they come.
    pub fn hash(tile: &Tile) -> Option<u32> {
        let mut ranks = [u8::MAX; 4];
        let mut count = 0;
        let pixels = tile.map(|index| {
            let rank = &mut ranks[index as usize & 3];
            if *rank == u8::MAX {
                *rank = count;
                count += 1;
            }
            *rank
        });
        (count > 1).then(|| crc32fast::hash(&pixels))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Of a tile that is not plain, whether it is one of these.
    pub fn contains(&self, tile: &Tile) -> Option<bool> {
        Self::hash(tile).map(|hash| self.hashes.contains(&hash))
    }

    /// The numbers of its tiles, in their order.
    pub fn hashes(&self) -> Vec<u32> {
        let mut hashes: Vec<u32> = self.hashes.iter().copied().collect();
        hashes.sort_unstable();
        hashes
    }
}

/// Of [numbers](TileSet::hash).
impl FromIterator<u32> for TileSet {
    fn from_iter<T: IntoIterator<Item = u32>>(hashes: T) -> Self {
        Self { hashes: hashes.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_indices_does_not_matter() {
        let tile: Tile = std::array::from_fn(|pixel| (pixel / 5 % 4) as u8);
        let other: Tile = tile.map(|index| [2, 0, 3, 1][index as usize]);
        let set: TileSet = TileSet::hash(&tile).into_iter().collect();
        assert_eq!(set.contains(&other), Some(true));
        let mut changed = tile;
        changed[40] ^= 1;
        assert_eq!(set.contains(&changed), Some(false));
        assert_eq!(set.contains(&[2; 64]), None, "plain");
        assert_eq!(set.hashes().len(), 1);
    }
}
