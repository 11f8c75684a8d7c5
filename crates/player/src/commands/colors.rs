//! `chromaboy colors`: the colors chosen for a game, in files to keep and to share.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, bail};
use colorizer::cells::CellLayer;
use colorizer::rgb555_to_srgb;

use crate::cartridge_file::CartridgeFile;
use crate::cli::{ColorsArgs, ColorsCommand};
use crate::game_colors::{Chosen, GameColors};

/// Does what the arguments say.
///
/// # Errors
/// In one line, what is wrong with a file.
pub fn run(args: &ColorsArgs) -> Result<()> {
    match &args.command {
        ColorsCommand::List { rom } => list(&kept(rom)?),
        ColorsCommand::Export { rom, output } => export(&kept(rom)?, output),
        ColorsCommand::Import { rom, file, any_game } => import(rom, file, *any_game),
        ColorsCommand::Merge { rom, files, any_game } => merge(rom, files, *any_game),
    }
}

fn kept(rom: &Path) -> Result<GameColors> {
    GameColors::load(&CartridgeFile::open(rom)?.cartridge)
}

fn list(colors: &GameColors) -> Result<()> {
    let mut out = io::stdout().lock();
    for Chosen { pin, is_locked } in &colors.chosen {
        let layer = match pin.layer {
            CellLayer::Background => "background",
            CellLayer::Window => "window",
            CellLayer::Object => "object",
        };
        let [r, g, b] = rgb555_to_srgb(pin.color);
        let lock = if *is_locked { ", locked" } else { "" };
        writeln!(
            out,
            "#{r:02X}{g:02X}{b:02X} for index {} of a tile of the {layer}{lock}",
            pin.index
        )?;
    }
    writeln!(out, "{}", count_of(colors))?;
    Ok(())
}

/// The game and how many colors it has.
fn count_of(colors: &GameColors) -> String {
    let plural = if colors.chosen.len() == 1 { "" } else { "s" };
    format!("{:?}: {} color{plural}", colors.title, colors.chosen.len())
}

fn export(colors: &GameColors, output: &Path) -> Result<()> {
    if colors.chosen.is_empty() {
        bail!("no colors were chosen for {:?} yet", colors.title);
    }
    colors.write(output)
}

/// The colors of a file, as if they were this game's where that is wanted.
fn read(path: &Path, game: &GameColors, any_game: bool) -> Result<GameColors> {
    let colors = GameColors::read(path)?;
    if !any_game {
        colors.check(game).map_err(|err| {
            anyhow::anyhow!("{}: {err}; --any-game takes them all the same", path.display())
        })?;
    }
    Ok(GameColors { game: game.game.clone(), title: game.title.clone(), ..colors })
}

fn import(rom: &Path, file: &Path, any_game: bool) -> Result<()> {
    let game = GameColors::of(&CartridgeFile::open(rom)?.cartridge);
    let colors = read(file, &game, any_game)?;
    colors.store()?;
    writeln!(io::stdout(), "{}", count_of(&colors))?;
    Ok(())
}

fn merge(rom: &Path, files: &[std::path::PathBuf], any_game: bool) -> Result<()> {
    let mut colors = kept(rom)?;
    // All are read before anything is written.
    let others = files.iter().map(|file| read(file, &colors, any_game));
    let others = others.collect::<Result<Vec<_>>>()?;
    let merged: Vec<_> = others.iter().map(|other| colors.merge(other)).collect();
    colors.store()?;
    let mut out = io::stdout().lock();
    for (file, merged) in files.iter().zip(merged) {
        let (file, added, changed, kept) =
            (file.display(), merged.added, merged.changed, merged.kept);
        writeln!(out, "{file}: {added} new, {changed} changed, {kept} locked and kept")?;
    }
    Ok(())
}
