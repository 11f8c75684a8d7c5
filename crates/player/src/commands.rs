//! The commands, one file each.

mod bench;
mod colorize;
mod colors;
mod config;
mod model;
mod pages;
mod play;
mod record;
mod shooting;
mod teach;

use anyhow::Result;

use crate::cli::{Cli, Command};

/// Does what the command line says.
///
/// # Errors
/// Whatever stopped the command, in one line.
pub fn run(cli: Cli) -> Result<()> {
    match cli.command {
        None => play::run(cli.play),
        Some(Command::Play(args)) => play::run(args),
        Some(Command::Colorize(args)) => colorize::run(&args),
        Some(Command::Colors(args)) => colors::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Dataset(args)) => args.run(),
        Some(Command::Train(args)) => args.run(),
        Some(Command::Record(args)) => record::run(&args),
        Some(Command::Render(args)) => record::render(&args),
        Some(Command::Teach(args)) => teach::run(&args),
        Some(Command::Evaluate(args)) => args.run(),
        Some(Command::Model(args)) => model::run(&args),
        Some(Command::Config(args)) => config::run(&args),
        Some(Command::Completions(args)) => pages::complete(&args),
        Some(Command::Man(args)) => pages::man(&args),
    }
}
