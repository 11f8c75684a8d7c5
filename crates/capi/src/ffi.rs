//! The functions of the library. Their documentation is that of the header.
#![allow(
    unsafe_code,
    reason = "C knows no references: pointers of the caller are read and written here, and nowhere else"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the documentation is for C, where each function says what its pointers must be"
)]

use std::ffi::{CStr, c_char, c_int, c_uint};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use gameboy::{HEIGHT, PIXELS, WIDTH};

use crate::Colorizer;
use crate::colorizer::{Error, Request};

/// Width of a frame in pixels.
pub const CHROMABOY_WIDTH: usize = 160;
/// Height of a frame in pixels.
pub const CHROMABOY_HEIGHT: usize = 144;
/// Pixels of a frame.
pub const CHROMABOY_PIXELS: usize = CHROMABOY_WIDTH * CHROMABOY_HEIGHT;

const _: () = assert!(
    CHROMABOY_WIDTH == WIDTH && CHROMABOY_HEIGHT == HEIGHT,
    "numbers, since the header cannot look elsewhere"
);

/// A style: as far as the network is sure. Elsewhere colors stay close to grey.
pub const CHROMABOY_STYLE_SAFE: c_int = 0;
/// A style: what the network thinks most likely, sure or not.
pub const CHROMABOY_STYLE_VIVID: c_int = 1;

/// A timing: the network runs on a thread of its own, and nobody waits for it. Each frame has the
/// latest colors that there are; those of the first are not there yet. This is what a running game
/// needs.
pub const CHROMABOY_TIMING_LIVE: c_int = 0;
/// A timing: each frame has its own colors, and `chromaboy_colorizer_colorize` waits for the
/// network. This is for pictures and films.
pub const CHROMABOY_TIMING_EXACT: c_int = 1;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version has no NUL"),
    };

/// What a colorizer is to be like. All zero are the defaults: `struct chromaboy_options options =
/// {0};`
///
/// The struct may grow from version to version: compile with the header of the library that you
/// link.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The network's weights: `v3` or `v1`, which are built in, or the path of a file in UTF-8: the
    /// weights of V0, V1, V2 or V3 as safetensors, or those of V0, V1 and V2 as PyTorch saves them.
    /// NULL or empty: `v3`.
    pub weights: *const c_char,
    /// Where the network runs: `auto`, `cpu`, `cuda` or `metal`; the last two if the library was
    /// built with the feature of that name. NULL or empty: `auto`, which is a graphics card if one
    /// can be had, else the CPU.
    pub device: *const c_char,
    /// `CHROMABOY_STYLE_SAFE` or `CHROMABOY_STYLE_VIVID`. Only V3 knows styles.
    pub style: c_int,
    /// `CHROMABOY_TIMING_LIVE` or `CHROMABOY_TIMING_EXACT`.
    pub timing: c_int,
    /// Threads that compute on the CPU, 1-256, or 0 for all cores but one.
    pub threads: c_uint,
}

/// Makes a colorizer, for one game. That takes longer than a frame lasts: do it while
/// a game is loaded.
///
/// `options` may be NULL, for the defaults. They are only read during the call.
///
/// Returns NULL if the colorizer cannot be made, and then `error` holds the reason: one line of
/// UTF-8 that ends in NUL and is cut to `error_size` bytes with that. Otherwise `error` holds the
/// empty text. `error` may be NULL, with the size 0.
///
/// A colorizer may go from thread to thread, but only one thread at a time may use it. There may be
/// several. A process that has made one must not unload the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chromaboy_colorizer_new(
    options: *const Options,
    error: *mut c_char,
    error_size: usize,
) -> *mut Colorizer {
    // SAFETY: the options are NULL or the caller's, and stay as they are during the call.
    let made = unsafe { request(options) }.and_then(|request| Colorizer::new(&request));
    let (colorizer, reason) = match made {
        Ok(colorizer) => (Box::into_raw(Box::new(colorizer)), String::new()),
        Err(reason) => (ptr::null_mut(), reason.to_string()),
    };
    // SAFETY: the caller has that many bytes there, or there is NULL.
    unsafe { write_text(&reason, error, error_size) };
    colorizer
}

/// Colors a frame.
///
/// `shades` are the shades that the game drew, as the LCD got them: 160x144 bytes, row by row from
/// the top left, no gaps between the rows. 0 is white, 1 light grey, 2 dark grey and 3 black; only
/// the two low bits of each byte count. They are colors after the game's palettes (BGP, OBP0,
/// OBP1), not color indices, and before any palette of the emulator.
///
/// `rgba` is where the picture goes: 160x144 pixels of 4 bytes, red, green, blue (sRGB) and 255, in
/// the same order.
///
/// Give it every frame of a running game, also those that you do not show: a colorizer learns from
/// what it sees. With `CHROMABOY_TIMING_LIVE` it never waits for the network.
///
/// Returns whether there is a picture. There is none, and `rgba` is as it was, if a pointer is
/// NULL, or after an error of the library itself; `chromaboy_colorizer_failure` then says what it
/// was. If the network alone fails, pictures are grey.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chromaboy_colorizer_colorize(
    colorizer: *mut Colorizer,
    shades: *const u8,
    rgba: *mut u8,
) -> bool {
    // SAFETY: what is asked of the pointers is what the caller was asked for.
    unsafe { colorize(colorizer, shades, rgba, Colorizer::colorize) }
}

