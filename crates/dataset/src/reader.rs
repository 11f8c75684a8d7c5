use std::fmt;
use std::io::{self, Read};

use flate2::read::ZlibDecoder;

use crate::error::Error;
use crate::record::{HEAD, Head, MAX_PAYLOAD};
use crate::sample::{LARGEST, Sample};
use crate::session::Session;

/// Reads a session sample by sample, with memory for one sample only.
///
/// [`next_sample`](Self::next_sample) reports all damage; [`next_intact`](Self::next_intact)
/// passes over it and counts it. Both can be mixed. Hand in something buffered.
pub struct Reader<R: Read> {
    input: R,
    session: Session,
    samples: u64,
    damage: Damage,
    place: Place,
}

/// What was wrong with a session, as far as it has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Damaged samples. Several in a row whose heads are lost count as one until the end record
    /// tells their number.
    pub samples: u64,
    /// Whether the end is missing, as after a crash.
    pub cut_off: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    AtRecord,
    Lost,
    Ended,
}

impl<R: Read> Reader<R> {
    /// Opens a session and reads its header.
    ///
    /// # Errors
    /// Where this is no session, one of another version, or its header is damaged.
    pub fn new(mut input: R) -> Result<Self, Error> {
        let session = Session::read(&mut input)?;
        Ok(Self { input, session, samples: 0, damage: Damage::default(), place: Place::AtRecord })
    }

    /// What was played.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The damage met so far.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// The next sample; `Ok(None)` once, and after, the end record was met.
    ///
    /// # Errors
    /// [`Error::Sample`] where the sample is damaged: the next call goes on with the one after
    /// it. [`Error::CutOff`] and [`Error::Count`] come once at the end, in place of `Ok(None)`.
    pub fn next_sample(&mut self) -> Result<Option<Sample>, Error> {
        let head = match self.place {
            Place::Ended => return Ok(None),
            Place::AtRecord => self.read_head()?,
            Place::Lost => self.search_head()?,
        };
        match head {
            Head::Sample { frame, length, checksum } => {
                self.samples += 1;
                self.read_payload(frame, length, checksum).map(Some)
            }
            Head::End { samples } => self.end(samples),
        }
    }

    /// The next sample that is intact; `Ok(None)` at the end, proper or not.
    ///
    /// # Errors
    /// Only where the input itself fails.
    pub fn next_intact(&mut self) -> Result<Option<Sample>, Error> {
        loop {
            match self.next_sample() {
                Err(Error::Io(error)) => return Err(Error::Io(error)),
                Err(_) => {}
                sample => return sample,
            }
        }
    }

    fn read_head(&mut self) -> Result<Head, Error> {
        let mut bytes = [0; HEAD];
        let length = read_up_to(&mut self.input, &mut bytes)?;
        if length < HEAD {
            return Err(self.cut_off());
        }
        Head::parse(&bytes).ok_or_else(|| {
            self.place = Place::Lost;
            self.samples += 1;
            self.damaged("its head is not readable")
        })
    }

    /// Finds the next head anywhere in the rest of the input.
    fn search_head(&mut self) -> Result<Head, Error> {
        let mut window = [0; HEAD];
        loop {
            window.rotate_left(1);
            if read_up_to(&mut self.input, &mut window[HEAD - 1..])? == 0 {
                return Err(self.cut_off());
            }
            if let Some(head) = Head::parse(&window) {
                self.place = Place::AtRecord;
                return Ok(head);
            }
        }
    }

    fn read_payload(&mut self, frame: u64, length: u32, checksum: u32) -> Result<Sample, Error> {
        if length > MAX_PAYLOAD {
            self.place = Place::Lost;
            return Err(self.damaged("its length is impossible"));
        }
        let mut payload = vec![0; length as usize];
        if read_up_to(&mut self.input, &mut payload)? < payload.len() {
            self.samples -= 1;
            return Err(self.cut_off());
        }
        if crc32fast::hash(&payload) != checksum {
            return Err(self.damaged("the checksum differs"));
        }
        unpack(&payload)
            .and_then(|raw| Sample::parse(frame, &raw))
            .map_err(|reason| self.damaged(reason))
    }

    fn end(&mut self, counted: u64) -> Result<Option<Sample>, Error> {
        self.place = Place::Ended;
        let found = self.samples;
        if found == counted {
            return Ok(None);
        }
        self.damage.samples += counted.saturating_sub(found);
        Err(Error::Count { found, counted })
    }

    fn damaged(&mut self, reason: &'static str) -> Error {
        self.damage.samples += 1;
        Error::Sample { sample: self.samples - 1, reason }
    }

    fn cut_off(&mut self) -> Error {
        self.place = Place::Ended;
        self.damage.cut_off = true;
        Error::CutOff { samples: self.samples }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Sample, Error>;

    /// As [`Reader::next_sample`]. An input that fails ends the iteration.
    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_sample();
        if matches!(next, Err(Error::Io(_))) {
            self.place = Place::Ended;
        }
        next.transpose()
    }
}

impl<R: Read> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("session", &self.session)
            .field("samples", &self.samples)
            .field("damage", &self.damage)
            .finish_non_exhaustive()
    }
}

fn unpack(payload: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut raw = Vec::with_capacity(LARGEST + 1);
    // One byte more than a sample can have is enough to notice a stream that swells.
    ZlibDecoder::new(payload)
        .take(LARGEST as u64 + 1)
        .read_to_end(&mut raw)
        .map_err(|_| "it cannot be decompressed")?;
    Ok(raw)
}

/// Fills `buffer` as far as the input goes and returns how far that was.
fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
