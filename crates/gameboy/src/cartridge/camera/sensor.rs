//! The sensor M64282FP and the thresholds that make four shades of its picture. Gain and offset
//! are not applied: the host's picture is exposed well already.

use super::REGISTERS;
use crate::memory::Ram;

/// Columns of the picture that the camera takes.
pub const PICTURE_WIDTH: usize = 128;
/// Rows of the picture that the camera takes.
pub const PICTURE_HEIGHT: usize = 112;
/// Pixels of the picture, row by row.
pub const PICTURE_BYTES: usize = PICTURE_WIDTH * PICTURE_HEIGHT;
/// The picture as tiles of two bits a pixel.
pub const PHOTO_BYTES: usize = PICTURE_BYTES / 4;

/// The exposure that leaves the host's picture as it is.
const NEUTRAL_EXPOSURE: i32 = 0x0300;
/// The ratios of the edge enhancement, in quarters.
const EDGE_QUARTERS: [i32; 8] = [2, 3, 4, 5, 8, 12, 16, 20];

/// Pixels from -128 to 127.
type Plane = [i8; PICTURE_BYTES];

/// The time that a capture takes, in M-cycles at normal speed.
pub fn capture_m_cycles(registers: &Ram<REGISTERS>) -> u64 {
    let n = if registers[1] & 0x80 != 0 { 0 } else { 512 };
    32446 + n + 16 * exposure(registers) as u64
}

/// Makes the tiles that the camera leaves in its RAM.
pub fn develop(picture: &Ram<PICTURE_BYTES>, registers: &Ram<REGISTERS>, photo: &mut [u8]) {
    let mut plane = [0; PICTURE_BYTES];
    for (pixel, light) in plane.iter_mut().zip(picture.iter()) {
        *pixel = charge(i32::from(*light), registers);
    }
    filter(&mut plane, registers);
    photo.fill(0);
    for (at, pixel) in plane.iter().enumerate() {
        let (x, y) = (at % PICTURE_WIDTH, at / PICTURE_WIDTH);
        let shade = shade(i32::from(*pixel) + 128, x & 3, y & 3, registers);
        let row = (y / 8 * 16 + x / 8) * 16 + y % 8 * 2;
        photo[row] |= (shade & 1) << (7 - x % 8);
        photo[row + 1] |= (shade >> 1) << (7 - x % 8);
    }
}

fn exposure(registers: &Ram<REGISTERS>) -> i32 {
    i32::from(registers[2]) << 8 | i32::from(registers[3])
}

/// The sensor's range is an eighth of the converter's.
fn charge(light: i32, registers: &Ram<REGISTERS>) -> i8 {
    let exposed = light * exposure(registers) / NEUTRAL_EXPOSURE;
    let value = (128 + (exposed - 128) / 8).clamp(0, 255);
    let inverts = registers[4] & 0x08 != 0;
    clamped(if inverts { 127 - value } else { value - 128 })
}

/// The modes that are documented; in the others the picture is left as it is.
fn filter(plane: &mut Plane, registers: &Ram<REGISTERS>) {
    let alpha = EDGE_QUARTERS[(registers[4] >> 4 & 7) as usize];
    let mode = registers[1] >> 4 & 0x08 | registers[1] >> 4 & 0x06 | registers[4] >> 7;
    match mode {
        0x0 => difference(plane, registers),
        0x1 => plane.fill(0),
        0x2 => {
            enhance(plane, alpha, &[(-1, 0), (1, 0)]);
            difference(plane, registers);
        }
        0xE => enhance(plane, alpha, &[(-1, 0), (1, 0), (0, -1), (0, 1)]),
        _ => {}
    }
}

/// The 1-D filter: bits 1 and 2 of 0xA000 choose what of a pixel and the one below is added or
/// subtracted.
fn difference(plane: &mut Plane, registers: &Ram<REGISTERS>) {
    let (own, below) = match registers[0] >> 1 & 3 {
        0 => (-1, 0),
        1 => (1, 0),
        _ => (1, -1),
    };
    let source = *plane;
    for (at, pixel) in plane.iter_mut().enumerate() {
        let value = own * i32::from(source[at]) + below * neighbor(&source, at, (0, 1));
        *pixel = clamped(value);
    }
}

