use super::product::{Number, Packed, PackedNarrow, Product, ProductNarrow};
use super::tiles::{CHANNELS, InputTiles, OUT, OutputTiles, PRODUCTS};
use super::*;
use crate::layer::Activation;
use crate::testing::{assert_close, noise};

/// All kernels of this processor but the portable one, which they are compared with.
fn others() -> impl Iterator<Item = Kernel> {
    KernelChoice::NAMED.into_iter().skip(1).filter_map(|choice| choice.kernel().ok())
}

fn portable() -> Kernel {
    KernelChoice::Portable.kernel().expect("it is always there")
}

/// So many random cases, or a few where each takes a minute.
fn count(usual: usize) -> usize {
    if cfg!(miri) { 4 } else { usual }
}

/// A size, or a part of it where each multiplication counts.
fn size(usual: usize) -> usize {
    if cfg!(miri) { usual / 4 } else { usual }
}

/// Whole numbers that look random and are always the same.
struct Sizes(u32);

impl Sizes {
    fn between(&mut self, least: usize, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        least + (self.0 >> 8) as usize % (most - least + 1)
    }

    fn activation(&mut self) -> Activation {
        [Activation::None, Activation::Relu, Activation::Tanh][self.between(0, 2)]
    }
}

/// The sizes of one product.
#[derive(Clone, Copy, Debug)]
struct Case {
    runs: usize,
    run: usize,
    step: usize,
    pixels: usize,
    /// Of narrow numbers; of others it is one.
    lines: usize,
    outputs: usize,
    out_step: usize,
    activation: Activation,
    plus: bool,
}

impl Case {
    fn random(sizes: &mut Sizes) -> Self {
        let outputs = [sizes.between(1, size(40)), 16 * sizes.between(1, size(8).min(6))]
            [sizes.between(0, 1)];
        Self {
            runs: sizes.between(1, 7),
            run: sizes.between(1, size(50)),
            step: sizes.between(1, 70),
            pixels: sizes.between(1, size(90)),
            lines: sizes.between(1, 4),
            outputs,
            out_step: outputs * sizes.between(1, 2),
            activation: sizes.activation(),
            plus: sizes.between(0, 1) == 1,
        }
    }

    fn multiply(&self, kernel: Kernel) -> Vec<f32> {
        let rows = self.runs * self.run;
        let weights = noise(rows * self.outputs, 1);
        let panel = kernel.panel(self.outputs);
        let weights = Packed::new(rows, self.outputs, panel, |row, output| {
            weights[row * self.outputs + output]
        });
        let mut bias = noise(self.outputs, 2);
        bias.resize(weights.panels() * panel, 0.0);
        let starts: Vec<usize> = (0..self.runs).map(|run| run * 61).collect();
        let input = noise(starts[self.runs - 1] + (self.pixels - 1) * self.step + self.run, 3);
        let mut out = vec![7.0; (self.pixels - 1) * self.out_step + self.outputs];
        let plus = noise(out.len(), 4);
        let product = Product {
            input: &input,
            runs: &starts,
            run: self.run,
            step: self.step,
            pixels: self.pixels,
            weights: &weights,
            bias: &bias,
            plus: self.plus.then_some(&plus),
            activation: self.activation,
            out_step: self.out_step,
        };
        kernel.multiply(&product, &mut out);
        out
    }
}

/// The sum of the products, as it is defined.
#[test]
fn the_portable_kernel_multiplies() {
    let case = Case {
        runs: 2,
        run: 3,
        step: 3,
        pixels: 5,
        lines: 1,
        outputs: 19,
        out_step: 19,
        activation: Activation::None,
        plus: false,
    };
    let (weights, bias, input) = (noise(6 * 19, 1), noise(19, 2), noise(61 + 12 + 3, 3));
    let entry = |i: usize| {
        let (pixel, output) = (i / 19, i % 19);
        let value = |row: usize| input[row / 3 * 61 + pixel * 3 + row % 3];
        bias[output] + (0..6).map(|row| value(row) * weights[row * 19 + output]).sum::<f32>()
    };
    assert_close(&case.multiply(portable()), &(0..95).map(entry).collect::<Vec<_>>(), 1e-5);
}

