"""A picture made of 8x8 tiles: a color index 0-3 per dot, one palette per tile."""

BAYER = (
    (0, 8, 2, 10),
    (12, 4, 14, 6),
    (3, 11, 1, 9),
    (15, 7, 13, 5),
)


def bayer(x, y):
    """The ordered-dither threshold at a dot, in 0 to 1 (exclusive)."""
    return (BAYER[y & 3][x & 3] + 0.5) / 16


class Canvas:
    """`width` x `height` tiles. Dots outside are ignored, so that art may overlap the border."""

    def __init__(self, width, height, index=0, palette=0):
        self.width, self.height = width * 8, height * 8
        self.dots = [[index] * self.width for _ in range(self.height)]
        self.palettes = [[palette] * width for _ in range(height)]

    def dot(self, x, y, index, palette=None):
        if 0 <= x < self.width and 0 <= y < self.height:
            self.dots[y][x] = index
            if palette is not None:
                self.palettes[y // 8][x // 8] = palette

    def rect(self, x, y, width, height, index, palette=None):
        for row in range(y, y + height):
            for column in range(x, x + width):
                self.dot(column, row, index, palette)

    def paint_palette(self, column, row, width, height, palette):
        """Gives a block of tiles its palette; dots stay."""
        for r in range(max(row, 0), min(row + height, self.height // 8)):
            for c in range(max(column, 0), min(column + width, self.width // 8)):
                self.palettes[r][c] = palette

    def grid(self, text, x, y, palette=None):
        """Draws a text picture: digits are color indices, anything else is left as it is."""
        for row, line in enumerate(rows_of(text)):
            for column, char in enumerate(line):
                if char in "0123":
                    self.dot(x + column, y + row, int(char), palette)

    def dither(self, x, y, width, height, low, high, amount):
        """Mixes two indices; `amount(x, y)` from 0 (all low) to 1 (all high)."""
        for row in range(y, y + height):
            for column in range(x, x + width):
                chosen = high if amount(column - x, row - y) > bayer(column, row) else low
                self.dot(column, row, chosen)

    def tile(self, column, row):
        """The 8x8 dots of a tile as a tuple of rows."""
        return tuple(
            tuple(line[column * 8:column * 8 + 8]) for line in self.dots[row * 8:row * 8 + 8]
        )


def rows_of(text):
    """The lines of a triple-quoted picture, without the empty first and last one."""
    return text.strip("\n").split("\n")


def encode(tile):
    """A tile's 16 bytes: per row the low bit plane, then the high one."""
    data = []
    for row in tile:
        low = high = 0
        for index in row:
            low = low << 1 | index & 1
            high = high << 1 | index >> 1
        data += [low, high]
    return data
