//! Films that somebody else made, read through the program ffmpeg.

use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

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
        "films are read by the program ffmpeg, which is not on the PATH: install it, or give pictures"
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

/// Which frames of a film are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// Every n-th that there is, from 1.
    Every(u32),
    /// Those that are shown so many times a second, `[numerator, denominator]`, and of these every
    /// n-th: where the film has more, some are left out, where it has fewer, some come again.
    Rate([u32; 2], u32),
}

/// A picture of a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green and blue, row by row.
    pub rgb: Vec<u8>,
}

/// The pictures of a film's first video stream.
///
/// A damaged end is told in the log; what comes before it is given.
#[derive(Debug)]
pub struct Footage {
    program: Ffmpeg,
    taken: u64,
    is_over: bool,
}

impl Footage {
    /// Starts the program.
    ///
    /// # Errors
    /// If it is not there. What is wrong with the film comes as its first picture.
    pub fn open(path: &Path, take: Take) -> Result<Self, FilmError> {
        // The time stamps are made anew where none is to be filled in: without that ffmpeg would fill
        // the gaps with copies.
        let filter = match take {
            Take::Every(every) => format!("select=not(mod(n\\,{every})),setpts=N/FRAME_RATE/TB"),
            Take::Rate([frames, seconds], every) => format!(
                "fps={frames}/{seconds}:start_time=0,select=not(mod(n\\,{every})),\
                 setpts=N/({frames}/{seconds})/TB"
            ),
        };
        let picture = ["-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24"];
        let args = [&["-map", "0:v:0", "-vf", &filter][..], &picture].concat();
        Ok(Self { program: Ffmpeg::start(path, &args)?, taken: 0, is_over: false })
    }

    fn read(&mut self) -> Result<Option<Picture>, FilmError> {
        let Some([width, height]) = read_head(&mut self.program.output)? else {
            return self.conclude();
        };
        let mut rgb = vec![0; width * height * 3];
        self.program.output.read_exact(&mut rgb)?;
        self.taken += 1;
        Ok(Some(Picture { width, height, rgb }))
    }

    fn conclude(&mut self) -> Result<Option<Picture>, FilmError> {
        let message = self.program.end()?;
        match (self.taken, message) {
            (0, None) => Err(FilmError::Failed("it has no frame".to_owned())),
            (0, Some(message)) => Err(FilmError::Failed(message)),
            (_, Some(message)) => {
                log::warn!("ffmpeg: {message}");
                Ok(None)
            }
            (_, None) => Ok(None),
        }
    }
}

impl Iterator for Footage {
    type Item = Result<Picture, FilmError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.read().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The sound of a film's first audio stream; silence where there is none, and after its end.
#[derive(Debug)]
pub struct FilmSound {
    program: Ffmpeg,
    is_over: bool,
}

impl FilmSound {
    /// Starts the program, which gives so many pairs a second.
    ///
    /// # Errors
    /// If it is not there.
    pub fn open(path: &Path, rate: u32) -> Result<Self, FilmError> {
        let rate = rate.to_string();
        // Sound that begins after the picture has silence before it.
        let args = ["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ac", "2"];
        let args = [&args[..], &["-ar", &rate, "-f", "f32le"]].concat();
        Ok(Self { program: Ffmpeg::start(path, &args)?, is_over: false })
    }

    /// The next pairs of samples, each -1 to 1.
    pub fn take(&mut self, pairs: usize) -> Vec<[f32; 2]> {
        let mut bytes = vec![0; pairs * 8];
        let mut filled = 0;
        while filled < bytes.len() && !self.is_over {
            match self.program.output.read(&mut bytes[filled..]) {
                Ok(0) | Err(_) => self.is_over = true,
                Ok(more) => filled += more,
            }
        }
        // Half a sample is none.
        bytes[filled / 8 * 8..].fill(0);
        let samples = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
        samples.collect::<Vec<_>>().as_chunks().0.to_vec()
    }
}

/// The program at work.
#[derive(Debug)]
struct Ffmpeg {
    child: Child,
    output: BufReader<ChildStdout>,
    messages: Option<JoinHandle<String>>,
}

impl Ffmpeg {
    fn start(path: &Path, args: &[&str]) -> Result<Self, FilmError> {
        // Without it a file called `http:` something would be fetched.
        let mut input = OsString::from("file:");
        input.push(path);
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-nostdin", "-protocol_whitelist", "file", "-i"])
            .arg(input)
            .args(args)
            .arg("pipe:1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FilmError::NoFfmpeg,
            _ => error.into(),
        })?;
        let output = child.stdout.take().ok_or(FilmError::Output)?;
        let messages = child.stderr.take().ok_or(FilmError::Output)?;
        Ok(Self {
            child,
            output: BufReader::with_capacity(1 << 20, output),
            // Unread, they would stop the program once the pipe is full.
            messages: Some(thread::spawn(move || last_line(messages))),
        })
    }

    /// Waits for its end. What it complained of.
    fn end(&mut self) -> Result<Option<String>, FilmError> {
        let status = self.child.wait()?;
        let message = self.messages.take().and_then(|thread| thread.join().ok());
        let message = message.filter(|message| !message.is_empty());
        Ok(message.or_else(|| (!status.success()).then(|| status.to_string())))
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // It has ended as a rule, and then neither can do harm.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
