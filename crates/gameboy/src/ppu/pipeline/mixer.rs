//! Where the two FIFOs become one (Pan Docs, "Pixel FIFO").

use super::{ObjectPixel, Pipeline};
use crate::frame::{Layer, Provenance, Raster, TileRow, WIDTH};
use crate::ppu::Ppu;
use crate::ppu::registers::{Attributes, Lcdc};
use crate::ppu::tiles::DIRECT;

/// The pixels of the background FIFO, the first in bit 7.
#[derive(Clone, Copy)]
struct Planes {
    low: u8,
    high: u8,
}

impl Planes {
    fn color_index(self, pixel: u8) -> u8 {
        (self.high << pixel >> 7) << 1 | self.low << pixel >> 7
    }
}

impl Pipeline {
    fn planes(&self, mask: u8) -> Planes {
        let mask = if self.inserts_pixel { 0 } else { mask };
        let column = 8 - self.background_left;
        let TileRow { low, high, .. } = self.background;
        Planes { low: (low & mask) << column, high: (high & mask) << column }
    }
}

impl Ppu {
    /// Mixes the first pixels of the FIFOs and puts them on the screen. The background's holds
    /// at least so many.
    pub fn mix(&mut self, pixels: u8) {
        let planes = self.pipeline.planes(self.background_mask());
        let at = self.line as usize * WIDTH + self.pipeline.column();
        self.put_background(at, pixels, planes);
        for pixel in 0..pixels.min(self.pipeline.object_columns) {
            let head = self.pipeline.object_head + pixel;
            let object = self.pipeline.objects[head as usize & 7];
            if self.is_object_shown(object, planes.color_index(pixel)) {
                self.put_object(at + pixel as usize, object);
            }
        }
    }

    fn put_background(&mut self, at: usize, pixels: u8, planes: Planes) {
        let row = self.pipeline.background;
        let pixels = at..at + pixels as usize;
        match &mut self.drawn.raster {
            Raster::Shades(shades) => {
                for (shade, pixel) in shades[pixels.clone()].iter_mut().zip(0..8) {
                    *shade = self.bgp >> (2 * planes.color_index(pixel)) & 3;
                }
            }
            Raster::Colors(colors) => {
                let bgp = if self.cgb_mode { DIRECT } else { self.bgp };
                let palette = self.bg_palettes.colors(row.palette());
                for (color, pixel) in colors[pixels.clone()].iter_mut().zip(0..8) {
                    let shade = bgp >> (2 * planes.color_index(pixel)) & 3;
                    *color = palette[shade as usize];
                }
            }
        }
        if let Some(provenance) = &mut self.drawn.provenance {
            for (at, pixel) in pixels.zip(0..8) {
                provenance.set(at, row.provenance(planes.color_index(pixel)));
            }
        }
    }

    /// Whether an object's pixel hides a pixel of the background.
    fn is_object_shown(&self, object: ObjectPixel, background_index: u8) -> bool {
        // In CGB mode LCDC.0 takes the background's priority away instead of hiding it.
        let may_be_covered = !self.cgb_mode || self.lcdc.contains(Lcdc::BG_ENABLE);
        let attributes = self.pipeline.background.attributes;
        let is_behind = object.behind_background || attributes & Attributes::PRIORITY.bits() != 0;
        object.color_index != 0
            && self.lcdc.contains(Lcdc::OBJ_ENABLE)
            && !(background_index != 0 && may_be_covered && is_behind)
    }

    fn put_object(&mut self, at: usize, object: ObjectPixel) {
        let ObjectPixel { color_index, palette, tile, oam_index, .. } = object;
        let register = match palette {
            _ if self.cgb_mode => DIRECT,
            0 => self.obp0,
            _ => self.obp1,
        };
        let shade = register >> (2 * color_index) & 3;
        match &mut self.drawn.raster {
            Raster::Shades(shades) => shades[at] = shade,
            Raster::Colors(colors) => colors[at] = self.object_palettes.color(palette, shade),
        }
        if let Some(provenance) = &mut self.drawn.provenance {
            let object = Provenance::new(Layer::Object, color_index, palette, tile);
            provenance.set(at, object.of_object(oam_index));
        }
    }
}
