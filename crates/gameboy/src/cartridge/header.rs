//! The cartridge header at 0x0100-0x014F (Pan Docs, "The Cartridge Header").

use std::fmt;

use super::{Error, RAM_BANK, ROM_BANK, SMALLEST_ROM};

const LOGO: usize = 0x104;
const LOGO_SIZE: usize = 0x30;
/// The CRC-32 of the 48 bytes that every boot ROM compares the logo with.
const LOGO_CRC: u32 = 0x4619_5417;
const TITLE: usize = 0x134;
const CGB_FLAG: usize = 0x143;
const NEW_LICENSEE: usize = 0x144;
const SGB_FLAG: usize = 0x146;
const TYPE: usize = 0x147;
const ROM_SIZE: usize = 0x148;
const RAM_SIZE: usize = 0x149;
const OLD_LICENSEE: usize = 0x14B;
const CHECKSUM: usize = 0x14D;
const GLOBAL_CHECKSUM: usize = 0x14E;
/// The menu of an MMM01.
const MENU: usize = 2 * ROM_BANK;
/// Boards of several games with an MBC1 hold one every 16 banks.
const MULTICART_STRIDE: usize = 0x10 * ROM_BANK;

/// The chip that banks ROM and RAM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MapperKind {
    /// 32 KiB of ROM and at most 8 KiB of RAM, without a mapper.
    #[default]
    None,
    /// MBC1.
    Mbc1,
    /// MBC1 on a board of several games, with one address line fewer.
    Mbc1M,
    /// MBC2, with 512 half-bytes of RAM inside.
    Mbc2,
    /// MBC3, perhaps with a clock.
    Mbc3,
    /// MBC30: an MBC3 with twice the ROM and RAM.
    Mbc30,
    /// MBC5, perhaps with a rumble motor.
    Mbc5,
    /// MBC7, with an accelerometer and an EEPROM of 256 bytes.
    Mbc7,
    /// `HuC1`, with an infrared port.
    Huc1,
    /// `HuC3`, with a clock and an infrared port.
    Huc3,
    /// MMM01, for several games behind a menu.
    Mmm01,
    /// The Pocket Camera.
    Camera,
}

/// Which consoles the cartridge says it is for (0x0143).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Support {
    /// The original Game Boy; the Color runs it in compatibility mode.
    #[default]
    DmgOnly,
    /// In color on the Color, and on the original too.
    Both,
    /// The Color only. Most such games say so on the original, and stop.
    CgbOnly,
}

/// What the ROM says about itself.
#[derive(Clone, Debug, Default)]
pub struct Header {
    title: String,
    title_checksum: u8,
    support: Support,
    is_sgb: bool,
    cartridge_type: u8,
    mapper: MapperKind,
    rom_size: Option<usize>,
    ram_size: usize,
    old_licensee: u8,
    new_licensee: [u8; 2],
    has_logo: bool,
    checksum_is_valid: bool,
    global_checksum_is_valid: bool,
}

impl fmt::Display for MapperKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no mapper",
            Self::Mbc1 => "MBC1",
            Self::Mbc1M => "MBC1M",
            Self::Mbc2 => "MBC2",
            Self::Mbc3 => "MBC3",
            Self::Mbc30 => "MBC30",
            Self::Mbc5 => "MBC5",
            Self::Mbc7 => "MBC7",
            Self::Huc1 => "HuC1",
            Self::Huc3 => "HuC3",
            Self::Mmm01 => "MMM01",
            Self::Camera => "Pocket Camera",
        })
    }
}

impl Header {
    /// `rom` has at least 32 KiB.
    pub(super) fn new(whole: &[u8]) -> Result<Self, Error> {
        let rom = if has_menu_at_end(whole) { &whole[whole.len() - MENU..] } else { whole };
        let cartridge_type = rom[TYPE];
        let mapper = mapper_kind(rom)?;
        Ok(Self {
            title: title(rom),
            title_checksum: rom[TITLE..=CGB_FLAG]
                .iter()
                .fold(0, |sum, byte| sum.wrapping_add(*byte)),
            support: support(rom[CGB_FLAG]),
            is_sgb: rom[SGB_FLAG] == 0x03 && rom[OLD_LICENSEE] == 0x33,
            cartridge_type,
            mapper,
            rom_size: Self::declared_rom_size(rom),
            ram_size: ram_size(mapper, cartridge_type, rom[RAM_SIZE]),
            old_licensee: rom[OLD_LICENSEE],
            new_licensee: [rom[NEW_LICENSEE], rom[NEW_LICENSEE + 1]],
            has_logo: has_logo(rom, 0),
            checksum_is_valid: checksum(rom) == rom[CHECKSUM],
            global_checksum_is_valid: global_checksum(whole, rom)
                == u16::from_be_bytes([rom[GLOBAL_CHECKSUM], rom[GLOBAL_CHECKSUM + 1]]),
        })
    }

