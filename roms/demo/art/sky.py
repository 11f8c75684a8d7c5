"""What is far away: clouds, mountains and the lake. Each band repeats every 256 dots."""

from math import sin, pi

from canvas import Canvas, bayer
from palettes import HILLS, SKY, WATER

WIDTH = 32
CLOUD_ROWS, HILL_ROWS, LAKE_ROWS = 3, 3, 2


def cloud(canvas, x, y, puffs):
    """Round puffs standing on a flat base at `y`: white, their feet dithered into the sky."""
    for px, radius in puffs:
        for row in range(-radius, 1):
            for column in range(-radius * 5 // 4, radius * 5 // 4 + 1):
                if (column * 0.8) ** 2 + (row * 1.05) ** 2 <= radius * radius:
                    put_cloud(canvas, (x + px + column) % canvas.width, y + row, -row)


def put_cloud(canvas, x, y, height):
    if height <= 0:
        index = 2 if bayer(x, y) > 0.4 else 1
    elif height <= 3:
        index = 0 if bayer(x, y) < height / 4.5 else 1
    else:
        index = 0
    if canvas.dots[y][x] != 0:
        canvas.dot(x, y, index)


def ridge(x):
    """The mountains' outline: dots above the band's foot. Repeats every 128 dots."""
    peaks = [(14, 16), (34, 22), (52, 13), (72, 19), (92, 12), (108, 17), (142, 16), (-20, 17)]
    return max(height - abs(x - at) * 0.72 for at, height in peaks)


def mountains(canvas, top):
    """Snowy peaks lit from the left, a haze at their feet, woods before them."""
    foot = top + HILL_ROWS * 8
    for x in range(canvas.width):
        lit = ridge(x % 128 + 0.5) > ridge((x - 1) % 128 + 0.5)
        summit = int(ridge(x % 128) + 2)
        for y in range(top, foot):
            height = foot - y
            if height > summit:
                index = 1
            elif summit - height < 5 - (x * 5 % 3) and height > 12:
                index = 0 if lit else 2 if bayer(x, y) > 0.5 else 0
            elif lit:
                index = 2 if bayer(x, y) < 0.2 + height / 18 else 1
            else:
                index = 2
            canvas.dot(x, y, index, HILLS)
        for y in range(foot - woods(x), foot):
            canvas.dot(x, y, 3)


def woods(x):
    """The height of the trees along the far shore. Repeats every 32 dots."""
    tips = [(3, 5), (9, 7), (14, 5), (19, 8), (25, 6), (30, 4), (35, 5), (-2, 4)]
    return max(2, *(round(height - abs(x % 32 - at) * 1.5) for at, height in tips))


def lake(canvas, top):
    """Light at the far shore's mirror image, glints, and deeper blue towards the viewer."""
    for y in range(16):
        for x in range(canvas.width):
            if y < 3:
                index = 2 if woods(x) * 0.5 > y and (x + y) % 2 else 1
            else:
                wave = sin((x % 32) * 2 * pi / 32 + y * 2.4) + sin((x % 32) * 4 * pi / 32 - y * 1.1)
                index = 0 if wave > 1.35 else 2 if wave < -1.45 + y * 0.06 else 1
            canvas.dot(x, top + y, index, WATER)


def far_bands():
    """All three bands: 32 x 8 tiles."""
    canvas = Canvas(WIDTH, CLOUD_ROWS + HILL_ROWS + LAKE_ROWS, 1, SKY)
    cloud(canvas, 40, 20, [(-16, 5), (-7, 9), (5, 12), (17, 7), (25, 4)])
    cloud(canvas, 112, 12, [(-10, 4), (-2, 7), (8, 5), (15, 3)])
    cloud(canvas, 176, 22, [(-18, 5), (-9, 10), (4, 8), (13, 11), (24, 6)])
    cloud(canvas, 232, 13, [(-8, 4), (1, 7), (9, 5)])
    mountains(canvas, CLOUD_ROWS * 8)
    lake(canvas, (CLOUD_ROWS + HILL_ROWS) * 8)
    return canvas
