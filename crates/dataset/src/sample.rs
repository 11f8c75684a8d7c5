//! One frame with everything that is known about it.

use gameboy::{Frame, PIXELS};

use crate::planes::{Planes, RAW_PLANES, RAW_SCENE, Scene, boxed};

const HAS_SHADES: u8 = 1;
/// Set where the planes are absent: version 1 always has them.
const HAS_NO_PLANES: u8 = 2;
/// Set where a scene follows the planes: since version 3.
const HAS_SCENE: u8 = 4;

/// The most bytes that a payload has before compression.
pub const LARGEST: usize = 1 + PIXELS * 2 + RAW_PLANES + RAW_SCENE + PIXELS;

/// A frame of the Game Boy Color, and where each of its pixels came from.
///
/// All planes have 160x144 entries, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Frames since the console was switched on; of imported frames, their number in the source.
    pub frame: u64,
    /// RGB555: red in bits 0-4, green in 5-9, blue in 10-14.
    pub colors: Box<[u16; PIXELS]>,
    /// Where the pixels came from. `None` where only the picture is known, as of imported frames.
    pub planes: Option<Planes>,
    /// What the original Game Boy shows at the same moment, where that is known: shades 0-3,
    /// 0 is the lightest.
    pub shades: Option<Box<[u8; PIXELS]>>,
}

impl Sample {
    /// The sample of a frame, numbered `number`.
    ///
    /// `None` where the frame is one of the original Game Boy or its provenance was not recorded.
    pub fn from_frame(number: u64, frame: &Frame) -> Option<Self> {
        Some(Self {
            planes: Some(Planes::of_frame(frame)?),
            ..Self::from_colors(number, boxed(frame.colors()?.iter().copied())?)
        })
    }

    /// The sample of a picture of which nothing else is known, numbered `number`.
    pub fn from_colors(number: u64, colors: Box<[u16; PIXELS]>) -> Self {
        Self { frame: number, colors, planes: None, shades: None }
    }

    /// The plane that is out of range, if one is.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        if self.colors.iter().any(|&color| color > 0x7FFF) {
            return Some("a color is out of range");
        }
        if self.shades.iter().flat_map(|plane| plane.iter()).any(|&shade| shade > 3) {
            return Some("a shade is out of range");
        }
        self.planes.as_ref().and_then(Planes::fault)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LARGEST);
        let shades = if self.shades.is_some() { HAS_SHADES } else { 0 };
        let planes = if self.planes.is_some() { 0 } else { HAS_NO_PLANES };
        let scene = self.planes.as_ref().and_then(|planes| planes.scene.as_ref());
        bytes.push(shades | planes | if scene.is_some() { HAS_SCENE } else { 0 });
        bytes.extend(self.colors.iter().flat_map(|color| color.to_le_bytes()));
        if let Some(planes) = &self.planes {
            planes.append_to(&mut bytes);
        }
        if let Some(scene) = scene {
            scene.append_to(&mut bytes);
        }
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
        if flags & !(HAS_SHADES | HAS_NO_PLANES | HAS_SCENE) != 0 {
            return None;
        }
        let colors = boxed(words(bytes.split_off(..PIXELS * 2)?))?;
        let mut planes = match flags & HAS_NO_PLANES {
            0 => Some(Planes::parse(bytes.split_off(..RAW_PLANES)?)?),
            _ => None,
        };
        if flags & HAS_SCENE != 0 {
            planes.as_mut()?.scene = Some(Scene::parse(bytes.split_off(..RAW_SCENE)?)?);
        }
        let shades = match flags & HAS_SHADES {
            0 => None,
            _ => Some(boxed(bytes.split_off(..PIXELS)?.iter().copied())?),
        };
        bytes.is_empty().then_some(Self { frame, colors, planes, shades })
    }
}

/// Little-endian words.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}
