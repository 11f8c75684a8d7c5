//! A tiny frontend: it loads the library as others do, and calls all that it exports, in right and wrong
//! order.

#![allow(unsafe_code, reason = "a frontend calls functions of a library, and is called by it")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chromaboy_libretro::abi::{self, environment, memory};
use gameboy::{Buttons, Cartridge, GameBoy, Model};
use libloading::Library;

/// The demo's file.
const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../roms/chromaboy-demo.gb");

/// What the core was told and has told.
struct Host {
    /// What options are set to.
    options: BTreeMap<String, String>,
    have_options_changed: bool,
    /// The keys that the core offered.
    offered: Vec<String>,
    options_version: c_uint,
    takes_32_bits: bool,
    /// Buttons that are held.
    held: u16,
    system: Option<CString>,
    /// The last picture, its columns, and the bytes of a pixel.
    picture: Vec<u8>,
    width: usize,
    depth: usize,
    pictures: usize,
    pairs: usize,
    geometry: Option<abi::Geometry>,
    messages: Vec<String>,
    logged: Vec<String>,
    regions: usize,
    wants: c_int,
    /// Calls the core from within.
    is_meddling: bool,
    value: CString,
}

static HOST: Mutex<Option<Host>> = Mutex::new(None);
/// The library has one core.
static TURN: Mutex<()> = Mutex::new(());

impl Host {
    fn new() -> Self {
        Self {
            options: BTreeMap::new(),
            have_options_changed: false,
            offered: Vec::new(),
            options_version: 2,
            takes_32_bits: true,
            held: 0,
            system: None,
            picture: Vec::new(),
            width: 0,
            depth: 2,
            pictures: 0,
            pairs: 0,
            geometry: None,
            messages: Vec::new(),
            logged: Vec::new(),
            regions: 0,
            wants: 3,
            is_meddling: false,
            value: CString::default(),
        }
    }
}

fn host<T>(work: impl FnOnce(&mut Host) -> T) -> T {
    let mut host = HOST.lock().unwrap_or_else(PoisonError::into_inner);
    work(host.get_or_insert_with(Host::new))
}

