//! Buttons pressed by a file instead of a player.

use gameboy::Buttons;
use thiserror::Error;

/// The format of a buttons file, for `--help`.
pub const SCRIPT_HELP: &str = "\
Buttons file (--buttons): one line `FRAME BUTTONS` for each change. From that frame on, counted
from 0 at power-on, exactly these buttons are held, until the next line. Buttons are a, b, select,
start, right, left, up and down, joined by +, or none. Empty lines and what follows a # are skipped.
  120 start
  126 none
  180 right+a   # run and jump
  240 none";

/// Why a text is no buttons file: its first bad line.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {fault}")]
pub struct Error {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a line of a buttons file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is one word only.
    #[error("expected `FRAME BUTTONS`, found {0:?}")]
    OneWord(String),
    /// The first word is no number.
    #[error("{0:?} is not a frame number")]
    Frame(String),
    /// The frame numbers do not grow.
    #[error("frame {frame} must come after frame {last}")]
    Order {
        /// The line's frame.
        frame: u64,
        /// That of the line before.
        last: u64,
    },
    /// A button that the console does not have.
    #[error("{0:?} is not a button")]
    Button(String),
}

/// Which buttons are held in which frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ButtonScript {
    /// First frame and buttons of each stretch; the frames grow.
    changes: Vec<(u64, Buttons)>,
}

impl ButtonScript {
    /// Reads a script from the text of a buttons file.
    ///
    /// # Errors
    /// The first bad line, with its number.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut script = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                script.push(line).map_err(|fault| Error { line: index + 1, fault })?;
            }
        }
        Ok(script)
    }

    /// The buttons held in frame `frame`, counted from 0.
    pub fn held(&self, frame: u64) -> Buttons {
        let after = self.changes.partition_point(|&(first, _)| first <= frame);
        after.checked_sub(1).map_or(Buttons::empty(), |index| self.changes[index].1)
    }

    /// The frame of the last line, from which on its buttons are held; 0 where there is no line.
    pub fn last_change(&self) -> u64 {
        self.changes.last().map_or(0, |&(frame, _)| frame)
    }

    fn push(&mut self, line: &str) -> Result<(), Fault> {
        let (frame, buttons) =
            line.split_once(char::is_whitespace).ok_or_else(|| Fault::OneWord(line.to_owned()))?;
        let frame = frame.parse().map_err(|_| Fault::Frame(frame.to_owned()))?;
        if let Some(&(last, _)) = self.changes.last()
            && frame <= last
        {
            return Err(Fault::Order { frame, last });
        }
        self.changes.push((frame, parse_buttons(buttons)?));
        Ok(())
    }
}

fn parse_buttons(text: &str) -> Result<Buttons, Fault> {
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok(Buttons::empty());
    }
    text.split('+').map(|name| parse_button(name.trim())).collect()
}

fn parse_button(name: &str) -> Result<Buttons, Fault> {
    // "A | B" would be taken by bitflags' own parser; a name has to be a single button.
    Buttons::all()
        .iter_names()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, button)| button)
        .ok_or_else(|| Fault::Button(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_are_held_until_the_next_line() {
        let script = ButtonScript::parse("# title\n\n3 start\n5 Right + a # jump\n9 none\n")
            .expect("a good script");
        assert_eq!(script.held(2), Buttons::empty());
        assert_eq!(script.held(3), Buttons::START);
        assert_eq!(script.held(4), Buttons::START);
        assert_eq!(script.held(8), Buttons::RIGHT | Buttons::A);
        assert_eq!(script.held(9), Buttons::empty());
        assert_eq!(script.held(u64::MAX), Buttons::empty());
        assert_eq!(script.last_change(), 9);
        assert_eq!(ButtonScript::default().last_change(), 0);
    }

    #[test]
    fn bad_lines_are_named_by_number() {
        for (text, error) in [
            ("1 a\n\nx b\n", "line 3: \"x\" is not a frame number"),
            ("1 a\n1 b\n", "line 2: frame 1 must come after frame 1"),
            ("1 jump\n", "line 1: \"jump\" is not a button"),
            ("1 a+\n", "line 1: \"\" is not a button"),
            ("12\n", "line 1: expected `FRAME BUTTONS`, found \"12\""),
        ] {
            let found = ButtonScript::parse(text).expect_err(text);
            assert_eq!(found.to_string(), error);
        }
    }
}
