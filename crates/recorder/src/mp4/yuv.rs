//! RGB to the colors of H.264.

use openh264::formats::YUVSource;

use crate::film::FilmSettings;

/// A picture in Y'`CbCr` 4:2:0, limited range, by ITU-R BT.709.
#[derive(Debug)]
pub struct Yuv {
    width: usize,
    height: usize,
    planes: [Vec<u8>; 3],
}

impl Yuv {
    /// Black, as large as the film.
    pub fn new(settings: &FilmSettings) -> Self {
        let [width, height] =
            [settings.width, settings.height].map(|side| side * settings.scale as usize);
        let chroma = vec![128; width / 2 * (height / 2)];
        Self { width, height, planes: [vec![16; width * height], chroma.clone(), chroma] }
    }

    /// Takes a picture, enlarged.
    pub fn take(&mut self, picture: &[[u8; 4]], settings: &FilmSettings) {
        let scale = settings.scale as usize;
        let mut last = ([0, 0, 0, 0xFF], convert([0; 3]));
        let mut colors = Vec::with_capacity(picture.len());
        for &pixel in picture {
            if pixel != last.0 {
                last = (pixel, convert([pixel[0], pixel[1], pixel[2]]));
            }
            colors.push(last.1);
        }
        let [luma, blue, red] = &mut self.planes;
        for (y, rows) in luma.chunks_exact_mut(self.width * scale).enumerate() {
            let line = &colors[y * settings.width..][..settings.width];
            let (first, others) = rows.split_at_mut(self.width);
            for (out, [y, ..]) in first.chunks_exact_mut(scale).zip(line) {
                out.fill(*y);
            }
            others.chunks_exact_mut(self.width).for_each(|row| row.copy_from_slice(first));
        }
        let half = self.width / 2;
        // A sample of chroma is of two by two pixels, which may be of several of the picture's.
        let at = |x: usize, y: usize| colors[y / scale * settings.width + x / scale];
        for y in 0..self.height / 2 {
            if y > 0 && scale.is_multiple_of(4) && !(2 * y).is_multiple_of(scale) {
                let rows = (y - 1) * half..y * half;
                blue.copy_within(rows.clone(), y * half);
                red.copy_within(rows, y * half);
                continue;
            }
            for x in 0..half {
                let [left, right] = [2 * x, 2 * x + 1];
                let four =
                    [at(left, 2 * y), at(right, 2 * y), at(left, 2 * y + 1), at(right, 2 * y + 1)];
                let mean = |plane: usize| {
                    (four.iter().map(|color| color[plane] as u32).sum::<u32>() + 2) / 4
                };
                blue[y * half + x] = mean(1) as u8;
                red[y * half + x] = mean(2) as u8;
            }
        }
    }
}

impl YUVSource for Yuv {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.width, self.width / 2, self.width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.planes[0]
    }

    fn u(&self) -> &[u8] {
        &self.planes[1]
    }

    fn v(&self) -> &[u8] {
        &self.planes[2]
    }
}

/// ITU-R BT.709-6, 3.2 and 3.4, in 16 bits after the point.
fn convert([r, g, b]: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = [r, g, b].map(f32::from);
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let value =
        |offset: f32, range: f32, value: f32| (offset + range / 255.0 * value).round() as u8;
    [
        value(16.0, 219.0, y),
        value(128.0, 224.0, (b - y) / 1.8556),
        value(128.0, 224.0, (r - y) / 1.5748),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_are_those_of_the_standard() {
        assert_eq!(convert([0; 3]), [16, 128, 128]);
        assert_eq!(convert([255; 3]), [235, 128, 128]);
        // The color bars of BT.709.
        assert_eq!(convert([255, 0, 0]), [63, 102, 240]);
        assert_eq!(convert([0, 255, 0]), [173, 42, 26]);
        assert_eq!(convert([0, 0, 255]), [32, 240, 118]);
    }

    #[test]
    fn every_scale_keeps_each_pixel_where_it_is() {
        for scale in 1..=6 {
            let settings = FilmSettings { width: 16, height: 16, scale, replaces: false };
            let mut picture = vec![[255, 255, 255, 255]; 256];
            picture[16 * 4 + 6] = [0, 0, 255, 255];
            let mut yuv = Yuv::new(&settings);
            yuv.take(&picture, &settings);
            let (scale, width) = (scale as usize, 16 * scale as usize);
            let dark = yuv.y().iter().map(|&y| (y == 32) as usize).sum::<usize>();
            assert_eq!((dark, yuv.y()[4 * scale * width + 6 * scale]), (scale * scale, 32));
            let blue = yuv.u()[(4 * scale).div_ceil(2) * (width / 2) + (6 * scale).div_ceil(2)];
            assert_eq!(blue, if scale == 1 { 156 } else { 240 }, "scale {scale}");
        }
    }
}
