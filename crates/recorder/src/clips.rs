//! Clips without sound.
//!
//! They take the place of a file only when they are whole. Pictures that stay are shown longer instead
//! of being written again. The formats count time in coarser units than the console: what is lost at a
//! frame is added to the next, so that a clip keeps time however long it is.

mod apng;
mod gif;
mod stills;
mod webp;

pub use self::apng::Apng;
pub use self::gif::Gif;
pub use self::stills::Stills;
pub use self::webp::WebP;

use crate::{FRAME_TICKS, TICKS_PER_SECOND};

/// Tells when a picture of a clip ends, in units of the format.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// Units in a second.
    units: u64,
    /// Units that have passed.
    passed: u64,
}

impl Clock {
    fn new(units: u64) -> Self {
        Self { units, passed: 0 }
    }

    /// Units from the end of the picture before to that of the frame with this number, counted
    /// from 1.
    fn until(&self, frame: u64) -> u64 {
        let ticks = frame as u128 * FRAME_TICKS as u128 * self.units as u128;
        let units = (ticks + TICKS_PER_SECOND as u128 / 2) / TICKS_PER_SECOND as u128;
        (units as u64).saturating_sub(self.passed)
    }

    fn pass(&mut self, units: u64) {
        self.passed += units;
    }
}

/// The smallest rectangle that holds all pixels in which two pictures differ: left, top, width and
/// height. `None` where they are the same.
fn change(old: &[[u8; 4]], new: &[[u8; 4]], width: usize) -> Option<[usize; 4]> {
    let rows = || old.chunks_exact(width).zip(new.chunks_exact(width));
    let top = rows().position(|(old, new)| old != new)?;
    let bottom = rows().rposition(|(old, new)| old != new)?;
    let (mut left, mut right) = (width, 0);
    for (old, new) in rows().filter(|(old, new)| old != new) {
        let pixels = || old.iter().zip(new);
        left = left.min(pixels().position(|(x, y)| x != y).unwrap_or(width));
        right = right.max(pixels().rposition(|(x, y)| x != y).unwrap_or(0));
    }
    Some([left, top, right + 1 - left, bottom + 1 - top])
}

/// A part of a picture.
fn part(picture: &[[u8; 4]], width: usize, [left, top, w, h]: [usize; 4]) -> Vec<[u8; 4]> {
    let rows = picture.chunks_exact(width).skip(top).take(h);
    rows.flat_map(|row| row[left..left + w].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_keep_time() {
        for units in [100, 1000] {
            let (mut clock, mut sum) = (Clock::new(units), 0);
            for frame in 1..=100_000u64 {
                let now = clock.until(frame);
                clock.pass(now);
                sum += now;
                let exact = frame as f64 * 4389.0 / 262_144.0 * units as f64;
                assert!((sum as f64 - exact).abs() <= 0.5, "frame {frame}");
            }
        }
    }

    #[test]
    fn only_what_changed_is_written() {
        let old = vec![[0; 4]; 160 * 144];
        let mut new = old.clone();
        assert_eq!(change(&old, &new, 160), None);
        new[3 * 160 + 7] = [1; 4];
        new[9 * 160 + 2] = [2; 4];
        assert_eq!(change(&old, &new, 160), Some([2, 3, 6, 7]));
        let part = part(&new, 160, [2, 3, 6, 7]);
        assert_eq!((part.len(), part[5], part[6 * 6]), (42, [1; 4], [2; 4]));
    }
}
