//! What can be typed on the command line. Doc comments here are the program's `--help`.

use std::convert::Infallible;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use colorizer::Palette;
use neural::{DeviceChoice, KernelChoice, Precision};
use serde::{Deserialize, Serialize};

use trainer::script::SCRIPT_HELP;

use crate::{embedded, input};

const EXAMPLES: &str = "\
Examples:
  chromaboy                              play the built-in demo, in color
  chromaboy game.gb                      play a game (a zip that holds one will do)
  chromaboy --model dmg --scale 6 game.gbc
  chromaboy colorize game.gb --frames 900 -o shot.png
  chromaboy colorize photo.jpg --side-by-side -o both.png
  chromaboy colorize played.mp4 -o colored.mp4   a film that another emulator made
  chromaboy bench game.gb --frames 5000";

const RECORD_EXAMPLES: &str = "\
Examples:
  chromaboy record game.gb --frames 3600 -o minute.mp4
  chromaboy record game.gb --frames 600 --buttons buttons.txt --source side-by-side -o both.mp4
  chromaboy record game.gb --movie play.cbm --weights v1 -o play.mov
  chromaboy record --frames 300 -o demo.gif";

const RENDER_EXAMPLES: &str = "\
Examples:
  chromaboy render play.cbm -o play.mp4
  chromaboy render play.cbm --rom game.gb --weights mine.safetensors --scale 6 -o large.mp4";

const TEACH_EXAMPLES: &str = "\
Examples:
  chromaboy teach game.gbc                       ten minutes, then `chromaboy game.gbc --model dmg`
  chromaboy teach sequel.gbc --for original.gb   teach it on one game, play another
  chromaboy teach game.gbc --minutes 60 --weights mine.safetensors";

const COLORIZE_EXAMPLES: &str = "\
Examples:
  chromaboy colorize game.gb --frames 900 -o shot.png
  chromaboy colorize photo.jpg --side-by-side -o both.png
  chromaboy colorize played.mp4 -o colored.mp4   a film that another emulator made
  chromaboy colorize game.gb --buttons buttons.txt --weights v1 --scale 4 -o shot.png";

const COLORS_EXAMPLES: &str = "\
Examples:
  chromaboy colors list game.gb
  chromaboy colors export game.gb -o game.colors.toml
  chromaboy colors merge game.gb theirs.colors.toml";

const BENCH_EXAMPLES: &str = "\
Examples:
  chromaboy bench                                the demo, and both networks
  chromaboy bench game.gb --only emulation --frames 5000
  chromaboy bench --weights v1 --threads 1 --precision int8 --json";

const DATASET_EXAMPLES: &str = "\
Examples:
  chromaboy dataset capture games/ -o data/ --seconds 180
  chromaboy dataset import film.mp4 -o data/
  chromaboy dataset show data/ -o sheet.png";

const TRAIN_EXAMPLES: &str = "\
Examples:
  chromaboy train data/ --network v1 -o run/
  chromaboy train data/ --network v3 --recipe gameboy -o run/
  chromaboy train data/ -o run/ --resume";

const EVALUATE_EXAMPLES: &str = "\
Examples:
  chromaboy evaluate data/ --weights run/best.safetensors -o report/report.md";

const MODEL_EXAMPLES: &str = "\
Examples:
  chromaboy model info model_best.pth.tar
  chromaboy model import model_best.pth.tar -o v1.safetensors";

const CONFIG_EXAMPLES: &str = "\
Examples:
  chromaboy config                               where the file is, and what it changes
  chromaboy config --print-default > my.toml
  chromaboy --config my.toml --set color.view=split game.gb";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  chromaboy completions bash > ~/.local/share/bash-completion/completions/chromaboy
  chromaboy completions zsh > ~/.zfunc/_chromaboy
  chromaboy completions fish > ~/.config/fish/completions/chromaboy.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  chromaboy man | man -l -
  chromaboy man /usr/local/share/man/man1";