#[test]
fn all_kernels_multiply_alike() {
    let mut sizes = Sizes(1);
    for _ in 0..count(500) {
        let case = Case::random(&mut sizes);
        let expected = case.multiply(portable());
        for kernel in others() {
            eprintln!("{kernel:?} {case:?}");
            assert_close(&case.multiply(kernel), &expected, 1e-4);
        }
    }
}

#[test]
fn all_kernels_transform_alike() {
    let mut sizes = Sizes(2);
    for _ in 0..count(30) {
        let (step, tiles) = (sizes.between(16, 70), sizes.between(1, 9));
        let line = (tiles * OUT + 2) * step + sizes.between(0, 5);
        let input = noise(line * 5 + (tiles * OUT + 1) * step + CHANNELS, 1);
        let plane = tiles * CHANNELS + sizes.between(0, 20);
        let transform = |kernel: Kernel| {
            let mut out = vec![7.0; plane * PRODUCTS];
            let tiles = InputTiles { input: &input, line, step, tiles, plane };
            kernel.transform_input(&tiles, &mut out);
            out
        };
        let expected = transform(portable());
        others().for_each(|kernel| assert_close(&transform(kernel), &expected, 1e-5));
    }
}

#[test]
fn all_kernels_transform_back_alike() {
    let mut sizes = Sizes(3);
    for _ in 0..count(60) {
        let (channels, width) = (16 * sizes.between(1, 4), sizes.between(1, 21));
        let (height, line) = (sizes.between(1, OUT), width * channels + sizes.between(0, 40));
        let plane = width.div_ceil(OUT) * channels + sizes.between(0, 20);
        let (products, bias) = (noise(plane * PRODUCTS, 1), noise(channels, 2));
        let out_len = line * (height - 1) + width * channels;
        let plus = noise(out_len, 3);
        let plus = (sizes.between(0, 1) == 1).then_some(&plus[..]);
        let activation = sizes.activation();
        let transform = |kernel: Kernel| {
            let mut out = vec![7.0; out_len];
            let products = &products;
            let bias = &bias;
            let tiles = OutputTiles {
                products,
                plane,
                channels,
                width,
                height,
                line,
                bias,
                plus,
                activation,
            };
            kernel.transform_output(&tiles, &mut out);
            out
        };
        let expected = transform(portable());
        others().for_each(|kernel| assert_close(&transform(kernel), &expected, 2e-5));
    }
}

#[test]
fn the_vectors_tanh_is_the_tanh() {
    let steps = size(8000);
    let most = steps as f32 / 2.0;
    let inputs: Vec<f32> = (0..steps).map(|i| (i as f32 / most - 1.0) * 20.0).collect();
    let inputs = [&inputs[..], &[f32::MAX, f32::MIN, 0.0, -0.0, 1e-30, 88.0, -88.0]].concat();
    let expected: Vec<f32> = inputs.iter().map(|x| x.tanh()).collect();
    for kernel in others() {
        let weights = Packed::new(1, 1, kernel.panel(1), |_, _| 1.0);
        let mut out = vec![0.0; inputs.len()];
        let product = Product {
            input: &inputs,
            runs: &[0],
            run: 1,
            step: 1,
            pixels: inputs.len(),
            weights: &weights,
            bias: &vec![0.0; kernel.panel(1)],
            plus: None,
            activation: Activation::Tanh,
            out_step: 1,
        };
        kernel.multiply(&product, &mut out);
        assert_close(&out, &expected, 3e-7);
        let mut values = inputs.clone();
        kernel.tanh(&mut values);
        assert_close(&values, &expected, 3e-7);
    }
}

#[test]
#[should_panic(expected = "values of 9")]
fn a_short_input_is_refused() {
    let kernel = KernelChoice::Auto.kernel().expect("some kernel");
    let weights = Packed::new(3, 1, kernel.panel(1), |_, _| 1.0);
    let product = Product {
        input: &[0.0; 9],
        runs: &[1],
        run: 3,
        step: 3,
        pixels: 3,
        weights: &weights,
        bias: &vec![0.0; kernel.panel(1)],
        plus: None,
        activation: Activation::None,
        out_step: 1,
    };
    kernel.multiply(&product, &mut [0.0; 3]);
}

