//! Calls as C makes them, right and wrong ones.
#![allow(unsafe_code, reason = "this is C, in the clothes of Rust")]

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use chromaboy_colorizer::{
    CHROMABOY_PIXELS, CHROMABOY_STYLE_VIVID, CHROMABOY_TIMING_EXACT, Colorizer, Options,
    chromaboy_colorizer_colorize, chromaboy_colorizer_colorize_grey,
    chromaboy_colorizer_description, chromaboy_colorizer_failure, chromaboy_colorizer_free,
    chromaboy_colorizer_new, chromaboy_colorizer_reset, chromaboy_version,
};

const NOTHING: Options =
    Options { weights: ptr::null(), device: ptr::null(), style: 0, timing: 0, threads: 0 };
const EXACT: Options =
    Options { device: c"cpu".as_ptr(), timing: CHROMABOY_TIMING_EXACT, threads: 1, ..NOTHING };

fn new(options: &Options) -> *mut Colorizer {
    let mut error: [c_char; 100] = [1; 100];
    // SAFETY: the options are whole, and so many bytes can be written.
    let colorizer =
        unsafe { chromaboy_colorizer_new(options, error.as_mut_ptr(), size_of_val(&error)) };
    assert!(!colorizer.is_null(), "there is a colorizer");
    assert_eq!(error[0], 0, "and no error");
    colorizer
}

/// The reason why there is no colorizer, where `size` bytes are left for it.
fn refusal(options: &Options, size: usize) -> CString {
    let mut error = [1u8; 100];
    // SAFETY: the options are whole, and as many bytes can be written.
    let colorizer = unsafe { chromaboy_colorizer_new(options, error.as_mut_ptr().cast(), size) };
    assert!(colorizer.is_null(), "there is a colorizer");
    assert!(
        error[size..].iter().all(|&byte| byte == 1),
        "more was written than there is place for"
    );
    CStr::from_bytes_until_nul(&error).expect("a text that ends").to_owned()
}

fn text(text: *const c_char) -> Option<String> {
    // SAFETY: NULL, or a text of the library's that ends in NUL.
    let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })?;
    Some(text.to_str().expect("UTF-8").to_owned())
}

fn squares() -> Vec<u8> {
    (0..CHROMABOY_PIXELS).map(|at| ((at / 16 + at / 160 / 16) % 4) as u8).collect()
}

fn colorize(colorizer: *mut Colorizer, shades: &[u8]) -> Vec<u8> {
    assert_eq!(shades.len(), CHROMABOY_PIXELS);
    let mut rgba = vec![7; 4 * CHROMABOY_PIXELS];
    // SAFETY: a colorizer, and as many bytes as are asked for.
    let is_done =
        unsafe { chromaboy_colorizer_colorize(colorizer, shades.as_ptr(), rgba.as_mut_ptr()) };
    assert!(is_done);
    rgba
}

#[test]
fn greys_and_stray_bits_are_shades() {
    let (first, second) = (new(&EXACT), new(&EXACT));
    let wanted = colorize(first, &squares());
    assert!(wanted.chunks(4).all(|rgba| rgba[3] == 255), "not opaque");
    assert!(wanted.chunks(4).any(|rgba| rgba[0] != rgba[2]), "no colors");
    let grey: Vec<u8> = squares().iter().map(|shade| 250 - 80 * shade).collect();
    let mut rgba = vec![0; wanted.len()];
    // SAFETY: a colorizer, and as many bytes as are asked for.
    assert!(unsafe { chromaboy_colorizer_colorize_grey(second, grey.as_ptr(), rgba.as_mut_ptr()) });
    assert!(rgba == wanted, "greys are not colored as their shades are");
    // SAFETY: two colorizers, each once.
    unsafe {
        chromaboy_colorizer_reset(second);
        let stray: Vec<u8> = squares().iter().map(|shade| shade | 0xF0).collect();
        assert!(colorize(second, &stray) == wanted, "the high bits count");
        chromaboy_colorizer_free(first);
        chromaboy_colorizer_free(second);
    }
}

#[test]
fn options_are_obeyed() {
    // SAFETY: each colorizer is used as it should be.
    unsafe {
        let v1 = new(&Options { weights: c"v1".as_ptr(), ..EXACT });
        let description = text(chromaboy_colorizer_description(v1)).expect("a description");
        assert!(description.starts_with("V1 on CPU, 1 thread, "), "{description}");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/v1.safetensors");
        let file = CString::new(file).expect("no NUL");
        let same = new(&Options { weights: file.as_ptr(), threads: 2, ..EXACT });
        let description = text(chromaboy_colorizer_description(same)).expect("a description");
        assert!(description.starts_with("V1 on CPU, 2 threads, "), "{description}");
        assert!(colorize(v1, &squares()) == colorize(same, &squares()), "the file is another");
        let safe = new(&Options { weights: c"".as_ptr(), ..EXACT });
        let vivid = new(&Options { style: CHROMABOY_STYLE_VIVID, ..EXACT });
        assert!(colorize(safe, &squares()) != colorize(vivid, &squares()), "style is ignored");
        // Nobody waits, so that the first picture is grey.
        let live = new(&NOTHING);
        let first = colorize(live, &squares());
        assert!(first.chunks(4).all(|rgba| rgba[0] == rgba[1] && rgba[1] == rgba[2]));
        for colorizer in [v1, same, safe, vivid, live] {
            assert_eq!(text(chromaboy_colorizer_failure(colorizer)), None);
            chromaboy_colorizer_free(colorizer);
        }
    }
}

