//! `chromaboy evaluate`.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use colorizer::cell_color::Style;
use dataset::session_files;

use crate::evaluate::{Input, Options, Part, Told, evaluate};

/// Compare networks on captured frames.
#[derive(Args, Debug)]
pub struct EvaluateArgs {
    /// Session files, or directories of them.
    #[arg(value_name = "DATASET", required = true)]
    sessions: Vec<PathBuf>,
    /// The networks: .safetensors files, or checkpoints of PyTorch. Their training is told by the
    /// metrics.csv and config.json beside them, where there are any.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    weights: Vec<PathBuf>,
    /// The report, a Markdown file; its pictures go into a folder beside it.
    #[arg(long, short, value_name = "REPORT.md")]
    output: PathBuf,
    /// Games that no network has learned from [default: those that all runs held out].
    #[arg(long, value_name = "GAME", num_args = 1..)]
    unseen: Vec<String>,
    /// What the networks are given.
    #[arg(long, value_enum, default_value_t)]
    input: InputChoice,
    /// The styles in which V3 paints.
    #[arg(long, value_enum, value_name = "STYLE", num_args = 1.., default_value = "safe")]
    style: Vec<StyleChoice>,
    /// What V3 is told of each game.
    #[arg(long, value_enum, value_name = "HINT", num_args = 1.., default_value = "nothing")]
    told: Vec<ToldChoice>,
    /// Which frames of games that were learned from.
    #[arg(long, value_enum, default_value_t)]
    part: PartChoice,
    /// Frames of each game at most, evenly chosen.
    #[arg(long, value_name = "N", default_value_t = 40)]
    frames: usize,
    /// Show pictures of these games only; of none if none is named [default: of all].
    #[arg(long, value_name = "GAME", num_args = 0..)]
    pictures: Option<Vec<String>>,
    /// The weights of a cross-validation, runs of train --fold: each is judged on the games that it
    /// held out.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    folds: Vec<PathBuf>,
    /// Play these games of the original Game Boy frame by frame: what flips, and a strip of frames
    /// in each game's colors.
    #[arg(long, value_name = "ROM", num_args = 1..)]
    play: Vec<PathBuf>,
    /// How long to play each of them.
    #[arg(long, value_name = "SECONDS", default_value_t = 120,
          value_parser = clap::value_parser!(u32).range(1..))]
    play_seconds: u32,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum InputChoice {
    /// The four shades of the original Game Boy
    #[default]
    Shades,
    /// The lightness of the color frame, as in the article
    Lightness,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StyleChoice {
    /// Where it is not sure, shades keep their lightness, in colors that the whole game shares
    Safe,
    /// In all that it says
    Vivid,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ToldChoice {
    /// Nothing
    Nothing,
    /// The colors of another frame of the game
    Like,
    /// The true colors of the 8 indices of cells that cover most of its first ten seconds
    Pins,
    /// Not even its tiles, but the shades of each picture alone
    Picture,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum PartChoice {
    /// Those that the runs kept for validation, by the config.json beside the weights; else the
    /// last tenth
    #[default]
    Validation,
    /// The last tenth, which train --split later keeps for validation
    Later,
    /// All of them
    All,
}

impl EvaluateArgs {
    /// Writes the report.
    ///
    /// # Errors
    /// Where a file cannot be read or written, or there is nothing to compare.
    pub fn run(&self) -> anyhow::Result<()> {
        if self.output.extension().is_none_or(|extension| extension != "md") {
            bail!("{}: the report is Markdown, call it .md", self.output.display());
        }
        let options = Options {
            sessions: session_files(&self.sessions)?,
            weights: self.weights.clone(),
            unseen: self.unseen.clone(),
            input: match self.input {
                InputChoice::Shades => Input::Shades,
                InputChoice::Lightness => Input::Lightness,
            },
            styles: self.style.iter().map(|&style| style.into()).collect(),
            told: self.told.iter().map(|&told| told.into()).collect(),
            part: match self.part {
                PartChoice::Validation => Part::Validation,
                PartChoice::Later => Part::Later,
                PartChoice::All => Part::All,
            },
            frames: self.frames,
            pictures: self.pictures.clone(),
            folds: self.folds.clone(),
            play: self.play.clone(),
            play_seconds: self.play_seconds,
        };
        evaluate(&options, &self.output, |game| log::info!("{game} is done"))?;
        Ok(())
    }
}

impl From<StyleChoice> for Style {
    fn from(choice: StyleChoice) -> Self {
        match choice {
            StyleChoice::Safe => Self::Safe,
            StyleChoice::Vivid => Self::Vivid,
        }
    }
}

impl From<ToldChoice> for Told {
    fn from(choice: ToldChoice) -> Self {
        match choice {
            ToldChoice::Nothing => Self::Nothing,
            ToldChoice::Like => Self::Like,
            ToldChoice::Pins => Self::Pins,
            ToldChoice::Picture => Self::Picture,
        }
    }
}
