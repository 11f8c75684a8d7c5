//! The settings and what is made of the command line, from the command line.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

fn chromaboy(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chromaboy"));
    command.env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path());
    command.env("XDG_DATA_HOME", home.path()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// What a command that succeeds prints.
fn printed(command: &mut Command) -> String {
    let output = command.assert().success().get_output().clone();
    String::from_utf8(output.stdout).expect("text")
}

/// The one line in which a command is refused.
fn refused(command: &mut Command) -> String {
    let output = command.assert().failure().code(1).get_output().clone();
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// The file of settings, where it is kept unless the command line says otherwise.
#[cfg(target_os = "linux")]
fn write_config(home: &Path, text: &str) -> std::path::PathBuf {
    let path = home.join("chromaboy/config.toml");
    fs::create_dir_all(home.join("chromaboy")).expect("a folder");
    fs::write(&path, text).expect("written");
    path
}

#[test]
fn the_default_is_printed_and_changes_nothing() {
    let home = home();
    let default = printed(chromaboy(&home).args(["config", "--print-default"]));
    assert!(default.starts_with("# The settings of Chromaboy"), "{default}");
    let file = home.path().join("mine.toml");
    fs::write(&file, default).expect("written");
    let said = printed(chromaboy(&home).arg("config").arg("--config").arg(&file));
    assert_eq!(said.trim_end(), format!("# {}", file.display()));
}

#[test]
fn what_differs_is_told() {
    let home = home();
    let said = printed(chromaboy(&home).args(["config", "--set", "sound.volume=30"]));
    assert!(said.ends_with("[sound]\nvolume = 30\n"), "{said}");
}

#[test]
fn what_there_is_not_is_refused_with_the_nearest_that_there_is() {
    let home = home();
    let said = refused(chromaboy(&home).args(["config", "--set", "sound.volumen=3"]));
    assert!(said.contains("sound.volumen=3") && said.contains("\"volume\""), "{said}");
    let said = refused(chromaboy(&home).args(["--set", "play.run-ahead=9"]));
    assert!(said.contains("play.run-ahead is 0 to 2"), "{said}");
    let file = home.path().join("mine.toml");
    fs::write(&file, "[color]\nveiw = \"raw\"\n").expect("written");
    let said = refused(chromaboy(&home).arg("--config").arg(&file));
    assert!(said.contains("mine.toml") && said.contains("did you mean \"view\"?"), "{said}");
    assert!(file.exists(), "it is the user's own");
    let said = refused(chromaboy(&home).args(["--config", "no/such.toml"]));
    assert!(said.contains("no/such.toml"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_settings_that_cannot_be_used_is_kept_aside() {
    let home = home();
    let path = write_config(home.path(), "[color\n");
    let output = chromaboy(&home).arg("config").assert().success().get_output().clone();
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains("config.toml.bad"), "{said}");
    assert!(!path.exists());
    let aside = fs::read_to_string(path.with_extension("toml.bad")).expect("the file");
    assert_eq!(aside, "[color\n");
}

#[test]
fn every_shell_is_completed_and_every_command_has_a_page() {
    let home = home();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(chromaboy(&home).args(["completions", shell]));
        assert!(script.contains("colorize") && script.contains("print-default"), "{shell}");
    }
    let page = printed(chromaboy(&home).arg("man"));
    assert!(page.contains(".TH chromaboy 1"), "{page}");
    let folder = home.path().join("man1");
    chromaboy(&home).arg("man").arg(&folder).assert().success();
    for page in ["chromaboy.1", "chromaboy-teach.1", "chromaboy-colors-merge.1"] {
        assert!(folder.join(page).exists(), "{page}");
    }
}

#[test]
fn every_command_shows_examples() {
    let home = home();
    let help = printed(chromaboy(&home).arg("--help"));
    let commands = help.split("Commands:").nth(1).expect("a list of commands");
    let commands = commands.split("\n\n").next().expect("its end");
    let names: Vec<_> = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with(char::is_alphabetic))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let help = printed(chromaboy(&home).args([name, "--help"]));
        assert!(help.contains("xample"), "{name}: {help}");
    }
}
