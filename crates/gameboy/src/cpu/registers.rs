use serde::{Deserialize, Serialize};

/// Positions in [`Registers::bytes`]: the 3-bit operand codes of the opcodes, with F in the
/// place of code 6, which means (HL) and is never a register.
pub const B: usize = 0;
pub const C: usize = 1;
pub const D: usize = 2;
pub const E: usize = 3;
pub const H: usize = 4;
pub const L: usize = 5;
pub const F: usize = 6;
pub const A: usize = 7;

pub const FLAG_Z: u8 = 0x80;
pub const FLAG_N: u8 = 0x40;
pub const FLAG_H: u8 = 0x20;
pub const FLAG_C: u8 = 0x10;

/// The registers of the SM83.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers {
    pub(crate) bytes: [u8; 8],
    /// The stack pointer.
    pub sp: u16,
    /// The address of the next instruction.
    pub pc: u16,
}

impl Registers {
    pub(crate) fn new(af: u16, bc: u16, de: u16, hl: u16, sp: u16, pc: u16) -> Self {
        let mut registers = Self { bytes: [0; 8], sp, pc };
        registers.set_af(af);
        registers.set_pair(0, bc);
        registers.set_pair(1, de);
        registers.set_pair(2, hl);
        registers
    }

    /// The accumulator.
    pub fn a(&self) -> u8 {
        self.bytes[A]
    }

    /// The flags: Z, N, H and C in bits 7-4.
    pub fn f(&self) -> u8 {
        self.bytes[F]
    }

    /// Register B.
    pub fn b(&self) -> u8 {
        self.bytes[B]
    }

    /// Register C.
    pub fn c(&self) -> u8 {
        self.bytes[C]
    }

    /// Register D.
    pub fn d(&self) -> u8 {
        self.bytes[D]
    }

    /// Register E.
    pub fn e(&self) -> u8 {
        self.bytes[E]
    }

    /// Register H.
    pub fn h(&self) -> u8 {
        self.bytes[H]
    }

    /// Register L.
    pub fn l(&self) -> u8 {
        self.bytes[L]
    }

    pub(crate) fn hl(&self) -> u16 {
        self.pair(2)
    }

    pub(crate) fn af(&self) -> u16 {
        u16::from_be_bytes([self.bytes[A], self.bytes[F]])
    }

    /// The low nibble of F does not exist.
    pub(crate) fn set_af(&mut self, value: u16) {
        let [high, low] = value.to_be_bytes();
        self.bytes[A] = high;
        self.bytes[F] = low & 0xF0;
    }

    /// BC, DE or HL for 0-2; SP for 3.
    pub(crate) fn pair(&self, code: u8) -> u16 {
        match code & 3 {
            3 => self.sp,
            code => {
                let high = 2 * code as usize;
                u16::from_be_bytes([self.bytes[high], self.bytes[high + 1]])
            }
        }
    }

    pub(crate) fn set_pair(&mut self, code: u8, value: u16) {
        match code & 3 {
            3 => self.sp = value,
            code => {
                let high = 2 * code as usize;
                [self.bytes[high], self.bytes[high + 1]] = value.to_be_bytes();
            }
        }
    }

    pub(crate) fn carry(&self) -> u8 {
        self.bytes[F] >> 4 & 1
    }

    #[allow(clippy::fn_params_excessive_bools, reason = "the flags in their order in F")]
    pub(crate) fn set_flags(&mut self, z: bool, n: bool, h: bool, c: bool) {
        self.bytes[F] = (z as u8) << 7 | (n as u8) << 6 | (h as u8) << 5 | (c as u8) << 4;
    }
}
