//! Colours that sRGB cannot show.

use super::{Lab, lab_to_linear};

/// How far linear light may leave 0 to 1 in gamut: less than a tenth of an 8-bit step of sRGB,
/// which is steepest at black.
const SLACK: f64 = 2e-5;

/// No colour of sRGB has more chroma; blue has 133.8.
const MOST_CHROMA: f64 = 134.0;

/// Samples of a ray from grey outwards, and halvings between two of them. The error is below
/// 1e-5 CIELAB units.
const SAMPLES: u32 = 32;
const HALVINGS: u32 = 20;

/// Whether 8-bit sRGB can show `lab`, up to rounding.
pub fn in_gamut(lab: Lab) -> bool {
    fits(lab_to_linear(lab.l as f64, lab.a as f64, lab.b as f64), 1.0)
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
    // Half the slack leaves room for the result's rounding to f32.
    let inside = |share: f64| fits(lab_to_linear(l, a * share, b * share), 0.5);
    let most = (MOST_CHROMA / a.hypot(b)).min(1.0);
    if inside(most) {
        return most;
    }
    // From the outside: the gamut has a dent in front of yellow (L* 95-98, hue 101-104 degrees),
    // where a ray leaves it twice. No grey of a shade is that light but white.
    let step = most / SAMPLES as f64;
    let sample = (1..SAMPLES).rev().map(|i| i as f64 * step).find(|&share| inside(share));
    let mut low = sample.unwrap_or(0.0);
    let mut high = low + step;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        *(if inside(middle) { &mut low } else { &mut high }) = middle;
    }
    low
}

fn fits(linear: [f64; 3], slack: f64) -> bool {
    let slack = slack * SLACK;
    linear.iter().all(|light| (-slack..=1.0 + slack).contains(light))
}
