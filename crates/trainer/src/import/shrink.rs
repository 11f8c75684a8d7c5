//! Pictures of any whole enlargement down to the screen.

use gameboy::{HEIGHT, PIXELS, WIDTH};

/// A picture has a size that is no enlargement of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{width}x{height} is neither 160x144 nor that enlarged")]
pub struct SizeError {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// The screen in a picture of 8-bit RGB, by nearest neighbor, as RGB555.
///
/// The picture may be enlarged by whole factors, other ones across and down, or by any factor as
/// long as it keeps the shape of the screen. Of each enlarged pixel the middle is taken, which
/// lossy codecs spare most. Each channel becomes the nearest of the 32 levels.
///
/// # Errors
/// Where it has another size.
///
/// # Panics
/// Unless there are `width * height` times three bytes.
pub fn shrink(rgb: &[u8], width: usize, height: usize) -> Result<Box<[u16; PIXELS]>, SizeError> {
    assert_eq!(rgb.len(), width * height * 3, "bytes of a picture of {width}x{height}");
    if !is_enlarged(width, height) {
        return Err(SizeError { width, height });
    }
    let middle = |at: usize, of: usize, size: usize| (2 * at + 1) * size / (2 * of);
    let mut colors = Box::new([0; PIXELS]);
    for (i, color) in colors.iter_mut().enumerate() {
        let (x, y) = (middle(i % WIDTH, WIDTH, width), middle(i / WIDTH, HEIGHT, height));
        let at = (y * width + x) * 3;
        *color = rgb555([rgb[at], rgb[at + 1], rgb[at + 2]]);
    }
    Ok(colors)
}

fn is_enlarged(width: usize, height: usize) -> bool {
    if width < WIDTH || height < HEIGHT {
        return false;
    }
    let whole = width.is_multiple_of(WIDTH) && height.is_multiple_of(HEIGHT);
    // Half a pixel of rounding on either side.
    let shape = (width * HEIGHT).abs_diff(height * WIDTH) <= WIDTH;
    whole || shape
}

/// The nearest RGB555 color.
fn rgb555(rgb: [u8; 3]) -> u16 {
    let [red, green, blue] = rgb.map(|channel| (channel as u16 * 31 + 127) / 255);
    red | green << 5 | blue << 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use colorizer::rgb555_to_srgb;

    /// Each pixel another color, enlarged to `width` x `height`.
    fn enlarged(width: usize, height: usize) -> Vec<u8> {
        let color = |x: usize, y: usize| rgb555_to_srgb((y * WIDTH + x) as u16);
        (0..width * height)
            .flat_map(|i| color(i % width * WIDTH / width, i / width * HEIGHT / height))
            .collect()
    }

    #[test]
    fn enlarged_screens_come_back_pixel_by_pixel() {
        // The article's 288 rows of 320, other factors across and down, and fractions.
        for (width, height) in
            [(160, 144), (320, 288), (480, 144), (160, 432), (400, 360), (1200, 1080)]
        {
            let colors = shrink(&enlarged(width, height), width, height).expect("an enlargement");
            let expected: [u16; PIXELS] = std::array::from_fn(|i| i as u16);
            assert!(*colors == expected, "{width}x{height}");
        }
    }

    #[test]
    fn other_sizes_are_refused_with_their_size() {
        for (width, height) in [(159, 144), (160, 143), (80, 72), (200, 150), (1920, 1080), (0, 0)]
        {
            let error = shrink(&vec![0; width * height * 3], width, height).expect_err("too odd");
            assert_eq!(error, SizeError { width, height });
        }
        let error = SizeError { width: 200, height: 150 }.to_string();
        assert_eq!(error, "200x150 is neither 160x144 nor that enlarged");
    }

    #[test]
    fn channels_become_the_nearest_level() {
        for color in 0..0x8000 {
            assert_eq!(rgb555(rgb555_to_srgb(color)), color);
        }
        assert_eq!(rgb555([4, 5, 255]), 1 << 5 | 31 << 10);
    }
}
