//! Colour conversion against scikit-image and published figures.

use std::path::PathBuf;

use colorizer::lab::{
    Lab, ciede2000, in_gamut, lab_to_srgb, lab_to_srgb_unbounded, srgb_to_lab, to_gamut,
};
use colorizer::{GREY_LEVELS, rgb555_to_srgb};

/// What `reference.py` wrote: the sample in the repository.
const SAMPLE: &str = include_str!("reference.txt");

/// The 34 pairs of Sharma, Wu and Dalal, 2005, table 1.
const SHARMA: &str = include_str!("sharma.txt");

/// The numbers of each line that begins with `keyword`.
fn lines<'a>(text: &'a str, keyword: &'a str) -> impl Iterator<Item = Vec<f64>> + 'a {
    text.lines().filter_map(move |line| {
        let numbers = line.strip_prefix(keyword)?.split_whitespace();
        Some(numbers.map(|number| number.parse().expect("a number")).collect())
    })
}

fn lab(numbers: &[f64]) -> Lab {
    Lab::new(numbers[0] as f32, numbers[1] as f32, numbers[2] as f32)
}

fn rgb555_to_lab(color: u16) -> Lab {
    srgb_to_lab(rgb555_to_srgb(color))
}

/// The largest difference of the three coordinates.
fn apart(one: Lab, other: Lab) -> f32 {
    (one.l - other.l).abs().max((one.a - other.a).abs()).max((one.b - other.b).abs())
}

/// Largest difference from `rgb2lab`, and from `lab2rgb` with 8 bits as the unit; and how many
/// colours of each were compared.
fn compare(reference: &str) -> [(f64, usize); 2] {
    let (mut to, mut from) = ((0.0f64, 0), (0.0f64, 0));
    for numbers in lines(reference, "lab ") {
        let difference = apart(rgb555_to_lab(numbers[0] as u16), lab(&numbers[1..]));
        to = (to.0.max(f64::from(difference)), to.1 + 1);
    }
    for numbers in lines(reference, "rgb ") {
        let rgb = lab_to_srgb_unbounded(lab(&numbers));
        let difference =
            rgb.iter().zip(&numbers[3..]).map(|(one, other)| (one - other).abs() * 255.0);
        from = (difference.fold(from.0, f64::max), from.1 + 1);
    }
    [to, from]
}

#[test]
fn agrees_with_scikit_image_on_the_sample() {
    let [to, from] = compare(SAMPLE);
    assert!(to.1 == 243 && to.0 < 0.01, "rgb2lab: {to:?}");
    assert!(from.1 == 200 && from.0 < 0.1, "lab2rgb: {from:?}");
}

#[test]
fn agrees_with_scikit_image_on_all_colors() {
    let Some(path) = std::env::var_os("CHROMABOY_SKIMAGE").map(PathBuf::from) else {
        println!("skipped: CHROMABOY_SKIMAGE names no output of reference.py --all");
        return;
    };
    let reference = std::fs::read_to_string(&path).expect("CHROMABOY_SKIMAGE can be read");
    let [to, from] = compare(&reference);
    println!("largest difference and number of colours: rgb2lab {to:?}, lab2rgb {from:?}");
    assert!(to.1 == 0x8000 && to.0 < 0.01, "rgb2lab: {to:?}");
    assert!(from.1 == 4000 && from.0 < 0.1, "lab2rgb: {from:?}");
}

#[test]
fn sums_over_all_colors_are_those_of_scikit_image() {
    let sums: Vec<_> = lines(SAMPLE, "sum ").collect();
    assert_eq!(sums.len(), 32);
    for numbers in sums {
        let red = numbers[0] as u16;
        let colors = (0..0x400).map(|rest| rgb555_to_lab(rest << 5 | red));
        let sum = colors.fold([0.0; 3], |sum, lab| {
            [sum[0] + lab.l as f64, sum[1] + lab.a as f64, sum[2] + lab.b as f64]
        });
        for (sum, expected) in sum.iter().zip(&numbers[1..]) {
            assert!((sum - expected).abs() / 1024.0 < 0.005, "red {red}: {sum}, not {expected}");
        }
    }
}

