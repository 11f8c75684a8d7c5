"""Draws the level in both looks into PNG files, for judging the art: `preview.py FOLDER`."""

import struct
import sys
import zlib

from level import Level
from palettes import BACKGROUND, OBJECTS
from sky import far_bands
import objects


def png(path, width, height, pixel, scale=3):
    """Writes an RGB picture; `pixel(x, y)` gives three bytes."""
    rows = b""
    for y in range(height):
        row = b"".join(bytes(pixel(x, y)) * scale for x in range(width))
        rows += (b"\0" + row) * scale
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width * scale, height * scale, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def widen(color):
    return [c << 3 | c >> 2 for c in color]


def main(folder):
    far, near = far_bands(), Level().canvas
    def at(x, y):
        canvas, y, x = (far, y, x % 256) if y < 64 else (near, y - 64, x)
        return widen(BACKGROUND[canvas.palettes[y // 8][x // 8]][canvas.dots[y][x]])
    for part in range(4):
        png(f"{folder}/level{part}.png", 320, 144, lambda x, y: at(part * 320 + x, y))
    pictures = [list(objects.blocks(text)) for _, text in objects.PICTURES]
    palettes = [0, 0, 1, 1, 1, 1, 1, 4, 4, 5, 2, 2, 2, 2, 2, 3, 3, 3, 6, 6, 7, 7] + [7] * 20
    def thing(x, y):
        number, x = x // 18 + y // 18 * 8, x % 18
        y %= 18
        if number >= len(pictures) or x >= 16 or y >= 16:
            return (160, 200, 120)
        cut = pictures[number]
        if x // 8 * 2 >= len(cut):
            return (160, 200, 120)
        index = cut[x // 8 * 2 + y // 8][y % 8][x % 8]
        return widen(OBJECTS[palettes[number]][index]) if index else (160, 200, 120)
    png(f"{folder}/objects.png", 18 * 8, 18 * 5, thing, 6)


if __name__ == "__main__":
    main(sys.argv[1])
