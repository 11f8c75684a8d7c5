//! The cartridges with more than ROM and RAM, through the addresses that the console uses.

use super::*;

const CHECKSUM: usize = 0x14D;

#[test]
fn mbc7_has_an_eeprom_that_the_battery_file_holds() {
    let mut cartridge = cartridge(0x22, 16, 0);
    assert_eq!(cartridge.battery_ram().map(|ram| ram.len()), Some(256));
    write_all(&mut cartridge, &[(0x0000, 0x0A), (0x4000, 0x40), (0x2000, 0x05)]);
    assert_eq!(bank_at(&cartridge, 0x4000), 5);
    cartridge.set_tilt([0.0, 1.0]);
    cartridge.write_ram(0xA000, 0x55);
    cartridge.write_ram(0xA010, 0xAA);
    assert_eq!([0xA040, 0xA050].map(|addr| cartridge.read_ram(addr)), [0x60, 0x81]);
    let generation = cartridge.ram_generation();
    // Enable writing, then write 0xFFFE at address 0.
    let bits = [1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0];
    let write = [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    for command in [&bits[..], &[&write[..], &[1; 15], &[0]].concat()] {
        cartridge.write_ram(0xA080, 0);
        for bit in command {
            cartridge.write_ram(0xA080, 0x80 | bit << 1);
            cartridge.write_ram(0xA080, 0xC0 | bit << 1);
        }
    }
    assert_eq!(cartridge.battery_ram().map(|ram| [ram[0], ram[1]]), Some([0xFF, 0xFE]));
    assert_eq!(cartridge.ram_generation(), generation + 1);
}

#[test]
fn huc1_ram_is_always_open() {
    let mut cartridge = cartridge(0xFF, 64, 3);
    cartridge.write_ram(0xA000, 0x42);
    assert_eq!(cartridge.read_ram(0xA000), 0x42);
    cartridge.write_rom(0x0000, 0x0E);
    assert_eq!(cartridge.read_ram(0xA000), 0xC0);
    cartridge.write_ram(0xA000, 1);
    assert!(cartridge.is_led_on());
    cartridge.set_light(true);
    assert_eq!(cartridge.read_ram(0xA000), 0xC1);
    cartridge.write_rom(0x0000, 0x0A);
    assert_eq!(cartridge.read_ram(0xA000), 0x42);
}

#[test]
fn huc3_saves_its_ram_and_clock() {
    let mut cartridge = cartridge(0xFE, 128, 3);
    cartridge.write_rom(0x0000, 0x0A);
    cartridge.write_ram(0xA000, 0x42);
    cartridge.write_rom(0x0000, 0x00);
    cartridge.write_ram(0xA000, 0x43);
    assert_eq!(cartridge.read_ram(0xA000), 0x42);
    cartridge.set_clock(5_000_000);
    cartridge.catch_up(3 * 60 * 4_194_304);
    let saved = cartridge.battery_ram().expect("there is a battery");
    assert_eq!((saved.len(), saved[0x8000 + 8]), (0x8000 + 0x88, 3));

    let mut later = self::cartridge(0xFE, 128, 3);
    later.load_battery_ram(&saved).expect("its own file");
    later.set_clock(5_000_180 + 60 * 60);
    let bytes = later.battery_ram().expect("there is a battery");
    assert_eq!((bytes[0], bytes[0x8000 + 8]), (0x42, 63));
    later.load_battery_ram(&saved[..0x8000]).expect("RAM only");
    later.load_battery_ram(&saved[..0x8000 + 17]).expect("the trailer of other emulators");
    let error = later.load_battery_ram(&saved[..0x8000 + 48]).expect_err("a trailer of MBC3");
    assert_eq!(error, Error::BatterySize { actual: 0x8030, expected: 0x8000 });
    later.reset();
    assert_eq!(later.battery_ram().map(|ram| ram[0]), Some(0x42));
}

/// Four games of 32 KiB and the menu, in a ROM of 256 KiB.
fn mmm01() -> Vec<u8> {
    let mut rom = rom(0x00, 16, 0);
    let menu = 14 * ROM_BANK;
    rom[menu + TYPE] = 0x0D;
    rom[menu + ROM_SIZE] = 3;
    rom[menu + RAM_SIZE] = 3;
    rom[menu + 0x134] = b'M';
    let header = &rom[menu + 0x134..menu + CHECKSUM];
    rom[menu + CHECKSUM] = header.iter().fold(0, |sum, byte| sum.wrapping_sub(*byte + 1));
    rom
}

#[test]
fn mmm01_starts_in_its_menu() {
    let mut cartridge = Cartridge::from_bytes(mmm01()).expect("a valid ROM");
    assert_eq!(cartridge.header().mapper(), MapperKind::Mmm01);
    assert_eq!((cartridge.header().title(), cartridge.header().ram_size()), ("M".into(), 0x8000));
    assert_eq!([0, 0x4000].map(|addr| bank_at(&cartridge, addr)), [14, 15]);
    write_all(&mut cartridge, &[(0x2000, 4), (0x6000, 0x3C), (0x0000, 0x40)]);
    assert_eq!([0, 0x4000].map(|addr| bank_at(&cartridge, addr)), [4, 5]);
    cartridge.reset();
    assert_eq!(bank_at(&cartridge, 0), 14);
}

#[test]
fn mmm01_files_that_begin_with_the_menu_are_reordered() {
    let mut rom = mmm01();
    rom.rotate_right(2 * ROM_BANK);
    let cartridge = Cartridge::from_bytes(rom).expect("a valid ROM");
    assert_eq!(cartridge.rom(), mmm01());
}

#[test]
fn the_camera_takes_the_hosts_picture() {
    let mut cartridge = cartridge(0xFC, 64, 0);
    assert_eq!(cartridge.header().ram_size(), 0x20000);
    cartridge.set_camera_picture(&[0xFF; PICTURE_BYTES]);
    cartridge.write_rom(0x4000, 0x10);
    for register in 0xA006..0xA036 {
        cartridge.write_ram(register, 0x80);
    }
    cartridge.write_ram(0xA002, 0x03);
    let generation = cartridge.ram_generation();
    cartridge.write_ram(0xA000, 0x03);
    assert_eq!(cartridge.read_ram(0xA000), 0x03);
    cartridge.catch_up(4 * (32446 + 512 + 16 * 0x300));
    assert_eq!((cartridge.read_ram(0xA000), cartridge.ram_generation()), (0x02, generation + 1));
    cartridge.write_rom(0x4000, 0x00);
    assert_eq!(
        [0xA0FF, 0xA100, 0xAEFF, 0xAF00].map(|addr| cartridge.read_ram(addr)),
        [0xFF, 0, 0, 0xFF]
    );
}

#[test]
fn a_state_of_every_mapper_is_restored() {
    for kind in [0x22, 0xFF, 0xFE, 0xFC] {
        let mut original = cartridge(kind, 16, 3);
        original.write_rom(0x2000, 7);
        let mut restored = copy(&original);
        assert!(restored.adopt_rom(&original));
        assert_eq!(bank_at(&restored, 0x4000), 7, "cartridge type {kind:#x}");
    }
}
