//! The opcode tables (Pan Docs, "CPU Instruction Set"): operand fields `y` = bits 3-5 and
//! `z` = bits 0-2, register pairs in bits 4-5.

use super::registers::{FLAG_C, FLAG_Z};
use super::{A, C, Cpu, CpuBus, F, State};

/// The operand code of (HL).
const HL_INDIRECT: u8 = 6;

impl Cpu {
    #[inline]
    pub fn execute(&mut self, opcode: u8, bus: &mut impl CpuBus) {
        let y = opcode >> 3 & 7;
        let z = opcode & 7;
        let pair = opcode >> 4 & 3;
        match opcode {
            0x00 => {}
            0x10 => self.stop(bus),
            0x76 => self.halt(bus),
            0xF3 => self.ime = false,
            0xFB => self.enabling = !self.ime,

            0x40..=0x7F => {
                let value = self.operand(z, bus);
                self.set_operand(y, value, bus);
            }
            0x80..=0xBF => {
                let value = self.operand(z, bus);
                self.registers.accumulate(y, value);
            }
            0xC6 | 0xCE | 0xD6 | 0xDE | 0xE6 | 0xEE | 0xF6 | 0xFE => {
                let value = self.fetch_byte(bus);
                self.registers.accumulate(y, value);
            }
            0x06 | 0x0E | 0x16 | 0x1E | 0x26 | 0x2E | 0x36 | 0x3E => {
                let value = self.fetch_byte(bus);
                self.set_operand(y, value, bus);
            }
            0x04 | 0x0C | 0x14 | 0x1C | 0x24 | 0x2C | 0x34 | 0x3C => {
                let value = self.operand(y, bus);
                let result = self.registers.increment(value);
                self.set_operand(y, result, bus);
            }
            0x05 | 0x0D | 0x15 | 0x1D | 0x25 | 0x2D | 0x35 | 0x3D => {
                let value = self.operand(y, bus);
                let result = self.registers.decrement(value);
                self.set_operand(y, result, bus);
            }

            0x01 | 0x11 | 0x21 | 0x31 => {
                let value = self.fetch_word(bus);
                self.registers.set_pair(pair, value);
            }
            0x03 | 0x13 | 0x23 | 0x33 => {
                let value = self.registers.pair(pair);
                bus.idle(value);
                self.registers.set_pair(pair, value.wrapping_add(1));
            }
            0x0B | 0x1B | 0x2B | 0x3B => {
                let value = self.registers.pair(pair);
                bus.idle(value);
                self.registers.set_pair(pair, value.wrapping_sub(1));
            }
            0x09 | 0x19 | 0x29 | 0x39 => {
                bus.idle(self.registers.pc);
                self.registers.add_to_hl(self.registers.pair(pair));
            }

            0x02 | 0x12 => bus.write(self.registers.pair(pair), self.registers.bytes[A]),
            0x0A | 0x1A => self.registers.bytes[A] = bus.read(self.registers.pair(pair)),
            0x22 | 0x32 => {
                let addr = self.step_hl(opcode);
                bus.write(addr, self.registers.bytes[A]);
            }
            0x2A | 0x3A => {
                let addr = self.step_hl(opcode);
                self.registers.bytes[A] = bus.read(addr);
            }
            0xE0 => {
                let addr = 0xFF00 | self.fetch_byte(bus) as u16;
                bus.write(addr, self.registers.bytes[A]);
            }
            0xF0 => {
                let addr = 0xFF00 | self.fetch_byte(bus) as u16;
                self.registers.bytes[A] = bus.read(addr);
            }
            0xE2 => bus.write(0xFF00 | self.registers.bytes[C] as u16, self.registers.bytes[A]),
            0xF2 => self.registers.bytes[A] = bus.read(0xFF00 | self.registers.bytes[C] as u16),
            0xEA => {
                let addr = self.fetch_word(bus);
                bus.write(addr, self.registers.bytes[A]);
            }
            0xFA => {
                let addr = self.fetch_word(bus);
                self.registers.bytes[A] = bus.read(addr);
            }
            0x08 => {
                let addr = self.fetch_word(bus);
                let [low, high] = self.registers.sp.to_le_bytes();
                bus.write(addr, low);
                bus.write(addr.wrapping_add(1), high);
            }
            0xF8 => {
                let offset = self.fetch_byte(bus);
                bus.idle(self.registers.pc);
                let value = self.registers.sp_plus(offset);
                self.registers.set_pair(2, value);
            }
            0xE8 => {
                let offset = self.fetch_byte(bus);
                bus.idle(self.registers.pc);
                bus.idle(self.registers.pc);
                self.registers.sp = self.registers.sp_plus(offset);
            }
            0xF9 => {
                bus.idle(self.registers.hl());
                self.registers.sp = self.registers.hl();
            }

            0x07 | 0x0F | 0x17 | 0x1F => self.registers.rotate_accumulator(y),
            0x27 => self.registers.decimal_adjust(),
            0x2F => self.registers.complement(),
            0x37 => self.registers.set_carry(),
            0x3F => self.registers.complement_carry(),
            0xCB => {
                let opcode = self.fetch_byte(bus);
                self.execute_cb(opcode, bus);
            }

            0xC5 | 0xD5 | 0xE5 => self.push(self.registers.pair(pair), bus),
            0xF5 => self.push(self.registers.af(), bus),
            0xC1 | 0xD1 | 0xE1 => {
                let value = self.pop(bus);
                self.registers.set_pair(pair, value);
            }
            0xF1 => {
                let value = self.pop(bus);
                self.registers.set_af(value);
            }

            0x18 => self.jump_relative(true, bus),
            0x20 | 0x28 | 0x30 | 0x38 => self.jump_relative(self.condition(y), bus),
            0xC3 => self.jump(true, bus),
            0xC2 | 0xCA | 0xD2 | 0xDA => self.jump(self.condition(y), bus),
            0xE9 => self.registers.pc = self.registers.hl(),
            0xCD => self.call(true, bus),
            0xC4 | 0xCC | 0xD4 | 0xDC => self.call(self.condition(y), bus),
            0xC7 | 0xCF | 0xD7 | 0xDF | 0xE7 | 0xEF | 0xF7 | 0xFF => {
                self.push(self.registers.pc, bus);
                self.registers.pc = (opcode & 0x38) as u16;
            }
            0xC9 => self.ret(bus),
            0xD9 => {
                self.ret(bus);
                self.ime = true;
            }
            0xC0 | 0xC8 | 0xD0 | 0xD8 => {
                bus.idle(self.registers.pc);
                if self.condition(y) {
                    self.ret(bus);
                }
            }

            0xD3 | 0xDB | 0xDD | 0xE3 | 0xE4 | 0xEB | 0xEC | 0xED | 0xF4 | 0xFC | 0xFD => {
                log::debug!("illegal opcode {opcode:#04x} locks the CPU");
                self.state = State::Locked;
            }
        }
    }

