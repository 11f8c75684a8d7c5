//! The report in Markdown.

use std::fmt::Write as _;

use super::cross::CrossValidation;
use super::games::Choice;
use super::history::{Losses, Run};
use super::play::{Played, Way};
use super::score::Score;
use super::{Input, Options};

/// What the methods without a network are called, in their order.
const SIMPLE: [&str; 3] = ["all grey", "best tint", "boot palette"];

/// A figure, how it is printed, and what it says.
struct Figure {
    name: &'static str,
    decimals: usize,
    value: fn(&Score) -> Option<f64>,
    about: &'static str,
}

const FIGURES: [Figure; 6] = [
    Figure {
        name: "ab-MSE",
        decimals: 4,
        value: |score| Some(score.ab_mse),
        about: "mean squared error of a\\*/128 and b\\*/128, the article's figure. It rewards grey.",
    },
    Figure {
        name: "ΔE",
        decimals: 1,
        value: |score| Some(score.delta_e),
        about: "mean CIEDE2000 of the pixels as they are shown, lightness included.",
    },
    Figure {
        name: "ΔE p95",
        decimals: 1,
        value: |score| Some(score.delta_e_95),
        about: "the CIEDE2000 that 95 % of the pixels stay below.",
    },
    Figure {
        name: "colorful",
        decimals: 2,
        value: |score| Some(score.colorfulness),
        about: "colorfulness (Hasler and Süsstrunk, 2003) by that of the truth: best at 1.",
    },
    Figure {
        name: "bleed",
        decimals: 2,
        value: |score| score.bleed,
        about: "how far, in units of a\\* and b\\* as shown (root of the mean square), pixels are from the mean \
                of their region: connected pixels of one tile, palette and color index, which the \
                true picture shows in one color.",
    },
    Figure {
        name: "flips",
        decimals: 3,
        value: |score| score.flips,
        about: "of the 8x8 cells of the background that two successive samples share, found again \
                by their scroll and unchanged in truth, the share whose shown color changes by 5 \
                units of a\\* and b\\* or more.",
    },
];

/// All that the report says.
pub struct Report {
    options: Options,
    choice: Choice,
    runs: Vec<Run>,
    /// The files of weights.
    weights: Vec<String>,
    /// The networks, of which a file of weights may have several.
    networks: Vec<String>,
    pub damaged: u64,
    pub games: Vec<GameResult>,
    pub folds: Option<CrossValidation>,
    pub plays: Vec<Played>,
}

/// The figures of a game by method.
pub struct GameResult {
    pub name: String,
    pub is_unseen: bool,
    pub frames: usize,
    /// Frames of which the true shades are known.
    pub pairs: usize,
    /// The boot palette that suits it best.
    pub palette: &'static str,
    pub scores: Vec<Score>,
    /// Where its pictures are, from the report, if they are shown.
    pub picture: Option<String>,
}

impl Report {
    pub fn new(
        options: &Options,
        choice: &Choice,
        runs: Vec<Run>,
        weights: Vec<String>,
        networks: Vec<String>,
    ) -> Self {
        let (options, choice) = (options.clone(), choice.clone());
        Self {
            options,
            choice,
            runs,
            weights,
            networks,
            damaged: 0,
            games: Vec::new(),
            folds: None,
            plays: Vec::new(),
        }
    }

    pub fn text(&self) -> String {
        let mut text = String::from("# Evaluation\n\n");
        text += &self.introduction();
        text += &self.training();
        text += &self.summary();
        text += &self.folds.as_ref().map(CrossValidation::text).unwrap_or_default();
        text += &self.played();
        for figure in &FIGURES {
            text += &self.by_game(figure);
        }
        text += &self.pictures();
        text
    }

    fn methods(&self) -> impl Iterator<Item = &str> {
        SIMPLE.into_iter().chain(self.networks.iter().map(String::as_str))
    }

    fn games(&self, is_unseen: bool) -> impl Iterator<Item = &GameResult> {
        self.games.iter().filter(move |game| game.is_unseen == is_unseen)
    }

