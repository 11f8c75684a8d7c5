use super::*;

mod devices;

const TYPE: usize = 0x147;
const ROM_SIZE: usize = 0x148;
const RAM_SIZE: usize = 0x149;

/// A ROM whose banks begin with their numbers.
fn rom(cartridge_type: u8, banks: usize, ram_size: u8) -> Vec<u8> {
    let mut rom = vec![0; banks * ROM_BANK];
    for (number, bank) in rom.chunks_mut(ROM_BANK).enumerate() {
        bank[0] = number as u8;
        bank[1] = (number >> 8) as u8;
    }
    rom[TYPE] = cartridge_type;
    rom[ROM_SIZE] = banks.ilog2() as u8 - 1;
    rom[RAM_SIZE] = ram_size;
    rom
}

fn cartridge(cartridge_type: u8, banks: usize, ram_size: u8) -> Cartridge {
    Cartridge::from_bytes(rom(cartridge_type, banks, ram_size)).expect("a valid ROM")
}

fn bank_at(cartridge: &Cartridge, addr: u16) -> usize {
    cartridge.read_rom(addr) as usize | (cartridge.read_rom(addr + 1) as usize) << 8
}

fn write_all(cartridge: &mut Cartridge, writes: &[(u16, u8)]) {
    for (addr, value) in writes {
        cartridge.write_rom(*addr, *value);
    }
}

#[test]
fn mbc1_never_shows_bank_0_above() {
    let mut cartridge = cartridge(0x01, 128, 0);
    for (bank1, bank2, shown) in [(0, 0, 1), (5, 0, 5), (0x20, 1, 0x21), (0xFF, 3, 0x7F)] {
        write_all(&mut cartridge, &[(0x2000, bank1), (0x4000, bank2)]);
        assert_eq!(bank_at(&cartridge, 0x4000), shown);
        assert_eq!(bank_at(&cartridge, 0), 0);
    }
    cartridge.write_rom(0x6000, 1);
    assert_eq!(bank_at(&cartridge, 0), 0x60);
}

#[test]
fn mbc1_banks_wrap_in_a_small_rom() {
    let mut cartridge = cartridge(0x01, 4, 0);
    write_all(&mut cartridge, &[(0x2000, 0x1F), (0x4000, 2)]);
    assert_eq!(bank_at(&cartridge, 0x4000), 3);
    // Only the five bits as written are compared with 0.
    cartridge.write_rom(0x2000, 4);
    assert_eq!(bank_at(&cartridge, 0x4000), 0);
}

#[test]
fn ram_is_banked_and_closed() {
    let mut cartridge = cartridge(0x03, 4, 3);
    cartridge.write_ram(0xA000, 1);
    assert_eq!(cartridge.read_ram(0xA000), 0xFF);
    write_all(&mut cartridge, &[(0x0000, 0x0A), (0x6000, 1), (0x4000, 2)]);
    cartridge.write_ram(0xA000, 0x22);
    cartridge.write_rom(0x4000, 0);
    cartridge.write_ram(0xA000, 0x11);
    assert_eq!(cartridge.read_ram(0xA000), 0x11);
    cartridge.write_rom(0x4000, 2);
    assert_eq!(cartridge.read_ram(0xA000), 0x22);
    cartridge.write_rom(0x0000, 0);
    assert_eq!(cartridge.read_ram(0xA000), 0xFF);
}

#[test]
fn small_ram_repeats() {
    let mut cartridge = cartridge(0x03, 2, 1);
    cartridge.write_rom(0, 0x0A);
    cartridge.write_ram(0xA801, 0x5A);
    assert_eq!(cartridge.read_ram(0xA001), 0x5A);
    assert_eq!(cartridge.battery_ram().map(|ram| ram.len()), Some(0x800));
}

#[test]
fn mbc2_keeps_half_bytes() {
    let mut cartridge = cartridge(0x06, 16, 0);
    write_all(&mut cartridge, &[(0x0000, 0x0A), (0x0100, 0x10)]);
    cartridge.write_ram(0xA203, 0xAB);
    assert_eq!(cartridge.read_ram(0xA003), 0xFB);
    assert_eq!(bank_at(&cartridge, 0x4000), 1);
    cartridge.write_rom(0x2100, 9);
    assert_eq!(bank_at(&cartridge, 0x4000), 9);
}

#[test]
fn mbc5_has_512_banks_and_bank_0() {
    let mut cartridge = cartridge(0x19, 512, 0);
    assert_eq!(bank_at(&cartridge, 0x4000), 1);
    write_all(&mut cartridge, &[(0x2000, 0x34), (0x3000, 1)]);
    assert_eq!(bank_at(&cartridge, 0x4000), 0x134);
    write_all(&mut cartridge, &[(0x2000, 0), (0x3000, 0)]);
    assert_eq!(bank_at(&cartridge, 0x4000), 0);
}

#[test]
fn mbc5_motor_is_no_ram_bank() {
    let mut cartridge = cartridge(0x1E, 4, 3);
    write_all(&mut cartridge, &[(0x0000, 0x0A), (0x4000, 0x09)]);
    assert!(cartridge.is_rumbling());
    cartridge.write_ram(0xA000, 0x77);
    cartridge.write_rom(0x4000, 0x01);
    assert!(!cartridge.is_rumbling());
    assert_eq!(cartridge.read_ram(0xA000), 0x77);
}

