//! A network on the CPU: weights packed once, then only the kernels of [`crate::kernels`].

pub(crate) mod conv;
mod format;
mod line;
pub(crate) mod lines;
pub(crate) mod picture;
mod plan;
mod simple;
mod weights;
pub(crate) mod winograd;

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::LocalKey;

use rayon::ThreadPool;
use rayon::prelude::*;

use self::conv::{Method, PackedConv};
use self::line::Line;
use self::lines::Threads;
use self::picture::{Format, Picture, Shape, Values};
use self::plan::{Operation, Step};
pub use self::weights::{MissingTensor, Weights};
use self::winograd::{Scratch, Winograd};
use crate::kernels::Kernel;
use crate::kernels::product::{Number, Packed};
use crate::network::{Network, Value};

/// A network with packed weights, up to the doublings at its end.
pub struct Engine {
    network: Network,
    output: Value,
    steps: Vec<Step>,
    /// How each value is held.
    formats: Vec<Format>,
    kernel: Kernel,
    pool: Option<Arc<ThreadPool>>,
    workspaces: Mutex<Vec<Workspace>>,
}

/// The memory for one picture, used again for the next of the same size.
#[derive(Debug)]
struct Workspace {
    shapes: Vec<Shape>,
    /// Empty for values that are not computed.
    values: Vec<Picture>,
    scratch: Scratch,
}

