//! Where the pixels of a frame came from.

use gameboy::{
    Frame, HEIGHT, Layer, PIXELS, Provenance, ProvenanceMap, Scroll, VideoMemory, WindowLine,
};

use crate::sample::words;

const TILES: u16 = 768;
const OBJECTS: u8 = 40;
/// Stands for a line without window.
const NO_WINDOW: u8 = 0xFF;

/// Bytes of the planes in a payload, before compression.
pub const RAW_PLANES: usize = PIXELS * 3 + HEIGHT * 2;

/// Bytes of a scene in a payload, before compression.
pub const RAW_SCENE: usize = PIXELS + HEIGHT * 2 + VideoMemory::BYTES;

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
    /// What else is known since version 3 of the format.
    pub scene: Option<Scene>,
}

/// What it takes to tell cells of the window and objects apart, and to see what they hide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The entry of OAM that each pixel belongs to, 0-39, where its layer is that of objects.
    pub objects: Box<[u8; PIXELS]>,
    /// Where the window began in each line.
    pub window: Box<[Option<WindowLine>; HEIGHT]>,
    /// VRAM and OAM.
    pub memory: Box<VideoMemory>,
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
            scene: Scene::of_frame(frame),
        })
    }

    /// The frame of these colors (RGB555) with this origin. `None` where there is no scene.
    pub fn to_frame(&self, colors: &[u16; PIXELS]) -> Option<Frame> {
        let scene = self.scene.as_ref()?;
        let pixel = |i: usize| {
            let (layer, index) = (self.layers[i], self.indices[i]);
            let provenance = Provenance::new(layer, index, self.palettes[i], self.tiles[i]);
            provenance.of_object(scene.objects[i])
        };
        let provenance = ProvenanceMap::from_pixels(&*boxed((0..PIXELS).map(pixel))?);
        let memory = VideoMemory::clone(&scene.memory);
        let frame = Frame::from_colors(colors);
        Some(frame.with_origin(provenance, *self.scroll, *scene.window, memory))
    }

    pub(crate) fn fault(&self) -> Option<&'static str> {
        let faults = [
            (self.indices.iter().any(|&index| index > 3), "a color index is out of range"),
            (self.palettes.iter().any(|&palette| palette > 7), "a palette is out of range"),
            (self.tiles.iter().any(|&tile| tile >= TILES), "a tile is out of range"),
            (self.scene.as_ref().is_some_and(Scene::is_out_of_range), "an object is out of range"),
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
            scene: None,
        })
    }
}

impl Scene {
    fn of_frame(frame: &Frame) -> Option<Self> {
        Some(Self {
            objects: boxed(frame.provenance()?.iter().map(Provenance::object))?,
            window: Box::new(*frame.window()),
            memory: Box::new(frame.memory()?.clone()),
        })
    }

    fn is_out_of_range(&self) -> bool {
        self.objects.iter().any(|&object| object >= OBJECTS)
    }

    pub(crate) fn append_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.objects.iter());
        bytes.extend(self.window.iter().flat_map(|line| match line {
            Some(WindowLine { left, line }) => [(left + 7) as u8, *line],
            None => [NO_WINDOW; 2],
        }));
        bytes.extend(self.memory.to_bytes());
    }

    /// The scene in `RAW_SCENE` bytes.
    pub(crate) fn parse(mut bytes: &[u8]) -> Option<Self> {
        let objects = boxed(bytes.split_off(..PIXELS)?.iter().copied())?;
        let lines = bytes.split_off(..HEIGHT * 2)?.chunks_exact(2);
        let window = lines.map(|line| match line {
            &[NO_WINDOW, _] => None,
            line => Some(WindowLine { left: line[0] as i16 - 7, line: line[1] }),
        });
        let window = boxed(window)?;
        Some(Self { objects, window, memory: Box::new(VideoMemory::from_bytes(bytes)?) })
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
