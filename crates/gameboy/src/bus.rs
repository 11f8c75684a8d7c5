//! The memory map, and the only clock: all time passes in [`Bus::tick_m_cycle`].
//!
//! The parts are brought up to date lazily: when the CPU touches them, and before it looks for
//! interrupts once `next_event` is near, the first dot at which one may be requested.
//!
//! An access sees the PPU as it is at the dot of the access, and the timer before its tick of
//! the same M-cycle. Before an instruction, the CPU looks for interrupts at the dot at which it
//! will fetch the opcode (gbmicrotest `int_oam_nops`), in HALT earlier.

use serde::{Deserialize, Serialize};

use crate::apu::Apu;
use crate::cartridge::Cartridge;
use crate::cheat::CheatBank;
use crate::cpu::{CpuBus, Sleep};
use crate::dma::{Hdma, OamDma};
use crate::interrupts::Interrupts;
use crate::joypad::Joypad;
use crate::memory::Ram;
use crate::model::Model;
use crate::ppu::{OamAccess, Ppu, Watch, WriteDots};
use crate::serial::Serial;
use crate::speed::Speed;
use crate::timer::Timer;

const WRAM_BANK: usize = 0x1000;
/// M-cycles for which a switch of speed stops the CPU (Pan Docs, "FF4D - KEY1/SPD").
const SPEED_SWITCH_M_CYCLES: u32 = 2050;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bus {
    pub model: Model,
    /// Whether the Color's functions are on: a CGB that runs a game for it.
    pub cgb_mode: bool,
    /// Dots since power-on.
    pub dots: u64,
    next_event: u64,
    /// When the CPU hands the console back.
    #[serde(skip, default = "Until::stepped")]
    until: Until,
    /// The dot to which `timer` and `serial` were brought.
    timer_clock: u64,
    is_halted: bool,
    pub cartridge: Cartridge,
    pub ppu: Ppu,
    pub apu: Apu,
    pub timer: Timer,
    pub serial: Serial,
    pub joypad: Joypad,
    pub interrupts: Interrupts,
    pub oam_dma: OamDma,
    pub hdma: Hdma,
    speed: Speed,
    wram: Ram<{ 8 * WRAM_BANK }>,
    hram: Ram<0x7F>,
    svbk: u8,
    /// 0xFF72-0xFF75, which do nothing but hold bits.
    undocumented: [u8; 4],
    rp: u8,
    /// Whether another console's infrared light falls on this one.
    light: bool,
    /// KEY0 and the boot ROM's bytes, until a write to 0xFF50 unmaps it.
    pub boot_rom: Option<Vec<u8>>,
}

/// How far the CPU runs.
#[derive(Clone, Copy, Debug)]
struct Until {
    /// The dot that HALT must not sleep past.
    sleep: u64,
    dot: u64,
    vblanks: u64,
}

impl Until {
    /// For one instruction.
    fn stepped() -> Self {
        Self { sleep: u64::MAX, dot: 0, vblanks: u64::MAX }
    }
}

impl Bus {
    /// A console at power-on, but for the boot ROM.
    pub fn new(cartridge: Cartridge, model: Model, cgb_mode: bool, apu: Apu) -> Self {
        Self {
            model,
            cgb_mode,
            dots: 0,
            next_event: 0,
            until: Until::stepped(),
            timer_clock: 0,
            is_halted: false,
            cartridge,
            ppu: Ppu::new(model, cgb_mode),
            apu,
            timer: Timer::new(0),
            serial: Serial::new(),
            joypad: Joypad::new(),
            interrupts: Interrupts::default(),
            oam_dma: OamDma::new(),
            hdma: Hdma::new(),
            speed: Speed::default(),
            wram: Ram::noise(0x5743),
            hram: Ram::noise(0x4843),
            svbk: 0,
            undocumented: [0; 4],
            rp: 0,
            light: false,
            boot_rom: None,
        }
    }

    /// Whether the memories and positions fit the console `other`, which a damaged save state's
    /// may not.
    pub fn is_sound(&self, other: &Self) -> bool {
        let boot_rom_len = |bus: &Self| bus.boot_rom.as_ref().map(Vec::len);
        self.model == other.model
            && self.ppu.is_sound(self.model, self.dots..=self.dispatch_dot())
            && self.timer_clock == self.dots
            && self.dots < 1 << 62
            && (self.boot_rom.is_none() || boot_rom_len(self) == boot_rom_len(other))
    }

    /// Makes the CPU hand the console back at the first instruction to end beyond `dot`, or to
    /// see a VBlank begin.
    pub fn run_until(&mut self, dot: u64) {
        self.until = Until { sleep: dot + 1, dot, vblanks: self.ppu.vblanks() };
    }

