//! `chromaboy config`: where settings are kept, and what they are.

use std::io::Write as _;

use anyhow::{Context, Result};
use toml::Table;

use crate::cli::ConfigCommandArgs;
use crate::config::{self, Config, ConfigFile};

/// Prints the settings.
///
/// # Errors
/// If the file cannot be used.
pub fn run(args: &ConfigCommandArgs) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if args.print_default {
        write!(out, "{}", config::DEFAULT)?;
        return Ok(());
    }
    let (_, config) = ConfigFile::open(args.config.config.as_deref())?;
    let config = config.with(&args.config.assignments)?;
    let path = args.config.config.clone().or_else(ConfigFile::default_path);
    let path = path.context("the system has no folder for settings")?;
    let state = if path.exists() { "" } else { " (not there: all is as by default)" };
    writeln!(out, "# {}{state}", path.display())?;
    let changed = difference(&Table::try_from(Config::default())?, &Table::try_from(&config)?);
    write!(out, "{changed}")?;
    Ok(())
}

/// What is other than before.
fn difference(before: &Table, after: &Table) -> Table {
    let mut changed = Table::new();
    for (key, value) in after.iter().filter(|(key, value)| before.get(*key) != Some(*value)) {
        let value = match (before.get(key).and_then(|old| old.as_table()), value.as_table()) {
            (Some(before), Some(after)) => difference(before, after).into(),
            _ => value.clone(),
        };
        changed.insert(key.clone(), value);
    }
    changed
}
