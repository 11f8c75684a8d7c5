"""All colors of the game, RGB with 5 bits per channel, in the order of falling luminance.

On the Game Boy the same indices are the shades 0 (lightest) to 3, so that each set must read
well in four greys too.
"""

LIME = (26, 31, 15)
GREEN = (14, 25, 7)
PINE = (3, 15, 9)
NIGHT_GREEN = (1, 5, 7)

SKY, HILLS, LEAF, WOOD, EARTH, ROOF, FLOWER, WATER = range(8)

BACKGROUND = [
    [(31, 31, 31), (13, 22, 31), (18, 20, 29), (5, 9, 22)],
    [(31, 31, 31), (21, 27, 31), (13, 17, 28), (5, 12, 15)],
    [LIME, GREEN, PINE, NIGHT_GREEN],
    [(31, 29, 22), (28, 21, 11), (17, 10, 5), (6, 3, 4)],
    [LIME, GREEN, (19, 11, 5), (7, 3, 4)],
    [LIME, (31, 17, 10), (24, 6, 7), (9, 2, 6)],
    [LIME, (31, 20, 25), (28, 5, 12), (2, 13, 8)],
    [(31, 31, 31), (14, 25, 31), (4, 15, 27), (2, 5, 15)],
]

# The sky from the top of the screen down to the horizon: one color per band of 8 lines.
GRADIENT = [(9, 18, 31), (11, 20, 31), (14, 22, 31), (17, 24, 31), (21, 26, 31), (25, 29, 31)]

HEAD, COAT, COIN, SLIME, ELDER, APRON, BUTTERFLY, BIRD = range(8)

OBJECTS = [
    [(0, 0, 0), (31, 24, 17), (24, 4, 17), (7, 1, 8)],
    [(0, 0, 0), (31, 27, 8), (3, 17, 19), (5, 2, 8)],
    [(0, 0, 0), (31, 31, 20), (31, 22, 2), (15, 7, 1)],
    [(0, 0, 0), (31, 25, 28), (28, 10, 19), (11, 1, 10)],
    [(0, 0, 0), (31, 25, 19), (25, 25, 27), (8, 4, 5)],
    [(0, 0, 0), (31, 31, 28), (8, 12, 26), (4, 3, 9)],
    [(0, 0, 0), (31, 31, 24), (31, 17, 3), (10, 3, 5)],
    [(0, 0, 0), (31, 31, 31), (10, 19, 30), (2, 3, 11)],
]

# The title screen: the logo's letters take turns with four of these.
TITLE_SKY, TITLE_HILLS, TITLE_LEAF, TITLE_EARTH, LOGO_RED, LOGO_GOLD, LOGO_GREEN, LOGO_BLUE = range(8)

TITLE = [
    BACKGROUND[SKY],
    BACKGROUND[HILLS],
    BACKGROUND[LEAF],
    BACKGROUND[WATER],
    [(31, 31, 31), (31, 14, 12), (27, 4, 9), (8, 1, 8)],
    [(31, 31, 31), (31, 28, 8), (30, 17, 2), (8, 1, 8)],
    [(31, 31, 31), (16, 30, 9), (4, 21, 10), (8, 1, 8)],
    [(31, 31, 31), (12, 25, 31), (7, 11, 29), (8, 1, 8)],
]


def rgb555(color):
    """A color as the palette memory holds it: red in the low five bits."""
    red, green, blue = color
    return red | green << 5 | blue << 10


def grey(color):
    """The color without its chroma, by the luma weights of Rec. 601."""
    red, green, blue = color
    level = round(0.299 * red + 0.587 * green + 0.114 * blue)
    return (level, level, level)


def mix(first, second, amount):
    """From `first` (0) to `second` (1)."""
    return tuple(round(a + (b - a) * amount) for a, b in zip(first, second))