unsafe fn said(text: *const c_char) -> String {
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

unsafe extern "C" fn log(_: abi::LogLevel, format: *const c_char, line: *const c_char) {
    assert_eq!(unsafe { said(format) }, "[Chromaboy] %s\n");
    let line = unsafe { said(line) };
    host(|host| host.logged.push(line));
}

unsafe extern "C" fn environment_call(command: c_uint, data: *mut c_void) -> bool {
    if host(|host| host.is_meddling) {
        let api = Api::load();
        (api.run)();
        assert_eq!((api.state_size)(), 0);
    }
    host(|host| unsafe {
        match command {
            environment::GET_LOG_INTERFACE => {
                // A function with one argument after the format is called like one with any number on
                // the platforms where tests run.
                (*data.cast::<abi::LogCallback>()).log = Some(std::mem::transmute::<
                    unsafe extern "C" fn(abi::LogLevel, *const c_char, *const c_char),
                    abi::Log,
                >(log));
                true
            }
            environment::SET_PIXEL_FORMAT => {
                host.depth = if host.takes_32_bits { 4 } else { 2 };
                host.takes_32_bits
            }
            environment::GET_SYSTEM_DIRECTORY => match &host.system {
                Some(system) => {
                    *data.cast::<*const c_char>() = system.as_ptr();
                    true
                }
                None => false,
            },
            environment::GET_CORE_OPTIONS_VERSION => {
                *data.cast::<c_uint>() = host.options_version;
                true
            }
            environment::SET_CORE_OPTIONS_V2 => {
                let mut option = (*data.cast::<abi::OptionsV2>()).definitions;
                while !(*option).key.is_null() {
                    host.offered.push(said((*option).key));
                    assert!(!said((*option).info).is_empty());
                    assert_eq!(said((*option).default_value), said((*option).values[0].value));
                    option = option.add(1);
                }
                true
            }
            environment::SET_CORE_OPTIONS => {
                let mut option = data.cast::<abi::OptionV1>();
                while !(*option).key.is_null() {
                    host.offered.push(said((*option).key));
                    option = option.add(1);
                }
                true
            }
            environment::SET_VARIABLES => {
                let mut option = data.cast::<abi::Variable>();
                while !(*option).key.is_null() {
                    assert!(said((*option).value).contains("; "));
                    host.offered.push(said((*option).key));
                    option = option.add(1);
                }
                true
            }
            environment::GET_VARIABLE => {
                let variable = data.cast::<abi::Variable>();
                let Some(value) = host.options.get(&said((*variable).key)) else { return false };
                host.value = CString::new(value.as_str()).expect("a text");
                (*variable).value = host.value.as_ptr();
                true
            }
            environment::SET_VARIABLE => {
                let variable = data.cast::<abi::Variable>();
                host.options.insert(said((*variable).key), said((*variable).value));
                true
            }
            environment::GET_VARIABLE_UPDATE => {
                *data.cast::<bool>() = std::mem::take(&mut host.have_options_changed);
                true
            }
            environment::GET_MESSAGE_INTERFACE_VERSION => {
                *data.cast::<c_uint>() = 1;
                true
            }
            environment::SET_MESSAGE_EXT => {
                host.messages.push(said((*data.cast::<abi::MessageExt>()).msg));
                true
            }
            environment::SET_GEOMETRY => {
                host.geometry = Some(*data.cast::<abi::Geometry>());
                true
            }
            environment::SET_MEMORY_MAPS => {
                host.regions = (*data.cast::<abi::MemoryMap>()).num_descriptors as usize;
                true
            }
            environment::GET_AUDIO_VIDEO_ENABLE => {
                *data.cast::<c_int>() = host.wants;
                true
            }
            environment::GET_INPUT_BITMASKS => true,
            _ => false,
        }
    })
}

unsafe extern "C" fn video(pixels: *const c_void, width: c_uint, height: c_uint, pitch: usize) {
    host(|host| {
        host.width = width as usize;
        assert_eq!((height, pitch), (144, host.width * host.depth));
        let bytes = unsafe { std::slice::from_raw_parts(pixels.cast::<u8>(), pitch * 144) };
        host.picture = bytes.to_vec();
        host.pictures += 1;
    });
}

unsafe extern "C" fn batch(_: *const i16, pairs: usize) -> usize {
    // Some take less than there is.
    let taken = pairs.min(500);
    host(|host| host.pairs += taken);
    taken
}

unsafe extern "C" fn poll() {}

unsafe extern "C" fn input(port: c_uint, device: c_uint, _: c_uint, id: c_uint) -> i16 {
    assert_eq!((port, device, id), (0, abi::device::JOYPAD, abi::button::MASK));
    host(|host| host.held as i16)
}

/// The exported functions.
struct Api {
    library: Library,
    run: extern "C" fn(),
    state_size: extern "C" fn() -> usize,
}

impl Api {
    fn load() -> Self {
        let here = std::env::current_exe().expect("this program");
        let folder = here.parent().expect("its folder");
        let name = libloading::library_filename("chromaboy_libretro");
        let library = unsafe { Library::new(folder.join(name)) }.expect("the core");
        let run = unsafe { *library.get(b"retro_run").expect("an export") };
        let state_size = unsafe { *library.get(b"retro_serialize_size").expect("an export") };
        Self { library, run, state_size }
    }

    fn get<T: Copy>(&self, name: &str) -> T {
        unsafe { *self.library.get::<T>(name.as_bytes()).expect(name) }
    }

    fn call(&self, name: &str) {
        self.get::<extern "C" fn()>(name)();
    }

    fn give_functions(&self) {
        self.get::<extern "C" fn(abi::Environment)>("retro_set_environment")(environment_call);
        self.get::<extern "C" fn(abi::VideoRefresh)>("retro_set_video_refresh")(video);
        self.get::<extern "C" fn(abi::AudioBatch)>("retro_set_audio_sample_batch")(batch);
        self.get::<extern "C" fn(Option<abi::AudioSample>)>("retro_set_audio_sample")(None);
        self.get::<extern "C" fn(abi::InputPoll)>("retro_set_input_poll")(poll);
        self.get::<extern "C" fn(abi::InputState)>("retro_set_input_state")(input);
    }

    fn load_rom(&self, rom: &[u8]) -> bool {
        let data = rom.as_ptr().cast();
        let game = abi::GameInfo { path: null(), data, size: rom.len(), meta: null() };
        self.get::<extern "C" fn(*const abi::GameInfo) -> bool>("retro_load_game")(&raw const game)
    }

    fn save(&self) -> Vec<u8> {
        let mut state = vec![0xAA; (self.state_size)()];
        let save: extern "C" fn(*mut c_void, usize) -> bool = self.get("retro_serialize");
        assert!(save(state.as_mut_ptr().cast(), state.len()));
        state
    }

    fn restore(&self, state: &[u8]) -> bool {
        let load: extern "C" fn(*const c_void, usize) -> bool = self.get("retro_unserialize");
        load(state.as_ptr().cast(), state.len())
    }

    fn memory(&self, kind: c_uint) -> &'static mut [u8] {
        let data: extern "C" fn(c_uint) -> *mut u8 = self.get("retro_get_memory_data");
        let size: extern "C" fn(c_uint) -> usize = self.get("retro_get_memory_size");
        let (data, size) = (data(kind), size(kind));
        if data.is_null() {
            assert_eq!(size, 0);
            return &mut [];
        }
        unsafe { std::slice::from_raw_parts_mut(data, size) }
    }

    /// Runs frames, and gives the pictures.
    fn pictures(&self, frames: usize) -> Vec<Vec<u8>> {
        let picture = |_| {
            (self.run)();
            host(|host| host.picture.clone())
        };
        (0..frames).map(picture).collect()
    }
}

