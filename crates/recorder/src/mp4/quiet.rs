//! An encoder that prints nothing.
#![allow(
    unsafe_code,
    reason = "OpenH264 prints warnings while it is set up, and only its raw interface can stop that before"
)]

use std::ffi::c_int;

use openh264::encoder::Encoder;
use openh264_sys2::ENCODER_OPTION_TRACE_LEVEL;

/// Lets an encoder print nothing from now on.
pub fn silence(encoder: &mut Encoder) {
    let mut level: c_int = 0;
    // SAFETY: this option is an int that is read during the call, and may be set at any time, also
    // before the encoder is set up; nothing else that the encoder relies on is touched.
    unsafe {
        encoder.raw_api().set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut level).cast());
    }
}
