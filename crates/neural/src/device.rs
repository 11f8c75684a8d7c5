//! Where the network runs.

use std::fmt;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

use candle_core::Device;

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// CUDA, else Metal, else the CPU.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The first NVIDIA card.
    Cuda,
    /// The first Apple GPU.
    Metal,
}

/// Why there is no such device.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No device has this name.
    #[error("unknown device {0:?}: choose auto, cpu, cuda or metal")]
    Unknown(String),
    /// The program was built without the feature.
    #[error("this build has no {name} support: build it with `--features {feature}`")]
    NotBuilt {
        /// The device asked for.
        name: &'static str,
        /// The cargo feature that was missing.
        feature: &'static str,
    },
    /// The device does not answer.
    #[error("no usable {name} device: {reason}")]
    Unusable {
        /// The device asked for.
        name: &'static str,
        /// What the driver said, in one line.
        reason: String,
    },
}

impl DeviceChoice {
    /// Opens the device. `Auto` always finds one.
    ///
    /// # Errors
    /// If it was asked for by name and is not there.
    pub fn open(self) -> Result<Device, Error> {
        match self {
            DeviceChoice::Auto => Ok(best()),
            DeviceChoice::Cpu => Ok(Device::Cpu),
            DeviceChoice::Cuda => open_cuda(),
            DeviceChoice::Metal => open_metal(),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "auto" => Ok(DeviceChoice::Auto),
            "cpu" => Ok(DeviceChoice::Cpu),
            "cuda" => Ok(DeviceChoice::Cuda),
            "metal" => Ok(DeviceChoice::Metal),
            _ => Err(Error::Unknown(name.to_string())),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DeviceChoice::Auto => "auto",
            DeviceChoice::Cpu => "cpu",
            DeviceChoice::Cuda => "cuda",
            DeviceChoice::Metal => "metal",
        })
    }
}

/// The device in a word or two, for a title bar.
pub fn describe(device: &Device) -> &'static str {
    match device {
        Device::Cpu => "CPU",
        Device::Cuda(_) => "CUDA",
        Device::Metal(_) => "Metal",
    }
}

fn best() -> Device {
    let mut reasons = Vec::new();
    for open in [open_cuda, open_metal] {
        match open() {
            Ok(device) => return device,
            Err(Error::NotBuilt { .. }) => {}
            Err(error) => reasons.push(error.to_string()),
        }
    }
    if !reasons.is_empty() {
        log::warn!("{}; the network runs on the CPU", reasons.join(", "));
    }
    Device::Cpu
}

fn open_cuda() -> Result<Device, Error> {
    if !cfg!(feature = "cuda") {
        return Err(Error::NotBuilt { name: "CUDA", feature: "cuda" });
    }
    open("CUDA", || Device::new_cuda(0))
}

fn open_metal() -> Result<Device, Error> {
    if !cfg!(feature = "metal") {
        return Err(Error::NotBuilt { name: "Metal", feature: "metal" });
    }
    open("Metal", || Device::new_metal(0))
}

/// Opens a device whose library may panic where it is missing.
fn open(
    name: &'static str,
    open: impl FnOnce() -> candle_core::Result<Device>,
) -> Result<Device, Error> {
    let reason = match quietly(|| catch_unwind(AssertUnwindSafe(open))) {
        Ok(Ok(device)) => return Ok(device),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "its driver is missing".to_string(),
    };
    let reason = reason.lines().next().unwrap_or_default().to_string();
    Err(Error::Unusable { name, reason })
}

/// Does without the report of a panic, which would be many lines where one says it all. Another
/// thread's panic in this moment would go unreported too, but not unnoticed: it unwinds as ever.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = work();
    panic::set_hook(hook);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        use DeviceChoice::{Auto, Cpu, Cuda, Metal};
        for choice in [Auto, Cpu, Cuda, Metal] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        let error = "tpu".parse::<DeviceChoice>().expect_err("no such device");
        assert_eq!(error.to_string(), "unknown device \"tpu\": choose auto, cpu, cuda or metal");
    }

    #[test]
    fn the_cpu_is_always_there() {
        assert!(DeviceChoice::Cpu.open().expect("the CPU").is_cpu());
        DeviceChoice::Auto.open().expect("some device");
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_missing_feature_is_named() {
        let error = DeviceChoice::Cuda.open().expect_err("built without it");
        let message = "this build has no CUDA support: build it with `--features cuda`";
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_panicking_driver_is_an_error() {
        let error = open("Metal", || panic!("no device")).expect_err("it panicked");
        assert_eq!(error.to_string(), "no usable Metal device: its driver is missing");
    }
}
