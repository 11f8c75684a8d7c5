//! The figures.

use colorizer::lab::{ciede2000, srgb_to_lab};

use super::method::Painted;
use super::regions::{Cells, Regions};

/// The steps in which CIEDE2000 is counted for its percentile.
const STEP: f32 = 0.1;
const STEPS: usize = 1500;
/// From this move of a cell's chroma on, in CIELAB units, it has flipped: about what is seen.
pub const FLIP: f32 = 5.0;

/// How near pictures are to the truth. Lower is better but for the colorfulness, which is best
/// at 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The mean squared error of a*/128 and b*/128, the article's figure.
    pub ab_mse: f64,
    /// The mean CIEDE2000 of all pixels as they are shown.
    pub delta_e: f64,
    /// The CIEDE2000 that 95 % of the pixels stay below.
    pub delta_e_95: f64,
    /// [`colorfulness`] by that of the truth.
    pub colorfulness: f64,
    /// Bleed: the root of the mean squared distance, in CIELAB units of a* and b* as they are
    /// shown, of a pixel from the mean of its region. A region is connected pixels of one layer, tile, palette and
    /// color index; the true picture has one color in each. `None` where no provenance is known.
    pub bleed: Option<f64>,
    /// Flips: of the whole cells of the background that successive samples of a session have in
    /// common, at the same place of the scrolled map and with the same true colors, the share
    /// whose mean a* and b*, as shown, have moved by 5 units or more. `None` where there is no such cell.
    pub flips: Option<f64>,
}

/// Sums over the frames of a game.
#[derive(Clone, Debug)]
pub struct Tally {
    squares: f64,
    pixels: u64,
    delta_e: f64,
    counts: Vec<u64>,
    colorfulness: f64,
    true_colorfulness: f64,
    spread: f64,
    spread_pixels: u64,
    cells: u64,
    flips: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            squares: 0.0,
            pixels: 0,
            delta_e: 0.0,
            counts: vec![0; STEPS + 1],
            colorfulness: 0.0,
            true_colorfulness: 0.0,
            spread: 0.0,
            spread_pixels: 0,
            cells: 0,
            flips: 0,
        }
    }
}

impl Tally {
    /// Compares a picture with the truth.
    pub fn add(&mut self, painted: &Painted, truth: &Painted) {
        for (&[a, b], &[true_a, true_b]) in painted.chroma.iter().zip(&truth.chroma) {
            self.squares += ((a - true_a).powi(2) + (b - true_b).powi(2)) as f64;
        }
        // Neighbors are alike as a rule.
        let mut last = ([0; 3], [0; 3], 0.0);
        for (&shown, &wanted) in painted.rgb.iter().zip(&truth.rgb) {
            if (shown, wanted) != (last.0, last.1) {
                let difference = ciede2000(srgb_to_lab(shown), srgb_to_lab(wanted));
                last = (shown, wanted, difference);
            }
            self.delta_e += last.2 as f64;
            self.counts[((last.2 / STEP) as usize).min(STEPS)] += 1;
        }
        self.pixels += painted.rgb.len() as u64;
        self.colorfulness += colorfulness(&painted.rgb);
        self.true_colorfulness += colorfulness(&truth.rgb);
    }

    /// `shown` is the a* and b* of a picture as it is shown.
    pub fn add_bleed(&mut self, regions: &Regions, shown: &[[f32; 2]]) {
        self.spread += regions.spread(shown);
        self.spread_pixels += shown.len() as u64;
    }

    pub fn add_flips(&mut self, before: &Cells, after: &Cells) {
        for moved in before.moves(after) {
            self.cells += 1;
            self.flips += (moved >= FLIP) as u64;
        }
    }

    pub fn score(&self) -> Score {
        let pixels = self.pixels.max(1) as f64;
        let spread = self.spread / self.spread_pixels.max(1) as f64;
        let flips = self.flips as f64 / self.cells.max(1) as f64;
        Score {
            ab_mse: self.squares / pixels / 2.0 / (128.0 * 128.0),
            delta_e: self.delta_e / pixels,
            delta_e_95: self.percentile(0.95),
            colorfulness: self.colorfulness / self.true_colorfulness.max(1e-9),
            bleed: (self.spread_pixels > 0).then_some(spread.sqrt()),
            flips: (self.cells > 0).then_some(flips),
        }
    }

