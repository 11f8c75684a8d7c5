//! Cross-validation: each game is judged by a run that did not learn from it.

use super::games::{Choice, Game, Sources};
use super::history::Run;
use super::method::Method;
use super::report::GameResult;
use super::{Error, Options, Told, boot, score};

/// What became of it.
pub struct CrossValidation {
    /// How many runs there are.
    pub folds: usize,
    /// The ways in which they painted.
    pub methods: Vec<String>,
    /// All games that one of them held out.
    pub games: Vec<GameResult>,
}

/// Judges the runs of `options.folds` on the games that each held out. `done` is called after each
/// game.
///
/// # Errors
/// As [`evaluate`](super::evaluate).
pub fn validate(
    options: &Options,
    sources: &Sources,
    done: &mut impl FnMut(&str),
) -> Result<CrossValidation, Error> {
    let mut result =
        CrossValidation { folds: options.folds.len(), methods: Vec::new(), games: Vec::new() };
    for path in &options.folds {
        let held_out = Run::of(path)?.held_out.filter(|games| !games.is_empty());
        let held_out = held_out.ok_or_else(|| Error::NoFold(path.clone()))?;
        let (mut networks, ways): (Vec<_>, Vec<_>) =
            Method::networks(path, options)?.into_iter().unzip();
        result.methods = ways.into_iter().map(|way| way.trim_start().to_owned()).collect();
        for (name, files) in sources.iter().filter(|(name, _)| held_out.contains(*name)) {
            let needs_reference = options.told.contains(&Told::Like);
            let game = Game::read(name, files, &Choice::All, options.frames, needs_reference)?;
            if game.frames.is_empty() {
                continue;
            }
            let palette = boot::best(&game);
            let (scores, _) = score(&game, palette, &mut networks, options.input)?;
            result.games.push(GameResult {
                picture: None,
                frames: game.frames.len(),
                pairs: game.pairs(),
                palette: palette.name(),
                name: name.clone(),
                is_unseen: true,
                scores,
            });
            done(name);
        }
    }
    result.games.sort_by(|x, y| x.name.cmp(&y.name));
    Ok(result)
}
