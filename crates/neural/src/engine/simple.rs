//! The operations that only move or compare values.

use super::picture::{Picture, Shape};
use crate::network::{Network, Node};

/// The shapes of all values for an input of this size, still without halos.
pub fn shapes(network: &Network, height: usize, width: usize) -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::with_capacity(network.nodes().len());
    for (index, node) in network.nodes().iter().enumerate() {
        let (height, width) = match node {
            Node::Input => (height, width),
            Node::Conv(conv) => {
                let input = shapes[conv.input.index()];
                (input.height.div_ceil(conv.stride), input.width.div_ceil(conv.stride))
            }
            Node::MaxPool(input) => {
                let input = shapes[input.index()];
                (input.height.div_ceil(2), input.width.div_ceil(2))
            }
            Node::Double(input) => {
                let input = shapes[input.index()];
                (input.height * 2, input.width * 2)
            }
            Node::Concat(first, _) => (shapes[first.index()].height, shapes[first.index()].width),
        };
        let channels = network.channels(network.value(index));
        shapes.push(Shape { height, width, channels, halo: 0 });
    }
    shapes
}

/// Copies a picture of one channel.
pub fn fill(picture: &mut Picture, shape: &Shape, values: &[f32]) {
    let lines = picture.lines_mut(shape).chunks_exact_mut(shape.line());
    for (line, values) in lines.zip(values.chunks_exact(shape.width)) {
        line[shape.inner()].copy_from_slice(values);
    }
}

/// Copies a picture to planes: all lines of a channel together.
pub fn planes(picture: &Picture, shape: &Shape, out: &mut [f32]) {
    for (channel, plane) in out.chunks_exact_mut(shape.height * shape.width).enumerate() {
        for (y, line) in plane.chunks_exact_mut(shape.width).enumerate() {
            let pixels = picture.pixels(shape, y).iter().skip(channel).step_by(shape.channels);
            line.iter_mut().zip(pixels).for_each(|(out, value)| *out = *value);
        }
    }
}

/// Line `y` of the max-pool of 3x3 with stride 2.
pub fn max_pool(input: &Picture, shape: &Shape, y: usize, out: &mut [f32]) {
    out.fill(f32::NEG_INFINITY);
    let channels = shape.channels;
    for line in (y * 2).saturating_sub(1)..(y * 2 + 2).min(shape.height) {
        let pixels = input.pixels(shape, line);
        for (x, out) in out.chunks_exact_mut(channels).enumerate() {
            let columns = (x * 2).saturating_sub(1)..(x * 2 + 2).min(shape.width);
            for pixel in
                pixels[columns.start * channels..columns.end * channels].chunks_exact(channels)
            {
                out.iter_mut().zip(pixel).for_each(|(out, value)| *out = out.max(*value));
            }
        }
    }
}

/// A line with each pixel twice.
pub fn double(pixels: &[f32], shape: &Shape, out: &mut [f32]) {
    let pairs = out.chunks_exact_mut(2 * shape.channels);
    for (pair, pixel) in pairs.zip(pixels.chunks_exact(shape.channels)) {
        pair[..shape.channels].copy_from_slice(pixel);
        pair[shape.channels..].copy_from_slice(pixel);
    }
}

/// Line `y` with the channels of one picture and then those of the other.
pub fn concat(
    (first, first_shape): (&Picture, &Shape),
    (second, second_shape): (&Picture, &Shape),
    y: usize,
    out: &mut [f32],
) {
    let (a, b) = (first_shape.channels, second_shape.channels);
    let first = first.pixels(first_shape, y).chunks_exact(a);
    let second = second.pixels(second_shape, y).chunks_exact(b);
    for ((out, first), second) in out.chunks_exact_mut(a + b).zip(first).zip(second) {
        out[..a].copy_from_slice(first);
        out[a..].copy_from_slice(second);
    }
}
