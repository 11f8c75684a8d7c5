//! Which of the two pictures is shown.

use crate::mailbox::Shot;
use crate::picture::Picture;

/// What the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// As the console shows it.
    Raw,
    /// As the colorizer paints it.
    Color,
    /// Raw to the left, color to the right.
    Both,
}

impl View {
    /// The other of raw and color; color after both.
    pub fn with_color_toggled(self) -> Self {
        match self {
            Self::Color => Self::Raw,
            Self::Raw | Self::Both => Self::Color,
        }
    }

    /// Both, or color after both.
    pub fn with_both_toggled(self) -> Self {
        match self {
            Self::Both => Self::Color,
            Self::Raw | Self::Color => Self::Both,
        }
    }

    /// Pictures next to each other.
    pub fn columns(self) -> u32 {
        match self {
            Self::Raw | Self::Color => 1,
            Self::Both => 2,
        }
    }

    /// The picture to draw.
    pub fn picture(self, shot: &Shot) -> Picture {
        let raw = || Picture::from_frame(&shot.raw);
        let color = || Picture::from_frame(&shot.color);
        match self {
            Self::Raw => raw(),
            Self::Color => color(),
            Self::Both => raw().beside(&color()),
        }
    }
}
