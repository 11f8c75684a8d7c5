//! The pictures of a folder.

use std::cmp::Ordering;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use image::{ImageReader, Limits};

use super::shrink::shrink;
use super::{Error, Picture, at};

/// Pictures may be as large as a screen of 8K.
const MAX_SIDE: u32 = 8192;

/// Reads every n-th picture of a folder, sorted by name with numbers in their order.
///
/// What cannot be read is counted and passed over.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    files: std::vec::IntoIter<(u64, PathBuf)>,
    count: usize,
    damaged: Vec<String>,
}

impl Folder {
    /// A folder, or a single picture.
    pub fn open(path: &Path, every: usize) -> Result<Self, Error> {
        let mut files = vec![path.to_path_buf()];
        if path.is_dir() {
            files = pictures(path).map_err(|error| at(path, error))?;
        }
        if files.is_empty() {
            return Err(Error::NoPicture(path.to_path_buf()));
        }
        let files: Vec<_> = (0..).zip(files).step_by(every).collect();
        let count = files.len();
        Ok(Self { path: path.to_path_buf(), files: files.into_iter(), count, damaged: Vec::new() })
    }

    /// Pictures that could not be read so far.
    pub fn damaged(&self) -> usize {
        self.damaged.len()
    }
}

impl Iterator for Folder {
    type Item = Result<Picture, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        for (number, path) in self.files.by_ref() {
            match read(&path, number) {
                Ok(picture) => return Some(picture),
                Err(error) => {
                    log::warn!("{}: {error}", path.display());
                    self.damaged.push(error);
                }
            }
        }
        let first = self.damaged.first().filter(|_| self.damaged.len() == self.count)?.clone();
        self.count = 0;
        Some(Err(Error::AllDamaged { path: self.path.clone(), count: self.damaged.len(), first }))
    }
}

/// Whether a file's name says that it is a picture.
pub fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    ["png", "jpg", "jpeg"].iter().any(|known| extension == *known)
}

fn pictures(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if is_picture(&path) {
            files.push(path);
        }
    }
    files.sort_by(|a, b| by_number(&a.to_string_lossy(), &b.to_string_lossy()).then(a.cmp(b)));
    Ok(files)
}

/// The inner error is of a picture of the wrong size, which stops the import.
fn read(path: &Path, number: u64) -> Result<Result<Picture, Error>, String> {
    let one_line = |error: &dyn std::error::Error| error.to_string().replace('\n', " ");
    let file = File::open(path).map_err(|error| one_line(&error))?;
    let mut reader = ImageReader::new(BufReader::new(file))
        .with_guessed_format()
        .map_err(|error| one_line(&error))?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| one_line(&error))?.into_rgb8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Ok(shrink(picture.as_raw(), width, height)
        .map(|colors| Picture { number, colors })
        .map_err(|source| Error::Size { name: path.display().to_string(), source }))
}

/// Texts in order, with the numbers in them by their value: `shot9` before `shot10`.
fn by_number(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) else {
            return a.len().cmp(&b.len());
        };
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (x, y) = (split_number(&mut a), split_number(&mut b));
            x.len().cmp(&y.len()).then(x.cmp(y))
        } else {
            (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
            x.cmp(&y)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Takes the digits off the front of `text`, without leading zeros.
fn split_number<'a>(text: &mut &'a str) -> &'a str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    digits.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_by_their_value() {
        let mut names = ["b", "a10.png", "a9.png", "a1", "a01", "a", "a1b2", "ä2", "ä10"];
        names.sort_by(|a, b| by_number(a, b));
        assert_eq!(names, ["a", "a1", "a01", "a1b2", "a9.png", "a10.png", "b", "ä2", "ä10"]);
    }
}
