#!/usr/bin/env python3
"""Writes what scikit-image makes of colours, for tests/lab.rs.

    python3 reference.py > reference.txt         the committed sample
    python3 reference.py --all > all.txt       all RGB555 colours; CHROMABOY_SKIMAGE=all.txt

Made with scikit-image 0.26.0 and numpy 2.4.6. Each line is a keyword and numbers:
lab C L A B              rgb2lab of the RGB555 colour C
rgb L A B R G B          lab2rgb, 0 to 1, of a colour inside the gamut
sum N L A B              sums of rgb2lab over the 1,024 colours whose red is N
difference L A B L A B D deltaE_ciede2000
"""

import sys

import numpy as np
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab

colors = np.arange(1 << 15)
channels = np.stack([colors & 31, colors >> 5 & 31, colors >> 10 & 31], -1)
labs = rgb2lab((channels << 3 | channels >> 2).astype(np.uint8)[None])[0]


def line(keyword, *numbers):
    print(keyword, *(f"{x:.6f}".rstrip("0").rstrip(".") for x in numbers))


if "--all" in sys.argv:
    chosen = colors
else:
    chosen = colors[np.all((channels % 4 == 0) | (channels == 31), axis=1)][::3]

for color in chosen:
    line("lab", color, *labs[color])
for red in range(32):
    line("sum", red, *labs[colors & 31 == red].sum(0))

rng = np.random.default_rng(2026)
inside = rgb2lab(rng.random((1, 4000 if "--all" in sys.argv else 200, 3)))[0].round(4)
for lab, rgb in zip(inside, lab2rgb(inside[None])[0]):
    line("rgb", *lab, *rgb)

pairs = rng.choice(labs, (200, 2)).round(4)
for one, other, d in zip(*pairs.transpose(1, 0, 2), deltaE_ciede2000(pairs[:, 0], pairs[:, 1])):
    line("difference", *one, *other, d)