/// Plays original Game Boy games in color.
///
/// A network paints the four greys of the screen, live. Without a game it plays its own demo.
/// Games that have colors of their own are shown as they are.
#[derive(Debug, Parser)]
#[command(name = "chromaboy", version, args_conflicts_with_subcommands = true)]
#[command(after_long_help = format!("{}\n\n{EXAMPLES}", input::help()))]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub play: PlayArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play a game in a window (what happens without a command, too)
    #[command(after_long_help = format!("{}\n\n{EXAMPLES}", input::help()))]
    Play(PlayArgs),

    /// Color one frame of a game, or a picture, and write it as PNG; or a film of a game
    #[command(after_long_help = format!("{SCRIPT_HELP}\n\n{COLORIZE_EXAMPLES}"))]
    Colorize(ColorizeArgs),

    /// Record a game in color, without a window
    #[command(after_long_help = format!("{FILM_HELP}\n\n{SCRIPT_HELP}\n\n{RECORD_EXAMPLES}"))]
    Record(RecordArgs),

    /// Make a film of an input movie, with any colors
    #[command(after_long_help = format!("{FILM_HELP}\n\n{RENDER_EXAMPLES}"))]
    Render(RenderArgs),

    /// Teach V3 the colors of a game, for that game and for others
    #[command(after_long_help = TEACH_EXAMPLES)]
    Teach(TeachArgs),

    /// List, share or take over the colors that were chosen for a game
    #[command(after_long_help = COLORS_EXAMPLES)]
    Colors(ColorsArgs),

    /// Measure how fast games run here and how fast they are colored, without a window
    #[command(after_long_help = BENCH_EXAMPLES)]
    Bench(BenchArgs),

    /// Collect frames of color games to train with
    #[command(after_long_help = DATASET_EXAMPLES)]
    Dataset(trainer::cli::DatasetArgs),

    /// Teach a network from captured frames
    #[command(after_long_help = TRAIN_EXAMPLES)]
    Train(trainer::cli::TrainArgs),

    /// Compare networks on captured frames, in a report with pictures
    #[command(after_long_help = EVALUATE_EXAMPLES)]
    Evaluate(trainer::cli::EvaluateArgs),

    /// Look into files of weights, or import those of PyTorch
    #[command(after_long_help = MODEL_EXAMPLES)]
    Model(ModelArgs),

    /// Tell where settings are kept, and which differ from the defaults
    #[command(after_long_help = CONFIG_EXAMPLES)]
    Config(ConfigCommandArgs),

    /// Print a script that completes commands in a shell
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),

    /// Print the manual page, or write the pages of all commands
    #[command(after_long_help = MAN_EXAMPLES)]
    Man(ManArgs),
}

const FILM_HELP: &str = "\
Films, by the ending of their name:
  .mp4            plays everywhere (H.264 and AAC), 4 times as large
  .mov            lossless (PNG and PCM), every pixel and sample as it was
  .gif .apng .webp  clips without sound, twice as large
  name-%06d.png   a picture for each frame";

#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The game: a .gb or .gbc file, or a zip that holds one [default: the built-in demo]
    pub rom: Option<PathBuf>,

    /// How many frames to record, from power-on (there are 59.7 in a second) [default: with --movie
    /// as many as it has]
    #[arg(long, value_name = "N", required_unless_present = "movie")]
    pub frames: Option<NonZeroU64>,

    /// The buttons to press, and when (see below for the format) [default: none]
    #[arg(long, value_name = "FILE", conflicts_with = "movie")]
    pub buttons: Option<PathBuf>,

    /// Play this input movie
    #[arg(long, value_name = "MOVIE", conflicts_with = "model")]
    pub movie: Option<PathBuf>,

    /// The console; auto is dmg wherever the game allows that
    #[arg(long, value_enum, default_value_t)]
    pub model: ModelChoice,

    #[command(flatten)]
    pub film: FilmArgs,

    #[command(flatten)]
    pub color: ColorArgs,
}

#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The input movie, as `chromaboy --movie-record` writes it
    pub movie: PathBuf,

    /// The game [default: where it was when the movie was made, or beside the movie, or the demo]
    #[arg(long)]
    pub rom: Option<PathBuf>,

    #[command(flatten)]
    pub film: FilmArgs,

    #[command(flatten)]
    pub color: ColorArgs,
}

