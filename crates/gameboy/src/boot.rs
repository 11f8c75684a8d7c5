//! The state in which the boot ROM hands over to the cartridge (Pan Docs, "Power-Up Sequence").

mod palette;
mod titles;

pub use palette::CompatibilityPalette;

use palette::Colors;

use crate::apu::Apu;
use crate::bus::Bus;
use crate::cartridge::Cartridge;
use crate::cpu::{Cpu, Registers};
use crate::interrupts::Interrupt;
use crate::model::Model;
use crate::timer::Timer;

const ENTRY_POINT: u16 = 0x0100;
const STACK: u16 = 0xFFFE;
const LOGO: u16 = 0x0104;
const LOGO_BYTES: u16 = 48;
/// The tile of the registered trade mark, which the boot ROM itself holds.
const TRADEMARK: [u8; 8] = [0x3C, 0x42, 0xB9, 0xA5, 0xB9, 0xA5, 0x42, 0x3C];

/// The divider when the first instruction of the cartridge is fetched.
const DMG_COUNTER: u16 = 0xABCC;
const CGB_COUNTER: u16 = 0x1EA0;
/// For a game of the DMG, the CGB's boot ROM takes the time to choose palettes.
const COMPATIBILITY_COUNTER: u16 = 0x2678;
/// The line and dot of the PPU at that moment.
const DMG_LINE: (u8, u16) = (153, 396);
const CGB_LINE: (u8, u16) = (144, 164);

/// The sums of the titles for which the CGB's boot ROM leaves the logo on the tile map.
const SHOWS_LOGO: [u8; 2] = [0x43, 0x58];

pub fn skip(cartridge: Cartridge, model: Model, cgb_mode: bool) -> (Cpu, Bus) {
    let registers = match (model, cgb_mode) {
        (Model::Dmg, _) => dmg_registers(&cartridge),
        (Model::Cgb, true) => Registers::new(0x1180, 0x0000, 0xFF56, 0x000D, STACK, ENTRY_POINT),
        (Model::Cgb, false) => compatibility_registers(&cartridge),
    };
    let mut bus = Bus::new(cartridge, model, cgb_mode, Apu::new(model));
    let (counter, (line, dot)) = match (model, cgb_mode) {
        (Model::Dmg, _) => (DMG_COUNTER, DMG_LINE),
        (Model::Cgb, true) => (CGB_COUNTER, CGB_LINE),
        (Model::Cgb, false) => (COMPATIBILITY_COUNTER, CGB_LINE),
    };
    bus.timer = Timer::new(counter);
    bus.apu.set_div_phase(counter & 0x1FFF);
    bus.interrupts.request(Interrupt::VBlank);
    if model.is_cgb() {
        bus.oam_dma.set_dma(0x00);
        bus.joypad.deselect();
    }
    draw_logo(&mut bus);
    if !cgb_mode && (!model.is_cgb() || shows_logo(&bus.cartridge)) {
        map_logo(&mut bus);
    }
    if model.is_cgb() && !cgb_mode {
        set_palette(&mut bus, CompatibilityPalette::ByTitle);
    }
    bus.ppu.skip_boot(line, dot);
    bus.schedule();
    (Cpu::new(registers), bus)
}

/// Writes the palettes of a CGB that runs a game of the DMG.
pub fn set_palette(bus: &mut Bus, palette: CompatibilityPalette) {
    let Colors { background, objects } = palette.colors(&bus.cartridge);
    bus.ppu.set_compatibility_palettes(background, objects);
}

/// H and C depend on the header's checksum being zero.
fn dmg_registers(cartridge: &Cartridge) -> Registers {
    let flags = if cartridge.read_rom(0x014D) == 0 { 0x80 } else { 0xB0 };
    Registers::new(0x0100 | flags, 0x0013, 0x00D8, 0x014D, STACK, ENTRY_POINT)
}

/// B holds the checksum of the title by which the CGB's boot ROM has chosen a palette; of two of
/// them HL tells too.
fn compatibility_registers(cartridge: &Cartridge) -> Registers {
    let hl = if shows_logo(cartridge) { 0x991A } else { 0x007C };
    Registers::new(0x1180, (title_sum(cartridge) as u16) << 8, 0x0008, hl, STACK, ENTRY_POINT)
}

fn title_sum(cartridge: &Cartridge) -> u8 {
    let header = cartridge.header();
    if header.is_licensed_by_nintendo() { header.title_checksum() } else { 0 }
}

fn shows_logo(cartridge: &Cartridge) -> bool {
    SHOWS_LOGO.contains(&title_sum(cartridge))
}

/// Each bit of the header's logo becomes a square of two by two pixels. The tile of the trade
/// mark follows.
fn draw_logo(bus: &mut Bus) {
    let mut addr = 0x8010;
    for at in LOGO..LOGO + LOGO_BYTES {
        let byte = bus.cartridge.read_rom(at);
        for nibble in [byte >> 4, byte & 0x0F] {
            for _ in 0..2 {
                bus.ppu.write_vram(addr, doubled(nibble));
                addr += 2;
            }
        }
    }
    for row in TRADEMARK {
        bus.ppu.write_vram(addr, row);
        addr += 2;
    }
}

fn map_logo(bus: &mut Bus) {
    for column in 0..12 {
        bus.ppu.write_vram(0x9904 + column, column as u8 + 1);
        bus.ppu.write_vram(0x9924 + column, column as u8 + 13);
    }
    bus.ppu.write_vram(0x9910, 25);
}

fn doubled(nibble: u8) -> u8 {
    (0..4).fold(0, |row, bit| row | ((nibble >> bit & 1) * 3) << (2 * bit))
}

#[cfg(test)]
mod tests {
    use super::doubled;

    #[test]
    fn logo_pixels_are_doubled() {
        assert_eq!(doubled(0b1010), 0b1100_1100);
        assert_eq!(doubled(0b0111), 0b0011_1111);
    }
}
