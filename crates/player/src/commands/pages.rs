//! `chromaboy completions` and `chromaboy man`: what is made of the command line's own description.

use std::fs;
use std::io;

use anyhow::{Context, Result};
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::{Cli, CompletionsArgs, ManArgs};

/// Prints the script of a shell.
///
/// # Errors
/// If there is no shell to be found out.
pub fn complete(args: &CompletionsArgs) -> Result<()> {
    let shell = args.shell.or_else(Shell::from_env);
    let shell = shell.context("which shell? bash, elvish, fish, powershell or zsh")?;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "chromaboy", &mut script);
    // The library panics where a pipe is closed early.
    Ok(io::Write::write_all(&mut io::stdout().lock(), &script)?)
}

/// Prints the manual page, or writes one for every command.
///
/// # Errors
/// If the folder cannot be written to.
pub fn man(args: &ManArgs) -> Result<()> {
    let command = Cli::command();
    match &args.folder {
        None => clap_mangen::Man::new(command).render(&mut io::stdout().lock())?,
        Some(folder) => {
            let failed = || format!("cannot write to {}", folder.display());
            fs::create_dir_all(folder).with_context(failed)?;
            clap_mangen::generate_to(command, folder).with_context(failed)?;
        }
    }
    Ok(())
}
