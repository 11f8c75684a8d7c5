//! The core's options: what a frontend shows, and what a player chose.

use std::num::NonZeroUsize;

use colorizer::Palette;
use colorizer::cell_color::Style;
use gameboy::{Model, Support};
use neural::{DeviceChoice, Precision, Timing};

/// An option with the values that there are, the default first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it is kept by.
    pub key: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
    /// One of [`CATEGORIES`].
    pub category: &'static str,
    /// What is kept, and what is shown.
    pub values: Vec<(String, String)>,
}

/// Key, name and help of each category.
pub const CATEGORIES: [[&str; 3]; 3] = [
    ["color", "Color", "How games of the original Game Boy are colored."],
    ["network", "Network", "Which network colors them, and where it runs."],
    ["console", "Console", "Which console it is, and its screen."],
];

/// The key of the option that a button toggles.
pub const COLOR: &str = "chromaboy_color";

fn choice(
    key: &'static str,
    [category, name, help]: [&'static str; 3],
    values: &[[&str; 2]],
) -> Choice {
    let values = values.iter().map(|[value, shown]| ((*value).into(), (*shown).into())).collect();
    Choice { key, name, help, category, values }
}

/// All options, with these weights besides those that are built in.
pub fn choices(weights: &[String]) -> Vec<Choice> {
    let on = [["enabled", "on"], ["disabled", "off"]];
    let mut named = choice(
        "chromaboy_weights",
        [
            "network",
            "Weights",
            "V3 gives colors to tiles and objects and never flickers; V1 is the autoencoder of the article. Others are the .safetensors files in the folder chromaboy of the system folder.",
        ],
        &[["v3", "V3, built in"], ["v1", "V1, built in"]],
    );
    named.values.extend(weights.iter().map(|name| (name.clone(), name.clone())));
    let mut palette = choice(
        "chromaboy_palette",
        ["console", "Palette", "What the four shades look like where they are not colored."],
        &[],
    );
    palette.values = Palette::ALL
        .iter()
        .map(|palette| (palette.name().to_owned(), palette.name().to_owned()))
        .collect();
    vec![
        choice(
            COLOR,
            ["color", "Color", "Off shows the shades. The right shoulder button toggles it too."],
            &on,
        ),
        choice(
            "chromaboy_strength",
            ["color", "Strength", "How far colors go from the shades."],
            &["100", "90", "80", "70", "60", "50", "40", "30", "20", "10"]
                .map(|percent| [percent, percent]),
        ),
        choice(
            "chromaboy_style",
            [
                "color",
                "Style",
                "Safe keeps to a calm palette where V3 does not know the game; vivid trusts it.",
            ],
            &[["safe", "safe"], ["vivid", "vivid"]],
        ),
        choice(
            "chromaboy_view",
            ["color", "View", "The colored picture alone, or the shades beside it."],
            &[["single", "colored"], ["side-by-side", "side by side"]],
        ),
        choice(
            "chromaboy_timing",
            [
                "color",
                "Colors of each frame",
                "Live: the game never waits for the network. Exact: each frame waits for its own colors, for films and comparisons.",
            ],
            &[["live", "live"], ["exact", "exact"]],
        ),
        named,
        choice(
            "chromaboy_device",
            [
                "network",
                "Device",
                "Auto takes a graphics card where this core was built for one and there is one.",
            ],
            &[["auto", "auto"], ["cpu", "CPU"], ["cuda", "CUDA"], ["metal", "Metal"]],
        ),
        choice(
            "chromaboy_precision",
            [
                "network",
                "Precision",
                "Of V0, V1 and V2 on the CPU: 8 bits are fastest and least exact.",
            ],
            &[["auto", "auto"], ["f32", "32 bits"], ["bf16", "16 bits"], ["int8", "8 bits"]],
        ),
        choice(
            "chromaboy_threads",
            ["network", "Threads", "That compute on the CPU. Auto leaves one core free."],
            &["auto", "1", "2", "3", "4", "6", "8"].map(|threads| [threads, threads]),
        ),
        choice(
            "chromaboy_model",
            [
                "console",
                "Model (restart)",
                "Auto is the Game Boy Color for games that have colors of their own. The original shows those that run on it in shades, which are then colored.",
            ],
            &[["auto", "auto"], ["dmg", "Game Boy"], ["cgb", "Game Boy Color"]],
        ),
        palette,
        choice(
            "chromaboy_correction",
            ["console", "Color correction", "Shows games of the Game Boy Color as its screen did."],
            &[["disabled", "off"], ["enabled", "on"]],
        ),
    ]
}

/// What a player chose.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Whether games are colored.
    pub color: bool,
    /// How far colors go from the shades, in percent.
    pub strength: u8,
    /// How far V3 is trusted.
    pub style: Style,
    /// Whether the shades are shown beside the colors.
    pub side_by_side: bool,
    /// Whether frames wait for their colors.
    pub timing: Timing,
    /// `v1`, `v3`, or the stem of a file.
    pub weights: String,
    /// Where the network runs.
    pub device: DeviceChoice,
    /// How exactly.
    pub precision: Precision,
    /// On how many threads; `None` leaves one core free.
    pub threads: Option<NonZeroUsize>,
    /// The console; `None` is that which the game is made for.
    pub model: Option<Model>,
    /// What shades look like.
    pub palette: Palette,
    /// Whether games of the Game Boy Color are shown as its screen did.
    pub correction: bool,
}

