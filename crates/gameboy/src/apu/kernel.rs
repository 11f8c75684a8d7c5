//! The band-limited impulse: a windowed sinc, for each of 32 positions between two samples.
//!
//! All is computed when compiling, with additions and multiplications only, so that it is the
//! same on every machine.

pub const PHASES: usize = 32;
pub const TAPS: usize = 16;

/// The taps of each row are whole numbers and add up to this. Sums of steps are whole numbers
/// below 2^24 then, which `f32` holds exactly: nothing is lost over time, and it does not matter
/// in which order they are added.
pub const UNIT: i32 = 1 << 12;

/// Each tap is there for the left and for the right.
pub static KERNEL: [[[f32; 2]; TAPS]; PHASES] = kernel();

/// The cutoff in parts of half the sample rate: above it the window lets some through.
const CUTOFF: f64 = 0.86;
const PI: f64 = std::f64::consts::PI;

const fn kernel() -> [[[f32; 2]; TAPS]; PHASES] {
    let mut rows = [[[0.0; 2]; TAPS]; PHASES];
    let mut phase = 0;
    while phase < PHASES {
        rows[phase] = row(phase);
        phase += 1;
    }
    rows
}

/// The impulse that comes `phase` 32nds after a sample. Its middle is half the taps later.
const fn row(phase: usize) -> [[f32; 2]; TAPS] {
    let mut exact = [0.0; TAPS];
    let mut sum = 0.0;
    let mut tap = 0;
    while tap < TAPS {
        let middle = (TAPS / 2) as f64 - 0.5 + (phase as f64 + 0.5) / PHASES as f64;
        let x = tap as f64 + 0.5 - middle;
        exact[tap] = sinc(CUTOFF * x) * blackman(x / (TAPS / 2) as f64);
        sum += exact[tap];
        tap += 1;
    }
    rounded(exact, UNIT as f64 / sum)
}

/// Carries each rounding error over to the next tap, so that the sum is exact.
const fn rounded(exact: [f64; TAPS], scale: f64) -> [[f32; 2]; TAPS] {
    let mut row = [[0.0; 2]; TAPS];
    let (mut wanted, mut given) = (0.0, 0);
    let mut tap = 0;
    while tap < TAPS {
        wanted += exact[tap] * scale;
        let value = round(wanted) - given;
        given += value;
        row[tap] = [value as f32; 2];
        tap += 1;
    }
    row
}

const fn round(x: f64) -> i32 {
    if x < 0.0 { (x - 0.5) as i32 } else { (x + 0.5) as i32 }
}

const fn sinc(x: f64) -> f64 {
    if x > -1e-9 && x < 1e-9 { 1.0 } else { sin(PI * x) / (PI * x) }
}

/// Blackman's window over -1..=1.
const fn blackman(x: f64) -> f64 {
    if x < -1.0 || x > 1.0 { 0.0 } else { 0.42 + 0.5 * cos(PI * x) + 0.08 * cos(2.0 * PI * x) }
}

const fn cos(x: f64) -> f64 {
    sin(x + PI / 2.0)
}

/// Taylor's series around 0, after moving `x` there by whole turns.
const fn sin(x: f64) -> f64 {
    let x = x - 2.0 * PI * round(x / (2.0 * PI)) as f64;
    let (mut term, mut sum) = (x, x);
    let mut n = 1.0;
    while n < 30.0 {
        term *= -x * x / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_adds_up_exactly() {
        for row in &KERNEL {
            assert_eq!(row.iter().map(|tap| tap[0] as i32).sum::<i32>(), UNIT);
            assert!(
                row.iter().all(|tap| tap[0].fract() == 0.0 && tap[0].to_bits() == tap[1].to_bits())
            );
        }
    }

    #[test]
    fn the_series_agrees_with_the_library() {
        for step in -100..100 {
            let x = f64::from(step) * 0.21;
            assert!((sin(x) - x.sin()).abs() < 1e-12);
            assert!((cos(x) - x.cos()).abs() < 1e-12);
        }
    }

    /// The gain at a frequency in parts of the sample rate, over all phases.
    fn gain(frequency: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (phase, row) in KERNEL.iter().enumerate() {
            for (tap, value) in row.iter().enumerate() {
                let time = tap as f64 - phase as f64 / PHASES as f64;
                let angle = 2.0 * PI * frequency * time;
                re += f64::from(value[0]) * angle.cos();
                im += f64::from(value[0]) * angle.sin();
            }
        }
        re.hypot(im) / f64::from(UNIT) / PHASES as f64
    }

    #[test]
    fn what_is_heard_passes_and_what_would_alias_does_not() {
        assert!((gain(1_000.0 / 48_000.0) - 1.0).abs() < 0.01);
        assert!(gain(12_000.0 / 48_000.0) > 0.95);
        for frequency in [32_000.0, 40_000.0, 47_000.0, 100_000.0] {
            assert!(
                gain(frequency / 48_000.0) < 0.001,
                "{frequency}: {}",
                gain(frequency / 48_000.0)
            );
        }
    }
}
