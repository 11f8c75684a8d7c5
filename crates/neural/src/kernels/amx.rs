//! AMX: eight registers of tiles, 16 lines of 64 bytes each, and the products of whole tiles.
//!
//! Rust has no stable functions for it, so this is written in assembly, of which each block sets
//! the tile registers up, uses them and leaves them empty. See Intel's Software Developer's
//! Manual, volume 1, chapter 18.

use std::arch::asm;
use std::arch::x86_64::{__cpuid_count, _mm512_cvtepi32_ps, _mm512_loadu_si512};

use super::avx512::Zmm;
use super::narrow::Scaling;
use super::product::{Number, PackedNarrow, ProductNarrow, WORD};
use super::tile::finish;
use super::vector::Vector;

/// Outputs of a panel: two tiles.
pub const PANEL: usize = 2 * TILE;
/// What runs are filled up to: a line of a tile.
pub const WHOLE: usize = 64;
/// Lines of a tile.
const TILE: usize = 16;
/// Tiles of pixels of a block at most.
const MOST: usize = 3;

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
    /// Tiles of so many lines: sums and pixels. Those of weights are whole.
    fn new(lines: usize, weights: std::ops::Range<usize>) -> Self {
        let (mut bytes, mut rows) = ([0; 16], [0; 16]);
        bytes[..8].fill(64);
        rows[..8].fill(lines as u8);
        rows[weights].fill(TILE as u8);
        Self { palette: 1, start_row: 0, reserved: [0; 14], bytes, rows }
    }
}

/// The sums of a block for a panel, as their bits: a line for each pixel, tile by tile.
#[repr(C, align(64))]
struct Sums([[i32; PANEL]; MOST * TILE]);

/// How the pixels of a line are divided: into tiles of as many lines each, of which the last may
/// overlap with the one before; and these into blocks, whose sums fill the registers.
#[derive(Clone, Copy)]
struct Division {
    pixels: usize,
    tiles: usize,
    lines: usize,
}

impl Division {
    fn new(pixels: usize) -> Self {
        let tiles = pixels.div_ceil(TILE);
        Self { pixels, tiles, lines: pixels.div_ceil(tiles.max(1)) }
    }

    /// The first pixel of a tile. One beyond the last is the last.
    fn start(self, tile: usize) -> usize {
        (tile * self.lines).min(self.pixels - self.lines)
    }

    /// The blocks, as their tiles: two or three each, for one alone would wait for its own sums.
    fn blocks(self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let count = self.tiles.div_ceil(MOST);
        (0..count).map(move |i| i * self.tiles / count..(i + 1) * self.tiles / count)
    }
}