    /// The bytes that the header calls for; `None` where it is cut off or its size is unknown.
    pub(super) fn declared_rom_size(rom: &[u8]) -> Option<usize> {
        match rom.get(ROM_SIZE) {
            Some(&code @ 0..=8) => Some(SMALLEST_ROM << code),
            _ => None,
        }
    }

    /// The title, with anything but printable ASCII replaced by `?`. May be empty.
    pub fn title(&self) -> String {
        self.title.clone()
    }

    /// The mapper.
    pub fn mapper(&self) -> MapperKind {
        self.mapper
    }

    /// The cartridge type at 0x0147, which also tells what is beside the mapper.
    pub fn cartridge_type(&self) -> u8 {
        self.cartridge_type
    }

    /// The consoles the cartridge is for.
    pub fn support(&self) -> Support {
        self.support
    }

    /// Whether the cartridge knows the Super Game Boy.
    pub fn supports_sgb(&self) -> bool {
        self.is_sgb
    }

    /// The bytes of ROM that the header tells of, if it is one of the known sizes.
    pub fn rom_size(&self) -> Option<usize> {
        self.rom_size
    }

    /// The bytes of RAM on the cartridge.
    ///
    /// Where the cartridge type says that there is RAM and the size says that there is none, it
    /// is 8 KiB: so the test ROMs of blargg expect it. An MBC2, MBC7 or camera always has the
    /// same, whatever the header says.
    pub fn ram_size(&self) -> usize {
        self.ram_size
    }

    /// Whether RAM, and a clock, outlive being switched off.
    pub fn has_battery(&self) -> bool {
        matches!(
            self.cartridge_type,
            0x03 | 0x06
                | 0x09
                | 0x0D
                | 0x0F
                | 0x10
                | 0x13
                | 0x1B
                | 0x1E
                | 0x22
                | 0xFC
                | 0xFE
                | 0xFF
        )
    }

    /// Whether there is a real-time clock.
    pub fn has_clock(&self) -> bool {
        matches!(self.cartridge_type, 0x0F | 0x10 | 0xFE)
    }

    /// Whether there is a rumble motor.
    pub fn has_rumble(&self) -> bool {
        matches!(self.cartridge_type, 0x1C..=0x1E)
    }

    /// Whether the logo is that of the boot ROM; a real console runs nothing else.
    pub fn has_logo(&self) -> bool {
        self.has_logo
    }

    /// Whether the header checksum at 0x014D is right; a real console runs nothing else.
    pub fn checksum_is_valid(&self) -> bool {
        self.checksum_is_valid
    }

    /// Whether the checksum over the whole ROM at 0x014E is right. No console looks at it.
    pub fn global_checksum_is_valid(&self) -> bool {
        self.global_checksum_is_valid
    }

    /// The licensee code at 0x014B; 0x33 refers to [`Header::new_licensee`].
    pub fn old_licensee(&self) -> u8 {
        self.old_licensee
    }

    /// The two characters at 0x0144.
    pub fn new_licensee(&self) -> [u8; 2] {
        self.new_licensee
    }

    /// Whether the CGB's boot ROM looks for this title in its table of palettes.
    pub fn is_licensed_by_nintendo(&self) -> bool {
        match self.old_licensee {
            0x33 => self.new_licensee == *b"01",
            code => code == 0x01,
        }
    }

    /// The sum of the 16 title bytes, by which the CGB's boot ROM finds a palette.
    pub fn title_checksum(&self) -> u8 {
        self.title_checksum
    }
}

fn title(rom: &[u8]) -> String {
    let bytes = &rom[TITLE..TITLE + title_length(rom)];
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let printable = bytes[..end].iter().map(|byte| match byte {
        0x20..=0x7E => *byte as char,
        _ => '?',
    });
    printable.collect::<String>().trim_end().to_owned()
}

/// The CGB flag takes the sixteenth byte, and on later cartridges a manufacturer code the four
/// before it.
fn title_length(rom: &[u8]) -> usize {
    if support(rom[CGB_FLAG]) == Support::DmgOnly {
        return 16;
    }
    let code = &rom[TITLE + 11..TITLE + 15];
    let is_code = matches!(code[0], b'A' | b'B' | b'H' | b'K' | b'V')
        && code.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_code && rom[OLD_LICENSEE] == 0x33 { 11 } else { 15 }
}

