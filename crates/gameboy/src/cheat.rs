use std::str::FromStr;

/// A change to a game by a code of the devices that were sold for it (Pan Docs, "Game Genie and Shark
/// Cheats").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cheat {
    /// Game Genie: what is read from the ROM.
    Patch {
        /// 0x0000-0x7FFF.
        addr: u16,
        /// What is read there.
        value: u8,
        /// Only where the ROM's own byte is this.
        original: Option<u8>,
    },
    /// `GameShark`: what is written to memory once a frame.
    Write {
        /// Which bank of it.
        bank: CheatBank,
        /// 0xA000-0xDFFF.
        addr: u16,
        /// What is written there.
        value: u8,
    },
}

/// Which bank of memory a [`Cheat`] writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheatBank {
    /// The one that the game has mapped.
    Mapped,
    /// This bank of the cartridge's RAM, at 0xA000-0xBFFF.
    CartridgeRam(u8),
    /// This bank of the Game Boy Color's work RAM, at 0xD000-0xDFFF.
    WorkRam(u8),
}

/// Why a text is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheatError {
    /// It has not the digits of any device's.
    #[error("{0:?} is no code: Game Genie's are ABC-DEF or ABC-DEF-GHI, GameShark's are ABCDEFGH")]
    Form(String),
    /// It is of an address that the device cannot change.
    #[error("{code:?} is of address 0x{addr:04X}, which the device cannot change")]
    Address {
        /// The code.
        code: String,
        /// The address.
        addr: u16,
    },
}

/// Game Genie: `ABC-DEF` or `ABC-DEF-GHI`, hexadecimal, the dashes are for the eye. AB is the new value,
/// FCDE the address, exclusive-or 0xF000, and GI the old value, exclusive-or 0xBA and rotated left by two.
///
/// `GameShark`: `ABCDEFGH`. CD is the value, GHEF the address. AB is 0x01, or 0x80 and a bank of
/// the cartridge's RAM, or 0x90 and a bank of work RAM.
impl FromStr for Cheat {
    type Err = CheatError;

    fn from_str(text: &str) -> Result<Self, CheatError> {
        let form = || CheatError::Form(text.to_owned());
        let dashed: Vec<&str> = text.trim().split('-').collect();
        let is_grouped = dashed.len() == 1 || dashed.iter().all(|part| part.len() == 3);
        let digit = |c: char| c.to_digit(16).map(|digit| digit as u16);
        let digits: Option<Vec<u16>> = dashed.concat().chars().map(digit).collect();
        let digits = digits.filter(|_| is_grouped).ok_or_else(form)?;
        let address = |addr| CheatError::Address { code: text.to_owned(), addr };
        let at = |places: &[usize]| places.iter().fold(0, |all, &place| all << 4 | digits[place]);
        match digits.len() {
            6 | 9 => {
                let addr = at(&[5, 2, 3, 4]) ^ 0xF000;
                let original = (digits.len() == 9).then(|| at(&[6, 8]) as u8);
                let original = original.map(|original| original.rotate_right(2) ^ 0xBA);
                if addr >= 0x8000 {
                    return Err(address(addr));
                }
                Ok(Self::Patch { addr, value: at(&[0, 1]) as u8, original })
            }
            8 if dashed.len() == 1 => {
                let addr = at(&[6, 7, 4, 5]);
                let bank = match at(&[0]) {
                    8 => CheatBank::CartridgeRam(at(&[1]) as u8),
                    9 => CheatBank::WorkRam(at(&[1]) as u8),
                    _ => CheatBank::Mapped,
                };
                let reach = match bank {
                    CheatBank::Mapped => 0xA000..0xE000,
                    CheatBank::CartridgeRam(_) => 0xA000..0xC000,
                    CheatBank::WorkRam(_) => 0xD000..0xE000,
                };
                if !reach.contains(&addr) {
                    return Err(address(addr));
                }
                Ok(Self::Write { bank, addr, value: at(&[2, 3]) as u8 })
            }
            _ => Err(form()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cartridge, GameBoy, Model};

    #[test]
    fn codes_are_read() {
        let patch = |addr, value, original| Cheat::Patch { addr, value, original };
        // 0x00 read as 0x3E at 0x0150: FCDE is 0xF150 before the exclusive or.
        assert_eq!("3E1-50F".parse(), Ok(patch(0x0150, 0x3E, None)));
        // The original 0x00: exclusive-or 0xBA and rotated left by two, 0xEA; H is of no meaning.
        assert_eq!("3E1-50F-E3A".parse(), Ok(patch(0x0150, 0x3E, Some(0x00))));
        assert_eq!("3e150fe3a".parse(), Ok(patch(0x0150, 0x3E, Some(0x00))));
        let write = |bank, addr, value| Cheat::Write { bank, addr, value };
        assert_eq!("010F34C1".parse(), Ok(write(CheatBank::Mapped, 0xC134, 0x0F)));
        assert_eq!("820F00A0".parse(), Ok(write(CheatBank::CartridgeRam(2), 0xA000, 0x0F)));
        assert_eq!("930F00D0".parse(), Ok(write(CheatBank::WorkRam(3), 0xD000, 0x0F)));
        for text in ["", "3E1-50", "3E15-0F", "3E1-50F-EG3", "01-0F-34-C1", "010F34C1A1", "é1-50F"]
        {
            assert!(matches!(text.parse::<Cheat>(), Err(CheatError::Form(_))), "{text:?}");
        }
        for text in ["3E1-507", "010F3441", "910F34C1"] {
            assert!(matches!(text.parse::<Cheat>(), Err(CheatError::Address { .. })), "{text:?}");
        }
    }

    /// A game that copies 0x0150 to 0xC000, for ever.
    fn copying() -> GameBoy {
        let mut rom = vec![0; 0x8000];
        rom[0x100..0x104].copy_from_slice(&[0x18, 0x4E, 0, 0]);
        rom[0x150] = 0x00;
        rom[0x151..0x159].copy_from_slice(&[0xFA, 0x50, 0x01, 0xEA, 0x00, 0xC0, 0x18, 0xF8]);
        let cartridge = Cartridge::from_bytes(rom).expect("a game");
        GameBoy::new(cartridge, Model::Dmg)
    }

    #[test]
    fn patches_are_read_and_taken_back() {
        let mut gb = copying();
        gb.run_frame();
        assert_eq!(gb.peek(0xC000), 0x00);
        for (code, seen) in [("3E1-50F", 0x3E), ("3E1-50F-E3A", 0x3E), ("3E1-50F-E3B", 0x00)] {
            gb.set_cheats(&[code.parse().expect("a code")]);
            let state = gb.save_state();
            gb.load_state(&state).expect("its own state");
            gb.run_frame();
            assert_eq!((gb.peek(0xC000), gb.peek(0x0150)), (seen, seen), "{code}");
            assert_eq!(gb.cartridge().rom()[0x150], 0x00);
        }
        gb.set_cheats(&[]);
        gb.run_frame();
        assert_eq!(gb.peek(0xC000), 0x00);
    }

    #[test]
    fn writes_are_done_in_every_frame() {
        let mut gb = copying();
        gb.set_cheats(&["0177FFC1".parse().expect("a code")]);
        gb.run_frame();
        assert_eq!(gb.peek(0xC1FF), 0x77);
        gb.work_ram_mut()[0x1FF] = 0;
        gb.reset();
        gb.run_frame();
        assert_eq!(gb.peek(0xC1FF), 0x77);
    }
}
