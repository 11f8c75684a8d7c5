//! How the menu looks: white text over the darkened picture.

use gameboy::{HEIGHT, WIDTH};

use super::{About, Item, Page, pages};
use crate::font::{self, TEXT_ADVANCE, TEXT_LINE};
use crate::picture::Picture;

const INK: [u8; 3] = [0xF0; 3];
/// Text that cannot be chosen.
const FAINT: [u8; 3] = [0xA0; 3];
const TITLE: [u8; 3] = [0xFF, 0xC8, 0x50];
const MARK: [u8; 4] = [0x28, 0x60, 0xB0, 0xFF];
const BAR: [u8; 4] = [0, 0, 0, 0xFF];
/// Where lines begin.
const LEFT: usize = 5;
const TOP: usize = 18;
/// Lines of a page that are seen at once.
const LINES: usize = 12;
/// Characters that fit across.
const COLUMNS: usize = (WIDTH - 2 * LEFT) / TEXT_ADVANCE;
/// Where the picture of a state is.
const THUMBNAIL: [usize; 2] = [WIDTH / 2 - 4, 36];

/// Draws a page with a line marked.
pub fn draw(
    picture: &mut Picture,
    page: Page,
    line: usize,
    slot: Option<usize>,
    about: &About<'_>,
) {
    let items = pages::items(page, about);
    let left = picture.width().saturating_sub(WIDTH) / 2;
    darken(picture, left);
    font::write_text(picture, [left + LEFT, 5], page.title(), TITLE);
    let first = first_line(line, items.len());
    for (row, item) in items.iter().skip(first).take(LINES).enumerate() {
        let top = TOP + row * TEXT_LINE;
        let is_marked = first + row == line && item.can_be_marked();
        if is_marked {
            fill(picture, [left + LEFT - 2, top - 1], [WIDTH - 2 * LEFT + 4, TEXT_LINE], MARK);
        }
        write_item(picture, [left + LEFT, top], item, is_marked);
    }
    if let Some((_, Some(saved))) = slot.and_then(|slot| about.slots.get(slot)) {
        picture.put(&saved.thumbnail.halved(), [left + THUMBNAIL[0], THUMBNAIL[1]]);
    }
    font::write_at(picture, [left + LEFT, HEIGHT - 10], &[page.hint()]);
}

fn write_item(picture: &mut Picture, [left, top]: [usize; 2], item: &Item, is_marked: bool) {
    let color = if item.can_be_marked() { INK } else { FAINT };
    let value = cut(&item.value, COLUMNS / 2);
    let label = cut(&item.label, COLUMNS - value.chars().count() - usize::from(!value.is_empty()));
    font::write_text(picture, [left, top], &label, color);
    let right = left + (COLUMNS - value.chars().count()) * TEXT_ADVANCE;
    font::write_text(picture, [right, top], &value, if is_marked { INK } else { TITLE });
}

/// As much of a text as fits.
fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    text.chars().take(columns.saturating_sub(2)).chain("..".chars()).collect()
}

/// The first line that is seen, so that a marked one is.
fn first_line(line: usize, count: usize) -> usize {
    line.saturating_sub(LINES / 2).min(count.saturating_sub(LINES))
}

/// The line of a page that is shown at a row of pixels.
pub fn line_at(y: usize, marked: usize, count: usize) -> Option<usize> {
    let row = y.checked_sub(TOP - 1)? / TEXT_LINE;
    let line = first_line(marked, count) + row;
    (row < LINES && line < count).then_some(line)
}

fn darken(picture: &mut Picture, left: usize) {
    for row in picture.rows_mut().take(HEIGHT) {
        for pixel in row.iter_mut().skip(left).take(WIDTH) {
            let [r, g, b, a] = *pixel;
            *pixel = [r / 6, g / 6, b / 6, a];
        }
    }
}

fn fill(
    picture: &mut Picture,
    [left, top]: [usize; 2],
    [width, height]: [usize; 2],
    color: [u8; 4],
) {
    for row in picture.rows_mut().skip(top).take(height) {
        for pixel in row.iter_mut().skip(left).take(width) {
            *pixel = color;
        }
    }
}

/// Writes a mark into the upper right corner: what is recorded.
pub fn write_mark(picture: &mut Picture, mark: &str) {
    let columns = (picture.width() - 4) / TEXT_ADVANCE;
    let text = cut(mark, columns);
    let width = text.chars().count() * TEXT_ADVANCE + 3;
    let left = picture.width() - width;
    fill(picture, [left, 0], [width, TEXT_LINE + 1], BAR);
    font::write_text(picture, [left + 2, 1], &text, INK);
}

/// Writes a line at the foot of the picture, for a moment.
pub fn write_message(picture: &mut Picture, message: &str) {
    let columns = (picture.width() - 4) / TEXT_ADVANCE;
    let text = cut(message, columns);
    let top = picture.height() - TEXT_LINE - 1;
    let width = text.chars().count() * TEXT_ADVANCE + 3;
    fill(picture, [0, top], [width, TEXT_LINE + 1], BAR);
    font::write_text(picture, [2, top + 1], &text, INK);
}
