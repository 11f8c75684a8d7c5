//! A font of 3x5 pixels, for figures on the console's screen.

use crate::picture::Picture;

/// Pixels from one character to the next.
pub const ADVANCE: usize = 4;
/// Pixels from one line to the next.
pub const LINE: usize = 7;

const INK: [u8; 4] = [0xFF; 4];
const PAPER: [u8; 4] = [0, 0, 0, 0xFF];

/// Writes `lines` into the top left corner of `picture`, white on black; what does not fit is cut
/// off. Small letters are written as capitals, unknown characters as spaces.
pub fn write(picture: &mut Picture, lines: &[impl AsRef<str>]) {
    let columns = lines.iter().map(|line| line.as_ref().chars().count()).max().unwrap_or(0);
    let (width, height) = (columns * ADVANCE + 1, lines.len() * LINE + 1);
    for row in picture.rows_mut().take(height) {
        for pixel in row.iter_mut().take(width) {
            *pixel = PAPER;
        }
    }
    // One pixel of paper to the left and above.
    write_at(picture, [1, 1], lines);
}

/// Writes `lines` in white over `picture`, the first with its top left corner there.
pub fn write_at(picture: &mut Picture, [left, top]: [usize; 2], lines: &[impl AsRef<str>]) {
    for (y, row) in picture.rows_mut().skip(top).take(lines.len() * LINE).enumerate() {
        for (x, pixel) in row.iter_mut().skip(left).enumerate() {
            if is_ink(lines, x, y) {
                *pixel = INK;
            }
        }
    }
}

fn is_ink(lines: &[impl AsRef<str>], x: usize, y: usize) -> bool {
    let line = lines.get(y / LINE).map_or("", AsRef::as_ref);
    let rows = glyph(line.chars().nth(x / ADVANCE).unwrap_or(' '));
    match (x % ADVANCE, y % LINE) {
        (column @ 0..3, row @ 0..5) => rows >> (3 * (4 - row) + 2 - column) & 1 == 1,
        _ => false,
    }
}

/// Five rows of three pixels: one octal digit for each, the top row first.
const fn glyph(character: char) -> u16 {
    match character.to_ascii_uppercase() {
        '0' => 0o75557,
        '1' => 0o26227,
        '2' => 0o71747,
        '3' => 0o71717,
        '4' => 0o55711,
        '5' => 0o74717,
        '6' => 0o74757,
        '7' => 0o71122,
        '8' => 0o75757,
        '9' => 0o75717,
        'A' => 0o25755,
        'B' => 0o65656,
        'C' => 0o34443,
        'D' => 0o65556,
        'E' => 0o74647,
        'F' => 0o74644,
        'G' => 0o34553,
        'H' => 0o55755,
        'I' => 0o72227,
        'J' => 0o11152,
        'K' => 0o55655,
        'L' => 0o44447,
        'M' => 0o57755,
        'N' => 0o65555,
        'O' => 0o25552,
        'P' => 0o65644,
        'Q' => 0o25563,
        'R' => 0o65655,
        'S' => 0o34216,
        'T' => 0o72222,
        'U' => 0o55557,
        'V' => 0o55552,
        'W' => 0o55775,
        'X' => 0o55255,
        'Y' => 0o55222,
        'Z' => 0o71247,
        '.' => 0o00002,
        ',' => 0o00024,
        ':' => 0o02020,
        '-' => 0o00700,
        '/' => 0o11244,
        '%' => 0o51245,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written, `#` for ink, `.` for paper and a space where the picture shows through.
    fn written(width: usize, height: usize, lines: &[&str]) -> Vec<String> {
        let mut picture = Picture::new(width, height, vec![[7; 4]; width * height]);
        write(&mut picture, lines);
        let character = |pixel: &[u8; 4]| match *pixel {
            INK => '#',
            PAPER => '.',
            _ => ' ',
        };
        picture.rows().map(|row| row.iter().map(character).collect()).collect()
    }

    #[test]
    fn characters_stand_on_paper() {
        let expected = [
            ".........  ",
            ".##...##.  ",
            ".#.#.#...  ",
            ".##..#...  ",
            ".#.#.#...  ",
            ".##...##.  ",
            ".........  ",
            ".........  ",
            "           ",
        ];
        assert_eq!(written(11, 9, &["bC"]), expected);
    }

    #[test]
    fn what_does_not_fit_is_cut_off() {
        assert_eq!(written(3, 4, &["88888", "8"]), ["...", ".##", ".#.", ".##"]);
    }

    #[test]
    fn every_character_has_a_shape_of_its_own() {
        let all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.,:-/% ";
        let mut glyphs: Vec<_> = all.chars().map(glyph).collect();
        glyphs.sort_unstable();
        glyphs.dedup();
        assert_eq!(glyphs.len(), all.len());
    }
}
