use crate::Spread;

/// What a [`Background`](super::Background) did so far. Frames of the Game Boy Color, which need
/// no source, are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Frames painted: the sum of fresh, reused and late ones.
    pub frames: u64,
    /// Frames painted with the chroma of the frame before: as new as it can be where nobody waits
    /// for the source.
    pub fresh: u64,
    /// Frames seen before and painted with their own chroma, for which the source was not asked.
    pub reused: u64,
    /// Frames painted with older chroma, or without any.
    pub late: u64,
    /// Frames the source gave chroma for.
    pub colored: u64,
    /// Frames the source never got to see, since a newer one came before it was free.
    pub skipped: u64,
    /// How long the source took for its latest frames.
    pub network: Spread,
    /// How long it took lately to join luma and chroma to a picture.
    pub recombine: Spread,
    /// What went wrong first, in one line.
    pub failure: Option<String>,
}
