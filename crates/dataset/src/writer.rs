use std::fmt;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::error::Error;
use crate::record::Head;
use crate::sample::Sample;
use crate::session::Session;

/// Writes a session sample by sample.
///
/// Each sample is handed to the output in one piece and flushed: after a crash the file can be
/// read up to the last complete one.
pub struct Writer<W: Write> {
    output: W,
    samples: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a session: the header is written at once.
    ///
    /// # Errors
    /// Where the header is too long or the output fails.
    pub fn new(mut output: W, session: &Session) -> Result<Self, Error> {
        output.write_all(&session.to_bytes()?)?;
        output.flush()?;
        Ok(Self { output, samples: 0 })
    }

    /// Appends a sample.
    ///
    /// # Errors
    /// Where a value is out of its plane's range or the output fails.
    pub fn write(&mut self, sample: &Sample) -> Result<(), Error> {
        if let Some(reason) = sample.fault() {
            return Err(Error::Unstorable { frame: sample.frame, reason });
        }
        let payload = compress(&sample.to_bytes())?;
        let head = Head::Sample {
            frame: sample.frame,
            length: payload.len() as u32,
            checksum: crc32fast::hash(&payload),
        };
        self.output.write_all(&[&head.to_bytes(), &payload[..]].concat())?;
        self.output.flush()?;
        self.samples += 1;
        Ok(())
    }

    /// How many samples were written.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Writes the end record and returns the output.
    ///
    /// # Errors
    /// Where the output fails.
    pub fn finish(mut self) -> Result<W, Error> {
        self.output.write_all(&Head::End { samples: self.samples }.to_bytes())?;
        self.output.flush()?;
        Ok(self.output)
    }
}

impl<W: Write> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("samples", &self.samples).finish_non_exhaustive()
    }
}

fn compress(raw: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(raw)?;
    Ok(encoder.finish()?)
}
