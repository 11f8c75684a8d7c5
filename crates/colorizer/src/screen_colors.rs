//! How the Game Boy Color's screen showed its colours.

use gameboy::Frame;

use crate::Colorizer;
use crate::lab::{decode, encode, product};
use crate::rgba::{RgbaFrame, opaque, rgb555_to_srgb};

/// How much of the red, green and blue of the console's numbers is in what its screen shows as
/// red, green and blue, in linear light: its primaries lie closer together than a monitor's. White
/// stays white.
const MIX: [[f64; 3]; 3] = [[0.80, 0.275, -0.075], [0.135, 0.64, 0.225], [0.195, 0.155, 0.65]];
const COLORS: usize = 1 << 15;

/// Paints frames of the Game Boy Color paler, as its reflective LCD did, whose colours games were
/// drawn for. Frames of the original Game Boy are left as they are.
#[derive(Clone, Debug)]
pub struct ScreenColors {
    /// sRGB by RGB555.
    table: Box<[[u8; 3]]>,
}

impl ScreenColors {
    /// The colours of the screen.
    pub fn new() -> Self {
        Self { table: (0..COLORS).map(|color| shown(color as u16)).collect() }
    }

    /// The sRGB in which the screen shows an RGB555 colour; bit 15 is ignored.
    pub fn color(&self, rgb555: u16) -> [u8; 3] {
        self.table[rgb555 as usize % COLORS]
    }
}

impl Default for ScreenColors {
    fn default() -> Self {
        Self::new()
    }
}

impl Colorizer for ScreenColors {
    fn colorize(&mut self, frame: &Frame, out: &mut RgbaFrame) {
        for (pixel, color) in out.pixels_mut().iter_mut().zip(frame.colors().unwrap_or_default()) {
            *pixel = opaque(self.color(*color));
        }
    }
}

fn shown(color: u16) -> [u8; 3] {
    let light = rgb555_to_srgb(color).map(|channel| decode(channel as f64 / 255.0));
    product(&MIX, light).map(|light| (encode(light.clamp(0.0, 1.0)) * 255.0).round() as u8)
}

#[cfg(test)]
mod tests {
    use gameboy::PIXELS;

    use super::*;
    use crate::lab::srgb_to_lab;

    #[test]
    fn greys_stay_and_colors_are_paler() {
        let screen = ScreenColors::new();
        for level in 0..32_u16 {
            let grey = level << 10 | level << 5 | level;
            assert_eq!(screen.color(grey), rgb555_to_srgb(grey));
        }
        for pure in [0x001F, 0x03E0, 0x7C00, 0x7C1F, 0x03FF, 0x7FE0] {
            let chroma = |rgb| srgb_to_lab(rgb).chroma();
            assert!(chroma(screen.color(pure)) < chroma(rgb555_to_srgb(pure)), "{pure:04X}");
        }
    }

    #[test]
    fn grey_frames_are_left_alone() {
        let mut out = RgbaFrame::new();
        out.as_bytes_mut().fill(7);
        ScreenColors::new().colorize(&Frame::from_shades(&[2; PIXELS]), &mut out);
        assert!(out.as_bytes().iter().all(|byte| *byte == 7));
        ScreenColors::new().colorize(&Frame::from_colors(&[0x7FFF; PIXELS]), &mut out);
        assert!(out.as_bytes().iter().all(|byte| *byte == 0xFF));
    }
}
