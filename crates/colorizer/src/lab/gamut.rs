//! Colours that sRGB cannot show.

use super::{Lab, lab_to_linear};

/// How far linear light may leave 0 to 1 before a colour counts as out of gamut: less than a
/// tenth of an 8-bit step where sRGB is steepest.
const SLACK: f64 = 2e-5;

/// Halvings of the chroma's range; 24 leave an error below 1e-5 CIELAB units.
const HALVINGS: usize = 24;

/// Whether 8-bit sRGB can show `lab`, up to rounding.
pub fn in_gamut(lab: Lab) -> bool {
    fits(lab_to_linear(lab.l as f64, lab.a as f64, lab.b as f64))
}

/// The colour of the same lightness and hue angle that sRGB can show, with as much of the chroma
/// as possible.
///
/// Lightness is limited to 0-100. A value that is not a number counts as 0.
pub fn to_gamut(lab: Lab) -> Lab {
    let finite = |value: f32| if value.is_nan() { 0.0 } else { value };
    let lab = Lab {
        l: finite(lab.l).clamp(0.0, 100.0),
        a: finite(lab.a).clamp(-1e4, 1e4),
        b: finite(lab.b).clamp(-1e4, 1e4),
    };
    if in_gamut(lab) {
        return lab;
    }
    let share = boundary(lab.l as f64, lab.a as f64, lab.b as f64) as f32;
    Lab { l: lab.l, a: lab.a * share, b: lab.b * share }
}

/// The largest share (0 to 1) of the chroma (`a`, `b`) that fits at lightness `l`.
pub fn boundary(l: f64, a: f64, b: f64) -> f64 {
    let (mut inside, mut outside) = (0.0, 1.0);
    // The gamut is star-shaped around grey: one crossing on each ray of constant lightness.
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(inside, outside);
        if fits(lab_to_linear(l, a * middle, b * middle)) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}

fn fits(linear: [f64; 3]) -> bool {
    linear.iter().all(|light| (-SLACK..=1.0 + SLACK).contains(light))
}
