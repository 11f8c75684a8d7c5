//! What a frontend offers.

#![allow(unsafe_code, reason = "a frontend is functions behind pointers, written in C")]

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use crate::abi::{self, environment};
use crate::memories::Memories;
use crate::options::{CATEGORIES, Choice};
use crate::painter::{Picture, PixelFormat};

/// How long a message stays on the screen.
const MESSAGE_SECONDS: c_uint = 4;

/// The functions of a frontend. What it has not given does nothing.
///
/// Whoever fills one in vouches that each function may be called, as the libretro API says, for as long as
/// the core is loaded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frontend {
    /// Everything that has no function of its own.
    pub environment: Option<abi::Environment>,
    /// Takes a picture.
    pub video: Option<abi::VideoRefresh>,
    /// Takes a pair of samples.
    pub sample: Option<abi::AudioSample>,
    /// Takes many.
    pub batch: Option<abi::AudioBatch>,
    /// Looks at the pads.
    pub poll: Option<abi::InputPoll>,
    /// Tells of the pads.
    pub input: Option<abi::InputState>,
    /// Takes lines for the log.
    log: Option<abi::Log>,
    rumble: Option<abi::SetRumble>,
    /// Whether one call tells all buttons.
    has_masks: bool,
}

/// A text that C reads.
fn text(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}

impl Frontend {
    fn call<T>(&self, command: c_uint, data: *mut T) -> bool {
        // SAFETY: it is the frontend's function, and `command` wants data of this type.
        self.environment.is_some_and(|call| unsafe { call(command, data.cast::<c_void>()) })
    }

    /// Asks for what a frontend may have or not.
    pub fn look(&mut self) {
        let mut log = abi::LogCallback { log: None };
        if self.call(environment::GET_LOG_INTERFACE, &raw mut log) {
            self.log = log.log;
        }
        let mut rumble = abi::RumbleInterface { set_rumble_state: None };
        if self.call(environment::GET_RUMBLE_INTERFACE, &raw mut rumble) {
            self.rumble = rumble.set_rumble_state;
        }
        self.has_masks = self.call(environment::GET_INPUT_BITMASKS, null_mut::<c_void>());
    }

    /// Writes a line to the log; where there is none, to the standard error output.
    pub fn log(&self, level: abi::LogLevel, line: &str) {
        match self.log {
            Some(log) => {
                let line = text(line);
                // SAFETY: as printf's, with a format that takes one text.
                unsafe { log(level, c"[Chromaboy] %s\n".as_ptr(), line.as_ptr()) };
            }
            None => eprintln!("[Chromaboy] {line}"),
        }
    }

    /// Logs a line and shows it on the screen.
    pub fn say(&self, level: abi::LogLevel, line: &str) {
        self.log(level, line);
        let line = text(line);
        let mut version: c_uint = 0;
        self.call(environment::GET_MESSAGE_INTERFACE_VERSION, &raw mut version);
        if version >= 1 {
            let mut message = abi::MessageExt {
                msg: line.as_ptr(),
                duration: MESSAGE_SECONDS * 1000,
                priority: 1,
                level,
                target: 1,
                kind: 0,
                progress: -1,
            };
            self.call(environment::SET_MESSAGE_EXT, &raw mut message);
        } else {
            let mut message = abi::Message { msg: line.as_ptr(), frames: MESSAGE_SECONDS * 60 };
            self.call(environment::SET_MESSAGE, &raw mut message);
        }
    }

    /// Says that there is a game without a file: the demo.
    pub fn support_no_game(&self) {
        let mut does = true;
        self.call(environment::SET_SUPPORT_NO_GAME, &raw mut does);
    }

    /// Says that memories are shown.
    pub fn support_achievements(&self) {
        let mut does = true;
        self.call(environment::SET_SUPPORT_ACHIEVEMENTS, &raw mut does);
    }

    /// The folder for what cores need besides games.
    pub fn system_folder(&self) -> Option<PathBuf> {
        let mut path: *const c_char = null();
        if !self.call(environment::GET_SYSTEM_DIRECTORY, &raw mut path) || path.is_null() {
            return None;
        }
        // SAFETY: it is not null, and the frontend's text until the core is unloaded.
        let path = unsafe { CStr::from_ptr(path) };
        Some(PathBuf::from(path.to_str().ok()?)).filter(|path| !path.as_os_str().is_empty())
    }

