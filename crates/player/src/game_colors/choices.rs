//! Colors while they are chosen.

use colorizer::cell_color::Pin;

use super::{Chosen, GameColors, MOST};

/// Changes that can be undone.
const MOST_UNDONE: usize = 200;

/// The colors of a game, which are kept after each change.
#[derive(Debug)]
pub struct Choices {
    colors: GameColors,
    /// What was chosen before each change, the latest last.
    before: Vec<Vec<Chosen>>,
    /// Whether the file may be written.
    is_kept: bool,
}

impl Choices {
    /// From these colors on.
    pub fn new(colors: GameColors) -> Self {
        Self { colors, before: Vec::new(), is_kept: true }
    }

    /// From none on, and without a file: what is there is not to be touched.
    pub fn without_file(colors: GameColors) -> Self {
        Self { is_kept: false, ..Self::new(colors) }
    }

    /// All that is chosen.
    pub fn pins(&self) -> Vec<Pin> {
        self.colors.pins()
    }

    /// What is chosen for this index of this cell.
    pub fn of(&self, pin: &Pin) -> Option<Chosen> {
        self.colors.find(pin).map(|at| self.colors.chosen[at])
    }

    /// Chooses a color, unless there are too many, or another is locked.
    ///
    /// Returns whether that changes anything, as all changes do.
    pub fn choose(&mut self, pin: Pin) -> bool {
        let at = self.colors.find(&pin);
        let is_open = match at {
            Some(at) => !self.colors.chosen[at].is_locked && self.colors.chosen[at].pin != pin,
            None => self.colors.chosen.len() < MOST,
        };
        if is_open {
            self.change(|chosen| match at {
                Some(at) => chosen[at].pin = pin,
                None => chosen.push(Chosen { pin, is_locked: false }),
            });
        }
        is_open
    }

    /// Leaves an index of a cell to the network again, unless its color is locked.
    pub fn remove(&mut self, pin: &Pin) -> bool {
        let at = self.colors.find(pin).filter(|&at| !self.colors.chosen[at].is_locked);
        if let Some(at) = at {
            self.change(|chosen| {
                chosen.remove(at);
            });
        }
        at.is_some()
    }

    /// Locks a chosen color, or unlocks it.
    pub fn toggle_lock(&mut self, pin: &Pin) -> bool {
        let at = self.colors.find(pin);
        if let Some(at) = at {
            self.change(|chosen| chosen[at].is_locked = !chosen[at].is_locked);
        }
        at.is_some()
    }

    /// Takes the latest change back.
    pub fn undo(&mut self) -> bool {
        let before = self.before.pop();
        let is_change = before.is_some();
        if let Some(chosen) = before {
            self.colors.chosen = chosen;
            self.keep();
        }
        is_change
    }

    fn change(&mut self, change: impl FnOnce(&mut Vec<Chosen>)) {
        if self.before.len() == MOST_UNDONE {
            self.before.remove(0);
        }
        self.before.push(self.colors.chosen.clone());
        change(&mut self.colors.chosen);
        self.keep();
    }

    fn keep(&mut self) {
        if !self.is_kept {
            return;
        }
        if let Err(err) = self.colors.store() {
            log::warn!("the colors are not kept: {err:#}");
            self.is_kept = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use colorizer::cells::CellLayer;

    use super::*;

    fn pin(index: u8, color: u16) -> Pin {
        Pin { layer: CellLayer::Background, tile: [1; 64], index, color }
    }

    #[test]
    fn changes_are_undone_one_by_one() {
        let mut choices = Choices::without_file(GameColors::default());
        assert!(
            choices.choose(pin(1, 7)) && choices.choose(pin(2, 8)) && choices.choose(pin(1, 9))
        );
        assert!(!choices.choose(pin(1, 9)), "the same again");
        assert_eq!(choices.pins(), [pin(1, 9), pin(2, 8)]);
        assert!(choices.remove(&pin(1, 0)));
        assert_eq!(choices.pins(), [pin(2, 8)]);
        let left =
            [vec![pin(1, 9), pin(2, 8)], vec![pin(1, 7), pin(2, 8)], vec![pin(1, 7)], vec![]];
        for left in left {
            assert!(choices.undo());
            assert_eq!(choices.pins(), left);
        }
        assert!(!choices.undo());
    }

    #[test]
    fn what_is_locked_is_not_changed() {
        let mut choices = Choices::without_file(GameColors::default());
        assert!(!choices.toggle_lock(&pin(1, 7)), "nothing is chosen");
        assert!(choices.choose(pin(1, 7)) && choices.toggle_lock(&pin(1, 7)));
        assert!(!choices.choose(pin(1, 9)) && !choices.remove(&pin(1, 9)));
        assert_eq!(choices.of(&pin(1, 0)), Some(Chosen { pin: pin(1, 7), is_locked: true }));
        assert!(choices.toggle_lock(&pin(1, 0)) && choices.choose(pin(1, 9)));
    }

    #[test]
    fn there_is_an_end_to_them() {
        let mut choices = Choices::without_file(GameColors::default());
        for number in 0..MOST {
            let tile = std::array::from_fn(|at| (number >> (at % 16)) as u8 & 3);
            assert!(choices.choose(Pin { tile, ..pin(1, 7) }), "{number}");
        }
        assert!(!choices.choose(pin(3, 7)));
    }
}
