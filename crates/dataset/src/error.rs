use std::io;

use thiserror::Error;

/// Why a session could not be written or read.
///
/// Samples are counted from 0 in the order of the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file below could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file does not begin as sessions do.
    #[error("not a captured session: the magic bytes are missing")]
    NotASession,
    /// The file was written by another version of this program.
    #[error("session format version {found}, only versions {oldest} to {newest} are known")]
    Version {
        /// The version in the file.
        found: u16,
        /// The oldest version that this crate reads.
        oldest: u16,
        /// The newest version that this crate reads, and the one that it writes.
        newest: u16,
    },
    /// The header is cut off, fails its checksum or holds impossible values.
    #[error("the session header is damaged: {0}")]
    Header(&'static str),
    /// A name or source is longer than a header can hold.
    #[error("the session header would take {0} bytes, at most {max} fit", max = crate::session::MAX_HEADER)]
    HeaderTooLong(usize),
    /// A sample is damaged. Reading on continues with the next one.
    #[error("sample {sample} is damaged: {reason}")]
    Sample {
        /// The sample's place in the file.
        sample: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file ends before its end record, as it does after a crash.
    #[error("the session is cut off after {samples} samples")]
    CutOff {
        /// How many samples came before.
        samples: u64,
    },
    /// The end record counts other samples than the file has.
    #[error("the session ends with {found} samples, {counted} were written")]
    Count {
        /// Samples met while reading, damaged ones included.
        found: u64,
        /// Samples that the end record names.
        counted: u64,
    },
    /// A sample holds a value that the format cannot express.
    #[error("frame {frame} cannot be stored: {reason}")]
    Unstorable {
        /// The frame number of the sample.
        frame: u64,
        /// Which plane is out of range.
        reason: &'static str,
    },
}
