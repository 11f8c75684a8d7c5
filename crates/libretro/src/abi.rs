//! The types and numbers of the libretro API, version 1.

use std::ffi::{c_char, c_int, c_uint, c_void};

/// The version of the API.
pub const API_VERSION: c_uint = 1;

/// Numbers of calls to the frontend's environment: what each wants and gives is in libretro's
/// documentation under `RETRO_ENVIRONMENT_` and this name.
pub mod environment {
    use std::ffi::c_uint;

    /// May change, says the specification.
    const EXPERIMENTAL: c_uint = 0x10000;

    /// [`Message`](super::Message).
    pub const SET_MESSAGE: c_uint = 6;
    /// A path.
    pub const GET_SYSTEM_DIRECTORY: c_uint = 9;
    /// One of [`pixel_format`](super::pixel_format).
    pub const SET_PIXEL_FORMAT: c_uint = 10;
    /// [`InputDescriptor`](super::InputDescriptor)s up to one without description.
    pub const SET_INPUT_DESCRIPTORS: c_uint = 11;
    /// [`Variable`](super::Variable), whose value is filled in.
    pub const GET_VARIABLE: c_uint = 15;
    /// [`Variable`](super::Variable)s up to one without key.
    pub const SET_VARIABLES: c_uint = 16;
    /// A `bool`.
    pub const GET_VARIABLE_UPDATE: c_uint = 17;
    /// A `bool`.
    pub const SET_SUPPORT_NO_GAME: c_uint = 18;
    /// [`RumbleInterface`](super::RumbleInterface).
    pub const GET_RUMBLE_INTERFACE: c_uint = 23;
    /// [`LogCallback`](super::LogCallback).
    pub const GET_LOG_INTERFACE: c_uint = 27;
    /// [`ControllerInfo`](super::ControllerInfo)s up to one without types.
    pub const SET_CONTROLLER_INFO: c_uint = 35;
    /// [`MemoryMap`](super::MemoryMap).
    pub const SET_MEMORY_MAPS: c_uint = EXPERIMENTAL + 36;
    /// [`Geometry`](super::Geometry).
    pub const SET_GEOMETRY: c_uint = 37;
    /// A `bool`.
    pub const SET_SUPPORT_ACHIEVEMENTS: c_uint = EXPERIMENTAL + 42;
    /// An `int` of bits: 1 video, 2 audio.
    pub const GET_AUDIO_VIDEO_ENABLE: c_uint = EXPERIMENTAL + 47;
    /// Nothing, and answers whether one call tells all buttons.
    pub const GET_INPUT_BITMASKS: c_uint = EXPERIMENTAL + 51;
    /// An `unsigned`.
    pub const GET_CORE_OPTIONS_VERSION: c_uint = 52;
    /// [`OptionV1`](super::OptionV1)s up to one without key.
    pub const SET_CORE_OPTIONS: c_uint = 53;
    /// An `unsigned`.
    pub const GET_MESSAGE_INTERFACE_VERSION: c_uint = 59;
    /// [`MessageExt`](super::MessageExt).
    pub const SET_MESSAGE_EXT: c_uint = 60;
    /// [`OptionsV2`](super::OptionsV2).
    pub const SET_CORE_OPTIONS_V2: c_uint = 67;
    /// [`Variable`](super::Variable), both of which are given.
    pub const SET_VARIABLE: c_uint = 70;
}

/// How pixels are laid out.
pub mod pixel_format {
    use std::ffi::c_int;

    /// 16 bits, what a frontend takes that was told nothing.
    pub const RGB1555: c_int = 0;
    /// 32 bits.
    pub const XRGB8888: c_int = 1;
}

/// Kinds of controllers.
pub mod device {
    use std::ffi::c_uint;

    /// Nothing is plugged in.
    pub const NONE: c_uint = 0;
    /// Buttons.
    pub const JOYPAD: c_uint = 1;
    /// Sticks.
    pub const ANALOG: c_uint = 5;
}

/// Buttons of a [`device::JOYPAD`], by their place on a SNES pad.
pub mod button {
    use std::ffi::c_uint;