/// See [`super::Kernel::multiply_narrow`].
///
/// # Safety
/// [`is_available`] must have said so, the processor must have AVX-512F, and
/// [`ProductNarrow::check`] have passed, with panels of [`PANEL`] and runs of [`WHOLE`].
#[target_feature(enable = "avx512f")]
pub unsafe fn multiply(product: &ProductNarrow<'_>, out: &mut [f32]) {
    let PackedNarrow { number, outputs, .. } = *product.weights;
    let mut sums = Sums([[0; PANEL]; MOST * TILE]);
    let division = Division::new(product.pixels);
    let mut tiles_before = 0;
    for block in division.blocks() {
        let is_wide = block.len() == MOST;
        if block.len() != tiles_before {
            let weights = if is_wide { 7..8 } else { 6..8 };
            // SAFETY: the caller's.
            unsafe { configure(&Configuration::new(division.lines, weights)) };
            tiles_before = block.len();
        }
        let starts = [0, 1, 2].map(|i| division.start((block.start + i).min(block.end - 1)));
        for panel in 0..outputs.div_ceil(PANEL) {
            // SAFETY: the caller's; the pixels of a tile from its start on lie within the line.
            unsafe {
                match (number, is_wide) {
                    (Number::Int8, true) => sum_bytes_3(product, panel, starts, &mut sums),
                    (Number::Int8, false) => sum_bytes_2(product, panel, starts, &mut sums),
                    (Number::Bf16, true) => sum_halves_3(product, panel, starts, &mut sums),
                    (Number::Bf16, false) => sum_halves_2(product, panel, starts, &mut sums),
                }
                for (i, &start) in starts[..block.len()].iter().enumerate() {
                    let pixels = Pixels { panel, first: start, count: division.lines };
                    let sums = &sums.0[i * TILE..];
                    match number {
                        Number::Int8 => {
                            let value = |from: *const i32| {
                                Zmm(_mm512_cvtepi32_ps(_mm512_loadu_si512(from.cast())))
                            };
                            scale(product, pixels, sums, value, out);
                        }
                        Number::Bf16 => {
                            scale(product, pixels, sums, |from| Zmm::load(from.cast()), out);
                        }
                    }
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

/// Pixels of a tile and a panel of outputs.
#[derive(Clone, Copy)]
struct Pixels {
    panel: usize,
    first: usize,
    count: usize,
}

/// Pixels that are finished together.
const FINISHED: usize = 4;

/// Finishes the sums of a tile, which `value` reads.
///
/// # Safety
/// That of [`multiply`]; and the pixels must be there.
#[inline(always)]
unsafe fn scale(
    product: &ProductNarrow<'_>,
    Pixels { panel, first, count }: Pixels,
    sums: &[[i32; PANEL]],
    value: impl Fn(*const i32) -> Zmm,
    out: &mut [f32],
) {
    // SAFETY: the caller's.
    unsafe {
        let scaling = Scaling::<Zmm, 2>::new(product, panel);
        let scaled = |i: usize| {
            let sums = sums[i].as_ptr();
            scaling.scale([value(sums), value(sums.add(TILE))])
        };
        let (plus, activation) = (product.plus, product.activation);
        for i in (0..count / FINISHED * FINISHED).step_by(FINISHED) {
            let values = [scaled(i), scaled(i + 1), scaled(i + 2), scaled(i + 3)];
            let place = scaling.place(first + i);
            finish::<Zmm, FINISHED, 2>(plus, activation, &values, place, out);
        }
        for i in count / FINISHED * FINISHED..count {
            finish::<Zmm, 1, 2>(plus, activation, &[scaled(i)], scaling.place(first + i), out);
        }
    }
}

/// Sums up for the tiles of a block, from their first pixels on, by this instruction. Each chunk of
/// 64 bytes is what `body` does with it, and `store` stores the sums.
macro_rules! sum {
    ($name:ident, zero: [$($zero:literal),*], body: [$($body:expr),*], store: [$($store:literal),*]) => {
        /// # Safety
        /// That of [`multiply`]; and the pixels of the tiles must be there.
        unsafe fn $name(
            product: &ProductNarrow<'_>,
            panel: usize,
            starts: [usize; MOST],
            sums: &mut Sums,
        ) {
            let PackedNarrow { ref values, run, rows, .. } = *product.weights;
            // SAFETY: of the input, each load reads 64 bytes of a run for as many pixels as the
            // tiles have lines; of the weights, 16 rows of a panel; `sums` has room for as many
            // whole tiles. No tile register is in use for anything else.
            unsafe {
                let weights = values.as_ptr().add(panel * PANEL * rows * WORD);
                let input = product.input.as_ptr().add(starts[0] * product.step);
                asm!(
                    $($zero,)*
                    "2:",
                    "mov {at}, qword ptr [{runs}]",
                    "add {runs}, 8",
                    "add {at}, {input}",
                    "mov {left}, {chunks}",
                    "3:",
                    $($body,)*
                    "add {at}, 64",
                    "add {weights}, 2048",
                    "dec {left}",
                    "jnz 3b",
                    "dec {count}",
                    "jnz 2b",
                    $($store,)*
                    runs = inout(reg) product.runs.as_ptr() => _,
                    count = inout(reg) product.runs.len() => _,
                    chunks = in(reg) run / WHOLE,
                    left = out(reg) _,
                    at = out(reg) _,
                    tile = out(reg) _,
                    input = in(reg) input,
                    step = in(reg) product.step,
                    second = in(reg) (starts[1] - starts[0]) * product.step,
                    third = in(reg) (starts[2] - starts[0]) * product.step,
                    weights = inout(reg) weights => _,
                    row = in(reg) PANEL * WORD,
                    sums = in(reg) sums,
                    options(nostack),
                );
            }
        }
    };
    // Two tiles of pixels (4, 5) and two of weights (6, 7).
    ($name:ident, 2, $instruction:literal) => {
        sum!(
            $name,
            zero: ["tilezero tmm0", "tilezero tmm1", "tilezero tmm2", "tilezero tmm3"],
            body: [
                "tileloadd tmm6, [{weights} + {row}]",
                "tileloadd tmm4, [{at} + {step}]",
                "lea {tile}, [{at} + {second}]",
                concat!($instruction, " tmm0, tmm4, tmm6"),
                "tileloadd tmm7, [{weights} + {row} + 64]",
                concat!($instruction, " tmm1, tmm4, tmm7"),
                "tileloadd tmm5, [{tile} + {step}]",
                concat!($instruction, " tmm2, tmm5, tmm6"),
                concat!($instruction, " tmm3, tmm5, tmm7"),
                "/* {third} */"
            ],
            store: [
                "tilestored [{sums} + {row}], tmm0",
                "tilestored [{sums} + {row} + 64], tmm1",
                "tilestored [{sums} + {row} + 2048], tmm2",
                "tilestored [{sums} + {row} + 2112], tmm3"
            ]
        );
    };
    // Three tiles of pixels (6) and two of weights (7), each in its turn.
    ($name:ident, 3, $instruction:literal) => {
        sum!(
            $name,
            zero: [
                "tilezero tmm0", "tilezero tmm1", "tilezero tmm2",
                "tilezero tmm3", "tilezero tmm4", "tilezero tmm5"
            ],
            body: [
                "tileloadd tmm7, [{weights} + {row}]",
                "tileloadd tmm6, [{at} + {step}]",
                "lea {tile}, [{at} + {second}]",
                concat!($instruction, " tmm0, tmm6, tmm7"),
                "tileloadd tmm6, [{tile} + {step}]",
                "lea {tile}, [{at} + {third}]",
                concat!($instruction, " tmm2, tmm6, tmm7"),
                "tileloadd tmm6, [{tile} + {step}]",
                concat!($instruction, " tmm4, tmm6, tmm7"),
                "tileloadd tmm7, [{weights} + {row} + 64]",
                "lea {tile}, [{at} + {second}]",
                concat!($instruction, " tmm5, tmm6, tmm7"),
                "tileloadd tmm6, [{tile} + {step}]",
                concat!($instruction, " tmm3, tmm6, tmm7"),
                "tileloadd tmm6, [{at} + {step}]",
                concat!($instruction, " tmm1, tmm6, tmm7")
            ],
            store: [
                "tilestored [{sums} + {row}], tmm0",
                "tilestored [{sums} + {row} + 64], tmm1",
                "tilestored [{sums} + {row} + 2048], tmm2",
                "tilestored [{sums} + {row} + 2112], tmm3",
                "tilestored [{sums} + {row} + 4096], tmm4",
                "tilestored [{sums} + {row} + 4160], tmm5"
            ]
        );
    };
}

sum!(sum_bytes_2, 2, "tdpbusd");
sum!(sum_bytes_3, 3, "tdpbusd");
sum!(sum_halves_2, 2, "tdpbf16ps");
sum!(sum_halves_3, 3, "tdpbf16ps");
