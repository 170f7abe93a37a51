//! Maps and sets that remember the order in which things came. What does the work is compiled once for all of them: each
//! kind of `std::collections::HashMap` is one and a half kilobytes of what the page loads, and there are twenty.

use std::{
    borrow::Borrow,
    hash::{BuildHasher, Hash},
};

#[cfg(not(target_arch = "wasm32"))]
use std::hash::RandomState;

/// The page has no random keys, and its own hash is a kilobyte less: who makes names collide there only waits for himself.
#[cfg(target_arch = "wasm32")]
type RandomState = std::hash::BuildHasherDefault<Fold>;

/// Fowler, Noll and Vo's hash, with its upper half mixed into the lower.
#[cfg(target_arch = "wasm32")]
#[derive(Default)]
struct Fold(u64);

#[cfg(target_arch = "wasm32")]
impl std::hash::Hasher for Fold {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// Values by key.
#[derive(Debug)]
pub(crate) struct Map<K, V> {
    entries: Vec<(K, V)>,
    index: Index,
    state: RandomState,
}

impl<K: Hash + Eq, V> Map<K, V> {
    pub(crate) fn new() -> Map<K, V> {
        Map { entries: Vec::new(), index: Index::default(), state: RandomState::default() }
    }

    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(self.state.hash_one(key), key)?;
        self.entries.get(at).map(|(_, value)| value)
    }

    pub(crate) fn contains_key<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// Sets the value; the one that was there before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.state.hash_one(&key);
        match self.find(hash, &key).and_then(|at| self.entries.get_mut(at)) {
            Some((_, there)) => Some(std::mem::replace(there, value)),
            None => {
                self.add(hash, key, value);
                None
            }
        }
    }

    /// Changes the value, which is `value` when there was none.
    pub(crate) fn change(&mut self, key: K, value: V, change: impl FnOnce(&mut V)) {
        let hash = self.state.hash_one(&key);
        let at = self.find(hash, &key).unwrap_or_else(|| {
            self.add(hash, key, value);
            self.entries.len() - 1
        });
        if let Some((_, value)) = self.entries.get_mut(at) {
            change(value);
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.entries.iter()
    }

    fn find<Q: Eq + ?Sized>(&self, hash: u64, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.index.find(hash, &|at| self.entries.get(at).is_some_and(|(there, _)| there.borrow() == key))
    }

    fn add(&mut self, hash: u64, key: K, value: V) {
        self.entries.push((key, value));
        self.index.add(hash);
    }
}

impl<K: Hash + Eq, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Map<K, V> {
        let mut map = Map::new();
        entries.into_iter().for_each(|(key, value)| {
            map.insert(key, value);
        });
        map
    }
}

/// Things, each once.
#[derive(Debug)]
pub(crate) struct Set<K>(Map<K, ()>);

impl<K: Hash + Eq> Set<K> {
    pub(crate) fn new() -> Set<K> {
        Set(Map::new())
    }

    pub(crate) fn insert(&mut self, key: K) {
        self.0.insert(key, ());
    }

    pub(crate) fn contains<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &K> {
        self.0.keys()
    }
}

impl<K: Hash + Eq> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Set<K> {
        Set(keys.into_iter().map(|key| (key, ())).collect())
    }
}

/// Places of entries by the hash of their keys: open addressing, at most half full.
#[derive(Debug, Default)]
struct Index {
    /// 0 where nothing is, else one more than the entry's place.
    slots: Vec<u32>,
    /// The hash of each entry.
    hashes: Vec<u64>,
}

impl Index {
    #[inline(never)]
    fn find(&self, hash: u64, same: &dyn Fn(usize) -> bool) -> Option<usize> {
        let mut slot = self.first(hash)?;
        loop {
            let at = self.slots.get(slot)?.checked_sub(1)? as usize;
            if self.hashes.get(at) == Some(&hash) && same(at) {
                return Some(at);
            }
            slot = self.after(slot);
        }
    }

    /// Adds the hash of the entry that was just added.
    #[inline(never)]
    fn add(&mut self, hash: u64) {
        self.hashes.push(hash);
        if self.hashes.len() * 2 > self.slots.len() {
            let room = (self.hashes.len() * 4).next_power_of_two().max(8);
            self.slots = vec![0; room];
            (0..self.hashes.len()).for_each(|at| self.place(at));
        } else {
            self.place(self.hashes.len() - 1);
        }
    }

    fn place(&mut self, at: usize) {
        let Some(mut slot) = self.hashes.get(at).and_then(|hash| self.first(*hash)) else { return };
        while self.slots.get(slot).is_some_and(|there| *there != 0) {
            slot = self.after(slot);
        }
        if let (Some(there), Ok(number)) = (self.slots.get_mut(slot), u32::try_from(at + 1)) {
            *there = number;
        }
    }

    fn first(&self, hash: u64) -> Option<usize> {
        let last = self.slots.len().checked_sub(1)?;
        // The room is a power of two; truncation keeps the low bits, which are as good as any.
        Some(hash as usize & last)
    }

    fn after(&self, slot: usize) -> usize {
        (slot + 1) & self.slots.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn it_is_a_map(steps: Vec<(u8, u16, bool)>) {
            let mut expected = std::collections::HashMap::new();
            let mut map = Map::new();
            for (key, value, keep) in steps {
                let key = format!("{}", key % 40);
                if keep {
                    expected.entry(key.clone()).or_insert(value);
                    map.change(key, value, |_| {});
                } else {
                    proptest::prop_assert_eq!(map.insert(key.clone(), value), expected.insert(key, value));
                }
            }
            for key in (0..50).map(|key| key.to_string()) {
                proptest::prop_assert_eq!(map.get(key.as_str()), expected.get(&key));
            }
            proptest::prop_assert_eq!(map.iter().count(), expected.len());
            let set: Set<&str> = map.keys().map(String::as_str).collect();
            proptest::prop_assert!(expected.keys().all(|key| set.contains(key.as_str())));
        }
    }
}