/// What to make of pictures.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Film")]
pub struct FilmArgs {
    /// Where to write the film (see below for the kinds)
    #[arg(short, long, value_name = "FILM")]
    pub output: PathBuf,

    /// What it shows
    #[arg(long, value_enum, default_value_t)]
    pub source: SourceChoice,

    /// Film pixels for each of the console's [default: 4, of clips 2, of lossless films 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=12))]
    pub scale: Option<u32>,

    /// Replace a file of that name
    #[arg(long)]
    pub replace: bool,
}

/// What a film shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceChoice {
    /// The game in color
    #[default]
    Color,
    /// As the console shows it
    Raw,
    /// As the console shows it, and in color
    SideBySide,
}

impl From<SourceChoice> for recorder::Source {
    fn from(choice: SourceChoice) -> Self {
        match choice {
            SourceChoice::Color => Self::Color,
            SourceChoice::Raw => Self::Raw,
            SourceChoice::SideBySide => Self::SideBySide,
        }
    }
}

#[derive(Debug, Args)]
pub struct TeachArgs {
    /// The game to learn from, which must have colors of its own
    pub rom: PathBuf,

    /// A game to color by what was learned, besides the one that is learned from, such as its
    /// version for the original Game Boy or its prequel; may be given more than once
    #[arg(long = "for", value_name = "GAME")]
    pub also_for: Vec<PathBuf>,

    /// How long to take
    #[arg(long, value_name = "N", default_value = "10", value_parser = clap::value_parser!(u64).range(1..))]
    pub minutes: u64,

    /// Begin with these weights of V3 [default: the built-in ones]
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,

    /// A save state to play from, instead of power-on
    #[arg(long, value_name = "STATE")]
    pub from: Option<PathBuf>,

    /// Buttons to press before the game is played by itself
    #[arg(long, value_name = "FILE")]
    pub buttons: Option<PathBuf>,

    /// Where to write pictures of what was learned [default: beside the game, .teach.png]
    #[arg(long, value_name = "OUT.png")]
    pub pictures: Option<PathBuf>,

    /// Keep the frames and the run in this folder, and go on where an earlier call with it stopped
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,

    /// What computes: auto, cpu, cuda or metal
    #[arg(long, default_value_t, value_parser = device_parser())]
    pub device: DeviceChoice,

    /// Threads to compute with on the CPU [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

#[derive(Debug, Args)]
pub struct ColorsArgs {
    #[command(subcommand)]
    pub command: ColorsCommand,
}

#[derive(Debug, Subcommand)]
pub enum ColorsCommand {
    /// Tell which colors were chosen for a game
    List {
        /// The game
        rom: PathBuf,
    },

    /// Write the colors of a game to a file
    Export {
        /// The game
        rom: PathBuf,

        /// Where to write them
        #[arg(short, long, value_name = "OUT.colors.toml")]
        output: PathBuf,
    },

    /// Give a game the colors of a file, in place of those chosen before
    Import {
        /// The game
        rom: PathBuf,

        /// The file of colors
        file: PathBuf,

        /// Take also the colors of another game: tiles that both have will show them
        #[arg(long)]
        any_game: bool,
    },

    /// Give a game the colors of files besides those chosen before; later files win, but what is
    /// locked stays
    Merge {
        /// The game
        rom: PathBuf,

        /// The files of colors
        #[arg(required = true)]
        files: Vec<PathBuf>,

        /// Take also the colors of other games: tiles that both have will show them
        #[arg(long)]
        any_game: bool,
    },
}

#[derive(Debug, Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    pub command: ModelCommand,
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Make a .safetensors file of a checkpoint that PyTorch wrote, in its old format or the new
    Import {
        /// The checkpoint, a .pth, .pt or .pth.tar file such as the article's weights
        checkpoint: PathBuf,

        /// Where to write the weights
        #[arg(short, long, value_name = "OUT.safetensors")]
        output: PathBuf,
    },

