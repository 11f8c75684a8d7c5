//! Arithmetic and logic: registers and flags only, no time.

use super::registers::{A, F, FLAG_C, FLAG_H, FLAG_N, FLAG_Z, Registers};

impl Registers {
    /// The eight operations of opcodes 0x80-0xBF, by bits 3-5: ADD ADC SUB SBC AND XOR OR CP.
    pub(super) fn accumulate(&mut self, operation: u8, value: u8) {
        let a = self.bytes[A];
        match operation & 7 {
            0 => self.bytes[A] = self.add(a, value, 0),
            1 => self.bytes[A] = self.add(a, value, self.carry()),
            2 => self.bytes[A] = self.sub(a, value, 0),
            3 => self.bytes[A] = self.sub(a, value, self.carry()),
            4 => self.logic(a & value, FLAG_H),
            5 => self.logic(a ^ value, 0),
            6 => self.logic(a | value, 0),
            _ => {
                self.sub(a, value, 0);
            }
        }
    }

    fn add(&mut self, a: u8, value: u8, carry: u8) -> u8 {
        let sum = a as u16 + value as u16 + carry as u16;
        let half = (a & 0x0F) + (value & 0x0F) + carry > 0x0F;
        self.set_flags(sum as u8 == 0, false, half, sum > 0xFF);
        sum as u8
    }

    fn sub(&mut self, a: u8, value: u8, carry: u8) -> u8 {
        let difference = (a as u16).wrapping_sub(value as u16).wrapping_sub(carry as u16);
        let half = (a & 0x0F) < (value & 0x0F) + carry;
        self.set_flags(difference as u8 == 0, true, half, difference > 0xFF);
        difference as u8
    }

    fn logic(&mut self, result: u8, half: u8) {
        self.bytes[A] = result;
        self.bytes[F] = half | if result == 0 { FLAG_Z } else { 0 };
    }

    pub(super) fn increment(&mut self, value: u8) -> u8 {
        let result = value.wrapping_add(1);
        let carry = self.carry() != 0;
        self.set_flags(result == 0, false, result.trailing_zeros() >= 4, carry);
        result
    }

    pub(super) fn decrement(&mut self, value: u8) -> u8 {
        let result = value.wrapping_sub(1);
        let carry = self.carry() != 0;
        self.set_flags(result == 0, true, result & 0x0F == 0x0F, carry);
        result
    }

    pub(super) fn add_to_hl(&mut self, value: u16) {
        let hl = self.hl();
        let half = (hl & 0x0FFF) + (value & 0x0FFF) > 0x0FFF;
        let (sum, carry) = hl.overflowing_add(value);
        let zero = self.bytes[F] & FLAG_Z != 0;
        self.set_flags(zero, false, half, carry);
        self.set_pair(2, sum);
    }

    /// SP plus a signed byte, with the flags of the unsigned addition of the low bytes.
    pub(super) fn sp_plus(&mut self, offset: u8) -> u16 {
        let sp = self.sp;
        let half = (sp & 0x0F) + (offset as u16 & 0x0F) > 0x0F;
        let carry = (sp & 0xFF) + offset as u16 > 0xFF;
        self.set_flags(false, false, half, carry);
        sp.wrapping_add_signed(offset as i8 as i16)
    }

    /// The eight operations of 0xCB 0x00-0x3F, by bits 3-5: RLC RRC RL RR SLA SRA SWAP SRL.
    pub(super) fn rotate(&mut self, operation: u8, value: u8) -> u8 {
        let (result, out) = match operation & 7 {
            0 => (value.rotate_left(1), value >> 7),
            1 => (value.rotate_right(1), value & 1),
            2 => (value << 1 | self.carry(), value >> 7),
            3 => (value >> 1 | self.carry() << 7, value & 1),
            4 => (value << 1, value >> 7),
            5 => ((value as i8 >> 1) as u8, value & 1),
            6 => (value.rotate_left(4), 0),
            _ => (value >> 1, value & 1),
        };
        self.set_flags(result == 0, false, false, out != 0);
        result
    }

    /// RLCA, RRCA, RLA and RRA: as [`Self::rotate`], but Z is cleared.
    pub(super) fn rotate_accumulator(&mut self, operation: u8) {
        self.bytes[A] = self.rotate(operation, self.bytes[A]);
        self.bytes[F] &= !FLAG_Z;
    }

    pub(super) fn test_bit(&mut self, bit: u8, value: u8) {
        let zero = if value >> (bit & 7) & 1 == 0 { FLAG_Z } else { 0 };
        self.bytes[F] = self.bytes[F] & FLAG_C | FLAG_H | zero;
    }

    /// DAA: corrects A after an addition or subtraction of packed decimals.
    pub(super) fn decimal_adjust(&mut self) {
        let (a, f) = (self.bytes[A], self.bytes[F]);
        let subtracted = f & FLAG_N != 0;
        let low = f & FLAG_H != 0 || (!subtracted && a & 0x0F > 9);
        let high = f & FLAG_C != 0 || (!subtracted && a > 0x99);
        let correction = if low { 0x06 } else { 0 } | if high { 0x60 } else { 0 };
        let result =
            if subtracted { a.wrapping_sub(correction) } else { a.wrapping_add(correction) };
        self.bytes[A] = result;
        self.set_flags(result == 0, subtracted, false, high);
    }

    /// CPL, SCF and CCF.
    pub(super) fn complement(&mut self) {
        self.bytes[A] = !self.bytes[A];
        self.bytes[F] |= FLAG_N | FLAG_H;
    }

    pub(super) fn set_carry(&mut self) {
        self.bytes[F] = self.bytes[F] & FLAG_Z | FLAG_C;
    }

    pub(super) fn complement_carry(&mut self) {
        self.bytes[F] = (self.bytes[F] & (FLAG_Z | FLAG_C)) ^ FLAG_C;
    }
}
