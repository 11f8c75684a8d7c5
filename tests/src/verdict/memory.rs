use gameboy::GameBoy;

const SIGNATURE: [u8; 3] = [0xDE, 0xB0, 0x61];
const RUNNING: u8 = 0x80;
/// The text is cut after so many characters.
const TEXT: u16 = 400;

/// Result code at 0xA000, signature behind it, and from 0xA004 what the test printed.
pub fn cartridge_verdict(gb: &GameBoy) -> Option<Result<(), String>> {
    if (0..3).any(|index| gb.peek(0xA001 + index) != SIGNATURE[index as usize]) {
        return None;
    }
    match gb.peek(0xA000) {
        RUNNING => None,
        0 => Some(Ok(())),
        code => Some(Err(format!("test {code} failed: {}", printed(gb)))),
    }
}

fn printed(gb: &GameBoy) -> String {
    let bytes: Vec<_> =
        (0xA004..0xA004 + TEXT).map(|addr| gb.peek(addr)).take_while(|&byte| byte != 0).collect();
    String::from_utf8_lossy(&bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Found at 0xFF80, expected at 0xFF81, and at 0xFF82 1 for a pass and 0xFF for a failure.
pub fn high_verdict(gb: &GameBoy) -> Option<Result<(), String>> {
    let (found, expected) = (gb.peek(0xFF80), gb.peek(0xFF81));
    match gb.peek(0xFF82) {
        0x01 => Some(Ok(())),
        0xFF => Some(Err(format!("{found:#04x}, expected {expected:#04x}"))),
        _ => None,
    }
}