    /// Tell which network a file of weights or a checkpoint belongs to, and what else it says
    Info {
        /// A .safetensors file, or a checkpoint of PyTorch
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct PlayArgs {
    /// The game: a .gb or .gbc file, or a zip that holds one [default: the built-in demo]
    pub rom: Option<PathBuf>,

    /// The console to play on; auto is cgb for games with colors of their own, else dmg
    #[arg(long, value_enum, default_value_t)]
    pub model: ModelChoice,

    /// Screen pixels per console pixel when the window opens [default: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=16))]
    pub scale: Option<u32>,

    /// Start without sound
    #[arg(long)]
    pub mute: bool,

    /// Close after N frames (there are 59.7 in a second) [default: play on]
    #[arg(long, value_name = "N")]
    pub frames: Option<NonZeroU64>,

    /// Draw by the graphics card, or by the processor; auto prefers a real graphics card
    #[arg(long, value_enum)]
    pub renderer: Option<RendererChoice>,

    /// Start on the whole screen
    #[arg(long)]
    pub fullscreen: bool,

    /// Go on where the game was left
    #[arg(long)]
    pub resume: bool,

    /// At the end, print frames, speed and the network's pace
    #[arg(long)]
    pub stats: bool,

    /// Record from the start, as the key for it does later; `chromaboy record --help` tells the
    /// kinds of films
    #[arg(long, value_name = "FILM")]
    pub record: Option<PathBuf>,

    /// What --record and the key record [default: color]
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub record_source: Option<SourceChoice>,

    /// Write what is pressed to this input movie, for `chromaboy render`
    #[arg(long, value_name = "MOVIE")]
    pub movie_record: Option<PathBuf>,

    /// Let this input movie play; when it is over, the game is yours
    #[arg(long, value_name = "MOVIE")]
    pub movie_play: Option<PathBuf>,

    #[command(flatten)]
    pub config: ConfigArgs,

    #[command(flatten)]
    pub color: ColorArgs,
}

/// Where settings come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct ConfigArgs {
    /// The file of settings [default: config.toml in the folder that the platform has for it]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Change a setting for now, such as color.strength=50; may be given more than once
    /// (`chromaboy config --print-default` lists them)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub assignments: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ConfigCommandArgs {
    /// Print all settings as they are by default, with a word on each
    #[arg(long)]
    pub print_default: bool,

    #[command(flatten)]
    pub config: ConfigArgs,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell [default: that of SHELL]
    pub shell: Option<Shell>,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for every command into this folder [default: print that of chromaboy]
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ColorizeArgs {
    /// A game (.gb, .gbc, or a zip that holds one), a picture (PNG, JPEG, GIF, BMP) of any size, or a
    /// film of a game's screen, which the program ffmpeg reads
    pub input: PathBuf,

    /// Where to write the PNG, or the film: `chromaboy record --help` tells the kinds
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,

    /// Games: which frame to color, counted from power-on
    #[arg(long, value_name = "N", default_value = "600")]
    pub frames: NonZeroU64,

    /// Games: the console; auto is dmg wherever the game allows that
    #[arg(long, value_enum, default_value_t)]
    pub model: ModelChoice,

    /// Games: the buttons to press, and when (see below for the format) [default: none]
    #[arg(long, value_name = "FILE")]
    pub buttons: Option<PathBuf>,

    /// Put the grey picture to the left of the colored one
    #[arg(long)]
    pub side_by_side: bool,

    /// Make every pixel of the console or the picture N x N pixels [default: 1; of films 4, of clips 2, of
    /// lossless films 1]
    #[arg(long, value_name = "N")]
    pub scale: Option<NonZeroU32>,

    #[command(flatten)]
    pub color: ColorArgs,
}

#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The games: .gb or .gbc files, or zips that hold one [default: the built-in demo]
    #[arg(value_name = "ROM")]
    pub roms: Vec<PathBuf>,

    /// Frames in a round, after 300 that do not count
    #[arg(long, value_name = "N", default_value = "2000")]
    pub frames: NonZeroU32,

    /// Rounds: their median is printed, and their range
    #[arg(long, value_name = "N", default_value = "5")]
    pub rounds: NonZeroU32,

    /// Frames to color in a round
    #[arg(long, value_name = "N", default_value = "60")]
    pub colored: NonZeroU32,

    /// Measure only this; may be given more than once
    #[arg(long, value_enum, value_name = "STAGE")]
    pub only: Vec<Stage>,

    /// The console; auto is cgb for games with colors of their own, which are not colored again
    #[arg(long, value_enum, default_value_t)]
    pub model: ModelChoice,

    /// Record where each pixel comes from, as colorizers need it
    #[arg(long)]
    pub provenance: bool,

    /// Print a JSON object per line
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub color: ColorArgs,
}

/// What `chromaboy bench` measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The console alone
    Emulation,
    /// From chroma to a picture
    Recombination,
    /// The network, by each number of threads and each precision unless --threads and --precision
    /// choose
    Network,
    /// A game in color: emulation, network and recombination, one after the other
    Pipeline,
}

