//! What the console shows: pixels, and where each of them came from.

mod provenance;
mod video_memory;

use serde::{Deserialize, Serialize};

pub use provenance::{DrawnRow, Layer, Provenance, ProvenanceMap, Stride, TileRow};
pub use video_memory::{ObjectPosition, VideoMemory, WindowLine};

/// Width of the screen in pixels.
pub const WIDTH: usize = 160;
/// Height of the screen in pixels.
pub const HEIGHT: usize = 144;
/// Pixels of one frame.
pub const PIXELS: usize = WIDTH * HEIGHT;

/// One picture of 160x144 pixels, row by row from the top left.
#[derive(Clone, Debug)]
pub struct Frame {
    pub(crate) raster: Raster,
    pub(crate) provenance: Option<Box<ProvenanceMap>>,
    pub(crate) scroll: [Scroll; HEIGHT],
    pub(crate) window: [Option<WindowLine>; HEIGHT],
    pub(crate) memory: Option<Box<VideoMemory>>,
}

/// The pixels of a [`Frame`] in the units of the console that drew it.
#[derive(Clone, Copy, Debug)]
pub enum Pixels<'a> {
    /// Shades of the original Game Boy: 0 is the lightest, 3 the darkest.
    Shades(&'a [u8; PIXELS]),
    /// Colours of the Game Boy Color: RGB555, red in bits 0-4, green in 5-9, blue in 10-14.
    Colors(&'a [u16; PIXELS]),
}

#[derive(Clone, Debug)]
pub(crate) enum Raster {
    Shades(Box<[u8; PIXELS]>),
    Colors(Box<[u16; PIXELS]>),
}

/// SCX and SCY as they stood when a line began to be drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scroll {
    /// The background's horizontal offset in pixels.
    pub scx: u8,
    /// The background's vertical offset in pixels.
    pub scy: u8,
}

impl Frame {
    pub(crate) fn shaded() -> Self {
        Self::with_raster(Raster::Shades(Box::new([0; PIXELS])))
    }

    pub(crate) fn colored() -> Self {
        Self::with_raster(Raster::Colors(Box::new([0x7FFF; PIXELS])))
    }

    fn with_raster(raster: Raster) -> Self {
        Self {
            raster,
            provenance: None,
            scroll: [Scroll::default(); HEIGHT],
            window: [None; HEIGHT],
            memory: None,
        }
    }

    /// A frame of the original Game Boy from shades, for callers with pictures of other origin.
    ///
    /// Only the two low bits of each shade count: 0 is the lightest, 3 the darkest.
    pub fn from_shades(shades: &[u8; PIXELS]) -> Self {
        Self::with_raster(Raster::Shades(Box::new(shades.map(|shade| shade & 3))))
    }

    /// A frame of the Game Boy Color from RGB555 colours. Bit 15 of each is ignored.
    pub fn from_colors(colors: &[u16; PIXELS]) -> Self {
        Self::with_raster(Raster::Colors(Box::new(colors.map(|color| color & 0x7FFF))))
    }

    /// The pixels in the console's own units.
    pub fn pixels(&self) -> Pixels<'_> {
        match &self.raster {
            Raster::Shades(shades) => Pixels::Shades(shades),
            Raster::Colors(colors) => Pixels::Colors(colors),
        }
    }

    /// Shades 0-3 (0 is the lightest), or `None` where a Game Boy Color drew the frame.
    pub fn shades(&self) -> Option<&[u8]> {
        match &self.raster {
            Raster::Shades(shades) => Some(&shades[..]),
            Raster::Colors(_) => None,
        }
    }

    /// RGB555 colours, or `None` where an original Game Boy drew the frame.
    pub fn colors(&self) -> Option<&[u16]> {
        match &self.raster {
            Raster::Shades(_) => None,
            Raster::Colors(colors) => Some(&colors[..]),
        }
    }

    /// The provenance of each pixel, where [`GameBoy::record_provenance`] asked for it.
    ///
    /// [`GameBoy::record_provenance`]: crate::GameBoy::record_provenance
    pub fn provenance(&self) -> Option<&ProvenanceMap> {
        self.provenance.as_deref()
    }

    /// SCX and SCY of each line.
    pub fn scroll(&self) -> &[Scroll; HEIGHT] {
        &self.scroll
    }

    /// Where the window began in each line, if it was drawn there.
    pub fn window(&self) -> &[Option<WindowLine>; HEIGHT] {
        &self.window
    }

    /// What the picture was made from, where [`GameBoy::record_provenance`] asked for it.
    ///
    /// [`GameBoy::record_provenance`]: crate::GameBoy::record_provenance
    pub fn memory(&self) -> Option<&VideoMemory> {
        self.memory.as_deref()
    }

    /// The same picture with an origin, for callers that kept one.
    #[must_use]
    pub fn with_origin(
        self,
        provenance: ProvenanceMap,
        scroll: [Scroll; HEIGHT],
        window: [Option<WindowLine>; HEIGHT],
        memory: VideoMemory,
    ) -> Self {
        let provenance = Some(Box::new(provenance));
        Self { provenance, scroll, window, memory: Some(Box::new(memory)), ..self }
    }
}
