//! AMX: eight registers of tiles, 16 lines of 64 bytes each, and the products of whole tiles.
//!
//! Rust has no stable functions for it, so this is written in assembly, of which each block sets
//! the tile registers up, uses them and leaves them empty. See Intel's Software Developer's
//! Manual, volume 1, chapter 18.

use std::arch::asm;
use std::arch::x86_64::{__cpuid_count, _mm512_cvtepi32_ps, _mm512_loadu_si512};
use std::ops::Range;

use super::avx512::Zmm;
use super::narrow::Scaling;
use super::product::{Number, PackedNarrow, ProductNarrow, WORD};
use super::tile::{Place, finish};
use super::vector::Vector;

/// Outputs of a panel: a tile.
pub const PANEL: usize = TILE;
/// What runs are filled up to: a line of a tile.
pub const WHOLE: usize = 64;
/// Lines of a tile.
const TILE: usize = 16;
/// Tiles of pixels of a block at most: with one for pixels and one for weights, all registers.
const MOST: usize = 6;

/// Whether the processor has AMX for both numbers, and Linux lets this process use it.
#[cfg(target_os = "linux")]
pub fn is_available() -> bool {
    const BF16: u32 = 1 << 22;
    const TILE: u32 = 1 << 24;
    const INT8: u32 = 1 << 25;
    const REQUEST_PERMISSION: libc::c_int = 0x1023;
    const TILE_DATA: libc::c_ulong = 18;
    let features = __cpuid_count(7, 0).edx;
    if features & (BF16 | TILE | INT8) != BF16 | TILE | INT8 {
        return false;
    }
    // SAFETY: this call reads and writes no memory of ours.
    unsafe { libc::syscall(libc::SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0 }
}

/// Whether the processor has AMX, and the system lets this process use it.
#[cfg(not(target_os = "linux"))]
pub fn is_available() -> bool {
    false
}

/// What the tile registers are: see "TILECFG" in Intel's manual.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    bytes: [u16; 16],
    rows: [u8; 16],
}

impl Configuration {
    /// Tiles of so many lines: sums (0 to 5) and pixels (6). That of weights (7) is whole.
    fn new(lines: usize) -> Self {
        let (mut bytes, mut rows) = ([0; 16], [0; 16]);
        bytes[..8].fill(64);
        rows[..7].fill(lines as u8);
        rows[7] = TILE as u8;
        Self { palette: 1, start_row: 0, reserved: [0; 14], bytes, rows }
    }
}

/// The sums of a block for a panel, as their bits: a line for each pixel, tile by tile.
#[repr(C, align(64))]
struct Sums([[[i32; PANEL]; TILE]; MOST]);

/// How the pixels of some lines are divided into tiles: of as many pixels each, of which the last
/// of a line may overlap with the one before.
#[derive(Clone, Copy)]
struct Division {
    /// Pixels of a line.
    pixels: usize,
    /// Tiles of a line.
    tiles: usize,
    /// Pixels of a tile.
    height: usize,
    /// Lines.
    lines: usize,
}

impl Division {
    fn new(pixels: usize, lines: usize) -> Self {
        let tiles = pixels.div_ceil(TILE);
        Self { pixels, tiles, height: pixels.div_ceil(tiles.max(1)), lines }
    }

    /// The line and the first pixel of a tile.
    fn start(self, tile: usize) -> (usize, usize) {
        (tile / self.tiles, (tile % self.tiles * self.height).min(self.pixels - self.height))
    }

    /// The blocks, as their tiles. With the weights of a tile each does as much as it can: they
    /// come from the second cache.
    fn blocks(self) -> impl Iterator<Item = Range<usize>> {
        let tiles = self.tiles * self.lines;
        let count = tiles.div_ceil(MOST);
        (0..count).map(move |i| i * tiles / count..(i + 1) * tiles / count)
    }
}

/// Lines of so many pixels that are best multiplied together: they fill a block.
pub fn lines(pixels: usize) -> usize {
    (MOST / pixels.div_ceil(TILE).max(1)).max(1)
}