impl Settings {
    /// From what a frontend says of each key. What it does not know is the default.
    pub fn of(value: impl Fn(&str) -> Option<String>) -> Self {
        let is = |key: &str, wanted: &str| value(key).is_some_and(|value| value == wanted);
        let text = |key: &str| value(key).unwrap_or_default();
        Self {
            color: !is(COLOR, "disabled"),
            strength: text("chromaboy_strength").parse().unwrap_or(100).min(100),
            style: if is("chromaboy_style", "vivid") { Style::Vivid } else { Style::Safe },
            side_by_side: is("chromaboy_view", "side-by-side"),
            timing: if is("chromaboy_timing", "exact") { Timing::Exact } else { Timing::Live },
            weights: value("chromaboy_weights").unwrap_or_else(|| "v3".to_owned()),
            device: text("chromaboy_device").parse().unwrap_or_default(),
            precision: text("chromaboy_precision").parse().unwrap_or_default(),
            threads: text("chromaboy_threads").parse().ok(),
            model: match text("chromaboy_model").as_str() {
                "dmg" => Some(Model::Dmg),
                "cgb" => Some(Model::Cgb),
                _ => None,
            },
            palette: Palette::by_name(&text("chromaboy_palette")).unwrap_or(Palette::GREY),
            correction: is("chromaboy_correction", "enabled"),
        }
    }

    /// The console for a game.
    pub fn model_for(&self, support: Support) -> Model {
        let usual = if support == Support::DmgOnly { Model::Dmg } else { Model::Cgb };
        match (self.model, support) {
            // It would say that it does not run there, and nothing else.
            (Some(Model::Dmg), Support::CgbOnly) => usual,
            (model, _) => model.unwrap_or(usual),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(|_| None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::MOST_VALUES;

    #[test]
    fn the_first_value_is_the_default() {
        let choices = choices(&["mine".to_owned()]);
        let first = |key: &str| {
            let choice = choices.iter().find(|choice| choice.key == key)?;
            Some(choice.values[0].0.clone())
        };
        assert_eq!(Settings::of(first), Settings::default());
        for choice in &choices {
            assert!(choice.values.len() < MOST_VALUES && !choice.help.contains('|'), "{choice:?}");
            assert!(CATEGORIES.iter().any(|[key, ..]| *key == choice.category), "{choice:?}");
        }
    }

    #[test]
    fn every_other_value_changes_something() {
        for choice in choices(&["mine".to_owned()]) {
            for (chosen, _) in &choice.values[1..] {
                let of = |key: &str| (key == choice.key).then(|| chosen.clone());
                assert_ne!(Settings::of(of), Settings::default(), "{} {chosen}", choice.key);
            }
        }
        assert_eq!(Settings::of(|_| Some("nonsense".to_owned())).palette, Palette::GREY);
    }
}