    /// Asks for pictures of 32 bits. What it takes then.
    pub fn pixel_format(&self) -> PixelFormat {
        let mut format: c_int = abi::pixel_format::XRGB8888;
        if self.call(environment::SET_PIXEL_FORMAT, &raw mut format) {
            return PixelFormat::Xrgb8888;
        }
        PixelFormat::Rgb1555
    }

    /// Says what the buttons do.
    pub fn describe_input(
        &self,
        buttons: &[(c_uint, &'static CStr)],
        sticks: &[(c_uint, &'static CStr)],
    ) {
        let descriptor = |device, id, description: *const c_char| abi::InputDescriptor {
            port: 0,
            device,
            index: 0,
            id,
            description,
        };
        let buttons =
            buttons.iter().map(|(id, does)| descriptor(abi::device::JOYPAD, *id, does.as_ptr()));
        let sticks =
            sticks.iter().map(|(id, does)| descriptor(abi::device::ANALOG, *id, does.as_ptr()));
        let mut all: Vec<_> = buttons.chain(sticks).chain([descriptor(0, 0, null())]).collect();
        self.call(environment::SET_INPUT_DESCRIPTORS, all.as_mut_ptr());
    }

    /// Says which controllers there are: one port, for a pad or nothing.
    pub fn describe_controllers(&self) {
        let types = [
            abi::ControllerDescription { desc: c"Game Boy".as_ptr(), id: abi::device::JOYPAD },
            abi::ControllerDescription { desc: c"None".as_ptr(), id: abi::device::NONE },
        ];
        let mut ports = [
            abi::ControllerInfo { types: types.as_ptr(), num_types: types.len() as c_uint },
            abi::ControllerInfo { types: null(), num_types: 0 },
        ];
        self.call(environment::SET_CONTROLLER_INFO, ports.as_mut_ptr());
    }

    /// Shows where the console's memories are, by its addresses. Banks of work RAM that the address space
    /// has no place for follow it.
    pub fn describe_memories(&self, memories: &mut Memories, has_battery: bool) {
        let part = |flags, memory: &mut [u8], start: usize| abi::MemoryDescriptor {
            flags,
            ptr: memory.as_mut_ptr().cast(),
            offset: 0,
            start,
            select: 0,
            disconnect: 0,
            len: memory.len(),
            addrspace: null(),
        };
        let (first, banks) = memories.work.split_at_mut(0x1000);
        let (second, others) = banks.split_at_mut(0x1000);
        let save = if has_battery { abi::memory_flag::SAVE_RAM } else { 0 };
        let video = memories.video.len().min(0x2000);
        let cartridge = memories.cartridge.len().min(0x2000);
        let mut parts = vec![
            part(abi::memory_flag::SYSTEM_RAM, first, 0xC000),
            part(abi::memory_flag::SYSTEM_RAM, second, 0xD000),
            part(abi::memory_flag::VIDEO_RAM, &mut memories.video[..video], 0x8000),
            part(0, &mut memories.high, 0xFE00),
        ];
        if cartridge > 0 {
            parts.push(part(save, &mut memories.cartridge[..cartridge], 0xA000));
        }
        if !others.is_empty() {
            parts.push(part(abi::memory_flag::SYSTEM_RAM, others, 0x10000));
        }
        let mut map =
            abi::MemoryMap { descriptors: parts.as_ptr(), num_descriptors: parts.len() as c_uint };
        self.call(environment::SET_MEMORY_MAPS, &raw mut map);
    }

    /// Shows the options, in the newest way that the frontend knows.
    pub fn offer(&self, choices: Vec<Choice>) {
        let texts = TEXTS.get_or_init(|| Texts::of(choices));
        let mut version: c_uint = 0;
        self.call(environment::GET_CORE_OPTIONS_VERSION, &raw mut version);
        match version {
            2.. => texts.offer_v2(self),
            1 => texts.offer_v1(self),
            0 => texts.offer_v0(self),
        }
    }

    /// What an option is set to.
    pub fn option(&self, key: &str) -> Option<String> {
        let key = text(key);
        let mut variable = abi::Variable { key: key.as_ptr(), value: null() };
        if !self.call(environment::GET_VARIABLE, &raw mut variable) || variable.value.is_null() {
            return None;
        }
        // SAFETY: it is not null, and the frontend's text until it is called again.
        let value = unsafe { CStr::from_ptr(variable.value) };
        Some(value.to_string_lossy().into_owned())
    }

    /// Sets an option, where the frontend lets the core do that.
    pub fn set_option(&self, key: &str, value: &str) {
        let (key, value) = (text(key), text(value));
        let mut variable = abi::Variable { key: key.as_ptr(), value: value.as_ptr() };
        self.call(environment::SET_VARIABLE, &raw mut variable);
    }

    /// Whether the player has changed an option since this was asked last.
    pub fn have_options_changed(&self) -> bool {
        let mut have_changed = false;
        self.call(environment::GET_VARIABLE_UPDATE, &raw mut have_changed) && have_changed
    }

    /// Whether picture and sound of the next frame are wanted.
    pub fn wants(&self) -> (bool, bool) {
        let mut bits: c_int = 3;
        if !self.call(environment::GET_AUDIO_VIDEO_ENABLE, &raw mut bits) {
            return (true, true);
        }
        (bits & 1 != 0, bits & 2 != 0)
    }

    /// Says that pictures have another size from now on.
    pub fn set_geometry(&self, mut geometry: abi::Geometry) {
        self.call(environment::SET_GEOMETRY, &raw mut geometry);
    }

    /// Hands a picture over.
    pub fn show(&self, picture: &Picture<'_>) {
        let Some(video) = self.video else { return };
        let pitch = picture.bytes.len() / picture.height;
        let pixels = picture.bytes.as_ptr().cast();
        // SAFETY: there are as many rows of as many bytes, in the format that was agreed on.
        unsafe { video(pixels, picture.width as c_uint, picture.height as c_uint, pitch) };
    }

    /// Hands samples over, left and right.
    pub fn play(&self, samples: &[[i16; 2]]) {
        if let Some(batch) = self.batch {
            let mut rest = samples;
            while !rest.is_empty() {
                // SAFETY: there are so many pairs.
                let taken = unsafe { batch(rest.as_ptr().cast(), rest.len()) };
                // One that takes nothing takes nothing later either.
                if taken == 0 {
                    break;
                }
                rest = &rest[taken.min(rest.len())..];
            }
        } else if let Some(sample) = self.sample {
            for &[left, right] in samples {
                // SAFETY: it is the frontend's function.
                unsafe { sample(left, right) };
            }
        }
    }

    /// The buttons of the first pad that are held, a bit for each.
    pub fn buttons(&self) -> u16 {
        if let Some(poll) = self.poll {
            // SAFETY: it is the frontend's function.
            unsafe { poll() };
        }
        let Some(input) = self.input else { return 0 };
        // SAFETY: as above.
        let state = |id| unsafe { input(0, abi::device::JOYPAD, 0, id) };
        if self.has_masks {
            return state(abi::button::MASK) as u16;
        }
        (0..abi::button::COUNT).fold(0, |held, id| held | ((state(id) != 0) as u16) << id)
    }

    /// How far the left stick is pushed to the right and down, each -1 to 1.
    pub fn stick(&self) -> [f32; 2] {
        let Some(input) = self.input else { return [0.0; 2] };
        [0, 1].map(|axis| {
            // SAFETY: it is the frontend's function.
            let pushed = unsafe { input(0, abi::device::ANALOG, 0, axis) };
            (pushed as f32 / 32767.0).max(-1.0)
        })
    }

    /// Turns the motor of the pad on or off.
    pub fn rumble(&self, runs: bool) {
        if let Some(rumble) = self.rumble {
            // SAFETY: it is the frontend's function.
            unsafe { rumble(0, 0, if runs { u16::MAX } else { 0 }) };
        }
    }
}

/// The texts of the options, which frontends may look at for as long as the core is loaded.
static TEXTS: OnceLock<Texts> = OnceLock::new();

struct Texts {
    categories: Vec<[CString; 3]>,
    choices: Vec<TextChoice>,
}

struct TextChoice {
    key: CString,
    name: CString,
    help: CString,
    category: CString,
    values: Vec<[CString; 2]>,
    /// `Name; value|value`, for frontends that know no other options.
    line: CString,
}

impl Texts {
    fn of(choices: Vec<Choice>) -> Self {
        let choices = choices.into_iter().map(|choice| {
            let values: Vec<&str> = choice.values.iter().map(|(value, _)| value.as_str()).collect();
            TextChoice {
                key: text(choice.key),
                name: text(choice.name),
                help: text(choice.help),
                category: text(choice.category),
                line: text(&format!("{}; {}", choice.name, values.join("|"))),
                values: choice
                    .values
                    .iter()
                    .map(|(value, shown)| [text(value), text(shown)])
                    .collect(),
            }
        });
        Self {
            choices: choices.collect(),
            categories: CATEGORIES.map(|all| all.map(text)).to_vec(),
        }
    }

    fn values(choice: &TextChoice) -> [abi::OptionValue; abi::MOST_VALUES] {
        std::array::from_fn(|at| match choice.values.get(at) {
            Some([value, label]) => {
                abi::OptionValue { value: value.as_ptr(), label: label.as_ptr() }
            }
            None => abi::OptionValue { value: null(), label: null() },
        })
    }

    fn offer_v2(&self, frontend: &Frontend) {
        let category =
            |[key, desc, info]: [*const c_char; 3]| abi::OptionCategory { key, desc, info };
        let categories = self.categories.iter().map(|all| {
            let [key, desc, info] = all;
            category([key.as_ptr(), desc.as_ptr(), info.as_ptr()])
        });
        let categories: Vec<_> = categories.chain([category([null(); 3])]).collect();
        let mut definitions: Vec<abi::OptionV2> = self
            .choices
            .iter()
            .map(|choice| abi::OptionV2 {
                key: choice.key.as_ptr(),
                desc: choice.name.as_ptr(),
                desc_categorized: null(),
                info: choice.help.as_ptr(),
                info_categorized: null(),
                category_key: choice.category.as_ptr(),
                values: Self::values(choice),
                default_value: choice.values[0][0].as_ptr(),
            })
            .collect();
        definitions.push(abi::OptionV2 {
            key: null(),
            desc: null(),
            desc_categorized: null(),
            info: null(),
            info_categorized: null(),
            category_key: null(),
            values: [abi::OptionValue { value: null(), label: null() }; abi::MOST_VALUES],
            default_value: null(),
        });
        let mut options =
            abi::OptionsV2 { categories: categories.as_ptr(), definitions: definitions.as_ptr() };
        frontend.call(environment::SET_CORE_OPTIONS_V2, &raw mut options);
    }

    fn offer_v1(&self, frontend: &Frontend) {
        let mut definitions: Vec<abi::OptionV1> = self
            .choices
            .iter()
            .map(|choice| abi::OptionV1 {
                key: choice.key.as_ptr(),
                desc: choice.name.as_ptr(),
                info: choice.help.as_ptr(),
                values: Self::values(choice),
                default_value: choice.values[0][0].as_ptr(),
            })
            .collect();
        definitions.push(abi::OptionV1 {
            key: null(),
            desc: null(),
            info: null(),
            values: [abi::OptionValue { value: null(), label: null() }; abi::MOST_VALUES],
            default_value: null(),
        });
        frontend.call(environment::SET_CORE_OPTIONS, definitions.as_mut_ptr());
    }

    fn offer_v0(&self, frontend: &Frontend) {
        let variables = self
            .choices
            .iter()
            .map(|choice| abi::Variable { key: choice.key.as_ptr(), value: choice.line.as_ptr() });
        let end = abi::Variable { key: null(), value: null() };
        let mut variables: Vec<_> = variables.chain([end]).collect();
        frontend.call(environment::SET_VARIABLES, variables.as_mut_ptr());
    }
}
