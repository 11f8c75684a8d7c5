//! `chromaboy model`: what weights are, and those of PyTorch as ours.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use neural::Network;
use neural::checkpoint::{Checkpoint, Fact};

use crate::cli::{ModelArgs, ModelCommand};
use crate::{cartridge_file, files};

/// Does what the arguments say.
///
/// # Errors
/// In one line, what is wrong with a file.
pub fn run(args: &ModelArgs) -> Result<()> {
    match &args.command {
        ModelCommand::Import { checkpoint, output } => import(checkpoint, output),
        ModelCommand::Info { file } => info(file),
    }
}

fn import(checkpoint: &Path, output: &Path) -> Result<()> {
    let shown = || checkpoint.display().to_string();
    let bytes = cartridge_file::read(checkpoint)?;
    let imported = Checkpoint::from_bytes(&bytes).with_context(shown)?;
    let weights = imported.to_safetensors().with_context(shown)?;
    let network = neural::identify(&weights).with_context(shown)?;
    files::replace(output, &weights)
        .with_context(|| format!("cannot write {}", output.display()))?;
    writeln!(io::stdout(), "{}: {}", output.display(), describe(&network))?;
    Ok(())
}

fn info(path: &Path) -> Result<()> {
    let shown = || path.display().to_string();
    let bytes = cartridge_file::read(path)?;
    let (weights, facts) = if Checkpoint::is_likely(&bytes) {
        let checkpoint = Checkpoint::from_bytes(&bytes).with_context(shown)?;
        (checkpoint.to_safetensors().with_context(shown)?, checkpoint.facts().to_vec())
    } else {
        let facts = neural::metadata(&bytes).with_context(shown)?;
        (bytes, facts.into_iter().map(|(name, text)| (name, Fact::Text(text))).collect())
    };
    let network = neural::identify(&weights).with_context(shown)?;
    let mut out = io::stdout().lock();
    writeln!(out, "network: {}", describe(&network))?;
    for (name, fact) in &facts {
        writeln!(out, "{name}: {}", sentence(fact))?;
    }
    Ok(())
}

fn describe(network: &Network) -> String {
    let sizes = network.tensors().map(|(_, shape)| shape.iter().product::<usize>());
    format!("{}, {} parameters", network.name(), sizes.sum::<usize>())
}

/// Of a list of numbers, which are losses as a rule, the best and the last.
fn sentence(fact: &Fact) -> String {
    match fact {
        Fact::Int(value) => value.to_string(),
        Fact::Float(value) => value.to_string(),
        Fact::Text(text) => text.clone(),
        Fact::Floats(values) => {
            let best = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
            match (best, values.last()) {
                (Some((at, best)), Some(last)) => {
                    format!("{} values, best {best:.4} (number {at}), last {last:.4}", values.len())
                }
                _ => "no values".to_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_losses_are_summed_up() {
        let losses = Fact::Floats(vec![0.03, 0.01, 0.02]);
        assert_eq!(sentence(&losses), "3 values, best 0.0100 (number 1), last 0.0200");
    }
}
