//! The conformance suites, one test for each ROM and model.

use std::fs;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, FormatSetting, Trial};
use tests::case::Case;
use tests::{TEST_ROMS, accuracy, case, folder, suite, workspace};

fn main() -> Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    let trials = match folder(TEST_ROMS) {
        Some(folder) => {
            // A line for each of a thousand tests would bury the rest.
            arguments.format.get_or_insert(FormatSetting::Terse);
            trials(case::collect(&folder)?)
        }
        None => vec![skipped()],
    };
    Ok(libtest_mimic::run(&arguments, trials).exit_code())
}

fn skipped() -> Trial {
    let name = format!("skipped: {TEST_ROMS} does not name the folder of the test ROMs");
    Trial::test(name, || Ok(())).with_ignored_flag(true)
}

fn trials(cases: Vec<Case>) -> Vec<Trial> {
    let document = cases.clone();
    let document = Trial::test("docs/ACCURACY.md is up to date", move || {
        check_document(&document).map_err(|error| format!("{error:#}").into())
    });
    let trial = |case: Case| {
        let title = case.title();
        Trial::test(title, move || case.check().map_err(|error| format!("{error:#}").into()))
    };
    cases.into_iter().map(trial).chain([document]).collect()
}

fn check_document(cases: &[Case]) -> Result<()> {
    let suites = suite::read_all(&workspace().join("tests/roms"))?;
    let found = fs::read_to_string(workspace().join("docs/ACCURACY.md"))?;
    let stated = accuracy::render(&suites, &accuracy::stated(cases));
    ensure!(found == stated, "write it anew with `cargo run -p tests --bin accuracy`");
    Ok(())
}