/// See [`super::Kernel::multiply_narrow`].
///
/// # Safety
/// [`is_available`] must have said so, the processor must have AVX-512F, and
/// [`ProductNarrow::check`] have passed, with panels of [`PANEL`] and runs of [`WHOLE`].
#[target_feature(enable = "avx512f")]
pub unsafe fn multiply(product: &ProductNarrow<'_>, out: &mut [f32]) {
    let PackedNarrow { number, outputs, .. } = *product.weights;
    if product.pixels == 0 {
        return;
    }
    let mut sums = Sums([[[0; PANEL]; TILE]; MOST]);
    let division = Division::new(product.pixels, product.lines);
    // SAFETY: the caller's.
    unsafe { configure(&Configuration::new(division.height)) };
    for block in division.blocks() {
        let mut inputs = [0; MOST];
        let mut outs = [0; MOST];
        for (i, tile) in block.clone().enumerate() {
            let (line, first) = division.start(tile);
            inputs[i] = line * product.line_step + first * product.step;
            outs[i] = line * product.out_line + first * product.out_step;
        }
        for panel in 0..outputs.div_ceil(PANEL) {
            // SAFETY: the caller's; the pixels of a tile from its start on lie within the line.
            unsafe {
                let sum = match number {
                    Number::Int8 => SUM_BYTES,
                    Number::Bf16 => SUM_HALVES,
                };
                sum[block.len() - 1](product, panel, &inputs, &mut sums);
                for (sums, &at) in sums.0[..block.len()].iter().zip(&outs) {
                    scale(product, panel, &sums[..division.height], at, out);
                }
            }
        }
    }
    // SAFETY: it reads and writes no memory.
    unsafe { asm!("tilerelease", options(nostack, nomem)) };
}

/// Sets the tile registers up, and empties them.
///
/// # Safety
/// [`is_available`] must have said so.
unsafe fn configure(configuration: &Configuration) {
    // SAFETY: the caller's; 64 bytes are read.
    unsafe {
        asm!("ldtilecfg [{at}]", at = in(reg) configuration, options(nostack, readonly));
    }
}

/// Pixels that are finished together.
const FINISHED: usize = 4;

/// Finishes the sums of a tile; the first goes to `at`.
///
/// # Safety
/// That of [`multiply`]; and the pixels must be there.
#[inline(always)]
unsafe fn scale(
    product: &ProductNarrow<'_>,
    panel: usize,
    sums: &[[i32; PANEL]],
    at: usize,
    out: &mut [f32],
) {
    // SAFETY: the caller's.
    unsafe {
        let (mut first, mut left) = (0, sums);
        while let Some((together, rest)) = left.split_first_chunk::<FINISHED>() {
            finish_pixels(product, panel, together, (first, at), out);
            (first, left) = (first + FINISHED, rest);
        }
        for (i, sums) in left.iter().enumerate() {
            finish_pixels(product, panel, &[*sums], (first + i, at), out);
        }
    }
}

/// Finishes the sums of pixels from the tile's `first` on.
///
/// # Safety
/// That of [`scale`].
// Without closures: those would be compiled without the instructions that they use.
#[inline(always)]
unsafe fn finish_pixels<const P: usize>(
    product: &ProductNarrow<'_>,
    panel: usize,
    sums: &[[i32; PANEL]; P],
    (first, at): (usize, usize),
    out: &mut [f32],
) {
    // SAFETY: the caller's.
    unsafe {
        let scaling = Scaling::<Zmm, 1>::new(product, panel);
        let mut values = [[Zmm::splat(0.0); 1]; P];
        for pixel in 0..P {
            let from = sums[pixel].as_ptr();
            let sum = match product.weights.number {
                Number::Int8 => Zmm(_mm512_cvtepi32_ps(_mm512_loadu_si512(from.cast()))),
                Number::Bf16 => Zmm::load(from.cast()),
            };
            values[pixel] = scaling.scale([sum]);
        }
        let place = scaling.place(first);
        let place = Place { at: place.at + at, ..place };
        finish::<Zmm, P, 1>(product.plus, product.activation, &values, place, out);
    }
}