/// Adds to each pixel how it differs from its neighbors, times `alpha` quarters.
fn enhance(plane: &mut Plane, alpha: i32, neighbors: &[(isize, isize)]) {
    let source = *plane;
    for (at, pixel) in plane.iter_mut().enumerate() {
        let own = i32::from(source[at]);
        let contrast: i32 = neighbors.iter().map(|step| own - neighbor(&source, at, *step)).sum();
        *pixel = clamped(own + contrast * alpha / 4);
    }
}

/// At an edge the pixel itself stands for what is outside.
fn neighbor(plane: &Plane, at: usize, (dx, dy): (isize, isize)) -> i32 {
    let x = (at % PICTURE_WIDTH).saturating_add_signed(dx).min(PICTURE_WIDTH - 1);
    let y = (at / PICTURE_WIDTH).saturating_add_signed(dy).min(PICTURE_HEIGHT - 1);
    i32::from(plane[y * PICTURE_WIDTH + x])
}

fn clamped(value: i32) -> i8 {
    value.clamp(-128, 127) as i8
}

/// Below the first threshold is black, from the third on white.
fn shade(value: i32, x: usize, y: usize, registers: &Ram<REGISTERS>) -> u8 {
    let thresholds = &registers[6 + (y * 4 + x) * 3..][..3];
    match thresholds.iter().position(|threshold| value < i32::from(*threshold)) {
        Some(passed) => 3 - passed as u8,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture as it is, and the thresholds in the middle of what the sensor gives.
    fn registers() -> Ram<REGISTERS> {
        let mut registers = Ram::zeroed();
        (registers[0], registers[2]) = (0x02, 0x03);
        for thresholds in registers[6..].chunks_exact_mut(3) {
            thresholds.copy_from_slice(&[120, 128, 136]);
        }
        registers
    }

    fn photo(picture: impl Fn(usize, usize) -> u8, registers: &Ram<REGISTERS>) -> Vec<u8> {
        let mut pixels = Ram::zeroed();
        for (at, pixel) in pixels.iter_mut().enumerate() {
            *pixel = picture(at % PICTURE_WIDTH, at / PICTURE_WIDTH);
        }
        let mut photo = vec![0; PHOTO_BYTES];
        develop(&pixels, registers, &mut photo);
        photo
    }

    fn shade_at(photo: &[u8], x: usize, y: usize) -> u8 {
        let row = (y / 8 * 16 + x / 8) * 16 + y % 8 * 2;
        (photo[row] >> (7 - x % 8) & 1) | (photo[row + 1] >> (7 - x % 8) & 1) << 1
    }

    #[test]
    fn light_becomes_four_shades() {
        let photo = photo(|x, _| (x / 32 * 85) as u8, &registers());
        assert_eq!([10, 40, 70, 127].map(|x| shade_at(&photo, x, 111)), [3, 2, 1, 0]);
    }

    #[test]
    fn exposure_and_inversion_change_the_light() {
        let mut registers = registers();
        registers[2] = 0x06;
        assert_eq!(shade_at(&photo(|_, _| 80, &registers), 5, 5), 1);
        registers[4] = 0x08;
        assert_eq!(shade_at(&photo(|_, _| 80, &registers), 5, 5), 2);
    }

    #[test]
    fn thresholds_repeat_every_four_pixels() {
        let mut registers = registers();
        registers[6 + (2 * 4 + 1) * 3..][..3].copy_from_slice(&[0, 0, 0]);
        let photo = photo(|_, _| 0, &registers);
        assert_eq!(
            [shade_at(&photo, 1, 2), shade_at(&photo, 5, 110), shade_at(&photo, 2, 1)],
            [0, 0, 3]
        );
    }

    #[test]
    fn edges_are_enhanced() {
        let mut registers = registers();
        let step = |x: usize, _| if x < 64 { 100 } else { 156 };
        assert_eq!(shade_at(&photo(step, &registers), 64, 50), 1);
        (registers[1], registers[4]) = (0xE0, 0x30);
        let photo = photo(step, &registers);
        assert_eq!([62, 63, 64, 65].map(|x| shade_at(&photo, x, 50)), [2, 3, 0, 1]);
    }
}