    /// Makes the CPU hand the console back after one instruction, or when it has slept up to
    /// `dot` in HALT.
    pub fn run_instruction(&mut self, dot: u64) {
        self.until = Until { sleep: dot, ..Until::stepped() };
    }

    pub fn dots_per_m_cycle(&self) -> u64 {
        self.speed.dots_per_m_cycle()
    }

    #[inline]
    pub fn tick_m_cycle(&mut self) {
        self.dots += self.speed.dots_per_m_cycle();
        if self.oam_dma.is_active() {
            self.tick_oam_dma();
        }
    }

    /// The dot at which the CPU looks for interrupts before an instruction.
    pub fn dispatch_dot(&self) -> u64 {
        self.dots + self.speed.dots_per_m_cycle()
    }

    /// The dot at which the CPU looks for interrupts in HALT: on the DMG, half an M-cycle after
    /// that of the last access, on the CGB at the same.
    fn halt_dot(&self) -> u64 {
        if self.model.is_cgb() { self.dots } else { self.dots + 2 }
    }

    fn run_events(&mut self, now: u64) {
        self.advance_timer(self.dots);
        self.advance_ppu(now);
        self.schedule();
        if self.hdma.is_due() && !self.is_halted {
            self.run_hdma_block();
        }
    }

    /// Finds the next dot at which a part must be brought up to date.
    pub fn schedule(&mut self) {
        let m_cycles = self.timer.m_cycles_to_interrupt().min(self.serial.m_cycles_to_interrupt());
        let timer =
            self.timer_clock.saturating_add(m_cycles.saturating_mul(self.speed.dots_per_m_cycle()));
        let hblank = if self.hdma.waits_for_hblank() { Watch::Watched } else { Watch::Ignored };
        self.next_event = timer.min(self.ppu.next_event(hblank));
    }

    fn advance_timer(&mut self, now: u64) {
        let m_cycles = self.speed.whole_m_cycles(now.saturating_sub(self.timer_clock));
        self.timer_clock = self.timer_clock.max(now);
        self.serial.advance(m_cycles, &mut self.interrupts);
        self.timer.advance(m_cycles, &mut self.interrupts);
    }

    fn advance_ppu(&mut self, now: u64) {
        self.ppu.catch_up(now, &mut self.interrupts);
        self.hdma.notice_hblanks(self.ppu.hblanks());
    }

    /// Brings the timer and the serial port to where an access in this M-cycle finds them.
    fn catch_up_timer(&mut self) {
        self.advance_timer(self.dots.saturating_sub(self.speed.dots_per_m_cycle()));
    }

    /// Brings the PPU to where an access in this M-cycle finds it.
    pub fn catch_up_ppu(&mut self) {
        self.advance_ppu(self.dots);
    }

    /// Brings every part to the present.
    pub fn catch_up(&mut self) {
        self.advance_timer(self.dots);
        self.advance_ppu(self.dots);
        self.apu.catch_up(self.dots);
        self.cartridge.catch_up(self.dots);
        self.schedule();
    }

    /// Reads without effect on anything, and without time passing. The PPU's memories are read
    /// as if it never locked them.
    pub fn peek(&self, addr: u16) -> u8 {
        match addr {
            0x8000..=0x9FFF => self.ppu.peek_vram(addr),
            0xFE00..=0xFE9F => self.ppu.peek_oam(addr),
            0xFF10..=0xFF3F => self.apu.read(addr),
            0xFF00..=0xFF7F | 0xFFFF => self.read_io_at_rest(addr),
            _ => self.read_memory(addr),
        }
    }

    /// The memories that need no bringing up to date; OAM DMA reads from here too.
    pub fn read_memory(&self, addr: u16) -> u8 {
        match addr {
            0x0000..=0x7FFF => match &self.boot_rom {
                Some(boot) if is_boot_rom(addr, boot.len()) => boot[addr as usize],
                _ => self.cartridge.read_rom(addr),
            },
            0x8000..=0x9FFF => self.ppu.peek_vram(addr),
            0xA000..=0xBFFF => self.cartridge.read_ram(addr),
            0xC000..=0xFDFF => self.wram[self.wram_at(addr)],
            0xFF80..=0xFFFE => self.hram[addr as usize - 0xFF80],
            _ => 0xFF,
        }
    }

    /// Work RAM, all banks that this console has.
    pub fn wram(&self) -> &[u8] {
        &self.wram[..self.wram_len()]
    }

