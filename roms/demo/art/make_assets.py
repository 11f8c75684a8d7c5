"""Writes every picture, map and palette as C: `make_assets.py FOLDER` makes assets.c and assets.h."""

import sys

import font
import level as valley
import objects
from buildings import SOIL
from canvas import encode
from palettes import BACKGROUND, GRADIENT, OBJECTS, TITLE, grey, mix, rgb555
from sky import far_bands
from title import title_picture

BLANK = tuple((0,) * 8 for _ in range(8))


class TileSet:
    """Tiles without repetition, numbered in the order of their first use."""

    def __init__(self):
        self.numbers, self.tiles = {}, []

    def add(self, tile):
        if tile not in self.numbers:
            self.append(tile)
            self.numbers[tile] = len(self.tiles) - 1
        return self.numbers[tile]

    def append(self, tile):
        self.tiles.append(tile)

    def data(self, name):
        if len(self.tiles) > 256:
            raise SystemExit(f"{name}: {len(self.tiles)} tiles, but only 256 fit")
        print(f"{name}: {len(self.tiles)} tiles")
        return [byte for tile in self.tiles for byte in encode(tile)]


def river(frame):
    """Two surface tiles and two of deep water, moving with the frame (0 to 3)."""
    tiles = []
    for left in (0, 8):
        rows = []
        for y in range(8):
            row = []
            for x in range(8):
                phase = (x + left + frame * 4) % 16
                crest = 1 + (phase in (3, 4, 5, 6)) - (phase in (11, 12, 13))
                glint = (y == crest + 3 and phase in (6, 7, 8)) or (y == crest + 5 and phase in (12, 13))
                row.append(0 if y == crest else 1 if y < crest + 2 or glint else 2)
            rows.append(tuple(row))
        tiles.append(tuple(rows))
    for left in (0, 8):
        tiles.append(tuple(tuple(
            1 if (y == 2 and (x + left + frame * 4) % 16 < 4) or (y == 6 and (x + left - frame * 4) % 16 in (9, 10, 11))
            else 3 if y == 4 and (x + left + frame * 4) % 16 in (8, 9) else 2
            for x in range(8)) for y in range(8)))
    return tiles


def array(name, values, kind="uint8_t"):
    lines = [", ".join(str(v) for v in values[i:i + 24]) for i in range(0, len(values), 24)]
    return f"const {kind} {name}[{len(values)}] = {{\n" + ",\n".join(lines) + "\n};\n"


def words(colors):
    """Colors as bytes for the palette memory, low byte first."""
    return [byte for color in colors for byte in (rgb555(color) & 255, rgb555(color) >> 8)]


def fades(background, start):
    """Nine steps from `start(color)` to the true colors: 64 + 64 + 12 bytes each."""
    colors = [c for p in background + OBJECTS for c in p] + GRADIENT
    return [byte for step in range(9) for byte in words([mix(start(c), c, step / 8) for c in colors])]


def main(folder):
    out, names = ['#include "assets.h"\n'], []

    def emit(name, values, kind="uint8_t"):
        out.append(array(name, values, kind))
        names.append(f"extern const {kind} {name}[{len(values)}];")

    tiles, level, far = TileSet(), valley.Level(), far_bands()
    tiles.add(BLANK)
    for tile in river(0):
        tiles.append(tile)
    letters = {char: tiles.add(font.glyph(char)) for char in font.GLYPHS}
    frame = [tiles.add(font.frame(*sides)) for sides in (
        (1, 1, 0, 0), (0, 1, 0, 0), (0, 1, 1, 0), (1, 0, 0, 0), (0, 0, 1, 0), (1, 0, 0, 1), (0, 0, 0, 1), (0, 0, 1, 1))]
    emit("far_tiles", [tiles.add(far.tile(c, r)) for r in range(8) for c in range(32)])
    emit("far_palettes", [far.palettes[r][c] for r in range(8) for c in range(32)])

    def near(column, row):
        if level.is_water(column, row):
            return (1 if row == valley.GROUND else 3) + column % 2
        return tiles.add(level.canvas.tile(column, row))

    spots = [(c, r) for c in range(valley.WIDTH) for r in range(valley.HEIGHT)]
    emit("level_tiles", [near(c, r) for c, r in spots])
    emit("level_palettes", [level.canvas.palettes[r][c] for c, r in spots])
    emit("tile_data", tiles.data("level"))
    emit("river_frames", [b for f in range(4) for tile in river(f) for b in encode(tile)])
    emit("letter_tiles", [letters.get(chr(c), 0) for c in range(32, 96)])
    emit("frame_tiles", frame)
    emit("surface", level.surface)
    emit("platforms", [level.platforms[c] | (1 << s if (s := level.surface[c]) < 10 else 0) for c in range(valley.WIDTH)], "uint16_t")

    title_tiles, picture = TileSet(), title_picture()
    title_tiles.add(BLANK)
    title_letters = {char: title_tiles.add(font.glyph(char)) for char in "PRESTA"}
    emit("title_map", [title_tiles.add(picture.tile(c, r)) for r in range(18) for c in range(32)])
    emit("title_palettes", [picture.palettes[r][c] for r in range(18) for c in range(32)])
    emit("title_data", title_tiles.data("title"))
    emit("press_start", [title_letters.get(c, 0) for c in "PRESS START"])

    emit("title_fade", fades(TITLE, grey))
    emit("level_fade", fades(BACKGROUND, lambda color: (31, 31, 31)))

    object_tiles, constants = [], []
    for name, text in objects.PICTURES:
        constants.append(f"#define {name} {len(object_tiles)}")
        object_tiles += objects.blocks(text)
    assert len(object_tiles) <= 128
    emit("object_data", [b for tile in object_tiles for b in encode(tile)])
    emit("coin_columns", [c for c, _ in valley.COINS])
    emit("coin_heights", [y + 64 for _, y in valley.COINS])
    creatures = sorted(
        [(c, 64 + (level.surface[c]) * 8, 0) for c, _ in valley.SLIMES]
        + [(c, 64 + y, 1) for c, y in valley.BUTTERFLIES] + [(c, 20 + c % 9, 2) for c in valley.BIRDS])
    for index, name in enumerate(("columns", "heights", "kinds")):
        emit("creature_" + name, [creature[index] for creature in creatures])
    emit("sign_columns", valley.SIGNS)
    constants += [f"#define COINS {len(valley.COINS)}", f"#define CREATURES {len(creatures)}",
                  f"#define ELDER_COLUMN {valley.ELDER}", f"#define GIRL_COLUMN {valley.GIRL}",
                  f"#define LEVEL_WIDTH {valley.WIDTH}", f"#define SIGNS {len(valley.SIGNS)}"]

    with open(f"{folder}/assets.h", "w") as file:
        file.write("/* Made by art/make_assets.py. */\n#include <stdint.h>\n" + "\n".join(constants + names) + "\n")
    with open(f"{folder}/assets.c", "w") as file:
        file.write("\n".join(out))


if __name__ == "__main__":
    main(sys.argv[1])
