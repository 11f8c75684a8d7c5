//! `chromaboy colorize FILM -o FILM`: a film of a monochrome game, in color.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use gameboy::{Frame, HEIGHT, PIXELS, SAMPLE_RATE, WIDTH};
use indicatif::ProgressBar;
use recorder::{FRAME_TICKS, Format, Source, TICKS_PER_SECOND};
use trainer::footage::{FilmSound, Footage, Picture, Take};

use crate::cli::{ColorizeArgs, ColorizerChoice};
use crate::color::{self, FilmPainter};
use crate::commands::shooting::Shooting;

/// The console's frames a second.
const RATE: [u32; 2] = [TICKS_PER_SECOND, FRAME_TICKS];
/// One of so many frames is looked at to find out what the shades look like.
const SURVEYED: u32 = 16;
/// Greys closer together than this are one shade.
const APART: usize = 16;
/// Greys further from every shade than this are of none.
const STRAY: usize = 20;
/// More of these than a tenth, and it is no film of four shades.
const MOST_STRAYS: u64 = 10;

/// Colors a film of a game, which ffmpeg reads.
///
/// # Errors
/// In one line, what is wrong with the film, the weights or the output.
pub fn run(args: &ColorizeArgs) -> Result<()> {
    let format = Format::of(&args.output)?;
    let source = if args.side_by_side { Source::SideBySide } else { Source::Color };
    let scale = args.scale.map_or(format.usual_scale(), std::num::NonZeroU32::get);
    let settings = source.settings(scale, false);
    ensure!(!args.output.exists(), "{}: there is such a file already", args.output.display());
    let survey = Survey::of(&args.input)?;
    let palette = args.color.palette();
    let painter = match args.color.colorizer {
        ColorizerChoice::Palette => FilmPainter::Palette(palette),
        ColorizerChoice::Neural => FilmPainter::Network(Box::new(
            color::load_network(&args.color)?.inline(&args.color, Vec::new())?,
        )),
    };
    let mut sound = FilmSound::open(&args.input, SAMPLE_RATE)?;
    let mut shooting =
        Shooting::begin(&args.output, source, &settings, palette, painter, survey.frames)?;
    let (mut frames, mut heard) = (0, 0);
    for picture in Footage::open(&args.input, Take::Rate(RATE, 1))? {
        let frame = survey.frame(&picture.with_context(|| args.input.display().to_string())?)?;
        frames += 1;
        let until = frames * FRAME_TICKS as u64 * SAMPLE_RATE as u64 / TICKS_PER_SECOND as u64;
        let samples = sound.take((until - heard) as usize);
        heard = until;
        if !shooting.frame(&frame, &samples)? {
            break;
        }
    }
    shooting.finish()
}

/// What was found out about a film.
struct Survey {
    /// About how many frames it has at the console's rate.
    frames: u64,
    /// The shade of each grey.
    shades: [u8; 256],
}

