//! One frame with everything that is known about it.

use gameboy::{Frame, HEIGHT, Layer, PIXELS, Provenance, Scroll};

const HAS_SHADES: u8 = 1;
const TILES: u16 = 768;

/// Bytes of a payload without and with DMG shades, before compression.
pub const RAW: usize = 1 + PIXELS * 5 + HEIGHT * 2;
pub const RAW_WITH_SHADES: usize = RAW + PIXELS;

/// A frame of the Game Boy Color, and where each of its pixels came from.
///
/// All planes have 160x144 entries, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Frames since the console was switched on.
    pub frame: u64,
    /// RGB555: red in bits 0-4, green in 5-9, blue in 10-14.
    pub colors: Box<[u16; PIXELS]>,
    /// The 2-bit colour index in the tile data, before any palette: 0-3.
    pub indices: Box<[u8; PIXELS]>,
    /// What each pixel belongs to.
    pub layers: Box<[Layer; PIXELS]>,
    /// The palette within the layer's set, 0-7: objects have eight of their own.
    pub palettes: Box<[u8; PIXELS]>,
    /// The tile: 0-383 in VRAM bank 0, 384-767 in bank 1.
    pub tiles: Box<[u16; PIXELS]>,
    /// SCX and SCY of each line.
    pub scroll: Box<[Scroll; HEIGHT]>,
    /// What the original Game Boy shows at the same moment, where that is known: shades 0-3,
    /// 0 is the lightest.
    pub shades: Option<Box<[u8; PIXELS]>>,
}

impl Sample {
    /// The sample of a frame, numbered `number`.
    ///
    /// `None` where the frame is one of the original Game Boy or its provenance was not recorded.
    pub fn from_frame(number: u64, frame: &Frame) -> Option<Self> {
        let provenance = frame.provenance()?;
        Some(Self {
            frame: number,
            colors: boxed(frame.colors()?.iter().copied())?,
            indices: boxed(provenance.iter().map(Provenance::color_index))?,
            layers: boxed(provenance.iter().map(Provenance::layer))?,
            palettes: boxed(provenance.iter().map(Provenance::palette))?,
            tiles: boxed(provenance.iter().map(Provenance::tile))?,
            scroll: Box::new(*frame.scroll()),
            shades: None,
        })
    }

    /// The plane that is out of range, if one is.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let faults = [
            (self.colors.iter().any(|&color| color > 0x7FFF), "a color is out of range"),
            (self.indices.iter().any(|&index| index > 3), "a color index is out of range"),
            (self.palettes.iter().any(|&palette| palette > 7), "a palette is out of range"),
            (self.tiles.iter().any(|&tile| tile >= TILES), "a tile is out of range"),
            (
                self.shades.iter().flat_map(|plane| plane.iter()).any(|&s| s > 3),
                "a shade is out of range",
            ),
        ];
        faults.into_iter().find_map(|(wrong, reason)| wrong.then_some(reason))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(RAW_WITH_SHADES);
        bytes.push(if self.shades.is_some() { HAS_SHADES } else { 0 });
        bytes.extend(self.colors.iter().flat_map(|color| color.to_le_bytes()));
        bytes.extend(
            (0..PIXELS).map(|i| {
                self.indices[i] | self.palettes[i] << 2 | layer_number(self.layers[i]) << 5
            }),
        );
        bytes.extend(self.tiles.iter().flat_map(|tile| tile.to_le_bytes()));
        bytes.extend(self.scroll.iter().flat_map(|line| [line.scx, line.scy]));
        if let Some(shades) = &self.shades {
            bytes.extend(shades.iter());
        }
        bytes
    }

    pub(crate) fn parse(frame: u64, bytes: &[u8]) -> Result<Self, &'static str> {
        let sample = Self::split(frame, bytes).ok_or("it has another size or unknown parts")?;
        sample.fault().map_or(Ok(sample), Err)
    }

    fn split(frame: u64, mut bytes: &[u8]) -> Option<Self> {
        let flags = *bytes.split_off_first()?;
        let colors = bytes.split_off(..PIXELS * 2)?;
        let places = bytes.split_off(..PIXELS)?;
        let tiles = bytes.split_off(..PIXELS * 2)?;
        let scroll = bytes.split_off(..HEIGHT * 2)?;
        let shades = match flags {
            0 => None,
            HAS_SHADES => Some(boxed(bytes.split_off(..PIXELS)?.iter().copied())?),
            _ => return None,
        };
        let layers = places.iter().map(|place| layer(place >> 5)).collect::<Option<Vec<_>>>()?;
        let lines = scroll.chunks_exact(2).map(|line| Scroll { scx: line[0], scy: line[1] });
        bytes.is_empty().then_some(Self {
            frame,
            colors: boxed(words(colors))?,
            indices: boxed(places.iter().map(|place| place & 3))?,
            layers: boxed(layers)?,
            palettes: boxed(places.iter().map(|place| place >> 2 & 7))?,
            tiles: boxed(words(tiles))?,
            scroll: boxed(lines)?,
            shades,
        })
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}

fn boxed<T, const N: usize>(values: impl IntoIterator<Item = T>) -> Option<Box<[T; N]>> {
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
