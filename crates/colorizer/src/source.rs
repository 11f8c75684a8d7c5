//! Where chroma comes from.

use gameboy::Frame;

use crate::Chroma;

/// Why a source has no chroma for a frame: any error, shown to the player in one line.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Predicts the chroma of frames; it may take long.
///
/// [`Background`](crate::Background) and [`Inline`](crate::Inline) make a
/// [`Colorizer`](crate::Colorizer) of it. They never hand it a frame of the Game Boy Color, which
/// has its colours already, and they ask again neither for the frame before nor for others seen a
/// moment ago: equal shades are taken to have equal chroma until the next [`reset`](Self::reset).
pub trait ChromaSource: Send {
    /// Writes the chroma of `frame` to `out`, whose size it may choose by
    /// [`Chroma::set_size`]; `out` holds chroma of any earlier frame.
    ///
    /// # Errors
    /// Whatever went wrong. The frame is then shown in grey.
    fn chroma(&mut self, frame: &Frame, out: &mut Chroma) -> Result<(), SourceError>;

    /// Forgets earlier frames, after a reset, a loaded state or a rewind.
    fn reset(&mut self) {}
}

impl<S: ChromaSource + ?Sized> ChromaSource for Box<S> {
    fn chroma(&mut self, frame: &Frame, out: &mut Chroma) -> Result<(), SourceError> {
        (**self).chroma(frame, out)
    }

    fn reset(&mut self) {
        (**self).reset();
    }
}
