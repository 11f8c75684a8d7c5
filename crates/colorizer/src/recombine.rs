//! Lightness and chroma back to a picture, fast.

mod boundary;
mod shades;

use std::array;
use std::sync::LazyLock;

use gameboy::WIDTH;

use crate::lab::{DELTA, Lab, encode, lab_to_srgb, light_of_white};
use crate::rgba::{RgbaFrame, opaque};
use crate::{Chroma, Luma};
use boundary::Boundary;
pub use shades::recombine_shades;

/// Paints `out` with the lightness of one frame and the chroma of another, or of the same.
///
/// Colours that sRGB cannot show keep lightness and hue and lose chroma, as by
/// [`lab::to_gamut`](crate::lab::to_gamut). No channel is further than 1 from
/// [`lab::lab_to_srgb`](crate::lab::lab_to_srgb).
pub fn recombine(luma: &Luma, chroma: &Chroma, out: &mut RgbaFrame) {
    let across = WIDTH / chroma.width();
    let down = gameboy::HEIGHT / chroma.height();
    let (mut a, mut b) = ([0.0; WIDTH], [0.0; WIDTH]);
    let (lumas, _) = luma.values().as_chunks();
    let (lines, _) = out.pixels_mut().as_chunks_mut();
    for (y, (l, out)) in lumas.iter().zip(lines).enumerate() {
        if y % down == 0 {
            let start = y / down * chroma.width();
            spread(&chroma.a()[start..], &mut a, across);
            spread(&chroma.b()[start..], &mut b, across);
        }
        paint_line(l, &a, &b, out);
    }
}

/// As [`recombine`], for pictures of any size: `l`, `a`, `b` in CIELAB units and `out` have one
/// entry per pixel.
///
/// # Panics
/// If the lengths differ.
pub fn recombine_pixels(l: &[f32], a: &[f32], b: &[f32], out: &mut [[u8; 4]]) {
    let len = out.len();
    assert!(
        [l, a, b].iter().all(|plane| plane.len() == len),
        "planes of {}, {} and {} values for {len} pixels",
        l.len(),
        a.len(),
        b.len()
    );
    let chroma = a.chunks(WIDTH).zip(b.chunks(WIDTH));
    for ((l, (a, b)), out) in l.chunks(WIDTH).zip(chroma).zip(out.chunks_mut(WIDTH)) {
        paint_part(l, a, b, out);
    }
}

/// Makes the tables now rather than at the first frame; they take some milliseconds.
pub fn prepare() {
    LazyLock::force(&TABLES);
}

/// One value for each pixel of a line.
type Plane = [f32; WIDTH];

/// Steps of [`Tables::srgb`] from dark to light. One is a fifth of an 8-bit step at black, where
/// sRGB is steepest.
const STEPS: usize = 1 << 14;

/// As the exact gamut's: a tenth of an 8-bit step at black.
const SLACK: f32 = 2e-5;

struct Tables {
    /// 8-bit sRGB by linear light, `STEPS` for 1.
    srgb: Box<[u8; STEPS + 1]>,
    /// How much X, Y and Z of white add to red, green and blue.
    white: [[f32; 3]; 3],
    boundary: Boundary,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let srgb: Box<[u8; STEPS + 1]> =
        Box::new(array::from_fn(|step| (encode(step as f64 / STEPS as f64) * 255.0).round() as u8));
    Tables {
        white: light_of_white().map(|row| row.map(|x| x as f32)),
        boundary: Boundary::new(|light| srgb[step_of(light as f32) as usize]),
        srgb,
    }
});

/// Repeats each value `times` times until `line` is full.
fn spread(values: &[f32], line: &mut Plane, times: usize) {
    for (block, &value) in line.chunks_exact_mut(times).zip(values) {
        block.fill(value);
    }
}

/// What one pass over a line leaves for the next. Planes of one element size and a fixed length:
/// the compiler makes vector code of loops over these.
struct Line {
    /// Entries of [`Tables::srgb`] for red, green and blue.
    steps: [[u32; WIDTH]; 3],
    /// 1 where sRGB has the colour, else 0.
    fits: [u32; WIDTH],
}

