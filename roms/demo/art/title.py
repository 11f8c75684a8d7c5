"""The title screen: the logo in the sky over the same mountains and lake."""

from canvas import Canvas, rows_of
from palettes import LOGO_BLUE, LOGO_GOLD, LOGO_GREEN, LOGO_RED, TITLE_EARTH, TITLE_HILLS, TITLE_LEAF
from palettes import TITLE_SKY
from plants import bush, flowers
from sky import cloud, lake, mountains

STROKES = {
    "C": [(3, 2, 11, 5), (1, 4, 6, 20), (3, 19, 11, 5), (10, 5, 5, 4), (10, 17, 5, 4)],
    "H": [(1, 2, 5, 22), (10, 2, 5, 22), (5, 11, 6, 5)],
    "R": [(1, 2, 5, 22), (5, 2, 8, 5), (10, 4, 5, 9), (5, 12, 8, 4), (8, 15, 5, 4), (10, 18, 5, 6)],
    "O": [(3, 2, 10, 5), (1, 4, 5, 18), (10, 4, 5, 18), (3, 19, 10, 5)],
    "M": [(1, 2, 5, 22), (10, 2, 5, 22), (4, 5, 4, 6), (8, 5, 4, 6), (6, 8, 4, 6)],
    "A": [(3, 2, 10, 5), (1, 5, 5, 19), (10, 5, 5, 19), (5, 14, 6, 4)],
    "B": [(1, 2, 5, 22), (5, 2, 8, 5), (10, 4, 5, 7), (5, 11, 8, 4), (10, 14, 5, 8), (5, 19, 8, 5)],
    "Y": [(1, 2, 5, 9), (10, 2, 5, 9), (2, 9, 12, 5), (5, 12, 6, 12)],
}


def letter(canvas, char, x, y, palette):
    """A 16x24 letter: a light upper left rim, a body, an outline and a shadow below it."""
    ink = {(a, b) for sx, sy, w, h in STROKES[char] for a in range(sx, sx + w) for b in range(sy, sy + h)}
    around = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    rim = {(a + dx, b + dy) for a, b in ink for dx, dy in around} | {(a, b + 2) for a, b in ink}
    for a, b in rim - ink:
        canvas.dot(x + a, y + b, 3)
    for a, b in ink:
        lit = (a - 1, b) not in ink or (a, b - 1) not in ink
        glint = (a, b - 1) not in ink and (a - 1, b) not in ink
        index = 0 if glint else 1 if lit or b < 9 or b < 13 and (a + b) % 2 else 2
        canvas.dot(x + a, y + b, index)
    canvas.paint_palette(x // 8, y // 8, 2, 4, palette)


def title_picture():
    """32 x 18 tiles; rows 5 to 7 drift, rows 11 and 12 ripple, the rest stands still."""
    canvas = Canvas(32, 18, 1, TITLE_SKY)
    cloud(canvas, 30, 60, [(-16, 5), (-7, 9), (5, 12), (17, 7), (25, 4)])
    cloud(canvas, 100, 52, [(-10, 4), (-2, 7), (8, 5), (15, 3)])
    cloud(canvas, 160, 62, [(-18, 5), (-9, 10), (4, 8), (13, 11), (24, 6)])
    cloud(canvas, 226, 54, [(-8, 4), (1, 7), (9, 5)])
    mountains(canvas, 64)
    canvas.paint_palette(0, 8, 32, 3, TITLE_HILLS)
    lake(canvas, 88)
    canvas.paint_palette(0, 11, 32, 2, TITLE_EARTH)
    palettes = [LOGO_RED, LOGO_GOLD, LOGO_GREEN, LOGO_BLUE]
    for place, char in enumerate("CHROMABOY"):
        letter(canvas, char, 8 + place * 16, 8, palettes[place % 4])
    shore(canvas)
    return canvas


def shore(canvas):
    """The near meadow with a few plants, and the ground below it."""
    for x in range(256):
        for y in range(104, 144):
            canvas.dot(x, y, 3 if y == 104 else 2 if y < 106 + (x % 16 in (3, 4, 10)) else 0, TITLE_LEAF)
        for y in range(106, 128):
            if canvas.dots[y][x] == 0 and (y < 111 and (x * 5 + y * 3) % 8 < 111 - y or y > 123 and (x + y) % 4 == 0):
                canvas.dot(x, y, 1)
        for y in range(128, 144):
            blade = 128 + (x * 7 % 5 == 0) - (x % 4 == 1)
            low = 134 + (x * 5 % 8) // 2
            index = 0 if y <= blade else 1 if y < low else 2 if y < low + 3 else 3 if (x * 3 + y * 5) % 7 < 2 else 2
            canvas.dot(x, y, index)
    for column in (1, 4, 16, 18):
        bush(canvas, column, 16)
    flowers(canvas, 6, "fg", 16)
    canvas.paint_palette(0, 13, 32, 5, TITLE_LEAF)
