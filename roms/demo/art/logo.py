"""The title's letters: the font's, twice as large, with a dark outline on the sky."""

import font
from palettes import BACKGROUND, SKY

LETTERS = "CHROMABOY"
SKY_COLOR, OUTLINE = BACKGROUND[SKY][1], (4, 2, 10)

# White, the sky, the letter's own color and its outline; the letters take turns.
LOGO_COLORS = [
    [(31, 31, 31), SKY_COLOR, (30, 7, 9), OUTLINE],
    [(31, 31, 31), SKY_COLOR, (31, 22, 3), OUTLINE],
    [(31, 31, 31), SKY_COLOR, (6, 23, 9), OUTLINE],
    [(31, 31, 31), SKY_COLOR, (11, 8, 29), OUTLINE],
]


def ink(char):
    rows = font.GLYPHS[char].split()
    return {(x, y) for y, row in enumerate(rows) for x, dot in enumerate(row) if dot == "#"}


def draw_letter(canvas, x, y, char, palette):
    """A letter of 14 x 18 dots in two by three tiles: gloss above, outline all around."""
    dots = {(2 * i + a + 2, 2 * j + b + 2) for i, j in ink(char) for a in (0, 1) for b in (0, 1)}
    around = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    for i in range(16):
        for j in range(19):
            if (i, j) in dots:
                gloss = (i, j - 1) not in dots and (i - 1, j) in dots or (i, j) not in dots
                canvas.dot(x + i, y + j, 0 if gloss else 2)
            elif any((i + a, j + b) in dots for a, b in around) or (i - 1, j - 2) in dots:
                canvas.dot(x + i, y + j, 3)
    canvas.paint_palette(x // 8, 0, 2, 3, palette)


def lake_glyph(char):
    """A small letter in white with a dark shadow, in the water's palette."""
    dots = {(x + 1, y) for x, y in ink(char)} if char != " " else set()
    return tuple(
        tuple(0 if (x, y) in dots else 3 if (x - 1, y - 1) in dots else 1 for x in range(8))
        for y in range(8)
    )
