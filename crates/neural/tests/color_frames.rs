//! The example for other emulators colors what it is given.

use gameboy::{HEIGHT, PIXELS, WIDTH};

#[allow(dead_code, reason = "main is for the command line")]
#[path = "../examples/color_frames.rs"]
mod color_frames;

#[test]
fn each_frame_becomes_a_picture_in_color() {
    let frames = [color_frames::draw(0), color_frames::draw(7)];
    let mut pictures = Vec::new();
    // What is left of a frame that breaks off is no picture.
    let shades = [frames.as_flattened(), &[0; PIXELS - 1]].concat();
    color_frames::color(&shades, &mut pictures).expect("pictures");

    let header = format!("P6\n{WIDTH} {HEIGHT}\n255\n");
    let size = header.len() + 3 * PIXELS;
    assert_eq!(pictures.len(), frames.len() * size);
    for (shades, picture) in frames.iter().zip(pictures.chunks(size)) {
        let pixels = picture.strip_prefix(header.as_bytes()).expect("a PPM").as_chunks::<3>().0;
        assert!(pixels.iter().any(|[r, g, b]| r != g || g != b), "nothing is colored");
        let sum = |shade| {
            let of_shade = shades.iter().zip(pixels).filter(|(found, _)| **found == shade);
            of_shade.map(|(_, rgb)| rgb.iter().map(|&value| value as u32).sum::<u32>()).max()
        };
        assert!(sum(0) > sum(2) && sum(2) > sum(3), "light is not light");
    }
}