/// Paints at most `WIDTH` pixels; all slices have one length.
fn paint_part(l: &[f32], a: &[f32], b: &[f32], out: &mut [[u8; 4]]) {
    let full = |values: &[f32]| {
        let mut line = [0.0; WIDTH];
        line[..values.len()].copy_from_slice(values);
        line
    };
    let mut painted = [[0; 4]; WIDTH];
    paint_line(&full(l), &full(a), &full(b), &mut painted);
    out.copy_from_slice(&painted[..out.len()]);
}

fn paint_line(l: &Plane, a: &Plane, b: &Plane, out: &mut [[u8; 4]; WIDTH]) {
    let tables = &*TABLES;
    let mut line = Line { steps: [[0; WIDTH]; 3], fits: [1; WIDTH] };
    line.find_steps(l, a, b, &tables.white);
    let inside =
        |i: usize| opaque(line.steps.each_ref().map(|steps| tables.srgb[steps[i] as usize]));
    if !line.fits.contains(&0) {
        *out = array::from_fn(inside);
        return;
    }
    let mut hues = [0; WIDTH];
    tables.boundary.find(l, a, b, &mut hues);
    // Both ways for every pixel: which one it takes is hard to predict, and a wrong guess costs
    // more than a look-up.
    for i in 0..WIDTH {
        let (inside, outside) = (inside(i), tables.boundary.color(hues[i]));
        let mask = line.fits[i].wrapping_neg();
        let chosen = u32::from_ne_bytes(inside) & mask | u32::from_ne_bytes(outside) & !mask;
        out[i] = chosen.to_ne_bytes();
    }
    if hues.contains(&boundary::UNKNOWN) {
        for i in (0..WIDTH).filter(|&i| line.fits[i] == 0 && hues[i] == boundary::UNKNOWN) {
            out[i] = opaque(lab_to_srgb(Lab::new(l[i], a[i], b[i])));
        }
    }
}

impl Line {
    fn find_steps(&mut self, l: &Plane, a: &Plane, b: &Plane, white: &[[f32; 3]; 3]) {
        let (mut xs, mut ys, mut zs) = ([0.0; WIDTH], [0.0; WIDTH], [0.0; WIDTH]);
        for i in 0..WIDTH {
            let fy = (l[i] + 16.0) * (1.0 / 116.0);
            xs[i] = backward(fy + a[i] * (1.0 / 500.0));
            ys[i] = backward(fy);
            zs[i] = backward(fy - b[i] * (1.0 / 200.0));
        }
        for (row, steps) in white.iter().zip(&mut self.steps) {
            for i in 0..WIDTH {
                let light = row[0] * xs[i] + row[1] * ys[i] + row[2] * zs[i];
                self.fits[i] &= u32::from(light >= -SLACK) & u32::from(light <= 1.0 + SLACK);
                steps[i] = step_of(light);
            }
        }
    }
}

/// The nearest entry of [`Tables::srgb`].
fn step_of(light: f32) -> u32 {
    let bounded = if light > 0.0 { light } else { 0.0 };
    let bounded = if bounded < 1.0 { bounded } else { 1.0 };
    // Added to 2^23 a number is rounded to whole, in the low bits; a cast would be slower.
    (bounded * STEPS as f32 + 8_388_608.0).to_bits() & 0x7FFF
}

fn backward(f: f32) -> f32 {
    const D: f32 = DELTA as f32;
    let line = 3.0 * D * D * (f - 4.0 / 29.0);
    if f > D { f * f * f } else { line }
}

#[cfg(test)]
mod tests {
    use gameboy::{HEIGHT, PIXELS};

    use super::*;
    use crate::luma::SHADES;

