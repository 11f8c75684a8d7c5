//! What is remembered of something without end.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A map that forgets what was not looked up for longest.
#[derive(Clone, Debug)]
pub struct Bounded<K, V> {
    entries: FxHashMap<K, (V, u64)>,
    most: usize,
    /// Counts lookups.
    now: u64,
}

impl<K: Eq + Hash + Copy, V> Bounded<K, V> {
    /// Of so many at most.
    pub fn new(most: usize) -> Self {
        Self { entries: FxHashMap::default(), most, now: 0 }
    }

    /// Looks something up, which keeps it.
    pub fn get(&mut self, key: &K) -> Option<&mut V> {
        self.now += 1;
        let now = self.now;
        self.entries.get_mut(key).map(|(value, used)| {
            *used = now;
            value
        })
    }

    /// Adds something; where there are too many, what was not looked up for longest goes.
    pub fn insert(&mut self, key: K, value: V) {
        self.now += 1;
        if self.entries.len() >= self.most {
            // Half at once, so that it happens seldom.
            let mut used: Vec<u64> = self.entries.values().map(|(_, used)| *used).collect();
            let middle = used.len() / 2;
            let (_, &mut oldest_kept, _) = used.select_nth_unstable(middle);
            self.entries.retain(|_, (_, used)| *used >= oldest_kept);
        }
        self.entries.insert(key, (value, self.now));
    }

    /// All, what was not looked up for longest first.
    pub fn by_age(&self) -> impl Iterator<Item = (&K, &V)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(_, (_, used))| *used);
        entries.into_iter().map(|(key, (value, _))| (key, value))
    }

    /// Forgets all but this.
    pub fn retain(&mut self, is_kept: impl Fn(&K) -> bool) {
        self.entries.retain(|key, _| is_kept(key));
    }

    /// All of it.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|(value, _)| value)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_is_forgotten() {
        let mut map = Bounded::new(4);
        for key in 0..4 {
            map.insert(key, key);
        }
        map.get(&0);
        map.insert(4, 4);
        let mut left: Vec<i32> = map.entries.keys().copied().collect();
        left.sort_unstable();
        assert_eq!(left, [0, 3, 4]);
    }
}
