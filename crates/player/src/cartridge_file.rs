//! Games from files.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use gameboy::Cartridge;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::embedded;

/// The largest file that can be a game or a zip of one: twice the largest ROM.
const LARGEST_FILE: u64 = 16 << 20;
const ZIP_MAGIC: &[u8] = b"PK";

/// A game and where it came from.
#[derive(Debug)]
pub struct CartridgeFile {
    pub cartridge: Cartridge,
    pub origin: Origin,
}

/// Where a game came from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// What to call the game: the file's name without its extension.
    pub name: String,
    /// The file; `None` for the built-in demo.
    pub path: Option<PathBuf>,
}

impl CartridgeFile {
    /// The demo that the program carries inside.
    ///
    /// # Errors
    /// Where the built-in ROM is no cartridge.
    pub fn demo() -> Result<Self> {
        let cartridge = Cartridge::from_bytes(embedded::DEMO_ROM).context("the built-in demo")?;
        let origin = Origin { name: embedded::DEMO_NAME.to_owned(), path: None };
        Ok(Self { cartridge, origin })
    }

    /// Opens a ROM, or a zip that holds one.
    ///
    /// # Errors
    /// In one line, what is wrong with the file.
    pub fn open(path: &Path) -> Result<Self> {
        Self::from_bytes(path, read(path)?)
    }

    /// As [`open`](Self::open), of bytes read already.
    ///
    /// # Errors
    /// In one line, what is wrong with the bytes.
    pub fn from_bytes(path: &Path, bytes: Vec<u8>) -> Result<Self> {
        let shown = path.display();
        let rom = if bytes.starts_with(ZIP_MAGIC) {
            unzip(bytes).with_context(|| shown.to_string())?
        } else {
            bytes
        };
        let cartridge = Cartridge::from_bytes(rom).with_context(|| shown.to_string())?;
        if !cartridge.header().checksum_is_valid() {
            log::warn!("{shown}: the header checksum is wrong; a real console would not start it");
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { cartridge, origin: Origin { name, path: Some(path.to_owned()) } })
    }
}

/// The bytes of a file, with errors that name it.
///
/// # Errors
/// If it cannot be read, is no file, is empty, or far too large.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let about = fs::metadata(path).with_context(|| format!("cannot open {shown}"))?;
    if about.is_dir() {
        bail!("{shown} is a directory; give the file of a game");
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {shown}"))?;
    match bytes.len() as u64 {
        0 => bail!("{shown} is empty"),
        size if size > LARGEST_FILE => bail!("{shown} is too large: more than 16 MiB"),
        _ => Ok(bytes),
    }
}

fn unzip(bytes: Vec<u8>) -> Result<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let index = (0..archive.len())
        .find(|&index| {
            archive.name_for_index(index).and_then(Result::ok).is_some_and(|name| is_rom(&name))
        })
        .ok_or_else(|| anyhow!("the zip holds no .gb or .gbc file"))?;
    let file = archive.by_index(index).map_err(damaged)?;
    let mut rom = Vec::new();
    file.take(LARGEST_FILE + 1)
        .read_to_end(&mut rom)
        .map_err(|err| anyhow!("the zip is damaged: {err}"))?;
    Ok(rom)
}

fn is_rom(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| {
        ["gb", "gbc", "cgb", "sgb"].iter().any(|k| kind.eq_ignore_ascii_case(k))
    })
}

fn damaged(err: ZipError) -> anyhow::Error {
    match err {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            anyhow!("the zip is encrypted; unpack it first")
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            anyhow!(
                "the zip is packed in a way this program does not know ({err}); unpack it first"
            )
        }
        err => anyhow!("the zip is damaged: {err}"),
    }
}