    /// Below.
    pub const B: c_uint = 0;
    /// To the left.
    pub const Y: c_uint = 1;
    /// Select.
    pub const SELECT: c_uint = 2;
    /// Start.
    pub const START: c_uint = 3;
    /// Up.
    pub const UP: c_uint = 4;
    /// Down.
    pub const DOWN: c_uint = 5;
    /// Left.
    pub const LEFT: c_uint = 6;
    /// Right.
    pub const RIGHT: c_uint = 7;
    /// To the right.
    pub const A: c_uint = 8;
    /// Above.
    pub const X: c_uint = 9;
    /// The right shoulder.
    pub const R: c_uint = 11;
    /// How many there are.
    pub const COUNT: c_uint = 16;
    /// All at once, a bit for each.
    pub const MASK: c_uint = 256;
}

/// Memories that a frontend may ask for.
pub mod memory {
    use std::ffi::c_uint;

    /// What the battery keeps.
    pub const SAVE_RAM: c_uint = 0;
    /// The cartridge's clock.
    pub const RTC: c_uint = 1;
    /// Work RAM.
    pub const SYSTEM_RAM: c_uint = 2;
    /// Video RAM.
    pub const VIDEO_RAM: c_uint = 3;
    /// What kind is meant, of the number that is given.
    pub const MASK: c_uint = 0xFF;
}

/// Flags of a [`MemoryDescriptor`].
pub mod memory_flag {
    /// Work RAM.
    pub const SYSTEM_RAM: u64 = 1 << 2;
    /// What the battery keeps.
    pub const SAVE_RAM: u64 = 1 << 3;
    /// Video RAM.
    pub const VIDEO_RAM: u64 = 1 << 4;
}

/// How bad what is logged is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum LogLevel {
    /// Of interest to developers.
    Debug = 0,
    /// Of interest.
    Info = 1,
    /// Something is not as it was asked for.
    Warn = 2,
    /// Something failed.
    Error = 3,
}

/// `retro_environment_t`.
pub type Environment = unsafe extern "C" fn(c_uint, *mut c_void) -> bool;
/// `retro_video_refresh_t`: pixels, width, height, bytes of a row.
pub type VideoRefresh = unsafe extern "C" fn(*const c_void, c_uint, c_uint, usize);
/// `retro_audio_sample_t`.
pub type AudioSample = unsafe extern "C" fn(i16, i16);
/// `retro_audio_sample_batch_t`: samples, pairs of them; answers how many it took.
pub type AudioBatch = unsafe extern "C" fn(*const i16, usize) -> usize;
/// `retro_input_poll_t`.
pub type InputPoll = unsafe extern "C" fn();
/// `retro_input_state_t`: port, device, index, button.
pub type InputState = unsafe extern "C" fn(c_uint, c_uint, c_uint, c_uint) -> i16;
/// `retro_log_printf_t`.
pub type Log = unsafe extern "C" fn(LogLevel, *const c_char, ...);
/// `retro_set_rumble_state_t`: port, motor (0 the strong one), strength.
pub type SetRumble = unsafe extern "C" fn(c_uint, c_uint, u16) -> bool;

/// `retro_system_info`.
#[derive(Debug)]
#[repr(C)]
pub struct SystemInfo {
    /// What the core is called.
    pub library_name: *const c_char,
    /// Its version.
    pub library_version: *const c_char,
    /// The ends of files that it takes, with `|` between them.
    pub valid_extensions: *const c_char,
    /// Whether it reads files itself.
    pub need_fullpath: bool,
    /// Whether archives must not be unpacked for it.
    pub block_extract: bool,
}

/// `retro_game_geometry`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Geometry {
    /// Columns.
    pub base_width: c_uint,
    /// Rows.
    pub base_height: c_uint,
    /// Columns there may ever be.
    pub max_width: c_uint,
    /// Rows there may ever be.
    pub max_height: c_uint,
    /// Width by height; 0 stands for that of the columns and rows.
    pub aspect_ratio: f32,
}

/// `retro_system_timing`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Timing {
    /// Frames a second.
    pub fps: f64,
    /// Pairs of samples a second.
    pub sample_rate: f64,
}

