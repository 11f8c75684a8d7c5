//! The 25 functions that a frontend calls.
//!
//! None of them lets a panic out: it is logged, and the call answers as if it could not do what it was asked
//! for. They may be called in any order, and from within calls of the frontend's own functions, where they
//! answer the same.

#![allow(unsafe_code, reason = "these functions are called from C, with pointers")]

use std::ffi::{CStr, c_char, c_uint, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::slice;
use std::sync::{LazyLock, Mutex, PoisonError, TryLockError};

use crate::abi::{self, AvInfo, GameInfo, LogLevel, SystemInfo};
use crate::core::Core;

/// A state larger than this is none.
const LARGEST_STATE: usize = 64 << 20;

/// The API knows one core.
static CORE: LazyLock<Mutex<Core>> = LazyLock::new(Mutex::default);

/// Does something with the core. A panic, and a call from within a call, answer `otherwise`.
fn with<T: Copy>(otherwise: T, work: impl FnOnce(&mut Core) -> T) -> T {
    let done = catch_unwind(AssertUnwindSafe(|| match CORE.try_lock() {
        Ok(mut core) => work(&mut core),
        Err(TryLockError::Poisoned(core)) => work(&mut core.into_inner()),
        Err(TryLockError::WouldBlock) => otherwise,
    }));
    done.unwrap_or_else(|_| {
        let frontend = CORE.lock().unwrap_or_else(PoisonError::into_inner).frontend;
        frontend.log(LogLevel::Error, "this is a bug in this core; it goes on");
        otherwise
    })
}

/// `retro_api_version`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_api_version() -> c_uint {
    abi::API_VERSION
}

/// `retro_set_environment`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_set_environment(call: Option<abi::Environment>) {
    with((), |core| {
        core.frontend.environment = call;
        core.introduce();
    });
}

/// `retro_set_video_refresh`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_set_video_refresh(call: Option<abi::VideoRefresh>) {
    with((), |core| core.frontend.video = call);
}

/// `retro_set_audio_sample`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_set_audio_sample(call: Option<abi::AudioSample>) {
    with((), |core| core.frontend.sample = call);
}

/// `retro_set_audio_sample_batch`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_set_audio_sample_batch(call: Option<abi::AudioBatch>) {
    with((), |core| core.frontend.batch = call);
}

/// `retro_set_input_poll`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_set_input_poll(call: Option<abi::InputPoll>) {
    with((), |core| core.frontend.poll = call);
}

/// `retro_set_input_state`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_set_input_state(call: Option<abi::InputState>) {
    with((), |core| core.frontend.input = call);
}

/// `retro_init`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_init() {
    with((), |core| core.frontend.look());
}

/// `retro_deinit`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_deinit() {
    with((), |core| *core = Core::default());
}

/// `retro_get_system_info`.
///
/// # Safety
/// `info` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn retro_get_system_info(info: *mut SystemInfo) {
    // SAFETY: it is null or may be written, says the API.
    if let Some(info) = unsafe { info.as_mut() } {
        const VERSION: &CStr =
            match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
                Ok(version) => version,
                Err(_) => c"",
            };
        *info = SystemInfo {
            library_name: c"Chromaboy".as_ptr(),
            library_version: VERSION.as_ptr(),
            valid_extensions: c"gb|gbc|dmg".as_ptr(),
            need_fullpath: false,
            block_extract: false,
        };
    }
}

/// `retro_get_system_av_info`.
///
/// # Safety
/// `info` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn retro_get_system_av_info(info: *mut AvInfo) {
    // SAFETY: it is null or may be written, says the API.
    if let Some(info) = unsafe { info.as_mut() } {
        *info = with(Core::default().av_info(), |core| core.av_info());
    }
}

/// `retro_set_controller_port_device`: there is one pad, and what else is plugged in does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn retro_set_controller_port_device(_port: c_uint, _device: c_uint) {}

/// `retro_reset`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_reset() {
    with((), Core::reset);
}

/// `retro_run`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_run() {
    with((), Core::run);
}

/// `retro_serialize_size`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_serialize_size() -> usize {
    with(0, |core| core.state_len())
}

/// `retro_serialize`.
///
/// # Safety
/// `data` is null, or `size` bytes from there may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn retro_serialize(data: *mut c_void, size: usize) -> bool {
    if data.is_null() || size > LARGEST_STATE {
        return false;
    }
    // SAFETY: so many bytes may be written, says the API.
    let out = unsafe { slice::from_raw_parts_mut(data.cast(), size) };
    with(false, |core| core.save_state(out))
}

/// `retro_unserialize`.
///
/// # Safety
/// `data` is null, or `size` bytes from there may be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn retro_unserialize(data: *const c_void, size: usize) -> bool {
    if data.is_null() || size > LARGEST_STATE {
        return false;
    }
    // SAFETY: so many bytes may be read, says the API.
    let state = unsafe { slice::from_raw_parts(data.cast(), size) };
    with(false, |core| core.load_state(state))
}

/// `retro_cheat_reset`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_cheat_reset() {
    with((), Core::reset_cheats);
}

/// `retro_cheat_set`.
///
/// # Safety
/// `code` is null or a text that ends in 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn retro_cheat_set(index: c_uint, enabled: bool, code: *const c_char) {
    if code.is_null() {
        return;
    }
    // SAFETY: it is a text that ends in 0, says the API.
    let code = unsafe { CStr::from_ptr(code) }.to_string_lossy();
    with((), |core| core.set_cheat(index, enabled, &code));
}

/// `retro_load_game`.
///
/// # Safety
/// `game` is null, or says truly where bytes are and how many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn retro_load_game(game: *const GameInfo) -> bool {
    // SAFETY: it is null or may be read, says the API.
    let Some(game) = (unsafe { game.as_ref() }) else { return with(false, |core| core.load(None)) };
    if game.data.is_null() {
        return with(false, |core| {
            core.frontend.say(LogLevel::Error, "the frontend has given no bytes of the game");
            false
        });
    }
    // SAFETY: there are so many bytes, says the API.
    let rom = unsafe { slice::from_raw_parts(game.data.cast(), game.size) };
    with(false, |core| core.load(Some(rom)))
}

/// `retro_load_game_special`: there are no games of several parts.
#[unsafe(no_mangle)]
pub extern "C" fn retro_load_game_special(
    _kind: c_uint,
    _info: *const GameInfo,
    _count: usize,
) -> bool {
    false
}

/// `retro_unload_game`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_unload_game() {
    with((), Core::unload);
}

/// `retro_get_region`: 0, NTSC, is what has about 60 frames a second.
#[unsafe(no_mangle)]
pub extern "C" fn retro_get_region() -> c_uint {
    0
}

/// `retro_get_memory_data`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_get_memory_data(kind: c_uint) -> *mut c_void {
    with(null_mut(), |core| match core.memory(kind) {
        [] => null_mut(),
        memory => memory.as_mut_ptr().cast(),
    })
}

/// `retro_get_memory_size`.
#[unsafe(no_mangle)]
pub extern "C" fn retro_get_memory_size(kind: c_uint) -> usize {
    with(0, |core| core.memory(kind).len())
}
