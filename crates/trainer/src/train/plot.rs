//! The curves of a run as a picture.

use super::history::History;

const WIDTH: usize = 900;
const HEIGHT: usize = 480;
const LEFT: usize = 64;
const RIGHT: usize = 16;
const TOP: usize = 16;
const BOTTOM: usize = 32;

const PAPER: [u8; 3] = [255, 255, 255];
const INK: [u8; 3] = [40, 40, 40];
const GRID: [u8; 3] = [222, 222, 222];
const TRAINING: [u8; 3] = [150, 190, 235];
const MEAN: [u8; 3] = [30, 90, 180];
const VALIDATION: [u8; 3] = [215, 60, 30];

/// A picture of RGB pixels, row by row.
#[derive(Debug)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Lines.
    pub height: usize,
    /// Three bytes a pixel.
    pub pixels: Vec<u8>,
}

/// The losses over the steps, on a logarithmic axis: of training, for each column of the picture,
/// the range from least to greatest (so that no spike is lost) and the mean; of validations, dots
/// that are joined.
pub fn losses(history: &History) -> Picture {
    let mut plot = Plot::new(history);
    plot.draw_axes();
    plot.draw_training(&history.losses);
    plot.draw_validations(&history.validations);
    plot.draw_legend();
    plot.picture
}

struct Plot {
    picture: Picture,
    steps: f64,
    /// The decimal logarithms at the ends of the axis.
    low: f64,
    high: f64,
}

impl Picture {
    /// A picture of one color.
    pub fn filled(width: usize, height: usize, color: [u8; 3]) -> Self {
        Self { width, height, pixels: color.repeat(width * height) }
    }

    /// Sets a pixel; what lies outside is not drawn.
    pub fn set(&mut self, x: usize, y: usize, color: [u8; 3]) {
        if x < self.width && y < self.height {
            self.pixels[(y * self.width + x) * 3..][..3].copy_from_slice(&color);
        }
    }

    /// As a PNG file.
    pub fn to_png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(file)
    }

    fn rectangle(&mut self, x: usize, y: usize, size: [usize; 2], color: [u8; 3]) {
        for y in y..y + size[1] {
            (x..x + size[0]).for_each(|x| self.set(x, y, color));
        }
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), color: [u8; 3]) {
        let length = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        for i in 0..=length as usize {
            let t = i as f64 / length;
            let at = |from: f64, to: f64| (from + (to - from) * t).round() as usize;
            self.rectangle(at(from.0, to.0), at(from.1, to.1), [2, 2], color);
        }
    }

    /// Letters of 6x10 pixels; what has none stays blank.
    fn text(&mut self, x: usize, y: usize, text: &str) {
        for (i, letter) in text.chars().enumerate() {
            let rows = glyph(letter);
            for (row, bits) in rows.iter().enumerate() {
                for column in (0..3).filter(|column| bits >> (2 - column) & 1 == 1) {
                    self.rectangle(x + i * 8 + column * 2, y + row * 2, [2, 2], INK);
                }
            }
        }
    }
}

impl Plot {
    fn new(history: &History) -> Self {
        let validated = history.validations.iter().map(|(_, loss)| *loss);
        let all = history.losses.iter().copied().chain(validated);
        let drawn = all.filter(|loss| *loss > 0.0 && loss.is_finite());
        let (least, greatest) = drawn.fold((f64::MAX, 0.0f64), |(least, greatest), loss| {
            (least.min(loss), greatest.max(loss))
        });
        let (low, high) = if greatest > 0.0 {
            (least.log10() - 0.05, greatest.log10() + 0.05)
        } else {
            (-3.0, 0.0)
        };
        let picture = Picture::filled(WIDTH, HEIGHT, PAPER);
        Self { picture, steps: history.steps().max(1) as f64, low, high }
    }

    fn x(&self, step: f64) -> f64 {
        LEFT as f64 + step / self.steps * (WIDTH - LEFT - RIGHT) as f64
    }

    fn y(&self, loss: f64) -> f64 {
        let share = (loss.max(1e-12).log10() - self.low) / (self.high - self.low);
        (HEIGHT - BOTTOM) as f64 - share.clamp(0.0, 1.0) * (HEIGHT - BOTTOM - TOP) as f64
    }