#[test]
fn what_cannot_be_had_is_refused_in_a_line_that_fits() {
    let tpu = Options { device: c"tpu".as_ptr(), ..NOTHING };
    let whole = c"unknown device \"tpu\": choose auto, cpu, cuda or metal";
    assert_eq!(refusal(&tpu, 100), *whole);
    assert_eq!(refusal(&tpu, 8), *c"unknown");
    assert_eq!(refusal(&tpu, 1), *c"");
    // A character of two bytes is not cut in half.
    let file = Options { weights: c"\u{e4}".as_ptr(), ..NOTHING };
    let length = c"cannot read the weights ".count_bytes();
    assert_eq!(refusal(&file, length + 2), *c"cannot read the weights ");
    assert_eq!(refusal(&file, length + 3), *c"cannot read the weights \u{e4}");
    let latin1 = Options { weights: c"\xE4".as_ptr(), ..NOTHING };
    assert_eq!(refusal(&latin1, 100), *c"the text of weights is not UTF-8");
    // SAFETY: the options are whole, and no error is asked for.
    unsafe {
        assert!(chromaboy_colorizer_new(&raw const tpu, ptr::null_mut(), 0).is_null());
        assert!(chromaboy_colorizer_new(&raw const tpu, ptr::null_mut(), 100).is_null());
        let mut byte: c_char = 1;
        assert!(chromaboy_colorizer_new(&raw const tpu, &raw mut byte, 0).is_null());
        assert_eq!(byte, 1, "written where there is no place");
    }
}

#[test]
fn null_and_the_wrong_order_do_no_harm() {
    let shades = squares();
    let mut rgba = vec![7; 4 * CHROMABOY_PIXELS];
    let (from, to) = (shades.as_ptr(), rgba.as_mut_ptr());
    let none = ptr::null_mut();
    // SAFETY: NULL is allowed everywhere, and what is not NULL is whole.
    unsafe {
        for colorize in [chromaboy_colorizer_colorize, chromaboy_colorizer_colorize_grey] {
            assert!(!colorize(none, from, to));
            assert!(!colorize(none, ptr::null(), ptr::null_mut()));
        }
        chromaboy_colorizer_reset(none);
        assert_eq!(text(chromaboy_colorizer_description(none)), None);
        let failure = text(chromaboy_colorizer_failure(none));
        assert_eq!(failure.as_deref(), Some("there is no colorizer"));
        chromaboy_colorizer_free(none);

        let colorizer = chromaboy_colorizer_new(ptr::null(), ptr::null_mut(), 0);
        assert!(!colorizer.is_null(), "the defaults");
        assert_eq!(text(chromaboy_colorizer_failure(colorizer)), None);
        chromaboy_colorizer_reset(colorizer);
        chromaboy_colorizer_reset(colorizer);
        for colorize in [chromaboy_colorizer_colorize, chromaboy_colorizer_colorize_grey] {
            assert!(!colorize(colorizer, ptr::null(), to));
            assert!(!colorize(colorizer, from, ptr::null_mut()));
        }
        assert_eq!(text(chromaboy_colorizer_failure(colorizer)), None);
        assert!(chromaboy_colorizer_colorize(colorizer, from, to));
        // At once, while the network is at it.
        chromaboy_colorizer_reset(colorizer);
        chromaboy_colorizer_free(colorizer);
        let unused = chromaboy_colorizer_new(ptr::null(), ptr::null_mut(), 0);
        chromaboy_colorizer_free(unused);
    }
    assert_eq!(text(chromaboy_version()).as_deref(), Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_picture_may_take_the_place_of_its_frame() {
    let (apart, over) = (new(&EXACT), new(&EXACT));
    let wanted = colorize(apart, &squares());
    let mut both = squares();
    both.resize(4 * CHROMABOY_PIXELS, 0);
    let place = both.as_mut_ptr();
    // SAFETY: the place holds a frame, and has space for a picture.
    unsafe {
        assert!(chromaboy_colorizer_colorize(over, place, place));
        chromaboy_colorizer_free(apart);
        chromaboy_colorizer_free(over);
    }
    assert!(both == wanted);
}
