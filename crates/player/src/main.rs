//! `chromaboy`: play original Game Boy games in colour.

mod app;
mod cartridge_file;
mod cli;
mod color;
mod commands;
mod config;
mod debug;
mod display;
mod embedded;
mod emulation;
mod figures;
mod files;
mod font;
mod game_colors;
mod input;
mod mailbox;
mod pacing;
mod past;
mod picture;
mod presenter;
mod recording;
mod remembered;
mod rewind;
mod saves;
mod sound;
mod states;
mod weights;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) if is_broken_pipe(&err) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("chromaboy: {err:#}");
            ExitCode::FAILURE
        }
    }
}

/// Warnings unless `RUST_LOG` asks for more. The libraries report what they try in vain
/// as errors, and the program has its own word for what comes of it.
fn start_log() {
    let filter = "warn,wgpu_core=off,wgpu_hal=off,naga=off,pulseaudio=off";
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(filter))
        .format(|line, record| {
            let level = record.level().as_str().to_lowercase();
            writeln!(line, "chromaboy: {level}: {}", record.args())
        })
        .init();
}

/// Whoever read our output has seen enough: `chromaboy dataset stats | head`.
fn is_broken_pipe(err: &anyhow::Error) -> bool {
    err.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|err| err.kind() == io::ErrorKind::BrokenPipe)
    })
}
