//! Which instructions the kernels use.

use std::fmt;
use std::str::FromStr;

use super::{Instructions, Kernel};

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KernelChoice {
    /// The fastest that the processor has.
    #[default]
    Auto,
    /// Safe Rust, on any processor.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512.
    Avx512,
    /// x86-64 with AVX-512, and with AMX for narrow numbers.
    Amx,
    /// 64-bit ARM.
    Neon,
}

/// Why there is no such kernel.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No kernel has this name.
    #[error("unknown kernel {0:?}: choose auto, portable, avx2, avx512, amx or neon")]
    Unknown(String),
    /// The processor lacks the instructions.
    #[error("this processor has no {0} instructions")]
    Missing(KernelChoice),
}

impl KernelChoice {
    /// Those that are not chosen by the program itself, slowest first.
    pub const NAMED: [Self; 5] = [Self::Portable, Self::Neon, Self::Avx2, Self::Avx512, Self::Amx];

    /// Whether the processor has the instructions.
    pub fn is_available(self) -> bool {
        self.kernel().is_ok()
    }

    /// The kernel. `Auto` always finds one.
    ///
    /// # Errors
    /// If it was asked for by name and the processor lacks it.
    pub(crate) fn kernel(self) -> Result<Kernel, Error> {
        if self == Self::Auto {
            let best = Self::NAMED.into_iter().rev().find_map(Self::instructions);
            return Ok(Kernel(best.unwrap_or(Instructions::Portable)));
        }
        self.instructions().map(Kernel).ok_or(Error::Missing(self))
    }

    /// The instructions, if the processor has them.
    fn instructions(self) -> Option<Instructions> {
        match self {
            Self::Auto => None,
            Self::Portable => Some(Instructions::Portable),
            Self::Avx2 => avx2(),
            Self::Avx512 => avx512(),
            Self::Amx => amx(),
            Self::Neon => neon(),
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn avx2() -> Option<Instructions> {
    let there = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    there.then_some(Instructions::Avx2)
}

/// Where a step has no kernel for it, that for AVX2 is used.
#[cfg(target_arch = "x86_64")]
fn avx512() -> Option<Instructions> {
    (is_x86_feature_detected!("avx512f") && avx2().is_some()).then_some(Instructions::Avx512)
}

#[cfg(target_arch = "x86_64")]
fn amx() -> Option<Instructions> {
    (avx512().is_some() && super::amx::is_available()).then_some(Instructions::Amx)
}

#[cfg(not(target_arch = "x86_64"))]
fn avx2() -> Option<Instructions> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
fn avx512() -> Option<Instructions> {
    None
}

#[cfg(not(target_arch = "x86_64"))]
fn amx() -> Option<Instructions> {
    None
}

#[cfg(target_arch = "aarch64")]
fn neon() -> Option<Instructions> {
    std::arch::is_aarch64_feature_detected!("neon").then_some(Instructions::Neon)
}

#[cfg(not(target_arch = "aarch64"))]
fn neon() -> Option<Instructions> {
    None
}

impl FromStr for KernelChoice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "auto" => Ok(Self::Auto),
            "portable" => Ok(Self::Portable),
            "avx2" => Ok(Self::Avx2),
            "avx512" => Ok(Self::Avx512),
            "amx" => Ok(Self::Amx),
            "neon" => Ok(Self::Neon),
            _ => Err(Error::Unknown(name.to_string())),
        }
    }
}

impl fmt::Display for KernelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Amx => "amx",
            Self::Neon => "neon",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for choice in KernelChoice::NAMED.into_iter().chain([KernelChoice::Auto]) {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!("sse".parse::<KernelChoice>().is_err());
    }

    #[test]
    fn a_kernel_of_another_processor_is_named() {
        assert_ne!(KernelChoice::Auto.kernel(), Err(Error::Missing(KernelChoice::Auto)));
        let other =
            if cfg!(target_arch = "x86_64") { KernelChoice::Neon } else { KernelChoice::Avx2 };
        let error = other.kernel().expect_err("another processor's");
        assert_eq!(error.to_string(), format!("this processor has no {other} instructions"));
    }
}
