//! How exactly the CPU computes.

use std::fmt;
use std::str::FromStr;

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// `F32`: the others move the colors of some games by a mean squared error of more than 1e-5.
    #[default]
    Auto,
    /// 32-bit floating point.
    F32,
    /// Weights and values of 16 bits, with the exponents of `F32` and fewer digits; sums are
    /// `F32`. Fast on processors with AMX only.
    ///
    /// With this project's weights of V1, frames of 35 of 37 games differ from `F32` by a mean
    /// squared error of 4e-6 or less in a*/128 and b*/128, those of the other two by 2e-5.
    Bf16,
    /// Weights and values of 8 bits, where sums stay exact. Only between convolutions whose values
    /// are never negative; what is left is as in `F32`. Fast on processors with AVX-512 VNNI or
    /// AMX only.
    ///
    /// With this project's weights of V1, frames of 10 of 37 games differ from `F32` by a mean
    /// squared error of 1e-5 or less in a*/128 and b*/128, those of most by 1e-4, of some by 2e-3.
    Int8,
}

/// There is no such precision.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown precision {0:?}: choose auto, f32, bf16 or int8")]
pub struct Error(String);

impl Precision {
    /// Those that are not chosen by the program itself, the most exact first.
    pub const NAMED: [Self; 3] = [Self::F32, Self::Bf16, Self::Int8];
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            "int8" => Ok(Self::Int8),
            _ => Err(Error(name.to_string())),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for precision in Precision::NAMED.into_iter().chain([Precision::Auto]) {
            assert_eq!(precision.to_string().parse(), Ok(precision));
        }
        let error = "int4".parse::<Precision>().expect_err("no such precision");
        assert_eq!(error.to_string(), "unknown precision \"int4\": choose auto, f32, bf16 or int8");
    }
}
