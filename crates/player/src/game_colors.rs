//! The colors that a player chose for a game, and their file.

mod choices;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use colorizer::cell_color::{Pin, nearest_rgb555};
use colorizer::cells::{CellLayer, Tile};
use colorizer::rgb555_to_srgb;
use gameboy::Cartridge;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use choices::Choices;

use crate::files;

/// The version of the file's format.
const VERSION: u32 = 1;
/// Colors that a game can have at most; more would not be told to a network in time.
pub const MOST: usize = 256;
/// Bytes of a tile, as VRAM has them.
const TILE_BYTES: usize = 16;

/// The colors that were chosen for a game.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GameColors {
    /// The SHA-256 of the ROM, in hexadecimal.
    pub game: String,
    /// The game's title, for people.
    pub title: String,
    /// The colors, in the order in which they were chosen.
    pub chosen: Vec<Chosen>,
}

/// A color that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Of which cell, and which.
    pub pin: Pin,
    /// Whether other files do not change it.
    pub is_locked: bool,
}

/// What becomes of the colors of two files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Colors that are new.
    pub added: usize,
    /// Colors that were there and are others now.
    pub changed: usize,
    /// Colors that were kept, as they are locked.
    pub kept: usize,
}

/// The file, as TOML.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    game: String,
    #[serde(default)]
    title: String,
    #[serde(default, rename = "color")]
    colors: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    layer: Layer,
    /// As VRAM has it, in hexadecimal, but of indices that go from light to dark.
    tile: String,
    index: u8,
    color: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    locked: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Layer {
    Background,
    Window,
    Object,
}

