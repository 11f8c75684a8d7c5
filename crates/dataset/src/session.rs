//! The header of a file.

use std::io::Read;

use gameboy::Model;

use crate::error::Error;

const MAGIC: [u8; 8] = *b"\x89CBDS\r\n\x1a";
const VERSION: u16 = 3;
const OLDEST: u16 = 1;
const PREFIX: usize = 14;
const FIXED: usize = 1 + 8 + 32;
pub const MAX_HEADER: usize = 4096;

/// What was played, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// A name that tells games apart, such as the file's name without its extension.
    pub game: String,
    /// The title in the cartridge's header.
    pub title: String,
    /// SHA-256 of the cartridge; of imported frames, of the colors of all that were looked at.
    pub sha256: [u8; 32],
    /// The console that drew the frames, [`Model::Cgb`] where that is not known.
    pub model: Model,
    /// The seed of the input schedule; 0 where the source is something else.
    pub seed: u64,
    /// Where the frames came from, in words.
    pub source: String,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            game: String::new(),
            title: String::new(),
            sha256: [0; 32],
            model: Model::Cgb,
            seed: 0,
            source: String::new(),
        }
    }
}

impl Session {
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let strings = [&self.game, &self.title, &self.source];
        let length = FIXED + strings.iter().map(|string| 2 + string.len()).sum::<usize>();
        if length > MAX_HEADER {
            return Err(Error::HeaderTooLong(length));
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend((length as u32).to_le_bytes());
        bytes.push(self.model.is_cgb() as u8);
        bytes.extend(self.seed.to_le_bytes());
        bytes.extend(self.sha256);
        for string in strings {
            bytes.extend((string.len() as u16).to_le_bytes());
            bytes.extend(string.as_bytes());
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        Ok(bytes)
    }

    pub(crate) fn read(input: &mut impl Read) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(PREFIX + MAX_HEADER + 4);
        input.take(PREFIX as u64).read_to_end(&mut bytes)?;
        let length = body_length(&bytes)?;
        input.take(length as u64 + 4).read_to_end(&mut bytes)?;
        let (covered, checksum) =
            bytes.split_at_checked(PREFIX + length).ok_or(Error::Header("it is cut off"))?;
        if checksum.len() < 4 {
            return Err(Error::Header("it is cut off"));
        }
        if checksum != crc32fast::hash(covered).to_le_bytes() {
            return Err(Error::Header("the checksum differs"));
        }
        Self::parse(&covered[PREFIX..]).ok_or(Error::Header("a field is out of range"))
    }

    fn parse(mut body: &[u8]) -> Option<Self> {
        let model = match body.split_off_first()? {
            0 => Model::Dmg,
            1 => Model::Cgb,
            _ => return None,
        };
        let seed = u64::from_le_bytes(body.split_off(..8)?.try_into().ok()?);
        let sha256 = body.split_off(..32)?.try_into().ok()?;
        let mut string = || {
            let length = u16::from_le_bytes(body.split_off(..2)?.try_into().ok()?);
            String::from_utf8(body.split_off(..length as usize)?.to_vec()).ok()
        };
        let session =
            Self { game: string()?, title: string()?, sha256, model, seed, source: string()? };
        body.is_empty().then_some(session)
    }
}

/// The length of the header's body, as its first 14 bytes give it.
fn body_length(prefix: &[u8]) -> Result<usize, Error> {
    if !prefix.starts_with(&MAGIC) {
        return Err(Error::NotASession);
    }
    let &[.., v0, v1, a, b, c, d] = prefix else { return Err(Error::Header("it is cut off")) };
    if prefix.len() < PREFIX {
        return Err(Error::Header("it is cut off"));
    }
    let found = u16::from_le_bytes([v0, v1]);
    if !(OLDEST..=VERSION).contains(&found) {
        return Err(Error::Version { found, oldest: OLDEST, newest: VERSION });
    }
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > MAX_HEADER {
        return Err(Error::Header("its length is impossible"));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session {
            game: "gebäck".into(),
            title: "GEBACK".into(),
            sha256: [7; 32],
            model: Model::Dmg,
            seed: u64::MAX,
            source: "by hand".into(),
        }
    }

    #[test]
    fn a_header_survives_the_round_trip() {
        let bytes = session().to_bytes().expect("short strings");
        assert_eq!(Session::read(&mut &bytes[..]).expect("intact"), session());
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_noticed() {
        let bytes = session().to_bytes().expect("short strings");
        for end in 0..bytes.len() {
            assert!(Session::read(&mut &bytes[..end]).is_err(), "cut at {end}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(Session::read(&mut &damaged[..]).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_hostile_length_is_refused_before_it_is_read() {
        let mut bytes = session().to_bytes().expect("short strings");
        bytes[10..14].copy_from_slice(&u32::MAX.to_le_bytes());
        let error = Session::read(&mut bytes.chain(std::io::repeat(0))).expect_err("too long");
        assert_eq!(error.to_string(), "the session header is damaged: its length is impossible");
    }

    #[test]
    fn another_version_is_named() {
        let mut bytes = session().to_bytes().expect("short strings");
        bytes[8] = 9;
        let error = Session::read(&mut &bytes[..]).expect_err("version 9");
        assert_eq!(error.to_string(), "session format version 9, only versions 1 to 3 are known");
    }

    #[test]
    fn overlong_strings_are_refused() {
        let long = Session { source: "x".repeat(5000), ..session() };
        assert!(matches!(long.to_bytes(), Err(Error::HeaderTooLong(5060))));
    }
}
