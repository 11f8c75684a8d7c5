//! The SM83 (Pan Docs, "CPU Instruction Set" and "Halt").

mod alu;
mod execute;
mod registers;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use registers::Registers;
use registers::{A, C, F};

/// What the CPU is connected to. Each of `read`, `write` and `idle` takes one M-cycle, and the
/// access happens at its end.
pub trait CpuBus {
    fn read(&mut self, addr: u16) -> u8;
    fn write(&mut self, addr: u16, value: u8);
    /// An M-cycle without an access; `addr` is what the 16-bit incrementer drives onto the
    /// address bus, which the OAM corruption bug of the DMG needs to know.
    fn idle(&mut self, addr: u16);
    /// One or more M-cycles in HALT: up to the next moment at which an interrupt may be
    /// requested.
    fn idle_halted(&mut self);
    /// IF, of which bits 0-4 count, as the CPU sees it before its next instruction.
    fn requested_interrupts(&mut self) -> u8;
    /// IF as it is looked at in HALT, after each M-cycle.
    fn requested_interrupts_in_halt(&mut self) -> u8;
    /// IE.
    fn enabled_interrupts(&self) -> u8;
    fn pending_interrupts(&mut self) -> u8 {
        self.requested_interrupts() & self.enabled_interrupts() & 0x1F
    }
    fn pending_interrupts_in_halt(&mut self) -> u8 {
        self.requested_interrupts_in_halt() & self.enabled_interrupts() & 0x1F
    }
    fn acknowledge(&mut self, bit: u8);
    /// Executes STOP. Returns whether the CPU goes to sleep until a button is pressed.
    fn stop(&mut self) -> Sleep;
    /// Whether a button ended STOP.
    fn is_woken(&self) -> bool;
    /// Whether [`Cpu::run`] is to return after the instruction at hand.
    fn is_over(&self) -> bool;
}

/// What STOP does to the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// It goes on: the instruction switched the speed of a CGB.
    Awake,
    /// It halts until an interrupt, as HALT does.
    Halted,
    /// It sleeps until a button is pressed.
    UntilButton,
}

const DI: u8 = 0xF3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Running,
    /// HALT with a pending interrupt and IME off: the next opcode byte is read twice.
    HaltBug,
    Halted,
    Stopped,
    /// An illegal opcode locks the CPU until it is switched off.
    Locked,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cpu {
    pub registers: Registers,
    ime: bool,
    /// EI takes effect after the instruction that follows it.
    enabling: bool,
    state: State,
}

impl Cpu {
    pub fn new(registers: Registers) -> Self {
        Self { registers, ime: false, enabling: false, state: State::Running }
    }

    /// Executes instructions until the bus says that it is over, but at least one.
    pub fn run(&mut self, bus: &mut impl CpuBus) {
        loop {
            self.step(bus);
            if bus.is_over() {
                return;
            }
        }
    }

    /// Executes one instruction, or serves one interrupt, or passes time in HALT or STOP.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the one loop around it keeps its registers")]
    fn step(&mut self, bus: &mut impl CpuBus) {
        if self.state != State::Running && !self.is_awake(bus) {
            return;
        }
        if bus.pending_interrupts() != 0 && self.ime {
            self.serve_interrupt(bus);
            return;
        }
        let enabling = std::mem::take(&mut self.enabling);
        let opcode = bus.read(self.registers.pc);
        let step = u16::from(self.state != State::HaltBug);
        self.registers.pc = self.registers.pc.wrapping_add(step);
        self.state = State::Running;
        self.execute(opcode, bus);
        // DI in the shadow of EI wins.
        if enabling && opcode != DI {
            self.ime = true;
        }
    }

    /// Whether an instruction is to be executed; time passes if not.
    #[inline(never)]
    fn is_awake(&mut self, bus: &mut impl CpuBus) -> bool {
        match self.state {
            State::Running | State::HaltBug => return true,
            State::Halted => {
                if bus.pending_interrupts_in_halt() != 0 {
                    self.state = State::Running;
                    return true;
                }
                bus.idle_halted();
            }
            State::Stopped => {
                bus.idle_halted();
                if bus.is_woken() {
                    self.state = State::Running;
                }
            }
            State::Locked => bus.idle_halted(),
        }
        false
    }

    /// Five M-cycles. The vector is chosen after the pushes, which may themselves write IE or
    /// IF (mooneye `ie_push`): IE is seen after the high byte, IF after the low one.
    #[inline(never)]
    fn serve_interrupt(&mut self, bus: &mut impl CpuBus) {
        // HALT in the shadow of EI: the handler returns to the HALT itself.
        if self.state == State::HaltBug {
            self.registers.pc = self.registers.pc.wrapping_sub(1);
            self.state = State::Running;
        }
        self.ime = false;
        self.enabling = false;
        let pc = self.registers.pc;
        bus.idle(pc);
        bus.idle(self.registers.sp);
        self.push_byte((pc >> 8) as u8, bus);
        let enabled = bus.enabled_interrupts();
        self.push_byte(pc as u8, bus);
        let pending = bus.requested_interrupts() & enabled;
        self.registers.pc = match pending.trailing_zeros() {
            bit @ 0..=4 => {
                bus.acknowledge(1 << bit);
                0x40 + 8 * bit as u16
            }
            _ => 0x0000,
        };
        bus.idle(self.registers.pc);
    }

    fn halt(&mut self, bus: &mut impl CpuBus) {
        if bus.pending_interrupts() == 0 {
            self.state = State::Halted;
        } else if self.ime {
            self.state = State::Running;
        } else {
            self.state = State::HaltBug;
        }
    }

    /// The byte after STOP is skipped unless an interrupt is pending (Pan Docs, "Reducing Power
    /// Consumption").
    fn stop(&mut self, bus: &mut impl CpuBus) {
        if bus.pending_interrupts() == 0 {
            self.registers.pc = self.registers.pc.wrapping_add(1);
        }
        match bus.stop() {
            Sleep::Awake => {}
            Sleep::Halted => self.state = State::Halted,
            Sleep::UntilButton => self.state = State::Stopped,
        }
    }

    fn fetch_byte(&mut self, bus: &mut impl CpuBus) -> u8 {
        let value = bus.read(self.registers.pc);
        self.registers.pc = self.registers.pc.wrapping_add(1);
        value
    }

    fn fetch_word(&mut self, bus: &mut impl CpuBus) -> u16 {
        let low = self.fetch_byte(bus);
        let high = self.fetch_byte(bus);
        u16::from_le_bytes([low, high])
    }

    fn push_byte(&mut self, value: u8, bus: &mut impl CpuBus) {
        self.registers.sp = self.registers.sp.wrapping_sub(1);
        bus.write(self.registers.sp, value);
    }

    fn push(&mut self, value: u16, bus: &mut impl CpuBus) {
        bus.idle(self.registers.sp);
        self.push_byte((value >> 8) as u8, bus);
        self.push_byte(value as u8, bus);
    }

    fn pop(&mut self, bus: &mut impl CpuBus) -> u16 {
        let low = bus.read(self.registers.sp);
        self.registers.sp = self.registers.sp.wrapping_add(1);
        let high = bus.read(self.registers.sp);
        self.registers.sp = self.registers.sp.wrapping_add(1);
        u16::from_le_bytes([low, high])
    }
}
