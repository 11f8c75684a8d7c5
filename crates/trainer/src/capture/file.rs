//! The file of a session.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use dataset::{Sample, Session, Writer};

use super::Error;

/// A session file that comes into being with its first sample.
pub struct SessionFile {
    path: PathBuf,
    session: Session,
    writer: Option<Writer<BufWriter<File>>>,
}

impl SessionFile {
    pub fn new(path: PathBuf, session: Session) -> Self {
        Self { path, session, writer: None }
    }

    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&mut self, sample: &Sample) -> Result<(), Error> {
        let result = match &mut self.writer {
            Some(writer) => writer.write(sample),
            None => self.begin(sample),
        };
        result.map_err(|source| Error::Write { path: self.path.clone(), source })
    }

    fn begin(&mut self, sample: &Sample) -> Result<(), dataset::Error> {
        let file = BufWriter::new(File::create(&self.path)?);
        self.writer.insert(Writer::new(file, &self.session)?).write(sample)
    }

    /// The file's path, where there was a sample.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn finish(self) -> Result<Option<PathBuf>, Error> {
        let Some(writer) = self.writer else { return Ok(None) };
        match writer.finish() {
            Ok(_) => Ok(Some(self.path)),
            Err(source) => Err(Error::Write { path: self.path, source }),
        }
    }
}
