//! The weights that can be chosen while a game runs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::embedded;
use crate::files;

/// Weights, as a list shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Those that the game was taught, or else the built-in V3.
    Auto,
    BuiltIn(embedded::Weights),
    /// A file, and what its card says of it.
    File(PathBuf, String),
}

impl Choice {
    /// All there are: those of the program, then the files of `models` here and in the user's data.
    pub fn all() -> Vec<Self> {
        let built_in = embedded::Weights::ALL.into_iter().map(Self::BuiltIn);
        let folders = [Some(PathBuf::from("models")), files::data_folder("models")];
        let mut found: Vec<PathBuf> =
            folders.iter().flatten().flat_map(|folder| files_in(folder)).collect();
        found.sort();
        let found = found.into_iter().map(|path| {
            let card = fs::read_to_string(path.with_extension("md")).unwrap_or_default();
            Self::File(path, summary(&card))
        });
        [Self::Auto].into_iter().chain(built_in).chain(found).collect()
    }

    /// What the configuration calls them.
    pub fn setting(&self) -> String {
        match self {
            Self::Auto => "auto".to_owned(),
            Self::BuiltIn(weights) => weights.name().to_owned(),
            Self::File(path, _) => path.display().to_string(),
        }
    }

    /// What a list calls them.
    pub fn name(&self) -> String {
        match self {
            Self::Auto => "auto".to_owned(),
            Self::BuiltIn(weights) => weights.name().to_uppercase(),
            Self::File(path, _) => {
                path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
        }
    }

    /// What they are, in a line.
    pub fn summary(&self) -> String {
        match self {
            Self::Auto => "taught for the game, or V3".to_owned(),
            Self::BuiltIn(weights) => summary(weights.card()),
            Self::File(_, summary) => summary.clone(),
        }
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_weights = |path: &PathBuf| path.extension().is_some_and(|end| end == "safetensors");
    entries.flatten().map(|entry| entry.path()).filter(is_weights).collect()
}

/// The first sentence of a model card.
fn summary(card: &str) -> String {
    let mut lines = card.lines().skip_while(|line| line.is_empty() || line.starts_with('#'));
    let paragraph: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    paragraph.split_once(". ").map_or(paragraph.clone(), |(first, _)| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_sums_a_card_up() {
        assert_eq!(
            summary("# Model card\n\nV9, which\nis new. And more\n\nElse"),
            "V9, which is new"
        );
        assert_eq!(summary(""), "");
        assert!(
            Choice::BuiltIn(embedded::Weights::V3).summary().starts_with("V3, colors for cells")
        );
    }

    #[test]
    fn what_is_built_in_comes_first() {
        let all = Choice::all();
        assert_eq!(all[..3].iter().map(Choice::setting).collect::<Vec<_>>(), ["auto", "v1", "v3"]);
    }
}