/// Colors a frame of greys, for who has no shades: 160x144 bytes, 255 is white and 0 black. A grey
/// counts as the nearest of 255, 170, 85 and 0. All else is as `chromaboy_colorizer_colorize` has
/// it.
///
/// A picture whose four greys are others, or that is green, must be turned into shades first: the
/// order of its four colors by lightness is that of the shades.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chromaboy_colorizer_colorize_grey(
    colorizer: *mut Colorizer,
    grey: *const u8,
    rgba: *mut u8,
) -> bool {
    // SAFETY: what is asked of the pointers is what the caller was asked for.
    unsafe { colorize(colorizer, grey, rgba, Colorizer::colorize_grey) }
}

/// Forgets earlier frames. Call it after a reset of the game, a loaded state or a rewind. For
/// another game make another colorizer. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chromaboy_colorizer_reset(colorizer: *mut Colorizer) {
    // SAFETY: NULL, or a colorizer that nobody else uses.
    if let Some(colorizer) = unsafe { colorizer.as_mut() } {
        let _ = colorizer.reset();
    }
}

/// What went wrong first, in one line of UTF-8, or NULL if nothing did. The text is the library's,
/// and lasts until the next call with this colorizer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chromaboy_colorizer_failure(colorizer: *mut Colorizer) -> *const c_char {
    // SAFETY: NULL, or a colorizer that nobody else uses.
    match unsafe { colorizer.as_mut() } {
        Some(colorizer) => colorizer.failure().map_or(ptr::null(), CStr::as_ptr),
        None => c"there is no colorizer".as_ptr(),
    }
}

/// The network and where it runs, such as `V3 on CPU, 1 thread, f32`, in UTF-8. The text is the
/// library's, and lasts as long as the colorizer. NULL if `colorizer` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chromaboy_colorizer_description(
    colorizer: *const Colorizer,
) -> *const c_char {
    // SAFETY: NULL, or a colorizer that nobody else uses.
    let colorizer = unsafe { colorizer.as_ref() };
    colorizer.map_or(ptr::null(), |colorizer| colorizer.description().as_ptr())
}

/// Frees a colorizer, which must not be used again. It waits until the network is done with the
/// frame that it is at. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chromaboy_colorizer_free(colorizer: *mut Colorizer) {
    if colorizer.is_null() {
        return;
    }
    // SAFETY: made by `Box::into_raw`, and the caller gives it up.
    let colorizer = unsafe { Box::from_raw(colorizer) };
    // What can be done about a panic here is nothing.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(colorizer)));
}

/// The version of the library, such as `0.1.0`. The text lasts for ever.
#[unsafe(no_mangle)]
pub extern "C" fn chromaboy_version() -> *const c_char {
    VERSION.as_ptr()
}

/// Colors the bytes of a frame by one of the two ways.
///
/// # Safety
/// Each pointer is NULL or fit for use: a colorizer that nobody else uses, a frame to read, four
/// times as many bytes to write.
unsafe fn colorize(
    colorizer: *mut Colorizer,
    bytes: *const u8,
    rgba: *mut u8,
    color: impl for<'a> FnOnce(&'a mut Colorizer, &[u8; PIXELS]) -> Option<&'a [u8]>,
) -> bool {
    if bytes.is_null() || rgba.is_null() {
        return false;
    }
    // SAFETY: the caller's promises. The frame is copied first, so that `rgba` may overlap it.
    unsafe {
        let Some(colorizer) = colorizer.as_mut() else { return false };
        let frame: [u8; PIXELS] = bytes.cast::<[u8; PIXELS]>().read();
        let Some(picture) = color(colorizer, &frame) else { return false };
        ptr::copy_nonoverlapping(picture.as_ptr(), rgba, picture.len());
    }
    true
}

/// What is asked for.
///
/// # Safety
/// NULL or options whose texts are NULL or end in NUL; all of it stays as it is while the answer is
/// used.
unsafe fn request<'a>(options: *const Options) -> Result<Request<'a>, Error> {
    // SAFETY: the caller's promise.
    let Some(options) = (unsafe { options.as_ref() }) else { return Ok(Request::default()) };
    // SAFETY: the caller's promise.
    let (weights, device) =
        unsafe { (text(options.weights, "weights")?, text(options.device, "device")?) };
    let (style, timing) = (options.style, options.timing);
    Ok(Request { weights, device, style, timing, threads: options.threads as usize })
}

/// A text of the caller's; `what` it is, for the error.
///
/// # Safety
/// NULL or a text that ends in NUL and stays as it is while the answer is used.
unsafe fn text<'a>(text: *const c_char, what: &'static str) -> Result<&'a str, Error> {
    if text.is_null() {
        return Ok("");
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| Error::NotUtf8(what))
}

/// Writes as much of the text as fits in, whole characters and a NUL.
///
/// # Safety
/// `to` is NULL or has `size` bytes to write.
unsafe fn write_text(text: &str, to: *mut c_char, size: usize) {
    let Some(space) = size.checked_sub(1) else { return };
    if to.is_null() {
        return;
    }
    let end = text.floor_char_boundary(space);
    // SAFETY: `end` is at most `size - 1`, and a text that was just made is not the caller's.
    unsafe {
        ptr::copy_nonoverlapping(text.as_ptr(), to.cast(), end);
        to.add(end).write(0);
    }
}
