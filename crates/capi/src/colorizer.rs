//! A colorizer that no panic leaves.

use std::any::Any;
use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};

use colorizer::cell_color::Style;
use colorizer::{Colorizer as _, RgbaFrame};
use gameboy::{Frame, PIXELS};
use neural::{DeviceChoice, FrameColorizer, Options, Settings, Timing};

use crate::built_in;

/// More threads than any network has work for.
const MOST_THREADS: usize = 256;

/// Why there is no colorizer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the weights {path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error(transparent)]
    Device(#[from] neural::DeviceError),
    #[error(transparent)]
    Network(#[from] neural::Error),
    #[error("the text of {0} is not UTF-8")]
    NotUtf8(&'static str),
    #[error("unknown {0} {1}: choose 0 or 1")]
    Unknown(&'static str, i32),
    #[error("{0} threads are too many: choose 1 to {MOST_THREADS}, or 0 for the default")]
    Threads(usize),
    #[error("the colorizer panicked: {0}")]
    Panic(String),
}

/// What a colorizer is to be like, as a caller says it.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// A built-in name or a path; the default if empty.
    pub weights: &'a str,
    /// The name of a [`DeviceChoice`]; the default if empty.
    pub device: &'a str,
    /// Which of [`Style`].
    pub style: i32,
    /// Which of [`Timing`].
    pub timing: i32,
    /// 0 for the default.
    pub threads: usize,
}

/// A network that colors the frames of one game.
///
/// It may be made, used and freed on different threads, but only one thread at a time may use it.
/// There may be several at once, each for a game of its own.
pub struct Colorizer {
    /// `None` once it has panicked, so that nobody sees it half changed.
    network: Option<FrameColorizer>,
    picture: RgbaFrame,
    description: CString,
    panic: Option<String>,
    /// Kept for who was handed a pointer to it.
    failure: Option<CString>,
}

impl fmt::Debug for Colorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Colorizer").field("description", &self.description).finish_non_exhaustive()
    }
}

impl Colorizer {
    /// A colorizer as it is asked for.
    ///
    /// # Errors
    /// Whatever cannot be had of that.
    pub fn new(request: &Request<'_>) -> Result<Self, Error> {
        let made = catch_unwind(AssertUnwindSafe(|| Self::open(request)));
        made.unwrap_or_else(|panic| Err(Error::Panic(message_of(&*panic))))
    }

    fn open(request: &Request<'_>) -> Result<Self, Error> {
        let settings = Settings {
            timing: match request.timing {
                0 => Timing::Live,
                1 => Timing::Exact,
                unknown => return Err(Error::Unknown("timing", unknown)),
            },
            style: match request.style {
                0 => Style::Safe,
                1 => Style::Vivid,
                unknown => return Err(Error::Unknown("style", unknown)),
            },
            options: match NonZeroUsize::new(request.threads) {
                None => Options::default(),
                Some(threads) if threads.get() <= MOST_THREADS => {
                    Options { threads, ..Options::default() }
                }
                Some(threads) => return Err(Error::Threads(threads.get())),
            },
        };
        let device = match request.device {
            "" => DeviceChoice::default(),
            name => name.parse()?,
        };
        let weights = read_weights(request.weights)?;
        let colorizer = FrameColorizer::new(&weights, &device.open()?, &settings)?;
        Ok(Self {
            description: c_string(colorizer.description()),
            network: Some(colorizer),
            picture: RgbaFrame::new(),
            panic: None,
            failure: None,
        })
    }

    /// The frame of these shades in color, RGBA, or `None` after a panic.
    pub fn colorize(&mut self, shades: &[u8; PIXELS]) -> Option<&[u8]> {
        self.attempt(|colorizer, picture| {
            colorizer.colorize(&Frame::from_shades(shades), picture);
        })?;
        Some(self.picture.as_bytes())
    }

    /// The frame of the shades that these greys are nearest to in color, RGBA, or `None` after a
    /// panic.
    pub fn colorize_grey(&mut self, grey: &[u8; PIXELS]) -> Option<&[u8]> {
        self.colorize(&shades_of_grey(grey))
    }

    /// Forgets earlier frames; `None` after a panic.
    pub fn reset(&mut self) -> Option<()> {
        self.attempt(|colorizer, _| colorizer.reset())
    }

