//! What colours the CGB's boot ROM gives to a game of the DMG (Pan Docs, "Compatibility
//! palettes").

use super::titles::{BY_TITLE, COLORS, Choice, DEFAULT};
use crate::cartridge::{Cartridge, Header};
use crate::joypad::Buttons;

/// The fourth letter of the title tells apart games of the same sum.
const FOURTH_LETTER: u16 = 0x0137;

/// How a CGB colors a game of the original: as its boot ROM knows the title, or as the player
/// chooses with the buttons that are held while the logo is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CompatibilityPalette {
    /// What the boot ROM has for the title, if it is one of Nintendo's that it knows.
    #[default]
    ByTitle,
    /// Up.
    Brown,
    /// Up and A: red with green and blue objects.
    Red,
    /// Up and B.
    DarkBrown,
    /// Down.
    PastelMix,
    /// Down and A.
    Orange,
    /// Down and B: yellow with blue and green objects.
    Yellow,
    /// Left: blue with red and green objects.
    Blue,
    /// Left and A.
    DarkBlue,
    /// Left and B.
    Grey,
    /// Right.
    Green,
    /// Right and A, which is also what unknown titles get.
    DarkGreen,
    /// Right and B: light on dark.
    Reverse,
}

/// The colours of the background and of the two object palettes, RGB555.
pub struct Colors {
    pub background: [u16; 4],
    pub objects: [[u16; 4]; 2],
}

impl CompatibilityPalette {
    /// The palette that these buttons choose at the logo: one direction, alone or with A or B.
    pub fn from_buttons(held: Buttons) -> Option<Self> {
        let all = [
            (Buttons::UP, [Self::Brown, Self::Red, Self::DarkBrown]),
            (Buttons::DOWN, [Self::PastelMix, Self::Orange, Self::Yellow]),
            (Buttons::LEFT, [Self::Blue, Self::DarkBlue, Self::Grey]),
            (Buttons::RIGHT, [Self::Green, Self::DarkGreen, Self::Reverse]),
        ];
        let with = [Buttons::empty(), Buttons::A, Buttons::B];
        all.into_iter().find_map(|(direction, palettes)| {
            with.into_iter().position(|other| held == direction | other).map(|at| palettes[at])
        })
    }

    pub(super) fn colors(self, cartridge: &Cartridge) -> Colors {
        let [object0, object1, background] = match self {
            Self::ByTitle => by_title(cartridge.header(), cartridge.read_rom(FOURTH_LETTER)),
            Self::Brown => [0, 0, 0],
            Self::Red => [12, 112, 16],
            Self::DarkBrown => [0, 0, 4],
            Self::PastelMix => [48, 48, 48],
            Self::Orange => [96, 96, 96],
            Self::Yellow => [112, 12, 24],
            Self::Blue => [16, 12, 112],
            Self::DarkBlue => [16, 0, 8],
            Self::Grey => [20, 20, 20],
            Self::Green => [72, 72, 72],
            Self::DarkGreen => DEFAULT,
            Self::Reverse => [108, 108, 108],
        }
        .map(|start| std::array::from_fn(|index| COLORS[start as usize + index]));
        Colors { background, objects: [object0, object1] }
    }
}

