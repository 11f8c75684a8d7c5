//! The palettes there are.

use super::Palette;
use crate::rgb555_to_srgb;

type Set = [u16; 4];

// RGB555, shade 0 first. The Game Boy Color composes its twelve palettes of these.
const BLUES: Set = [0x7FFF, 0x7E8C, 0x7C00, 0x0000];
const BROWNS: Set = [0x7FFF, 0x32BF, 0x00D0, 0x0000];
const GREENS: Set = [0x7FFF, 0x1BEF, 0x0200, 0x0000];
const REDS: Set = [0x7FFF, 0x421F, 0x1CF2, 0x0000];

impl Palette {
    /// Plain grey: FF, AA, 55, 00.
    pub const GREY: Self = uniform("grey", [[0xFF; 3], [0xAA; 3], [0x55; 3], [0x00; 3]]);

    /// The green of the original Game Boy's screen.
    pub const GREEN_LCD: Self = uniform(
        "green-lcd",
        [[0x9B, 0xBC, 0x0F], [0x8B, 0xAC, 0x0F], [0x30, 0x62, 0x30], [0x0F, 0x38, 0x0F]],
    );

    /// The Game Boy Color's choice for Up: browns for all layers.
    pub const BROWN: Self = same("brown", BROWNS);

    /// Up and A: red background, green and blue objects.
    pub const RED: Self = sets("red", REDS, GREENS, BLUES);

    /// Up and B: sepia background, brown objects.
    pub const DARK_BROWN: Self =
        sets("dark-brown", [0x639F, 0x4279, 0x15B0, 0x04CB], BROWNS, BROWNS);

    /// Down: pale yellow, pink and lilac for all layers.
    pub const PALE: Self = same("pale", [0x53FF, 0x4A5F, 0x7E52, 0x0000]);

    /// Down and A: yellow and red for all layers.
    pub const ORANGE: Self = same("orange", [0x7FFF, 0x03FF, 0x001F, 0x0000]);

    /// Down and B: yellow background, blue and green objects.
    pub const YELLOW: Self = sets("yellow", [0x7FFF, 0x03FF, 0x012F, 0x0000], BLUES, GREENS);

    /// Left: blue background, red and green objects.
    pub const BLUE: Self = sets("blue", BLUES, REDS, GREENS);

    /// Left and A: slate-blue background, red and brown objects.
    pub const DARK_BLUE: Self = sets("dark-blue", [0x7FFF, 0x6E31, 0x454A, 0x0000], REDS, BROWNS);

    /// Left and B: the Game Boy Color's own grey, a little darker than [`GREY`](Self::GREY).
    pub const COLOR_GREY: Self = same("color-grey", [0x7FFF, 0x5294, 0x294A, 0x0000]);

    /// Right: bright green and red for all layers.
    pub const GREEN: Self = same("green", [0x7FFF, 0x03EA, 0x011F, 0x0000]);

    /// Right and A: green and blue background, red objects.
    pub const DARK_GREEN: Self = sets("dark-green", [0x7FFF, 0x1BEF, 0x6180, 0x0000], REDS, REDS);

    /// Right and B: light on dark for all layers.
    pub const INVERTED: Self = same("inverted", [0x0000, 0x4200, 0x037F, 0x7FFF]);

    /// Every palette, in the order a player steps through them.
    pub const ALL: [Self; 14] = [
        Self::GREY,
        Self::GREEN_LCD,
        Self::BROWN,
        Self::RED,
        Self::DARK_BROWN,
        Self::PALE,
        Self::ORANGE,
        Self::YELLOW,
        Self::BLUE,
        Self::DARK_BLUE,
        Self::COLOR_GREY,
        Self::GREEN,
        Self::DARK_GREEN,
        Self::INVERTED,
    ];
}

const fn uniform(name: &'static str, set: [[u8; 3]; 4]) -> Palette {
    Palette::new(name, set, set, set)
}

const fn same(name: &'static str, set: Set) -> Palette {
    sets(name, set, set, set)
}

const fn sets(name: &'static str, background: Set, object0: Set, object1: Set) -> Palette {
    Palette::new(name, srgb(background), srgb(object0), srgb(object1))
}

const fn srgb(set: Set) -> [[u8; 3]; 4] {
    let [a, b, c, d] = set;
    [rgb555_to_srgb(a), rgb555_to_srgb(b), rgb555_to_srgb(c), rgb555_to_srgb(d)]
}