    fn introduction(&self) -> String {
        let frames = |is_unseen| self.games(is_unseen).map(|game| game.frames).sum::<usize>();
        let pairs: usize = self.games.iter().map(|game| game.pairs).sum();
        let part = match self.choice {
            Choice::Drawn(_) => "the tenth of their frames that the runs drew for validation",
            Choice::Later => "the last tenth of their frames",
            Choice::All => "all their frames, those learned from among them",
        };
        let input = match self.options.input {
            Input::Shades => format!(
                "the four shades of the original Game Boy: the true ones on {pairs} frames, else \
                 the color indices as they are"
            ),
            Input::Lightness => "the lightness of the color frames, as in the article".to_owned(),
        };
        let learned = match self.choice {
            Choice::Drawn(_) => "; frames much like them were learned from",
            Choice::Later => {
                ", which a run that splits by later scenes did not learn from; one that splits by \
                 frames, as the article did, learned from most of them"
            }
            Choice::All => "",
        };
        let damaged = match self.damaged {
            0 => String::new(),
            count => format!(" {count} damaged samples were left out."),
        };
        format!(
            "In-domain: {} games, {part} ({} frames){learned}. Unseen: {} games, {} frames. At most {} \
             frames of a game; each game counts alike. Input: {input}.{damaged}\n\n",
            self.games(false).count(),
            frames(false),
            self.games(true).count(),
            frames(true),
            self.options.frames,
        )
    }

    /// The article's table.
    fn training(&self) -> String {
        let mut text = String::from(
            "## Training\n\nValidation loss while training, by the run's own split: ab-MSE, of V3 mean \
             CIEDE2000.\n\n\
             | network | epoch 15 | epoch 30 | best | at epoch |\n|---|---|---|---|---|\n",
        );
        let loss = |losses: Option<Losses>| cell(losses.map(|losses| losses.validation), 5);
        for (name, run) in self.weights.iter().zip(&self.runs) {
            let best = run.best();
            let _ = writeln!(
                text,
                "| {name} | {} | {} | {} | {} |",
                loss(run.at_epoch(15.0)),
                loss(run.at_epoch(30.0)),
                loss(best),
                cell(best.map(|losses| losses.epoch), 1),
            );
        }
        text + "\n"
    }

    /// The means over games, in-domain and unseen apart.
    fn summary(&self) -> String {
        let names = FIGURES.map(|figure| figure.name);
        let mut text = String::from("## Means over games\n\n");
        let columns = |kind: &str| names.map(|name| format!("{kind} {name}")).join(" | ");
        let _ = writeln!(text, "| | {} | {} |", columns("in-domain"), columns("unseen"));
        let _ = writeln!(text, "|---|{}", "---|".repeat(2 * names.len()));
        for (i, method) in self.methods().enumerate() {
            let cells = [false, true].map(|is_unseen| {
                FIGURES.map(|figure| self.mean(&figure, i, is_unseen)).join(" | ")
            });
            let _ = writeln!(text, "| {method} | {} |", cells.join(" | "));
        }
        text += "\n";
        for figure in &FIGURES {
            let _ = writeln!(text, "- **{}**: {}", figure.name, figure.about);
        }
        text + "\nAll three rivals of the networks need no learning. All grey keeps the lightness of \
                the input. The best tint adds to it the game's mean true a\\* and b\\*, and the boot \
                palette is that of the twelve of the Game Boy Color's start-up (one for the \
                background, two for objects) which comes nearest to the game: both are chosen with \
                the truth in hand, so they are bounds rather than contestants.\n\n"
    }

    fn mean(&self, figure: &Figure, method: usize, is_unseen: bool) -> String {
        mean(self.games(is_unseen), figure, method)
    }

