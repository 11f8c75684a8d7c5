//! The console's memories where a frontend finds them.

use gameboy::GameBoy;

/// Where OAM, registers and high RAM begin in the address space.
const HIGH: u16 = 0xFE00;
/// Frames between two looks at the clock.
const CLOCK_EVERY: u32 = 60;

/// Copies of the console's memories at places that never change, as frontends ask for them once and read
/// and write them between frames.
#[derive(Debug)]
pub struct Memories {
    /// Work RAM.
    pub work: Box<[u8]>,
    /// Video RAM.
    pub video: Box<[u8]>,
    /// The cartridge's RAM.
    pub cartridge: Box<[u8]>,
    /// The state of the cartridge's clock.
    pub clock: Box<[u8]>,
    /// 0xFE00-0xFFFF, to be read.
    pub high: Box<[u8]>,
    /// What the clock was when it was copied last.
    clock_before: Box<[u8]>,
    frames: u32,
}

impl Memories {
    /// Of a console that has not run yet.
    pub fn new(gb: &GameBoy) -> Self {
        let clock: Box<[u8]> = clock(gb).into();
        Self {
            work: gb.work_ram().into(),
            video: gb.video_ram().into(),
            cartridge: gb.cartridge_ram().into(),
            clock: clock.clone(),
            high: vec![0; 0x10000 - HIGH as usize].into(),
            clock_before: clock,
            frames: 0,
        }
    }

    /// Writes to the console what the frontend has written since the last frame. Returns whether the
    /// clock was among that.
    pub fn import(&mut self, gb: &mut GameBoy) -> bool {
        // Most of the time nothing has changed, and writing counts as the game's.
        if *self.work != *gb.work_ram() {
            gb.work_ram_mut().copy_from_slice(&self.work);
        }
        if *self.video != *gb.video_ram() {
            gb.video_ram_mut().copy_from_slice(&self.video);
        }
        if *self.cartridge != *gb.cartridge_ram() {
            gb.cartridge_ram_mut().copy_from_slice(&self.cartridge);
        }
        let has_clock_changed = self.clock != self.clock_before;
        if has_clock_changed {
            let kept = [&*self.cartridge, &*self.clock].concat();
            // It has the size that the console gave.
            let _ = gb.load_battery_ram(&kept);
            self.clock_before.clone_from(&self.clock);
        }
        has_clock_changed
    }

    /// Shows the frontend what the console has.
    pub fn export(&mut self, gb: &GameBoy) {
        self.work.copy_from_slice(gb.work_ram());
        self.video.copy_from_slice(gb.video_ram());
        self.cartridge.copy_from_slice(gb.cartridge_ram());
        for (addr, byte) in (HIGH..=0xFFFF).zip(&mut self.high) {
            *byte = gb.peek(addr);
        }
        if !self.clock.is_empty() && self.frames.is_multiple_of(CLOCK_EVERY) {
            let clock = clock(gb);
            if clock.len() == self.clock.len() {
                self.clock.copy_from_slice(&clock);
                self.clock_before.copy_from_slice(&clock);
            }
        }
        self.frames = self.frames.wrapping_add(1);
    }
}

/// What the battery keeps besides RAM.
fn clock(gb: &GameBoy) -> Vec<u8> {
    let kept = gb.battery_ram().unwrap_or_default();
    kept.get(gb.cartridge_ram().len()..).unwrap_or_default().to_vec()
}
