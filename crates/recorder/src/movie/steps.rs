//! A movie frame by frame.

use gameboy::{Buttons, GameBoy};

use super::{Event, MovieError, unpacked};

/// What is done with a console.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A frame runs with these held.
    Frame(Buttons),
    /// The cartridge is tilted: to the right and towards the player, each -1 to 1.
    Tilt([f32; 2]),
    /// The console is switched off and on.
    Reset,
    /// A state is loaded.
    Load(Vec<u8>),
}

impl Step {
    /// Does it.
    ///
    /// # Errors
    /// If a state cannot be loaded.
    pub fn take(&self, console: &mut GameBoy) -> Result<(), MovieError> {
        match self {
            Self::Frame(held) => {
                console.set_buttons(*held);
                console.run_frame();
            }
            Self::Tilt([right, bottom]) => console.set_tilt(*right, *bottom),
            Self::Reset => console.reset(),
            Self::Load(state) => {
                let refused = |error: gameboy::StateError| MovieError::State(error.to_string());
                console.load_state(state).map_err(refused)?;
            }
        }
        Ok(())
    }

    /// The step as a few bytes, for [`from_bytes`](Self::from_bytes).
    pub fn to_bytes(&self) -> Vec<u8> {
        let event = match self {
            Self::Frame(held) => Event::Frames { held: held.bits(), count: 1 },
            Self::Tilt(tilt) => Event::Tilt(*tilt),
            Self::Reset => Event::Reset,
            Self::Load(state) => Event::load(state),
        };
        // It fails on what has no known length, and this has.
        postcard::to_stdvec(&event).unwrap_or_default()
    }

    /// What [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// If it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MovieError> {
        let event = postcard::from_bytes(bytes).map_err(|_| MovieError::Damaged(0))?;
        Steps::new(vec![event]).next().unwrap_or(Err(MovieError::Damaged(0)))
    }
}

/// The steps of a movie.
#[derive(Debug)]
pub struct Steps {
    events: std::vec::IntoIter<Event>,
    held: Buttons,
    /// Frames that are left of the latest event.
    left: u32,
}

impl Steps {
    pub(super) fn new(events: Vec<Event>) -> Self {
        Self { events: events.into_iter(), held: Buttons::empty(), left: 0 }
    }
}

impl Iterator for Steps {
    type Item = Result<Step, MovieError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.left == 0 {
            match self.events.next()? {
                Event::Frames { held, count } => {
                    (self.held, self.left) = (Buttons::from_bits_truncate(held), count);
                }
                Event::Tilt(tilt) => return Some(Ok(Step::Tilt(tilt))),
                Event::Reset => return Some(Ok(Step::Reset)),
                Event::Load(state) => return Some(unpacked(&state).map(Step::Load)),
            }
        }
        self.left -= 1;
        Some(Ok(Step::Frame(self.held)))
    }
}
