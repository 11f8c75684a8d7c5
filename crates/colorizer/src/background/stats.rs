use std::time::Duration;

/// What a [`Background`](super::Background) did so far. Frames of the Game Boy Color, which need
/// no source, are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Frames painted.
    pub frames: u64,
    /// Frames the source gave chroma for.
    pub colored: u64,
    /// Frames equal to the one before, for which the source was not asked.
    pub reused: u64,
    /// Frames the source never got to see, since a newer one came before it was free.
    pub late: u64,
    /// How long the source took for its last frame.
    pub last_chroma: Duration,
    /// How long the last painting took, from luma and chroma to RGBA.
    pub last_paint: Duration,
    /// What went wrong first, in one line.
    pub failure: Option<String>,
}
