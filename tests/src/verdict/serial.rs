use gameboy::{DOTS_PER_FRAME, GameBoy};

const LDH_WRITE: u8 = 0xE0;
const SC: u8 = 0x02;
const SB: u16 = 0xFF01;
/// Start a transfer with the internal clock.
const TRANSFER: u8 = 0x81;

/// The verdict in the text that the program sends to the serial port. On the CGB the screen
/// would not do: the programs run at double speed there, in which their wait for `VBlank` times
/// out, and some letters never reach VRAM.
pub fn verdict(gb: &mut GameBoy, frames: u32) -> Result<(), String> {
    let end = gb.dots() + frames as u64 * DOTS_PER_FRAME;
    let mut text = String::new();
    while gb.dots() < end {
        if is_about_to_send(gb) {
            text.push(gb.peek(SB) as char);
        }
        gb.step();
        if text.ends_with("Passed") {
            return Ok(());
        }
        if text.ends_with("Failed") {
            break;
        }
    }
    Err(format!("sent {:?}", text.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// Whether the next instruction is `LDH (SC), A` and starts a transfer.
fn is_about_to_send(gb: &GameBoy) -> bool {
    let registers = gb.registers();
    gb.peek(registers.pc) == LDH_WRITE
        && gb.peek(registers.pc.wrapping_add(1)) == SC
        && registers.a() == TRANSFER
}
