//! `chromaboy dataset import`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use crate::import::{Options, Summary, import};

#[derive(Args, Debug)]
pub struct ImportArgs {
    /// A folder of PNG or JPEG frames, one picture, or a film (read by ffmpeg).
    #[arg(value_name = "PATH")]
    source: PathBuf,
    /// Where the session file goes.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Look at every n-th frame [default: 1 for pictures, 58 for a film].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    every: Option<u32>,
    /// Frames to keep at most.
    #[arg(long, value_name = "N", default_value_t = Options::default().max)]
    max: usize,
    /// What the game is called [default: the name of the folder or file].
    #[arg(long, value_name = "NAME")]
    game: Option<String>,
}

impl ImportArgs {
    pub fn run(&self) -> anyhow::Result<()> {
        let options = Options { every: self.every, max: self.max, game: self.game.clone() };
        let summary = import(&self.source, &self.output, &options)?;
        super::print(&text(&summary))?;
        if summary.kept == 0 {
            bail!("{}: no frame was worth keeping", self.source.display());
        }
        Ok(())
    }
}

fn text(summary: &Summary) -> String {
    let Summary { game, looked, kept, plain, colorless, fades, duplicates, damaged, .. } = summary;
    format!(
        "{game}: {kept} frames of {looked} kept; dropped {plain} plain, {colorless} colorless, \
         {fades} fades, {duplicates} duplicates; {damaged} damaged\n"
    )
}
