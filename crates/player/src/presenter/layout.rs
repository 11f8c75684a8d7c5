//! Where in the window the picture lies.

/// The place of a picture in a surface, along one direction, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where the picture begins.
    pub start: usize,
    /// Pixels of the surface that the picture covers.
    pub length: usize,
    /// Pixels of the surface for each of the picture.
    pub scale: usize,
}

/// The largest whole scale, at least 1, and the place in the middle: across and down. Of a picture
/// too large for the surface the right and lower parts are cut off.
pub fn place(picture: [usize; 2], surface: [usize; 2]) -> [Span; 2] {
    let scale = (surface[0] / picture[0]).min(surface[1] / picture[1]).max(1);
    [0, 1].map(|axis| {
        let length = (picture[axis] * scale).min(surface[axis]);
        Span { start: (surface[axis] - length) / 2, length, scale }
    })
}

/// The pixel of the picture that is shown at a place of the surface, if any.
pub fn find(picture: [usize; 2], surface: [usize; 2], at: [usize; 2]) -> Option<[usize; 2]> {
    let spans = place(picture, surface);
    let along = |axis: usize| {
        let Span { start, length, scale } = spans[axis];
        let offset = at[axis].checked_sub(start).filter(|&offset| offset < length)?;
        Some(offset / scale)
    };
    Some([along(0)?, along(1)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_lies_in_the_middle_at_a_whole_scale() {
        let [across, down] = place([160, 144], [1000, 600]);
        assert_eq!(across, Span { start: 180, length: 640, scale: 4 });
        assert_eq!(down, Span { start: 12, length: 576, scale: 4 });
    }

    #[test]
    fn pixels_are_found_where_they_are_shown() {
        let found = |at| find([160, 144], [1000, 600], at);
        assert_eq!(found([180, 12]), Some([0, 0]));
        assert_eq!(found([819, 587]), Some([159, 143]));
        assert_eq!((found([179, 12]), found([820, 12]), found([180, 588])), (None, None, None));
    }

    #[test]
    fn a_small_surface_cuts_the_picture_off() {
        let [across, down] = place([320, 144], [200, 100]);
        assert_eq!(across, Span { start: 0, length: 200, scale: 1 });
        assert_eq!(down, Span { start: 0, length: 100, scale: 1 });
    }
}
