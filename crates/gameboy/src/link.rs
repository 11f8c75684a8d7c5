//! Two consoles side by side: a link cable, and infrared light from one to the other.

use crate::game_boy::{DOTS_PER_FRAME, GameBoy};

/// Two consoles, connected by a link cable and facing each other's infrared ports, which run in
/// step on one thread.
///
/// The console that is behind executes the next instruction, so that they are never further
/// apart than one instruction takes (or a switch of speed). Bits cross the cable in the order and
/// at the pace of the clock of the console that drives it; a light is seen from the instruction
/// after the one that switched it. All of it is deterministic.
///
/// ```
/// # use gameboy::{Cartridge, CartridgeError, GameBoy, Link, Model};
/// # fn play(rom: Vec<u8>) -> Result<(), CartridgeError> {
/// let cartridge = Cartridge::from_bytes(rom)?;
/// let console = || GameBoy::new(cartridge.clone(), Model::Dmg);
/// let mut link = Link::new(console(), console());
/// link.run_frame();
/// let [one, other] = link.consoles();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Link {
    consoles: [GameBoy; 2],
    /// The dots that each console ran in the link.
    elapsed: [u64; 2],
}

impl Link {
    /// Connects two consoles. They may differ in model and need not have run equally long.
    pub fn new(one: GameBoy, other: GameBoy) -> Self {
        Self { consoles: [one, other], elapsed: [0; 2] }
    }

    /// The two consoles, in the order in which they were given.
    pub fn consoles(&self) -> &[GameBoy; 2] {
        &self.consoles
    }

    /// The two consoles, for buttons and the like. What one of them does while it is run by itself
    /// the other does not see.
    pub fn consoles_mut(&mut self) -> &mut [GameBoy; 2] {
        &mut self.consoles
    }

    /// Unplugs the cable.
    pub fn into_consoles(mut self) -> [GameBoy; 2] {
        for console in &mut self.consoles {
            console.bus.serial.set_partner_bits(0xFF);
            console.bus.set_light(false);
        }
        self.consoles
    }

    /// Runs both until the first enters `VBlank`, or for [`DOTS_PER_FRAME`]. The samples of both
    /// are those of this time; the second shows the last picture that it finished.
    pub fn run_frame(&mut self) {
        let [first, _] = &self.consoles;
        let deadline = first.frame_start + DOTS_PER_FRAME;
        let vblanks = first.bus.ppu.vblanks();
        loop {
            self.step();
            let [first, _] = &mut self.consoles;
            if first.bus.ppu.vblanks() != vblanks {
                first.frame_start = first.bus.ppu.vblank_clock();
                break;
            }
            if first.dots() > deadline {
                first.frame_start = deadline;
                break;
            }
        }
        for console in &mut self.consoles {
            console.bus.catch_up();
            console.bus.apu.end_frame();
        }
    }

    /// Executes one instruction of the console that is behind, or of the first.
    pub fn step(&mut self) {
        let [a, b] = self.elapsed;
        let at = (b < a) as usize;
        let [first, second] = &mut self.consoles;
        let (behind, ahead) = if b < a { (second, first) } else { (first, second) };
        let start = behind.dots();
        behind.bus.serial.set_partner_bits(ahead.bus.serial.offered_bits());
        behind.step_until(start + a.abs_diff(b));
        for bit in behind.bus.serial.take_sent() {
            ahead.bus.clock_serial(bit);
        }
        ahead.bus.set_light(behind.bus.is_led_on());
        self.elapsed[at] += behind.dots() - start;
    }
}

#[cfg(test)]
mod tests;
