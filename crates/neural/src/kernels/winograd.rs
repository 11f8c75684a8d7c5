//! The transforms of Winograd's algorithm, for any vector. See [`super::tiles`].

use super::tile::activate;
use super::tiles::{A, A2, B, B2, CHANNELS, IN, InputTiles, OUT, OutputTiles};
use super::vector::Vector;

/// Transforms a row of tiles.
///
/// # Safety
/// That of [`Vector`]; and [`InputTiles::check`] must have passed for an output of `out`'s length.
#[inline(always)]
pub unsafe fn transform_input<V: Vector>(tiles: &InputTiles<'_>, out: &mut [f32]) {
    for tile in 0..tiles.tiles {
        for channel in (0..CHANNELS).step_by(V::LANES) {
            // SAFETY: the check covers six lines of the last tile's last column, and the last
            // entry of the last tile; the lanes divide the channels.
            unsafe {
                let from = tiles.input.as_ptr().add(tile * OUT * tiles.step + channel);
                let to = out.as_mut_ptr().add(tile * CHANNELS + channel);
                input_tile::<V>(tiles, from, to);
            }
        }
    }
}

#[inline(always)]
unsafe fn input_tile<V: Vector>(tiles: &InputTiles<'_>, from: *const f32, to: *mut f32) {
    // SAFETY: see `transform_input`.
    unsafe {
        let mut half = [[V::splat(0.0); IN]; IN];
        for column in 0..IN {
            let mut lines = [V::splat(0.0); IN];
            for (i, value) in lines.iter_mut().enumerate() {
                *value = V::load(from.add(i * tiles.line + column * tiles.step));
            }
            let lines = input_transform(lines);
            for i in 0..IN {
                half[i][column] = lines[i];
            }
        }
        for (i, line) in half.into_iter().enumerate() {
            for (j, value) in input_transform(line).into_iter().enumerate() {
                value.store(to.add((i * IN + j) * tiles.plane));
            }
        }
    }
}

/// Transforms the products of a row of tiles back and finishes the pixels.
///
/// # Safety
/// That of [`Vector`]; and [`OutputTiles::check`] must have passed for an output of `out`'s length.
#[inline(always)]
pub unsafe fn transform_output<V: Vector>(tiles: &OutputTiles<'_>, out: &mut [f32]) {
    for tile in 0..tiles.width.div_ceil(OUT) {
        for channel in (0..tiles.channels).step_by(V::LANES) {
            // SAFETY: the check covers the last entry of the last tile, and the last pixel that is
            // written; channels are a multiple of the lanes.
            unsafe { output_tile::<V>(tiles, tile, channel, out) };
        }
    }
}

#[inline(always)]
unsafe fn output_tile<V: Vector>(
    tiles: &OutputTiles<'_>,
    tile: usize,
    channel: usize,
    out: &mut [f32],
) {
    let columns = (tiles.width - tile * OUT).min(OUT);
    // SAFETY: see `transform_output`.
    unsafe {
        let from = tiles.products.as_ptr().add(tile * tiles.channels + channel);
        let bias = V::load(tiles.bias.as_ptr().add(channel));
        let mut half = [[V::splat(0.0); IN]; OUT];
        for column in 0..IN {
            let mut lines = [V::splat(0.0); IN];
            for (i, value) in lines.iter_mut().enumerate() {
                *value = V::load(from.add((i * IN + column) * tiles.plane));
            }
            let lines = output_transform(lines);
            for i in 0..OUT {
                half[i][column] = lines[i];
            }
        }
        for (i, line) in half.into_iter().enumerate().take(tiles.height) {
            let values = output_transform(line);
            for (j, value) in values.into_iter().enumerate().take(columns) {
                let at = i * tiles.line + (tile * OUT + j) * tiles.channels + channel;
                let mut value = value.add(bias);
                if let Some(plus) = tiles.plus {
                    value = value.add(V::load(plus.as_ptr().add(at)));
                }
                activate(value, tiles.activation).store(out.as_mut_ptr().add(at));
            }
        }
    }
}

#[inline(always)]
unsafe fn input_transform<V: Vector>(d: [V; IN]) -> [V; IN] {
    // SAFETY: the caller keeps the contract of `Vector`, and no pointer is used.
    unsafe {
        let [zero, sum] = [A2 * B2, -(A2 + B2)].map(|factor| V::splat(factor));
        let ends = |d: [V; 3]| sum.mul_add(d[1], zero.mul_add(d[0], d[2]));
        let pair = |point: f32, other: f32| {
            let other = V::splat(-other);
            let even = other.mul_add(d[2], d[4]);
            let odd = other.mul_add(d[1], d[3]).mul(V::splat(point));
            [even.add(odd), even.sub(odd)]
        };
        let ([a, minus_a], [b, minus_b]) = (pair(A, B2), pair(B, A2));
        [ends([d[0], d[2], d[4]]), a, minus_a, b, minus_b, ends([d[1], d[3], d[5]])]
    }
}

#[inline(always)]
unsafe fn output_transform<V: Vector>(m: [V; IN]) -> [V; OUT] {
    // SAFETY: the caller keeps the contract of `Vector`, and no pointer is used.
    unsafe {
        let (sum_a, difference_a) = (m[1].add(m[2]), m[1].sub(m[2]));
        let (sum_b, difference_b) = (m[3].add(m[4]), m[3].sub(m[4]));
        let blend =
            |a: f32, of_a: V, b: f32, of_b: V| V::splat(a).mul_add(of_a, V::splat(b).mul(of_b));
        [
            m[0].add(sum_a).add(sum_b),
            blend(A, difference_a, B, difference_b),
            blend(A2, sum_a, B2, sum_b),
            blend(A * A2, difference_a, B * B2, difference_b).add(m[5]),
        ]
    }
}
