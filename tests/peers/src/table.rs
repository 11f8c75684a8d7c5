//! The table in Markdown: of each emulator the median, its ratio to `SameBoy`'s, and the range.

use crate::emulator::Kind;

/// What one emulator did on one pair.
#[derive(Debug)]
pub struct Row {
    /// The emulator.
    pub kind: Kind,
    /// Frames per second, of each round.
    pub rates: Vec<f64>,
}

impl Row {
    /// A row without rounds.
    pub fn new(kind: Kind) -> Self {
        Self { kind, rates: Vec::new() }
    }

    /// The middle one of the rounds, once they are sorted.
    fn median(&self) -> f64 {
        self.rates[self.rates.len() / 2]
    }
}

/// The first two lines.
pub fn head(kinds: &[Kind]) -> [String; 2] {
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    [
        format!("| game, model | {} |", names.join(" | ")),
        format!("|---|{}", "---|".repeat(kinds.len())),
    ]
}

/// The line of one pair; each cell is `median (min-max), ratio`.
pub fn line(pair: &str, rows: &mut [Row]) -> String {
    for row in rows.iter_mut() {
        row.rates.sort_by(f64::total_cmp);
    }
    let reference = rows.iter().find(|row| row.kind == Kind::SameBoy).map_or(f64::NAN, Row::median);
    let cells = rows.iter().map(|row| {
        let (least, most) = (row.rates[0], row.rates[row.rates.len() - 1]);
        let ratio = row.median() / reference;
        format!("{:.0} ({least:.0}-{most:.0}), {ratio:.1}x", row.median())
    });
    format!("| {pair} | {} |", cells.collect::<Vec<_>>().join(" | "))
}