/// Sums up for the tiles of a block, which begin at these bytes of the input.
type Sum = unsafe fn(&ProductNarrow<'_>, usize, &[usize; MOST], &mut Sums);

/// Sums of 1 to 6 tiles of whole numbers.
const SUM_BYTES: [Sum; MOST] =
    [sum_bytes_1, sum_bytes_2, sum_bytes_3, sum_bytes_4, sum_bytes_5, sum_bytes_6];

/// Sums of 1 to 6 tiles of numbers of 16 bits.
const SUM_HALVES: [Sum; MOST] =
    [sum_halves_1, sum_halves_2, sum_halves_3, sum_halves_4, sum_halves_5, sum_halves_6];

/// A [`Sum`] of these tiles by this instruction. Of each run, chunks of 64 bytes: a tile of
/// weights, and with it one of each tile of pixels.
macro_rules! sum {
    ($name:ident, $instruction:literal, $($tile:literal)*) => {
        /// # Safety
        /// That of [`multiply`]; and the pixels of the tiles must be there.
        unsafe fn $name(
            product: &ProductNarrow<'_>,
            panel: usize,
            inputs: &[usize; MOST],
            sums: &mut Sums,
        ) {
            let PackedNarrow { ref values, run, rows, .. } = *product.weights;
            // SAFETY: of the input, each load reads 64 bytes of a run for as many pixels as a
            // tile has; of the weights, 16 rows of a panel; `sums` has room for as many whole
            // tiles. No tile register is in use for anything else.
            unsafe {
                asm!(
                    $(concat!("tilezero tmm", $tile),)*
                    "2:",
                    "mov {at}, qword ptr [{runs}]",
                    "add {runs}, 8",
                    "add {at}, {input}",
                    "mov {left}, {chunks}",
                    "3:",
                    "tileloadd tmm7, [{weights} + {row}]",
                    $(
                        concat!("mov {tile}, qword ptr [{inputs} + 8 * ", $tile, "]"),
                        "add {tile}, {at}",
                        "tileloadd tmm6, [{tile} + {step}]",
                        concat!($instruction, " tmm", $tile, ", tmm6, tmm7"),
                    )*
                    "add {at}, 64",
                    "add {weights}, 1024",
                    "dec {left}",
                    "jnz 3b",
                    "dec {count}",
                    "jnz 2b",
                    $(concat!("tilestored [{sums} + {row} + 1024 * ", $tile, "], tmm", $tile),)*
                    runs = inout(reg) product.runs.as_ptr() => _,
                    count = inout(reg) product.runs.len() => _,
                    chunks = in(reg) run / WHOLE,
                    left = out(reg) _,
                    at = out(reg) _,
                    tile = out(reg) _,
                    input = in(reg) product.input.as_ptr(),
                    inputs = in(reg) inputs.as_ptr(),
                    step = in(reg) product.step,
                    weights = inout(reg) values.as_ptr().add(panel * PANEL * rows * WORD) => _,
                    row = in(reg) PANEL * WORD,
                    sums = in(reg) sums,
                    options(nostack),
                );
            }
        }
    };
}

sum!(sum_bytes_1, "tdpbusd", 0);
sum!(sum_bytes_2, "tdpbusd", 0 1);
sum!(sum_bytes_3, "tdpbusd", 0 1 2);
sum!(sum_bytes_4, "tdpbusd", 0 1 2 3);
sum!(sum_bytes_5, "tdpbusd", 0 1 2 3 4);
sum!(sum_bytes_6, "tdpbusd", 0 1 2 3 4 5);
sum!(sum_halves_1, "tdpbf16ps", 0);
sum!(sum_halves_2, "tdpbf16ps", 0 1);
sum!(sum_halves_3, "tdpbf16ps", 0 1 2);
sum!(sum_halves_4, "tdpbf16ps", 0 1 2 3);
sum!(sum_halves_5, "tdpbf16ps", 0 1 2 3 4);
sum!(sum_halves_6, "tdpbf16ps", 0 1 2 3 4 5);