    /// The upper end of the step in which the share is reached.
    fn percentile(&self, share: f64) -> f64 {
        let mut below = 0;
        let wanted = share * self.pixels as f64;
        let step = self.counts.iter().position(|&count| {
            below += count;
            below as f64 >= wanted
        });
        (step.unwrap_or(STEPS) + 1) as f64 * STEP as f64
    }
}

/// How colorful a picture is: the spread of red-green and yellow-blue, and 0.3 times how far
/// their means are from grey. In 8-bit units: 0 for grey, above 100 for what is called extremely
/// colorful.
///
/// Hasler and Süsstrunk, "Measuring colourfulness in natural images", 2003.
pub fn colorfulness(rgb: &[[u8; 3]]) -> f64 {
    let mut sums = [0.0f64; 4];
    for &pixel in rgb {
        let [r, g, b] = pixel.map(f64::from);
        let (rg, yb) = (r - g, f64::midpoint(r, g) - b);
        sums = [sums[0] + rg, sums[1] + yb, sums[2] + rg * rg, sums[3] + yb * yb];
    }
    let [rg, yb, rg2, yb2] = sums.map(|sum| sum / rgb.len().max(1) as f64);
    let variance = (rg2 - rg * rg + yb2 - yb * yb).max(0.0);
    variance.sqrt() + 0.3 * rg.hypot(yb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(rgb: [u8; 3]) -> Painted {
        let lab = srgb_to_lab(rgb);
        Painted { chroma: vec![[lab.a, lab.b]; 100], rgb: vec![rgb; 100] }
    }

    #[test]
    fn colorfulness_is_that_of_the_paper() {
        assert!(colorfulness(&[[90; 3]; 7]).abs() < 1e-9);
        // One color: no spread, and the mean of red is (255, 127.5).
        let red = 0.3 * 255f64.hypot(127.5);
        assert!((colorfulness(&[[255, 0, 0]; 3]) - red).abs() < 1e-9);
        // Red and blue alike: rg is 255 and 0, yb 127.5 and -255.
        let both = (127.5f64.powi(2) + 191.25f64.powi(2)).sqrt() + 0.3 * 127.5f64.hypot(63.75);
        assert!((colorfulness(&[[255, 0, 0], [0, 0, 255]]) - both).abs() < 1e-9);
    }

    #[test]
    fn the_truth_itself_has_no_error() {
        let mut tally = Tally::default();
        tally.add(&painted([200, 30, 90]), &painted([200, 30, 90]));
        let score = tally.score();
        assert_eq!((score.ab_mse, score.delta_e, score.colorfulness), (0.0, 0.0, 1.0));
        assert!((score.delta_e_95 - 0.1).abs() < 1e-6);
        assert_eq!((score.bleed, score.flips), (None, None));
    }

    #[test]
    fn grey_is_as_wrong_as_the_truth_is_colored() {
        let mut tally = Tally::default();
        let mut truth = painted([200, 30, 90]);
        tally.add(&painted([119; 3]), &truth);
        // Nine in ten pixels right: the worst tenth lies above the percentile.
        truth = painted([119; 3]);
        for _ in 0..19 {
            tally.add(&painted([119; 3]), &truth);
        }
        let lab = srgb_to_lab([200, 30, 90]);
        let expected = (lab.a as f64).powi(2) + (lab.b as f64).powi(2);
        let score = tally.score();
        assert!((score.ab_mse * 2.0 * 16384.0 * 20.0 - expected).abs() < 1e-2, "{score:?}");
        let difference = ciede2000(lab, srgb_to_lab([119; 3])) as f64;
        assert!((score.delta_e * 20.0 - difference).abs() < 1e-4);
        assert!(score.delta_e_95 < 0.2 && score.colorfulness == 0.0, "{score:?}");
        tally.add(&painted([119; 3]), &painted([200, 30, 90]));
        assert!((tally.score().delta_e_95 - difference).abs() < 0.2);
    }
}
