//! Any network as a colorizer of a running game.

use candle_core::Device;
use colorizer::cell_color::{BackgroundCells, InlineCells, Style};
use colorizer::{Background, Colorizer, Inline, Palette, RgbaFrame};
use gameboy::Frame;

use crate::model::{Error, Options};
use crate::neural::Neural;
use crate::{v3, weights};

/// Which frame the colors of a picture are those of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Timing {
    /// The latest that the network is done with: it runs on a thread of its own, and nobody waits.
    #[default]
    Live,
    /// The picture's own: whoever wants the picture waits for the network.
    Exact,
}

/// How a [`FrameColorizer`] is to color.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whether it waits.
    pub timing: Timing,
    /// How far V3 is trusted. V0, V1 and V2 know no styles.
    pub style: Style,
    /// How the network runs on the CPU.
    pub options: Options,
}

/// A network with its weights as a [`Colorizer`], whichever network that is.
///
/// This is what another emulator needs: make one of a file of weights, and give it each frame
/// ([`Frame::from_shades`], where nothing but the picture is known).
///
/// ```no_run
/// use colorizer::{Colorizer, RgbaFrame};
/// use gameboy::{Frame, PIXELS};
/// use neural::{DeviceChoice, FrameColorizer};
///
/// let weights = std::fs::read("models/v3.safetensors")?;
/// let device = DeviceChoice::Auto.open()?;
/// let mut colorizer = FrameColorizer::new(&weights, &device, &Default::default())?;
///
/// let shades = [0; PIXELS]; // what the emulator drew: 0 is white, 3 is black
/// let mut picture = RgbaFrame::new();
/// colorizer.colorize(&Frame::from_shades(&shades), &mut picture);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FrameColorizer {
    kind: Kind,
    description: String,
}

#[derive(Debug)]
enum Kind {
    LiveChroma(Box<Background>),
    ExactChroma(Box<Inline<Neural>>),
    LiveCells(Box<BackgroundCells>),
    ExactCells(Box<InlineCells<v3::Painter>>),
}

impl FrameColorizer {
    /// From the bytes of a safetensors file: the weights of V0, V1, V2 or V3.
    ///
    /// # Errors
    /// If they are not that, or the options or the device cannot be had.
    pub fn new(weights: &[u8], device: &Device, settings: &Settings) -> Result<Self, Error> {
        let Settings { timing, style, options } = *settings;
        if weights::is_v3(weights) {
            let painter = v3::Painter::with_options(weights, device, options)?;
            let description = painter.description();
            let kind = match timing {
                Timing::Live => Kind::LiveCells(Box::new(BackgroundCells::new(painter, style))),
                Timing::Exact => Kind::ExactCells(Box::new(InlineCells::new(painter, style))),
            };
            return Ok(Self { kind, description });
        }
        let network = Neural::with_options(weights, device, options)?;
        let description = network.description();
        let kind = match timing {
            Timing::Live => {
                let background = Background::new(network).with_fallback(Palette::GREY);
                Kind::LiveChroma(Box::new(background))
            }
            Timing::Exact => Kind::ExactChroma(Box::new(Inline::new(network))),
        };
        Ok(Self { kind, description })
    }

    /// The network and where it runs, such as `V3 on CPU, 1 thread, f32`.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What went wrong with the network first, in one line. Frames are grey then.
    pub fn failure(&self) -> Option<String> {
        match &self.kind {
            Kind::LiveChroma(background) => background.stats().failure,
            Kind::LiveCells(background) => background.stats().failure,
            Kind::ExactChroma(inline) => inline.failure().map(str::to_owned),
            Kind::ExactCells(inline) => inline.failure().map(str::to_owned),
        }
    }
}

impl Colorizer for FrameColorizer {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        match &mut self.kind {
            Kind::LiveChroma(background) => background.colorize(frame, out),
            Kind::LiveCells(background) => background.colorize(frame, out),
            Kind::ExactChroma(inline) => inline.colorize(frame, out),
            Kind::ExactCells(inline) => inline.colorize(frame, out),
        }
    }

    fn reset(&mut self) {
        match &mut self.kind {
            Kind::LiveChroma(background) => background.reset(),
            Kind::LiveCells(background) => background.reset(),
            Kind::ExactChroma(inline) => inline.reset(),
            Kind::ExactCells(inline) => inline.reset(),
        }
    }
}

#[cfg(test)]
mod tests {
    use gameboy::PIXELS;

    use super::*;
    use crate::DeviceChoice;

    /// Shades in squares, which are cells as well.
    fn frame() -> Frame {
        Frame::from_shades(&std::array::from_fn::<u8, PIXELS, _>(|at| {
            (at / 16 + at / 160 / 16) as u8 % 4
        }))
    }

    #[test]
    fn every_network_colors_in_time_or_later() {
        let device = DeviceChoice::Cpu.open().expect("the CPU");
        for name in ["v0", "v1", "v3"] {
            let path = format!("{}/../../models/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
            let bytes = std::fs::read(path).expect("weights");
            let settings = |timing| Settings { timing, style: Style::Vivid, ..Settings::default() };
            let new = |timing| FrameColorizer::new(&bytes, &device, &settings(timing));
            let (mut wanted, mut out) = (RgbaFrame::new(), RgbaFrame::new());
            let mut exact = new(Timing::Exact).expect("a network");
            exact.colorize(&frame(), &mut wanted);
            assert!(wanted.pixels().iter().any(|p| p[0] != p[1]), "{name} colors nothing");
            let mut live = new(Timing::Live).expect("a network");
            let begun = std::time::Instant::now();
            while out.pixels() != wanted.pixels() {
                assert!(begun.elapsed().as_secs() < 60, "{name} is never done");
                live.colorize(&frame(), &mut out);
            }
            assert_eq!((live.failure(), exact.failure()), (None, None));
            assert_eq!(live.description(), exact.description());
        }
        assert!(FrameColorizer::new(b"none", &device, &Settings::default()).is_err());
    }
}
