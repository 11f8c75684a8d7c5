"""Houses, fences, signs, bridges and the ground itself."""

from canvas import bayer
from palettes import EARTH, LEAF, ROOF, WATER, WOOD


def roof(canvas, x, y, width, palette):
    """Rows of round shingles, bright along the ridge, its sides slanting."""
    for row in range(24):
        inset = max(0, 10 - row // 2) if row < 20 else 0
        for column in range(inset, width - inset):
            edge = column < inset + 1 or column >= width - inset - 1 or row in (0, 23)
            course, across = row // 5, (column + row // 5 % 2 * 4) % 8
            joint = row % 5 == 4 and across not in (0,) or across == 0 and row % 5 >= 2
            light = row % 5 == 1 and across in (2, 3, 4) or row in (1, 2)
            index = 3 if edge else 3 if joint and row % 5 == 4 and across in (3, 4, 5) else 2
            if not edge and light:
                index = 1
            if not edge and joint and index == 2 and across == 0:
                index = 3
            if row >= 21 and not edge:
                index = 3 if row == 22 else 1
            canvas.dot(x + column, y + row, index, palette)


def wall(canvas, x, y, width, height):
    """Plaster in a timber frame, shaded under the eaves."""
    for row in range(height):
        for column in range(width):
            timber = column % width in (0, 1, width - 2, width - 1) or row >= height - 2
            grain = 1 if bayer(x + column, y + row) < (0.9 if row < 2 else 0.45 if row < 4 else 0.06) else 0
            index = 2 if timber else 2 if row == 0 else grain
            if column in (0, width - 1) or row == height - 1:
                index = 3
            canvas.dot(x + column, y + row, index, WOOD)


WINDOW = """
3333333333333333
3000000000000003
3033333333333303
3032112332111303
3032101332110303
3032011332101303
3031111332111303
3033333333333303
3033333333333303
3031111331111303
3031112331112303
3031122331122303
3033333333333303
3000000000000003
3333333333333333
3111111111111113
"""

DOOR = """
.......33.......
.....332233.....
...3322222233...
..322111111223..
.32213331333123.
.32133313331323.
3221333133313223
3213333133331323
3213333133331323
3213333133331323
3211111111111323
3213333133331323
3223223223223223
3223223223223223
3223223223223223
3223223223213223
3223223223213223
3223223223223223
3223223223223223
3223223223223223
3223223223223223
3223223223223223
3223223223223223
3333333333333333
"""

CHIMNEY = """
33333333
31122223
33333333
.321223.
.322223.
.312213.
.322223.
.321223.
.322223.
"""


def house(canvas, column, palette):
    """8 tiles wide, 6 high: roof, two windows, a door between them."""
    x = column * 8
    # The meadow's green is another color in the roof's palette.
    canvas.rect(x, 0, 64, 24, 0)
    canvas.rect(x, 0, 64, 1, 3)
    canvas.grid(CHIMNEY, x + 46, 0, palette)
    roof(canvas, x, 1, 64, palette)
    wall(canvas, x + 8, 24, 48, 24)
    canvas.rect(x + 8, 24, 48, 1, 3)
    canvas.grid(DOOR, x + 24, 24)
    for left in (8, 40):
        canvas.rect(x + left, 24, 16, 16, 0, WATER)
        canvas.grid(WINDOW, x + left, 24, WATER)


FENCE = """
........
...33...
..3223..
..3123..
33313333
22212222
33313333
..3123..
..3123..
33313333
22212222
33313333
..3123..
..3123..
..3123..
.133331.
"""


def fence(canvas, column, width, row=6):
    for c in range(column, column + width):
        canvas.paint_palette(c, row - 2, 1, 2, EARTH)
        canvas.grid(FENCE, c * 8, row * 8 - 16)


SIGN = """
.33333333333333.
3222222222222223
3212222222222123
3223333223332223
3222222222222223
3223332333322223
3222222222222223
3212222222222123
.33333333333333.
......3223......
......3123......
......3123......
......3123......
......3123......
...1.31223.1....
..1.1333333.1...
"""


def sign(canvas, column, row=6):
    canvas.paint_palette(column, row - 2, 2, 2, EARTH)
    canvas.grid(SIGN, column * 8, row * 8 - 16)


EDGE = """
0000100000010000
1011101101110111
1111111111111111
1131111113111131
1332131133311133
3223323322231322
2222222222223222
2222222222222222
"""

SOIL = """
2222222222222222
2222233222222222
2222311322222222
2222333222223222
2222222222222222
3222222222222222
2222222222231122
2222222222233332
2223222222222222
2222222222222222
2222222222222222
2222222232222222
2231132222222223
2233332222222222
2222222222223222
2222222222222222
"""


def ground(canvas, column, width, row=6):
    """Grass on earth with stones, down to the lower border; dark where it ends."""
    for c in range(column, column + width):
        for y in range(8):
            for x in range(8):
                canvas.dot(c * 8 + x, row * 8 + y, int(EDGE.strip("\n").split("\n")[y][x + c % 2 * 8]), EARTH)
        soil(canvas, c, row + 1)


def soil(canvas, c, row):
    rows = SOIL.strip("\n").split("\n")
    for y in range(row * 8, canvas.height):
        for x in range(8):
            canvas.dot(c * 8 + x, y, int(rows[y % 16][x + c % 2 * 8]), EARTH)


def cliff(canvas, column, row, left):
    """The side of a rise: its outermost column gets a dark, ragged border."""
    for y in range(row * 8 + 3, canvas.height):
        x = column * 8 if left else column * 8 + 7
        step = 1 if left else -1
        canvas.dot(x, y, 3)
        if y % 5 < 2:
            canvas.dot(x + step, y, 3)
    canvas.dot(column * 8 if left else column * 8 + 7, row * 8, 0)


COBBLES = """
3333333333333333
0001100310000013
0111113301111113
1111113311111133
3333333333333333
1133001111330011
1330111111301111
3330111133301111
"""


def path(canvas, column, width, row=6):
    """Cobblestones in place of the grass."""
    for c in range(column, column + width):
        rows = COBBLES.strip("\n").split("\n")
        for y in range(8):
            for x in range(8):
                canvas.dot(c * 8 + x, row * 8 + y, int(rows[y][x + c % 2 * 8]), WOOD)


WAVES = """
1112222211122222
0001111100011111
1110000111100001
2221112222211122
2222222222222222
2233322222222222
2222222222333322
2222222222222222
"""

DEPTHS = """
2222222222222222
2222221112222222
2222222222222222
3322222222222223
2222222222222222
2222222222211122
2222233322222222
2222222222222222
"""


def river(canvas, row):
    """Waves at the top, streaks of light and dark below, under the whole band."""
    rows = [WAVES.strip("\n").split("\n")] + [DEPTHS.strip("\n").split("\n")] * 9
    for y in range(row * 8, canvas.height):
        for x in range(canvas.width):
            canvas.dot(x, y, int(rows[y // 8 - row][y % 8][x % 16]), WATER)


PLANKS = """
33333333
10001013
21112113
33333333
22232223
32223223
33333333
32111123
"""

RAIL = """
........
33....33
32333323
31222213
31333313
31....13
31....13
31....13
"""


def bridge(canvas, column, width, row=6):
    """Planks over water, a rail behind them."""
    for c in range(column, column + width):
        canvas.grid(PLANKS, c * 8, row * 8, WOOD)
        canvas.paint_palette(c, row - 1, 1, 1, EARTH)
        canvas.grid(RAIL, c * 8, row * 8 - 8)


def islet(canvas, column, width, row):
    """A floating piece of meadow to stand on."""
    top = EDGE.strip("\n").split("\n")
    for x in range(width * 8):
        depth = min(7, 3 + min(x, width * 8 - 1 - x) // 2)
        for y in range(depth + 1):
            index = 3 if y == depth or x in (0, width * 8 - 1) and y > 0 else int(top[y][x % 16])
            canvas.dot(column * 8 + x, row * 8 + y, index, EARTH)
    canvas.paint_palette(column, row, width, 1, EARTH)


CRATE = """
3333333333333333
3000000000000013
3033333333333323
3031111111111323
3033111111113323
3031311111131323
3031131111311323
3031113113111323
3031111331111323
3031113113111323
3031131111311323
3031311111131323
3033111111113323
3033333333333323
3122222222222223
3333333333333333
"""


def crate(canvas, column, row=6):
    canvas.grid(CRATE, column * 8, row * 8 - 16, WOOD)
