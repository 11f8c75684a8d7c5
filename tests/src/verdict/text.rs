use gameboy::GameBoy;

const TILE_MAP: u16 = 0x9800;
const ROWS: u16 = 32;
const COLUMNS: u16 = 20;

/// The verdict on the screen, once it is printed.
pub fn verdict(gb: &GameBoy) -> Option<Result<(), String>> {
    let text = screen(gb);
    if text.contains("Passed") {
        Some(Ok(()))
    } else if text.contains("Failed") {
        Some(Err(text))
    } else {
        None
    }
}

/// The tile map as text, where each tile number is an ASCII code.
fn screen(gb: &GameBoy) -> String {
    let row = |row| {
        (0..COLUMNS).map(move |column| gb.peek(TILE_MAP + 32 * row + column)).map(|tile| match tile
        {
            0x20..0x7F => tile as char,
            _ => ' ',
        })
    };
    let text: String = (0..ROWS).flat_map(row).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