    fn draw_axes(&mut self) {
        for decade in self.low.floor() as i32..=self.high.ceil() as i32 {
            for digit in [1, 2, 5] {
                let loss = digit as f64 * 10f64.powi(decade);
                if (self.low..=self.high).contains(&loss.log10()) {
                    let y = self.y(loss) as usize;
                    self.picture.rectangle(LEFT, y, [WIDTH - LEFT - RIGHT, 1], GRID);
                    let places = if decade < 0 { -decade as usize } else { 0 };
                    let text = format!("{loss:.places$}");
                    let left = LEFT.saturating_sub(8 + text.len() * 8);
                    self.picture.text(left, y.saturating_sub(5), &text);
                }
            }
        }
        for share in 0..=4 {
            let step = (self.steps * share as f64 / 4.0).round();
            let x = self.x(step) as usize;
            self.picture.rectangle(x, TOP, [1, HEIGHT - TOP - BOTTOM], GRID);
            let text = format!("{step}");
            let left = x.saturating_sub(text.len() * 4).min(WIDTH - text.len() * 8 - 4);
            self.picture.text(left, HEIGHT - BOTTOM + 10, &text);
        }
    }

    fn draw_training(&mut self, losses: &[f64]) {
        let columns = (WIDTH - LEFT - RIGHT).min(losses.len().max(1));
        let mut before = None;
        for column in 0..columns {
            let [first, end] = [column, column + 1].map(|column| column * losses.len() / columns);
            let part = &losses[first..end.max(first + 1).min(losses.len())];
            let Some(mean) = mean(part) else { continue };
            let greatest = part.iter().copied().fold(0.0, f64::max);
            let least = part.iter().copied().fold(f64::MAX, f64::min);
            let x = self.x((first + end) as f64 / 2.0);
            let (top, bottom) = (self.y(greatest) as usize, self.y(least) as usize);
            self.picture.rectangle(x as usize, top, [2, bottom - top + 1], TRAINING);
            let point = (x, self.y(mean));
            self.picture.line(before.unwrap_or(point), point, MEAN);
            before = Some(point);
        }
    }

    fn draw_validations(&mut self, validations: &[(u64, f64)]) {
        let mut before = None;
        for &(step, loss) in validations {
            let point = (self.x(step as f64), self.y(loss));
            self.picture.line(before.unwrap_or(point), point, VALIDATION);
            let corner = [point.0, point.1].map(|at| (at as usize).saturating_sub(2));
            self.picture.rectangle(corner[0], corner[1], [6, 6], VALIDATION);
            before = Some(point);
        }
    }

    fn draw_legend(&mut self) {
        let left = WIDTH - RIGHT - 200;
        for (i, (name, color)) in
            [("TRAINING", MEAN), ("VALIDATION", VALIDATION)].iter().enumerate()
        {
            let y = TOP + 8 + i * 18;
            self.picture.rectangle(left, y + 3, [24, 4], *color);
            self.picture.text(left + 32, y, name);
        }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Five rows of three pixels: the digits, the point, and the letters of the legend.
fn glyph(letter: char) -> [u8; 5] {
    match letter {
        '0' | 'O' => [7, 5, 5, 5, 7],
        '1' => [2, 6, 2, 2, 7],
        '2' => [7, 1, 7, 4, 7],
        '3' => [7, 1, 7, 1, 7],
        '4' => [5, 5, 7, 1, 1],
        '5' => [7, 4, 7, 1, 7],
        '6' => [7, 4, 7, 5, 7],
        '7' => [7, 1, 1, 1, 1],
        '8' => [7, 5, 7, 5, 7],
        '9' => [7, 5, 7, 1, 7],
        '.' => [0, 0, 0, 0, 2],
        'A' => [2, 5, 7, 5, 5],
        'D' => [6, 5, 5, 5, 6],
        'G' => [7, 4, 5, 5, 7],
        'I' => [7, 2, 2, 2, 7],
        'L' => [4, 4, 4, 4, 7],
        'N' => [5, 7, 7, 7, 5],
        'R' => [6, 5, 6, 5, 5],
        'T' => [7, 2, 2, 2, 2],
        'V' => [5, 5, 5, 5, 2],
        _ => [0; 5],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(picture: &Picture, color: [u8; 3]) -> usize {
        picture.pixels.chunks_exact(3).filter(|pixel| *pixel == color).count()
    }

    #[test]
    fn a_single_spike_is_seen() {
        let mut history = History { losses: vec![0.01; 20_000], validations: Vec::new() };
        let flat = losses(&history);
        history.losses[12_345] = 1.0;
        let spiked = losses(&history);
        let height = |picture: &Picture| count(picture, TRAINING);
        assert!(height(&spiked) > height(&flat) + 300, "{} {}", height(&flat), height(&spiked));
    }

    #[test]
    fn validations_are_drawn() {
        let history = History { losses: vec![0.1, 0.2], validations: vec![(1, 0.3), (2, 0.1)] };
        assert!(count(&losses(&history), VALIDATION) > 100);
    }

    #[test]
    fn no_losses_at_all_are_a_picture_too() {
        let picture = losses(&History::default());
        assert_eq!(picture.pixels.len(), WIDTH * HEIGHT * 3);
        assert!(picture.to_png().expect("a picture").starts_with(b"\x89PNG"));
    }
}