    /// As [`wram`](Self::wram), to be written.
    pub fn wram_mut(&mut self) -> &mut [u8] {
        let len = self.wram_len();
        &mut self.wram[..len]
    }

    fn wram_len(&self) -> usize {
        if self.model.is_cgb() { 8 * WRAM_BANK } else { 2 * WRAM_BANK }
    }

    /// Writes what a device for cheats does, beside the CPU.
    pub fn write_cheat(&mut self, bank: CheatBank, addr: u16, value: u8) {
        match bank {
            CheatBank::Mapped if addr < 0xC000 => self.cartridge.write_ram(addr, value),
            CheatBank::Mapped => {
                let at = self.wram_at(addr);
                self.wram[at] = value;
            }
            CheatBank::CartridgeRam(bank) => self.cartridge.write_ram_bank(bank, addr, value),
            CheatBank::WorkRam(bank) => {
                let at = bank as usize * WRAM_BANK + (addr as usize & (WRAM_BANK - 1));
                if let Some(byte) = self.wram_mut().get_mut(at) {
                    *byte = value;
                }
            }
        }
    }

    #[inline]
    fn wram_at(&self, addr: u16) -> usize {
        let bank = if addr & 0x1000 == 0 { 0 } else { (self.svbk as usize & 7).max(1) };
        bank * WRAM_BANK + (addr as usize & 0x0FFF)
    }

    #[inline(never)]
    fn read_now(&mut self, addr: u16) -> u8 {
        if let Some(byte) = self.oam_dma_conflict(addr) {
            return byte;
        }
        match addr {
            0x8000..=0x9FFF => {
                self.catch_up_ppu();
                self.ppu.read_vram(addr)
            }
            0xA000..=0xBFFF => {
                self.cartridge.catch_up(self.dots);
                self.cartridge.read_ram(addr)
            }
            0xFE00..=0xFEFF => self.read_oam(addr),
            0xFF00..=0xFF7F | 0xFFFF => self.read_io(addr),
            _ => self.read_memory(addr),
        }
    }

    #[inline(never)]
    fn write_now(&mut self, addr: u16, value: u8) {
        let Some(addr) = self.oam_dma_redirect(addr, value) else {
            return;
        };
        match addr {
            0x0000..=0x7FFF => {
                self.cartridge.catch_up(self.dots);
                self.cartridge.write_rom(addr, value);
            }
            0x8000..=0x9FFF => {
                self.catch_up_ppu();
                self.ppu.write_vram(addr, value);
            }
            0xA000..=0xBFFF => {
                self.cartridge.catch_up(self.dots);
                self.cartridge.write_ram(addr, value);
            }
            0xC000..=0xFDFF => {
                let at = self.wram_at(addr);
                self.wram[at] = value;
            }
            0xFE00..=0xFEFF => {
                self.catch_up_ppu();
                self.ppu.disturb_oam(OamAccess::Write);
                if !self.oam_dma.locks_oam() {
                    self.ppu.write_oam(addr, value);
                }
            }
            0xFF80..=0xFFFE => self.hram[addr as usize - 0xFF80] = value,
            0xFF00..=0xFF7F | 0xFFFF => self.write_io(addr, value),
        }
    }

    fn read_oam(&mut self, addr: u16) -> u8 {
        self.catch_up_ppu();
        self.ppu.disturb_oam(OamAccess::Read);
        if self.oam_dma.locks_oam() {
            return 0xFF;
        }
        match addr {
            0xFE00..=0xFE9F => self.ppu.read_oam(addr),
            // Pan Docs, "FEA0-FEFF range": the CGB-E mirrors the high nibble.
            _ if self.ppu.is_oam_locked() => 0xFF,
            _ if self.model.is_cgb() => (addr & 0xF0) as u8 | (addr as u8) >> 4,
            _ => 0x00,
        }
    }

    fn read_io(&mut self, addr: u16) -> u8 {
        match addr {
            0xFF01..=0xFF0F => {
                self.catch_up_timer();
                self.catch_up_ppu();
            }
            0xFF10..=0xFF3F | 0xFF76..=0xFF77 => self.apu.catch_up(self.dots),
            0xFF40..=0xFF6C => self.catch_up_ppu(),
            _ => {}
        }
        match addr {
            0xFF10..=0xFF3F => self.apu.read(addr),
            _ => self.read_io_at_rest(addr),
        }
    }

