//! FF10-FF3F, and the CGB's FF76 and FF77 (Pan Docs, "Audio Registers").

use serde::{Deserialize, Serialize};

use super::Apu;

pub const NR52: u16 = 0xFF26;
const WAVE_RAM: u16 = 0xFF30;
const FIRST: u16 = 0xFF10;
const COUNT: usize = 0x17;
const POWER: u8 = 0x80;

/// The bits of NR10-NR52 that read as 1, because they do not exist or can only be written.
const UNREADABLE: [u8; COUNT] = [
    0x80, 0x3F, 0x00, 0xFF, 0xBF, // NR10-NR14
    0xFF, 0x3F, 0x00, 0xFF, 0xBF, // NR20-NR24
    0x7F, 0xFF, 0x9F, 0xFF, 0xBF, // NR30-NR34
    0xFF, 0xFF, 0x00, 0x00, 0xBF, // NR40-NR44
    0x00, 0x00, 0x70, // NR50-NR52
];

/// What the boot ROM wrote last, in an order that starts nothing but channel 1.
pub const AFTER_BOOT: [(u16, u8); 8] = [
    (0xFF10, 0x80),
    (0xFF11, 0x80),
    (0xFF12, 0xF3),
    (0xFF13, 0xC1),
    (0xFF14, 0x87),
    (0xFF24, 0x77),
    (0xFF25, 0xF3),
    (0xFF26, 0x80),
];

/// NR10-NR51 as they were written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Written([u8; COUNT]);

impl Apu {
    /// Reads 0xFF10-0xFF3F; the sound must have caught up.
    pub fn read(&self, addr: u16) -> u8 {
        match addr {
            NR52 => self.read_nr52(),
            WAVE_RAM..=0xFF3F => self.wave.read_ram(addr - WAVE_RAM),
            _ => self.written.read(addr),
        }
    }

    /// Writes 0xFF10-0xFF3F; the sound must have caught up.
    pub fn write(&mut self, addr: u16, value: u8) {
        match addr {
            NR52 => self.write_nr52(value),
            WAVE_RAM..=0xFF3F => {
                self.wave.write_ram(addr - WAVE_RAM, value);
                self.update_levels();
            }
            _ if self.is_on => self.write_register(addr, value),
            _ if !self.model.is_cgb() => self.write_length_while_off(addr, value),
            _ => {}
        }
    }

    /// PCM12: what channels 1 and 2 put out now.
    pub fn read_pcm12(&self) -> u8 {
        self.pulse1.digital() | self.pulse2.digital() << 4
    }

    /// PCM34: what channels 3 and 4 put out now.
    pub fn read_pcm34(&self) -> u8 {
        self.wave.digital() | self.noise.digital() << 4
    }

    fn read_nr52(&self) -> u8 {
        let channels = self.pulse1.is_active() as u8
            | (self.pulse2.is_active() as u8) << 1
            | (self.wave.is_active() as u8) << 2
            | (self.noise.is_active() as u8) << 3;
        UNREADABLE[COUNT - 1] | (self.is_on as u8) << 7 | channels
    }

    fn write_nr52(&mut self, value: u8) {
        let turns_on = value & POWER != 0;
        if turns_on && !self.is_on {
            self.sequencer.restart();
        } else if !turns_on && self.is_on {
            self.power_off();
        }
        self.is_on = turns_on;
    }

    fn write_register(&mut self, addr: u16, value: u8) {
        let lengths_next = self.sequencer.clocks_length_next();
        let envelopes_next = self.sequencer.clocks_envelope_next();
        self.written.write(addr, value);
        match addr & 0xFF {
            0x10 => self.sweep.write(value, &mut self.pulse1),
            0x11 => self.pulse1.write_nrx1(value),
            0x12 => self.pulse1.write_nrx2(value),
            0x13 => self.pulse1.write_nrx3(value),
            0x14 => self.write_nr14(value),
            0x16 => self.pulse2.write_nrx1(value),
            0x17 => self.pulse2.write_nrx2(value),
            0x18 => self.pulse2.write_nrx3(value),
            0x19 => {
                self.pulse2.write_nrx4(value, lengths_next, envelopes_next);
            }
            0x1A => self.wave.write_nr30(value),
            0x1B => self.wave.write_nr31(value),
            0x1C => self.wave.write_nr32(value),
            0x1D => self.wave.write_nr33(value),
            0x1E => self.wave.write_nr34(value, lengths_next),
            0x20 => self.noise.write_nr41(value),
            0x21 => self.noise.write_nr42(value),
            0x22 => self.noise.write_nr43(value),
            0x23 => self.noise.write_nr44(value, lengths_next, envelopes_next),
            0x24 => self.mixer.write_nr50(value),
            0x25 => self.mixer.write_nr51(value),
            _ => {}
        }
        self.update_levels();
    }

    fn write_nr14(&mut self, value: u8) {
        let lengths_next = self.sequencer.clocks_length_next();
        let envelopes_next = self.sequencer.clocks_envelope_next();
        if self.pulse1.write_nrx4(value, lengths_next, envelopes_next) {
            self.sweep.trigger(&mut self.pulse1);
        }
    }

    fn write_length_while_off(&mut self, addr: u16, value: u8) {
        match addr & 0xFF {
            0x11 => self.pulse1.write_length(value),
            0x16 => self.pulse2.write_length(value),
            0x1B => self.wave.write_nr31(value),
            0x20 => self.noise.write_nr41(value),
            _ => {}
        }
    }

    /// All registers are cleared; the DMG's length counters go on from where they are.
    fn power_off(&mut self) {
        let keeps_lengths = !self.model.is_cgb();
        self.pulse1.clear(keeps_lengths);
        self.pulse2.clear(keeps_lengths);
        self.wave.clear(keeps_lengths);
        self.noise.clear(keeps_lengths);
        self.sweep.clear();
        self.written = Written::default();
        self.update_levels();
        self.mixer.write_nr50(0);
        self.mixer.write_nr51(0);
    }
}

impl Written {
    fn read(&self, addr: u16) -> u8 {
        let index = addr.wrapping_sub(FIRST) as usize;
        match (self.0.get(index), UNREADABLE.get(index)) {
            (Some(value), Some(unreadable)) => value | unreadable,
            _ => 0xFF,
        }
    }

    fn write(&mut self, addr: u16, value: u8) {
        if let Some(register) = self.0.get_mut(addr.wrapping_sub(FIRST) as usize) {
            *register = value;
        }
    }
}