    /// The largest difference of a channel from the exact path.
    fn worst(l: &[f32], a: &[f32], b: &[f32]) -> u8 {
        let mut out = vec![[0; 4]; l.len()];
        recombine_pixels(l, a, b, &mut out);
        let exact = (0..l.len()).map(|i| opaque(lab_to_srgb(Lab::new(l[i], a[i], b[i]))));
        let pairs = out.iter().flatten().zip(exact.flatten().collect::<Vec<_>>());
        pairs.map(|(one, other)| one.abs_diff(other)).max().expect("some pixels")
    }

    /// A grid over the a*b* plane, on no round numbers.
    fn grid(step: f32) -> impl Iterator<Item = (f32, f32)> + Clone {
        let axis = (0..).map(move |i| -128.0 + step * i as f32).take_while(|&x| x < 128.0);
        axis.clone().flat_map(move |a| axis.clone().map(move |b| (a, b)))
    }

    #[test]
    fn shades_of_any_chroma_are_within_one_of_the_exact_color() {
        for l in *SHADES {
            let (a, b): (Vec<_>, Vec<_>) = grid(0.93).unzip();
            let worst = worst(&vec![l; a.len()], &a, &b);
            assert!(worst <= 1, "L* {l}: {worst}");
        }
    }

    #[test]
    fn any_lightness_is_within_one_of_the_exact_color() {
        let all = (0..=20).flat_map(|l| grid(7.7).map(move |(a, b)| [l as f32 * 5.0, a, b]));
        let all: Vec<_> = all.collect();
        let plane = |i: usize| all.iter().map(|lab| lab[i]).collect::<Vec<_>>();
        assert!(worst(&plane(0), &plane(1), &plane(2)) <= 1);
    }

    #[test]
    fn without_chroma_shades_are_their_greys() {
        let l: Vec<_> = SHADES.to_vec();
        let mut out = [[1; 4]; 4];
        recombine_pixels(&l, &[0.0; 4], &[0.0; 4], &mut out);
        assert_eq!(out, crate::GREY_LEVELS.map(|grey| [grey, grey, grey, 0xFF]));
    }

    #[test]
    fn nonsense_is_painted_as_the_exact_path_paints_it() {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30, 5.0, 0.0];
        for l in [SHADES[0], SHADES[1], SHADES[2], SHADES[3], 50.0, f32::NAN, f32::INFINITY, -3.0] {
            for (a, b) in odd.iter().flat_map(|&a| odd.map(|b| (a, b))) {
                assert!(worst(&[l], &[a], &[b]) <= 1, "L* {l}, a* {a}, b* {b}");
            }
        }
    }

    #[test]
    fn small_planes_are_painted_as_if_spread_over_the_screen() {
        let luma = Luma::from_values(&std::array::from_fn(|i| SHADES[i * 7 / 5 % 4]));
        for (width, height) in [(80, 72), (160, 72), (32, 16), (1, 1)] {
            let mut small = Chroma::with_size(width, height).expect("a divisor");
            let (a, b) = small.planes_mut();
            for (i, (a, b)) in a.iter_mut().zip(b).enumerate() {
                (*a, *b) = ((i * 37 % 101) as f32 - 50.0, (i * 53 % 97) as f32 - 48.0);
            }
            let mut large = Chroma::new();
            for i in 0..PIXELS {
                let [a, b] = small.at(i % WIDTH, i / WIDTH);
                let planes = large.planes_mut();
                (planes.0[i], planes.1[i]) = (a, b);
            }
            let (mut one, mut other) = (RgbaFrame::new(), RgbaFrame::new());
            recombine(&luma, &small, &mut one);
            recombine(&luma, &large, &mut other);
            assert!(one == other, "{width}x{height}");
            assert_eq!(one.pixels().len(), WIDTH * HEIGHT);
        }
    }

    #[test]
    #[should_panic(expected = "planes of 2, 1 and 2 values for 2 pixels")]
    fn planes_of_other_lengths_are_refused() {
        recombine_pixels(&[0.0; 2], &[0.0; 1], &[0.0; 2], &mut [[0; 4]; 2]);
    }
}
