//! How exactly the CPU computes.

use std::fmt;
use std::str::FromStr;

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// `F32`: the 8 bits move the colors of trained weights by more than a mean squared error of
    /// 1e-5, see [`Int8`](Self::Int8).
    #[default]
    Auto,
    /// 32-bit floating point.
    F32,
    /// Weights and values of 8 bits, where sums stay exact. Only between convolutions whose values
    /// are never negative; what is left is as in `F32`. Fast on processors with AVX-512 VNNI only.
    ///
    /// With this project's weights of V1, most frames of games differ from `F32` by a mean squared
    /// error of 1e-5 or less in a*/128 and b*/128, but some by 1e-3.
    Int8,
}

/// There is no such precision.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown precision {0:?}: choose auto, f32 or int8")]
pub struct Error(String);

impl FromStr for Precision {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::F32),
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
            Self::Int8 => "int8",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for precision in [Precision::Auto, Precision::F32, Precision::Int8] {
            assert_eq!(precision.to_string().parse(), Ok(precision));
        }
        let error = "int4".parse::<Precision>().expect_err("no such precision");
        assert_eq!(error.to_string(), "unknown precision \"int4\": choose auto, f32 or int8");
    }
}