/// `retro_system_av_info`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct AvInfo {
    /// The picture.
    pub geometry: Geometry,
    /// Picture and sound in time.
    pub timing: Timing,
}

/// `retro_game_info`.
#[derive(Debug)]
#[repr(C)]
pub struct GameInfo {
    /// Where it was; may be null.
    pub path: *const c_char,
    /// Its bytes; may be null.
    pub data: *const c_void,
    /// How many.
    pub size: usize,
    /// Whatever the frontend has to say; may be null.
    pub meta: *const c_char,
}

/// `retro_variable`.
#[derive(Debug)]
#[repr(C)]
pub struct Variable {
    /// Its name.
    pub key: *const c_char,
    /// Its value.
    pub value: *const c_char,
}

/// `retro_message`.
#[derive(Debug)]
#[repr(C)]
pub struct Message {
    /// The text.
    pub msg: *const c_char,
    /// How long it is shown.
    pub frames: c_uint,
}

/// `retro_message_ext`.
#[derive(Debug)]
#[repr(C)]
pub struct MessageExt {
    /// The text.
    pub msg: *const c_char,
    /// Milliseconds for which it is shown.
    pub duration: c_uint,
    /// Higher ones take the place of lower ones.
    pub priority: c_uint,
    /// How bad it is.
    pub level: LogLevel,
    /// 0 for screen and log, 1 for the screen, 2 for the log.
    pub target: c_int,
    /// 0 for a notification.
    pub kind: c_int,
    /// -1 where there is none.
    pub progress: i8,
}

/// `retro_log_callback`.
#[derive(Debug)]
#[repr(C)]
pub struct LogCallback {
    /// The function.
    pub log: Option<Log>,
}

/// `retro_rumble_interface`.
#[derive(Debug)]
#[repr(C)]
pub struct RumbleInterface {
    /// The function.
    pub set_rumble_state: Option<SetRumble>,
}

/// `retro_input_descriptor`.
#[derive(Debug)]
#[repr(C)]
pub struct InputDescriptor {
    /// Whose.
    pub port: c_uint,
    /// One of [`device`].
    pub device: c_uint,
    /// Which stick.
    pub index: c_uint,
    /// One of [`button`], or the axis.
    pub id: c_uint,
    /// What it does.
    pub description: *const c_char,
}

/// `retro_controller_description`.
#[derive(Debug)]
#[repr(C)]
pub struct ControllerDescription {
    /// What it is called.
    pub desc: *const c_char,
    /// One of [`device`].
    pub id: c_uint,
}

/// `retro_controller_info`.
#[derive(Debug)]
#[repr(C)]
pub struct ControllerInfo {
    /// Those that may be plugged in.
    pub types: *const ControllerDescription,
    /// How many.
    pub num_types: c_uint,
}

/// `retro_memory_descriptor`.
#[derive(Debug)]
#[repr(C)]
pub struct MemoryDescriptor {
    /// Bits of [`memory_flag`].
    pub flags: u64,
    /// Where it is.
    pub ptr: *mut c_void,
    /// Bytes of it to leave out.
    pub offset: usize,
    /// The console's address.
    pub start: usize,
    /// Bits of the address that choose it; 0 stands for all.
    pub select: usize,
    /// Bits of the address that mean nothing.
    pub disconnect: usize,
    /// Bytes.
    pub len: usize,
    /// Which address space; null for the only one.
    pub addrspace: *const c_char,
}

/// `retro_memory_map`.
#[derive(Debug)]
#[repr(C)]
pub struct MemoryMap {
    /// Its parts.
    pub descriptors: *const MemoryDescriptor,
    /// How many.
    pub num_descriptors: c_uint,
}

/// Values that an option may have at most, the empty one at the end included.
pub const MOST_VALUES: usize = 128;

/// `retro_core_option_value`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct OptionValue {
    /// What is kept.
    pub value: *const c_char,
    /// What is shown; null for the same.
    pub label: *const c_char,
}

/// `retro_core_option_definition`.
#[derive(Debug)]
#[repr(C)]
pub struct OptionV1 {
    /// Its name.
    pub key: *const c_char,
    /// What it is called.
    pub desc: *const c_char,
    /// Help.
    pub info: *const c_char,
    /// Up to one that is null.
    pub values: [OptionValue; MOST_VALUES],
    /// What it is if nobody says.
    pub default_value: *const c_char,
}