impl Survey {
    fn of(path: &Path) -> Result<Self> {
        let shown = || path.display().to_string();
        let mut counts = [0u64; 256];
        let mut looked = 0;
        let bar = ProgressBar::new_spinner().with_message("looking at the film");
        for picture in Footage::open(path, Take::Rate(RATE, SURVEYED)).with_context(shown)? {
            let picture = picture.with_context(shown)?;
            screen(&picture).with_context(shown)?.for_each(|grey| counts[grey as usize] += 1);
            looked += 1;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let levels = levels(&counts);
        let away = |grey: usize| levels.map(|level| level.abs_diff(grey));
        let strays: u64 = (0..counts.len())
            .filter(|&grey| away(grey).iter().all(|away| *away > STRAY))
            .map(|grey| counts[grey])
            .sum();
        if strays * MOST_STRAYS > counts.iter().sum() {
            return Err(anyhow!("its pixels are not of four shades, as a Game Boy's are"))
                .with_context(shown);
        }
        let shade = |grey| (0..4).min_by_key(|&shade: &u8| away(grey)[shade as usize]);
        let shades = std::array::from_fn(|grey| shade(grey).unwrap_or_default());
        Ok(Self { frames: looked * SURVEYED as u64, shades })
    }

    fn frame(&self, picture: &Picture) -> Result<Frame> {
        let mut shades = [0; PIXELS];
        for (shade, grey) in shades.iter_mut().zip(screen(picture)?) {
            *shade = self.shades[grey as usize];
        }
        Ok(Frame::from_shades(&shades))
    }
}

/// The greys of the console's pixels in a picture that shows its screen as large as it fits in: of each
/// enlarged pixel the middle, which lossy codecs spare most.
fn screen(picture: &Picture) -> Result<impl Iterator<Item = u8>> {
    let Picture { width, height, rgb } = picture;
    let [wide, high] = if width * HEIGHT > height * WIDTH {
        [(height * WIDTH + HEIGHT / 2) / HEIGHT, *height]
    } else {
        [*width, (width * HEIGHT + WIDTH / 2) / WIDTH]
    };
    if wide < WIDTH || high < HEIGHT {
        bail!("{width}x{height} is smaller than a Game Boy's screen, {WIDTH}x{HEIGHT}");
    }
    let [left, top] = [(width - wide) / 2, (height - high) / 2];
    Ok((0..PIXELS).map(move |pixel| {
        let x = left + (2 * (pixel % WIDTH) + 1) * wide / (2 * WIDTH);
        let y = top + (2 * (pixel / WIDTH) + 1) * high / (2 * HEIGHT);
        let light = [299, 587, 114].iter().zip(&rgb[(y * width + x) * 3..]);
        (light.map(|(weight, &channel)| weight * channel as u32).sum::<u32>() / 1000) as u8
    }))
}

/// The four greys, light to dark, that greys of these counts are closest to, in squares. Where there are
/// fewer, the darkest and the lightest with two between them.
fn levels(counts: &[u64; 256]) -> [usize; 4] {
    // Sums up to each grey of counts, of greys and of their squares give any span's error at once.
    let mut sums = vec![[0.0f64; 3]];
    for (grey, &count) in counts.iter().enumerate() {
        let [count, grey] = [count as f64, grey as f64];
        let last = sums[sums.len() - 1];
        sums.push([last[0] + count, last[1] + count * grey, last[2] + count * grey * grey]);
    }
    let span = |from: usize, to: usize| -> [f64; 3] {
        std::array::from_fn(|i| sums[to][i] - sums[from][i])
    };
    let error = |from, to| {
        let [count, sum, squares] = span(from, to);
        if count == 0.0 { 0.0 } else { squares - sum * sum / count }
    };
    // The best ends of one, two, three and four spans that reach up to a grey.
    let mut best: Vec<(f64, Vec<usize>)> =
        (0..=256).map(|to| (error(0, to), vec![0, to])).collect();
    for _ in 1..4 {
        best = (0..=256)
            .map(|to| {
                let all = (0..=to).map(|from| (best[from].0 + error(from, to), from));
                let (least, from) = all.min_by(|x, y| x.0.total_cmp(&y.0)).unwrap_or((0.0, 0));
                (least, [&best[from].1[..], &[to]].concat())
            })
            .collect();
    }
    let means: Vec<usize> = best[256]
        .1
        .windows(2)
        .filter(|ends| span(ends[0], ends[1])[0] > 0.0)
        .map(|ends| {
            let [count, sum, _] = span(ends[0], ends[1]);
            (sum / count).round() as usize
        })
        .rev()
        .collect();
    let are_apart = means.windows(2).all(|pair| pair[0] >= pair[1] + APART);
    match <[usize; 4]>::try_from(means) {
        Ok(levels) if are_apart => levels,
        _ => {
            let lightest = counts.iter().rposition(|&count| count > 0).unwrap_or(255);
            let darkest = counts.iter().position(|&count| count > 0).unwrap_or(0);
            std::array::from_fn(|shade| lightest - (lightest - darkest) * shade / 3)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_greys_are_found_whatever_they_are() {
        let mut counts = [0; 256];
        for (grey, count) in [(230, 50_000), (233, 20_000), (150, 3_000), (80, 900), (84, 700)] {
            counts[grey] = count;
        }
        counts[20] = 9_000;
        counts[17] = 500;
        let found = levels(&counts);
        let wanted = [231, 150, 82, 20];
        assert!(found.iter().zip(wanted).all(|(found, wanted)| found.abs_diff(wanted) <= 1));
    }

    #[test]
    fn of_fewer_the_ends_are_kept() {
        let mut counts = [0; 256];
        (counts[250], counts[252], counts[10]) = (9000, 800, 700);
        assert_eq!(levels(&counts), [252, 172, 91, 10]);
        assert_eq!(levels(&[0; 256]), [255, 170, 85, 0]);
    }

    #[test]
    fn the_screen_is_found_in_the_middle() {
        // Twice as large, in a film that is wider, black beside it.
        let (width, height) = (400, 288);
        let mut rgb = vec![0; width * height * 3];
        for (y, row) in rgb.chunks_exact_mut(width * 3).enumerate() {
            for x in 0..320 {
                row[(x + 40) * 3..][..3].fill((x / 2 + y / 2) as u8);
            }
        }
        let picture = Picture { width, height, rgb };
        let greys: Vec<u8> = screen(&picture).expect("a screen").collect();
        let wanted = |pixel: usize| (pixel % WIDTH + pixel / WIDTH) as u8;
        assert!(greys.iter().enumerate().all(|(pixel, grey)| *grey == wanted(pixel)));
        let small = Picture { width: 100, height: 100, rgb: vec![0; 30_000] };
        assert!(screen(&small).is_err());
    }
}