fn by_title(header: &Header, fourth_letter: u8) -> Choice {
    if !header.is_licensed_by_nintendo() {
        return DEFAULT;
    }
    let is_known = |&(sum, fourth): &(u8, Option<u8>)| {
        sum == header.title_checksum() && fourth.is_none_or(|fourth| fourth == fourth_letter)
    };
    BY_TITLE
        .iter()
        .find(|(_, titles)| titles.iter().any(is_known))
        .map_or(DEFAULT, |(choice, _)| *choice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game_boy::GameBoy;
    use crate::model::Model;

    fn colors(title: &[u8], licensee: u8, palette: CompatibilityPalette) -> Colors {
        let mut rom = vec![0; 0x8000];
        rom[0x134..0x134 + title.len()].copy_from_slice(title);
        rom[0x144..0x146].copy_from_slice(b"01");
        rom[0x14B] = licensee;
        let cartridge = Cartridge::from_bytes(rom).expect("a valid ROM");
        palette.colors(&cartridge)
    }

    fn by_title(title: &[u8]) -> Colors {
        colors(title, 0x01, CompatibilityPalette::ByTitle)
    }

    const DEFAULT_BACKGROUND: [u16; 4] = [0x7FFF, 0x1BEF, 0x6180, 0x0000];
    const YELLOW_AND_RED: [u16; 4] = [0x7FFF, 0x03FF, 0x001F, 0x0000];

    #[test]
    fn known_titles_have_their_palettes() {
        assert_eq!(by_title(b"TETRIS").background, YELLOW_AND_RED);
        let red = by_title(b"POKEMON RED");
        assert_eq!(red.background, [0x7FFF, 0x421F, 0x1CF2, 0x0000]);
        let green = [0x7FFF, 0x1BEF, 0x0200, 0x0000];
        assert_eq!(red.objects, [green, [0x7FFF, 0x421F, 0x1CF2, 0x0000]]);
        let zelda = by_title(b"ZELDA");
        assert_eq!(zelda.objects[0], [0x7FFF, 0x03E0, 0x0206, 0x0120]);
    }

    #[test]
    fn the_fourth_letter_decides_between_equal_sums() {
        // Both have the sum 0x46; only the E is a known letter for it in this place.
        let mario = by_title(b"SUPER MARIOLAND");
        // This palette begins one colour early: its transparent colour is black.
        assert_eq!(mario.objects[0], [0x0000, 0x7FFF, 0x421F, 0x1CF2]);
        let other = by_title(b"SUQDR MARIOLAND");
        assert_eq!(other.background, DEFAULT_BACKGROUND);
    }

    #[test]
    fn only_nintendos_titles_are_known() {
        let other = colors(b"TETRIS", 0x02, CompatibilityPalette::ByTitle);
        assert_eq!(other.background, DEFAULT_BACKGROUND);
        let new_code = colors(b"TETRIS", 0x33, CompatibilityPalette::ByTitle);
        assert_eq!(new_code.background, YELLOW_AND_RED);
    }

    #[test]
    fn buttons_choose_before_the_title() {
        let palette = CompatibilityPalette::from_buttons(Buttons::UP).expect("a combination");
        assert_eq!(colors(b"TETRIS", 0x01, palette).background, [0x7FFF, 0x32BF, 0x00D0, 0x0000]);
        let held = Buttons::RIGHT | Buttons::B;
        assert_eq!(CompatibilityPalette::from_buttons(held), Some(CompatibilityPalette::Reverse));
        assert_eq!(CompatibilityPalette::from_buttons(Buttons::B), None);
        assert_eq!(CompatibilityPalette::from_buttons(Buttons::UP | Buttons::LEFT), None);
    }

    #[test]
    fn the_console_shows_the_palette_and_keeps_a_choice() {
        let mut rom = vec![0; 0x8000];
        rom[0x100..0x102].copy_from_slice(&[0x18, 0xFE]);
        let cartridge = Cartridge::from_bytes(rom).expect("a valid ROM");
        let corner = |gb: &mut GameBoy| {
            gb.run_frame();
            gb.run_frame();
            gb.frame().colors().map(|colors| colors[0])
        };
        let mut gb = GameBoy::new(cartridge.clone(), Model::Cgb);
        assert_eq!(corner(&mut gb), Some(0x7FFF));
        gb.set_compatibility_palette(CompatibilityPalette::Reverse);
        assert_eq!(corner(&mut gb), Some(0x0000));
        gb.reset();
        assert_eq!(corner(&mut gb), Some(0x0000));
        let mut dmg = GameBoy::new(cartridge, Model::Dmg);
        dmg.set_compatibility_palette(CompatibilityPalette::Reverse);
        assert_eq!(corner(&mut dmg), None);
    }
}
