//! Captured sessions: the file format that capture writes and training reads; and [saved
//! states](write_state) that such a session may begin with.
//!
//! A session is one game played once from one seed, or one film or folder of pictures imported.
//! Its file (`.cbds`) holds a [`Session`] header and then [`Sample`]s: the true colors of a
//! frame, and, where the frame was captured, where each pixel came from.
//!
//! ```
//! use dataset::{Reader, Sample, Session, Writer};
//! use gameboy::{Cartridge, GameBoy, Model};
//!
//! let mut rom = vec![0; 0x8000];
//! rom[0x100..0x102].copy_from_slice(&[0x18, 0xFE]);
//! rom[0x143] = 0x80;
//! let mut gb = GameBoy::new(Cartridge::from_bytes(rom)?, Model::Cgb);
//! gb.record_provenance();
//! gb.run_frame();
//!
//! let session = Session { game: "nothing".into(), ..Session::default() };
//! let mut writer = Writer::new(Vec::new(), &session)?;
//! writer.write(&Sample::from_frame(1, gb.frame()).expect("a colour frame with provenance"))?;
//! let file = writer.finish()?;
//!
//! let mut reader = Reader::new(&file[..])?;
//! assert_eq!(reader.session().game, "nothing");
//! while let Some(sample) = reader.next_intact()? {
//!     println!("frame {} begins with color {:04x}", sample.frame, sample.colors[0]);
//! }
//! assert_eq!(reader.damage().samples, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Format, version 3
//!
//! All numbers are little-endian; strings are a `u16` length and UTF-8. Checksums are CRC-32 as
//! in zlib.
//!
//! | part | bytes |
//! |---|---|
//! | magic | `89 43 42 44 53 0D 0A 1A` (`\x89CBDS\r\n\x1a`) |
//! | version | `u16` |
//! | header length | `u32`, at most 4,096 |
//! | header | model `u8` (0 DMG, 1 CGB), seed `u64`, SHA-256 of the cartridge (32), then the strings game, title, source |
//! | checksum | `u32` over everything before it |
//! | records | any number of samples, then one end |
//!
//! A record is 24 bytes of head and a payload:
//!
//! | field | bytes |
//! |---|---|
//! | mark | `F5` `CBS` for a sample, `F5` `CBE` for the end |
//! | frame | `u64`: the sample's frame number; at the end, the count of samples |
//! | length | `u32`: bytes of payload, at most 262,144; 0 at the end |
//! | payload checksum | `u32` |
//! | head checksum | `u32` over the 20 bytes before it |
//!
//! A payload is a zlib stream of: flags `u8` (bit 0: DMG shades follow; bit 1: the provenance is
//! missing; bit 2: the scene follows), 23,040 colors `u16` (RGB555); unless bit 1 is set the
//! provenance, which is 23,040 bytes with the 2-bit color index in bits 0-1, the palette in bits 2-4
//! and the layer in bits 5-6 (0 background, 1 window, 2 object), 23,040 tiles `u16` (0-767) and 144
//! pairs of SCX and SCY; where flagged the scene, which is 23,040 entries of OAM (0-39; 0 where no
//! object is), 144 pairs of WX and the line of the window (both 255 where it is not drawn), 16,384
//! bytes of VRAM, 160 of OAM, and the height of objects; and, where flagged, 23,040 DMG shades
//! `u8`.
//!
//! Versions 1 and 2 are read as well: 1 has no bit 1, neither has bit 2.
//!
//! The head has a checksum of its own, so that a reader that lost its place finds the next
//! record. A file without an end record was cut off: what is complete in it can still be read.

mod error;
mod files;
mod planes;
mod reader;
mod record;
mod sample;
mod session;
mod state_picture;
mod writer;

pub use error::Error;
pub use files::{EXTENSION, session_files};
pub use planes::{Planes, Scene};
pub use reader::{Damage, Reader};
pub use sample::Sample;
pub use session::Session;
pub use state_picture::{StatePictureError, read_state, write_state};
pub use writer::Writer;