    /// What was seen of games that were played.
    fn played(&self) -> String {
        let Some(first) = self.plays.first() else { return String::new() };
        let mut text = format!(
            "## Play\n\nEach game played for {} seconds, frame by frame. Of 1,000 cells that stand or scroll, \
             wholly seen and with the palettes of the frame before, so many change their color by 5 \
             units of a\\* and b\\* or more in a second; in brackets the share of the frames of which the \
             network had nothing to compute.\n\n",
            self.options.play_seconds
        );
        let names: Vec<_> = first.ways.iter().map(|way| way.name.as_str()).collect();
        let _ = writeln!(text, "| game | {} |", names.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(names.len()));
        for game in &self.plays {
            let way = |way: &Way| format!("{:.2} ({:.0} %)", way.flips, way.reused * 100.0);
            let cells: Vec<_> = game.ways.iter().map(way).collect();
            let _ = writeln!(text, "| {} | {} |", escaped(&game.name), cells.join(" | "));
        }
        let ways = self.plays.iter().flat_map(|game| game.ways.iter().map(move |way| (game, way)));
        for (game, way) in ways {
            if let Some(strip) = &way.strip {
                let name = escaped(&game.name);
                let _ =
                    write!(text, "\n{name}, {}:\n\n![{name}, {}]({strip})\n", way.name, way.name);
            }
        }
        text + "\n"
    }

    fn by_game(&self, figure: &Figure) -> String {
        let methods: Vec<_> = self.methods().collect();
        let mut text = format!("## {} by game\n\n", figure.name);
        let _ = writeln!(text, "| game | frames | {} |", methods.join(" | "));
        let _ = writeln!(text, "|---|---|{}", "---|".repeat(methods.len()));
        for game in self.games(false).chain(self.games(true)) {
            let value = |score| cell((figure.value)(score), figure.decimals);
            let cells: Vec<_> = game.scores.iter().map(value).collect();
            let unseen = if game.is_unseen { " (unseen)" } else { "" };
            let name = escaped(&game.name);
            let _ = writeln!(text, "| {name}{unseen} | {} | {} |", game.frames, cells.join(" | "));
        }
        text + "\n"
    }

    fn pictures(&self) -> String {
        if self.games.iter().all(|game| game.picture.is_none()) {
            return String::new();
        }
        let columns: Vec<_> = self.networks.iter().map(String::as_str).collect();
        let mut text = format!(
            "## Pictures\n\nThe frame in the middle of those looked at. From left to right: grey, \
             {}, truth.\n\n",
            columns.join(", ")
        );
        for game in self.games(false).chain(self.games(true)) {
            let Some(picture) = &game.picture else { continue };
            let unseen = if game.is_unseen { " (unseen)" } else { "" };
            let (name, palette) = (escaped(&game.name), game.palette);
            let _ = writeln!(
                text,
                "**{name}**{unseen}, boot palette {palette}\n\n![{name}]({picture})\n"
            );
        }
        text
    }
}

impl CrossValidation {
    fn text(&self) -> String {
        let frames: usize = self.games.iter().map(|game| game.frames).sum();
        let mut text = format!(
            "## Cross-validation\n\nV3 taught {} times, each time without a part of the games; {} games, \
             {frames} frames, each judged by the run that never saw it.\n\n",
            self.folds,
            self.games.len(),
        );
        let _ = writeln!(text, "| | {} |", FIGURES.map(|figure| figure.name).join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(FIGURES.len()));
        for (i, method) in self.methods().enumerate() {
            let cells = FIGURES.map(|figure| mean(self.games.iter(), &figure, i));
            let _ = writeln!(text, "| {method} | {} |", cells.join(" | "));
        }
        let methods: Vec<_> = self.methods().collect();
        let _ = writeln!(text, "\nΔE of each game:\n\n| game | frames | {} |", methods.join(" | "));
        let _ = writeln!(text, "|---|---|{}", "---|".repeat(methods.len()));
        for game in &self.games {
            let cells: Vec<_> =
                game.scores.iter().map(|score| cell(Some(score.delta_e), 1)).collect();
            let name = escaped(&game.name);
            let _ = writeln!(text, "| {name} | {} | {} |", game.frames, cells.join(" | "));
        }
        text + "\n"
    }

    fn methods(&self) -> impl Iterator<Item = &str> {
        SIMPLE.into_iter().chain(self.methods.iter().map(String::as_str))
    }
}

/// The mean over games, of which each counts alike.
fn mean<'a>(games: impl Iterator<Item = &'a GameResult>, figure: &Figure, method: usize) -> String {
    let values: Vec<f64> = games.filter_map(|game| (figure.value)(&game.scores[method])).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    cell((!values.is_empty()).then_some(mean), figure.decimals)
}

fn cell(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "\\`*_|[]<>#".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