/// The name of a game that its files go by: the SHA-256 of its ROM.
pub fn name_of(cartridge: &Cartridge) -> String {
    let digest = Sha256::digest(cartridge.rom());
    digest.iter().fold(String::new(), |mut name, byte| {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

impl GameColors {
    /// None yet.
    pub fn of(cartridge: &Cartridge) -> Self {
        let title = cartridge.header().title();
        Self { game: name_of(cartridge), title, chosen: Vec::new() }
    }

    /// The file that a game's colors are kept in, where the system has a place for it.
    pub fn path(game: &str) -> Option<PathBuf> {
        Some(files::data_folder("colors")?.join(format!("{game}.colors.toml")))
    }

    /// The colors kept for a game, or none where there are none yet.
    ///
    /// # Errors
    /// If their file is damaged, or another game's.
    pub fn load(cartridge: &Cartridge) -> Result<Self> {
        let empty = Self::of(cartridge);
        let Some(path) = Self::path(&empty.game) else { return Ok(empty) };
        match fs::read_to_string(&path) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(empty),
            Err(err) => Err(err).with_context(|| format!("cannot read {}", path.display())),
            Ok(text) => {
                let colors = Self::parse(&text).with_context(|| path.display().to_string())?;
                colors.check(&empty).with_context(|| path.display().to_string())?;
                Ok(colors)
            }
        }
    }

    /// Reads a file of colors.
    ///
    /// # Errors
    /// If it cannot be read or is none.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        Self::parse(&text).with_context(|| shown.to_string())
    }

    /// Keeps the colors, in place of those kept before.
    ///
    /// # Errors
    /// If there is no place for them, or they cannot be written.
    pub fn store(&self) -> Result<()> {
        let path = Self::path(&self.game).context("the system has no folder for data")?;
        self.write(&path)
    }

    /// Writes the colors to a file.
    ///
    /// # Errors
    /// If it cannot be written; what was there before stays.
    pub fn write(&self, path: &Path) -> Result<()> {
        files::replace(path, self.to_toml()?.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Colors from the text of a file.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|err| in_one_line(text, &err))?;
        if file.version != VERSION {
            let version = file.version;
            bail!("the colors are of version {version}, but only {VERSION} is known");
        }
        if file.colors.len() > MOST {
            bail!("there are {} colors, more than {MOST}", file.colors.len());
        }
        let chosen =
            file.colors.iter().enumerate().map(|(number, entry)| {
                entry.chosen().with_context(|| format!("color {}", number + 1))
            });
        let chosen = chosen.collect::<Result<_>>()?;
        Ok(Self { game: file.game.to_lowercase(), title: file.title, chosen })
    }

    /// The text of a file.
    ///
    /// # Errors
    /// If the title cannot be written in TOML.
    pub fn to_toml(&self) -> Result<String> {
        let colors = self.chosen.iter().map(Entry::of).collect();
        let (game, title) = (self.game.clone(), self.title.clone());
        let file = File { version: VERSION, game, title, colors };
        Ok(format!(
            "# Colors of a game, for Chromaboy. Indices go from light to dark, as the game shows \
             them.\n{}",
            toml::to_string(&file)?
        ))
    }

    /// That these colors are of the same game as others.
    ///
    /// # Errors
    /// If they are not.
    pub fn check(&self, other: &Self) -> Result<()> {
        if self.game == other.game {
            return Ok(());
        }
        let (title, wanted) = (&self.title, &other.title);
        bail!("these are the colors of another game ({title:?}, not {wanted:?})")
    }

    /// Takes over the colors of another file, but for those that are locked here.
    pub fn merge(&mut self, other: &Self) -> Merged {
        let mut merged = Merged::default();
        for &chosen in &other.chosen {
            match self.find(&chosen.pin) {
                Some(at) if self.chosen[at].is_locked => merged.kept += 1,
                Some(at) if self.chosen[at] == chosen => {}
                Some(at) => {
                    self.chosen[at] = chosen;
                    merged.changed += 1;
                }
                None if self.chosen.len() < MOST => {
                    self.chosen.push(chosen);
                    merged.added += 1;
                }
                None => {}
            }
        }
        merged
    }

    /// The place of the color of the same index of the same cell.
    pub fn find(&self, pin: &Pin) -> Option<usize> {
        let key = |pin: &Pin| (pin.layer, pin.tile, pin.index);
        self.chosen.iter().position(|chosen| key(&chosen.pin) == key(pin))
    }

    /// The colors without their locks.
    pub fn pins(&self) -> Vec<Pin> {
        self.chosen.iter().map(|chosen| chosen.pin).collect()
    }
}

impl Entry {
    fn of(chosen: &Chosen) -> Self {
        let Pin { layer, tile, index, color } = chosen.pin;
        let [r, g, b] = rgb555_to_srgb(color);
        Self {
            layer: match layer {
                CellLayer::Background => Layer::Background,
                CellLayer::Window => Layer::Window,
                CellLayer::Object => Layer::Object,
            },
            tile: to_hex(&tile),
            index,
            color: format!("#{r:02X}{g:02X}{b:02X}"),
            locked: chosen.is_locked,
        }
    }

    fn chosen(&self) -> Result<Chosen> {
        let Self { tile, index, color, .. } = self;
        let tile = from_hex(tile)
            .ok_or_else(|| anyhow!("tile {tile:?} is not {} digits from 0 to F", 2 * TILE_BYTES))?;
        if *index > 3 {
            bail!("index {index} is not from 0 to 3");
        }
        let channels = color.strip_prefix('#').and_then(bytes_of).unwrap_or_default();
        let Ok(rgb) = <[u8; 3]>::try_from(channels) else {
            bail!("color {color:?} is not like \"#F8B048\"");
        };
        let layer = match self.layer {
            Layer::Background => CellLayer::Background,
            Layer::Window => CellLayer::Window,
            Layer::Object => CellLayer::Object,
        };
        let pin = Pin { layer, tile, index: *index, color: nearest_rgb555(rgb) };
        Ok(Chosen { pin, is_locked: self.locked })
    }
}

/// A tile as VRAM has it: of each row the low bits of its indices, and then the high bits.
fn to_hex(tile: &Tile) -> String {
    let mut text = String::new();
    for row in tile.chunks_exact(8) {
        for bit in 0..2 {
            let byte = row.iter().fold(0u8, |byte, index| byte << 1 | (index >> bit & 1));
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
    }
    text
}

fn from_hex(text: &str) -> Option<Tile> {
    let bytes = <[u8; TILE_BYTES]>::try_from(bytes_of(text)?).ok()?;
    Some(std::array::from_fn(|at| {
        let bit = |byte: u8| byte >> (7 - at % 8) & 1;
        bit(bytes[at / 8 * 2]) | bit(bytes[at / 8 * 2 + 1]) << 1
    }))
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8));
    let digits: Vec<u8> = digits.collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// The parser's own message draws a picture of the line, over several.
fn in_one_line(text: &str, err: &toml::de::Error) -> anyhow::Error {
    let line = err.span().map_or(1, |span| text[..span.start].lines().count().max(1));
    anyhow!("these are no colors of a game: line {line}: {}", err.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(seed: u8, is_locked: bool) -> Chosen {
        let tile = std::array::from_fn(|at| (at as u8).wrapping_mul(seed) >> 3 & 3);
        let layer =
            [CellLayer::Background, CellLayer::Window, CellLayer::Object][seed as usize % 3];
        Chosen { pin: Pin { layer, tile, index: seed & 3, color: 0x1234 + seed as u16 }, is_locked }
    }

    fn colors() -> GameColors {
        let chosen = [(1, false), (2, true), (3, false)].map(|(seed, lock)| chosen(seed, lock));
        GameColors { game: "ab".repeat(32), title: "A \"GAME\"".into(), chosen: chosen.into() }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = colors().to_toml().expect("text");
        assert!(text.contains("locked = true") && text.contains("layer = \"object\""), "{text}");
        assert_eq!(GameColors::parse(&text).expect("colors"), colors());
        let none = GameColors { chosen: Vec::new(), ..colors() };
        assert_eq!(GameColors::parse(&none.to_toml().expect("text")).expect("none"), none);
    }

    #[test]
    fn a_tile_is_written_as_vram_has_it() {
        let mut tile = [0; 64];
        (tile[0], tile[1], tile[7], tile[63]) = (1, 2, 3, 3);
        let text = to_hex(&tile);
        assert_eq!(text, "81410000000000000000000000000101");
        assert_eq!(from_hex(&text), Some(tile));
    }

    #[test]
    fn bad_files_are_named_in_one_line() {
        let good = colors().to_toml().expect("text");
        let tile = to_hex(&colors().chosen[0].pin.tile);
        for (bad, message) in [
            ("colours".to_owned(), "line 1"),
            (good.replace("version = 1", "version = 2"), "version 2, but only 1"),
            (good.replace("index = 1", "index = 7"), "color 1: index 7 is not from 0 to 3"),
            (good.replace(&tile, "12345"), "color 1: tile \"12345\" is not 32 digits"),
            (good.replace("index = 1", "index = 1\ncolour = 1"), "unknown field `colour`"),
            (good.replacen("color = \"#", "color = \"", 1), "is not like"),
            (good[..good.len() - 30].to_owned(), ""),
        ] {
            let error = format!("{:#}", GameColors::parse(&bad).expect_err(&bad));
            assert!(error.contains(message) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn what_is_locked_stays() {
        let (mut mine, mut other) = (colors(), colors());
        for chosen in &mut other.chosen {
            chosen.pin.color = 7;
        }
        other.chosen.push(chosen(9, false));
        let merged = mine.merge(&other);
        assert_eq!(merged, Merged { added: 1, changed: 2, kept: 1 });
        let colors: Vec<u16> = mine.chosen.iter().map(|chosen| chosen.pin.color).collect();
        assert_eq!(colors, [7, 0x1236, 7, 0x123D]);
        assert_eq!(mine.merge(&other), Merged { added: 0, changed: 0, kept: 1 });
    }

    #[test]
    fn colors_of_another_game_are_refused() {
        let other = GameColors { game: "cd".repeat(32), title: "OTHER".into(), ..colors() };
        let error = other.check(&colors()).expect_err("another game");
        let expected = "these are the colors of another game (\"OTHER\", not \"A \\\"GAME\\\"\")";
        assert_eq!(error.to_string(), expected);
    }
}
