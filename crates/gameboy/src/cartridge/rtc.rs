//! The real-time clock of the MBC3. It runs on emulated time.

use serde::{Deserialize, Serialize};

const DOTS_PER_SECOND: u64 = 4_194_304;
const SECONDS_PER_DAY: u64 = 24 * 60 * 60;
const DAYS: u64 = 512;

const DAY_BIT_8: u8 = 0x01;
const HALT: u8 = 0x40;
const DAY_CARRY: u8 = 0x80;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    Seconds,
    Minutes,
    Hours,
    DayLow,
    DayHigh,
}

/// The five registers in the order of their numbers 0x08-0x0C.
pub type Registers = [u8; 5];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rtc {
    live: Registers,
    latched: Registers,
    /// Dots since the last second began, below [`DOTS_PER_SECOND`].
    sub_second: u64,
    now: u64,
    /// The time in seconds since 1970 at the moment `set_at`.
    time: Option<u64>,
    set_at: u64,
    /// Whether the time is the host's, and not that of a save.
    is_host_time: bool,
}

impl Register {
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0x08 => Self::Seconds,
            0x09 => Self::Minutes,
            0x0A => Self::Hours,
            0x0B => Self::DayLow,
            0x0C => Self::DayHigh,
            _ => return None,
        })
    }

    /// The bits that exist.
    fn mask(self) -> u8 {
        match self {
            Self::Seconds | Self::Minutes => 0x3F,
            Self::Hours => 0x1F,
            Self::DayLow => 0xFF,
            Self::DayHigh => DAY_CARRY | HALT | DAY_BIT_8,
        }
    }
}

impl Rtc {
    pub fn new() -> Self {
        Self {
            live: [0; 5],
            latched: [0; 5],
            sub_second: 0,
            now: 0,
            time: None,
            set_at: 0,
            is_host_time: false,
        }
    }

    pub fn catch_up(&mut self, now: u64) {
        let dots = now.saturating_sub(self.now);
        self.now = now;
        if self.is_halted() {
            return;
        }
        self.sub_second = self.sub_second.saturating_add(dots);
        if self.sub_second >= DOTS_PER_SECOND {
            self.advance(self.sub_second / DOTS_PER_SECOND);
            self.sub_second %= DOTS_PER_SECOND;
        }
    }

    pub fn latch(&mut self) {
        self.latched = self.live;
    }

    pub fn read(&self, register: Register) -> u8 {
        self.latched[register as usize]
    }

    /// Writing the seconds begins a second (rtc3test, "sub-second writes").
    pub fn write(&mut self, register: Register, value: u8) {
        if register == Register::Seconds {
            self.sub_second = 0;
        }
        self.live[register as usize] = value & register.mask();
        self.latched[register as usize] = value & register.mask();
    }

    /// The live and the latched registers.
    pub fn registers(&self) -> [Registers; 2] {
        [self.live, self.latched]
    }

    /// Takes over registers saved at `saved_at`, in seconds since 1970 if known. The time since
    /// then passes as soon as the host tells the time.
    pub fn load(&mut self, [live, latched]: [Registers; 2], saved_at: Option<u64>) {
        self.live = masked(live);
        self.latched = masked(latched);
        self.sub_second = 0;
        let Some(saved_at) = saved_at else { return };
        if self.is_host_time {
            self.pass(self.time().unwrap_or(0).saturating_sub(saved_at));
        } else {
            (self.time, self.set_at) = (Some(saved_at), self.now);
        }
    }

    /// The host's time is now `time`, in seconds since 1970.
    pub fn set_time(&mut self, time: u64) {
        if let Some(previous) = self.time().filter(|_| !self.is_host_time) {
            self.pass(time.saturating_sub(previous));
        }
        (self.time, self.set_at) = (Some(time), self.now);
        self.is_host_time = true;
    }

    /// The emulated time in seconds since 1970, if a save or the host ever told it.
    pub fn time(&self) -> Option<u64> {
        let elapsed = self.now.saturating_sub(self.set_at) / DOTS_PER_SECOND;
        self.time.map(|time| time.saturating_add(elapsed))
    }

    /// The count of dots begins again at 0.
    pub fn restart_dots(&mut self) {
        self.time = self.time();
        (self.now, self.set_at) = (0, 0);
    }

    fn pass(&mut self, seconds: u64) {
        if !self.is_halted() {
            self.advance(seconds);
        }
    }

    fn is_halted(&self) -> bool {
        self.live[Register::DayHigh as usize] & HALT != 0
    }

    fn is_valid(&self) -> bool {
        let [seconds, minutes, hours, ..] = self.live;
        seconds < 60 && minutes < 60 && hours < 24
    }

