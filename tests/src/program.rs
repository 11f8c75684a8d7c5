//! Random programs: cartridges full of instructions that nobody meant.

use crate::random::Random;

/// The cartridge types whose mapper is emulated.
pub const CARTRIDGE_TYPES: [u8; 29] = [
    0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0F, 0x10, 0x11, 0x12, 0x13,
    0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x22, 0xFC, 0xFE, 0xFF, 0x00, 0x13, 0x1B,
];

const ROM_BANK: usize = 0x4000;
const LEGAL_PAD: u8 = 0x00;
const LD_A: u8 = 0x3E;
const LDH_WRITE: u8 = 0xE0;
const LDH_READ: u8 = 0xF0;
const LD_ADDR_A: u8 = 0xEA;
const LD_SP: u8 = 0x31;
const EI: u8 = 0xFB;
const HALT: u8 = 0x76;
const STOP: u8 = 0x10;
const RETI: u8 = 0xD9;
const ILLEGAL: [u8; 11] = [0xD3, 0xDB, 0xDD, 0xE3, 0xE4, 0xEB, 0xEC, 0xED, 0xF4, 0xFC, 0xFD];

/// What the header of a random program says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Where the instructions come from.
    pub seed: u64,
    /// The cartridge type at 0x0147.
    pub cartridge_type: u8,
    /// The size codes of ROM (0-4 are built) and RAM at 0x0148 and 0x0149.
    pub sizes: (u8, u8),
    /// The CGB flag at 0x0143.
    pub cgb_flag: u8,
}

impl Program {
    /// The ROM: every bank is filled, so that every jump meets more of the kind.
    pub fn rom(&self) -> Vec<u8> {
        let mut random = Random::new(self.seed);
        let size = (2 * ROM_BANK) << (self.sizes.0 % 5);
        let mut rom = Vec::with_capacity(size + 8);
        // A third of the programs are mere noise, in which the CPU soon meets an illegal opcode.
        let is_noise = random.below(3) == 0;
        while rom.len() < size {
            if is_noise { rom.push(random.byte()) } else { instruction(&mut random, &mut rom) }
        }
        rom.truncate(size);
        // JP 0x0150, past the header.
        rom[0x100..0x104].copy_from_slice(&[0x00, 0xC3, 0x50, 0x01]);
        rom[0x143] = self.cgb_flag;
        rom[0x147] = self.cartridge_type;
        rom[0x148] = self.sizes.0 % 5;
        rom[0x149] = self.sizes.1;
        rom
    }
}

fn instruction(random: &mut Random, rom: &mut Vec<u8>) {
    match random.below(16) {
        // I/O registers, the ones of the PPU and of DMA most of all.
        0..=3 => {
            let register = match random.below(3) {
                0 => random.byte(),
                1 => 0x40 + random.below(0x10) as u8,
                _ => random.pick(&[0x07, 0x26, 0x46, 0x4D, 0x51, 0x53, 0x55, 0x68, 0x70, 0xFF]),
            };
            rom.extend([LD_A, random.byte(), LDH_WRITE, register]);
        }
        4 => rom.extend([LDH_READ, random.byte()]),
        // Mapper registers and memory.
        5 | 6 => rom.extend([LD_A, random.byte(), LD_ADDR_A, random.byte(), random.byte()]),
        7 => rom.extend([LD_SP, random.byte(), random.pick(&[0xC1, 0xD0, 0xDF, 0xFF])]),
        8 => rom.push(random.pick(&[EI, EI, RETI, HALT, STOP])),
        _ => {
            let opcode = random.byte();
            rom.push(if ILLEGAL.contains(&opcode) { LEGAL_PAD } else { opcode });
        }
    }
}
