//! What the battery keeps, in the layout that most emulators write: the RAM, and after it for
//! a clock ten 32-bit registers (five live, five latched) and the 64-bit time of the save. The
//! `HuC3` has a layout of its own, see its clock.

use super::rtc::{Registers, Rtc};
use super::{Cartridge, Error, Mapper, huc3};

const TRAILER: usize = 48;
/// Some write the time of the save in 32 bits.
const SHORT_TRAILER: usize = 44;

impl Cartridge {
    /// What outlives being switched off, if there is a battery. The clock must have caught up.
    pub(crate) fn battery_ram(&self) -> Option<Vec<u8>> {
        if !self.header.has_battery() {
            return None;
        }
        let mut bytes = self.ram.clone();
        match (&self.mapper, self.clock()) {
            (Mapper::Huc3(mbc), _) => bytes.extend(mbc.clock.trailer()),
            (_, Some(clock)) => bytes.extend(trailer(clock)),
            _ => {}
        }
        Some(bytes)
    }

    /// Takes over what [`Self::battery_ram`] gave, or what another emulator saved. On an error
    /// nothing changes.
    pub(crate) fn load_battery_ram(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if !self.header.has_battery() {
            return Err(Error::NoBattery);
        }
        let expected = self.ram.len();
        let wrong_size = Error::BatterySize { actual: bytes.len(), expected };
        let (ram, trailer) = bytes.split_at_checked(expected).ok_or(wrong_size.clone())?;
        let is_trailer = match (trailer.len(), &self.mapper) {
            (0, _) => true,
            (len, Mapper::Huc3(_)) => huc3::Clock::is_trailer(len),
            (len, _) => matches!(len, SHORT_TRAILER | TRAILER),
        };
        if !is_trailer {
            return Err(wrong_size);
        }
        self.ram.copy_from_slice(ram);
        if matches!(self.mapper, Mapper::Mbc2(_)) {
            self.ram.iter_mut().for_each(|byte| *byte &= 0x0F);
        }
        if trailer.is_empty() {
            return Ok(());
        }
        if let Mapper::Huc3(mbc) = &mut self.mapper {
            mbc.clock.load_trailer(trailer);
        } else if let Some(clock) = self.mapper.clock_mut() {
            load_trailer(clock, trailer);
        }
        Ok(())
    }
}

fn trailer(clock: &Rtc) -> Vec<u8> {
    let registers = clock.registers().into_iter().flatten();
    let mut bytes: Vec<u8> = registers.flat_map(|value| u32::from(value).to_le_bytes()).collect();
    bytes.extend(clock.time().unwrap_or(0).to_le_bytes());
    bytes
}

fn load_trailer(clock: &mut Rtc, bytes: &[u8]) {
    let (registers, time) = bytes.split_at(40);
    let register = |index: usize| registers[4 * index];
    let live: Registers = std::array::from_fn(register);
    let latched: Registers = std::array::from_fn(|index| register(5 + index));
    let time = time.iter().rev().fold(0, |time, byte| time << 8 | u64::from(*byte));
    clock.load([live, latched], Some(time).filter(|time| *time != 0));
}
