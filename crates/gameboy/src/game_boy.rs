use crate::apu::Apu;
use crate::boot::CompatibilityPalette;
use crate::bus::Bus;
use crate::cartridge::{
    Cartridge, Error as CartridgeError, PICTURE_HEIGHT as CAMERA_HEIGHT,
    PICTURE_WIDTH as CAMERA_WIDTH, Support,
};
use crate::cheat::Cheat;
use crate::cpu::{Cpu, Registers};
use crate::frame::Frame;
use crate::joypad::Buttons;
use crate::model::Model;
use crate::{boot, state};

/// The length of a frame: 154 lines of 456 dots.
pub const DOTS_PER_FRAME: u64 = 70_224;
/// 4,194,304 dots a second over [`DOTS_PER_FRAME`]: exactly 262144/4389 = 59.7275.
pub const FRAMES_PER_SECOND: f64 = 262_144.0 / 4_389.0;

/// A console with a cartridge in it.
///
/// It is deterministic: the same cartridge, model and buttons give the same frames and samples
/// everywhere, and the cartridge's clock runs on emulated time. A clone is an independent
/// console in the same state; the ROM is shared.
#[derive(Clone, Debug)]
pub struct GameBoy {
    pub(crate) cpu: Cpu,
    pub(crate) bus: Bus,
    /// The dot at which the last frame ended.
    pub(crate) frame_start: u64,
    boot_rom: Option<Vec<u8>>,
    palette: CompatibilityPalette,
    cheats: Vec<Cheat>,
}

/// Why a boot ROM was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BootRomError {
    /// The size is not that of the model's boot ROM.
    #[error("the boot ROM has {found} bytes, but the one of this model has {expected}")]
    Size {
        /// Bytes that were given.
        found: usize,
        /// Bytes of the model's boot ROM.
        expected: usize,
    },
}

impl GameBoy {
    /// A console in the state in which the boot ROM hands over to the cartridge (Pan Docs,
    /// "Power-Up Sequence").
    pub fn new(cartridge: Cartridge, model: Model) -> Self {
        let cgb_mode = model.is_cgb() && cartridge.header().support() != Support::DmgOnly;
        let (cpu, bus) = boot::skip(cartridge, model, cgb_mode);
        let palette = CompatibilityPalette::ByTitle;
        Self { cpu, bus, frame_start: 0, boot_rom: None, palette, cheats: Vec::new() }
    }

    /// A console at power-on that runs `boot_rom` first: 256 bytes for the DMG, 2,304 (with the
    /// hole for the header) for the CGB.
    ///
    /// # Errors
    /// Where the size is wrong for the model.
    pub fn with_boot_rom(
        cartridge: Cartridge,
        model: Model,
        boot_rom: &[u8],
    ) -> Result<Self, BootRomError> {
        let expected = if model.is_cgb() { 0x900 } else { 0x100 };
        if boot_rom.len() != expected {
            return Err(BootRomError::Size { found: boot_rom.len(), expected });
        }
        let mut bus = Bus::new(cartridge, model, model.is_cgb(), Apu::power_on(model));
        bus.boot_rom = Some(boot_rom.to_vec());
        let cpu = Cpu::new(Registers::new(0, 0, 0, 0, 0, 0));
        let palette = CompatibilityPalette::ByTitle;
        let boot_rom = Some(boot_rom.to_vec());
        Ok(Self { cpu, bus, frame_start: 0, boot_rom, palette, cheats: Vec::new() })
    }

    /// Switches the console off and on. Battery-backed RAM and the clock keep their contents.
    pub fn reset(&mut self) {
        let mut cartridge = self.bus.cartridge.clone();
        cartridge.reset();
        let model = self.bus.model;
        let boot_rom = self.boot_rom.take();
        let palette = self.palette;
        let cheats = std::mem::take(&mut self.cheats);
        let records = self.frame().provenance().is_some();
        *self = match boot_rom {
            Some(boot_rom) => match Self::with_boot_rom(cartridge.clone(), model, &boot_rom) {
                Ok(console) => console,
                Err(_) => Self::new(cartridge, model),
            },
            None => Self::new(cartridge, model),
        };
        if records {
            self.record_provenance();
        }
        if palette != CompatibilityPalette::ByTitle {
            self.set_compatibility_palette(palette);
        }
        // The cartridge has kept its patches.
        self.cheats = cheats;
    }