/// `retro_core_option_v2_category`.
#[derive(Debug)]
#[repr(C)]
pub struct OptionCategory {
    /// Its name.
    pub key: *const c_char,
    /// What it is called.
    pub desc: *const c_char,
    /// Help.
    pub info: *const c_char,
}

/// `retro_core_option_v2_definition`.
#[derive(Debug)]
#[repr(C)]
pub struct OptionV2 {
    /// Its name.
    pub key: *const c_char,
    /// What it is called.
    pub desc: *const c_char,
    /// What it is called among others of its category; null for the same.
    pub desc_categorized: *const c_char,
    /// Help.
    pub info: *const c_char,
    /// Help among others of its category; null for the same.
    pub info_categorized: *const c_char,
    /// Its category.
    pub category_key: *const c_char,
    /// Up to one that is null.
    pub values: [OptionValue; MOST_VALUES],
    /// What it is if nobody says.
    pub default_value: *const c_char,
}

/// `retro_core_options_v2`.
#[derive(Debug)]
#[repr(C)]
pub struct OptionsV2 {
    /// Up to one without key.
    pub categories: *const OptionCategory,
    /// Up to one without key.
    pub definitions: *const OptionV2,
}

/// Sizes and offsets as a C compiler lays the specification's structs out where pointers have 64 bits.
#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use std::mem::{offset_of, size_of};

    use super::*;

    #[test]
    fn sizes_are_those_of_c() {
        assert_eq!(size_of::<SystemInfo>(), 32);
        assert_eq!(size_of::<Geometry>(), 20);
        assert_eq!(size_of::<Timing>(), 16);
        assert_eq!(size_of::<AvInfo>(), 40);
        assert_eq!(size_of::<GameInfo>(), 32);
        assert_eq!(size_of::<Variable>(), 16);
        assert_eq!(size_of::<Message>(), 16);
        assert_eq!(size_of::<MessageExt>(), 32);
        assert_eq!(size_of::<LogCallback>(), 8);
        assert_eq!(size_of::<RumbleInterface>(), 8);
        assert_eq!(size_of::<InputDescriptor>(), 24);
        assert_eq!(size_of::<ControllerDescription>(), 16);
        assert_eq!(size_of::<ControllerInfo>(), 16);
        assert_eq!(size_of::<MemoryDescriptor>(), 64);
        assert_eq!(size_of::<MemoryMap>(), 16);
        assert_eq!(size_of::<OptionValue>(), 16);
        assert_eq!(size_of::<OptionV1>(), 4 * 8 + 128 * 16);
        assert_eq!(size_of::<OptionCategory>(), 24);
        assert_eq!(size_of::<OptionV2>(), 7 * 8 + 128 * 16);
        assert_eq!(size_of::<OptionsV2>(), 16);
    }

    #[test]
    fn fields_are_where_c_has_them() {
        assert_eq!(offset_of!(SystemInfo, need_fullpath), 24);
        assert_eq!(offset_of!(SystemInfo, block_extract), 25);
        assert_eq!(offset_of!(Geometry, aspect_ratio), 16);
        assert_eq!(offset_of!(AvInfo, timing), 24);
        assert_eq!(offset_of!(Timing, sample_rate), 8);
        assert_eq!(offset_of!(GameInfo, size), 16);
        assert_eq!(offset_of!(MessageExt, level), 16);
        assert_eq!(offset_of!(MessageExt, progress), 28);
        assert_eq!(offset_of!(InputDescriptor, description), 16);
        assert_eq!(offset_of!(MemoryDescriptor, start), 24);
        assert_eq!(offset_of!(MemoryDescriptor, len), 48);
        assert_eq!(offset_of!(OptionV1, values), 24);
        assert_eq!(offset_of!(OptionV1, default_value), 24 + 128 * 16);
        assert_eq!(offset_of!(OptionV2, category_key), 40);
        assert_eq!(offset_of!(OptionV2, values), 48);
        assert_eq!(offset_of!(OptionV2, default_value), 48 + 128 * 16);
    }
}
