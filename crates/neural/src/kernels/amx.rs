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
/// Pixels of a block: two tiles.
const BLOCK: usize = 2 * TILE;

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
    /// Sums of two tiles of pixels (0 and 2, 1 and 3), the pixels (4, 5), and weights (6, 7).
    fn new(pixels: [u8; 2]) -> Self {
        let [first, second] = pixels;
        let (mut bytes, mut rows) = ([0; 16], [0; 16]);
        bytes[..8].fill(64);
        rows[..8].copy_from_slice(&[first, first, second, second, first, second, 16, 16]);
        Self { palette: 1, start_row: 0, reserved: [0; 14], bytes, rows }
    }
}

/// The sums of a block of pixels for a panel, as their bits.
#[repr(C, align(64))]
struct Sums([[i32; PANEL]; BLOCK]);

/// See [`super::Kernel::multiply_narrow`].
///
/// # Safety
/// [`is_available`] must have said so, the processor must have AVX-512F, and
/// [`ProductNarrow::check`] have passed, with panels of [`PANEL`] and runs of [`WHOLE`].
#[target_feature(enable = "avx512f")]
pub unsafe fn multiply(product: &ProductNarrow<'_>, out: &mut [f32]) {
    let PackedNarrow { number, outputs, .. } = *product.weights;
    let mut sums = Sums([[0; PANEL]; BLOCK]);
    for first in (0..product.pixels).step_by(BLOCK) {
        let count = (product.pixels - first).min(BLOCK);
        for panel in 0..outputs.div_ceil(PANEL) {
            let pixels = Pixels { panel, first, count };
            // SAFETY: the caller's; the pixels from `first` on are `count` at least.
            unsafe {
                match number {
                    Number::Int8 => {
                        sum_bytes(product, pixels, &mut sums);
                        let value = |from: *const i32| {
                            Zmm(_mm512_cvtepi32_ps(_mm512_loadu_si512(from.cast())))
                        };
                        scale(product, pixels, &sums, value, out);
                    }
                    Number::Bf16 => {
                        sum_halves(product, pixels, &mut sums);
                        scale(product, pixels, &sums, |from| Zmm::load(from.cast()), out);
                    }
                }
            }
        }
    }
}

/// Some pixels and a panel of outputs.
#[derive(Clone, Copy)]
struct Pixels {
    panel: usize,
    first: usize,
    count: usize,
}

/// Pixels that are finished together.
const FINISHED: usize = 4;

/// Finishes the sums of a block, which `value` reads.
///
/// # Safety
/// That of [`multiply`]; and the pixels must be there.
#[inline(always)]
unsafe fn scale(
    product: &ProductNarrow<'_>,
    Pixels { panel, first, count }: Pixels,
    sums: &Sums,
    value: impl Fn(*const i32) -> Zmm,
    out: &mut [f32],
) {
    // SAFETY: the caller's.
    unsafe {
        let scaling = Scaling::<Zmm, 2>::new(product, panel);
        let scaled = |i: usize| {
            let sums = sums.0[i].as_ptr();
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

/// Sums up for some pixels by this instruction.
macro_rules! sum {
    ($name:ident, $instruction:literal) => {
        /// # Safety
        /// That of [`multiply`]; and the pixels must be there.
        unsafe fn $name(
            product: &ProductNarrow<'_>,
            Pixels { panel, first, count }: Pixels,
            sums: &mut Sums,
        ) {
            let PackedNarrow { ref values, run, rows, .. } = *product.weights;
            // Where there are no pixels for the second tile, it has the first of them.
            let lines = [count.min(TILE), count.saturating_sub(TILE).max(1)];
            let next = if count > TILE { TILE * product.step } else { 0 };
            let configuration = Configuration::new(lines.map(|lines| lines as u8));
            // SAFETY: of the input, each load reads 64 bytes of a run for as many pixels as the
            // tile has lines; of the weights, 16 rows of a panel; `sums` has room for two times
            // two whole tiles. No tile register is in use before or after.
            unsafe {
                let weights = values.as_ptr().add(panel * PANEL * rows * WORD);
                let input = product.input.as_ptr().add(first * product.step);
                asm!(
                    "ldtilecfg [{left}]",
                    "tilezero tmm0",
                    "tilezero tmm1",
                    "tilezero tmm2",
                    "tilezero tmm3",
                    "2:",
                    "mov {at}, qword ptr [{runs}]",
                    "add {runs}, 8",
                    "add {at}, {input}",
                    "mov {left}, {chunks}",
                    "3:",
                    "tileloadd tmm6, [{weights} + {row}]",
                    "tileloadd tmm4, [{at} + {step}]",
                    concat!($instruction, " tmm0, tmm4, tmm6"),
                    "tileloadd tmm7, [{weights} + {row} + 64]",
                    concat!($instruction, " tmm1, tmm4, tmm7"),
                    "add {at}, {next}",
                    "tileloadd tmm5, [{at} + {step}]",
                    "sub {at}, {next}",
                    concat!($instruction, " tmm2, tmm5, tmm6"),
                    concat!($instruction, " tmm3, tmm5, tmm7"),
                    "add {at}, 64",
                    "add {weights}, 2048",
                    "dec {left}",
                    "jnz 3b",
                    "dec {count}",
                    "jnz 2b",
                    "tilestored [{sums} + {row}], tmm0",
                    "tilestored [{sums} + {row} + 64], tmm1",
                    "tilestored [{sums} + {row} + 2048], tmm2",
                    "tilestored [{sums} + {row} + 2112], tmm3",
                    "tilerelease",
                    runs = inout(reg) product.runs.as_ptr() => _,
                    count = inout(reg) product.runs.len() => _,
                    chunks = in(reg) run / WHOLE,
                    left = inout(reg) &raw const configuration => _,
                    at = out(reg) _,
                    input = in(reg) input,
                    step = in(reg) product.step,
                    next = in(reg) next,
                    weights = inout(reg) weights => _,
                    row = in(reg) PANEL * WORD,
                    sums = in(reg) sums,
                    options(nostack),
                );
            }
        }
    };
}

sum!(sum_bytes, "tdpbusd");
sum!(sum_halves, "tdpbf16ps");