    fn read_io_at_rest(&self, addr: u16) -> u8 {
        match addr {
            0xFF00 => self.joypad.read_p1(),
            0xFF01 => self.serial.read_sb(),
            0xFF02 => self.serial.read_sc(self.cgb_mode),
            0xFF04 => self.timer.read_div(),
            0xFF05 => self.timer.read_tima(),
            0xFF06 => self.timer.read_tma(),
            0xFF07 => self.timer.read_tac(),
            0xFF0F => self.interrupts.read_if(),
            0xFF46 => self.oam_dma.read_dma(),
            0xFF40..=0xFF4B | 0xFF4F | 0xFF68..=0xFF6C => self.ppu.read_register(addr),
            0xFFFF => self.interrupts.read_ie(),
            _ if self.model.is_cgb() => self.read_cgb_io(addr),
            _ => 0xFF,
        }
    }

    fn read_cgb_io(&self, addr: u16) -> u8 {
        match addr {
            0xFF4D if self.cgb_mode => self.speed.read_key1(),
            0xFF55 if self.cgb_mode => self.hdma.read_hdma5(),
            0xFF56 if self.cgb_mode => self.read_rp(),
            0xFF70 if self.cgb_mode => 0xF8 | self.svbk,
            0xFF72 | 0xFF73 => self.undocumented[addr as usize - 0xFF72],
            0xFF74 if self.cgb_mode => self.undocumented[2],
            0xFF75 => 0x8F | self.undocumented[3],
            0xFF76 => self.apu.read_pcm12(),
            0xFF77 => self.apu.read_pcm34(),
            _ => 0xFF,
        }
    }

    /// The receiver sees the own LED as well.
    fn read_rp(&self) -> u8 {
        let sees_light = self.rp & 0xC0 == 0xC0 && (self.light || self.rp & 1 != 0);
        self.rp | if sees_light { 0x3C } else { 0x3E }
    }

    /// Whether the console, or its cartridge, sends infrared light.
    pub fn is_led_on(&self) -> bool {
        self.rp & 1 != 0 || self.cartridge.is_led_on()
    }

    pub fn set_light(&mut self, light: bool) {
        if self.light != light {
            self.light = light;
            self.cartridge.set_light(light);
        }
    }

    /// The console at the other end of the cable sends a bit.
    pub fn clock_serial(&mut self, bit: u8) {
        self.serial.clock(bit, &mut self.interrupts);
    }

    /// Brings a transfer that runs on the own clock to the present.
    pub fn catch_up_serial(&mut self) {
        if self.serial.is_running() {
            self.advance_timer(self.dots);
            self.schedule();
        }
    }

    fn write_io(&mut self, addr: u16, value: u8) {
        match addr {
            0xFF00 => self.joypad.write_p1(value, &mut self.interrupts),
            0xFF01..=0xFF07 => self.write_timer(addr, value),
            0xFF0F => {
                self.catch_up_timer();
                self.catch_up_ppu();
                self.interrupts.write_if(value);
            }
            0xFF10..=0xFF3F => {
                self.apu.catch_up(self.dots);
                self.apu.write(addr, value);
            }
            0xFF46 => {
                self.catch_up_ppu();
                self.oam_dma.write_dma(value);
            }
            0xFF4C if self.model.is_cgb() && self.boot_rom.is_some() => self.write_key0(value),
            0xFF50 if value & 1 != 0 => self.boot_rom = None,
            0xFF40..=0xFF4B | 0xFF4F | 0xFF68..=0xFF6C => {
                let write =
                    WriteDots { read: self.dots, dots_per_m_cycle: self.dots_per_m_cycle() };
                self.ppu.write_register(addr, value, write, &mut self.interrupts);
            }
            0xFFFF => self.interrupts.write_ie(value),
            _ if self.model.is_cgb() => self.write_cgb_io(addr, value),
            _ => {}
        }
        self.schedule();
    }

    fn write_timer(&mut self, addr: u16, value: u8) {
        self.catch_up_timer();
        match addr {
            0xFF01 => self.serial.write_sb(value),
            0xFF02 => self.serial.write_sc(value, self.cgb_mode, self.timer.counter()),
            0xFF04 => self.write_div(),
            0xFF05 => self.timer.write_tima(value),
            0xFF06 => self.timer.write_tma(value),
            0xFF07 => self.timer.write_tac(value),
            _ => {}
        }
    }

    fn write_div(&mut self) {
        self.apu.catch_up(self.dots);
        self.apu.div_written();
        self.timer.write_div();
        self.serial.restart_clock();
    }

    /// Bit 2 of KEY0 switches the CGB to its DMG compatibility mode; the boot ROM writes it.
    fn write_key0(&mut self, value: u8) {
        self.catch_up_ppu();
        self.cgb_mode = value & 0x04 == 0;
        // The other banks of work RAM are out of reach in compatibility mode.
        self.svbk = if self.cgb_mode { self.svbk } else { 0 };
        self.ppu.set_cgb_mode(self.cgb_mode);
    }

