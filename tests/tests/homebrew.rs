//! Every homebrew game, played by a script: for three minutes, twice with the same result, and
//! with a save state in between.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, FormatSetting, Trial};
use tests::homebrew::{self, Game};
use tests::{HOMEBREW, folder};

const SEED: u64 = 1989;
/// Frames before the state is saved, and after.
const BEFORE: u32 = 400;
const AFTER: u32 = 200;

fn main() -> Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    let trials = match folder(HOMEBREW) {
        Some(folder) => {
            arguments.format.get_or_insert(FormatSetting::Terse);
            homebrew::collect(&folder)?.into_iter().flat_map(|game| trials(&game)).collect()
        }
        None => vec![skipped()],
    };
    Ok(libtest_mimic::run(&arguments, trials).exit_code())
}

fn skipped() -> Trial {
    let name = format!("skipped: {HOMEBREW} does not name the folder of the games");
    Trial::test(name, || Ok(())).with_ignored_flag(true)
}

type Check = fn(&Game) -> Result<()>;

fn trials(game: &Game) -> [Trial; 3] {
    let checks: [(&str, Check); 3] = [
        ("runs for three minutes", runs_for_three_minutes),
        ("runs twice the same", runs_twice_the_same),
        ("continues from a state", continues_from_a_state),
    ];
    checks.map(|(name, check)| {
        let game = game.clone();
        let title = format!("{} {name}", game.title());
        Trial::test(title, move || check(&game).map_err(|error| format!("{error:#}").into()))
    })
}

fn runs_for_three_minutes(game: &Game) -> Result<()> {
    game.start(SEED)?.three_minutes()
}

fn runs_twice_the_same(game: &Game) -> Result<()> {
    let [first, second] = [game.start(SEED)?, game.start(SEED)?];
    let hashes = [first, second].map(|mut play| play.hash_frames(BEFORE).ok());
    ensure!(hashes[0].is_some() && hashes[0] == hashes[1], "two runs differ");
    Ok(())
}

fn continues_from_a_state(game: &Game) -> Result<()> {
    let mut play = game.start(SEED)?;
    play.hash_frames(BEFORE)?;
    let mut loaded = play.clone();
    loaded.gb = game.start(SEED)?.gb;
    loaded.gb.load_state(&play.gb.save_state())?;
    let [straight, continued] = [play, loaded].map(|mut play| play.hash_frames(AFTER).ok());
    ensure!(straight.is_some() && straight == continued, "the loaded console runs differently");
    Ok(())
}