    fn advance(&mut self, mut seconds: u64) {
        // Out of invalid values the registers count as hardware does, one by one.
        while seconds > 0 && !self.is_valid() {
            self.tick();
            seconds -= 1;
        }
        if seconds == 0 {
            return;
        }
        let [second, minute, hour, ..] = self.live.map(u64::from);
        let total = (hour * 60 + minute) * 60 + second + seconds % SECONDS_PER_DAY;
        self.live[0] = (total % 60) as u8;
        self.live[1] = (total / 60 % 60) as u8;
        self.live[2] = (total / 3600 % 24) as u8;
        self.add_days(seconds / SECONDS_PER_DAY + total / SECONDS_PER_DAY);
    }

    /// One second. The counters have as many bits as the registers: they reach the end of
    /// their minute, hour or day at 60 or 24 only, and wrap without a carry above.
    fn tick(&mut self) {
        if self.increment(Register::Seconds, 60)
            && self.increment(Register::Minutes, 60)
            && self.increment(Register::Hours, 24)
        {
            self.add_days(1);
        }
    }

    fn increment(&mut self, register: Register, end: u8) -> bool {
        let value = &mut self.live[register as usize];
        *value = value.wrapping_add(1) & register.mask();
        let carries = *value == end;
        if carries {
            *value = 0;
        }
        carries
    }

    fn add_days(&mut self, days: u64) {
        let [.., low, high] = &mut self.live;
        let total = (*low as u64 | ((*high & DAY_BIT_8) as u64) << 8) + days;
        *low = total as u8;
        *high = *high & !DAY_BIT_8 | (total >> 8) as u8 & DAY_BIT_8;
        if total >= DAYS {
            *high |= DAY_CARRY;
        }
    }
}

fn masked(mut registers: Registers) -> Registers {
    for (number, value) in (0x08..).zip(&mut registers) {
        *value &= Register::from_number(number).map_or(0, Register::mask);
    }
    registers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(live: Registers) -> Rtc {
        Rtc { live, ..Rtc::new() }
    }

    #[test]
    fn a_day_overflows_into_the_sticky_carry() {
        let mut clock = clock([59, 59, 23, 0xFF, DAY_BIT_8]);
        clock.catch_up(DOTS_PER_SECOND - 1);
        assert_eq!(clock.live, [59, 59, 23, 0xFF, DAY_BIT_8]);
        clock.catch_up(DOTS_PER_SECOND);
        assert_eq!(clock.live, [0, 0, 0, 0, DAY_CARRY]);
        clock.advance(SECONDS_PER_DAY);
        assert_eq!(clock.live, [0, 0, 0, 1, DAY_CARRY]);
    }

    #[test]
    fn invalid_values_wrap_without_a_carry() {
        let mut clock = clock([63, 62, 31, 7, 0]);
        clock.advance(1);
        assert_eq!(clock.live, [0, 62, 31, 7, 0]);
        clock.advance(2 * 60);
        assert_eq!(clock.live, [0, 0, 31, 7, 0]);
        clock.advance(60 * 60);
        assert_eq!(clock.live, [0, 0, 0, 7, 0]);
    }

    #[test]
    fn advancing_equals_ticking() {
        for start in [[0; 5], [58, 59, 23, 254, 0], [60, 60, 24, 0, 1], [12, 34, 20, 255, 1]] {
            let (mut jumped, mut ticked) = (clock(start), clock(start));
            jumped.advance(200_000);
            (0..200_000).for_each(|_| ticked.tick());
            assert_eq!(jumped.live, ticked.live);
        }
    }

    #[test]
    fn a_halted_clock_keeps_the_part_of_a_second() {
        let mut clock = clock([0; 5]);
        clock.catch_up(DOTS_PER_SECOND / 2);
        clock.write(Register::DayHigh, HALT);
        clock.catch_up(10 * DOTS_PER_SECOND);
        clock.write(Register::DayHigh, 0);
        clock.catch_up(10 * DOTS_PER_SECOND + DOTS_PER_SECOND / 2);
        assert_eq!(clock.live[0], 1);
    }

    #[test]
    fn the_time_since_a_save_passes_once() {
        let mut clock = clock([0; 5]);
        clock.load([[10, 0, 0, 0, 0]; 2], Some(1_000));
        clock.catch_up(5 * DOTS_PER_SECOND);
        assert_eq!((clock.live[0], clock.time()), (15, Some(1_005)));
        clock.set_time(1_025);
        clock.set_time(1_026);
        assert_eq!((clock.live[0], clock.time()), (35, Some(1_026)));
    }
}
