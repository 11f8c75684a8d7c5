//! A tiny host, which calls what there is in right and wrong order.

#![allow(unsafe_code, reason = "a host calls the filter by its pointers")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{null, null_mut};
use std::thread::sleep;
use std::time::Duration;

use chromaboy_filter::abi::{
    API_VERSION, Config, FORMAT_RGB565, FORMAT_XRGB8888, Implementation, WorkPacket,
};
use chromaboy_filter::softfilter_get_implementation;
use gameboy::{Cartridge, GameBoy, HEIGHT, Model, PIXELS, WIDTH};

fn kind() -> &'static Implementation {
    // SAFETY: it is a constant of the library's.
    unsafe { softfilter_get_implementation(0).as_ref() }.expect("the filter")
}

/// A filter as the host holds it.
struct Host {
    filter: *mut c_void,
    size: usize,
}

impl Host {
    fn new(config: Option<&Config>, format: c_uint) -> Self {
        let config = config.map_or(null(), |config| &raw const *config);
        let create = kind().create;
        let filter = create(config, format, format, WIDTH as c_uint, 144, 2, 0, null_mut());
        Self { filter, size: if format == FORMAT_RGB565 { 2 } else { 4 } }
    }

    /// A picture of that width, in rows that are 12 bytes longer than it takes.
    fn paint(&self, bytes: &[u8], width: usize, height: usize) -> Vec<u32> {
        let strides = (width * self.size + 12, width * self.size + 8);
        let mut input = vec![0x55; strides.0 * height];
        for (row, pixels) in input.chunks_mut(strides.0).zip(bytes.chunks(width * self.size)) {
            row[..pixels.len()].copy_from_slice(pixels);
        }
        let mut output = vec![0xAA; strides.1 * height];
        let mut packet = WorkPacket { work: None, thread_data: null_mut() };
        (kind().get_work_packets)(
            self.filter,
            &raw mut packet,
            output.as_mut_ptr().cast(),
            strides.1,
            input.as_ptr().cast(),
            width as c_uint,
            height as c_uint,
            strides.0,
        );
        packet.work.expect("work")(self.filter, packet.thread_data);
        let mut pixels = Vec::new();
        for row in output.chunks(strides.1) {
            let (row, behind) = row.split_at(width * self.size);
            assert!(behind.iter().all(|&byte| byte == 0xAA), "written behind a row");
            pixels.extend(row.chunks(self.size).map(|pixel| match *pixel {
                [low, high] => {
                    let pixel = u16::from_ne_bytes([low, high]) as u32;
                    (pixel >> 11) << 19 | (pixel >> 5 & 63) << 10 | (pixel & 31) << 3
                }
                _ => u32::from_ne_bytes(pixel.try_into().expect("four bytes")),
            }));
        }
        pixels
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        (kind().destroy)(self.filter);
    }
}

/// The demo's shades after so many frames, as another core shows them.
fn demo(frames: usize, format: c_uint) -> Vec<u8> {
    let rom = include_bytes!("../../../roms/chromaboy-demo.gb").to_vec();
    let mut gb = GameBoy::new(Cartridge::from_bytes(rom).expect("the demo"), Model::Dmg);
    (0..frames).for_each(|_| gb.run_frame());
    let shades = gb.frame().shades().expect("shades").iter();
    let pixel = |&shade: &u8| match format {
        FORMAT_RGB565 => [0xFFFF_u16, 0xAD55, 0x52AA, 0][shade as usize].to_ne_bytes().to_vec(),
        _ => [0x00FF_FFFF_u32, 0x00AA_AAAA, 0x0055_5555, 0][shade as usize].to_ne_bytes().to_vec(),
    };
    shades.flat_map(pixel).collect()
}

fn colored(pixels: &[u32]) -> usize {
    let is_colored = |pixel: &&u32| {
        let [_, r, _, b] = pixel.to_be_bytes();
        r.abs_diff(b) > 24
    };
    pixels.iter().filter(is_colored).count()
}

extern "C" fn get_int(_: *mut c_void, key: *const c_char, out: *mut c_int, _: c_int) -> c_int {
    // SAFETY: the filter's, as the interface says.
    unsafe {
        *out = c_int::from(CStr::from_ptr(key) != c"strength");
    }
    1
}

#[test]
fn a_picture_of_the_demo_gets_colors() {
    assert_eq!(kind().api_version, API_VERSION);
    // SAFETY: a constant text.
    assert_eq!(unsafe { CStr::from_ptr(kind().short_ident) }, c"chromaboy");
    for format in [FORMAT_RGB565, FORMAT_XRGB8888] {
        assert_ne!((kind().query_input_formats)() & format, 0);
        assert_eq!((kind().query_output_formats)(format), format);
        let (host, picture) = (Host::new(None, format), demo(400, format));
        assert!(!host.filter.is_null());
        let mut size = (0, 0);
        (kind().query_output_size)(host.filter, &raw mut size.0, &raw mut size.1, 160, 144);
        assert_eq!((size, (kind().query_num_threads)(host.filter)), ((160, 144), 1));
        // The network is on its way.
        let painted = (0..500).find_map(|_| {
            sleep(Duration::from_millis(20));
            let painted = host.paint(&picture, WIDTH, HEIGHT);
            (colored(&painted) > PIXELS / 3).then_some(painted)
        });
        let painted = painted.expect("colors");
        assert_eq!(painted.len(), PIXELS);
        // What is none of an original Game Boy's passes.
        let other = host.paint(&picture, WIDTH, HEIGHT / 2);
        assert_eq!((other.len(), colored(&other)), (PIXELS / 2, 0));
    }
}

#[test]
fn settings_are_read() {
    let config = Config { get_float: None, get_int: Some(get_int) };
    let (host, picture) = (Host::new(Some(&config), FORMAT_XRGB8888), demo(400, FORMAT_XRGB8888));
    for _ in 0..50 {
        let grey = host.paint(&picture, WIDTH, HEIGHT);
        assert_eq!(colored(&grey), 0, "colors of no strength");
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_makes_no_sense_does_nothing() {
    let create = kind().create;
    for format in [0, 3, 4] {
        assert!(create(null(), format, format, 160, 144, 1, 0, null_mut()).is_null());
    }
    (kind().destroy)(null_mut());
    (kind().query_output_size)(null_mut(), null_mut(), null_mut(), 1, 1);
    let mut packet = WorkPacket { work: None, thread_data: null_mut() };
    let begin = kind().get_work_packets;
    begin(null_mut(), &raw mut packet, null_mut(), 0, null(), 0, 0, 0);
    assert!(packet.work.is_none());
    let host = Host::new(None, FORMAT_XRGB8888);
    begin(host.filter, null_mut(), null_mut(), 0, null(), 160, 144, 640);
    // No picture, rows that are too short, and none at all.
    let mut pixels = [0u8; 64];
    let bytes = pixels.as_mut_ptr();
    for (output, input, width, height, stride) in [
        (null_mut(), null(), 160, 144, 640),
        (bytes, bytes.cast_const(), 160, 144, 8),
        (bytes, bytes.cast_const(), 0, 0, 0),
        (bytes, bytes.cast_const(), 4, 0, 16),
    ] {
        begin(
            host.filter,
            &raw mut packet,
            output.cast(),
            stride,
            input.cast(),
            width,
            height,
            stride,
        );
        let work = packet.work.expect("work");
        work(host.filter, packet.thread_data);
        work(null_mut(), null_mut());
    }
    assert_eq!(pixels, [0; 64]);
}
