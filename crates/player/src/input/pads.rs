//! Gamepads: those that are there, and those that are plugged in while a game runs.

#[cfg(target_os = "linux")]
#[path = "pads/evdev.rs"]
mod device;
#[cfg(any(target_os = "macos", windows))]
#[path = "pads/gilrs.rs"]
mod device;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
#[path = "pads/none.rs"]
mod device;

pub use device::Pads;

/// A button of a pad, by its place: on an Xbox pad South is A and East is B, on Nintendo's South is
/// B and East is A.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PadButton {
    Up,
    Down,
    Left,
    Right,
    South,
    East,
    West,
    North,
    LeftShoulder,
    RightShoulder,
    LeftTrigger,
    RightTrigger,
    Select,
    Start,
    Mode,
    LeftStick,
    RightStick,
}

/// What a pad tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadEvent {
    /// A button went down, or up.
    Button(PadButton, bool),
    /// Where the left stick is: to the right and down, each -1 to 1.
    Stick([f32; 2]),
    /// A pad was unplugged: nothing of it is held any longer.
    Gone,
}

impl PadButton {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Up,
        Self::Down,
        Self::Left,
        Self::Right,
        Self::South,
        Self::East,
        Self::West,
        Self::North,
        Self::LeftShoulder,
        Self::RightShoulder,
        Self::LeftTrigger,
        Self::RightTrigger,
        Self::Select,
        Self::Start,
        Self::Mode,
        Self::LeftStick,
        Self::RightStick,
    ];

    /// What the configuration calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "Up",
            Self::Down => "Down",
            Self::Left => "Left",
            Self::Right => "Right",
            Self::South => "South",
            Self::East => "East",
            Self::West => "West",
            Self::North => "North",
            Self::LeftShoulder => "LeftShoulder",
            Self::RightShoulder => "RightShoulder",
            Self::LeftTrigger => "LeftTrigger",
            Self::RightTrigger => "RightTrigger",
            Self::Select => "Select",
            Self::Start => "Start",
            Self::Mode => "Mode",
            Self::LeftStick => "LeftStick",
            Self::RightStick => "RightStick",
        }
    }

    /// The button of that name, in small letters or large.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|button| button.name().eq_ignore_ascii_case(name))
    }
}

/// The stick as the four buttons of the directional pad, of which it changes some.
#[derive(Debug, Default)]
pub struct StickAsPad {
    held: [Option<PadButton>; 2],
}

/// How far the stick is to be pushed to count, and how far back not to any longer.
const PUSHED: f32 = 0.5;
const RELEASED: f32 = 0.35;

impl StickAsPad {
    /// The buttons that go up or down as the stick moves there.
    pub fn moved(&mut self, [right, down]: [f32; 2]) -> Vec<(PadButton, bool)> {
        let ends = [[PadButton::Left, PadButton::Right], [PadButton::Up, PadButton::Down]];
        let mut changes = Vec::new();
        for ((held, at), [low, high]) in self.held.iter_mut().zip([right, down]).zip(ends) {
            let towards = if at < 0.0 { low } else { high };
            let least = if *held == Some(towards) { RELEASED } else { PUSHED };
            let now = (at.abs() >= least).then_some(towards);
            if now != *held {
                changes.extend(held.map(|button| (button, false)));
                changes.extend(now.map(|button| (button, true)));
                *held = now;
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_is_a_directional_pad_that_does_not_chatter() {
        let mut stick = StickAsPad::default();
        assert_eq!(stick.moved([0.4, 0.0]), []);
        assert_eq!(stick.moved([0.6, -0.9]), [(PadButton::Right, true), (PadButton::Up, true)]);
        assert_eq!(stick.moved([0.4, -0.9]), []);
        assert_eq!(
            stick.moved([-0.6, 0.0]),
            [(PadButton::Right, false), (PadButton::Left, true), (PadButton::Up, false)]
        );
        assert_eq!(stick.moved([0.0, 0.0]), [(PadButton::Left, false)]);
    }
}