    fn execute_cb(&mut self, opcode: u8, bus: &mut impl CpuBus) {
        let y = opcode >> 3 & 7;
        let z = opcode & 7;
        let value = self.operand(z, bus);
        let result = match opcode >> 6 {
            0 => self.registers.rotate(y, value),
            1 => return self.registers.test_bit(y, value),
            2 => value & !(1 << y),
            _ => value | 1 << y,
        };
        self.set_operand(z, result, bus);
    }

    fn operand(&mut self, code: u8, bus: &mut impl CpuBus) -> u8 {
        if code == HL_INDIRECT {
            bus.read(self.registers.hl())
        } else {
            self.registers.bytes[code as usize & 7]
        }
    }

    fn set_operand(&mut self, code: u8, value: u8, bus: &mut impl CpuBus) {
        if code == HL_INDIRECT {
            bus.write(self.registers.hl(), value);
        } else {
            self.registers.bytes[code as usize & 7] = value;
        }
    }

    /// HL before its increment (opcodes 0x2.) or decrement (0x3.).
    fn step_hl(&mut self, opcode: u8) -> u16 {
        let hl = self.registers.hl();
        let step = if opcode & 0x10 == 0 { 1 } else { 0xFFFF };
        self.registers.set_pair(2, hl.wrapping_add(step));
        hl
    }

    /// NZ, Z, NC, C by the two low bits of the operand field.
    fn condition(&self, code: u8) -> bool {
        let flags = self.registers.bytes[F];
        let mask = if code & 2 == 0 { FLAG_Z } else { FLAG_C };
        (flags & mask != 0) == (code & 1 != 0)
    }

    fn jump_relative(&mut self, taken: bool, bus: &mut impl CpuBus) {
        let offset = self.fetch_byte(bus) as i8;
        if taken {
            bus.idle(self.registers.pc);
            self.registers.pc = self.registers.pc.wrapping_add_signed(offset as i16);
        }
    }

    fn jump(&mut self, taken: bool, bus: &mut impl CpuBus) {
        let target = self.fetch_word(bus);
        if taken {
            bus.idle(self.registers.pc);
            self.registers.pc = target;
        }
    }

    fn call(&mut self, taken: bool, bus: &mut impl CpuBus) {
        let target = self.fetch_word(bus);
        if taken {
            self.push(self.registers.pc, bus);
            self.registers.pc = target;
        }
    }

    fn ret(&mut self, bus: &mut impl CpuBus) {
        self.registers.pc = self.pop(bus);
        bus.idle(self.registers.pc);
    }
}
