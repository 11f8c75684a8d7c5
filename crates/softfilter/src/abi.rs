//! What `RetroArch` and a software filter agree upon, version 2 of its interface.
//!
//! All functions may be called from any thread, but for one filter only one at a time.

use std::ffi::{c_char, c_float, c_int, c_uint, c_void};

/// The version of the interface.
pub const API_VERSION: c_uint = 2;

/// Pixels of 16 bits, RRRRRGGGGGGBBBBB.
pub const FORMAT_RGB565: c_uint = 1 << 0;
/// Pixels of 32 bits, 0x00RRGGBB.
pub const FORMAT_XRGB8888: c_uint = 1 << 1;

/// Reads a number of the filter's settings: what is passed on to the user of the settings, the key,
/// where to put it, and what it is without that key. 1 if there is the key, else 0.
pub type GetInt = extern "C" fn(*mut c_void, *const c_char, *mut c_int, c_int) -> c_int;
/// As [`GetInt`].
pub type GetFloat = extern "C" fn(*mut c_void, *const c_char, *mut c_float, c_float) -> c_int;

/// How a filter reads the settings of its `.filt` file.
///
/// More follows, but not the same in all versions of `RetroArch`, which yet have one number: one has
/// come to read hexadecimal numbers in between. These two are in their places in all of them.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Config {
    /// A number.
    pub get_float: Option<GetFloat>,
    /// A whole number.
    pub get_int: Option<GetInt>,
}

/// A part of the work on a picture, done on a thread of the frontend's: `work` is called with the
/// filter and `thread_data`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct WorkPacket {
    /// What does it.
    pub work: Option<extern "C" fn(*mut c_void, *mut c_void)>,
    /// What it is told.
    pub thread_data: *mut c_void,
}

/// Makes a filter: the settings, the formats of pictures in and out, the greatest width and height,
/// how many threads there are, what the processor can, and what the settings are read with. Null
/// where it cannot be made.
pub type Create = extern "C" fn(
    *const Config,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    *mut c_void,
) -> *mut c_void;

/// Takes a picture: the filter, as many packets as it has threads, the picture to make and the bytes
/// of its rows, the one to make it of, its width, height, and the bytes of its rows.
pub type GetWorkPackets = extern "C" fn(
    *mut c_void,
    *mut WorkPacket,
    *mut c_void,
    usize,
    *const c_void,
    c_uint,
    c_uint,
    usize,
);

/// A kind of filter.
#[derive(Debug)]
#[repr(C)]
pub struct Implementation {
    /// The formats that it takes, a bit each.
    pub query_input_formats: extern "C" fn() -> c_uint,
    /// The formats that it makes of one of those.
    pub query_output_formats: extern "C" fn(c_uint) -> c_uint,
    /// Makes one.
    pub create: Create,
    /// Frees one.
    pub destroy: extern "C" fn(*mut c_void),
    /// How many threads it works on.
    pub query_num_threads: extern "C" fn(*mut c_void) -> c_uint,
    /// The size of the picture that it makes of one of that size.
    pub query_output_size: extern "C" fn(*mut c_void, *mut c_uint, *mut c_uint, c_uint, c_uint),
    /// Begins with a picture.
    pub get_work_packets: GetWorkPackets,
    /// [`API_VERSION`].
    pub api_version: c_uint,
    /// A name for people.
    pub ident: *const c_char,
    /// A name for files.
    pub short_ident: *const c_char,
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use std::mem::{offset_of, size_of};

    use super::*;

    #[test]
    fn sizes_and_places_are_those_of_the_interface() {
        assert_eq!((size_of::<Config>(), offset_of!(Config, get_int)), (16, 8));
        assert_eq!((size_of::<WorkPacket>(), offset_of!(WorkPacket, thread_data)), (16, 8));
        assert_eq!(size_of::<Implementation>(), 80);
        assert_eq!(offset_of!(Implementation, create), 16);
        assert_eq!(offset_of!(Implementation, get_work_packets), 48);
        assert_eq!(offset_of!(Implementation, api_version), 56);
        assert_eq!(offset_of!(Implementation, ident), 64);
        assert_eq!(offset_of!(Implementation, short_ident), 72);
    }
}
