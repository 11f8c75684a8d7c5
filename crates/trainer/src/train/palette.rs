//! The colors that V3 chooses from.

use std::collections::BTreeMap;

use colorizer::{Oklab, rgb555_to_srgb};

use super::corpus::Corpus;

/// Rounds at most of moving each color to the middle one of those that it stands for.
const ROUNDS: usize = 30;

/// Colors of a palette.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    colors: Vec<Oklab>,
}

/// A color that is shown, and how much it counts.
#[derive(Clone, Copy)]
struct Shown {
    color: Oklab,
    weight: f32,
}

impl Palette {
    /// The `count` colors that stand for those of the training frames best: k-medoids in `OKLab`,
    /// from the colors that are shown most and farthest from each other. Games count alike, and
    /// within one the square root of the pixels, so that small things have their colors too.
    ///
    /// Each is a color that some game has: the middle of several would be duller than all of them.
    pub fn of(corpus: &Corpus, count: usize) -> Self {
        let shown = shown(corpus);
        let mut colors = first(&shown, count);
        for _ in 0..ROUNDS {
            let mut groups = vec![Vec::new(); colors.len()];
            for shown in &shown {
                groups[nearest(&colors, shown.color)].push(*shown);
            }
            let medoids = groups.iter().zip(&colors);
            let medoids: Vec<_> = medoids.map(|(group, &color)| medoid(group, color)).collect();
            if medoids == colors {
                break;
            }
            colors = medoids;
        }
        Self { colors }
    }

    /// The number of the color that is nearest to this one.
    pub fn class_of(&self, color: Oklab) -> usize {
        nearest(&self.colors, color)
    }

    /// The colors, sRGB.
    pub fn to_srgb(&self) -> Vec<[u8; 3]> {
        self.colors.iter().map(|color| color.to_srgb()).collect()
    }
}

fn shown(corpus: &Corpus) -> Vec<Shown> {
    let mut weights = BTreeMap::<u16, f32>::new();
    for game in corpus.seen() {
        let mut pixels = BTreeMap::<u16, u64>::new();
        let labels = game.training.iter().filter_map(|picture| picture.labels());
        for label in labels.flat_map(|labels| &labels.colors) {
            *pixels.entry(label.color).or_default() += label.pixels as u64;
        }
        let total: f32 = pixels.values().map(|&pixels| (pixels as f32).sqrt()).sum();
        for (color, pixels) in pixels {
            *weights.entry(color).or_default() += (pixels as f32).sqrt() / total;
        }
    }
    let color = |(color, weight)| Shown { color: Oklab::from_srgb(rgb555_to_srgb(color)), weight };
    weights.into_iter().map(color).collect()
}

/// First the heaviest color, then each time the one that is missed most.
fn first(shown: &[Shown], count: usize) -> Vec<Oklab> {
    let mut missed: Vec<f32> = shown.iter().map(|shown| shown.weight).collect();
    let mut colors = Vec::with_capacity(count);
    while colors.len() < count {
        let most = missed.iter().enumerate().max_by(|(_, x), (_, y)| x.total_cmp(y));
        // Without any color to stand for, all are black.
        let color = most.map_or(Oklab::default(), |(at, _)| shown[at].color);
        colors.push(color);
        for (missed, shown) in missed.iter_mut().zip(shown) {
            *missed = missed.min(shown.weight * shown.color.squared_distance(color));
        }
    }
    colors
}

/// The color of a group from which the others are least far away; of none `color` as it is.
fn medoid(group: &[Shown], color: Oklab) -> Oklab {
    let cost = |center: Oklab| -> f32 {
        group.iter().map(|shown| shown.weight * shown.color.squared_distance(center)).sum()
    };
    let costs = group.iter().map(|shown| (cost(shown.color), shown.color));
    costs.min_by(|(x, _), (y, _)| x.total_cmp(y)).map_or(color, |(_, color)| color)
}

fn nearest(colors: &[Oklab], color: Oklab) -> usize {
    let distances = colors.iter().map(|other| other.squared_distance(color)).enumerate();
    distances.min_by(|(_, x), (_, y)| x.total_cmp(y)).map_or(0, |(at, _)| at)
}