#[test]
fn differences_are_those_of_scikit_image_and_of_sharma() {
    let (skimage, sharma) = (lines(SAMPLE, "difference "), lines(SHARMA, "sharma "));
    let pairs: Vec<_> = skimage.chain(sharma).collect();
    assert_eq!(pairs.len(), 200 + 34);
    for pair in pairs {
        let (one, other) = (lab(&pair), lab(&pair[3..]));
        for difference in [ciede2000(one, other), ciede2000(other, one)] {
            assert!((difference as f64 - pair[6]).abs() < 1e-4, "{pair:?} gives {difference}");
        }
    }
}

#[test]
fn every_rgb555_color_returns_from_lab() {
    for color in 0..0x8000 {
        let rgb = rgb555_to_srgb(color);
        let lab = srgb_to_lab(rgb);
        assert!(in_gamut(lab), "{rgb:?} is {lab:?}");
        assert_eq!(lab_to_srgb(lab), rgb);
    }
}

#[test]
fn greys_have_no_color() {
    for grey in 0..=255 {
        let lab = srgb_to_lab([grey; 3]);
        assert!(lab.chroma() < 1e-4, "{grey} is {lab:?}");
        assert_eq!(lab_to_srgb(lab), [grey; 3]);
    }
}

#[test]
fn corners_of_the_gamut_are_inside_and_touch_the_boundary() {
    for corner in 1..7 {
        let rgb = [0, 1, 2].map(|channel| if corner >> channel & 1 == 0 { 0 } else { 255 });
        let lab = srgb_to_lab(rgb);
        assert_eq!(to_gamut(lab), lab);
        // Yellow is the tip of a spike: the ray from grey to it runs outside the gamut.
        if rgb == [255, 255, 0] {
            continue;
        }
        let beyond = Lab::new(lab.l, lab.a * 1.3, lab.b * 1.3);
        assert!(!in_gamut(beyond), "{beyond:?}");
        assert!(apart(to_gamut(beyond), lab) < 0.1, "{rgb:?}: {:?}, not {lab:?}", to_gamut(beyond));
        assert_eq!(lab_to_srgb(beyond), rgb);
    }
}

#[test]
fn mapping_into_the_gamut_keeps_lightness_and_hue() {
    for step in 0..40_000 {
        let (l, hue) = ((step % 99 + 1) as f32, (step as f32 * 0.7) % 360.0);
        let (sin, cos) = hue.to_radians().sin_cos();
        let wanted = Lab::new(l, 180.0 * cos, 180.0 * sin);
        let mapped = to_gamut(wanted);
        let rgb = lab_to_srgb_unbounded(mapped);
        assert!(in_gamut(mapped) && !in_gamut(wanted));
        assert!(rgb.iter().all(|channel| (-0.0004..1.0004).contains(channel)), "{rgb:?}");
        let turned = (mapped.hue() - hue + 540.0) % 360.0 - 180.0;
        assert!(
            turned.abs() < 0.5 && mapped.l.to_bits() == l.to_bits(),
            "{wanted:?} became {mapped:?}"
        );
        let share = Lab::new(l, mapped.a + 0.2 * cos, mapped.b + 0.2 * sin);
        assert!(!in_gamut(share), "{mapped:?} could have more chroma");
    }
}

#[test]
fn at_the_lightness_of_shades_a_ray_of_hue_leaves_the_gamut_only_once() {
    for hue in (0..720).map(|half| (half as f32 / 2.0).to_radians()) {
        for l in GREY_LEVELS[1..3].iter().map(|&grey| srgb_to_lab([grey; 3]).l) {
            let ray = (0..280).map(|half| half as f32 / 2.0);
            let mut outside = ray.map(|c| !in_gamut(Lab::new(l, c * hue.cos(), c * hue.sin())));
            assert!(outside.any(|out| out), "the gamut ends");
            assert!(outside.all(|out| out), "L* {l}, hue {hue} rad");
        }
    }
}

#[test]
fn nonsense_becomes_some_color() {
    assert_eq!(lab_to_srgb(Lab::new(f32::NAN, f32::NAN, f32::NAN)), [0, 0, 0]);
    assert_eq!(lab_to_srgb(Lab::new(f32::INFINITY, 3.0, 3.0)), [255, 255, 255]);
    assert_eq!(lab_to_srgb(Lab::new(-20.0, 0.0, 0.0)), [0, 0, 0]);
    let [red, green, blue] = lab_to_srgb(Lab::new(50.0, f32::INFINITY, f32::NEG_INFINITY));
    assert!(red > green && blue > green);
}