/// How frames get their colors.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Color")]
pub struct ColorArgs {
    /// What gives the frames their colors
    #[arg(long, value_enum, default_value_t)]
    pub colorizer: ColorizerChoice,

    /// The palette of the raw picture, and of --colorizer palette [default: grey]
    #[arg(long, value_name = "NAME", value_parser = Palette::by_name)]
    pub palette: Option<Palette>,

    /// The network's weights: a .safetensors file, a checkpoint of PyTorch, or v1 or v3, which are
    /// built in [default: v3, and v1 for pictures that do not show a Game Boy's screen]
    #[arg(long, value_name = "FILE|v1|v3")]
    pub weights: Option<Weights>,

    /// How far V3 is trusted with the colors of games that it does not know [default: safe, but vivid
    /// for games that it was taught]
    #[arg(long, value_enum)]
    pub style: Option<StyleChoice>,

    /// A picture in the colors that V3 is to give the game, such as a screenshot of one like it
    #[arg(long, value_name = "IMAGE")]
    pub like: Option<PathBuf>,

    /// Where the network runs; auto is cuda or metal where this program was built for it
    #[arg(long, default_value_t, value_parser = device_parser())]
    pub device: DeviceChoice,

    /// How exactly the network computes on the CPU; auto keeps the colors as f32 has them
    #[arg(long, default_value_t, value_parser = precision_parser())]
    pub precision: Precision,

    /// What the network computes with on the CPU; auto is the fastest that the processor has
    #[arg(long, default_value_t, value_parser = kernel_parser())]
    pub kernel: KernelChoice,

    /// Threads of the network on the CPU [default: one less than there are cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl ColorArgs {
    /// The palette.
    pub fn palette(&self) -> Palette {
        self.palette.unwrap_or(Palette::GREY)
    }
}

/// Where weights come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weights {
    /// The program itself.
    BuiltIn(embedded::Weights),
    /// A file.
    File(PathBuf),
}

impl FromStr for Weights {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let mut built_in = embedded::Weights::ALL.into_iter();
        let named = built_in.find(|weights| weights.name().eq_ignore_ascii_case(text));
        Ok(named.map_or_else(|| Self::File(text.into()), Self::BuiltIn))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ModelChoice {
    #[default]
    Auto,
    /// The original Game Boy
    Dmg,
    /// The Game Boy Color
    Cgb,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorizerChoice {
    /// The network of --weights
    #[default]
    Neural,
    /// The palette of --palette
    Palette,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StyleChoice {
    /// Where it is not sure, shades keep their lightness, in colors that the whole game shares
    Safe,
    /// In all that it says
    Vivid,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RendererChoice {
    #[default]
    Auto,
    /// The graphics card, through Vulkan, Metal or Direct3D
    Gpu,
    /// The processor
    Software,
}

/// Named values, so that `--help` lists them.
fn device_parser() -> impl TypedValueParser<Value = DeviceChoice> {
    PossibleValuesParser::new(["auto", "cpu", "cuda", "metal"])
        .try_map(|name| name.parse::<DeviceChoice>())
}

fn kernel_parser() -> impl TypedValueParser<Value = KernelChoice> {
    PossibleValuesParser::new(["auto", "portable", "avx2", "avx512", "amx", "neon"])
        .try_map(|name| name.parse::<KernelChoice>())
}

fn precision_parser() -> impl TypedValueParser<Value = Precision> {
    PossibleValuesParser::new(["auto", "f32", "bf16", "int8"])
        .try_map(|name| name.parse::<Precision>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
