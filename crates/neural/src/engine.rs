//! A network on the CPU: weights packed once, then only the kernels of [`crate::kernels`].

mod conv;
mod lines;
mod picture;
mod plan;
mod simple;
mod weights;
mod winograd;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::ThreadPool;
use rayon::prelude::*;

use self::conv::Method;
use self::lines::Threads;
use self::picture::{Picture, Shape};
use self::plan::{Operation, Step};
pub use self::weights::{MissingTensor, Weights};
use self::winograd::{Scratch, Winograd};
use crate::kernels::Kernel;
use crate::network::{Network, Value};

/// A network with packed weights, up to the doublings at its end.
pub struct Engine {
    network: Network,
    output: Value,
    steps: Vec<Step>,
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
        let (output, _) = network.undoubled_output();
        let steps = plan::steps(network, output, weights, kernel);
        let workspaces = Mutex::default();
        Ok(Self { network: network.clone(), output, steps, kernel, pool, workspaces })
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
        simple::fill(&mut workspace.values[0], &workspace.shapes[0], input);
        for step in &self.steps {
            self.step(step, threads, &mut workspace);
        }
        let output = self.output.index();
        simple::planes(&workspace.values[output], &workspace.shapes[output], out);
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
    }

    fn step(&self, step: &Step, threads: Threads, workspace: &mut Workspace) {
        let out_shape = workspace.shapes[step.output.index()];
        let mut out = std::mem::take(&mut workspace.values[step.output.index()]);
        let lines = out.lines_mut(&out_shape);
        let (values, shapes) = (&workspace.values, &workspace.shapes);
        let value = |value: Value| (values[value.index()].values(), &shapes[value.index()]);
        match &step.operation {
            Operation::Conv(conv) => {
                let (input, shape) = value(conv.input);
                let plus = conv.plus.map(|plus| &value(plus).0[value(plus).1.top()..]);
                if let Method::Winograd { weights, zeros } = &conv.method {
                    let kernel = self.kernel;
                    let out_shape = &out_shape;
                    let winograd =
                        Winograd { conv, weights, zeros, input, shape, out_shape, plus, kernel };
                    winograd.run(threads, &mut workspace.scratch, lines);
                } else {
                    threads.each(lines, out_shape.line(), |y, out| {
                        let plus = plus.map(|plus| &plus[y * out_shape.line()..]);
                        conv.line(self.kernel, (input, shape), plus, (out, &out_shape), y);
                    });
                }
            }
            Operation::MaxPool(input) => {
                let (input, shape) = (&values[input.index()], &shapes[input.index()]);
                threads.each(lines, out_shape.line(), |y, out| {
                    simple::max_pool(input, shape, y, &mut out[out_shape.inner()]);
                });
            }
            Operation::Double(input) => {
                let (input, shape) = (&values[input.index()], &shapes[input.index()]);
                threads.each(lines, out_shape.line(), |y, out| {
                    simple::double(input.pixels(shape, y / 2), shape, &mut out[out_shape.inner()]);
                });
            }
            Operation::Concat(first, second) => {
                let picture = |value: &Value| (&values[value.index()], &shapes[value.index()]);
                let (first, second) = (picture(first), picture(second));
                threads.each(lines, out_shape.line(), |y, out| {
                    simple::concat(first, second, y, &mut out[out_shape.inner()]);
                });
            }
        }
        workspace.values[step.output.index()] = out;
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
        values[0] = Picture::new(&shapes[0]);
        for step in &self.steps {
            values[step.output.index()] = Picture::new(&shapes[step.output.index()]);
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
