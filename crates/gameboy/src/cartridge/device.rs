//! What some cartridges hold besides ROM and RAM, and what the host does to it.

use super::{Cartridge, Mapper, PICTURE_BYTES, Rtc};

impl Cartridge {
    /// Whether the rumble motor is running now.
    pub fn is_rumbling(&self) -> bool {
        matches!(&self.mapper, Mapper::Mbc5(mbc) if mbc.is_rumbling())
    }

    /// The host's time is now `unix_seconds`, counted from 1970. The emulated time goes on from
    /// there; the time since a loaded battery file was saved passes for the clock.
    pub(crate) fn set_clock(&mut self, unix_seconds: u64) {
        if let Mapper::Huc3(mbc) = &mut self.mapper {
            mbc.clock.set_time(unix_seconds);
        } else if let Some(clock) = self.mapper.clock_mut() {
            clock.set_time(unix_seconds);
        }
    }

    pub(crate) fn set_tilt(&mut self, tilt: [f32; 2]) {
        if let Mapper::Mbc7(mbc) = &mut self.mapper {
            mbc.set_tilt(tilt);
        }
    }

    pub(crate) fn set_camera_picture(&mut self, picture: &[u8; PICTURE_BYTES]) {
        if let Mapper::Camera(camera) = &mut self.mapper {
            camera.set_picture(picture);
        }
    }

    /// Whether the cartridge's own infrared LED is on.
    pub(crate) fn is_led_on(&self) -> bool {
        match &self.mapper {
            Mapper::Huc1(mbc) => mbc.led,
            Mapper::Huc3(mbc) => mbc.led,
            _ => false,
        }
    }

    /// Sets whether infrared light falls on the cartridge.
    pub(crate) fn set_light(&mut self, light: bool) {
        match &mut self.mapper {
            Mapper::Huc1(mbc) => mbc.light = light,
            Mapper::Huc3(mbc) => mbc.light = light,
            _ => {}
        }
    }

    pub(super) fn read_device(&self, addr: u16) -> u8 {
        match &self.mapper {
            Mapper::Mbc7(mbc) => mbc.read_register(addr),
            Mapper::Huc1(mbc) => mbc.read_register(),
            Mapper::Huc3(mbc) => mbc.read_register(),
            Mapper::Camera(mbc) => mbc.read(addr, &self.ram),
            _ => 0xFF,
        }
    }

    pub(super) fn write_device(&mut self, addr: u16, value: u8) {
        let is_changed = match &mut self.mapper {
            Mapper::Mbc7(mbc) => mbc.write_register(addr, value, &mut self.ram),
            Mapper::Huc1(mbc) => {
                mbc.write_register(value);
                false
            }
            Mapper::Huc3(mbc) => mbc.write_register(value),
            Mapper::Camera(mbc) => mbc.write_memory(addr, value, &mut self.ram),
            _ => false,
        };
        self.ram_generation = self.ram_generation.wrapping_add(is_changed as u64);
    }

    pub(super) fn catch_up_device(&mut self, dots: u64) {
        match &mut self.mapper {
            Mapper::Mbc7(mbc) => mbc.catch_up(dots),
            Mapper::Huc3(mbc) => mbc.clock.catch_up(dots),
            Mapper::Camera(mbc) => {
                let is_changed = mbc.catch_up(dots, &mut self.ram);
                self.ram_generation = self.ram_generation.wrapping_add(is_changed as u64);
            }
            _ => {}
        }
    }
}

impl Mapper {
    /// Clocks have a battery, and what the host has set stays set.
    pub(super) fn keep_running(&mut self, mut old: Self) {
        if let (Some(new), Some(old)) = (self.clock_mut(), old.clock_mut()) {
            old.restart_dots();
            Rtc::clone_from(new, old);
        }
        match (self, &mut old) {
            (Self::Huc3(new), Self::Huc3(old)) => {
                old.clock.restart_dots();
                new.clock.clone_from(&old.clock);
            }
            (Self::Mbc7(new), Self::Mbc7(old)) => new.adopt_host(old),
            (Self::Camera(new), Self::Camera(old)) => new.adopt_host(old),
            _ => {}
        }
    }
}
