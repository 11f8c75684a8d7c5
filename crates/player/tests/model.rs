//! `chromaboy model`: weights of this project, checkpoints of PyTorch, and files that are neither.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn model(arguments: &[&Path]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chromaboy"));
    command.arg("model").args(arguments);
    command
}

fn said(mut command: Command) -> String {
    let output = command.assert().success().get_output().clone();
    String::from_utf8(output.stdout).expect("text")
}

fn complaint(mut command: Command) -> String {
    let output = command.assert().failure().code(1).get_output().clone();
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/v1.safetensors")
}

#[test]
fn our_weights_say_what_they_are() {
    let said = said(model(&["info".as_ref(), &ours()]));
    assert!(said.starts_with("network: V1, 973810 parameters\n"), "{said}");
}

#[test]
fn the_articles_checkpoint_is_imported() {
    let Some(folder) = std::env::var_os("CHROMABOY_CHECKPOINTS") else {
        println!("skipped: CHROMABOY_CHECKPOINTS does not name the folder of the checkpoints");
        return;
    };
    let checkpoint = PathBuf::from(folder).join("v0-wario-land-3.pth.tar");
    let info = said(model(&["info".as_ref(), &checkpoint]));
    for line in [
        "network: V0, 32202 parameters",
        "epoch: 29",
        "valid_losses: 30 values, best 0.0100 (number 29), last 0.0100",
    ] {
        assert!(info.lines().any(|said| said == line), "{info}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = folder.path().join("v0.safetensors");
    let import = ["import".as_ref(), checkpoint.as_path(), "-o".as_ref(), output.as_path()];
    let imported = said(model(&import));
    assert!(imported.ends_with("v0.safetensors: V0, 32202 parameters\n"), "{imported}");
    let info = said(model(&["info".as_ref(), &output]));
    assert!(info.contains("network: V0") && info.contains("epoch: 29"), "{info}");
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (input, output) = (folder.path().join("not.pth"), folder.path().join("out.safetensors"));
    std::fs::write(&input, b"not weights").expect("a file");
    let import = ["import".as_ref(), input.as_path(), "-o".as_ref(), output.as_path()];
    let complaint = complaint(model(&import));
    assert!(complaint.ends_with("this is no checkpoint of PyTorch\n"), "{complaint}");
    assert!(!output.exists());
}
