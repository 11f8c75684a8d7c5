//! The pads of macOS and Windows.

use std::thread;

use gilrs::{Axis, Button, EventType, Gilrs};

use super::{PadButton, PadEvent};

/// A thread that listens to pads.
#[derive(Debug)]
pub struct Pads;

impl Pads {
    /// Tells of all pads from now on, until `tell` returns false.
    pub fn watch(tell: impl Fn(PadEvent) -> bool + Clone + Send + 'static) -> Self {
        let listen = move || match Gilrs::new() {
            Ok(gilrs) => listen(gilrs, &tell),
            Err(err) => log::warn!("no gamepads: {err}"),
        };
        if let Err(err) = thread::Builder::new().name("pads".to_owned()).spawn(listen) {
            log::warn!("no thread for gamepads: {err}");
        }
        Self
    }
}

fn listen(mut gilrs: Gilrs, tell: &impl Fn(PadEvent) -> bool) {
    let mut stick = [0.0; 2];
    while let Some(event) = gilrs.next_event_blocking(None) {
        let told = match event.event {
            EventType::ButtonPressed(button, _) => of(button).map(|b| PadEvent::Button(b, true)),
            EventType::ButtonReleased(button, _) => of(button).map(|b| PadEvent::Button(b, false)),
            EventType::AxisChanged(Axis::LeftStickX, value, _) => {
                stick[0] = value;
                Some(PadEvent::Stick(stick))
            }
            EventType::AxisChanged(Axis::LeftStickY, value, _) => {
                stick[1] = -value;
                Some(PadEvent::Stick(stick))
            }
            EventType::Disconnected => Some(PadEvent::Gone),
            _ => None,
        };
        if told.is_some_and(|event| !tell(event)) {
            return;
        }
    }
}

fn of(button: Button) -> Option<PadButton> {
    Some(match button {
        Button::DPadUp => PadButton::Up,
        Button::DPadDown => PadButton::Down,
        Button::DPadLeft => PadButton::Left,
        Button::DPadRight => PadButton::Right,
        Button::South => PadButton::South,
        Button::East => PadButton::East,
        Button::West => PadButton::West,
        Button::North => PadButton::North,
        Button::LeftTrigger => PadButton::LeftShoulder,
        Button::RightTrigger => PadButton::RightShoulder,
        Button::LeftTrigger2 => PadButton::LeftTrigger,
        Button::RightTrigger2 => PadButton::RightTrigger,
        Button::Select => PadButton::Select,
        Button::Start => PadButton::Start,
        Button::Mode => PadButton::Mode,
        Button::LeftThumb => PadButton::LeftStick,
        Button::RightThumb => PadButton::RightStick,
        _ => return None,
    })
}
