//! The pads of Linux, as the kernel has them: no library of the system is needed. See the kernel's
//! *Linux Gamepad Specification*.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use evdev::{AbsoluteAxisCode as Axis, Device, EventSummary, KeyCode as Key};

use super::{PadButton, PadEvent};

/// How often it is looked for pads that were plugged in.
const INTERVAL: Duration = Duration::from_secs(2);

/// A thread that looks for pads, and one for each that is there.
#[derive(Debug)]
pub struct Pads;

type Open = Arc<Mutex<BTreeSet<PathBuf>>>;

impl Pads {
    /// Tells of all pads from now on, until `tell` returns false.
    pub fn watch(tell: impl Fn(PadEvent) -> bool + Clone + Send + 'static) -> Self {
        let open = Open::default();
        let mut refused = BTreeSet::new();
        let look = move || {
            loop {
                look(&open, &mut refused, &tell);
                thread::sleep(INTERVAL);
            }
        };
        if let Err(err) = thread::Builder::new().name("pads".to_owned()).spawn(look) {
            log::warn!("no thread for gamepads: {err}");
        }
        Self
    }
}

/// Listens to pads that nobody listens to yet. Those that may not be opened are told once.
fn look(
    open: &Open,
    refused: &mut BTreeSet<PathBuf>,
    tell: &(impl Fn(PadEvent) -> bool + Clone + Send + 'static),
) {
    for path in devices() {
        if open.lock().unwrap_or_else(PoisonError::into_inner).contains(&path) {
            continue;
        }
        let device = match Device::open(&path) {
            Ok(device) => device,
            Err(err) => {
                // Most devices are no pads, and may not be opened.
                if err.kind() == io::ErrorKind::PermissionDenied
                    && is_pad(&path)
                    && refused.insert(path.clone())
                {
                    log::warn!("{}", refusal(&path));
                }
                continue;
            }
        };
        if !device.supported_keys().is_some_and(|keys| keys.contains(Key::BTN_SOUTH)) {
            continue;
        }
        log::info!("gamepad: {}", device.name().unwrap_or("of no name"));
        open.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone());
        let (open, tell) = (Arc::clone(open), tell.clone());
        let listen = move || {
            listen(device, &tell);
            open.lock().unwrap_or_else(PoisonError::into_inner).remove(&path);
        };
        if let Err(err) = thread::Builder::new().name("pad".to_owned()).spawn(listen) {
            log::warn!("no thread for a gamepad: {err}");
        }
    }
}

/// Why a pad cannot be used, and what helps.
fn refusal(path: &Path) -> String {
    format!(
        "a gamepad, {}, may not be read: it is for those at the machine, or in the group `input` \
         (sudo usermod -aG input $USER, then log in again)",
        path.display()
    )
}

/// Whether a device that may not be opened is a pad, by what the kernel tells of all.
fn is_pad(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let keys = Path::new("/sys/class/input").join(name).join("device/capabilities/key");
    std::fs::read_to_string(keys).is_ok_and(|keys| has_key(&keys, Key::BTN_SOUTH.code()))
}

/// Whether there is a key among those that the kernel lists: hexadecimal numbers of 64 bits, the last
/// one that of the first keys.
fn has_key(keys: &str, key: u16) -> bool {
    let word = keys.split_whitespace().rev().nth(key as usize / 64);
    word.and_then(|word| u64::from_str_radix(word, 16).ok())
        .is_some_and(|word| word >> (key % 64) & 1 == 1)
}

/// Without asking each device, as most belong to others.
fn devices() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/dev/input") else { return Vec::new() };
    let is_event = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("event")
    };
    entries.flatten().map(|entry| entry.path()).filter(|path| is_event(path)).collect()
}

/// Tells of a pad until it is unplugged.
fn listen(mut device: Device, tell: &impl Fn(PadEvent) -> bool) {
    let mut pad = Pad::new(&device);
    while let Ok(events) = device.fetch_events() {
        let told: Vec<_> = events.flat_map(|event| pad.events(&event.destructure())).collect();
        if !told.into_iter().all(tell) {
            return;
        }
    }
    tell(PadEvent::Gone);
}

/// What is known of a pad.
struct Pad {
    /// The ranges of the left stick and the triggers.
    ranges: Vec<(Axis, [i32; 2])>,
    stick: [f32; 2],
    /// Which directions of the hat are held, across and down: -1, 0 or 1.
    hat: [i32; 2],
    triggers: [bool; 2],
}

/// How far a trigger is pulled that counts as held.
const PULLED: f32 = 0.5;

impl Pad {
    fn new(device: &Device) -> Self {
        let ranges = device.get_absinfo().map_or_else(
            |_| Vec::new(),
            |axes| axes.map(|(axis, info)| (axis, [info.minimum(), info.maximum()])).collect(),
        );
        Self { ranges, stick: [0.0; 2], hat: [0; 2], triggers: [false; 2] }
    }

    fn events(&mut self, event: &EventSummary) -> Vec<PadEvent> {
        match *event {
            // A value of 2 repeats what is held.
            EventSummary::Key(_, key, value @ (0 | 1)) => {
                of(key).map(|button| PadEvent::Button(button, value == 1)).into_iter().collect()
            }
            EventSummary::AbsoluteAxis(_, axis, value) => self.moved(axis, value),
            _ => Vec::new(),
        }
    }

