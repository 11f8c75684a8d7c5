//! The file of a session.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::PathBuf;

use dataset::{Sample, Session, Writer};

use super::Error;

/// A session file that comes into being whole, with its first sample or later.
///
/// It is written beside its place and takes it when it is finished, so that what was there before
/// survives whatever goes wrong.
pub struct SessionFile {
    path: PathBuf,
    session: Session,
    writer: Option<Writer<BufWriter<File>>>,
    is_begun: bool,
}

impl SessionFile {
    pub fn new(path: PathBuf, session: Session) -> Self {
        Self { path, session, writer: None, is_begun: false }
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
        let file = BufWriter::new(File::create(self.unfinished())?);
        self.is_begun = true;
        self.writer.insert(Writer::new(file, &self.session)?).write(sample)
    }

    /// The file's path, where there was a sample.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn finish(mut self) -> Result<Option<PathBuf>, Error> {
        let Some(writer) = self.writer.take() else { return Ok(None) };
        let finish = || -> Result<(), dataset::Error> {
            let file = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            fs::rename(self.unfinished(), &self.path)?;
            Ok(())
        };
        finish().map_err(|source| Error::Write { path: self.path.clone(), source })?;
        self.is_begun = false;
        Ok(Some(self.path.clone()))
    }

    fn unfinished(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        name.into()
    }
}

impl Drop for SessionFile {
    /// Removes what was not finished.
    fn drop(&mut self) {
        if self.is_begun {
            // Where it stays, it does no harm.
            let _ = fs::remove_file(self.unfinished());
        }
    }
}