fn support(flag: u8) -> Support {
    match flag & 0xC0 {
        0xC0 => Support::CgbOnly,
        0x80 => Support::Both,
        _ => Support::DmgOnly,
    }
}

fn mapper_kind(rom: &[u8]) -> Result<MapperKind, Error> {
    let code = rom[TYPE];
    let kind = match code {
        0x00 | 0x08 | 0x09 => MapperKind::None,
        0x01..=0x03 if is_multicart(rom) => MapperKind::Mbc1M,
        0x01..=0x03 => MapperKind::Mbc1,
        0x05 | 0x06 => MapperKind::Mbc2,
        0x0F..=0x13 if rom.len() > 128 * ROM_BANK || rom[RAM_SIZE] == 5 => MapperKind::Mbc30,
        0x0F..=0x13 => MapperKind::Mbc3,
        0x0B..=0x0D => MapperKind::Mmm01,
        0x19..=0x1E => MapperKind::Mbc5,
        0x22 => MapperKind::Mbc7,
        0xFC => MapperKind::Camera,
        0xFE => MapperKind::Huc3,
        0xFF => MapperKind::Huc1,
        _ => return Err(Error::UnknownMapper { code, name: type_name(code) }),
    };
    Ok(kind)
}

fn type_name(code: u8) -> &'static str {
    match code {
        0x15..=0x17 => "MBC4",
        0x20 => "MBC6",
        0xFD => "TAMA5",
        _ => "unknown",
    }
}

fn ram_size(mapper: MapperKind, cartridge_type: u8, code: u8) -> usize {
    let has_ram = matches!(
        cartridge_type,
        0x02 | 0x03
            | 0x08
            | 0x09
            | 0x0C
            | 0x0D
            | 0x10
            | 0x12
            | 0x13
            | 0x1A
            | 0x1B
            | 0x1D
            | 0x1E
            | 0xFE
            | 0xFF
    );
    match (mapper, code) {
        (MapperKind::Mbc2, _) => 512,
        (MapperKind::Mbc7, _) => 256,
        (MapperKind::Camera, _) => 16 * RAM_BANK,
        _ if !has_ram => 0,
        (MapperKind::None, 3..) | (_, 2) => RAM_BANK,
        (_, 1) => RAM_BANK / 4,
        (_, 3) => 4 * RAM_BANK,
        (_, 4) => 16 * RAM_BANK,
        (_, 5) => 8 * RAM_BANK,
        _ => RAM_BANK,
    }
}

fn has_logo(rom: &[u8], game: usize) -> bool {
    rom.get(game + LOGO..game + LOGO + LOGO_SIZE)
        .is_some_and(|logo| crc32fast::hash(logo) == LOGO_CRC)
}

/// The menu and three games at least, each with its logo, in 8 Mbit.
fn is_multicart(rom: &[u8]) -> bool {
    rom.len() == 4 * MULTICART_STRIDE
        && (0..4).filter(|game| has_logo(rom, game * MULTICART_STRIDE)).count() >= 3
}

fn checksum(rom: &[u8]) -> u8 {
    rom[TITLE..CHECKSUM].iter().fold(0, |sum, byte| sum.wrapping_sub(*byte).wrapping_sub(1))
}

/// The menu of an MMM01 is in the last banks, which are also where it starts.
fn has_menu_at_end(rom: &[u8]) -> bool {
    rom.len() > MENU && rom.len().is_power_of_two() && is_menu(&rom[rom.len() - MENU..])
}

fn is_menu(rom: &[u8]) -> bool {
    matches!((rom[TYPE], rom[ROM_SIZE], rom[RAM_SIZE]), (0x0B..=0x0D, 0..=8, 0..=5))
        && checksum(rom) == rom[CHECKSUM]
}

/// Some files of MMM01 cartridges begin with the menu, and the games follow.
pub(super) fn restore_order(rom: &mut [u8]) {
    if rom.len() > MENU && is_menu(rom) && !has_menu_at_end(rom) {
        rom.rotate_left(MENU);
    }
}

fn global_checksum(whole: &[u8], rom: &[u8]) -> u16 {
    let sum = whole.iter().fold(0u16, |sum, byte| sum.wrapping_add(*byte as u16));
    let own = rom[GLOBAL_CHECKSUM] as u16 + rom[GLOBAL_CHECKSUM + 1] as u16;
    sum.wrapping_sub(own)
}
