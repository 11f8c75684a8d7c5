"""Trees, bushes, flowers and grass, lit from the upper left."""

from math import sqrt

from canvas import bayer
from palettes import EARTH, FLOWER, LEAF


def clump(shape, cx, cy, radius):
    """One ball of leaves: brightness by how far its surface turns to the light."""
    for y in range(cy - radius, cy + radius + 1):
        for x in range(cx - radius, cx + radius + 1):
            nx, ny = (x - cx) / (radius + 0.3), (y - cy) / (radius + 0.3)
            if nx * nx + ny * ny <= 1:
                nz = sqrt(1 - nx * nx - ny * ny)
                shape[x, y] = -0.55 * nx - 0.7 * ny + 0.35 * nz


def foliage(canvas, x, y, clumps):
    """Balls of leaves, the later ones in front, with a dark outline around all of them."""
    shape = {}
    for cx, cy, radius in clumps:
        clump(shape, cx, cy, radius)
    for (sx, sy), light in shape.items():
        rim = any((sx + dx, sy + dy) not in shape for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)))
        light += (bayer(sx, sy) - 0.5) * 0.5
        index = 3 if rim or light < -0.5 else 0 if light > 0.78 else 1 if light > 0.12 else 2
        canvas.dot(x + sx, y + sy, index, LEAF)


def trunk(canvas, x, y, width, height):
    """Bark lit from the left, roots at its foot `y + height`."""
    for row in range(height):
        spread = max(0, 3 - (height - row))
        for column in range(-spread, width + spread):
            edge = column in (-spread, width + spread - 1)
            index = 3 if edge or (column * 7 + row * 3) % 11 == 0 or column > width * 0.7 else 2
            canvas.dot(x + column, y + row, index, EARTH)


def oak(canvas, column):
    """A broad tree: 5 tiles wide, 6 high."""
    x = column * 8
    trunk(canvas, x + 16, 32, 8, 16)
    foliage(canvas, x, 0, [
        (20, 26, 9), (9, 24, 8), (31, 24, 8), (7, 17, 7), (33, 17, 6),
        (13, 11, 9), (27, 11, 9), (20, 8, 7), (20, 19, 10),
    ])


def pine(canvas, column):
    """A slender conifer: 3 tiles wide, 6 high."""
    x = column * 8
    trunk(canvas, x + 9, 40, 6, 8)
    for y in range(1, 42):
        tier = (y - 1) % 10
        half = min(11, 1 + (y - 1) // 10 * 1.7 + tier * 0.72)
        for dx in range(-int(half), int(half) + 1):
            rim = abs(dx) > half - 1 or tier == 9 and (dx + 20) % 4 == 0 or y == 41
            shade = (dx + half) / (2 * half + 1) + (bayer(x + dx, y) - 0.5) * 0.45 + tier * 0.03
            index = 3 if rim or shade > 0.92 or (tier < 2 and y > 5) else 1 if shade < 0.4 else 2
            canvas.dot(x + 12 + dx, y, index, LEAF)


def bush(canvas, column, row=6):
    """Two tiles wide, one and a half high, standing on `row`."""
    foliage(canvas, column * 8, row * 8 - 14, [(4, 9, 4), (11, 9, 4), (8, 6, 5)])
    canvas.rect(column * 8 + 1, row * 8 - 1, 14, 1, 3)


FLOWERS = """
........
..2.....
.212....
..2...2.
..3..212
.33...2.
..33..3.
..3..33.
"""

TULIPS = """
.....1.1
.1.1.222
.222.222
.222..3.
..3...33
3.3..33.
.33.3.3.
..3..33.
"""

TUFT = """
........
........
........
........
.....1..
.1...1.1
..1.1.1.
..1.1.1.
"""


def flowers(canvas, column, kinds, row=6):
    for offset, kind in enumerate(kinds):
        canvas.grid({"f": FLOWERS, "t": TULIPS}.get(kind, TUFT), (column + offset) * 8, row * 8 - 8)
        if kind in "ft":
            canvas.paint_palette(column + offset, row - 1, 1, 1, FLOWER)


REEDS = """
....22..
.2..22..
.22.22.1
.22.13.1
.23..3.1
..3.13.1
1.3.1331
.133133.
"""


def meadow(canvas):
    """The slope behind everything: the shore's dark edge, then light grass with a few blades."""
    for x in range(canvas.width):
        shore = 1 + (x % 16 in (2, 3, 4, 10, 11)) + (x % 16 in (3, 11))
        for y in range(8):
            if y < shore:
                index = 3 if y == 0 else 2
            else:
                index = 1 if bayer(x, y) < 0.95 - (y - shore) * 0.2 else 0
            canvas.dot(x, y, index, LEAF)
        for y in range(40, 48):
            canvas.dot(x, y, 1 if bayer(x, y) < (y - 40) * 0.05 else 0, LEAF)