    /// Which console this is.
    pub fn model(&self) -> Model {
        self.bus.model
    }

    /// The cartridge.
    pub fn cartridge(&self) -> &Cartridge {
        &self.bus.cartridge
    }

    /// Sets which buttons are held from now on.
    pub fn set_buttons(&mut self, held: Buttons) {
        self.bus.joypad.set_held(held, &mut self.bus.interrupts);
    }

    /// Colors a game of the original on a CGB, as the buttons that are held at the logo do; the
    /// console begins with [`CompatibilityPalette::ByTitle`]. Without effect on the DMG, on games
    /// for the CGB, and where a boot ROM runs, which asks the buttons itself.
    pub fn set_compatibility_palette(&mut self, palette: CompatibilityPalette) {
        self.palette = palette;
        if self.model().is_cgb() && !self.bus.cgb_mode && self.boot_rom.is_none() {
            self.bus.catch_up();
            boot::set_palette(&mut self.bus, palette);
        }
    }

    /// Runs until the PPU enters `VBlank`, or for [`DOTS_PER_FRAME`] where it does not: with the
    /// LCD off, or switched on only now. The instruction at hand is finished.
    pub fn run_frame(&mut self) {
        let end = self.frame_start + DOTS_PER_FRAME;
        let vblanks = self.bus.ppu.vblanks();
        self.bus.run_until(end);
        self.cpu.run(&mut self.bus);
        let is_drawn = self.bus.ppu.vblanks() != vblanks;
        self.frame_start = if is_drawn { self.bus.ppu.vblank_clock() } else { end };
        self.bus.catch_up();
        self.bus.apu.end_frame();
        for cheat in &self.cheats {
            if let Cheat::Write { bank, addr, value } = *cheat {
                self.bus.write_cheat(bank, addr, value);
            }
        }
    }

    /// Executes one instruction, serves one interrupt, or passes some time in HALT or STOP: at
    /// most about a frame. The samples of the time that passed are joined to those of the next whole frame.
    pub fn step(&mut self) {
        self.bus.run_instruction(self.bus.dots + DOTS_PER_FRAME);
        self.cpu.run(&mut self.bus);
        self.bus.catch_up();
        self.frame_start = self.frame_start.max(self.bus.ppu.vblank_clock());
    }

    /// Executes one instruction, in HALT not past `deadline`, and brings the serial port up to
    /// date.
    pub(crate) fn step_until(&mut self, deadline: u64) {
        self.bus.run_instruction(deadline);
        self.cpu.run(&mut self.bus);
        self.bus.catch_up_serial();
    }

    /// The last whole picture.
    pub fn frame(&self) -> &Frame {
        self.bus.ppu.frame()
    }

    /// The sound of the last [`GameBoy::run_frame`]: left and right, each from -1 to 1, at
    /// [`SAMPLE_RATE`](crate::SAMPLE_RATE).
    pub fn samples(&self) -> &[[f32; 2]] {
        self.bus.apu.samples()
    }

    /// Makes the frames to come carry the origin of each pixel, see [`Frame::provenance`].
    pub fn record_provenance(&mut self) {
        self.bus.ppu.record_provenance();
    }

    /// Undoes [`GameBoy::record_provenance`].
    pub fn stop_provenance(&mut self) {
        self.bus.ppu.stop_provenance();
    }

    /// Dots since power-on: 4,194,304 a second at either speed.
    pub fn dots(&self) -> u64 {
        self.bus.dots
    }

    /// The registers of the CPU.
    pub fn registers(&self) -> Registers {
        self.cpu.registers
    }

    /// Reads memory as the CPU would see it, without any effect and without time passing. VRAM
    /// and OAM are read even while the PPU locks them.
    pub fn peek(&self, addr: u16) -> u8 {
        self.bus.peek(addr)
    }

    /// The colors of the Game Boy Color's palettes, RGB555: eight of four for background and window,
    /// and eight of four for objects (Pan Docs, "Palettes").
    pub fn color_palettes(&self) -> [[[u16; 4]; 8]; 2] {
        self.bus.ppu.color_palettes()
    }