    /// What went wrong first.
    pub fn failure(&mut self) -> Option<&CStr> {
        let failure = match &self.panic {
            Some(panic) => Some(panic.clone()),
            None => self.attempt(|colorizer, _| colorizer.failure()).flatten(),
        };
        self.failure = failure.as_deref().map(c_string);
        self.failure.as_deref()
    }

    /// The network and where it runs.
    pub fn description(&self) -> &CStr {
        &self.description
    }

    fn attempt<T>(
        &mut self,
        call: impl FnOnce(&mut FrameColorizer, &mut RgbaFrame) -> T,
    ) -> Option<T> {
        let mut colorizer = self.network.take()?;
        let picture = &mut self.picture;
        let called = catch_unwind(AssertUnwindSafe(move || {
            let answer = call(&mut colorizer, picture);
            (colorizer, answer)
        }));
        match called {
            Ok((colorizer, answer)) => {
                self.network = Some(colorizer);
                Some(answer)
            }
            Err(panic) => {
                self.panic = Some(Error::Panic(message_of(&*panic)).to_string());
                None
            }
        }
    }
}

/// The shades that grey bytes are nearest to, of 255, 170, 85 and 0.
fn shades_of_grey(grey: &[u8; PIXELS]) -> [u8; PIXELS] {
    grey.map(|grey| (255 - grey).saturating_add(42) / 85)
}

fn read_weights(name: &str) -> Result<Cow<'static, [u8]>, Error> {
    let name = if name.is_empty() { built_in::DEFAULT } else { name };
    if let Some(weights) = built_in::weights(name) {
        return Ok(weights.into());
    }
    let unreadable = |source| Error::Unreadable { path: name.to_owned(), source };
    Ok(std::fs::read(name).map_err(unreadable)?.into())
}

/// A text up to its first NUL, if it has one.
fn c_string(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use colorizer::GREY_LEVELS;

    use super::*;

    fn request() -> Request<'static> {
        Request { weights: "v1", device: "cpu", timing: 1, threads: 1, ..Request::default() }
    }

    #[test]
    fn after_a_panic_nothing_is_touched() {
        let mut colorizer = Colorizer::new(&request()).expect("V1");
        assert!(colorizer.colorize(&[0; PIXELS]).is_some());
        assert_eq!(colorizer.failure(), None);
        let answer = colorizer.attempt(|_, _| -> () { panic!("out of {}", "colors") });
        assert_eq!(answer, None);
        assert_eq!(colorizer.failure(), Some(c"the colorizer panicked: out of colors"));
        assert_eq!(colorizer.colorize(&[0; PIXELS]), None);
        assert_eq!(colorizer.reset(), None);
        assert_eq!(colorizer.failure(), Some(c"the colorizer panicked: out of colors"));
    }

    #[test]
    fn what_cannot_be_had_is_named() {
        let refused = |request: Request<'_>| {
            Colorizer::new(&request).expect_err("it cannot be had").to_string()
        };
        let error = refused(Request { weights: "no such file", ..request() });
        assert!(error.starts_with("cannot read the weights no such file: "), "{error}");
        let error = refused(Request { weights: "Cargo.toml", ..request() });
        assert!(!error.contains('\n'), "{error}");
        let error = refused(Request { device: "tpu", ..request() });
        assert_eq!(error, "unknown device \"tpu\": choose auto, cpu, cuda or metal");
        let error = refused(Request { style: 2, ..request() });
        assert_eq!(error, "unknown style 2: choose 0 or 1");
        let error = refused(Request { timing: -1, ..request() });
        assert_eq!(error, "unknown timing -1: choose 0 or 1");
        let error = refused(Request { threads: 257, ..request() });
        assert_eq!(error, "257 threads are too many: choose 1 to 256, or 0 for the default");
    }

    #[test]
    fn grey_is_the_nearest_level() {
        let apart = |grey: u8, shade: u8| grey.abs_diff(GREY_LEVELS[shade as usize]);
        let grey = std::array::from_fn(|pixel| pixel as u8);
        for (grey, shade) in grey.into_iter().zip(shades_of_grey(&grey)) {
            assert!(
                (0..4).all(|other| apart(grey, shade) <= apart(grey, other)),
                "{grey}: {shade}"
            );
        }
    }
}