thread_local! {
    static LINES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static PLUS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Calls `work` with so many values, of any content.
fn with_lines(
    lines: &'static LocalKey<RefCell<Vec<f32>>>,
    len: usize,
    work: impl FnOnce(&mut [f32]),
) {
    lines.with_borrow_mut(|lines| {
        lines.resize(len, 0.0);
        work(lines);
    });
}

/// The values of narrow numbers.
fn widen(bytes: &[u8], number: Number, scale: f32, out: &mut [f32]) {
    match number {
        Number::Int8 => {
            out.iter_mut().zip(bytes).for_each(|(x, &byte)| *x = byte as f32 * scale);
        }
        Number::Bf16 => {
            let halves = bytes.as_chunks().0.iter();
            out.iter_mut().zip(halves).for_each(|(x, &[low, high])| {
                *x = f32::from_le_bytes([0, 0, low, high]);
            });
        }
    }
}

impl Engine {
    /// Packs the weights for a kernel. Without a pool, the caller's thread computes.
    ///
    /// # Errors
    /// If a tensor is missing.
    pub fn new(
        network: &Network,
        weights: &Weights,
        kernel: Kernel,
        pool: Option<Arc<ThreadPool>>,
    ) -> Result<Self, MissingTensor> {
        weights.check(network)?;
        let formats = vec![Format::F32; network.nodes().len()];
        Ok(Self::pack(network, weights, kernel, pool, formats))
    }

    /// As [`new`](Self::new), with weights and values of 8 bits, which are scaled by how large the
    /// values become for these pictures (see [`run`](Self::run)).
    ///
    /// # Errors
    /// If a tensor is missing.
    pub fn with_bytes(
        network: &Network,
        weights: &Weights,
        kernel: Kernel,
        pool: Option<Arc<ThreadPool>>,
        (pictures, height, width): (&[f32], usize, usize),
    ) -> Result<Self, MissingTensor> {
        let exact = Self::new(network, weights, kernel, None)?;
        let ranges = exact.ranges(pictures, height, width);
        let formats = format::bytes(network, exact.output, &ranges);
        Ok(Self::pack(network, weights, kernel, pool, formats))
    }

    /// As [`new`](Self::new), with weights and values of 16 bits.
    ///
    /// # Errors
    /// If a tensor is missing.
    pub fn with_halves(
        network: &Network,
        weights: &Weights,
        kernel: Kernel,
        pool: Option<Arc<ThreadPool>>,
    ) -> Result<Self, MissingTensor> {
        weights.check(network)?;
        let formats = format::halves(network, network.undoubled_output().0);
        Ok(Self::pack(network, weights, kernel, pool, formats))
    }

    fn pack(
        network: &Network,
        weights: &Weights,
        kernel: Kernel,
        pool: Option<Arc<ThreadPool>>,
        formats: Vec<Format>,
    ) -> Self {
        let (output, _) = network.undoubled_output();
        let steps = plan::steps(network, output, weights, kernel, &formats);
        let (network, workspaces) = (network.clone(), Mutex::default());
        Self { network, output, steps, formats, kernel, pool, workspaces }
    }

    /// The largest number that each value became for some pictures.
    fn ranges(&self, pictures: &[f32], height: usize, width: usize) -> Vec<f32> {
        let mut ranges = vec![0.0f32; self.formats.len()];
        let mut workspace = self.workspace(height, width);
        for picture in pictures.chunks_exact(height * width) {
            self.compute(Threads::One, picture, &mut workspace);
            for (value, range) in workspace.values.iter().zip(&mut ranges) {
                let values = value.values(Format::F32).floats();
                *range = values.iter().copied().fold(*range, f32::max);
            }
        }
        ranges
    }

    /// The network's name.
    pub fn name(&self) -> &'static str {
        self.network.name()
    }

    /// Channels of the output.
    pub fn channels(&self) -> usize {
        self.network.channels(self.output)
    }

    /// Computes pictures of `height` lines and `width` columns, one after the other in `input`;
    /// the output has all lines of a channel together (NCHW). Returns it with its height and
    /// width.
    ///
    /// # Panics
    /// If `input` is not a whole number of pictures.
    pub fn run(&self, input: &[f32], height: usize, width: usize) -> (Vec<f32>, usize, usize) {
        let shape = self.shapes(height, width)[self.output.index()];
        let planes = shape.channels * shape.height * shape.width;
        assert_eq!(input.len() % (height * width), 0, "whole pictures");
        let mut output = vec![0.0; input.len() / (height * width) * planes];
        let pictures = input.chunks_exact(height * width);
        match &self.pool {
            None => {
                for (input, output) in pictures.zip(output.chunks_exact_mut(planes)) {
                    self.picture(Threads::One, input, height, width, output);
                }
            }
            Some(pool) => {
                let threads = pool.current_num_threads();
                // Whole pictures for each thread, and what is left line by line.
                let apart = pictures.len() / threads * threads;
                let (first, last) = output.split_at_mut(apart * planes);
                pool.install(|| {
                    first.par_chunks_exact_mut(planes).enumerate().for_each(|(i, output)| {
                        let input = &input[i * height * width..][..height * width];
                        self.picture(Threads::One, input, height, width, output);
                    });
                    for (input, output) in pictures.skip(apart).zip(last.chunks_exact_mut(planes)) {
                        self.picture(Threads::Pool(threads), input, height, width, output);
                    }
                });
            }
        }
        (output, shape.height, shape.width)
    }

    fn picture(
        &self,
        threads: Threads,
        input: &[f32],
        height: usize,
        width: usize,
        out: &mut [f32],
    ) {
        let mut workspace = self.workspace(height, width);
        self.compute(threads, input, &mut workspace);
        let output = self.output.index();
        simple::planes(&workspace.values[output], &workspace.shapes[output], out);
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
    }

    fn compute(&self, threads: Threads, input: &[f32], workspace: &mut Workspace) {
        simple::fill(&mut workspace.values[0], &workspace.shapes[0], input);
        for step in &self.steps {
            let index = step.output.index();
            let mut out = std::mem::take(&mut workspace.values[index]);
            self.step(step, threads, workspace, &mut out);
            workspace.values[index] = out;
        }
    }

    fn step(&self, step: &Step, threads: Threads, workspace: &mut Workspace, out: &mut Picture) {
        let index = step.output.index();
        let shape = workspace.shapes[index];
        if let Operation::Conv(conv) = &step.operation
            && let Method::Winograd { weights, zeros } = &conv.method
        {
            let mut scratch = std::mem::take(&mut workspace.scratch);
            let winograd = self.by_tiles(conv, (weights, zeros), workspace, &shape);
            winograd.run(threads, &mut scratch, out.lines_mut(&shape));
            workspace.scratch = scratch;
            return;
        }
        let workspace = &*workspace;
        let count = match &step.operation {
            Operation::Conv(conv) if matches!(conv.method, Method::DirectNarrow { .. }) => {
                self.kernel.lines_narrow(shape.width)
            }
            _ => 1,
        };
        let chunk = count * shape.line();
        let Some((number, scale)) = self.formats[index].narrow() else {
            return threads.each(out.lines_mut(&shape), chunk, |i, out| {
                self.lines(step, workspace, &shape, i * count, out);
            });
        };
        let (inner, size) = (shape.inner(), number.size());
        let bytes = inner.start * size..inner.end * size;
        threads.each(out.narrow_lines_mut(&shape, number), chunk * size, |i, out| {
            with_lines(&LINES, out.len() / size, |lines| {
                self.lines(step, workspace, &shape, i * count, lines);
                let lines = lines.chunks_exact(shape.line());
                for (line, out) in lines.zip(out.chunks_exact_mut(shape.line() * size)) {
                    let (values, out) = (&line[inner.clone()], &mut out[bytes.clone()]);
                    match number {
                        Number::Int8 => self.kernel.quantize(values, 1.0 / scale, out),
                        Number::Bf16 => self.kernel.halve(values, out),
                    }
                }
            });
        });
    }

    fn by_tiles<'a>(
        &self,
        conv: &'a PackedConv,
        (weights, zeros): (&'a [Packed], &'a [f32]),
        workspace: &'a Workspace,
        out_shape: &'a Shape,
    ) -> Winograd<'a> {
        let value =
            |value: Value| (self.floats(workspace, value), &workspace.shapes[value.index()]);
        let (input, shape) = value(conv.input);
        let plus = conv.plus.map(value).map(|(values, shape)| &values[shape.top()..]);
        let (bias, activation, kernel) = (&conv.bias[..], conv.activation, self.kernel);
        Winograd { weights, bias, activation, zeros, input, shape, out_shape, plus, kernel }
    }

    fn floats<'a>(&self, workspace: &'a Workspace, value: Value) -> &'a [f32] {
        workspace.values[value.index()].values(self.formats[value.index()]).floats()
    }

    /// Computes the lines of a step from `y` on: one, or of a convolution as many as `out` has.
    fn lines(
        &self,
        step: &Step,
        workspace: &Workspace,
        out_shape: &Shape,
        y: usize,
        out: &mut [f32],
    ) {
        let picture =
            |value: &Value| (&workspace.values[value.index()], &workspace.shapes[value.index()]);
        match &step.operation {
            Operation::Conv(conv) => {
                let (input, shape) = picture(&conv.input);
                let input = input.values(self.formats[conv.input.index()]);
                let kernel = self.kernel;
                let line = Line { conv, kernel, input, shape, out_shape, plus: None };
                let Some(plus) = conv.plus else { return line.compute(y, out) };
                let (values, shape) = picture(&plus);
                let at = shape.at(y + shape.halo, 0);
                let at = at..at + out.len();
                match values.values(self.formats[plus.index()]) {
                    Values::F32(values) => {
                        Line { plus: Some(&values[at]), ..line }.compute(y, out);
                    }
                    Values::Narrow(values, number, scale) => {
                        with_lines(&PLUS, out.len(), |plus| {
                            let bytes = at.start * number.size()..at.end * number.size();
                            widen(&values[bytes], number, scale, plus);
                            Line { plus: Some(plus), ..line }.compute(y, out);
                        });
                    }
                }
            }
            Operation::MaxPool(input) => {
                let (input, shape) = picture(input);
                simple::max_pool(input, shape, y, &mut out[out_shape.inner()]);
            }
            Operation::Double(input) => {
                let (input, shape) = picture(input);
                simple::double(input.pixels(shape, y / 2), shape, &mut out[out_shape.inner()]);
            }
            Operation::Concat(first, second) => {
                simple::concat(picture(first), picture(second), y, &mut out[out_shape.inner()]);
            }
        }
    }

    /// Memory for a picture of this size, if possible used before.
    fn workspace(&self, height: usize, width: usize) -> Workspace {
        let mut kept = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |workspace: &Workspace| {
            (workspace.shapes[0].height, workspace.shapes[0].width) == (height, width)
        };
        if let Some(at) = kept.iter().position(fits) {
            return kept.swap_remove(at);
        }
        // One size at a time: a picture of another takes their place.
        kept.clear();
        drop(kept);
        let shapes = self.shapes(height, width);
        let mut values: Vec<Picture> = shapes.iter().map(|_| Picture::default()).collect();
        values[0] = Picture::new(&shapes[0], Format::F32);
        for step in &self.steps {
            let index = step.output.index();
            values[index] = Picture::new(&shapes[index], self.formats[index]);
        }
        Workspace { shapes, values, scratch: Scratch::default() }
    }

    fn shapes(&self, height: usize, width: usize) -> Vec<Shape> {
        let mut shapes = simple::shapes(&self.network, height, width);
        for step in &self.steps {
            let (input, halo) = match &step.operation {
                Operation::Conv(conv) => (conv.input, conv.halo()),
                _ => continue,
            };
            let shape = &mut shapes[input.index()];
            shape.halo = shape.halo.max(halo);
        }
        self.equalize(&mut shapes);
        shapes
    }

    /// What is added must lie as the sum does, so both get the larger halo of the two.
    fn equalize(&self, shapes: &mut [Shape]) {
        loop {
            let before = shapes.to_vec();
            for step in &self.steps {
                if let Operation::Conv(conv) = &step.operation
                    && let Some(plus) = conv.plus
                {
                    let (plus, sum) = (plus.index(), step.output.index());
                    let halo = shapes[plus].halo.max(shapes[sum].halo);
                    shapes[plus].halo = halo;
                    shapes[sum].halo = halo;
                }
            }
            if shapes == before {
                return;
            }
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("network", &self.network.name())
            .field("kernel", &self.kernel)
            .finish_non_exhaustive()
    }
}