/// A core that has begun.
struct Begun {
    api: Api,
    _turn: MutexGuard<'static, ()>,
}

impl Begun {
    fn with(options: &[(&str, &str)], change: impl FnOnce(&mut Host)) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = Host::new();
        new.options =
            options.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        change(&mut new);
        host(|host| *host = new);
        let api = Api::load();
        api.give_functions();
        api.call("retro_init");
        Self { api, _turn: turn }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.api.call("retro_unload_game");
        self.api.call("retro_deinit");
    }
}

/// V1, which colors a frame by nothing but that frame.
const EXACT: [(&str, &str); 2] = [("chromaboy_timing", "exact"), ("chromaboy_weights", "v1")];

fn demo() -> Vec<u8> {
    std::fs::read(DEMO).expect("the demo")
}

fn is_colored(picture: &[u8]) -> bool {
    picture.as_chunks::<4>().0.iter().any(|p| p[0].abs_diff(p[2]) > 24)
}

fn set(key: &str, value: &str) {
    host(|host| {
        host.options.insert(key.to_owned(), value.to_owned());
        host.have_options_changed = true;
    });
}

#[test]
fn a_game_runs_in_color_with_sound() {
    let dmg = [&EXACT[..], &[("chromaboy_model", "dmg")]].concat();
    let begun = Begun::with(&dmg, |_| {});
    let api = &begun.api;
    let version: extern "C" fn() -> c_uint = api.get("retro_api_version");
    assert_eq!(version(), 1);
    let mut info = std::mem::MaybeUninit::<abi::SystemInfo>::uninit();
    api.get::<extern "C" fn(*mut abi::SystemInfo)>("retro_get_system_info")(info.as_mut_ptr());
    let info = unsafe { info.assume_init() };
    assert_eq!(unsafe { said(info.library_name) }, "Chromaboy");
    assert!(!info.need_fullpath && !info.block_extract);

    assert!(api.load_rom(&demo()));
    let mut av = std::mem::MaybeUninit::<abi::AvInfo>::uninit();
    api.get::<extern "C" fn(*mut abi::AvInfo)>("retro_get_system_av_info")(av.as_mut_ptr());
    let av = unsafe { av.assume_init() };
    assert_eq!((av.geometry.base_width, av.geometry.base_height), (160, 144));
    assert_eq!((av.timing.fps, av.timing.sample_rate), (262_144.0 / 4389.0, 48_000.0));
    assert_eq!(api.get::<extern "C" fn() -> c_uint>("retro_get_region")(), 0);

    let pictures = api.pictures(300);
    assert!(is_colored(&pictures[299]));
    host(|host| {
        assert_eq!(host.pictures, 300);
        // The frame in which a game switches the screen on is a shorter one.
        let expected = 300 * 48_000 * 4389 / 262_144;
        assert!(host.pairs.abs_diff(expected) < 804, "{} pairs", host.pairs);
        assert!(host.regions >= 4 && host.offered.len() >= 10 && host.messages.is_empty());
    });
    api.call("retro_reset");
    assert!(api.pictures(300)[299] == pictures[299]);
}

