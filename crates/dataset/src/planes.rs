//! Where the pixels of a frame came from.

use gameboy::{Frame, HEIGHT, Layer, PIXELS, Provenance, Scroll};

use crate::sample::words;

const TILES: u16 = 768;

/// Bytes of the planes in a payload, before compression.
pub const RAW_PLANES: usize = PIXELS * 3 + HEIGHT * 2;

/// The provenance of the pixels of a frame, plane by plane.
///
/// All planes but the scroll have 160x144 entries, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planes {
    /// The 2-bit color index in the tile data, before any palette: 0-3.
    pub indices: Box<[u8; PIXELS]>,
    /// What each pixel belongs to.
    pub layers: Box<[Layer; PIXELS]>,
    /// The palette within the layer's set, 0-7: objects have eight of their own.
    pub palettes: Box<[u8; PIXELS]>,
    /// The tile: 0-383 in VRAM bank 0, 384-767 in bank 1.
    pub tiles: Box<[u16; PIXELS]>,
    /// SCX and SCY of each line.
    pub scroll: Box<[Scroll; HEIGHT]>,
}

impl Planes {
    /// The provenance of a frame, where it was recorded.
    pub fn of_frame(frame: &Frame) -> Option<Self> {
        let provenance = frame.provenance()?;
        Some(Self {
            indices: boxed(provenance.iter().map(Provenance::color_index))?,
            layers: boxed(provenance.iter().map(Provenance::layer))?,
            palettes: boxed(provenance.iter().map(Provenance::palette))?,
            tiles: boxed(provenance.iter().map(Provenance::tile))?,
            scroll: Box::new(*frame.scroll()),
        })
    }

    pub(crate) fn fault(&self) -> Option<&'static str> {
        let faults = [
            (self.indices.iter().any(|&index| index > 3), "a color index is out of range"),
            (self.palettes.iter().any(|&palette| palette > 7), "a palette is out of range"),
            (self.tiles.iter().any(|&tile| tile >= TILES), "a tile is out of range"),
        ];
        faults.into_iter().find_map(|(wrong, reason)| wrong.then_some(reason))
    }

    pub(crate) fn append_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend(
            (0..PIXELS).map(|i| {
                self.indices[i] | self.palettes[i] << 2 | layer_number(self.layers[i]) << 5
            }),
        );
        bytes.extend(self.tiles.iter().flat_map(|tile| tile.to_le_bytes()));
        bytes.extend(self.scroll.iter().flat_map(|line| [line.scx, line.scy]));
    }

    /// The planes in `RAW_PLANES` bytes.
    pub(crate) fn parse(mut bytes: &[u8]) -> Option<Self> {
        let places = bytes.split_off(..PIXELS)?;
        let tiles = bytes.split_off(..PIXELS * 2)?;
        let layers = places.iter().map(|place| layer(place >> 5)).collect::<Option<Vec<_>>>()?;
        let lines = bytes.chunks_exact(2).map(|line| Scroll { scx: line[0], scy: line[1] });
        Some(Self {
            indices: boxed(places.iter().map(|place| place & 3))?,
            layers: boxed(layers)?,
            palettes: boxed(places.iter().map(|place| place >> 2 & 7))?,
            tiles: boxed(words(tiles))?,
            scroll: boxed(lines)?,
        })
    }
}

/// The values in a box, where they are as many as it holds.
pub fn boxed<T, const N: usize>(values: impl IntoIterator<Item = T>) -> Option<Box<[T; N]>> {
    values.into_iter().collect::<Box<[T]>>().try_into().ok()
}

fn layer_number(layer: Layer) -> u8 {
    match layer {
        Layer::Background => 0,
        Layer::Window => 1,
        Layer::Object => 2,
    }
}

fn layer(number: u8) -> Option<Layer> {
    match number {
        0 => Some(Layer::Background),
        1 => Some(Layer::Window),
        2 => Some(Layer::Object),
        _ => None,
    }
}
