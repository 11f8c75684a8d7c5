//! Which of the two pictures is shown, and how much of the colors.

use serde::{Deserialize, Serialize};

use crate::mailbox::Shot;
use crate::picture::Picture;

/// What the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// As the console shows it.
    Raw,
    /// As the colorizer paints it.
    Color,
    /// Raw to the left, color to the right.
    Both,
    /// One picture, raw to the left of a divider and color to its right.
    Split,
}

/// The line between raw and color.
const DIVIDER: [u8; 4] = [0xFF; 4];

impl View {
    /// All of them, in the order in which they follow each other.
    pub const ALL: [Self; 4] = [Self::Color, Self::Both, Self::Split, Self::Raw];

    /// What it is called in the menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Color => "color",
            Self::Both => "side by side",
            Self::Split => "split",
        }
    }

    /// The other of raw and color; color after all else.
    pub fn with_color_toggled(self) -> Self {
        match self {
            Self::Color => Self::Raw,
            Self::Raw | Self::Both | Self::Split => Self::Color,
        }
    }

    /// So many places further in [`ALL`](Self::ALL).
    pub fn stepped(self, steps: isize) -> Self {
        let at = Self::ALL.iter().position(|view| *view == self).unwrap_or_default() as isize;
        Self::ALL[(at + steps).rem_euclid(Self::ALL.len() as isize) as usize]
    }

    /// Pictures next to each other.
    pub fn columns(self) -> usize {
        match self {
            Self::Raw | Self::Color | Self::Split => 1,
            Self::Both => 2,
        }
    }

    /// The picture to draw: with so much of the colors, in percent, and the divider in this column.
    pub fn picture(self, shot: &Shot, strength: u8, divider: usize) -> Picture {
        let raw = Picture::from_frame(&shot.raw);
        if self == Self::Raw {
            return raw;
        }
        let mut color = Picture::from_frame(&shot.color);
        if strength < 100 {
            color.weaken(&raw, strength);
        }
        match self {
            Self::Raw | Self::Color => color,
            Self::Both => raw.beside(&color),
            Self::Split => {
                for (color, raw) in color.rows_mut().zip(raw.rows()) {
                    let divider = divider.min(color.len());
                    color[..divider].copy_from_slice(&raw[..divider]);
                    if let Some(pixel) = color.get_mut(divider) {
                        *pixel = DIVIDER;
                    }
                }
                color
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot() -> Shot {
        let mut shot = Shot::default();
        shot.raw.as_bytes_mut().fill(100);
        shot.color.as_bytes_mut().fill(200);
        shot
    }

    #[test]
    fn weak_colors_lie_between_raw_and_color() {
        let at = |strength| View::Color.picture(&shot(), strength, 0).pixels()[7];
        assert_eq!([0, 25, 100].map(at), [[100; 4], [125; 4], [200; 4]]);
    }

    #[test]
    fn the_divider_parts_raw_from_color() {
        let picture = View::Split.picture(&shot(), 100, 80);
        let row = picture.rows().nth(50).expect("a row");
        assert_eq!([row[0], row[79], row[80], row[81]], [[100; 4], [100; 4], DIVIDER, [200; 4]]);
        let all_raw = View::Split.picture(&shot(), 100, 1000);
        assert_eq!(all_raw.pixels(), View::Raw.picture(&shot(), 100, 0).pixels());
    }

    #[test]
    fn views_follow_each_other_round() {
        assert_eq!(View::Raw.stepped(1), View::Color);
        assert_eq!(View::Color.stepped(-1), View::Raw);
        for view in View::ALL {
            assert_eq!(view.stepped(View::ALL.len() as isize), view);
        }
    }
}
