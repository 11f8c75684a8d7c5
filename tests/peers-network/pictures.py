"""What the networks are measured and calibrated with."""

import numpy

SHAPE = (1, 1, 144, 160)
# L*/100 of the four shades.
SHADES = numpy.array([1.0, 0.6961, 0.3615, 0.0], numpy.float32)


def pictures(count, seed=0):
    """Pictures of the four shades: noise in tiles, some of them plain, as a screen is made of."""
    random = numpy.random.default_rng(seed)
    tiles = random.integers(0, 4, (count, 24, 8, 8))
    tiles[:, ::3] = tiles[:, ::3, :1, :1]
    maps = random.integers(0, 24, (count, 18, 20))
    screens = [tile[where] for tile, where in zip(tiles, maps)]
    screens = [screen.transpose(0, 2, 1, 3).reshape(144, 160) for screen in screens]
    return [SHADES[screen].reshape(SHAPE) for screen in screens]