    fn moved(&mut self, axis: Axis, value: i32) -> Vec<PadEvent> {
        match axis {
            Axis::ABS_X | Axis::ABS_Y => {
                self.stick[usize::from(axis == Axis::ABS_Y)] = self.share(axis, value) * 2.0 - 1.0;
                vec![PadEvent::Stick(self.stick)]
            }
            Axis::ABS_HAT0X => self.hat_moved(0, value, [PadButton::Left, PadButton::Right]),
            Axis::ABS_HAT0Y => self.hat_moved(1, value, [PadButton::Up, PadButton::Down]),
            Axis::ABS_Z | Axis::ABS_RZ => {
                let side = usize::from(axis == Axis::ABS_RZ);
                let is_pulled = self.share(axis, value) >= PULLED;
                let was_pulled = std::mem::replace(&mut self.triggers[side], is_pulled);
                let button = [PadButton::LeftTrigger, PadButton::RightTrigger][side];
                let changes = is_pulled != was_pulled;
                changes.then_some(PadEvent::Button(button, is_pulled)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn hat_moved(&mut self, side: usize, value: i32, ends: [PadButton; 2]) -> Vec<PadEvent> {
        let before = std::mem::replace(&mut self.hat[side], value.signum());
        let at = |value: i32| match value {
            0 => None,
            value => Some(ends[usize::from(value > 0)]),
        };
        let up = at(before).map(|button| PadEvent::Button(button, false));
        let down = at(value.signum()).map(|button| PadEvent::Button(button, true));
        if before == value.signum() { Vec::new() } else { up.into_iter().chain(down).collect() }
    }

    /// Where in its range an axis is, 0 to 1.
    fn share(&self, axis: Axis, value: i32) -> f32 {
        let range = self.ranges.iter().find(|(other, _)| *other == axis);
        let [low, high] = range.map_or([-32768, 32767], |(_, range)| *range);
        ((value - low) as f32 / (high - low).max(1) as f32).clamp(0.0, 1.0)
    }
}

fn of(key: Key) -> Option<PadButton> {
    Some(match key {
        Key::BTN_DPAD_UP => PadButton::Up,
        Key::BTN_DPAD_DOWN => PadButton::Down,
        Key::BTN_DPAD_LEFT => PadButton::Left,
        Key::BTN_DPAD_RIGHT => PadButton::Right,
        Key::BTN_SOUTH => PadButton::South,
        Key::BTN_EAST => PadButton::East,
        Key::BTN_WEST => PadButton::West,
        Key::BTN_NORTH => PadButton::North,
        Key::BTN_TL => PadButton::LeftShoulder,
        Key::BTN_TR => PadButton::RightShoulder,
        Key::BTN_TL2 => PadButton::LeftTrigger,
        Key::BTN_TR2 => PadButton::RightTrigger,
        Key::BTN_SELECT => PadButton::Select,
        Key::BTN_START => PadButton::Start,
        Key::BTN_MODE => PadButton::Mode,
        Key::BTN_THUMBL => PadButton::LeftStick,
        Key::BTN_THUMBR => PadButton::RightStick,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use evdev::{AbsoluteAxisEvent, KeyEvent};

    use super::*;

    fn pad() -> Pad {
        let ranges = vec![(Axis::ABS_X, [0, 255]), (Axis::ABS_Z, [0, 1023])];
        Pad { ranges, stick: [0.0; 2], hat: [0; 2], triggers: [false; 2] }
    }

    fn key(pad: &mut Pad, key: Key, value: i32) -> Vec<PadEvent> {
        pad.events(&EventSummary::Key(KeyEvent::new(key, value), key, value))
    }

    fn axis(pad: &mut Pad, axis: Axis, value: i32) -> Vec<PadEvent> {
        pad.events(&EventSummary::AbsoluteAxis(AbsoluteAxisEvent::new(axis, value), axis, value))
    }

    #[test]
    fn a_pad_that_may_not_be_read_is_known() {
        // Of an Xbox pad, and of a keyboard.
        assert!(has_key("7cdb000000000000 0 0 0 0", Key::BTN_SOUTH.code()));
        assert!(!has_key("402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe", 304));
        assert!(!has_key("", 304) && !has_key("no number", 0));
        assert!(has_key("8000000000000001", 63) && has_key("2 0", 65));
        let told = refusal(Path::new("/dev/input/event7"));
        assert!(told.contains("/dev/input/event7") && told.contains("group `input`"));
    }

    #[test]
    fn keys_hats_and_triggers_are_buttons() {
        let mut pad = pad();
        let (left, right) = (PadButton::Left, PadButton::Right);
        assert_eq!(key(&mut pad, Key::BTN_EAST, 1), [PadEvent::Button(PadButton::East, true)]);
        assert_eq!(key(&mut pad, Key::BTN_EAST, 2), []);
        assert_eq!(axis(&mut pad, Axis::ABS_HAT0X, -1), [PadEvent::Button(left, true)]);
        let turned = [PadEvent::Button(left, false), PadEvent::Button(right, true)];
        assert_eq!(axis(&mut pad, Axis::ABS_HAT0X, 1), turned);
        let pulled = PadEvent::Button(PadButton::LeftTrigger, true);
        assert_eq!(axis(&mut pad, Axis::ABS_Z, 900), [pulled]);
        assert_eq!(axis(&mut pad, Axis::ABS_Z, 1000), []);
    }

    #[test]
    fn sticks_go_from_end_to_end_of_their_range() {
        let mut pad = pad();
        assert_eq!(axis(&mut pad, Axis::ABS_X, 255), [PadEvent::Stick([1.0, 0.0])]);
        assert_eq!(axis(&mut pad, Axis::ABS_Y, -32768), [PadEvent::Stick([1.0, -1.0])]);
    }
}