#[test]
fn without_a_game_there_is_the_demo_and_options_change_while_it_runs() {
    let begun = Begun::with(&EXACT, |host| host.options_version = 1);
    let api = &begun.api;
    assert!(api.get::<extern "C" fn(*const abi::GameInfo) -> bool>("retro_load_game")(null()));
    assert!(is_colored(&api.pictures(300)[299]));
    let state = api.save();
    let color = api.pictures(1).remove(0);
    set("chromaboy_color", "disabled");
    assert!(api.restore(&state));
    let raw = api.pictures(1).remove(0);
    assert!(!is_colored(&raw) && is_colored(&color));
    set("chromaboy_color", "enabled");
    set("chromaboy_strength", "50");
    assert!(api.restore(&state));
    let weak = api.pictures(1).remove(0);
    for ((raw, color), weak) in raw.iter().zip(&color).zip(&weak) {
        assert!(weak.abs_diff(raw.midpoint(*color)) <= 1);
    }
    set("chromaboy_strength", "100");
    set("chromaboy_view", "side-by-side");
    assert!(api.restore(&state));
    let both = api.pictures(1).remove(0);
    assert_eq!(host(|host| (host.width, host.geometry.expect("a size").base_width)), (320, 320));
    for (y, row) in both.chunks_exact(320 * 4).enumerate() {
        let own = y * 160 * 4..(y + 1) * 160 * 4;
        assert!(row[..160 * 4] == raw[own.clone()] && row[160 * 4..] == color[own]);
    }

    // A button does it as well, once for each time that it is pressed.
    set("chromaboy_view", "single");
    host(|host| host.held = 1 << abi::button::R);
    assert!(api.pictures(3).iter().all(|picture| !is_colored(picture)));
    assert_eq!(host(|host| host.options["chromaboy_color"].clone()), "disabled");
    host(|host| host.held = 0);
    api.pictures(1);
    host(|host| host.held = 1 << abi::button::R);
    assert!(is_colored(&api.pictures(1)[0]));
}

#[test]
fn frames_are_those_of_the_console() {
    let raw = [("chromaboy_color", "disabled"), ("chromaboy_model", "dmg")];
    let begun = Begun::with(&raw, |_| {});
    assert!(begun.api.load_rom(&demo()));
    let mut gb = GameBoy::new(Cartridge::from_bytes(demo()).expect("a game"), Model::Dmg);
    for frame in 0..600 {
        let is_held = frame % 50 < 25;
        host(|host| host.held = (is_held as u16) << abi::button::RIGHT | 1 << abi::button::B);
        (begun.api.run)();
        gb.set_buttons(if is_held { Buttons::RIGHT | Buttons::B } else { Buttons::B });
        gb.run_frame();
        let greys = [0xFF, 0xAA, 0x55, 0x00];
        let shades = gb.frame().shades().expect("shades").iter();
        let picture = host(|host| host.picture.clone());
        let blues =
            picture.as_chunks::<4>().0.iter().map(|pixel| u32::from_ne_bytes(*pixel) & 0xFF);
        assert!(blues.eq(shades.map(|shade| greys[*shade as usize])), "frame {frame}");
    }
}