    fn write_cgb_io(&mut self, addr: u16, value: u8) {
        match addr {
            0xFF4D if self.cgb_mode => self.speed.write_key1(value),
            0xFF51..=0xFF55 if self.cgb_mode => self.write_hdma(addr, value),
            0xFF56 if self.cgb_mode => self.rp = value & 0xC1,
            0xFF70 if self.cgb_mode => self.svbk = value & 7,
            0xFF72 | 0xFF73 => self.undocumented[addr as usize - 0xFF72] = value,
            0xFF74 if self.cgb_mode => self.undocumented[2] = value,
            0xFF75 => self.undocumented[3] = value & 0x70,
            _ => {}
        }
    }

    fn switch_speed(&mut self) {
        self.catch_up();
        self.write_div();
        self.speed.switch();
        self.schedule();
        for _ in 0..SPEED_SWITCH_M_CYCLES {
            self.tick_m_cycle();
        }
        // DIV does not count while the CPU stands still.
        self.catch_up();
        self.write_div();
    }
}

/// A boot ROM leaves a hole for the cartridge's header.
fn is_boot_rom(addr: u16, len: usize) -> bool {
    (addr as usize) < len && !(0x100..0x200).contains(&addr)
}

impl CpuBus for Bus {
    #[inline]
    fn read(&mut self, addr: u16) -> u8 {
        self.dots += self.speed.dots_per_m_cycle();
        if self.oam_dma.is_active() {
            self.tick_oam_dma();
            return self.read_now(addr);
        }
        match addr {
            // What most reads are, since opcodes come from here.
            0x0000..=0x7FFF if self.boot_rom.is_none() => self.cartridge.read_rom(addr),
            0xC000..=0xDFFF => self.wram[self.wram_at(addr)],
            0xFF80..=0xFFFE => self.hram[addr as usize - 0xFF80],
            _ => self.read_now(addr),
        }
    }

    #[inline]
    fn write(&mut self, addr: u16, value: u8) {
        self.dots += self.speed.dots_per_m_cycle();
        if self.oam_dma.is_active() {
            self.tick_oam_dma();
            self.write_now(addr, value);
            return;
        }
        match addr {
            0xC000..=0xDFFF => {
                let at = self.wram_at(addr);
                self.wram[at] = value;
            }
            0xFF80..=0xFFFE => self.hram[addr as usize - 0xFF80] = value,
            _ => self.write_now(addr, value),
        }
    }

    fn idle(&mut self, addr: u16) {
        self.tick_m_cycle();
        if addr >> 8 == 0xFE {
            self.catch_up_ppu();
            self.ppu.disturb_oam(OamAccess::Write);
        }
    }

    fn idle_halted(&mut self) {
        self.is_halted = true;
        let m_cycle = self.speed.dots_per_m_cycle();
        if self.pending_interrupts_in_halt() == 0 && !self.oam_dma.is_active() {
            let dots = self.next_event.min(self.until.sleep).saturating_sub(self.dots);
            // The last of the M-cycles in which nothing can happen is left to the tick.
            self.dots += self.speed.whole_m_cycles(dots).saturating_sub(2) * m_cycle;
        }
        self.tick_m_cycle();
        // HDMA waits until the CPU is awake.
        self.run_events(self.halt_dot());
        self.is_halted = false;
    }

    fn requested_interrupts(&mut self) -> u8 {
        if self.dispatch_dot() >= self.next_event {
            self.run_events(self.dispatch_dot());
        }
        self.interrupts.requested()
    }

    fn requested_interrupts_in_halt(&mut self) -> u8 {
        if self.halt_dot() >= self.next_event {
            self.run_events(self.halt_dot());
        }
        self.interrupts.requested()
    }

    fn enabled_interrupts(&self) -> u8 {
        self.interrupts.read_ie()
    }

    fn acknowledge(&mut self, bit: u8) {
        self.interrupts.acknowledge(bit);
    }

    fn stop(&mut self) -> Sleep {
        if self.speed.is_armed() {
            self.switch_speed();
            return Sleep::Awake;
        }
        if self.joypad.is_any_line_low() {
            return Sleep::Halted;
        }
        self.catch_up();
        self.write_div();
        self.schedule();
        Sleep::UntilButton
    }

    fn is_woken(&self) -> bool {
        self.joypad.is_any_line_low()
    }

    fn is_over(&self) -> bool {
        self.dots > self.until.dot || self.ppu.vblanks() != self.until.vblanks
    }
}
