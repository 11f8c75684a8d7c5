//! Colours that sRGB cannot show.

use super::{Lab, lab_to_linear, linear};

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
    fits(lab_to_linear(lab), 1.0)
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
fn boundary(l: f64, a: f64, b: f64) -> f64 {
    let most = (MOST_CHROMA / a.hypot(b)).min(1.0);
    if inside(l, a * most, b * most) {
        return most;
    }
    // From the outside: the gamut has a dent in front of yellow (L* 95-98, hue 101-104 degrees),
    // where a ray leaves it twice. No grey of a shade is that light but white.
    let step = most / SAMPLES as f64;
    let mut samples = (1..SAMPLES).rev().map(|i| i as f64 * step);
    let low = samples.find(|&share| inside(l, a * share, b * share)).unwrap_or(0.0);
    bisect(l, [a, b], low, low + step, HALVINGS)
}

/// The share of the chroma `ab` where it leaves the gamut, which lies between `low` and `high`.
fn bisect(l: f64, [a, b]: [f64; 2], mut low: f64, mut high: f64, halvings: u32) -> f64 {
    for _ in 0..halvings {
        let middle = f64::midpoint(low, high);
        *(if inside(l, a * middle, b * middle) { &mut low } else { &mut high }) = middle;
    }
    low
}

/// The colour of lightness `l` and the hue of (`a`, `b`), a vector of length 1, at the boundary.
///
/// Faster than [`to_gamut`], but only right where a ray of that lightness leaves the gamut once.
pub fn most_colorful(l: f32, a: f32, b: f32) -> Lab {
    let ab = [a as f64 * MOST_CHROMA, b as f64 * MOST_CHROMA];
    let share = bisect(l as f64, ab, 0.0, 1.0, 18);
    Lab { l, a: (ab[0] * share) as f32, b: (ab[1] * share) as f32 }
}

/// Half the slack leaves room for a result's rounding to f32.
fn inside(l: f64, a: f64, b: f64) -> bool {
    fits(linear(l, a, b), 0.5)
}

fn fits(linear: [f64; 3], slack: f64) -> bool {
    let slack = slack * SLACK;
    linear.iter().all(|light| (-slack..=1.0 + slack).contains(light))
}