/// As frontends do it on one instance: a state before, some frames ahead, and back.
#[test]
fn running_ahead_and_rewinding_change_nothing() {
    let exact = [&EXACT[..], &[("chromaboy_model", "dmg")]].concat();
    let begun = Begun::with(&exact, |_| {});
    let api = &begun.api;
    assert!(api.load_rom(&demo()));
    let straight = api.pictures(400);
    api.call("retro_reset");
    let mut states = Vec::new();
    for frame in 0..398 {
        host(|host| host.wants = 2);
        (api.run)();
        let state = api.save();
        assert_eq!(state.len(), (api.state_size)());
        (api.run)();
        host(|host| host.wants = 1);
        (api.run)();
        assert!(host(|host| host.picture == straight[frame + 2]), "frame {frame}");
        assert!(api.restore(&state));
        states.push(state);
    }
    host(|host| host.wants = 3);
    for frame in (100..390).rev().step_by(17) {
        assert!(api.restore(&states[frame]));
        assert!(api.pictures(1)[0] == straight[frame + 1], "frame {frame}");
    }
    assert!(!api.restore(&states[0][..100]) && !api.restore(&[0xFF; 4000]));
    let mut damaged = states[0].clone();
    damaged[2000] ^= 1;
    assert!(!api.restore(&damaged));
}

#[test]
fn memories_are_the_games_and_cheats_change_them() {
    let begun = Begun::with(&[("chromaboy_color", "disabled")], |_| {});
    let api = &begun.api;
    // Copies 0x0150 to work RAM, and what is at the beginning of its own RAM after that.
    let mut rom = vec![0; 0x8000];
    rom[0x100..0x104].copy_from_slice(&[0x18, 0x4F, 0, 0]);
    rom[0x147..0x14A].copy_from_slice(&[0x03, 0x00, 0x02]);
    rom[0x151..0x156].copy_from_slice(&[0x3E, 0x0A, 0xEA, 0x00, 0x00]);
    rom[0x156..0x164].copy_from_slice(&[
        0xFA, 0x50, 0x01, 0xEA, 0x00, 0xC0, 0xFA, 0x00, 0xA0, 0xEA, 0x01, 0xC0, 0x18, 0xF2,
    ]);
    assert!(api.load_rom(&rom));
    let lengths = [memory::SAVE_RAM, memory::RTC, memory::SYSTEM_RAM, memory::VIDEO_RAM, 99]
        .map(|kind| api.memory(kind).len());
    assert_eq!(lengths, [0x2000, 0, 0x2000, 0x2000, 0]);
    let at = api.memory(memory::SYSTEM_RAM).as_ptr();
    api.memory(memory::SAVE_RAM)[0] = 0x42;
    api.pictures(2);
    assert_eq!(api.memory(memory::SYSTEM_RAM)[..2], [0x00, 0x42]);
    let cheat: extern "C" fn(c_uint, bool, *const c_char) = api.get("retro_cheat_set");
    cheat(0, true, c"3E1-50F + 01770FC1".as_ptr());
    api.pictures(2);
    assert_eq!(
        (api.memory(memory::SYSTEM_RAM)[0], api.memory(memory::SYSTEM_RAM)[0x10F]),
        (0x3E, 0x77)
    );
    cheat(1, true, c"nonsense".as_ptr());
    assert!(host(|host| host.messages.pop()).expect("a message").contains("no code"));
    cheat(0, false, c"3E1-50F + 01770FC1".as_ptr());
    api.pictures(2);
    assert_eq!(api.memory(memory::SYSTEM_RAM)[0], 0x00);
    cheat(0, true, c"3E1-50F".as_ptr());
    api.call("retro_cheat_reset");
    api.pictures(2);
    assert_eq!(api.memory(memory::SYSTEM_RAM)[0], 0x00);
    assert_eq!(api.memory(memory::SYSTEM_RAM).as_ptr(), at);
}

#[test]
fn a_frontend_that_knows_little_is_served() {
    let begun = Begun::with(&[], |host| {
        host.takes_32_bits = false;
        host.options_version = 0;
    });
    assert!(begun.api.load_rom(&demo()));
    begun.api.pictures(3);
    assert_eq!(host(|host| (host.picture.len(), host.offered.len() >= 10)), (160 * 144 * 2, true));
}

