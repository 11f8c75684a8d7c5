//! `chromaboy`: play original Game Boy games in colour.

mod app;
mod cartridge_file;
mod cli;
mod color;
mod commands;
mod display;
mod embedded;
mod emulation;
mod input;
mod mailbox;
mod pacing;
mod picture;
mod presenter;
mod saves;
mod script;
mod sound;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) if is_broken_pipe(&err) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("chromaboy: {err:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever read our output has seen enough: `chromaboy dataset stats | head`.
fn is_broken_pipe(err: &anyhow::Error) -> bool {
    err.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|err| err.kind() == io::ErrorKind::BrokenPipe)
    })
}
