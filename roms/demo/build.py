"""Draws the art and writes it, the level and the music as C arrays: `build.py OUT.c OUT.h`."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "art"))

import font
import level as valley
import music
import objects
from canvas import Canvas, encode
from logo import LETTERS, LOGO_COLORS, draw_letter, lake_glyph
from palettes import BACKGROUND, GRADIENT, OBJECTS, SKY, rgb555
from sky import far_bands

MAP_WIDTH = 32
MESSAGES = [
    "I AM THE ELDER OF\nTHIS VALLEY. FIND\nALL OUR COINS!",
    "THE WIND TOOK OUR\nCOINS, EVEN OVER\nTHE LAKE.",
    "VALLEY OF COLORS\n\nA JUMPS, UP READS.",
    "BEWARE OF SLIMES!\nJUMP ON THEM.",
    "THE LAST HOUSES.\nALMOST HOME!",
    "THE COINS ARE HOME\nTHE VALLEY THANKS\nYOU.",
]


class Tiles:
    """The different tiles of some canvases, in the order of first sight."""

    def __init__(self, room):
        self.room, self.numbers, self.data = room, {}, []

    def number(self, tile):
        if tile not in self.numbers:
            self.numbers[tile] = len(self.numbers)
            self.data += encode(tile)
            assert len(self.numbers) <= self.room, "too many tiles"
        return self.numbers[tile]


def array(name, values, kind="uint8_t"):
    lines = [", ".join(str(v) for v in values[i:i + 16]) for i in range(0, len(values), 16)]
    return f"const {kind} {name}[{len(values)}] = {{\n    " + ",\n    ".join(lines) + "\n};\n"


def vram_number(number):
    """Background tiles lie from 0x8800 on and are counted from 0x9000, signed."""
    return (number + 128) & 0xFF


def picture(canvas, tiles, columns_first):
    width, height = canvas.width // 8, canvas.height // 8
    cells = [(c, r) for c in range(width) for r in range(height)] if columns_first else \
        [(c, r) for r in range(height) for c in range(width)]
    numbers = [vram_number(tiles.number(canvas.tile(c, r))) for c, r in cells]
    return numbers, [canvas.palettes[r][c] for c, r in cells]


def game_tiles(out, constants):
    tiles = Tiles(256)
    far, land = far_bands(), valley.Level()
    numbers, palettes = picture(far, tiles, False)
    out += [array("far_tiles", numbers), array("far_palettes", palettes)]
    numbers, palettes = picture(land.canvas, tiles, True)
    out += [array("land_tiles", numbers), array("land_palettes", palettes)]
    out += [array("game_tile_data", tiles.data)]
    out += [array("surface", land.surface), array("platforms", land.platforms)]
    constants += [("LEVEL_WIDTH", valley.WIDTH), ("BAND_HEIGHT", valley.HEIGHT)]
    title_tiles(out, constants, far, land)


def title_tiles(out, constants, far, land):
    """The first screen of the valley with the logo in its sky: tiles of its own."""
    tiles = Tiles(256)
    canvas = Canvas(20, 18, 0, SKY)
    for row in range(18):
        for column in range(20):
            source, r = (far, row) if row < 8 else (land.canvas, row - 8)
            tile = source.tile(column, r)
            for y in range(8):
                canvas.dots[row * 8 + y][column * 8:column * 8 + 8] = list(tile[y])
            canvas.palettes[row][column] = source.palettes[r][column]
    for row in range(0, 3):
        canvas.rect(0, row * 8, 160, 8, 1)
        canvas.paint_palette(0, row, 20, 1, SKY)
    for at, letter in enumerate(LETTERS):
        draw_letter(canvas, 8 + 16 * at, 1, letter, 4 + at % 4)
    numbers, palettes = picture(canvas, tiles, False)
    start = [vram_number(tiles.number(lake_glyph(c))) for c in "PRESS START"]
    out += [array("title_tiles", numbers), array("title_palettes", palettes)]
    out += [array("press_start", start), array("title_tile_data", tiles.data)]
    out += [array("logo_colors", [rgb555(c) for p in LOGO_COLORS for c in p], "uint16_t")]


def object_tiles(out, constants):
    data = []
    for name, text in objects.PICTURES:
        constants.append((name, len(data) // 16))
        for tile in objects.blocks(text):
            data += encode(tile)
    constants.append(("FREE_TILES", len(data) // 16))
    assert len(data) // 16 <= 96, "the text box needs the rest"
    out.append(array("object_tile_data", data))


def texts(out, constants):
    letters = sorted(font.GLYPHS)
    data = []
    for char in letters:
        data += encode(font.glyph(char))
    out.append(array("font_data", data))
    frame = []
    for top, bottom in ((1, 0), (0, 0), (0, 1)):
        for left, right in ((1, 0), (0, 0), (0, 1)):
            frame += encode(font.frame(left, top, right, bottom))
    out.append(array("frame_data", frame))
    flat, starts = [], []
    for message in MESSAGES:
        used = set(message) - set(" \n")
        assert len(used) <= 23, (message, len(used))
        assert all(len(line) <= 18 for line in message.split("\n"))
        starts.append(len(flat))
        for char in message:
            flat.append(254 if char == "\n" else 253 if char == " " else letters.index(char))
        flat.append(255)
    out += [array("messages", flat), array("message_starts", starts, "uint16_t")]


def things(out, constants):
    for name, values in (
        ("coin_columns", [c for c, _ in valley.COINS]), ("coin_heights", [h for _, h in valley.COINS]),
        ("slime_columns", [c for c, _ in valley.SLIMES]), ("slime_ranges", [r for _, r in valley.SLIMES]),
        ("butterfly_columns", [c for c, _ in valley.BUTTERFLIES]),
        ("butterfly_heights", [h for _, h in valley.BUTTERFLIES]),
        ("bird_columns", valley.BIRDS), ("sign_columns", valley.SIGNS),
    ):
        out.append(array(name, values))
        constants.append((name.upper() + "_COUNT", len(values)))
    constants += [("ELDER_COLUMN", valley.ELDER), ("GIRL_COLUMN", valley.GIRL)]


def palettes(out):
    out.append(array("background_colors", [rgb555(c) for p in BACKGROUND for c in p], "uint16_t"))
    out.append(array("object_colors", [rgb555(c) for p in OBJECTS for c in p], "uint16_t"))
    out.append(array("gradient", [rgb555(c) for c in GRADIENT], "uint16_t"))


def main(source, header):
    out, constants = [], []
    game_tiles(out, constants)
    object_tiles(out, constants)
    texts(out, constants)
    things(out, constants)
    palettes(out)
    for name, values, kind in music.arrays():
        out.append(array(name, values, kind))
    with open(source, "w") as file:
        file.write('/* Written by build.py. */\n#include "data.h"\n\n' + "\n".join(out))
    declared = [line.split(" = ")[0] + ";" for text in out for line in text.split("\n") if line.startswith("const")]
    with open(header, "w") as file:
        file.write("/* Written by build.py. */\n#ifndef DATA_H\n#define DATA_H\n\n#include <stdint.h>\n\n")
        file.write("".join(f"#define {name} {value}\n" for name, value in constants))
        file.write("\n" + "".join(f"extern {line}\n" for line in declared) + "\n#endif\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
