"""The valley: what stands where. Columns are tiles from the left; rows count from the band's top,
which is the screen's row 8, so that the ground is row 6 (the screen's 14) where nothing else is said.
"""

from buildings import bridge, cliff, crate, fence, ground, house, islet, path, river, sign
from canvas import Canvas
from palettes import LEAF, ROOF
from plants import bush, flowers, meadow, oak, pine

WIDTH, HEIGHT = 160, 10
GROUND = 6
BOTTOM = 20

# Column, width, row of the surface; what is not listed is water.
TERRAIN = [
    (0, 46, 6), (58, 12, 6), (70, 8, 4), (78, 6, 6), (84, 6, 3), (90, 6, 6),
    (108, 52, 6),
]
BRIDGES = [(46, 12)]
ISLETS = [(65, 3, 3), (97, 3, 5), (102, 3, 4), (79, 4, 2)]
CRATES = [16, 121, 123]
PATHS = [(18, 26), (126, 28)]
SIGNS = [6, 62, 111]

# Column, height of the coin's middle above the band's top in dots.
COINS = [
    (10, 34), (12, 34), (16, 22), (31, 30), (33, 30), (48, 34), (51, 22), (54, 34),
    (66, 10), (72, 16), (75, 16), (80, 4), (81, 34), (86, 8), (98, 24), (103, 16),
    (105, 34), (113, 34), (122, 18), (124, 18), (133, 28), (138, 28), (146, 34), (155, 30),
]
SLIMES = [(37, 8), (74, 3), (93, 4), (116, 6), (141, 9)]
BUTTERFLIES = [(9, 14), (29, 20), (61, 16), (92, 12), (115, 16), (136, 18), (152, 12)]
BIRDS = [20, 50, 85, 104, 140]
ELDER, GIRL = 28, 150


class Level:
    """The painted band and what the game needs to know to walk on it."""

    def __init__(self):
        self.canvas = Canvas(WIDTH, HEIGHT, 0, LEAF)
        self.surface = [BOTTOM] * WIDTH
        self.platforms = [0] * WIDTH
        meadow(self.canvas)
        self.plant()
        self.build()
        self.lay_ground()
        self.float_islets()

    def plant(self):
        for column in (0, 39, 59, 113, 131):
            oak(self.canvas, column)
        for column in (12, 15, 43, 67, 91, 118, 156):
            pine(self.canvas, column)
        for column in (4, 10, 36, 44, 64, 94, 109, 117, 129, 147, 154):
            bush(self.canvas, column)
        for column, kinds in ((8, "ftg"), (18, "fg"), (78, "tfgftf"), (108, "g"), (125, "tf"), (145, "ft"), (158, "ft")):
            flowers(self.canvas, column, kinds)
        flowers(self.canvas, 70, "fgtggtfg", 4)
        flowers(self.canvas, 84, "gtfggf", 3)

    def build(self):
        house(self.canvas, 20, ROOF)
        house(self.canvas, 31, LEAF)
        house(self.canvas, 137, ROOF)
        fence(self.canvas, 28, 3)
        fence(self.canvas, 133, 4)
        fence(self.canvas, 149, 5)
        for column in SIGNS:
            sign(self.canvas, column)
        for column in CRATES:
            crate(self.canvas, column)
            self.stand(column, 2, GROUND - 2)

    def lay_ground(self):
        river(self.canvas, GROUND)
        for column, width, row in TERRAIN:
            ground(self.canvas, column, width, row)
            self.surface[column:column + width] = [row] * width
        for column in range(1, WIDTH):
            self.border(column)
        for column, width in PATHS:
            path(self.canvas, column, width)
        for column, width in BRIDGES:
            bridge(self.canvas, column, width)
            self.stand(column, width, GROUND)

    def border(self, column):
        before, here = self.surface[column - 1], self.surface[column]
        if here < before:
            cliff(self.canvas, column, here, True)
        elif before < here:
            cliff(self.canvas, column - 1, before, False)

    def float_islets(self):
        for column, width, row in ISLETS:
            islet(self.canvas, column, width, row)
            self.stand(column, width, row)

    def stand(self, column, width, row):
        """Makes a row something to land on from above."""
        for c in range(column, column + width):
            self.platforms[c] |= 1 << row
