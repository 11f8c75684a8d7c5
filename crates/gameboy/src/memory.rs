//! Fixed-size RAM on the heap that a damaged save state cannot give another size.

use std::ops::{Deref, DerefMut};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ram<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Ram<N> {
    pub fn zeroed() -> Self {
        Self(Box::new([0; N]))
    }

    /// RAM as it comes up at power-on: noise, but the same noise every time.
    pub fn noise(seed: u32) -> Self {
        let mut state = seed | 1;
        let mut ram = Self::zeroed();
        for byte in ram.iter_mut() {
            // Marsaglia's xorshift32.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *byte = (state >> 24) as u8;
        }
        ram
    }
}

impl<const N: usize> Deref for Ram<N> {
    type Target = [u8; N];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<const N: usize> DerefMut for Ram<N> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<const N: usize> Serialize for Ram<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0[..])
    }
}

impl<'de, const N: usize> Deserialize<'de> for Ram<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&'de [u8]>::deserialize(deserializer)?;
        let array: [u8; N] = bytes
            .try_into()
            .map_err(|_| D::Error::custom(format_args!("{} bytes of RAM, not {N}", bytes.len())))?;
        Ok(Self(Box::new(array)))
    }
}
