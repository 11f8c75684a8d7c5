//! How different two colours look.

use std::f64::consts::TAU;

use super::Lab;

/// Half a turn, and a little: opposite hues fall on either side by rounding alone.
const HALF_TURN: f64 = TAU / 2.0 + 1e-12;

/// 25 to the seventh power.
const POW25_7: f64 = 6_103_515_625.0;

/// CIEDE2000, the CIE's color difference of 2000, with all weights 1: 1 is about the smallest
/// difference that is seen; black against white gives 100.
///
/// As in Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", 2005.
pub fn ciede2000(x: Lab, y: Lab) -> f32 {
    let (x, y) = ([x.l, x.a, x.b].map(f64::from), [y.l, y.a, y.b].map(f64::from));
    let stretch = 1.0 + 0.5 * (1.0 - saturation(f64::midpoint(x[1].hypot(x[2]), y[1].hypot(y[2]))));
    let (c1, h1) = polar(x[1] * stretch, x[2]);
    let (c2, h2) = polar(y[1] * stretch, y[2]);

    let turn = hue_turn(c1, h1, c2, h2);
    let (dl, dc) = (y[0] - x[0], c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).sin();

    let from_middle = (f64::midpoint(x[0], y[0]) - 50.0).powi(2);
    let (chroma, hue) = (f64::midpoint(c1, c2), mean_hue(c1, h1, c2, h2));
    let dl = dl / (1.0 + 0.015 * from_middle / (20.0 + from_middle).sqrt());
    let dc = dc / (1.0 + 0.045 * chroma);
    let dh = dh / (1.0 + 0.015 * chroma * hue_weight(hue));
    let square = dl * dl + dc * dc + dh * dh + rotation(chroma, hue) * dc * dh;
    square.max(0.0).sqrt() as f32
}

/// 0 for grey to 1 for strong colours.
fn saturation(chroma: f64) -> f64 {
    let c7 = chroma.powi(7);
    (c7 / (c7 + POW25_7)).sqrt()
}

/// Chroma, and hue in radians from 0 to a full turn.
fn polar(a: f64, b: f64) -> (f64, f64) {
    let hue = if a == 0.0 && b == 0.0 { 0.0 } else { b.atan2(a).rem_euclid(TAU) };
    (a.hypot(b), hue)
}

/// From hue `h1` to `h2` the short way; 0 where one of the colours is grey.
fn hue_turn(c1: f64, h1: f64, c2: f64, h2: f64) -> f64 {
    let turn = h2 - h1;
    if c1 * c2 == 0.0 {
        0.0
    } else if turn > HALF_TURN {
        turn - TAU
    } else if turn < -HALF_TURN {
        turn + TAU
    } else {
        turn
    }
}

fn mean_hue(c1: f64, h1: f64, c2: f64, h2: f64) -> f64 {
    let sum = h1 + h2;
    if c1 * c2 == 0.0 {
        sum
    } else if (h1 - h2).abs() <= HALF_TURN {
        sum / 2.0
    } else if sum < TAU {
        f64::midpoint(sum, TAU)
    } else {
        (sum - TAU) / 2.0
    }
}

fn hue_weight(h: f64) -> f64 {
    let degrees = f64::to_radians;
    1.0 - 0.17 * (h - degrees(30.0)).cos()
        + 0.24 * (2.0 * h).cos()
        + 0.32 * (3.0 * h + degrees(6.0)).cos()
        - 0.20 * (4.0 * h - degrees(63.0)).cos()
}

/// The term that turns the ellipses of blue colours.
fn rotation(chroma: f64, hue: f64) -> f64 {
    let distance = (hue.to_degrees() - 275.0) / 25.0;
    let angle = 60f64.to_radians() * (-distance * distance).exp();
    -2.0 * saturation(chroma) * angle.sin()
}