#[test]
fn bad_input_is_refused_politely() {
    let begun = Begun::with(&[("chromaboy_weights", "missing")], |_| {});
    let api = &begun.api;
    assert!(!api.load_rom(b"no game"));
    assert_eq!(host(|host| host.messages.len()), 1);
    let load: extern "C" fn(*const abi::GameInfo) -> bool = api.get("retro_load_game");
    let empty = abi::GameInfo { path: c"game.gb".as_ptr(), data: null(), size: 0, meta: null() };
    assert!(!load(&raw const empty));
    assert_eq!(host(|host| host.messages.len()), 2);
    // Weights that are not there are told, and the built-in ones color.
    assert!(api.load_rom(&demo()));
    assert!(host(|host| host.messages.pop()).expect("a message").contains("missing"));
    api.pictures(2);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("chromaboy")).expect("a folder");
    std::fs::write(folder.path().join("chromaboy/wrong.safetensors"), "none").expect("a file");
    let system = CString::new(folder.path().to_str().expect("a name")).expect("a name");
    host(|host| host.system = Some(system));
    set("chromaboy_weights", "wrong");
    api.pictures(2);
    assert!(host(|host| host.messages.pop()).expect("a message").contains("wrong"));
}

#[test]
fn any_order_and_null_are_survived() {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    host(|host| *host = Host::new());
    let api = Api::load();
    let everything = || {
        (api.run)();
        assert_eq!((api.state_size)(), 0);
        api.call("retro_reset");
        api.call("retro_unload_game");
        api.call("retro_cheat_reset");
        api.get::<extern "C" fn(c_uint, bool, *const c_char)>("retro_cheat_set")(0, true, null());
        api.get::<extern "C" fn(*mut abi::SystemInfo)>("retro_get_system_info")(null_mut());
        api.get::<extern "C" fn(*mut abi::AvInfo)>("retro_get_system_av_info")(null_mut());
        api.get::<extern "C" fn(c_uint, c_uint)>("retro_set_controller_port_device")(7, 99);
        assert!(!api.get::<extern "C" fn(*mut c_void, usize) -> bool>("retro_serialize")(
            null_mut(),
            9
        ));
        assert!(!api.get::<extern "C" fn(*const c_void, usize) -> bool>("retro_unserialize")(
            null(),
            9
        ));
        assert!(!api.restore(&[0; 100]));
        assert!(api.memory(memory::SYSTEM_RAM).is_empty());
        let special: extern "C" fn(c_uint, *const abi::GameInfo, usize) -> bool =
            api.get("retro_load_game_special");
        assert!(!special(0, null(), 0));
    };
    // Before the frontend has said anything, before a game, twice, and after the end.
    everything();
    api.call("retro_init");
    everything();
    assert!(api.load_rom(&demo()), "without any function of a frontend");
    (api.run)();
    api.call("retro_deinit");
    everything();
    for name in [
        "environment",
        "video_refresh",
        "audio_sample",
        "audio_sample_batch",
        "input_poll",
        "input_state",
    ] {
        api.get::<extern "C" fn(*const c_void)>(&format!("retro_set_{name}"))(null());
    }
    api.give_functions();
    api.call("retro_init");
    api.call("retro_init");
    everything();
    // A frontend that calls the core while it is called.
    host(|host| host.is_meddling = true);
    assert!(api.load_rom(&demo()));
    host(|host| host.is_meddling = false);
    (api.run)();
    assert!(api.load_rom(&demo()), "a second game without the end of the first");
    api.call("retro_deinit");
    api.call("retro_deinit");
    everything();
    drop(turn);
}

#[test]
#[cfg(target_os = "linux")]
fn there_are_25_exports_and_no_others() {
    let library: PathBuf = std::env::current_exe().expect("this program");
    let library = library.with_file_name("libchromaboy_libretro.so");
    let nm = std::process::Command::new("nm").args(["-D", "--defined-only"]).arg(library).output();
    let Ok(nm) = nm else { return eprintln!("skipped: no nm on the path") };
    let names = String::from_utf8_lossy(&nm.stdout).into_owned();
    let names: BTreeSet<&str> =
        names.lines().filter_map(|line| line.split(' ').next_back()).collect();
    let ours: Vec<_> = names.iter().filter(|name| name.starts_with("retro_")).collect();
    assert_eq!(ours.len(), 25, "{ours:?}");
    assert_eq!(names.len(), 25, "{names:?}");
}
