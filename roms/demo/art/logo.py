"""The title's letters: heavy strokes with a dark outline on the sky, and small ones on the lake."""

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


# Each letter's strokes: left, top, width, height.
STROKES = {
    "C": [(3, 1, 11, 5), (1, 3, 5, 15), (3, 15, 11, 5), (10, 4, 5, 4), (10, 13, 5, 4)],
    "H": [(1, 1, 5, 19), (10, 1, 5, 19), (5, 8, 6, 5)],
    "R": [(1, 1, 5, 19), (5, 1, 8, 4), (10, 3, 5, 7), (5, 9, 9, 4), (9, 12, 5, 3), (10, 14, 5, 6)],
    "O": [(3, 1, 10, 5), (1, 3, 5, 15), (10, 3, 5, 15), (3, 15, 10, 5)],
    "M": [(1, 1, 5, 19), (10, 1, 5, 19), (4, 3, 3, 6), (9, 3, 3, 6), (6, 5, 4, 6)],
    "A": [(3, 1, 10, 5), (1, 3, 5, 17), (10, 3, 5, 17), (5, 11, 6, 4)],
    "B": [(1, 1, 5, 19), (5, 1, 8, 4), (10, 3, 5, 6), (5, 8, 8, 4), (10, 11, 5, 7), (5, 16, 8, 4)],
    "Y": [(1, 1, 5, 7), (10, 1, 5, 7), (2, 7, 12, 4), (4, 10, 8, 2), (5, 11, 6, 9)],
}


def draw_letter(canvas, x, y, char, palette):
    """A letter in two by three tiles: gloss on its upper left rims, an outline and a shadow below."""
    dots = {(i, j) for a, b, w, h in STROKES[char] for i in range(a, a + w) for j in range(b, b + h)}
    around = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    for i, j in {(a + p, b + q) for a, b in dots for p, q in around} | {(a, b + 2) for a, b in dots}:
        canvas.dot(x + i, y + j, 3)
    for i, j in dots:
        lit = (i, j - 1) not in dots or (i - 1, j) not in dots and j < 9
        canvas.dot(x + i, y + j, 0 if lit else 2)
    canvas.paint_palette(x // 8, 0, 2, 3, palette)


def lake_glyph(char):
    """A small letter in white with a dark shadow, in the water's palette."""
    dots = {(x + 1, y) for x, y in ink(char)} if char != " " else set()
    return tuple(
        tuple(0 if (x, y) in dots else 3 if (x - 1, y - 1) in dots else 1 for x in range(8))
        for y in range(8)
    )
