//! `docs/ACCURACY.md`: the results of the conformance suites as a document.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gameboy::Model;

use crate::case::Case;
use crate::suite::Suite;

/// A case and whether it passed.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// What was run.
    pub case: &'a Case,
    /// Whether it passed.
    pub passed: bool,
}

/// What `tests/roms` states of each case, which the conformance test holds against a run.
pub fn stated(cases: &[Case]) -> Vec<Outcome<'_>> {
    cases.iter().map(|case| Outcome { case, passed: case.known_failure.is_none() }).collect()
}

/// The document, in Markdown.
pub fn render(suites: &[Suite], outcomes: &[Outcome<'_>]) -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("| suite | source | DMG | CGB |\n|---|---|---|---|\n");
    for suite in suites {
        let outcomes = of(suite, outcomes);
        let [dmg, cgb] = [Model::Dmg, Model::Cgb].map(|model| count(&outcomes, model));
        _ = writeln!(text, "| {} | {} | {dmg} | {cgb} |", suite.suite, suite.source);
    }
    for suite in suites {
        render_suite(suite, &of(suite, outcomes), &mut text);
    }
    text
}

const INTRODUCTION: &str = "\
# Accuracy

Written by `cargo run -p tests --bin accuracy` from a run of every ROM that has a verdict for \
a model; the conformance test of the workspace fails where this page is out of date. Each ROM \
runs from the state after the boot ROM. The vectors of SingleStepTests/sm83 (registers, memory \
and bus activity of every opcode) are run by the tests of the crate `gameboy`, and all pass.

";

fn of<'a>(suite: &Suite, outcomes: &[Outcome<'a>]) -> Vec<Outcome<'a>> {
    outcomes.iter().filter(|outcome| outcome.case.suite == suite.suite).copied().collect()
}

fn count(outcomes: &[Outcome<'_>], model: Model) -> String {
    let of_model: Vec<_> = outcomes.iter().filter(|outcome| outcome.case.model == model).collect();
    let passed = of_model.iter().filter(|outcome| outcome.passed).count();
    match of_model.len() {
        0 => "-".to_owned(),
        all => format!("{passed} of {all}"),
    }
}

fn render_suite(suite: &Suite, outcomes: &[Outcome<'_>], text: &mut String) {
    _ = writeln!(text, "\n## {}\n", suite.suite);
    text.push_str("| ROM | DMG | CGB | what differs |\n|---|---|---|---|\n");
    let mut roms: BTreeMap<&str, [Option<Outcome<'_>>; 2]> = BTreeMap::new();
    for outcome in outcomes {
        let column = usize::from(outcome.case.model == Model::Cgb);
        roms.entry(&outcome.case.name).or_default()[column] = Some(*outcome);
    }
    for (name, [dmg, cgb]) in roms {
        let reasons = reasons([dmg, cgb]);
        _ = writeln!(text, "| {name} | {} | {} | {reasons} |", word(dmg), word(cgb));
    }
    for note in &suite.skip {
        let models = match note.models.as_slice() {
            [] => String::new(),
            models => format!(" on {}", models.join(", ")),
        };
        let roms = note.roms.join(", ");
        _ = writeln!(text, "\nNot run{models}: {roms}. Reason: {}.", note.reason);
    }
}

fn word(outcome: Option<Outcome<'_>>) -> &'static str {
    match outcome {
        None => "",
        Some(outcome) if outcome.passed => "pass",
        Some(_) => "**fail**",
    }
}

fn reasons(outcomes: [Option<Outcome<'_>>; 2]) -> String {
    let failures = outcomes.into_iter().flatten().filter(|outcome| !outcome.passed);
    let mut reasons: Vec<_> =
        failures.filter_map(|outcome| outcome.case.known_failure.as_deref()).collect();
    reasons.dedup();
    reasons.join("; ")
}