impl Case {
    fn multiply_narrow(&self, kernel: Kernel, number: Number) -> Vec<f32> {
        let (size, runs) = (number.size(), self.runs);
        let (panel, whole) = kernel.panel_narrow(number, self.outputs);
        let weights = noise(runs * self.run * self.outputs, 1);
        let weight = |input: usize, output: usize| weights[input * self.outputs + output];
        let shape = (runs, self.run);
        let weights = PackedNarrow::new(number, shape, self.outputs, (panel, whole), weight);
        let mut bias = noise(self.outputs, 2);
        bias.resize(self.outputs.next_multiple_of(panel), 0.0);
        let starts: Vec<usize> = (0..runs).map(|run| run * 61 * size).collect();
        let filled_up = (self.run * size).next_multiple_of(64);
        let (line_step, out_line) = (29 * size, self.pixels * self.out_step + 3);
        let count = starts[runs - 1]
            + (self.lines - 1) * line_step
            + (self.pixels - 1) * self.step * size
            + filled_up;
        let values = noise(count / size, 3);
        let input: Vec<u8> = match number {
            // Half of the bytes are the largest, where sums of 16 bits would not do.
            Number::Int8 => values.iter().map(|x| (x.abs() * 510.0) as u8).collect(),
            Number::Bf16 => {
                let mut bytes = vec![0; count / size * size];
                kernel.halve(&values, &mut bytes);
                bytes
            }
        };
        let before = (self.lines - 1) * out_line;
        let mut out = vec![7.0; before + (self.pixels - 1) * self.out_step + self.outputs];
        let plus = noise(out.len(), 4);
        let product = ProductNarrow {
            input: &input,
            scale: 1e-3,
            runs: &starts,
            step: self.step * size,
            pixels: self.pixels,
            lines: self.lines,
            line_step,
            weights: &weights,
            bias: &bias,
            plus: self.plus.then_some(&plus),
            activation: self.activation,
            out_step: self.out_step,
            out_line,
        };
        kernel.multiply_narrow(&product, &mut out);
        out
    }
}

#[test]
fn all_kernels_multiply_bytes_to_the_same_bits() {
    let mut sizes = Sizes(4);
    for _ in 0..count(300) {
        let case = Case::random(&mut sizes);
        let expected = case.multiply_narrow(portable(), Number::Int8);
        // The tanh of vectors is another one than that of the library.
        let tolerance = if case.activation == Activation::Tanh { 3e-7 } else { 0.0 };
        for kernel in others() {
            eprintln!("{kernel:?} {case:?}");
            assert_close(&case.multiply_narrow(kernel, Number::Int8), &expected, tolerance);
        }
    }
}

#[test]
fn all_kernels_multiply_halves_alike() {
    let mut sizes = Sizes(5);
    for _ in 0..count(300) {
        let case = Case::random(&mut sizes);
        let expected = case.multiply_narrow(portable(), Number::Bf16);
        for kernel in others() {
            eprintln!("{kernel:?} {case:?}");
            assert_close(&case.multiply_narrow(kernel, Number::Bf16), &expected, 1e-6);
        }
    }
}

#[test]
fn halves_are_the_nearest() {
    let values: Vec<f32> = noise(1003, 1).iter().map(|x| x * 400.0).collect();
    // Between two numbers of 16 bits the one with an even last bit is taken.
    let between = [0x3F80_8000, 0x3F81_8000].map(f32::from_bits);
    let values = [&values[..], &between, &[1e30, -0.0, 1e-39]].concat();
    for kernel in others().chain([portable()]) {
        let mut out = vec![9; 2 * values.len()];
        kernel.halve(&values, &mut out);
        let halves = out.as_chunks().0.iter().map(|bytes| half::bf16::from_le_bytes(*bytes));
        let expected = values.iter().map(|value| half::bf16::from_f32(*value));
        assert!(halves.eq(expected), "{kernel:?}");
    }
}

#[test]
fn all_kernels_round_alike() {
    let values: Vec<f32> = noise(1003, 1).iter().map(|x| x * 400.0).collect();
    let values = [&values[..], &[0.5, 1.5, 2.5, 254.5, 255.5, 1e9, f32::MAX, -1e9]].concat();
    let round = |kernel: Kernel| {
        let mut out = vec![9; values.len()];
        kernel.quantize(&values, 1.0, &mut out);
        out
    };
    assert_eq!(round(portable())[1003..], [0, 2, 2, 254, 255, 255, 255, 0]);
    others().for_each(|kernel| assert_eq!(round(kernel), round(portable())));
}
