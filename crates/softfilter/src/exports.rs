//! What `RetroArch` calls. No panic gets out: a filter that had one lets all pictures pass.

#![allow(unsafe_code, reason = "these functions are called from C, with pointers")]

use std::ffi::{CStr, c_int, c_uint, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::slice;

use crate::abi::{self, Config, Implementation, WorkPacket};
use crate::filter::{Filter, Network, Picture, PixelFormat, Settings};

/// The only kind of filter that there is here.
struct Kind(Implementation);

// SAFETY: it is never written, and its pointers are to texts that are constants.
unsafe impl Sync for Kind {}

static KIND: Kind = Kind(Implementation {
    query_input_formats,
    query_output_formats,
    create,
    destroy,
    query_num_threads,
    query_output_size,
    get_work_packets,
    api_version: abi::API_VERSION,
    ident: c"Chromaboy".as_ptr(),
    short_ident: c"chromaboy".as_ptr(),
});

/// A filter as the frontend holds it.
struct Instance {
    /// `None` once it has panicked, so that nobody sees it half changed.
    filter: Option<Filter>,
    format: PixelFormat,
    job: Job,
}

/// A picture that is to be painted.
struct Job {
    input: *const u8,
    input_stride: usize,
    output: *mut u8,
    output_stride: usize,
    width: usize,
    height: usize,
}

/// The filter, by which `RetroArch` knows this library.
#[unsafe(no_mangle)]
pub extern "C" fn softfilter_get_implementation(_processor: c_uint) -> *const Implementation {
    &raw const KIND.0
}

extern "C" fn query_input_formats() -> c_uint {
    abi::FORMAT_RGB565 | abi::FORMAT_XRGB8888
}

extern "C" fn query_output_formats(input: c_uint) -> c_uint {
    input & query_input_formats()
}

extern "C" fn create(
    config: *const Config,
    input: c_uint,
    _output: c_uint,
    _width: c_uint,
    _height: c_uint,
    _threads: c_uint,
    _processor: c_uint,
    user: *mut c_void,
) -> *mut c_void {
    let format = match input {
        abi::FORMAT_RGB565 => PixelFormat::Rgb565,
        abi::FORMAT_XRGB8888 => PixelFormat::Xrgb8888,
        _ => return null_mut(),
    };
    // SAFETY: the frontend's, for as long as this call takes, or null.
    let settings = settings(unsafe { config.as_ref() }, user);
    let made = catch_unwind(|| Filter::new(settings)).unwrap_or_else(|_| Err("a bug".to_owned()));
    let filter = match made {
        Ok(filter) => filter,
        Err(error) => {
            // The interface has nothing to log with.
            eprintln!("[Chromaboy] {error}");
            return null_mut();
        }
    };
    let job = Job {
        input: null(),
        input_stride: 0,
        output: null_mut(),
        output_stride: 0,
        width: 0,
        height: 0,
    };
    Box::into_raw(Box::new(Instance { filter: Some(filter), format, job })).cast()
}

/// The settings of the `.filt` file, `chromaboy_network` and `chromaboy_strength`.
fn settings(config: Option<&Config>, user: *mut c_void) -> Settings {
    let number = |key: &CStr, usual: c_int| {
        let mut number = usual;
        if let Some(get) = config.and_then(|config| config.get_int) {
            get(user, key.as_ptr(), &raw mut number, usual);
        }
        number
    };
    let network = if number(c"network", 3) == 1 { Network::V1 } else { Network::V3 };
    Settings { network, strength: number(c"strength", 100).clamp(0, 100) as u8 }
}

extern "C" fn destroy(filter: *mut c_void) {
    if !filter.is_null() {
        // SAFETY: `create` made it, and the frontend does not use it any more.
        let instance = unsafe { Box::from_raw(filter.cast::<Instance>()) };
        // Its threads are waited for, which must not panic into C either.
        let _ = catch_unwind(AssertUnwindSafe(move || drop(instance)));
    }
}

extern "C" fn query_num_threads(_filter: *mut c_void) -> c_uint {
    1
}

extern "C" fn query_output_size(
    _filter: *mut c_void,
    out_width: *mut c_uint,
    out_height: *mut c_uint,
    width: c_uint,
    height: c_uint,
) {
    // SAFETY: places of the frontend's, or null.
    unsafe {
        if let Some(out) = out_width.as_mut() {
            *out = width;
        }
        if let Some(out) = out_height.as_mut() {
            *out = height;
        }
    }
}

extern "C" fn get_work_packets(
    filter: *mut c_void,
    packets: *mut WorkPacket,
    output: *mut c_void,
    output_stride: usize,
    input: *const c_void,
    width: c_uint,
    height: c_uint,
    input_stride: usize,
) {
    // SAFETY: `create` made the filter, and nothing else uses it now; there is one packet.
    let (instance, packet) = unsafe { (filter.cast::<Instance>().as_mut(), packets.as_mut()) };
    let (Some(instance), Some(packet)) = (instance, packet) else { return };
    instance.job = Job {
        input: input.cast(),
        input_stride,
        output: output.cast(),
        output_stride,
        width: width as usize,
        height: height as usize,
    };
    *packet = WorkPacket { work: Some(work), thread_data: null_mut() };
}

/// Paints the picture that was announced last.
extern "C" fn work(filter: *mut c_void, _thread_data: *mut c_void) {
    // SAFETY: `create` made it, and one packet is worked on at a time.
    let Some(instance) = (unsafe { filter.cast::<Instance>().as_mut() }) else { return };
    let Job { input, input_stride, output, output_stride, width, height } = instance.job;
    let length = |stride: usize, row: usize| {
        (stride >= row && row > 0 && height > 0).then(|| stride * (height - 1) + row)
    };
    let row = width * instance.format.size();
    let lengths = (length(input_stride, row), length(output_stride, row));
    let (Some(input_length), Some(output_length)) = lengths else { return };
    if input.is_null() || output.is_null() {
        return;
    }
    // SAFETY: two pictures of the frontend's, of so many rows, which it keeps until this is done.
    let (bytes, out) = unsafe {
        let bytes = slice::from_raw_parts(input, input_length);
        (bytes, slice::from_raw_parts_mut(output, output_length))
    };
    let picture = Picture { bytes, width, height, stride: input_stride, format: instance.format };
    let filter = instance.filter.take();
    let painted = catch_unwind(AssertUnwindSafe(|| {
        let mut filter = filter?;
        filter.paint(&picture, out, output_stride);
        Some(filter)
    }));
    if let Ok(Some(filter)) = painted {
        instance.filter = Some(filter);
    } else {
        picture.copy(out, output_stride);
    }
}
