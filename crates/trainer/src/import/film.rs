//! Films, by the program ffmpeg.

use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use super::shrink::shrink;
use super::{Error, Picture};

/// Frames may be as large as a screen of 8K.
const MAX_SIDE: usize = 8192;
/// What ffmpeg says may be this long; what follows is not of interest.
const MAX_MESSAGE: u64 = 16_384;

/// Why a film could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilmError {
    /// There is no ffmpeg.
    #[error(
        "films are read by the program ffmpeg, which is not on the PATH: install it, \
         or give a folder of pictures"
    )]
    NoFfmpeg,
    /// The program cannot be started or read from.
    #[error("ffmpeg: {0}")]
    Io(#[from] io::Error),
    /// It gave up.
    #[error("ffmpeg cannot read it: {0}")]
    Failed(String),
    /// It gave something else than pictures.
    #[error("ffmpeg gave no picture that can be read")]
    Output,
}

/// Reads every n-th frame of a film.
#[derive(Debug)]
pub struct Film {
    path: PathBuf,
    every: u64,
    taken: u64,
    child: Child,
    output: BufReader<ChildStdout>,
    messages: Option<JoinHandle<String>>,
    is_over: bool,
}

impl Film {
    /// Starts the program.
    pub fn open(path: &Path, every: u32) -> Result<Self, Error> {
        Self::start(path, every).map_err(|source| Error::Film { path: path.to_path_buf(), source })
    }

    fn start(path: &Path, every: u32) -> Result<Self, FilmError> {
        let mut child = command(path, every).spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FilmError::NoFfmpeg,
            _ => error.into(),
        })?;
        let output = child.stdout.take().ok_or(FilmError::Output)?;
        let messages = child.stderr.take().ok_or(FilmError::Output)?;
        Ok(Self {
            path: path.to_path_buf(),
            every: every as u64,
            taken: 0,
            child,
            output: BufReader::with_capacity(1 << 20, output),
            // Unread, they would stop the program once the pipe is full.
            messages: Some(thread::spawn(move || last_line(messages))),
            is_over: false,
        })
    }

    fn read(&mut self) -> Result<Option<Picture>, Error> {
        let film = |source| Error::Film { path: self.path.clone(), source };
        let Some([width, height]) = read_head(&mut self.output).map_err(film)? else {
            return self.conclude();
        };
        let mut rgb = vec![0; width * height * 3];
        self.output.read_exact(&mut rgb).map_err(|error| film(error.into()))?;
        let number = self.taken * self.every;
        self.taken += 1;
        let colors = shrink(&rgb, width, height).map_err(|source| {
            let name = format!("{}, frame {number}", self.path.display());
            Error::Size { name, source }
        })?;
        Ok(Some(Picture { number, colors }))
    }

    fn conclude(&mut self) -> Result<Option<Picture>, Error> {
        let film = |source| Error::Film { path: self.path.clone(), source };
        let status = self.child.wait().map_err(|error| film(error.into()))?;
        let message = self.messages.take().and_then(|thread| thread.join().ok());
        let message = message.unwrap_or_default();
        // A damaged end costs the frames there, not those before.
        if self.taken == 0 {
            return Err(film(FilmError::Failed(if message.is_empty() {
                "it has no frame".to_owned()
            } else {
                message
            })));
        }
        if !status.success() || !message.is_empty() {
            log::warn!("{}: ffmpeg: {message}", self.path.display());
        }
        Ok(None)
    }
}

impl Iterator for Film {
    type Item = Result<Picture, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.read().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        // It has ended as a rule, and then neither can do harm.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every n-th frame of the first video stream, as PPM pictures one after the other.
///
/// The time stamps are made anew: without that ffmpeg would fill the gaps with copies.
fn command(path: &Path, every: u32) -> Command {
    // Without it a file called `http:` something would be fetched.
    let mut input = OsString::from("file:");
    input.push(path);
    let filter = format!("select=not(mod(n\\,{every})),setpts=N/FRAME_RATE/TB");
    let mut command = Command::new("ffmpeg");
    command
        .args(["-v", "error", "-nostdin", "-protocol_whitelist", "file", "-i"])
        .arg(input)
        .args(["-map", "0:v:0", "-vf", &filter])
        .args(["-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The size of the next picture; `None` at the end.
fn read_head(output: &mut impl io::BufRead) -> Result<Option<[usize; 2]>, FilmError> {
    if output.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut magic = [0; 2];
    output.read_exact(&mut magic)?;
    let numbers = [read_number(output)?, read_number(output)?, read_number(output)?];
    match (magic, numbers) {
        ([b'P', b'6'], [width, height, 255]) if width.max(height) <= MAX_SIDE => {
            Ok(Some([width, height]))
        }
        _ => Err(FilmError::Output),
    }
}

/// A decimal number between single white spaces, the latter of which is taken too.
fn read_number(output: &mut impl Read) -> Result<usize, FilmError> {
    let (mut number, mut digits) = (0usize, 0);
    for _ in 0..16 {
        let mut byte = [0];
        output.read_exact(&mut byte)?;
        match byte[0] {
            digit @ b'0'..=b'9' => {
                number = number.saturating_mul(10).saturating_add((digit - b'0') as usize);
                digits += 1;
            }
            space if space.is_ascii_whitespace() && digits == 0 => {}
            space if space.is_ascii_whitespace() => return Ok(number),
            _ => break,
        }
    }
    Err(FilmError::Output)
}

fn last_line(messages: ChildStderr) -> String {
    let mut text = Vec::new();
    let mut messages = messages.take(MAX_MESSAGE);
    let _ = messages.read_to_end(&mut text);
    let _ = io::copy(&mut messages.into_inner(), &mut io::sink());
    let text = String::from_utf8_lossy(&text);
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_up_to_the_first_pixel() {
        let mut stream = &b"P6\n320 288\n255\nabc"[..];
        assert_eq!(read_head(&mut stream).expect("a head"), Some([320, 288]));
        assert_eq!(stream, b"abc");
        assert!(read_head(&mut &b""[..]).expect("the end").is_none());
        for wrong in ["P5\n1 1\n255\n", "P6\n1 1\n65535\n", "P6\n99999 1\n255\n", "P6 1", "P6 1 x"]
        {
            assert!(read_head(&mut wrong.as_bytes()).is_err(), "{wrong:?}");
        }
    }
}
