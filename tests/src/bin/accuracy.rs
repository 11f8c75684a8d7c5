//! Runs the conformance suites and writes `docs/ACCURACY.md`.

use std::fs;
use std::panic::catch_unwind;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rayon::prelude::*;
use tests::accuracy::{Outcome, render};
use tests::case::{self, Case};
use tests::{TEST_ROMS, folder, suite, workspace};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let folder = folder(TEST_ROMS).with_context(|| format!("{TEST_ROMS} names no folder"))?;
    let cases = case::collect(&folder)?;
    let outcomes = cases.par_iter().map(outcome).collect::<Result<Vec<_>>>()?;
    let path = workspace().join("docs/ACCURACY.md");
    fs::create_dir_all(workspace().join("docs"))?;
    fs::write(&path, render(&suite::read_all(&workspace().join("tests/roms"))?, &outcomes))?;
    let passed = outcomes.iter().filter(|outcome| outcome.passed).count();
    println!("{passed} of {} pass; {} written", outcomes.len(), path.display());
    Ok(())
}

/// Runs a case, and says on standard error where the repository states another result.
fn outcome(case: &Case) -> Result<Outcome<'_>> {
    let verdict = catch_unwind(|| case.run()).unwrap_or_else(|_| Ok(Err("panics".to_owned())))?;
    match (&verdict, &case.known_failure) {
        (Err(difference), None) => eprintln!("fails: {}: {difference}", case.title()),
        (Ok(()), Some(_)) => eprintln!("passes, a known failure: {}", case.title()),
        _ => {}
    }
    Ok(Outcome { case, passed: verdict.is_ok() })
}