    /// What outlives the console being switched off: battery-backed RAM, followed for MBC3 by
    /// the state of its clock. `None` where the cartridge has no battery.
    pub fn battery_ram(&self) -> Option<Vec<u8>> {
        self.bus.cartridge.battery_ram()
    }

    /// Restores what [`GameBoy::battery_ram`] gave.
    ///
    /// # Errors
    /// Where the cartridge has no battery or the size is wrong; nothing is changed then.
    pub fn load_battery_ram(&mut self, bytes: &[u8]) -> Result<(), CartridgeError> {
        self.bus.cartridge.load_battery_ram(bytes)
    }

    /// Changes the game by these cheats from now on, and by no earlier ones: patches of the ROM at once,
    /// the others at the end of each [`run_frame`](Self::run_frame). States do not hold them.
    pub fn set_cheats(&mut self, cheats: &[Cheat]) {
        self.bus.cartridge.patch_rom(cheats);
        self.cheats = cheats.to_vec();
    }

    /// Work RAM (0xC000-0xDFFF), bank after bank: 8 KiB, or 32 on the CGB.
    pub fn work_ram(&self) -> &[u8] {
        self.bus.wram()
    }

    /// [Work RAM](Self::work_ram), to be written.
    pub fn work_ram_mut(&mut self) -> &mut [u8] {
        self.bus.wram_mut()
    }

    /// Video RAM (0x8000-0x9FFF), bank after bank: 8 KiB, or 16 on the CGB.
    pub fn video_ram(&self) -> &[u8] {
        self.bus.ppu.vram()
    }

    /// [Video RAM](Self::video_ram), to be written.
    pub fn video_ram_mut(&mut self) -> &mut [u8] {
        self.bus.ppu.vram_mut()
    }

    /// The cartridge's RAM, bank after bank; empty where it has none.
    pub fn cartridge_ram(&self) -> &[u8] {
        self.bus.cartridge.ram()
    }

    /// The [cartridge's RAM](Self::cartridge_ram), to be written.
    pub fn cartridge_ram_mut(&mut self) -> &mut [u8] {
        self.bus.cartridge.ram_mut()
    }

    /// Tells the cartridge's clock the time of day, in seconds since 1970. From there on it
    /// follows emulated time.
    pub fn set_clock(&mut self, unix_seconds: u64) {
        self.bus.cartridge.set_clock(unix_seconds);
    }

    /// Tilts the cartridge, from now on, if it has an accelerometer (MBC7): the acceleration in
    /// units of g towards the right and the bottom edge of the screen, as far as ±2. A console
    /// that lies flat measures (0, 0); one that stands on its right edge, (1, 0).
    pub fn set_tilt(&mut self, right: f32, bottom: f32) {
        self.bus.cartridge.set_tilt([right, bottom]);
    }

    /// Sets what a Pocket Camera sees from now on: [`CAMERA_WIDTH`](crate::CAMERA_WIDTH) by
    /// [`CAMERA_HEIGHT`](crate::CAMERA_HEIGHT) grey pixels row by row, from 0 (black) to 255. It
    /// sees black before. The game chooses exposure and contrast.
    pub fn set_camera_picture(&mut self, picture: &[u8; CAMERA_WIDTH * CAMERA_HEIGHT]) {
        self.bus.cartridge.set_camera_picture(picture);
    }

    /// Whether the cartridge's rumble motor is running now (MBC5). Games pulse it to make it
    /// weaker: the share of frames in which it runs is its strength.
    pub fn is_rumbling(&self) -> bool {
        self.bus.cartridge.is_rumbling()
    }

    /// The whole state but for the ROM, see [`GameBoy::load_state`].
    pub fn save_state(&self) -> Vec<u8> {
        state::save(self)
    }

    /// Continues from a state that [`GameBoy::save_state`] gave for the same cartridge and
    /// model. The picture stays the one before until a frame has been run.
    ///
    /// # Errors
    /// Where the state is of another game, model or version, or damaged; the console is
    /// unchanged then.
    pub fn load_state(&mut self, state: &[u8]) -> Result<(), state::Error> {
        state::load(self, state)
    }
}