#[test]
fn mbc3_shows_the_latched_clock() {
    let mut cartridge = cartridge(0x10, 4, 3);
    write_all(&mut cartridge, &[(0x0000, 0x0A), (0x4000, 0x08)]);
    cartridge.catch_up(3 * 4_194_304);
    assert_eq!(cartridge.read_ram(0xA000), 0);
    write_all(&mut cartridge, &[(0x6000, 0), (0x6000, 1)]);
    assert_eq!(cartridge.read_ram(0xA000), 3);
}

#[test]
fn the_battery_file_ends_in_the_clock() {
    let mut cartridge = cartridge(0x10, 4, 2);
    cartridge.set_clock(1_000_000);
    cartridge.catch_up(7 * 4_194_304);
    let saved = cartridge.battery_ram().expect("there is a battery");
    assert_eq!(saved.len(), 0x2000 + 48);
    assert_eq!((saved[0x2000], &saved[0x2028..]), (7, &1_000_007u64.to_le_bytes()[..]));

    let mut later = self::cartridge(0x10, 4, 2);
    later.load_battery_ram(&saved).expect("its own file");
    later.set_clock(1_000_017);
    assert_eq!(later.battery_ram().expect("there is a battery")[0x2000], 17);
    later.load_battery_ram(&saved[..0x2000]).expect("RAM only");
    let short = [&saved[..0x2000], &[0; 44]].concat();
    later.load_battery_ram(&short).expect("a trailer with 32 bits of time");
    let error = later.load_battery_ram(&saved[..100]).expect_err("too short");
    assert_eq!(error, Error::BatterySize { actual: 100, expected: 0x2000 });
}

#[test]
fn a_cartridge_without_battery_saves_nothing() {
    let mut cartridge = cartridge(0x02, 4, 2);
    assert_eq!(cartridge.battery_ram(), None);
    assert_eq!(cartridge.load_battery_ram(&[0; 0x2000]), Err(Error::NoBattery));
}

#[test]
fn ram_without_a_size_has_8_kib() {
    assert_eq!(cartridge(0x02, 4, 0).header().ram_size(), 0x2000);
}

#[test]
fn bad_roms_are_named() {
    let message = |rom: Vec<u8>| Cartridge::from_bytes(rom).expect_err("a bad ROM").to_string();
    assert_eq!(message(vec![]), "the ROM is empty");
    assert_eq!(message(vec![0; 100]), "the ROM is truncated: 100 bytes of 32768");
    let mut cut = rom(0x01, 8, 0);
    cut.truncate(100_000);
    assert_eq!(message(cut.clone()), "the ROM is truncated: 100000 bytes of 131072");
    cut.truncate(0x200);
    assert_eq!(message(cut), "the ROM is truncated: 512 bytes of 131072");
    assert_eq!(message(rom(0x20, 2, 0)), "cartridge type 0x20 (MBC6) is not supported");
    assert_eq!(message(rom(0xFD, 2, 0)), "cartridge type 0xfd (TAMA5) is not supported");
    assert_eq!(message(rom(0x99, 2, 0)), "cartridge type 0x99 (unknown) is not supported");
    assert!(message(vec![0; 9 << 20]).starts_with("9437184 bytes are no"));
}

#[test]
fn sizes_other_than_the_header_says_are_padded() {
    let mut longer = rom(0x01, 8, 0);
    longer[ROM_SIZE] = 0;
    longer.truncate(5 * ROM_BANK + 1);
    let cartridge = Cartridge::from_bytes(longer).expect("it is longer than its header says");
    assert_eq!(cartridge.rom().len(), 8 * ROM_BANK);
    assert_eq!(cartridge.rom()[6 * ROM_BANK], 0xFF);
}

#[test]
fn a_mapper_state_fits_its_own_cartridge_only() {
    let original = cartridge(0x03, 8, 3);
    let mut restored = copy(&original);
    assert_eq!(restored.read_rom(0x4000), 0xFF);
    assert!(restored.adopt_rom(&original));
    assert_eq!(bank_at(&restored, 0x4000), 1);
    assert!(!copy(&original).adopt_rom(&cartridge(0x03, 8, 2)));
    assert!(!copy(&original).adopt_rom(&cartridge(0x1B, 8, 3)));
}

fn copy(cartridge: &Cartridge) -> Cartridge {
    let bytes = postcard::to_stdvec(cartridge).expect("a cartridge is serializable");
    postcard::from_bytes(&bytes).expect("it was just written")
}

#[test]
fn titles_end_before_the_cgb_flag() {
    let with_title = |title: &[u8], flag: u8| {
        let mut rom = rom(0x00, 2, 0);
        rom[0x134..0x134 + title.len()].copy_from_slice(title);
        rom[0x143] = flag;
        rom[0x14B] = 0x33;
        Cartridge::from_bytes(rom).expect("a valid ROM").header().clone()
    };
    assert_eq!(with_title(b"ABC\x01D\0XY", 0).title(), "ABC?D");
    assert_eq!(with_title(b"ELEVEN CHARAXYE", 0xC0).title(), "ELEVEN CHAR");
    assert_eq!(with_title(b"FIFTEEN LETTERS", 0x80).title(), "FIFTEEN LETTERS");
    assert_eq!(with_title(b"", 0x80).support(), Support::Both);
    assert_eq!(with_title(b"", 0xC0).support(), Support::CgbOnly);
}
