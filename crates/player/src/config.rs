//! The settings: a file of TOML, and what the command line says over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, anyhow, bail};
use colorizer::Palette;
use directories::ProjectDirs;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};
use toml_edit::DocumentMut;

use crate::app::{Filter, Scaling, View};
use crate::cli::{RendererChoice, SourceChoice, StyleChoice};
use crate::files;
use crate::input::{Bindings, Named};

/// The settings as they are without a file, with a word on each.
pub const DEFAULT: &str = include_str!("config/default.toml");

/// All that can be set. The file of defaults says what each means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    pub color: Color,
    pub picture: Picture,
    pub record: Record,
    pub sound: Sound,
    pub play: Play,
    pub keys: Named,
    pub pad: Named,
    pub palettes: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Color {
    pub view: View,
    pub strength: u8,
    pub palette: String,
    pub weights: String,
    pub style: Style,
    pub correction: bool,
}

/// How far V3 is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Wholly with games that it was taught, else safely.
    Auto,
    Safe,
    Vivid,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Picture {
    pub scale: u32,
    pub scaling: Scaling,
    pub filter: Filter,
    pub fullscreen: bool,
    pub renderer: RendererChoice,
    pub screenshot_scale: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshots: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Record {
    pub format: String,
    pub source: SourceChoice,
    pub clip_seconds: u32,
    pub clip_format: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sound {
    pub volume: u8,
    pub mute: bool,
    pub fast_forward: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Play {
    pub rewind_seconds: u32,
    pub rewind_memory: u32,
    pub run_ahead: u8,
    pub slow_motion: u8,
    pub pause_unfocused: bool,
    pub resume: bool,
}

/// Keys that no default has.
const WITHOUT_DEFAULT: [&str; 3] = ["picture.screenshots", "record.scale", "record.folder"];
/// Tables whose keys are the user's own.
const OPEN: [&str; 3] = ["keys", "pad", "palettes"];

impl Default for Config {
    fn default() -> Self {
        Self::from_table(default_table()).unwrap_or_else(|err| unreachable!("{err:#}"))
    }
}

impl Color {
    /// Takes over what differs between two others.
    pub fn follow(&mut self, before: &Self, after: &Self) {
        fn take<T: PartialEq + Clone>(kept: &mut T, before: &T, after: &T) {
            if before != after {
                kept.clone_from(after);
            }
        }
        take(&mut self.view, &before.view, &after.view);
        take(&mut self.strength, &before.strength, &after.strength);
        take(&mut self.palette, &before.palette, &after.palette);
        take(&mut self.weights, &before.weights, &after.weights);
        take(&mut self.style, &before.style, &after.style);
        take(&mut self.correction, &before.correction, &after.correction);
    }
}

impl Style {
    /// The choice on the command line that is the same.
    pub fn choice(self) -> Option<StyleChoice> {
        match self {
            Self::Auto => None,
            Self::Safe => Some(StyleChoice::Safe),
            Self::Vivid => Some(StyleChoice::Vivid),
        }
    }
}

impl Config {
    /// The settings of a text, over the defaults.
    ///
    /// # Errors
    /// If it is no TOML, or names a key that there is not, or a value that it cannot have.
    pub fn parse(text: &str) -> Result<Self> {
        Self::default_with(&text.parse::<Table>().map_err(in_one_line)?)
    }

    fn default_with(changes: &Table) -> Result<Self> {
        let mut table = default_table();
        merge(&mut table, changes, "")?;
        Self::from_table(table)
    }

    fn from_table(table: Table) -> Result<Self> {
        let config = Self::deserialize(table).map_err(in_one_line)?;
        config.check()?;
        Ok(config)
    }

    /// These settings, but with `assignments` such as `color.strength=50`.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), for the first that is wrong.
    pub fn with(&self, assignments: &[String]) -> Result<Self> {
        let mut table = Table::try_from(self).context("settings are TOML")?;
        for assignment in assignments {
            let shown = || format!("--set {assignment}");
            let changes = assigned(assignment).with_context(shown)?;
            merge(&mut table, &changes, "").with_context(shown)?;
            Self::from_table(table.clone()).with_context(shown)?;
        }
        Self::from_table(table)
    }

    fn check(&self) -> Result<()> {
        let within = |key: &str, value: u32, [low, high]: [u32; 2]| {
            let is_within = (low..=high).contains(&value);
            if is_within { Ok(()) } else { Err(anyhow!("{key} is {low} to {high}, not {value}")) }
        };
        within("color.strength", self.color.strength.into(), [0, 100])?;
        within("picture.scale", self.picture.scale, [1, 16])?;
        within("picture.screenshot-scale", self.picture.screenshot_scale, [1, 16])?;
        within("record.scale", self.record.scale.unwrap_or(1), [1, 12])?;
        within("record.clip-seconds", self.record.clip_seconds, [0, 600])?;
        for (key, format) in
            [("format", &self.record.format), ("clip-format", &self.record.clip_format)]
        {
            let name = PathBuf::from(format!("film.{format}"));
            recorder::Format::of(&name).with_context(|| format!("record.{key}"))?;
        }
        within("sound.volume", self.sound.volume.into(), [0, 100])?;
        within("play.rewind-seconds", self.play.rewind_seconds, [0, 3600])?;
        within("play.rewind-memory", self.play.rewind_memory, [1, 4096])?;
        within("play.run-ahead", self.play.run_ahead.into(), [0, 2])?;
        within("play.slow-motion", self.play.slow_motion.into(), [10, 90])?;
        self.palettes()?;
        self.palette(&self.color.palette).context("color.palette")?;
        Bindings::new(&self.keys, &self.pad).map(drop)
    }

    /// What keys and pads do.
    ///
    /// # Errors
    /// Never, as it was checked.
    pub fn bindings(&self) -> Result<Bindings> {
        Bindings::new(&self.keys, &self.pad)
    }

    /// All palettes, the built-in ones first.
    ///
    /// # Errors
    /// If one of the user's has colors that are none, or is not of 4 or 12.
    pub fn palettes(&self) -> Result<Vec<Palette>> {
        let own = self.palettes.iter().map(|(name, colors)| {
            palette(name, colors).with_context(|| format!("palettes.{name}"))
        });
        Palette::ALL.into_iter().map(Ok).chain(own).collect()
    }

    /// The palette of that name.
    ///
    /// # Errors
    /// If there is none: the names that there are.
    pub fn palette(&self, name: &str) -> Result<Palette> {
        let palettes = self.palettes()?;
        let found = palettes.iter().find(|palette| palette.name().eq_ignore_ascii_case(name));
        found.copied().ok_or_else(|| {
            let names: Vec<_> = palettes.iter().map(Palette::name).collect();
            anyhow!("there is no palette {name:?}; there are {}", names.join(", "))
        })
    }
}

/// The file of the settings, which stays as the user wrote it but for what is changed.
#[derive(Debug)]
pub struct ConfigFile {
    /// `None` where the system has no place for it, or where it is to be left alone.
    path: Option<PathBuf>,
    document: DocumentMut,
}

impl ConfigFile {
    /// The settings and their file: of the user's choice, else of the platform's folder. A file that
    /// cannot be used is kept aside, with a warning, unless it is the user's choice.
    ///
    /// # Errors
    /// If a file of the user's choice cannot be used.
    pub fn open(chosen: Option<&Path>) -> Result<(Self, Config)> {
        let Some(path) = chosen.map(Path::to_owned).or_else(Self::default_path) else {
            return Ok((Self { path: None, document: default_document() }, Config::default()));
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(err) if err.kind() == io::ErrorKind::NotFound && chosen.is_none() => {
                let document = default_document();
                return Ok((Self { path: Some(path), document }, Config::default()));
            }
            Err(err) => return Err(err).with_context(|| format!("cannot read {}", path.display())),
        };
        let read = Config::parse(&text)
            .and_then(|config| Ok((text.parse::<DocumentMut>().map_err(in_one_line)?, config)));
        match read {
            Ok((document, config)) => Ok((Self { path: Some(path), document }, config)),
            Err(err) if chosen.is_some() => Err(err.context(path.display().to_string())),
            Err(err) => {
                let path = files::set_aside(&path, &err).then_some(path);
                Ok((Self { path, document: default_document() }, Config::default()))
            }
        }
    }

    /// Where the settings are kept, unless the user says otherwise.
    pub fn default_path() -> Option<PathBuf> {
        Some(ProjectDirs::from("", "", "chromaboy")?.config_dir().join("config.toml"))
    }

    /// Writes what differs between two settings, and leaves the rest of the file as it is.
    ///
    /// # Errors
    /// If the file cannot be written; it is as it was then.
    pub fn change(&mut self, before: &Config, after: &Config) -> Result<()> {
        let [before, after] = [before, after].map(Table::try_from);
        let (before, after) = (before?, after?);
        change(self.document.as_table_mut(), &before, &after);
        let Some(path) = &self.path else { return Ok(()) };
        files::replace(path, self.document.to_string().as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

fn change(document: &mut toml_edit::Table, before: &Table, after: &Table) {
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        document.remove(key);
    }
    for (key, value) in after.iter().filter(|(key, value)| before.get(*key) != Some(*value)) {
        if let Value::Table(inner) = value {
            let empty = Table::new();
            let before = before.get(key).and_then(Value::as_table).unwrap_or(&empty);
            let entry = document.entry(key).or_insert_with(toml_edit::table);
            if let Some(table) = entry.as_table_mut() {
                change(table, before, inner);
            }
        } else if let Ok(value) = value.to_string().parse::<toml_edit::Value>() {
            match document.get_mut(key).and_then(toml_edit::Item::as_value_mut) {
                Some(old) => {
                    // The comment behind it stays.
                    let decor = old.decor().clone();
                    *old = value;
                    *old.decor_mut() = decor;
                }
                None => {
                    document.insert(key, toml_edit::Item::Value(value));
                }
            }
        }
    }
}

fn default_table() -> Table {
    DEFAULT.parse().unwrap_or_else(|err| unreachable!("{err}"))
}

fn default_document() -> DocumentMut {
    DEFAULT.parse().unwrap_or_else(|err| unreachable!("{err}"))
}

/// Puts `changes` into `table`, all of whose keys are known.
fn merge(table: &mut Table, changes: &Table, path: &str) -> Result<()> {
    for (key, value) in changes {
        let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let is_open = OPEN.contains(&path);
        let is_known = is_open || WITHOUT_DEFAULT.contains(&full.as_str());
        match (table.get_mut(key), value) {
            (Some(Value::Table(inner)), Value::Table(changes)) => merge(inner, changes, &full)?,
            (Some(Value::Table(_)), _) => bail!("{full} is a table of settings"),
            (Some(old), value) => *old = value.clone(),
            (None, value) if is_known => {
                table.insert(key.clone(), value.clone());
            }
            (None, _) => {
                let known = table.keys().map(String::as_str);
                bail!("there is no setting {full:?}{}", nearest(key, known))
            }
        }
    }
    Ok(())
}

/// A name that there is, to a name that there is not: `; did you mean "..."?`.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let similar = known.into_iter().map(|known| (strsim::jaro_winkler(name, known), known));
    match similar.max_by(|(x, _), (y, _)| x.total_cmp(y)) {
        Some((_, known)) => format!("; did you mean {known:?}?"),
        None => String::new(),
    }
}

/// The table of `color.strength=50`. What is no value of TOML is taken as a text.
fn assigned(assignment: &str) -> Result<Table> {
    let Some((key, value)) = assignment.split_once('=') else {
        bail!("a setting is given as key=value, such as color.strength=50");
    };
    let (key, value) = (key.trim(), value.trim());
    let parsed = format!("value = {value}").parse::<Table>().ok();
    let parsed = parsed.and_then(|mut table| table.remove("value"));
    let value = parsed.unwrap_or_else(|| Value::String(value.to_owned()));
    let nested = key
        .rsplit('.')
        .fold(value, |value, name| Value::Table(Table::from_iter([(name.to_owned(), value)])));
    match nested {
        Value::Table(table) => Ok(table),
        _ => bail!("a setting has a name"),
    }
}

fn palette(name: &str, colors: &[String]) -> Result<Palette> {
    let colors: Vec<_> = colors.iter().map(|color| rgb(color)).collect::<Result<_>>()?;
    let set = |first: usize| std::array::from_fn(|shade| colors[first + shade]);
    // Few are ever made, and they live as long as the program.
    let name = Box::leak(name.to_owned().into_boxed_str());
    match colors.len() {
        4 => Ok(Palette::new(name, set(0), set(0), set(0))),
        12 => Ok(Palette::new(name, set(0), set(4), set(8))),
        count => bail!("a palette has 4 colors or 12, not {count}"),
    }
}

fn rgb(text: &str) -> Result<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let [_, r, g, b] =
        number.with_context(|| format!("{text:?} is no color like #E0F8D0"))?.to_be_bytes();
    Ok([r, g, b])
}

/// The errors of TOML draw the line that they are about.
fn in_one_line(err: impl std::fmt::Display) -> anyhow::Error {
    let text = err.to_string();
    let lines = text.lines().map(str::trim);
    let said =
        lines.filter(|line| !line.is_empty() && !line.starts_with('|') && !line.contains(" | "));
    anyhow!("{}", said.collect::<Vec<_>>().join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        format!("{:#}", Config::parse(text).expect_err(text))
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let config =
            Config::parse("[color]\nstrength = 40\n[keys]\na = [\"F\"]").expect("settings");
        assert_eq!(config.color.strength, 40);
        assert_eq!(config.keys["a"], ["F"]);
        let Config { picture, sound, play, .. } = Config::default();
        assert_eq!((config.picture, config.sound, config.play), (picture, sound, play));
    }

    #[test]
    fn what_is_wrong_is_named_in_a_line() {
        assert_eq!(
            refused("[color]\nstrenght = 4"),
            "there is no setting \"color.strenght\"; did you mean \"strength\"?"
        );
        assert_eq!(refused("[colour]"), "there is no setting \"colour\"; did you mean \"color\"?");
        assert_eq!(refused("[play]\nrun-ahead = 3"), "play.run-ahead is 0 to 2, not 3");
        assert!(refused("[color]\npalette = \"mauve\"").contains("there are grey, "));
        assert!(refused("[palettes]\nmine = [\"#12\"]").contains("\"#12\" is no color"));
        assert!(refused("[palettes]\nmine = [\"#123456\"]").contains("4 colors or 12, not 1"));
        for text in ["color", "[color]\nview = 7", "[color]\nview = \"blue\"", "color = 3"] {
            assert!(!refused(text).contains('\n'), "{}", refused(text));
        }
    }

    #[test]
    fn assignments_are_numbers_truths_and_texts() {
        let set = |text: &str| Config::default().with(&[text.to_owned()]);
        assert_eq!(set("sound.volume = 30").expect("a volume").sound.volume, 30);
        assert!(set("play.resume=true").expect("a truth").play.resume);
        assert_eq!(
            set("color.weights=my weights.safetensors").expect("a text").color.weights,
            "my weights.safetensors"
        );
        assert_eq!(set("keys.a=[\"F\"]").expect("keys").keys["a"], ["F"]);
        let says = |text: &str| format!("{:#}", set(text).expect_err(text));
        assert!(
            says("sound.volum=3").contains("did you mean \"volume\"?"),
            "{}",
            says("sound.volum=3")
        );
        assert!(says("mute").contains("key=value"));
    }

    #[test]
    fn what_is_for_this_time_only_is_not_kept() {
        let mut kept = Config::default().color;
        let before = Color { weights: "v1".to_owned(), ..kept.clone() };
        let after = Color { strength: 40, ..before.clone() };
        kept.follow(&before, &after);
        assert_eq!(kept, Color { strength: 40, ..Config::default().color });
    }

    #[test]
    fn comments_outlive_a_change() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("config.toml");
        fs::write(&path, "# mine\n[sound]\nvolume = 50 # low\n").expect("written");
        let (mut file, config) = ConfigFile::open(Some(&path)).expect("settings");
        let mut louder = config.clone();
        louder.sound.volume = 60;
        louder.keys.insert("a".to_owned(), vec!["F".to_owned()]);
        file.change(&config, &louder).expect("written");
        let text = fs::read_to_string(&path).expect("the file");
        assert!(text.starts_with("# mine\n[sound]\nvolume = 60 # low\n"), "{text}");
        assert_eq!(Config::parse(&text).expect("settings"), louder);
        file.change(&louder, &config).expect("written");
        let text = fs::read_to_string(&path).expect("the file");
        assert_eq!(Config::parse(&text).expect("settings"), config);
    }

    #[test]
    fn palettes_of_ones_own_have_a_name() {
        let four = "[color]\npalette = \"sea\"\n[palettes]\nsea = \
                    [\"#FFFFFF\", \"#0000AA\", \"#000055\", \"#000000\"]";
        let config = Config::parse(four).expect("settings");
        let palette = config.palette("Sea").expect("the palette");
        assert_eq!(palette.object(1)[1], [0, 0, 0xAA]);
        assert_eq!(config.palettes().expect("palettes").len(), Palette::ALL.len() + 1);
    }
}
